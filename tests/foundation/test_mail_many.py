"""Many mails written at once: the rules are those of one, the queries do not grow."""

from typing import Any

import pytest

from lotse.foundation.core import mail
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.mail import outbox
from lotse.foundation.core.models import DeadAddress, MailChoice, MailFile, OutboxMail
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.services import closings
from tests import make

pytestmark = pytest.mark.django_db
CODE, PDF = "measures.reminder", mail.File("a.pdf", "application/pdf", b"%PDF-1.7 agenda")


@pytest.fixture
def network() -> Network:
    return make.network()


def post(network: Network, address: str = "lea@verein.example", **values: Any) -> mail.Post:
    given: dict[str, Any] = {
        "code": CODE, "mail_class": "duty", "lang": "de", "subject": "Hallo",
        "reason": "Sie erhalten diese Mail.", "body": ["Der Text"], "network": network,
    }  # fmt: skip
    return mail.Post(address=address, **(given | values))


def states() -> dict[str, str]:
    return dict(OutboxMail.objects.values_list("address", "state"))


def test_what_is_written_is_what_one_mail_would_be(network: Network) -> None:
    closings.set_closing(network, actor=COMMAND, code=CODE, words={"de": "Bis bald"}, expected=0)
    for lang in ("de", "en"):
        given = post(network, lang=lang, files=[PDF], reply_to="buero@netzwerk.example")
        assert mail.send_all([given]) == 1
        mail.send(**given.__dict__)
        many, one = OutboxMail.objects.order_by("-pk")[:2]
        same = [field.name for field in OutboxMail._meta.concrete_fields
                if field.name not in ("id", "uuid", "once", "created_at", "updated_at",
                                      "due_at")]  # fmt: skip
        assert {name: getattr(many, name) for name in same} == {
            name: getattr(one, name) for name in same
        }
        assert ("Bis bald" in many.text) == (lang == "de")
        assert many.once != one.once


def test_each_address_gets_what_it_wants(network: Network) -> None:
    DeadAddress.objects.create(address="tot@verein.example")
    mail.choose(mail.Wish("aus@verein.example", network.uuid, CODE), choice="off")
    mail.choose(mail.Wish("brief@verein.example", network.uuid, ""), choice="digest")
    mail.choose(mail.Wish("anderswo@verein.example", make.network(name="Anderes").uuid, CODE),
                choice="off")  # fmt: skip
    names = ("Tot", "Aus", "Brief", "anderswo", "frei")
    for kind, waits in (("duty", "queued"), ("news", "held"), ("security", "queued")):
        OutboxMail.objects.all().delete()
        mail.send_all(post(network, f"{name}@verein.example", mail_class=kind) for name in names)
        plain = kind == "security"
        assert states() == {
            "Tot@verein.example": "queued" if plain else "failed",
            "Aus@verein.example": "queued" if plain else "stopped",
            "Brief@verein.example": waits,
            "anderswo@verein.example": "queued", "frei@verein.example": "queued",
        }, kind  # fmt: skip


def test_a_part_of_a_digest_has_no_closing(network: Network) -> None:
    closings.set_closing(network, actor=COMMAND, code=CODE, words={"de": "Bis bald"}, expected=0)
    mail.choose(mail.Wish("brief@verein.example", network.uuid, ""),
                choice=MailChoice.Choice.DIGEST)  # fmt: skip
    mail.send_all(post(network, f"{name}@verein.example", mail_class="news")
                  for name in ("brief", "frei"))  # fmt: skip
    closed = {one.address: "Bis bald" in one.text for one in OutboxMail.objects.all()}
    assert closed == {"brief@verein.example": False, "frei@verein.example": True}


def test_once_is_written_once(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    mail.send(**post(network, once="test:1").__dict__)
    given = [post(network, once=f"test:{n}", subject="Noch einmal") for n in (1, 2, 2, 3)]
    assert mail.send_all(given) == 2
    assert mail.send_all(given) == 0
    found = dict(OutboxMail.objects.values_list("once", "subject"))
    assert found == {"test:1": "Hallo", "test:2": "Noch einmal", "test:3": "Noch einmal"}
    # Somebody else writes one of the names after it was looked for.
    monkeypatch.setattr(outbox, "_known", lambda _posts: set())
    mail.send_all([post(network, once="test:1"), post(network, once="test:4")])
    assert OutboxMail.objects.filter(once__in=["test:1", "test:4"]).count() == 2


def test_one_that_cannot_be_written_to_stops_all(network: Network) -> None:
    with pytest.raises(Refused):
        mail.send_all([post(network), post(network, "kim@verein.example\nBcc: x@y.example")])
    with pytest.raises(Refused):
        mail.send_all([post(network), post(network, reply_to="keine")])
    with pytest.raises(ValueError, match="class"):
        mail.send_all([post(network), post(network, mail_class="urgent")])
    assert not OutboxMail.objects.exists()


def test_a_draft_stores_nothing(network: Network) -> None:
    with mail.drafting() as drafts:
        assert mail.send_all([post(network), post(network, files=[PDF])]) == 2
    assert [one.subject for one in drafts.mails] == ["Hallo", "Hallo"]
    assert not OutboxMail.objects.exists()
    assert not MailFile.objects.exists()


def test_queries_do_not_grow(network: Network, count_queries: Any) -> None:
    counts = []
    for many in (1, 3, 10):
        with count_queries() as queries:
            mail.send_all(
                post(network, f"kim{n}@verein.example", once=f"test:{many}:{n}", files=[PDF])
                for n in range(many)
            )
        counts.append(queries.count)
        MailFile.objects.all().delete()
    assert counts[0] == counts[1] == counts[2] <= 8
    with count_queries() as queries:
        mail.send_all(post(network, f"kim{n}@verein.example", files=[PDF]) for n in range(400))
    # On SQLite a bulk insert goes in groups of 999 values.
    assert len([sql for sql in queries.counted if not sql.startswith("INSERT")]) <= 6
    assert OutboxMail.objects.count() == 414
    assert MailFile.objects.count() == 1
    assert mail.send_all([]) == 0
