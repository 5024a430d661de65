"""The one-time link and its pages: answered once, clear when it is over (rulings 19)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Affiliation, Network, Person
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory.models import Announcement, Letter, Revision
from lotse.rooms.directory.queries.letters import letters_of
from lotse.rooms.directory.services import announcing, entries, letters
from tests import people
from tests.people import Cast
from tests.rooms.directory import posted
from tests.rooms.directory.posted import text_of

pytestmark = pytest.mark.django_db
State = Announcement.State
START = posted.START
EDITOR = "editor-a@beispiel.test"


@pytest.fixture
def cast(at: posted.Clock) -> Cast:
    at(posted.START)
    return people.cast()


@pytest.fixture
def made(cast: Cast) -> Announcement:
    entry = posted.entry_of(cast.org_a)
    return posted.announce(cast, entry, note="Für die neue Broschüre.")


def wide_open(client: Client) -> str:
    """Opens the editor's letter; its page."""
    return posted.opened(client, posted.mails()[EDITOR])


class TestOpening:
    def test_the_address_holds_no_secret(self, made: Announcement, client: Client) -> None:
        path = posted.link_in(posted.mails()[EDITOR])
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex"
        token = path.rstrip("/").rpartition("/")[2]
        assert len(token) == 43
        assert token not in answer["Location"]
        stored = Letter.objects.get()
        assert token not in (stored.token_hash, str(stored.uuid))

    def test_the_page_says_what_where_until_when_and_who_asks(
        self, made: Announcement, client: Client, cast: Cast
    ) -> None:
        page = text_of(client.get(wide_open(client)))
        for words in (
            "Sprechstunde im Betrieb", "Keine Rechtsberatung", "18.12.2026, 24:00 Uhr",
            "öffentlich im Netz", "im Netzwerk", "Für die neue Broschüre.", cast.network.name,
            "Im Auftrag eingetragen", "Zustimmen", "Angaben ändern", "Widersprechen",
        ):  # fmt: skip
            assert words in page, words

    def test_opening_changes_nothing(self, made: Announcement, client: Client) -> None:
        """T15: mail programs open links by themselves."""
        here = wide_open(client)
        client.get(here)
        client.get(f"{here}aendern/")
        made.refresh_from_db()
        assert (made.state, Letter.objects.get().used_at) == (State.OPEN, None)
        assert posted.shown(made.entry) is None

    def test_another_browser_without_the_link_sees_nothing(
        self, made: Announcement, client: Client
    ) -> None:
        here = wide_open(client)
        other = Client()
        for path in (here, f"{here}aendern/"):
            assert other.get(path).status_code == 404
            assert other.post(path, posted.form(1, go="approve")).status_code == 404
        assert posted.shown(made.entry) is None

    def test_a_wrong_link_has_a_clear_page_and_a_limit(
        self, made: Announcement, client: Client, settings: Any
    ) -> None:
        settings.LIMITS = {**settings.LIMITS, "directory.letter.failed": (2, 600)}
        wrong = reverse("directory:letter-open", args=["x" * 43])
        answers = [client.get(wrong) for _n in range(3)]
        assert [one.status_code for one in answers] == [404, 404, 429]
        assert "öffnet nichts" in text_of(answers[0])
        assert "/heute/" in text_of(answers[0])

    def test_over(self, made: Announcement, client: Client, at: posted.Clock) -> None:
        path = posted.link_in(posted.mails()[EDITOR])
        here = wide_open(client)
        at(made.deadline)
        answer = client.get(here)
        assert answer.status_code == 410
        assert "18.12.2026, 24:00 Uhr" in text_of(answer)
        assert client.post(here, posted.form(1, go="object", reason="Nein")).status_code == 410
        assert Client().get(path, follow=True).status_code == 410

    def test_who_no_longer_speaks_for_it_is_out(
        self, made: Announcement, client: Client, cast: Cast
    ) -> None:
        here = wide_open(client)
        seat = posted.seat_of(cast["editor_a"], cast.org_a)
        parties.end_seat(seat, actor=COMMAND, expected=seat.version)
        Affiliation.objects.filter(pk=seat.pk).update(ends_on=posted.START - timedelta(days=1))
        answer = client.post(here, posted.form(1, go="approve"))
        assert answer.status_code == 410
        assert "nicht mehr für diesen Steckbrief" in text_of(answer)
        assert posted.shown(made.entry) is None

    @pytest.mark.parametrize(
        "change", [{"erased_at": posted.START}, {"restricted_at": posted.START}]
    )
    def test_nor_who_is_erased_or_restricted(
        self, made: Announcement, client: Client, cast: Cast, change: dict[str, Any]
    ) -> None:
        here = wide_open(client)
        Person.objects.filter(pk=cast["editor_a"].pk).update(**change)
        assert client.get(here).status_code == 410

    def test_a_letter_without_its_person_is_not_that_of_the_organisation(
        self, made: Announcement, client: Client
    ) -> None:
        here = wide_open(client)
        Letter.objects.update(person=None)
        assert client.get(here).status_code == 410

    def test_the_mail_reveals_nothing_once_it_was_answered(self, made: Announcement) -> None:
        letter = Letter.objects.get()
        assert letters.address_of(str(letter.uuid)) is not None
        Letter.objects.update(used_at=posted.START)
        assert letters.address_of(str(letter.uuid)) is None

    def test_a_network_with_its_own_host(
        self, made: Announcement, cast: Cast, settings: Any
    ) -> None:
        settings.BASE_URL = "https://lotse.example"
        Network.objects.filter(pk=cast.network.pk).update(is_default=False, hosts=["netz.example"])
        found = letters.address_of(str(Letter.objects.get().uuid))
        assert found is not None
        assert found.startswith("https://netz.example/verzeichnis/zugang/")

    @pytest.mark.parametrize("n", [1, 3])
    def test_queries(self, made: Announcement, client: Client, count_queries: Any, n: int) -> None:
        for number in range(n - 1):
            posted.published(posted.entry_of(made.entry.organisation, offers=f"Vorher {number}"))
        here = wide_open(client)
        client.get(here)
        with count_queries() as page:
            assert client.get(here).status_code == 200
        assert page.count <= 12, page.counted
        with count_queries() as change:
            assert client.get(f"{here}aendern/").status_code == 200
        assert change.count <= 12, change.counted


class TestAnswering:
    def test_approve(self, made: Announcement, client: Client) -> None:
        here = wide_open(client)
        sent = posted.form(1, go="approve")
        assert client.post(here, sent)["Location"] == here
        seen = posted.shown(made.entry)
        assert seen is not None
        made.refresh_from_db()
        letter = Letter.objects.get()
        assert (made.state, made.answered_by) == (State.APPROVED, f"letter:{letter.uuid}")
        assert letter.used_at is not None
        # The same form again, and a look at the page later: the answer stands, nothing more.
        assert client.post(here, sent).status_code == 302
        page = client.get(here)
        assert page.status_code == 200
        assert "zugestimmt" in text_of(page)
        assert "Widersprechen" not in text_of(page)
        again = client.post(here, posted.form(2, go="object", reason="Doch nicht"))
        assert again.status_code == 422
        assert posted.shown(made.entry) is not None

    def test_object_with_a_reason(
        self, made: Announcement, client: Client, at: posted.Clock, cast: Cast
    ) -> None:
        here = wide_open(client)
        assert client.post(here, posted.form(1, go="object", reason="")).status_code == 422
        answer = client.post(here, posted.form(1, go="object", reason="Adresse ist alt"))
        assert answer.status_code == 302
        assert "Adresse ist alt" in text_of(client.get(here))
        told = posted.mails("directory.announcement.answered")[cast.network.contact_email]
        assert "Adresse ist alt" in told.text
        at(made.deadline)
        assert posted.shown(made.entry) is None

    def test_what_was_typed_stays_after_a_conflict(
        self, made: Announcement, client: Client, cast: Cast
    ) -> None:
        here = wide_open(client)
        announcing.approve(made, actor=cast.actor("editor_a"), expected=1)
        answer = client.post(here, posted.form(1, go="object", reason="Adresse ist alt"))
        assert answer.status_code in (409, 422)
        assert "zugestimmt" in text_of(answer)

    @pytest.mark.parametrize("go", ["", "delete"])
    def test_no_answer_is_none(self, made: Announcement, client: Client, go: str) -> None:
        here = wide_open(client)
        assert client.post(here, posted.form(1, go=go)).status_code == 422
        assert Letter.objects.get().used_at is None

    def test_without_a_token_of_the_form_nothing(self, made: Announcement) -> None:
        client = Client(enforce_csrf_checks=True)
        here = wide_open(client)
        assert client.post(here, posted.form(1, go="approve")).status_code == 403
        assert posted.shown(made.entry) is None

    def test_the_address_of_the_organisation_speaks_for_it(
        self, cast: Cast, client: Client
    ) -> None:
        posted.without_rights(cast.org_b)
        entry = posted.entry_of(cast.org_b, email="info@brandt.example")
        posted.announce(cast, entry)
        here = posted.opened(client, posted.mails()["info@brandt.example"])
        assert client.post(here, posted.form(1, go="approve")).status_code == 302
        assert posted.shown(entry) is not None

    def test_for_the_desk(self, made: Announcement, client: Client, count_queries: Any) -> None:
        client.post(wide_open(client), posted.form(1, go="approve"))
        with count_queries() as queries:
            (row,) = letters_of(made)
        assert (row.name, row.address, row.reached, row.used) == ("Edda Ahrens", EDITOR, True, True)
        assert queries.count == 2


def filled(content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the form of a Steckbrief sends."""
    return {"_key": "k" * 20, **content, **changes}


class TestChanging:
    def test_the_own_words_take_its_place(
        self, made: Announcement, client: Client, at: posted.Clock
    ) -> None:
        here = f"{wide_open(client)}aendern/"
        page = text_of(client.get(here))
        assert "Sprechstunde im Betrieb" in page
        content = filled(made.revision.content, offers="Am Telefon", reason="Neue Zeiten",
                         version=str(made.entry.version))  # fmt: skip
        answer = client.post(here, content)
        assert answer.status_code == 302, text_of(answer)[-3000:]
        seen = posted.shown(made.entry)
        assert seen is not None
        assert seen["offers"] == "Am Telefon"
        latest = Revision.objects.order_by("-number").first()
        assert latest is not None
        assert (latest.author.partition(":")[0], latest.on_behalf) == ("letter", False)
        made.refresh_from_db()
        assert (made.state, made.answer_note) == (State.CHANGED, "Neue Zeiten")
        assert "geändert" in text_of(client.get(here.removesuffix("aendern/")))
        at(made.deadline)
        assert posted.shown(made.entry) == seen

    def test_who_may_not_publish_leaves_it_for_others(
        self, made: Announcement, client: Client, cast: Cast, at: posted.Clock
    ) -> None:
        Affiliation.objects.filter(person=cast["editor_a"]).update(may_publish=False)
        here = f"{wide_open(client)}aendern/"
        assert "freigibt" in text_of(client.get(here))
        content = filled(made.revision.content, offers="Am Telefon",
                         version=str(made.entry.version))  # fmt: skip
        assert client.post(here, content).status_code == 302
        at(made.deadline)
        assert posted.shown(made.entry) is None
        latest = posted.fresh(made.entry).latest
        assert latest is not None
        assert latest.content["offers"] == "Am Telefon"

    def test_faults_stand_at_their_field_and_keep_what_was_typed(
        self, made: Announcement, client: Client
    ) -> None:
        here = f"{wide_open(client)}aendern/"
        content = filled(made.revision.content, website="kein link", offers="Behalten",
                         version=str(made.entry.version))  # fmt: skip
        answer = client.post(here, content)
        page = text_of(answer)
        assert answer.status_code == 422
        assert "Diese Adresse ist nicht lesbar" in page
        assert "Behalten" in page
        assert "kein link" in page
        made.refresh_from_db()
        assert (made.state, Letter.objects.get().used_at) == (State.OPEN, None)

    def test_somebody_else_saved_in_between(
        self, made: Announcement, client: Client, cast: Cast
    ) -> None:
        here = f"{wide_open(client)}aendern/"
        entry = posted.fresh(made.entry)
        version = entry.version
        entries.save(entry, actor=COMMAND, expected=version,
                     content={**made.revision.content, "offers": "Vom Büro"})  # fmt: skip
        content = filled(made.revision.content, offers="Von uns", version=str(version))
        answer = client.post(here, content)
        page = text_of(answer)
        assert answer.status_code == 409
        assert "Von uns" in page
        assert "Vom Büro" in page
        made.refresh_from_db()
        assert made.state == State.OPEN


class TestSignedIn:
    def path(self, made: Announcement) -> str:
        return reverse("directory:announcement", args=[made.entry.uuid])

    @pytest.mark.parametrize(
        ("role", "status"),
        [("editor_a", 200), ("member", 404), ("editor_b", 404), ("office", 403), ("anonymous", 302),
         ("registered", 404), ("foreign_office", 404)],
    )  # fmt: skip
    def test_who_reaches_it(self, cast: Cast, made: Announcement, role: str, status: int) -> None:
        client = cast.client(role)
        assert client.get(self.path(made)).status_code == status
        confirm = reverse("directory:confirm", args=[made.entry.uuid])
        assert client.get(confirm).status_code == status

    def test_answers(self, cast: Cast, made: Announcement) -> None:
        client = cast.client("editor_a")
        page = text_of(client.get(self.path(made)))
        assert reverse("directory:edit", args=[made.entry.uuid]) in page
        assert client.post(self.path(made), posted.form(1, go="approve")).status_code == 302
        assert posted.shown(made.entry) is not None
        assert "zugestimmt" in text_of(client.get(self.path(made)))

    def test_an_entry_without_announcement(self, cast: Cast) -> None:
        entry = posted.entry_of(cast.org_a)
        path = reverse("directory:announcement", args=[entry.uuid])
        assert cast.client("editor_a").get(path).status_code == 404

    def test_a_network_at_rest_says_that_the_time_runs(
        self, cast: Cast, made: Announcement
    ) -> None:
        Network.objects.update(state=Network.State.RESTING)
        page = text_of(cast.client("editor_a").get(self.path(made)))
        assert "Die Frist läuft trotzdem weiter" in page


def test_the_words_for_the_other_language_are_shown_too(cast: Cast, client: Client) -> None:
    """Nobody agrees to something they were not shown."""
    posted.announce(cast, posted.entry_of(cast.org_a, summary_en="We help young people start."))
    assert "We help young people start." in text_of(client.get(wide_open(client)))
