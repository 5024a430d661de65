"""The line a network adds to its mails: placeholders, where it stands, who may set it."""

from typing import Any

import pytest

from lotse.foundation.core import hooks, mail
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, MailChoice, OutboxMail
from lotse.foundation.parties.models import MailClosing, Network
from lotse.foundation.parties.services import closings
from tests import make
from tests import people as cast_of

pytestmark = pytest.mark.django_db
CODE = "measures.reminder"


@pytest.fixture
def network() -> Network:
    return make.network(accent="#2044aa")


def put(network: Network, de: str = "", en: str = "", **options: Any) -> None:
    options = {"actor": COMMAND, "code": CODE, "expected": 0, **options}
    closings.set_closing(network, words={"de": de, "en": en}, **options)


def write(network: Network | None, lang: str = "de", **options: Any) -> OutboxMail:
    values: dict[str, Any] = {
        "code": CODE, "mail_class": "duty", "address": "lea@verein.example", "lang": lang,
        "subject": "Hallo", "reason": "Sie erhalten diese Mail.", "body": ["Der Text"],
        "network": network,
    }  # fmt: skip
    return mail.send(**(values | options))


class TestLines:
    def test_it_ends_text_and_html(self, network: Network) -> None:
        put(network, "Fragen? {kontakt}, {netzwerk} ({traeger}) <b>& {{Co}}</b>")
        sent = write(network)
        line = ("Fragen? buero@netzwerk.example, Netzwerk Beispielregion (Stiftung Beispiel) "
                "<b>& {Co}</b>")  # fmt: skip
        assert f"Der Text\n\n{line}\n\n-- \n" in sent.text
        assert "&lt;b&gt;&amp; {Co}&lt;/b&gt;" in sent.html

    def test_only_in_the_languages_entered_and_for_this_mail(self, network: Network) -> None:
        put(network, "Bis bald")
        assert "Bis bald" not in write(network, "en").text
        assert "Bis bald" not in write(network, code="parties.report").text
        assert "Bis bald" not in write(make.network(name="Anderes")).text
        assert "Bis bald" not in write(None).text

    def test_a_digest_holds_no_closing_of_its_parts(self, network: Network) -> None:
        put(network, "Bis bald")
        mail.choose(mail.Wish("lea@verein.example", network.uuid, ""),
                    choice=MailChoice.Choice.DIGEST)  # fmt: skip
        held = write(network, mail_class="news")
        assert held.state == OutboxMail.State.HELD
        assert "Bis bald" not in held.text

    def test_what_it_names_may_vanish(self, network: Network) -> None:
        put(network, "Fragen? {kontakt}")
        Network.objects.update(contact_email="")
        assert "Fragen" not in write(network).text

    def test_a_name_of_the_network_is_not_a_placeholder(self, network: Network) -> None:
        put(network, "Ihr {netzwerk}")
        Network.objects.update(name="{kontakt} {0.__class__}")
        assert "Ihr {kontakt} {0.__class__}" in write(network).text


class TestRefused:
    @pytest.mark.parametrize(("line", "words"), [
        ("Hallo {name}", "Den Platzhalter {name} gibt es nicht"),
        ("Hallo {}", "Den Platzhalter {} gibt es nicht"),
        ("Hallo {0}", "{0}"),
        ("{netzwerk.hosts}", "{netzwerk.hosts}"),
        ("{netzwerk[0]}", "gibt es nicht"),
        ("{netzwerk!r}", "{netzwerk!r}"),
        ("{netzwerk:>99}", "{netzwerk:>99}"),
        ("{netzwerk:{kontakt}}", "gibt es nicht"),
        ("{Netzwerk}", "Möglich sind: {netzwerk}, {traeger}, {kontakt}"),
        ("Hallo {netzwerk", "nicht geschlossen"),
        ("Hallo netzwerk}", "nicht geschlossen"),
        ("x" * 301, "300 Zeichen"),
    ])  # fmt: skip
    def test_a_broken_placeholder(self, network: Network, line: str, words: str) -> None:
        for fields in ({"de": line}, {"en": line}):
            with pytest.raises(Refused) as refused:
                put(network, **fields)
            assert words in " ".join(refused.value.messages)
        assert not MailClosing.objects.exists()

    def test_one_for_which_nothing_is_entered(self, network: Network) -> None:
        Network.objects.update(carrier="")
        network.refresh_from_db()
        with pytest.raises(Refused, match="nichts eingetragen"):
            put(network, "{traeger}")

    def test_an_unknown_mail(self, network: Network) -> None:
        with pytest.raises(Refused, match="gibt es nicht"):
            put(network, "Hallo", code="no.such")

    def test_rights_and_versions(self, network: Network) -> None:
        cast = cast_of.cast(network)
        for role in ("coordinator", "auditor", "foreign_office", "editor_a"):
            with pytest.raises(NotAllowed):
                put(network, "Nein", actor=cast.actor(role))
        put(network, "Eins", actor=cast.actor("office"))
        with pytest.raises(Conflict):
            put(network, "Zwei")
        put(network, "", expected=1)
        assert MailClosing.objects.get().words == {}
        lines = LogEntry.objects.filter(code="parties.closing.set").order_by("pk")
        assert [line.after["words"] for line in lines] == [{"de": "Eins"}, {}]

    def test_nothing_entered_leaves_nothing(self, network: Network) -> None:
        put(network)
        assert not MailClosing.objects.exists()


class TestDrafts:
    def test_nothing_is_stored(self, network: Network, count_queries: Any) -> None:
        with mail.drafting("Mein Schluss") as drafts, count_queries() as queries:
            write(network, once="x")
        assert queries.count == 0
        assert "Mein Schluss\n\n-- \n" in drafts.mails[0].text
        assert not OutboxMail.objects.exists()
        write(network)
        assert OutboxMail.objects.count() == 1

    def test_it_ends_with_a_fault(self, network: Network) -> None:
        with pytest.raises(ValueError, match="class"), mail.drafting():
            write(network, mail_class="none")
        write(network)
        assert OutboxMail.objects.count() == 1

    @pytest.mark.parametrize("lang", ["de", "en"])
    def test_every_kind_of_mail_has_a_sample(self, network: Network, lang: str) -> None:
        """Written by the hand that writes the mail, without a trace."""
        from django.utils.translation import override

        make.check()
        samples = {one.code: one for one in hooks.mail_samples}
        kinds = {kind.code for kind in hooks.mail_kinds}
        assert kinds == set(samples)
        before = LogEntry.objects.count()
        for code, sample in samples.items():
            with override(lang), mail.drafting() as drafts:
                sample.write(network, lang)
            first = drafts.mails[0]
            assert (first.code, bool(first.subject)) == (code, True)
            assert first.text
            assert first.html
            for draft in drafts.mails:
                assert draft.address.endswith(".example") or draft.address == network.contact_email
        assert not OutboxMail.objects.exists()
        assert LogEntry.objects.count() == before
