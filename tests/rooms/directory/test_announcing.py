"""Announcing: who hears of it, what takes effect when, what an answer does (S1-14, rulings 6)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lotse.foundation.core import search
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, MailChoice, OutboxMail
from lotse.foundation.parties.models import Affiliation, Network
from lotse.rooms.directory.content.deadlines import deadline_words, end_of, last_day
from lotse.rooms.directory.models import Announcement, Channel, Entry, Letter, Publication
from lotse.rooms.directory.services import announcing, entries, publishing
from tests import people
from tests.people import Cast
from tests.rooms.directory import posted

pytestmark = pytest.mark.django_db
State = Announcement.State


@pytest.fixture
def cast(at: posted.Clock) -> Cast:
    """The people, on the morning of 20 November."""
    at(posted.START)
    return people.cast()


@pytest.fixture
def entry(cast: Cast) -> Entry:
    return posted.entry_of(cast.org_a)


class TestDeadlines:
    """T49: the end of a day on the wall clock, also on days of 23 and 25 hours."""

    @pytest.mark.parametrize(
        ("day", "end"),
        [("2026-12-18", "2026-12-18T23:00+00:00"), ("2026-07-01", "2026-07-01T22:00+00:00"),
         ("2027-03-28", "2027-03-28T22:00+00:00"), ("2026-10-25", "2026-10-25T23:00+00:00")],
    )  # fmt: skip
    def test_it_ends_with_the_day_in_berlin(self, day: str, end: str) -> None:
        moment = end_of(datetime.fromisoformat(day).date())
        assert moment == datetime.fromisoformat(end)
        assert last_day(moment).isoformat() == day

    def test_in_words(self) -> None:
        assert deadline_words(end_of(date(2026, 12, 18))) == "18.12.2026, 24:00 Uhr"

    def test_late_in_the_evening_counts_as_that_day(self, cast: Cast, at: posted.Clock) -> None:
        at(datetime(2026, 11, 20, 22, 30, tzinfo=UTC))  # 23:30 in Berlin
        made = posted.announce(cast, posted.entry_of(cast.org_a))
        assert deadline_words(made.deadline) == "18.12.2026, 24:00 Uhr"
        at(datetime(2026, 11, 20, 23, 30, tzinfo=UTC))  # 0:30 of the next day
        other = posted.announce(cast, posted.entry_of(cast.org_b))
        assert deadline_words(other.deadline) == "19.12.2026, 24:00 Uhr"

    def test_over_the_change_of_the_clock(self, cast: Cast, at: posted.Clock) -> None:
        at(datetime(2027, 3, 20, 8, 0, tzinfo=UTC))
        made = posted.announce(cast, posted.entry_of(cast.org_a), days=14)
        assert made.deadline == datetime(2027, 4, 3, 22, 0, tzinfo=UTC)


class TestAnnouncing:
    def test_it_takes_effect_by_the_clock(self, cast: Cast, entry: Entry, at: posted.Clock) -> None:
        at(posted.START)
        made = posted.announce(cast, entry)
        assert posted.shown(entry) is None
        at(made.deadline - timedelta(seconds=1))
        assert posted.shown(entry) is None
        assert announcing.is_running(made)
        at(made.deadline)
        content = posted.shown(entry)
        assert content is not None
        assert content["offers"] == "Sprechstunde im Betrieb"
        assert posted.shown(entry, Channel.BROCHURE) is None
        assert announcing.state_at(made, made.deadline) == State.EFFECTIVE
        assert Publication.objects.filter(via=Publication.Via.ANNOUNCED).count() == 2

    def test_who_may_publish_or_represent_is_written_to(self, cast: Cast, entry: Entry) -> None:
        made = posted.announce(cast, entry, note="Für die neue Broschüre.")
        sent = posted.mails()
        # Not the member without rights, the former one, the suspended one.
        assert set(sent) == {"editor-a@beispiel.test"}
        told = sent["editor-a@beispiel.test"]
        assert (told.mail_class, told.reply_to) == ("duty", cast.network.contact_email)
        assert deadline_words(made.deadline) in told.subject
        assert "Für die neue Broschüre." in told.text
        assert "öffentlich im Netz, im Netzwerk" in told.text
        assert "/zugang/" not in told.text  # the outbox never holds the link
        assert LogEntry.objects.get(code="directory.announcement.made").after["letters"] == 1

    def test_else_the_contact_persons(self, cast: Cast, entry: Entry) -> None:
        posted.without_rights(cast.org_a)
        Affiliation.objects.filter(person=cast["member"]).update(is_contact=True)
        posted.announce(cast, entry)
        assert set(posted.mails()) == {"member@beispiel.test"}

    def test_else_the_address_of_the_organisation(self, cast: Cast) -> None:
        posted.without_rights(cast.org_a)
        entry = posted.entry_of(cast.org_a, email="info@ahrens-hilft.example")
        posted.announce(cast, entry)
        told = posted.mails()["info@ahrens-hilft.example"]
        assert "als eigene nennt" in told.text

    def test_nobody_to_reach_is_refused_and_leaves_nothing(self, cast: Cast, entry: Entry) -> None:
        posted.without_rights(cast.org_a)
        with pytest.raises(Refused, match="niemand erreichbar"):
            posted.announce(cast, entry)
        assert not Announcement.objects.exists()
        assert not Publication.objects.exists()
        assert not Letter.objects.exists()

    def test_switched_off_is_not_reached(self, cast: Cast, entry: Entry) -> None:
        """Rulings 12: a switch means "not reached"."""
        MailChoice.objects.create(
            address="editor-a@beispiel.test", network_uuid=cast.network.uuid,
            code="directory.announcement", choice=MailChoice.Choice.OFF,
        )  # fmt: skip
        with pytest.raises(Refused, match="niemand erreichbar"):
            posted.announce(cast, entry)

    def test_an_address_that_was_not_confirmed_gets_nothing(self, cast: Cast, entry: Entry) -> None:
        from allauth.account.models import EmailAddress

        EmailAddress.objects.filter(email="editor-a@beispiel.test").update(verified=False)
        with pytest.raises(Refused, match="niemand erreichbar"):
            posted.announce(cast, entry)

    @pytest.mark.parametrize("role", ["editor_a", "coordinator", "foreign_office", "anonymous"])
    def test_only_the_office_announces(self, cast: Cast, entry: Entry, role: str) -> None:
        with pytest.raises(NotAllowed):
            announcing.announce(entry, actor=cast.actor(role), channels=[Channel.WEB])

    def test_people_are_never_announced(self, cast: Cast) -> None:
        """Rulings 6: silence publishes no person."""
        own = entries.create_person_entry(cast["member"], cast.network, actor=COMMAND)
        with pytest.raises(Refused, match="Einwilligung"):
            posted.announce(cast, own)

    @pytest.mark.parametrize("days", [13, 0, -5, 181])
    def test_spans(self, cast: Cast, entry: Entry, days: int) -> None:
        with pytest.raises(Refused, match="mindestens 14"):
            posted.announce(cast, entry, days=days)

    @pytest.mark.parametrize("channels", [[], ["print"], ["web", "x"]])
    def test_channels(self, cast: Cast, entry: Entry, channels: list[str]) -> None:
        with pytest.raises(Refused, match="wählen"):
            posted.announce(cast, entry, channels=channels)

    @pytest.mark.parametrize("state", [Network.State.RESTING, Network.State.ENDED])
    def test_a_network_at_rest_announces_nothing(
        self, cast: Cast, entry: Entry, state: str
    ) -> None:
        Network.objects.filter(pk=cast.network.pk).update(state=state)
        with pytest.raises(Refused, match="ruht"):
            posted.announce(cast, entry)

    def test_one_at_a_time_and_the_same_form_once(self, cast: Cast, entry: Entry) -> None:
        first = posted.announce(cast, entry, key="k" * 20)
        assert posted.announce(cast, entry, key="k" * 20) == first
        assert OutboxMail.objects.filter(code="directory.announcement").count() == 1
        with pytest.raises(Refused, match="läuft schon"):
            posted.announce(cast, entry)

    def test_what_took_effect_makes_room(self, cast: Cast, at: posted.Clock) -> None:
        at(posted.START)
        entry = posted.entry_of(cast.org_a)
        first = posted.announce(cast, entry)
        at(first.deadline)
        with pytest.raises(Refused, match="schon veröffentlicht"):
            posted.announce(cast, entry)
        entry = posted.entry_of(cast.org_a, offers="Sprechstunde am Abend")
        second = posted.announce(cast, entry)
        first.refresh_from_db()
        assert (first.state, second.state) == (State.EFFECTIVE, State.OPEN)


class TestAnswers:
    @pytest.fixture
    def made(self, cast: Cast, entry: Entry, at: posted.Clock) -> Announcement:
        at(posted.START)
        made = posted.announce(cast, entry)
        at(posted.START + timedelta(days=3))
        return made

    def test_approved_is_published_at_once(self, cast: Cast, made: Announcement) -> None:
        announcing.approve(made, actor=cast.actor("editor_a"), expected=made.version)
        assert posted.shown(made.entry) is not None
        made.refresh_from_db()
        assert (made.state, made.answered_by) == (State.APPROVED, cast.actor("editor_a").ref)
        assert posted.fresh(made.entry).assured_at == posted.START + timedelta(days=3)

    def test_objected_stays_as_it_was_for_good(
        self, cast: Cast, made: Announcement, at: posted.Clock
    ) -> None:
        announcing.object_to(
            made, actor=cast.actor("editor_a"), expected=made.version, reason="Alte Sprechzeiten"
        )
        at(made.deadline + timedelta(days=1))
        assert posted.shown(made.entry) is None
        told = posted.mails("directory.announcement.answered")[cast.network.contact_email]
        assert "Alte Sprechzeiten" in told.text
        assert made.answer_note == "Alte Sprechzeiten"

    def test_objection_freezes_at_what_was_let_through(self, cast: Cast, at: posted.Clock) -> None:
        at(posted.START)
        entry = posted.published(posted.entry_of(cast.org_a, offers="Alt"))
        entry = posted.entry_of(cast.org_a, offers="Neu")
        made = posted.announce(cast, entry)
        announcing.object_to(made, actor=cast.actor("editor_a"), expected=1, reason="Nein")
        at(made.deadline)
        content = posted.shown(entry)
        assert content is not None
        assert content["offers"] == "Alt"

    def test_an_objection_needs_a_reason(self, cast: Cast, made: Announcement) -> None:
        with pytest.raises(Refused, match="was nicht stimmt"):
            announcing.object_to(made, actor=cast.actor("editor_a"), expected=1, reason="  ")
        made.refresh_from_db()
        assert made.state == State.OPEN

    @pytest.mark.parametrize("role", ["member", "editor_b", "office", "operator", "anonymous"])
    def test_nobody_else_answers(self, cast: Cast, made: Announcement, role: str) -> None:
        for act in (
            lambda: announcing.approve(made, actor=cast.actor(role), expected=1),
            lambda: announcing.object_to(made, actor=cast.actor(role), expected=1, reason="x"),
        ):
            with pytest.raises(NotAllowed):
                act()

    def test_the_first_answer_counts(self, cast: Cast, made: Announcement) -> None:
        same = Announcement.objects.select_related("entry").get(pk=made.pk)
        actor = cast.actor("editor_a")
        announcing.object_to(made, actor=actor, expected=1, reason="Nein")
        with pytest.raises(Conflict):
            announcing.approve(same, actor=actor, expected=1)
        same.refresh_from_db()
        with pytest.raises(Refused, match="schon beantwortet"):
            announcing.approve(same, actor=actor, expected=same.version)
        assert posted.shown(made.entry) is None

    def test_too_late(self, cast: Cast, made: Announcement, at: posted.Clock) -> None:
        at(made.deadline)
        with pytest.raises(Refused, match="Frist ist abgelaufen"):
            announcing.object_to(made, actor=cast.actor("editor_a"), expected=1, reason="Nein")
        assert posted.shown(made.entry) is not None

    def test_changed_takes_the_place_of_the_announced(
        self, cast: Cast, made: Announcement, at: posted.Clock
    ) -> None:
        assert made.revision.content
        content = {**made.revision.content, "offers": "Sprechstunde im Rathaus"}
        done = announcing.change(
            made, actor=cast.actor("editor_a"), expected=1, content=content,
            entry_version=made.entry.version,
        )  # fmt: skip
        assert done
        at(made.deadline + timedelta(days=1))
        for channel in (Channel.WEB, Channel.MEMBERS):
            seen = posted.shown(made.entry, channel)
            assert seen is not None
            assert seen["offers"] == "Sprechstunde im Rathaus"
        latest = posted.fresh(made.entry).latest
        assert latest is not None
        assert not latest.on_behalf
        assert made.state == State.CHANGED
        assert (
            "Geändert"
            in posted.mails("directory.announcement.answered")[cast.network.contact_email].subject
        )

    def test_publishing_meanwhile_settles_it(
        self, cast: Cast, made: Announcement, at: posted.Clock
    ) -> None:
        """What the organisation published itself is not replaced by the announced text later."""
        entry = posted.fresh(made.entry)
        content = {**made.revision.content, "offers": "Selbst geschrieben"}
        actor = cast.actor("editor_a")
        entries.save(entry, actor=actor, expected=entry.version, content=content)
        publishing.publish(entry, actor=actor, channels=made.channels, expected=entry.version)
        at(made.deadline + timedelta(days=1))
        seen = posted.shown(entry)
        assert seen is not None
        assert seen["offers"] == "Selbst geschrieben"
        made.refresh_from_db()
        assert made.state == State.CHANGED

    def test_withdrawn_by_the_office(
        self, cast: Cast, made: Announcement, at: posted.Clock
    ) -> None:
        with pytest.raises(NotAllowed):
            announcing.withdraw_announcement(made, actor=cast.actor("editor_a"))
        announcing.withdraw_announcement(made, actor=cast.actor("office"))
        assert set(posted.mails("directory.announcement.withdrawn")) == {"editor-a@beispiel.test"}
        at(made.deadline)
        assert posted.shown(made.entry) is None
        with pytest.raises(Refused):
            announcing.withdraw_announcement(made, actor=cast.actor("office"))


class TestSearch:
    """The index follows the clock: no job has to run at midnight."""

    def hits(self, cast: Cast) -> list[str]:
        viewer = search.Viewer({cast.network.uuid: search.WEB})
        found = search.find("Sprechstunde", lang="de", viewer=viewer, kinds=("organisation",))
        return [hit.title for hit in found.hits]

    def test_found_from_the_deadline_on(self, cast: Cast, entry: Entry, at: posted.Clock) -> None:
        made = posted.announce(cast, entry, channels=[Channel.WEB])
        assert self.hits(cast) == []
        at(made.deadline - timedelta(seconds=1))
        assert self.hits(cast) == []
        at(made.deadline)
        assert self.hits(cast) == ["Ahrens hilft e. V."]

    def test_never_after_an_objection(self, cast: Cast, entry: Entry, at: posted.Clock) -> None:
        made = posted.announce(cast, entry, channels=[Channel.WEB])
        announcing.object_to(made, actor=cast.actor("editor_a"), expected=1, reason="Nein")
        at(made.deadline)
        assert self.hits(cast) == []

    def test_at_once_after_approval(self, cast: Cast, entry: Entry) -> None:
        made = posted.announce(cast, entry, channels=[Channel.WEB])
        announcing.approve(made, actor=cast.actor("editor_a"), expected=1)
        assert self.hits(cast) == ["Ahrens hilft e. V."]


def test_archiving_ends_what_is_announced(cast: Cast, entry: Entry, at: posted.Clock) -> None:
    at(posted.START)
    announced = posted.announce(cast, entry)
    entry.refresh_from_db()
    entries.archive(entry, actor=cast.actor("office"), expected=entry.version)
    announced.refresh_from_db()
    assert announced.state == "withdrawn"
    assert not announced.publications.filter(ended_at=None).exists()
