"""The outbox: written with the act, harmless whatever is in it, kept no longer than needed."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as sent
from django.db import transaction
from django.test import Client

from lotse.foundation.core import clock, hooks, mail, workers
from lotse.foundation.core.actor import ANONYMOUS, COMMAND, Actor, Grant
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.mail import Heading, Letterhead, Link, sending, upkeep
from lotse.foundation.core.mail.line import Outcome, Trouble
from lotse.foundation.core.models import DeadAddress, LogEntry, OutboxMail
from tests import make

pytestmark = pytest.mark.django_db

LOOK = Letterhead(uuid4(), "Netzwerk Beispielregion", "#2044aa")
NEWS, DUTY, SECURITY = OutboxMail.Class.NEWS, OutboxMail.Class.DUTY, OutboxMail.Class.SECURITY


def write(mail_class: str = NEWS, **fields: Any) -> OutboxMail:
    """A mail in the outbox."""
    fields = {
        "code": "test.news",
        "address": "lea.muster@verein.example",
        "lang": "de",
        "subject": "Neues aus dem Netzwerk",
        "body": ["Guten Tag,", "es gibt Neues."],
        "reason": "Sie erhalten diese Mail, weil Sie Neuigkeiten lesen.",
        "network": LOOK,
        **fields,
    }
    return mail.send(mail_class=mail_class, **fields)


def state(found: OutboxMail) -> str:
    found.refresh_from_db()
    return found.state


def delivered(number: int = 0) -> Any:
    """A delivered mail as its reader's program parses it."""
    return message_from_bytes(sent.outbox[number].message().as_bytes(), policy=policy.default)


def parts(message: Any) -> tuple[str, str]:
    return (
        message.get_body(("plain",)).get_content(),
        message.get_body(("html",)).get_content(),
    )


@pytest.mark.django_db(transaction=True)
def test_a_rollback_removes_the_mail() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        write()
        raise RuntimeError
    assert OutboxMail.objects.count() == 0
    assert mail.deliver_due() == 0


class TestLetter:
    def test_text_and_html_say_the_same(self) -> None:
        body = [Heading("Termine"), "Erste Zeile\nzweite Zeile", Link("Zum Termin", "/termine/1/")]
        write(body=body, subject="Grüße & <mehr>", network=make.network(accent="#2044aa"))
        assert mail.deliver_due() == 1
        message = delivered()
        text, html = parts(message)
        assert message["Subject"] == "Grüße & <mehr>"
        assert message["From"] == "Netzwerk Beispielregion <lotse@localhost>"
        assert message["Auto-Submitted"] == "auto-generated"
        for words in ("Termine", "Erste Zeile", "zweite Zeile", "Zum Termin",
                      "http://localhost:8000/termine/1/", "weil Sie Neuigkeiten lesen",
                      "Netzwerk Beispielregion", "/konto/abbestellen/"):  # fmt: skip
            assert words in text, words
            assert words in html, words
        assert "#2044aa" in html
        assert "Grüße &amp; &lt;mehr&gt;" in html

    @pytest.mark.parametrize(
        "name", ["{{7*7}}", "{% debug %}", "{0.__class__}", "%(x)s", "<script>alert(1)</script>"]
    )
    def test_nothing_in_a_name_is_run(self, name: str) -> None:
        write(subject=name, body=[name, Link(name, "/x/")], network=Letterhead(LOOK.uuid, name))
        mail.deliver_due()
        text, html = parts(delivered())
        assert text.count(name) == 3
        assert delivered()["Subject"] == name
        assert "<script" not in html
        assert "49" not in html.replace(str(LOOK.uuid), "") or "{{7*7}}" in html

    def test_a_template_gives_the_same_blocks(self, settings: Any, tmp_path: Path) -> None:
        (tmp_path / "welcome.txt").write_text(
            "{% load i18n %}{% translate 'Guten Tag,' %}\n\nvon {{ who }}\n\n"
            "Seite öffnen\n{{ url }}\n"
        )
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
        context = {"who": "Müller & <b>Söhne</b>", "url": "http://localhost:8000/x/"}
        write(body=(), template="welcome.txt", context=context)
        mail.deliver_due()
        text, html = parts(delivered())
        assert "von Müller & <b>Söhne</b>" in text
        assert "von Müller &amp; &lt;b&gt;Söhne&lt;/b&gt;" in html
        assert 'href="http://localhost:8000/x/"' in html

    def test_long_text_is_complete(self) -> None:
        words = "ä" * 5000 + "\n" + ".\n..\n" + "Ende"
        write(body=[words])
        mail.deliver_due()
        text, html = parts(delivered())
        assert words in text.replace("\r\n", "\n")
        assert "ä" * 5000 in html

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "//boese.example", "data:x", "a b"])
    def test_a_link_leads_to_a_page(self, url: str) -> None:
        with pytest.raises(ValueError, match="page"):
            write(body=[Link("x", url)])

    def test_user_text_imitates_neither_footer_nor_secret(self) -> None:
        found = write(body=["a\n-- \nb", "\x02checks.link:x:edit\x03"])
        assert found.text.count(mail.letter.SIGNATURE) == 1
        assert "\x02" not in found.text
        with pytest.raises(ValueError, match="secret"):
            mail.secret("Nicht erlaubt", "x")

    def test_english(self) -> None:
        write(lang="en")
        assert 'lang="en"' in OutboxMail.objects.get().html


class TestHeaders:
    EVIL = "Verein\r\nBcc: boese@example.org"

    def test_no_line_break_reaches_a_header(self) -> None:
        write(subject=self.EVIL, network=Letterhead(LOOK.uuid, self.EVIL), reason=self.EVIL)
        mail.deliver_due()
        message = delivered()
        assert message["Bcc"] is None
        assert sent.outbox[0].recipients() == ["lea.muster@verein.example"]
        assert message["Subject"] == "Verein Bcc: boese@example.org"

    @pytest.mark.parametrize("field", ["address", "reply_to"])
    @pytest.mark.parametrize(
        "value", ["a@b.example\r\nBcc: x@y.example", "a@b.example, x@y.example", "kein", "a@b\n.de"]
    )
    def test_an_address_is_one_address(self, field: str, value: str) -> None:
        with pytest.raises(Refused):
            write(**{field: value})
        assert OutboxMail.objects.count() == 0

    def test_addresses_carry_the_configured_host(self, client: Client, settings: Any) -> None:
        settings.BASE_URL = "https://lotse.example"
        settings.ALLOWED_HOSTS = ["*"]
        make.network()
        form = {"text": "Fehlt", "page": "/", "reply_to": ""}
        client.post("/barriere-melden/", form, headers={"host": "boese.example"})
        write()
        assert mail.deliver_due() == 2
        for message in sent.outbox:
            raw = message.message().as_bytes()
            assert b"boese.example" not in raw
            assert "@lotse.example>" in message.message()["Message-ID"]

    def test_news_carry_one_click_and_nothing_else_does(self) -> None:
        for kind in (NEWS, DUTY, SECURITY):
            write(kind)
        mail.deliver_due()
        with_header = [m.message()["List-Unsubscribe"] for m in sent.outbox]
        assert sum(1 for header in with_header if header) == 1
        (news,) = [m.message() for m in sent.outbox if m.message()["List-Unsubscribe"]]
        assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(
            r"<http://localhost:8000/konto/abbestellen/[\w.-]+/>", news["List-Unsubscribe"]
        )

    def test_the_message_id_stays(self) -> None:
        found = write()
        assert sending.message_id(found.uuid) == f"<lotse.{found.uuid}@localhost>"
        mail.deliver_due()
        assert delivered()["Message-ID"] == sending.message_id(found.uuid)


class TestKeeping:
    def test_the_text_of_private_mail_goes_when_it_is_sent(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(hooks.mail_kinds, "_entries", list(hooks.mail_kinds._entries))
        hooks.mail_kinds.register(hooks.MailKind("test.private", "Privat", private=True))
        kept = write()
        gone = [write(DUTY, code="test.private"), write(SECURITY)]
        assert mail.deliver_due() == 3
        kept.refresh_from_db()
        assert "es gibt Neues" in kept.text
        for one in gone:
            one.refresh_from_db()
            assert (one.text, one.html, one.subject) == ("", "", "Neues aus dem Netzwerk")

    @pytest.mark.parametrize("final", ["sent", "stopped", "failed", "unclear"])
    def test_a_code_goes_whatever_became_of_its_mail(self, final: str) -> None:
        """T32: it opens an account, and is asked for anew."""
        code, other = write(SECURITY, code="accounts.code.login"), write(SECURITY)
        for one in (code, other):
            claimed = sending._claim(one.pk, "w-one")
            assert claimed is not None
            sending._mark(claimed, final, "")
            assert state(one) == final
        assert (code.text, code.html) == ("", "")
        assert bool(other.text) == (final in ("failed", "unclear")), "a person may send it again"

    def test_a_code_goes_with_its_worker(self) -> None:
        code, other = write(SECURITY, code="accounts.code.login"), write(SECURITY)
        for one in (code, other):
            sending._claim(one.pk, "w-dead")
        assert mail.mark_unclear() == 2
        assert (state(code), state(other)) == ("unclear", "unclear")
        assert (code.text, code.html) == ("", "")
        assert other.text

    def test_a_code_stays_for_the_next_try(self) -> None:
        code = write(SECURITY, code="accounts.code.login")
        claimed = sending._claim(code.pk, "w-one")
        assert claimed is not None
        sending._mark_trouble(claimed, Trouble(Outcome.LATER, "später"))
        assert state(code) == "queued"
        assert code.text

    def test_other_texts_go_after_thirty_days(self) -> None:
        old, young, waiting = write(), write(), write()
        mail.deliver_due()
        long_ago = clock.now() - timedelta(days=31)
        OutboxMail.objects.filter(pk__in=[old.pk, waiting.pk]).update(created_at=long_ago)
        OutboxMail.objects.filter(pk=waiting.pk).update(state="queued")
        assert upkeep.empty_old_texts() == 1
        old.refresh_from_db()
        assert (old.text, old.html, old.state) == ("", "", "sent")
        assert all(OutboxMail.objects.filter(pk__in=[young.pk, waiting.pk]).exclude(text=""))


class TestUnclear:
    def test_a_dead_workers_mail_is_unclear_a_living_ones_is_left(self) -> None:
        dead, living = write(), write()
        alive = workers.LifeLock("w-alive")
        alive.take()
        try:
            assert sending._claim(dead.pk, "w-dead")
            assert sending._claim(living.pk, "w-alive")
            assert mail.mark_unclear() == 1
            assert (state(dead), state(living)) == ("unclear", "sending")
            assert mail.deliver_due() == 0
            assert mail.mark_unclear("w-alive") == 1
        finally:
            alive.release()

    def test_two_workers_never_claim_the_same(self) -> None:
        found = write()
        assert sending._claim(found.pk, "w-one") is not None
        assert sending._claim(found.pk, "w-two") is None

    def test_a_worker_taken_for_dead_still_says_what_it_did(self) -> None:
        claimed = sending._claim(write().pk, "w-slow")
        assert claimed is not None
        mail.mark_unclear()
        sending._mark(claimed, "sent", "")
        assert state(claimed) == "sent"


class TestResend:
    def test_by_a_person_only(self) -> None:
        found = write()
        for actor in (ANONYMOUS, Actor("account", person=1)):
            with pytest.raises(NotAllowed):
                mail.resend(found, actor=actor)
        with pytest.raises(Refused, match="Erneut"):
            mail.resend(found, actor=COMMAND)

    def test_the_office_of_the_network(self) -> None:
        network = make.network()
        found = write(DUTY, network=network)
        OutboxMail.objects.update(state="unclear")
        found.refresh_from_db()
        other = Actor("account", person=1, grants=frozenset([Grant("office", network.pk + 1)]))
        with pytest.raises(NotAllowed):
            mail.resend(found, actor=other)
        office = Actor("account", person=1, grants=frozenset([Grant("office", network.pk)]))
        mail.resend(found, actor=office)
        assert LogEntry.objects.get(code="core.mail.resent").before == {"state": "unclear"}
        assert mail.deliver_due() == 1
        assert delivered()["Message-ID"] == sending.message_id(found.uuid)
        found.refresh_from_db()
        assert found.state == "sent"

    def test_twice_at_the_same_time_is_a_conflict(self) -> None:
        found = write()
        OutboxMail.objects.update(state="failed")
        found.refresh_from_db()
        again = OutboxMail.objects.get()
        mail.resend(found, actor=COMMAND)
        with pytest.raises(Conflict):
            mail.resend(again, actor=COMMAND)

    def test_nothing_is_sent_without_text_or_against_a_wish(self) -> None:
        empty, unwanted = write(SECURITY), write(DUTY)
        OutboxMail.objects.update(state="failed")
        OutboxMail.objects.filter(pk=empty.pk).update(text="", html="")
        mail.choose(mail.Wish(unwanted.address, LOOK.uuid, unwanted.code), choice="off")
        for found, words in ((empty, "gelöscht"), (unwanted, "abbestellt")):
            found.refresh_from_db()
            with pytest.raises(Refused, match=words):
                mail.resend(found, actor=COMMAND)

    def test_a_dead_address_is_tried_again(self) -> None:
        found = write()
        OutboxMail.objects.update(state="bounced")
        DeadAddress.objects.create(address=found.address)
        found.refresh_from_db()
        mail.resend(found, actor=COMMAND)
        assert mail.deliver_due() == 1


def test_security_goes_first() -> None:
    for number in range(30):
        write(subject=f"Nachricht {number}")
    write(SECURITY, subject="Ihr Code")
    mail.deliver_due()
    assert sent.outbox[0].subject == "Ihr Code"
    assert len(sent.outbox) == 31


def test_files_go_the_same_way(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "lotse.foundation.core.mail.FolderBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    found = write()
    assert mail.deliver_due() == 1
    (file,) = (tmp_path / "mail").glob("*.eml")
    assert sending.message_id(found.uuid).encode() in file.read_bytes()
    assert state(found) == "sent"
