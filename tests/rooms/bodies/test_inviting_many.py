"""A council of many: what inviting costs, when the agenda is drawn, what calendars are told in
which order, and what happens at once."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.models import MailFile, OutboxMail
from lotse.foundation.parties.models import Body, Person
from lotse.rooms.bodies.models import Attendance, Mandate, Meeting
from lotse.rooms.bodies.services import agenda, agenda_paper, inviting, mandates, meetings, replying
from tests import people
from tests.papers import words_of
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.preparing import (
    attendance,
    deputy_of,
    entry_in,
    invite,
    mail_to,
    mails,
    opened,
    page,
    post,
    send,
)
from tests.rooms.bodies.writing import at_once, real_database

pytestmark = pytest.mark.django_db
VOTER, GUEST = "voter@beispiel.test", "gast@haus.example"


def seat(body: Body, name: str, **fields: Any) -> Person:
    """Somebody with a seat of their own, without an account."""
    person = people.person(name, account=False, **fields)
    mandates.seat_person(mandates.create_mandate(body, actor=COMMAND), person, actor=COMMAND)
    return person


def fresh(meeting: Meeting) -> Meeting:
    """The meeting as another page has read it."""
    return Meeting.objects.select_related("body__network", "body__charter", "host").get(
        pk=meeting.pk
    )


def later(meeting: Meeting, days: int) -> dict[str, Any]:
    """Another date, as for `postpone`."""
    span = timedelta(days=days)
    return {"starts_at": meeting.starts_at + span, "ends_at": meeting.ends_at + span}


def sequences(address: str = VOTER) -> list[int]:
    """SEQUENCE of each entry that went to an address, in the order of writing."""
    files = OutboxMail.objects.filter(address=address).order_by("pk")
    return [int(entry_in(one)[1]["sequence"]) for one in files if one.files]


class TestQueries:
    def acts(
        self, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
    ) -> dict[str, Callable[[], Any]]:
        def tell() -> Any:
            now = fresh(meeting)
            return inviting.tell(now, actor=COMMAND, expected=now.version, note="Neu")

        def postpone() -> Any:
            now = fresh(meeting)
            return meetings.postpone(now, actor=COMMAND, expected=now.version, **later(now, 1))

        def remind() -> Any:
            with monkeypatch.context() as patch:
                at = fresh(meeting).starts_at - timedelta(days=3)
                patch.setattr(clock, "now", lambda: at)
                return replying.send_due()

        def cancel() -> Any:
            now = fresh(meeting)
            return meetings.cancel(now, actor=COMMAND, expected=now.version, reason="Gesperrt")

        def invite() -> Any:
            now = fresh(meeting)
            return inviting.invite(now, actor=COMMAND, expected=now.version)

        return {"invite": invite, "tell": tell, "postpone": postpone, "remind": remind,
                "cancel": cancel}  # fmt: skip

    def test_for_one_three_and_ten_more_the_same(
        self, cast: Cast, council: Body, count_queries: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counts: dict[str, list[int]] = {}
        for many in (1, 3, 10):
            for n in range(many):
                seat(council, f"Kim {many} Nr {n}", email=f"kim{many}-{n}@haus.example")
            meeting = meeting_of(council, number=None)
            item_of(meeting, "Begrüßung")
            inviting.add_guest(meeting, actor=COMMAND, name="Gast", email=GUEST)
            for name, act in self.acts(meeting, monkeypatch).items():
                MailFile.objects.all().delete()
                before = OutboxMail.objects.count()
                with count_queries() as queries:
                    act()
                counts.setdefault(name, []).append(queries.count)
                people_told = meeting.attendances.count()
                assert OutboxMail.objects.count() - before == people_told >= many + 4, name
        assert {name: len(set(found)) for name, found in counts.items()} == dict.fromkeys(counts, 1)
        most = {"invite": 40, "tell": 33, "postpone": 36, "remind": 15, "cancel": 16}
        assert {name: found[0] for name, found in counts.items() if found[0] > most[name]} == {}

    def test_the_links_of_all_hold(self, cast: Cast, council: Body, meeting: Meeting) -> None:
        for n in range(3):
            seat(council, f"Kim {n}", email=f"kim{n}@haus.example")
        invite(cast, meeting)
        rows = Attendance.objects.filter(meeting=meeting)
        assert len(set(rows.values_list("token_hash", flat=True))) == rows.count() == 6
        assert not rows.filter(invited_at=None).exists()


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Each paper that is drawn: its language, and whether others wait meanwhile."""
    found: list[tuple[str, bool]] = []
    draw = agenda_paper._draw

    def noted(meeting: Meeting, lang: str) -> Any:
        found.append((lang, connection.in_atomic_block))
        return draw(meeting, lang)

    monkeypatch.setattr(agenda_paper, "_draw", noted)
    return found


def paper_to(address: str, what: str = "invitation") -> str:
    """The words of the PDF that an address gets."""
    [entry] = [one for one in mail_to(address, what).files if "sha256" in one]
    return words_of(bytes(MailFile.objects.get(sha256=entry["sha256"]).content))


@pytest.mark.django_db(transaction=True)
class TestPaper:
    def test_it_is_drawn_before_the_transaction_once_for_each_language(
        self, cast: Cast, draws: list[tuple[str, bool]]
    ) -> None:
        meeting = meeting_of(cast.council)
        item_of(meeting, "Begrüßung")
        Person.objects.filter(pk=cast["chair"].pk).update(lang="en")
        deputy = deputy_of(cast, cast.council, email="dana@beispiel.test")
        assert post(cast, "office", "invitation", meeting, go="invite").status_code == 302
        assert draws == [("de", False), ("en", False)]
        assert MailFile.objects.count() == 2
        assert "Entwurf" not in paper_to(VOTER)
        draws.clear()
        post(cast, "office", "invitation", meeting, go="tell", note="Neu")
        post(cast, "chair", "meeting-postpone", meeting, day="18.03.2027", begins="09:00",
             ends="11:00")  # fmt: skip
        assert draws == [("de", False), ("en", False)] * 2
        assert "18.03.2027" in paper_to(VOTER, "changed"), "the paper says the new date"
        draws.clear()
        post(cast, "office", "guest-add", meeting, name="Gerda Gast", email=GUEST)
        row = attendance(cast, meeting)
        post(cast, "office", "invite-again", row)
        post(cast, "office", "reply-for", row, reply="deputy", deputy=str(deputy.uuid))
        post(cast, "office", "reply-for", row, reply="deputy", deputy_name="Vera Ersatz",
             deputy_email="vera@haus.example")  # fmt: skip
        assert draws == [("de", False)] * 4

    def test_the_same_form_again_draws_nothing(
        self, cast: Cast, draws: list[tuple[str, bool]]
    ) -> None:
        meeting, key = meeting_of(cast.council), once.new_key()
        item_of(meeting)
        for _time in range(2):
            now = fresh(meeting)
            assert inviting.invite(now, actor=COMMAND, expected=now.version, key=key) == 3
        assert len(draws) == 1

    def test_what_changed_meanwhile_is_drawn_anew(
        self, cast: Cast, draws: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        meeting = meeting_of(cast.council)
        item_of(meeting, "Begrüßung")
        draw = agenda_paper._draw

        def slow(shown: Meeting, lang: str) -> Any:
            paper = draw(shown, lang)
            if len(draws) == 1:
                agenda.add_item(fresh(meeting), actor=COMMAND, title="Nachgemeldet")
            return paper

        monkeypatch.setattr(agenda_paper, "_draw", slow)
        inviting.invite(fresh(meeting), actor=COMMAND, expected=1)
        assert draws == [("de", False), ("de", True)]
        assert "Nachgemeldet" in paper_to(VOTER)
        assert "2. Nachgemeldet" in mail_to(VOTER).text

    def test_a_date_that_was_changed_meanwhile_is_a_conflict(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        meeting = meeting_of(cast.council)
        item_of(meeting)
        draw = agenda_paper._draw

        def slow(shown: Meeting, lang: str) -> Any:
            now = fresh(meeting)
            meetings.change_meeting(now, actor=COMMAND, expected=now.version, room="Saal 5")
            return draw(shown, lang)

        monkeypatch.setattr(agenda_paper, "_draw", slow)
        with pytest.raises(Conflict):
            inviting.invite(fresh(meeting), actor=COMMAND, expected=1)
        assert mails() == []


class TestSequence:
    def test_each_mail_about_a_change_carries_a_larger_one(
        self, cast: Cast, meeting: Meeting
    ) -> None:
        invite(cast, meeting)
        one, other, last = fresh(meeting), fresh(meeting), fresh(meeting)
        meetings.postpone(one, actor=COMMAND, expected=one.version, **later(one, 1))
        with pytest.raises(Conflict):
            meetings.postpone(other, actor=COMMAND, expected=other.version, **later(other, 2))
        inviting.add_guest(one, actor=COMMAND, name="Gerda Gast", email=GUEST)
        # Each has read the meeting long ago and sends the form with the version that holds now.
        for old, days in ((other, 2), (last, 3)):
            now = fresh(meeting).version
            meetings.postpone(old, actor=COMMAND, expected=now, **later(old, days))
        inviting.tell(one, actor=COMMAND, expected=fresh(meeting).version, note="Neu")
        meetings.cancel(other, actor=COMMAND, expected=fresh(meeting).version, reason="Aus")
        for address in (VOTER, GUEST):
            found = sequences(address)
            assert found == sorted(set(found)), address
        assert len(sequences()) == 6, "nobody misses one"
        assert len(sequences(GUEST)) == 5

    def test_a_deputy_who_comes_after_all(self, cast: Cast, meeting: Meeting) -> None:
        holder = deputy_of(cast, meeting.body, email="dana@beispiel.test")
        invite(cast, meeting)
        for reply in ("deputy", "yes", "deputy"):
            row = attendance(cast, meeting)
            replying.answer(row, actor=COMMAND, expected=row.version, reply=reply,
                            stand_in=replying.StandIn(holder.uuid))  # fmt: skip
        found = sequences("dana@beispiel.test")
        assert len(found) == 4
        assert found == sorted(set(found))

    def test_a_guest_who_gets_a_seat(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        guest = inviting.add_guest(fresh(meeting), actor=COMMAND, name="Kim", email=GUEST)
        inviting.remove_guest(guest, actor=COMMAND, expected=guest.version)
        seat(meeting.body, "Kim Gast", email=GUEST)
        assert invite(cast, meeting) == 1
        found = sequences(GUEST)
        assert len(found) == 3
        assert found == sorted(set(found))

    def test_once_more_says_what_holds_now(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        row = Attendance.objects.select_related("meeting__body__network").get(person=cast["voter"])
        assert row.meeting.place
        now = fresh(meeting)
        meetings.change_meeting(now, actor=COMMAND, expected=now.version, place="Alte Mühle")
        inviting.invite_again(row, actor=COMMAND)
        again = entry_in(mail_to(VOTER))[1]
        assert str(again["location"]) == "Alte Mühle"
        assert int(again["sequence"]) == int(entry_in(mail_to(VOTER, "changed"))[1]["sequence"])


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def seats(self, cast: Cast) -> tuple[Meeting, list[Attendance], Any]:
        """Two seats with one deputy for both, who is on no list yet."""
        meeting = meeting_of(cast.council)
        second = seat(cast.council, "Kim Zwei", email="kim@haus.example")
        invite(cast, meeting)
        holder = deputy_of(cast, cast.council, email="dana@beispiel.test")
        other = mandates.seat_person(
            Mandate.objects.get(holders__person=second), holder.person, actor=COMMAND,
            part=holder.part,
        )  # fmt: skip
        rows = Attendance.objects.filter(meeting=meeting, person__in=[cast["voter"], second])
        loaded = rows.select_related("meeting__body__network", "meeting__body__charter", "mandate")
        by_seat = {row.mandate_id: row for row in loaded}
        return meeting, [by_seat[holder.mandate_id], by_seat[other.mandate_id]], (holder, other)

    def test_two_seats_send_the_same_deputy(self, cast: Cast, tmp_path: Path) -> None:
        meeting, rows, holders = self.seats(cast)

        def send(row: Attendance, uuid: Any) -> Callable[[], str]:
            def act() -> str:
                try:
                    replying.answer(row, actor=COMMAND, expected=row.version, reply="deputy",
                                    stand_in=replying.StandIn(uuid))  # fmt: skip
                except Refused:
                    return "refused"
                return "sent"

            return act

        def result() -> tuple[int, int]:
            found = Attendance.objects.filter(meeting=meeting.pk, stands_for__isnull=False)
            return found.count(), Attendance.objects.filter(reply="deputy").count()

        with real_database(tmp_path):
            said = at_once([send(row, one.uuid) for row, one in zip(rows, holders, strict=True)])
            assert sorted(said) == ["refused", "sent"]
            assert at_once([result]) == [(1, 1)]

    def test_a_guest_is_added_once(self, cast: Cast, tmp_path: Path) -> None:
        meeting = meeting_of(cast.council)
        invite(cast, meeting)
        pages = [fresh(meeting) for _n in range(4)]

        def add(read: Meeting) -> Callable[[], str]:
            def act() -> str:
                try:
                    inviting.add_guest(read, actor=COMMAND, name="Gerda Gast", email=GUEST)
                except Refused:
                    return "refused"
                return "added"

            return act

        def mail_count() -> int:
            return OutboxMail.objects.filter(address=GUEST).count()

        with real_database(tmp_path):
            said = at_once([add(read) for read in pages])
            assert sorted(said) == ["added", "refused", "refused", "refused"]
            assert at_once([mail_count]) == [1]

    def test_changes_and_guests_at_once_repeat_no_sequence(
        self, cast: Cast, tmp_path: Path
    ) -> None:
        meeting = meeting_of(cast.council)
        invite(cast, meeting)

        def add(n: int) -> Callable[[], Any]:
            read = fresh(meeting)
            return lambda: inviting.add_guest(
                read, actor=COMMAND, name=f"Gast {n}", email=f"gast{n}@haus.example"
            )

        def move() -> Any:
            return meetings.postpone(read, actor=COMMAND, expected=read.version, **later(read, 1))

        read = fresh(meeting)
        acts = [add(1), move, add(2), add(3)]

        def told() -> list[list[int]]:
            return [sequences(f"gast{n}@haus.example") for n in (1, 2, 3)] + [sequences()]

        with real_database(tmp_path):
            at_once(acts)
            [found] = at_once([told])
        assert all(one == sorted(set(one)) for one in found), found

    def test_an_answer_of_somebody_taken_off_the_list_meanwhile(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        meeting = meeting_of(cast.council)
        guest = inviting.add_guest(meeting, actor=COMMAND, name="Gerda Gast", email=GUEST)
        invite(cast, meeting)
        browser = Client()
        here = opened(browser, mail_to(GUEST))
        monkeypatch.setattr(inviting, "take_up", lambda _meeting: guest.delete())
        assert send(browser, here, guest, reply="yes").status_code == 410


def test_the_preview_writes_nothing(cast: Cast, meeting: Meeting) -> None:
    item_of(meeting, "Begrüßung")
    assert "Vorschau der Einladung" in page(cast, "office", "invitation", meeting)
    assert not OutboxMail.objects.filter(code__startswith="bodies.").exists()
