"""Saved searches: kept, told of what is new, and of nothing the person may not see."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.mail import choose, read_token
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Affiliation, Network, Person
from lotse.foundation.parties.privacy import consents
from lotse.rooms.directory.models import Entry, SavedSearch
from lotse.rooms.directory.services import publishing, searches
from tests import make, people
from tests.people import Cast

pytestmark = pytest.mark.django_db


def kept(cast: Cast, role: str = "member", question: str = "Hospitation", **chosen: Any) -> Any:
    return searches.save_search(
        cast.network, actor=cast.actor(role), name="", question=question, chosen=chosen,
        key=once.new_key(),
    )  # fmt: skip


def offer(cast: Cast, name: str, channels: tuple[str, ...] = ("web",)) -> Entry:
    """An organisation that offers Hospitationen."""
    organisation = people.organisation(cast.network, name)
    return make.entry(organisation, name=name, offers="Hospitation im Betrieb", channels=channels)


def mails() -> list[OutboxMail]:
    return list(OutboxMail.objects.filter(code="directory.search").order_by("pk"))


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`tomorrow()` moves the clock on by a day."""
    now = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: now[0])

    def move(days: int = 1) -> None:
        now[0] += timedelta(days=days)

    return move


def test_the_find_page_keeps_a_search(cast: Cast) -> None:
    client = cast.client("member")
    sent = {"q": "  Hospitation ", "topic": ["ausbildung"], "kind": ["organisation"],
            "unsinn": "x", "_key": once.new_key()}  # fmt: skip
    for _time in range(2):
        answer = client.post(reverse("directory:search-save"), sent, follow=True)
        assert answer.status_code == 200
    saved = SavedSearch.objects.get()
    assert saved.question == "Hospitation"
    assert saved.chosen == {"topic": ["ausbildung"], "kind": ["organisation"]}
    text = answer.content.decode()
    assert "Hospitation" in text
    assert "Ausbildung" in text
    assert "?q=Hospitation" in text


def test_the_page_of_searches_shows_only_ones_own(cast: Cast) -> None:
    kept(cast, "editor_b", "Konfliktberatung")
    path = reverse("directory:searches")
    text = cast.client("member").get(path).content.decode()
    assert "Konfliktberatung" not in text
    assert "Hier stehen Suchen, die Sie behalten wollen." in text


def test_the_first_look_is_silent_then_only_what_is_new(cast: Cast, tomorrow: Any) -> None:
    offer(cast, "Alte Werkstatt")
    saved = kept(cast)
    assert len(saved.seen) == 1
    tomorrow()
    assert searches.send_new() == 0
    offer(cast, "Neue Werkstatt")
    assert searches.send_new() == 1
    [mail] = mails()
    assert mail.address == "member@beispiel.test"
    assert mail.mail_class == OutboxMail.Class.NEWS
    assert "Neue Werkstatt" in mail.text
    assert "Alte Werkstatt" not in mail.text
    assert reverse("directory:searches") in mail.text
    # The same again: nothing is told twice.
    assert searches.send_new() == 0
    tomorrow()
    assert searches.send_new() == 0
    assert len(mails()) == 1


def test_one_mail_a_day_for_all_searches(cast: Cast, tomorrow: Any) -> None:
    kept(cast)
    kept(cast, question="Betrieb")
    tomorrow()
    offer(cast, "Neue Werkstatt")
    assert searches.send_new() == 1
    offer(cast, "Spätere Werkstatt")
    assert searches.send_new() == 0
    tomorrow()
    assert searches.send_new() == 1
    assert "Spätere Werkstatt" in mails()[1].text


def test_what_comes_back_is_not_new(cast: Cast, tomorrow: Any) -> None:
    entry = offer(cast, "Alte Werkstatt")
    kept(cast)
    publishing.unpublish(entry, actor=COMMAND, channel="web", expected=entry.version)
    tomorrow()
    searches.send_new()
    publishing.publish(entry, actor=COMMAND, channels=["web"], expected=entry.version)
    tomorrow()
    assert searches.send_new() == 0


def test_hits_that_lack_a_word_are_not_told(cast: Cast, tomorrow: Any) -> None:
    kept(cast, question="Hospitation Schweißen")
    tomorrow()
    offer(cast, "Neue Werkstatt")
    assert searches.send_new() == 0


class TestWhoSeesWhat:
    """A mail tells only what the person would find on the page at that moment."""

    def test_members_entries_only_for_members(self, cast: Cast, tomorrow: Any) -> None:
        kept(cast, "member")
        kept(cast, "registered")
        tomorrow()
        offer(cast, "Nur für uns", channels=("members",))
        assert searches.send_new() == 1
        assert [mail.address for mail in mails()] == ["member@beispiel.test"]

    def test_no_longer_a_member(self, cast: Cast, tomorrow: Any) -> None:
        kept(cast, "member")
        tomorrow()
        Affiliation.objects.filter(person=cast["member"]).update(
            ends_on=clock.today() - timedelta(days=1)
        )
        offer(cast, "Nur für uns", channels=("members",))
        assert searches.send_new() == 0

    def test_no_drafts_for_the_office(self, cast: Cast, tomorrow: Any) -> None:
        for role in ("office", "coordinator", "operator"):
            kept(cast, role)
        tomorrow()
        offer(cast, "Noch ein Entwurf", channels=())
        assert searches.send_new() == 0

    def test_limits_make_no_hit(self, cast: Cast, tomorrow: Any) -> None:
        kept(cast, question="Rechtsberatung")
        tomorrow()
        offer(cast, "Neue Werkstatt")  # its limits: no legal advice
        assert searches.send_new() == 0

    def test_people_only_while_they_consent(self, cast: Cast, tomorrow: Any) -> None:
        kept(cast, question="Konfliktberatung")
        tomorrow()
        make.entry(cast["editor_b"], channels=("members",))
        for one in cast["editor_b"].consents.all():
            consents.withdraw(one, actor=cast.actor("editor_b"))
        assert searches.send_new() == 0

    @pytest.mark.parametrize("change", [
        {"erased_at": "2026-01-01T00:00Z"}, {"restricted_at": "2026-01-01T00:00Z"},
    ])  # fmt: skip
    def test_nothing_for_erased_and_restricted_people(
        self, cast: Cast, tomorrow: Any, change: dict[str, str]
    ) -> None:
        kept(cast)
        tomorrow()
        offer(cast, "Neue Werkstatt")
        Person.objects.filter(pk=cast["member"].pk).update(**change)
        assert searches.send_new() == 0

    def test_nothing_for_suspended_people(self, cast: Cast, tomorrow: Any) -> None:
        kept(cast)
        tomorrow()
        offer(cast, "Neue Werkstatt")
        account = cast["member"].account
        assert account is not None
        account.is_active = False
        account.save()
        assert searches.send_new() == 0

    def test_a_network_at_rest_writes_no_mail(self, cast: Cast, tomorrow: Any) -> None:
        kept(cast)
        tomorrow()
        offer(cast, "Neue Werkstatt")
        Network.objects.filter(pk=cast.network.pk).update(state=Network.State.RESTING)
        assert searches.send_new() == 0


def test_one_click_in_the_mail_switches_them_off(cast: Cast, tomorrow: Any) -> None:
    kept(cast)
    tomorrow()
    offer(cast, "Neue Werkstatt")
    searches.send_new()
    link = next(word for word in mails()[0].text.split() if "/abbestellen/" in word)
    wish = read_token(link.rstrip("/").rpartition("/")[2])
    assert wish is not None
    choose(wish, choice="off")
    tomorrow()
    offer(cast, "Noch eine Werkstatt")
    searches.send_new()
    assert [mail.state for mail in mails()][-1] == OutboxMail.State.STOPPED


def test_off_and_on_again_starts_anew(cast: Cast, tomorrow: Any) -> None:
    saved = kept(cast)
    client, path = cast.client("member"), reverse("directory:search", args=[saved.uuid])
    sent = {"name": "Hospitationen", "version": saved.version}
    assert client.post(path, sent).status_code == 302
    saved.refresh_from_db()
    assert (saved.name, saved.notify) == ("Hospitationen", False)
    tomorrow()
    offer(cast, "Neue Werkstatt")
    assert searches.send_new() == 0
    sent |= {"notify": "on", "version": saved.version}
    assert cast.client("member").post(path, sent).status_code == 302
    tomorrow()
    assert searches.send_new() == 0


def test_two_at_once_lose_nothing(cast: Cast) -> None:
    saved = kept(cast)
    client, path = cast.client("member"), reverse("directory:search", args=[saved.uuid])
    client.post(path, {"name": "Der erste Name", "version": saved.version})
    answer = client.post(path, {"name": "Mein Name", "version": saved.version})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Der erste Name" in text
    assert 'value="Mein Name"' in text


@pytest.mark.parametrize("name", ["", "x" * 121])
def test_a_name_that_does_not_fit(cast: Cast, name: str) -> None:
    saved = kept(cast)
    path = reverse("directory:search", args=[saved.uuid])
    answer = cast.client("member").post(path, {"name": name, "version": saved.version})
    assert answer.status_code == 422
    saved.refresh_from_db()
    assert saved.name == "Hospitation"


def test_deleted_for_good_and_the_log_says_nothing_of_it(cast: Cast) -> None:
    saved = kept(cast)
    path = reverse("directory:search-delete", args=[saved.uuid])
    assert cast.client("member").post(path).status_code == 302
    assert not SavedSearch.objects.exists()
    log = LogEntry.objects.filter(object_uuid=saved.uuid)
    assert {one.code for one in log} == {"directory.search.saved", "directory.search.deleted"}
    assert not any("Hospitation" in str((one.before, one.after)) for one in log)


def test_nobody_else_gets_at_it(cast: Cast) -> None:
    saved = kept(cast)
    for role in ("editor_a", "office", "operator", "foreign_office"):
        client = cast.client(role)
        for name in ("search", "search-delete"):
            path = reverse(f"directory:{name}", args=[saved.uuid])
            assert client.post(path, {"name": "Meins"}).status_code == 404, (role, name)
        with pytest.raises(NotAllowed):
            searches.delete_search(saved, actor=cast.actor(role))
    visitor = cast.client("anonymous")
    assert visitor.post(reverse("directory:search-save"), {"q": "x"}).status_code == 403
    assert SavedSearch.objects.count() == 1


def test_not_more_than_twenty(cast: Cast) -> None:
    for number in range(searches.MOST_SEARCHES):
        kept(cast, question=f"Wort{number}")
    with pytest.raises(Refused):
        kept(cast, question="Eins zu viel")
    answer = cast.client("member").post(
        reverse("directory:search-save"), {"q": "Eins zu viel"}, follow=True
    )
    assert "Löschen Sie zuerst eine davon." in answer.content.decode()
    # The same one again is no new one.
    kept(cast, question="Wort3")
    assert SavedSearch.objects.count() == searches.MOST_SEARCHES


def test_a_search_for_nearly_all_is_kept_without_mails(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searches, "MOST_HITS", 1)
    offer(cast, "Eine Werkstatt")
    offer(cast, "Zweite Werkstatt")
    saved = kept(cast, question="")
    assert saved.name == "Alle Einträge"
    assert not saved.notify
    path = reverse("directory:search", args=[saved.uuid])
    sent = {"name": "Alles", "notify": "on", "version": saved.version}
    answer = cast.client("member").post(path, sent)
    assert answer.status_code == 422
    assert "Für Mails muss sie enger sein." in answer.content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_the_number_of_queries_does_not_grow(cast: Cast, count_queries: Any, n: int) -> None:
    for number in range(n):
        kept(cast, question=f"Wort{number}", topic=["ausbildung"], region=["08222"])
    client = cast.client("member")
    with count_queries() as queries:
        text = client.get(reverse("directory:searches")).content.decode()
    assert text.count("Ändern oder löschen") == n
    assert queries.count <= 8, queries.counted
