"""Meetings before they are held: made, numbered, copied, changed, put off, called off (S1-01)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from icalendar import Calendar

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import (
    AgendaItem,
    Annex,
    Attendance,
    Meeting,
    Minutes,
    Outcome,
    Presenter,
)
from lotse.rooms.bodies.services import agenda, meetings
from tests.people import ROLES, Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.preparing import entry_in, invite, mail_to, mails, page, post

pytestmark = pytest.mark.django_db
VOTER = "voter@beispiel.test"


def values(**more: Any) -> dict[str, Any]:
    """What the form of a meeting sends."""
    return {
        "title": "Frühjahrssitzung", "day": "18.03.2027", "begins": "13:00", "ends": "17:00",
        "mode": "on_site", "place": "Haus der Wirtschaft", "minutes_kind": "results",
        "_key": once.new_key(),
    } | more  # fmt: skip


def create(cast: Cast, council: Body, role: str = "office", query: str = "", **more: Any) -> Any:
    path = reverse("bodies:meeting-new", args=[council.uuid]) + query
    return cast.client(role).post(path, values(**more))


class TestRights:
    def test_who_sees_a_meeting_and_who_runs_it(self, cast: Cast, meeting: Meeting) -> None:
        seen = {"chair", "minute_taker", "voter", "office", "auditor", "operator"}
        running = {"chair", "minute_taker", "office", "operator"}
        for role in ROLES:
            client = cast.client(role)
            status = client.get(reverse("bodies:meeting", args=[meeting.uuid])).status_code
            assert status == (200 if role in seen else 302 if role in (
                "anonymous", "suspended") else 404), role  # fmt: skip
            for name in ("meeting-edit", "meeting-postpone", "meeting-cancel", "agenda", "papers",
                         "invitation"):  # fmt: skip
                status = client.get(reverse(f"bodies:{name}", args=[meeting.uuid])).status_code
                expected = 200 if role in running else 403 if role in seen else (
                    302 if role in ("anonymous", "suspended") else 404)  # fmt: skip
                assert status == expected, (role, name)

    def test_services_ask_themselves(self, cast: Cast, council: Body, meeting: Meeting) -> None:
        voter, span = cast.actor("voter"), {"starts_at": meeting.starts_at,
                                            "ends_at": meeting.ends_at}  # fmt: skip
        with pytest.raises(NotAllowed):
            meetings.create_meeting(council, actor=voter, title="Meine", **span)
        with pytest.raises(NotAllowed):
            meetings.change_meeting(meeting, actor=voter, expected=1, title="Meine")
        with pytest.raises(NotAllowed):
            meetings.cancel(meeting, actor=voter, expected=1, reason="Darum")
        meeting.refresh_from_db()
        assert (meeting.title, meeting.state) == ("Frühjahrssitzung", "planned")

    def test_another_network_is_not_there(self, cast: Cast, meeting: Meeting) -> None:
        for name in ("meeting", "agenda", "invitation"):
            path = reverse(f"bodies:{name}", args=[meeting.uuid])
            assert cast.client("foreign_office").get(path).status_code == 404


class TestCreating:
    def test_by_the_form(self, cast: Cast, council: Body) -> None:
        answer = create(cast, council, "minute_taker", host=str(cast.org_a.uuid))
        made = Meeting.objects.get(body=council)
        assert answer["Location"] == reverse("bodies:agenda", args=[made.uuid])
        assert made.starts_at == datetime(2027, 3, 18, 12, 0, tzinfo=UTC)
        assert (made.number, made.host, made.state) == (1, cast.org_a, "planned")

    def test_numbers_follow_in_their_series_and_year(self, cast: Cast, council: Body) -> None:
        for day in ("18.03.2027", "18.05.2027", "31.12.2027"):
            create(cast, council, day=day)
        create(cast, council, day="18.06.2027", series="Kurztermin")
        create(cast, council, day="01.01.2028", begins="00:30", ends="02:00")
        found = Meeting.objects.order_by("starts_at").values_list("series", "number")
        assert list(found) == [("", 1), ("", 2), ("Kurztermin", 1), ("", 3), ("", 1)]
        answer = create(cast, council, day="19.06.2027", number="2")
        assert answer.status_code == 422
        assert "Eine 2. Sitzung gibt es in dieser Reihe im Jahr 2027 schon." in (
            answer.content.decode()
        )

    def test_the_same_form_twice_makes_one(self, cast: Cast, council: Body) -> None:
        client, sent = cast.client("office"), values()
        path = reverse("bodies:meeting-new", args=[council.uuid])
        assert client.post(path, sent)["Location"] == client.post(path, sent)["Location"]
        assert Meeting.objects.count() == 1

    @pytest.mark.parametrize(
        ("field", "wrong", "said"),
        [
            ("day", "31.02.2027", "Dieses Datum gibt es nicht"),
            ("begins", "25:00", "Diese Uhrzeit gibt es nicht"),
            ("ends", "12:59", "Das Ende liegt vor dem Beginn."),
            ("ends", "13:00", "Das Ende liegt vor dem Beginn."),
            ("title", "", "Bitte füllen Sie dieses Feld aus."),
            ("number", "drei", "Bitte geben Sie eine Zahl ein."),
            ("mode", "telepathy", "kein"),
            ("host", "0", "kein"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(
        self, cast: Cast, council: Body, field: str, wrong: str, said: str
    ) -> None:
        answer = create(cast, council, place="Alte Mühle", **{field: wrong})
        shown = answer.content.decode()
        assert answer.status_code == 422
        assert f'href="#id_{field}"' in shown
        assert said in shown
        assert "Alte Mühle" in shown, "nothing is lost"
        assert not Meeting.objects.exists()

    def test_on_the_days_when_the_clock_is_changed(self, cast: Cast, council: Body) -> None:
        """T49: wall-clock time, also on a day with 23 or 25 hours."""
        create(cast, council, day="28.03.2027", begins="01:00", ends="04:00")
        spring = Meeting.objects.get()
        assert spring.ends_at - spring.starts_at == timedelta(hours=2)
        assert "01:00–04:00 Uhr" in page(cast, "office", "meeting", spring)
        gap = create(cast, council, day="28.03.2027", begins="02:30", ends="04:00")
        assert gap.status_code == 422
        assert "Am 28.03.2027 gibt es 02:30 Uhr nicht" in gap.content.decode()
        create(cast, council, day="31.10.2027", begins="01:00", ends="04:00")
        autumn = Meeting.objects.order_by("pk").last()
        assert autumn is not None
        assert autumn.ends_at - autumn.starts_at == timedelta(hours=4)
        first = create(cast, council, day="31.10.2027", begins="02:30", ends="02:45", title="Kurz")
        assert first.status_code == 302
        assert Meeting.objects.get(title="Kurz").starts_at == datetime(
            2027, 10, 31, 0, 30, tzinfo=UTC
        )

    def test_of_several_days(self, cast: Cast, council: Body) -> None:
        create(cast, council, last_day="19.03.2027", ends="12:00")
        shown = page(cast, "voter", "meeting", Meeting.objects.get())
        assert "Donnerstag, 18.03.2027, 13:00 Uhr bis Freitag, 19.03.2027, 12:00 Uhr" in shown

    def test_a_body_that_ended_meets_no_more(self, cast: Cast, council: Body) -> None:
        Body.objects.filter(pk=council.pk).update(state="ended")
        assert "Dieses Gremium ist beendet." in create(cast, council).content.decode()


class TestCopying:
    def test_frame_and_standing_items_come_along(self, cast: Cast, council: Body) -> None:
        old = meeting_of(council, moderation="Kim Muster", room="Saal 2", intro="Herzlich")
        news = item_of(old, "Aus den Ministerien", kind="information", is_standing=True, goal="Alle"
                       " wissen Bescheid", minutes_planned=25)  # fmt: skip
        Presenter.objects.create(item=news, name="Kim Muster", organisation="Amt", subject="Recht")
        item_of(old, "Aus dem Land", parent=news)
        item_of(old, "Einmaliges")
        shown = page(cast, "office", "meeting-new", council, f"?vorlage={old.uuid}")
        assert 'value="Kim Muster"' in shown
        assert "Saal 2" in shown
        create(cast, council, query=f"?vorlage={old.uuid}", title="Herbstsitzung")
        made = Meeting.objects.get(title="Herbstsitzung")
        titles = made.items.order_by("position").values_list("title", "parent__title")
        assert list(titles) == [("Aus den Ministerien", None), ("Aus dem Land",
                                                                "Aus den Ministerien")]  # fmt: skip
        copy = made.items.get(title="Aus den Ministerien")
        assert (copy.goal, copy.minutes_planned) == ("Alle wissen Bescheid", 25)
        assert copy.presenters.get().subject == "Recht"
        assert old.items.count() == 3

    def test_without_a_model_nothing_comes_along(self, cast: Cast, council: Body) -> None:
        item_of(meeting_of(council), is_standing=True)
        create(cast, council, title="Herbstsitzung", query="?vorlage=nichts")
        assert not Meeting.objects.get(title="Herbstsitzung").items.exists()


class TestChanging:
    def test_two_at_once_lose_nothing(self, cast: Cast, meeting: Meeting) -> None:
        meetings.change_meeting(meeting, actor=cast.actor("chair"), expected=1, room="Saal 5")
        path = reverse("bodies:meeting-edit", args=[meeting.uuid])
        sent = values(version="1", room="Saal 9", title="Umbenannt", number="1")
        answer = cast.client("office").post(path, sent)
        shown = answer.content.decode()
        assert answer.status_code == 409
        for words in ("Saal 5", "Saal 9", "Umbenannt", 'name="version" value="2"'):
            assert words in shown, words
        again = cast.client("office").post(path, sent | {"version": "2"})
        meeting.refresh_from_db()
        assert (again.status_code, meeting.room) == (302, "Saal 9")

    def test_invited_people_and_calendars_follow(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        _method, first = entry_in(mail_to(VOTER))
        Attendance.objects.filter(person=cast["voter"]).update(reply="yes", replied_at=clock.now())
        meetings.change_meeting(
            meeting, actor=cast.actor("office"), expected=meeting.version, place="Alte Mühle"
        )
        method, second = entry_in(mail_to(VOTER, "changed"))
        assert (method, str(second["uid"])) == ("REQUEST", str(first["uid"]))
        assert int(second["sequence"]) > int(first["sequence"])
        assert str(second["location"]) == "Alte Mühle"
        assert Attendance.objects.get(person=cast["voter"]).reply == "yes", "the same day"
        meetings.change_meeting(
            meeting, actor=cast.actor("office"), expected=meeting.version, moderation="Kim Muster"
        )
        assert len(mails("changed")) == len({one.address for one in mails("changed")})

    def test_postponing_asks_again(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        Attendance.objects.filter(person=cast["voter"]).update(reply="yes")
        answer = post(cast, "chair", "meeting-postpone", meeting, day="18.03.2027",
                      begins="09:00", ends="11:00", note="Der Saal war belegt.")  # fmt: skip
        assert answer.status_code == 302
        sent = mail_to(VOTER, "changed")
        assert "Neuer Termin" in sent.subject
        assert "Donnerstag, 18.03.2027, 09:00–11:00 Uhr" in sent.text
        assert "Der Saal war belegt." in sent.text
        method, event = entry_in(sent)
        assert method == "REQUEST"
        assert event["dtstart"].dt.isoformat() == "2027-03-18T09:00:00+01:00"
        assert Attendance.objects.get(person=cast["voter"]).reply == "none"
        past = post(cast, "chair", "meeting-postpone", meeting, day="18.03.2024",
                    begins="09:00", ends="11:00")  # fmt: skip
        assert past.status_code == 422
        assert "Der neue Termin liegt in der Vergangenheit." in past.content.decode()

    def test_postponing_over_another_change_keeps_what_was_typed(
        self, cast: Cast, meeting: Meeting
    ) -> None:
        meetings.change_meeting(meeting, actor=COMMAND, expected=1, room="Saal 5")
        answer = cast.client("office").post(
            reverse("bodies:meeting-postpone", args=[meeting.uuid]),
            {"version": "1", "day": "18.03.2027", "begins": "09:00", "ends": "11:00",
             "note": "Bitte neu planen"},
        )  # fmt: skip
        assert answer.status_code == 409
        assert "Bitte neu planen" in answer.content.decode()

    def test_minutes_sent_round_close_the_frame(self, cast: Cast, meeting: Meeting) -> None:
        Meeting.objects.filter(pk=meeting.pk).update(state="held")
        minutes = Minutes.objects.create(meeting=meeting)
        meeting.refresh_from_db()
        meetings.change_meeting(meeting, actor=COMMAND, expected=1, room="Saal 5")
        minutes.state = "circulated"
        minutes.save()
        with pytest.raises(Refused):
            meetings.change_meeting(meeting, actor=COMMAND, expected=2, room="Saal 6")
        with pytest.raises(Refused):
            agenda.add_item(meeting, actor=COMMAND, title="Nachtrag")


class TestCancelling:
    def test_calendars_take_it_out(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        _method, first = entry_in(mail_to(VOTER))
        answer = post(cast, "office", "meeting-cancel", meeting, reason="Der Saal ist gesperrt.")
        assert answer.status_code == 302
        sent = mail_to(VOTER, "cancelled")
        method, event = entry_in(sent)
        assert (method, str(event["uid"])) == ("CANCEL", str(first["uid"]))
        assert int(event["sequence"]) > int(first["sequence"])
        assert str(event["status"]) == "CANCELLED"
        assert "Der Saal ist gesperrt." in sent.text
        shown = page(cast, "voter", "meeting", meeting)
        assert "Diese Sitzung ist abgesagt" in shown
        assert "Der Saal ist gesperrt." in shown

    def test_only_with_a_reason_and_before_it_begins(self, cast: Cast, meeting: Meeting) -> None:
        assert post(cast, "office", "meeting-cancel", meeting, reason=" ").status_code == 422
        Meeting.objects.filter(pk=meeting.pk).update(state="running")
        late = post(cast, "office", "meeting-cancel", meeting, reason="Zu spät")
        assert late.status_code == 422
        with pytest.raises(Conflict):
            meeting.refresh_from_db()
            Meeting.objects.filter(pk=meeting.pk).update(state="planned")
            meeting.refresh_from_db()
            meetings.cancel(meeting, actor=COMMAND, expected=7, reason="Veraltet")

    def test_nobody_is_written_to_before_the_invitation(self, cast: Cast, meeting: Meeting) -> None:
        meetings.cancel(meeting, actor=COMMAND, expected=1, reason="Verschoben")
        assert mails("cancelled") == []


class TestPage:
    def test_agenda_papers_answers(self, cast: Cast, meeting: Meeting) -> None:
        item_of(meeting, "Begrüßung", kind="information", minutes_planned=15)
        second = item_of(meeting, "Aufnahme neuer Partner", goal="Entscheiden",
                         proposal="Der Betrieb wird aufgenommen.")  # fmt: skip
        Annex.objects.create(meeting=meeting, item=second, number=1, title="Übersicht")
        invite(cast, meeting)
        shown = page(cast, "voter", "meeting", meeting)
        for words in ("1. Sitzung", "Begrüßung", "Aufnahme neuer Partner", "Entscheiden",
                      "Der Betrieb wird aufgenommen.", "Anlage 1: Übersicht",
                      "wird nachgeliefert", "zu TOP 2", "0 von 1 Anlage liegt vor",
                      "Sie haben noch nicht geantwortet.", "Volker Stimm"):  # fmt: skip
            assert words in shown, words
        assert "Tagesordnung bearbeiten" not in shown
        assert "Tagesordnung bearbeiten" in page(cast, "chair", "meeting", meeting)

    def test_a_guest_reads_no_names_of_members(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        Attendance.objects.create(meeting=meeting, person=cast["member"], name="Mats Behrens",
                                  part="guest", invited_at=clock.now())  # fmt: skip
        assert "Volker Stimm" not in page(cast, "member", "meeting", meeting)

    def test_figures(self, cast: Cast, council: Body, count_queries: Any) -> None:
        """30 items, outcomes, 40 people: 12 queries, 60 kB; with 1 and 3 things the same."""
        counts = []
        for many in (1, 3, 30):
            found = meeting_of(council, number=None, state="running", invited_at=clock.now())
            for n in range(many):
                row = item_of(found, f"Punkt {n} mit einem längeren Titel", goal="Ein Ziel. " * 5,
                              questions="Was hilft?", proposal="Wir tun es. " * 6)  # fmt: skip
                Presenter.objects.create(item=row, name="Kim Muster", organisation="Verein Muster")
                Outcome.objects.create(item=row, kind="decision", text="So", result="adopted")
                Annex.objects.create(meeting=found, item=row, number=n + 1, title="Unterlage")
                Attendance.objects.create(meeting=found, name=f"Person {n}", organisation="Verein",
                                          invited_at=clock.now())  # fmt: skip
            for role in ("voter", "office"):
                client = cast.client(role)
                path = reverse("bodies:meeting", args=[found.uuid])
                client.get(path)
                with count_queries() as queries:
                    answer = client.get(path)
                assert answer.status_code == 200
                counts.append((role, many, queries.count))
                assert queries.count <= 12, "\n".join(queries.counted)
                assert len(answer.content) <= 60_000, len(answer.content)
        assert len({count for role, _many, count in counts if role == "voter"}) == 1
        assert len({count for role, _many, count in counts if role == "office"}) == 1

    def test_the_list_of_a_body(self, cast: Cast, council: Body, count_queries: Any) -> None:
        for n in (1, 2, 3):
            meeting_of(council, number=n, title=f"Sitzung {n}")
        client = cast.client("voter")
        path = reverse("bodies:meetings", args=[council.uuid])
        client.get(path)
        with count_queries() as queries:
            shown = client.get(path).content.decode()
        assert queries.count <= 8
        assert "Sitzung 3" in shown
        assert "Sitzung anlegen" not in shown
        assert "Sitzung 1" not in client.get(path + "?suche=Sitzung 2").content.decode()
        assert cast.client("member").get(path).status_code == 404

    def test_in_english_it_lists_meetings_not_sessions(self, cast: Cast, council: Body) -> None:
        path = reverse("bodies:meetings", args=[council.uuid])
        page = cast.client("voter").get(path, HTTP_ACCEPT_LANGUAGE="en").content.decode()
        assert "Meetings" in page
        assert "Sessions" not in page

    def test_a_file_for_calendars(self, cast: Cast, meeting: Meeting) -> None:
        path = reverse("bodies:meeting-ics", args=[meeting.uuid])
        calendar: Any = Calendar.from_ical(cast.client("voter").get(path).content)
        event = next(iter(calendar.walk("VEVENT")))
        assert str(event["uid"]).startswith(str(meeting.uuid))
        assert "Frühjahrssitzung" in str(event["summary"])
        assert AgendaItem.objects.count() == 0
