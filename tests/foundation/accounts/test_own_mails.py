"""Which mails a signed-in person gets: all news, one kind, duties, one digest a day."""

from typing import Any

import pytest
from django.test import Client

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import hooks, mail
from lotse.foundation.core.models import ALL_NETWORKS, LogEntry, MailChoice, OutboxMail
from tests import make
from tests.foundation.accounts.conftest import ADDRESS, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/konto/mails/"
NEWS, MORE, DUTY = "test.events", "test.library", "test.task"
FORM = {"all": "each", "mail-test-events": "same", "mail-test-library": "same",
        "mail-test-task": "each", "mail-measures-reminder": "each"}  # fmt: skip


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kinds of news and one duty beside what there is."""
    added = [
        hooks.MailKind(NEWS, "Neue Veranstaltungen", mail_class="news"),
        hooks.MailKind(MORE, "Neues im Wissen", mail_class="news"),
        hooks.MailKind(DUTY, "Aufgaben im Gremium", mail_class="duty"),
    ]
    rest = [kind for kind in hooks.mail_kinds if not kind.mail_class]
    rest += [kind for kind in hooks.mail_kinds if kind.code == "measures.reminder"]
    monkeypatch.setattr(hooks, "mail_kinds", [*rest, *added])


@pytest.fixture
def client(account: Account, visit: Any) -> Client:
    found: Client = visit()
    sign_in(found)
    return found


def write(network: Any, code: str = NEWS, mail_class: str = "news") -> OutboxMail:
    return mail.send(
        code=code, mail_class=mail_class, address=ADDRESS, lang="de", subject="Neues",
        reason="weil", body=["Text"], network=network,
    )  # fmt: skip


def save(client: Client, page: str = PAGE, **changes: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in changes.items()}
    return client.post(page, FORM | sent)


def test_the_overview_leads_there(client: Client) -> None:
    assert f'href="{PAGE}"' in client.get("/konto/").content.decode()


def test_it_shows_what_can_be_chosen_and_what_holds(client: Client, network: Any) -> None:
    body = client.get(PAGE).content.decode()
    for said in (ADDRESS, network.name, "Alle Neuigkeiten", "Neue Veranstaltungen",
                 "Aufgaben im Gremium", "Erinnerungen an Maßnahmen"):  # fmt: skip
        assert said in body
    for said in ("Auskunft erteilt", "Sammelmail mit Neuigkeiten", "Andere Absender"):
        assert said not in body, "security mail has no switch, the digest is made of the others"


def test_all_news_off_but_one(client: Client, network: Any) -> None:
    assert save(client, all="off", mail_test_events="digest").status_code == 302
    assert [write(network, code).state for code in (NEWS, MORE)] == ["held", "stopped"]
    assert write(network, DUTY, "duty").state == "queued"
    body = client.get(PAGE).content.decode()
    assert body.count('<option value="off" selected>') == 1
    assert body.count('<option value="digest" selected>') == 1


def test_a_kind_follows_all_news_again(client: Client, network: Any) -> None:
    save(client, all="digest", mail_test_events="off")
    assert write(network).state == "stopped"
    save(client, all="digest", mail_test_events="same")
    assert write(network).state == "held"


def test_a_duty_is_switched_off_by_itself(client: Client, network: Any) -> None:
    save(client, all="off", mail_test_task="off")
    assert write(network, DUTY, "duty").state == "stopped"
    assert write(network, "measures.reminder", "duty").state == "queued"
    assert write(network, DUTY, "security").state == "queued"


def test_what_waits_and_is_no_longer_wanted_is_stopped(client: Client, network: Any) -> None:
    waiting, kept = write(network), write(network, MORE)
    save(client, mail_test_events="off")
    for one in (waiting, kept):
        one.refresh_from_db()
    assert (waiting.state, kept.state) == ("stopped", "queued")


def test_saving_anew_stops_nothing_that_is_wanted(client: Client, network: Any) -> None:
    save(client, all="off", mail_test_events="each")
    waiting = write(network)
    save(client, all="off", mail_test_events="each")
    waiting.refresh_from_db()
    assert waiting.state == "queued"


def test_it_shows_what_was_switched_off_in_a_mail(client: Client, network: Any) -> None:
    mail.choose(mail.Wish(ADDRESS, network.uuid, ""), choice="off")
    assert '<option value="off" selected>' in client.get(PAGE).content.decode()


def test_each_sender_stands_for_itself(client: Client, network: Any) -> None:
    other = make.network(name="Netzwerk Nebenan")
    write(other)
    page = f"{PAGE}?absender={other.uuid}"
    assert page.removeprefix(PAGE) in client.get(PAGE).content.decode()
    assert "Netzwerk Nebenan" in client.get(page).content.decode()
    assert save(client, page, all="off")["Location"] == page
    assert (write(other).state, write(network).state) == ("stopped", "queued")


def test_the_choice_for_everything_holds_where_nothing_else_was_chosen(
    client: Client, network: Any
) -> None:
    write(None)
    save(client, f"{PAGE}?absender={ALL_NETWORKS}", all="off")
    assert [write(one).state for one in (None, network)] == ["stopped", "stopped"]
    save(client, all="each")
    assert [write(one).state for one in (None, network)] == ["stopped", "queued"]


def test_all_off_everywhere_leaves_nothing_for_the_digest(client: Client, network: Any) -> None:
    """A network that was chosen for itself keeps what was chosen."""
    other = make.network(name="Netzwerk Nebenan")
    mail.choose(mail.Wish(ADDRESS, ALL_NETWORKS, ""), choice="digest")
    mail.choose(mail.Wish(ADDRESS, other.uuid, ""), choice="digest")
    held = [write(one) for one in (None, network, other)]
    assert {one.state for one in held} == {"held"}
    save(client, f"{PAGE}?absender={ALL_NETWORKS}", all="off")
    for one in held:
        one.refresh_from_db()
    assert [one.state for one in held] == ["stopped", "stopped", "held"]
    mail.choose(mail.Wish(ADDRESS, other.uuid, ""), choice="off")
    held[2].refresh_from_db()
    assert held[2].state == "stopped"


@pytest.mark.parametrize("query", ["?absender=x", "?absender=" + "0" * 36, "?absender=%00"])
def test_an_unknown_sender_is_no_page(client: Client, query: str) -> None:
    assert client.get(PAGE + query).status_code == 404


@pytest.mark.parametrize(
    "changes", [{"all": "same"}, {"all": "never"}, {"mail_test_task": "digest"},
                {"mail_test_events": ""}],
)  # fmt: skip
def test_what_is_no_choice_is_refused(client: Client, changes: dict[str, str]) -> None:
    assert save(client, **changes).status_code == 422
    assert not MailChoice.objects.exists()


def test_nobody_chooses_for_somebody_else(client: Client, network: Any, visit: Any) -> None:
    mail.choose(mail.Wish("anders@werkstatt.example", network.uuid, ""), choice="digest")
    save(client, all="off", address="anders@werkstatt.example")
    held = MailChoice.objects.filter(address="anders@werkstatt.example").values_list("choice")
    assert list(held) == [("digest",)]
    assert visit().get(PAGE).status_code == 302
    assert visit().post(PAGE, FORM).status_code == 302


def test_it_stands_in_the_log(client: Client, account: Account) -> None:
    save(client, all="off")
    line = LogEntry.objects.get(code="accounts.mail.chosen")
    assert (line.actor, line.object_uuid) == (f"account:{account.uuid}", account.uuid)


def test_queries_do_not_grow_with_kinds_and_mails(
    client: Client, network: Any, count_queries: Any
) -> None:
    client.get(PAGE)
    with count_queries() as few:
        client.get(PAGE)
    for code in (NEWS, MORE, DUTY):
        write(network, code)
    save(client, mail_test_events="off", mail_test_library="digest")
    client.get(PAGE)  # says that it was saved
    with count_queries() as many:
        client.get(PAGE)
    assert many.count <= few.count <= 8, many.counted
