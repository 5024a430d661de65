"""Who came and went: the list, corrections, checking in, and the quorum at each moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.forms_presence import MomentField
from lotse.rooms.bodies.models import (
    Attendance,
    Charter,
    Holder,
    Mandate,
    Meeting,
    Presence,
)
from lotse.rooms.bodies.queries.presence import entitled_of, present_at
from lotse.rooms.bodies.services import holding, mandates, presence
from tests import people
from tests.people import Cast
from tests.rooms.bodies.conftest import meeting_of

STATE = Meeting.State


@pytest.fixture
def meeting(council: Body) -> Meeting:
    begin = clock.now() - timedelta(hours=2)
    return meeting_of(
        council, state=STATE.RUNNING, opened_at=begin, starts_at=begin,
        ends_at=begin + timedelta(hours=4),
    )  # fmt: skip


def url(name: str, meeting: Meeting) -> str:
    return reverse(f"bodies:{name}", args=[meeting.uuid])


def seat(cast: Cast, name: str, **values: Any) -> Mandate:
    home = people.organisation(cast.network, name)
    return mandates.create_mandate(cast.council, actor=COMMAND, organisation=home, **values)


def line(meeting: Meeting, mandate: Mandate | None = None, **values: Any) -> Attendance:
    values = {"name": "Wer auch immer", "mandate": mandate} | values
    return Attendance.objects.create(meeting=meeting, **values)


def test_the_quorum_is_known_at_each_moment(cast: Cast, meeting: Meeting) -> None:
    Charter.objects.filter(body=cast.council).update(quorum="share", quorum_value=50)
    meeting = Meeting.objects.select_related("body__charter").get(pk=meeting.pk)
    first, second = line(meeting, Mandate.objects.get()), line(meeting, seat(cast, "Chor"))
    seat(cast, "Dachverband")
    begin = meeting.starts_at
    presence.arrive(meeting, [first], actor=cast.actor("chair"), at=begin)
    presence.arrive(meeting, [second], actor=cast.actor("chair"),
                    at=begin + timedelta(minutes=30))  # fmt: skip
    presence.leave(meeting, [first], actor=cast.actor("chair"),
                   at=begin + timedelta(minutes=60))  # fmt: skip

    def seen(minutes: int) -> tuple[int, bool | None]:
        found = present_at(meeting, begin + timedelta(minutes=minutes))
        assert (found.entitled, found.needed) == (3, 2)
        return found.voting, found.reached

    assert [seen(at) for at in (-1, 0, 29, 30, 59, 60)] == [
        (0, False), (1, False), (1, False), (2, True), (2, True), (1, False),
    ]  # fmt: skip


def test_a_seat_counts_once_and_guests_have_no_vote(cast: Cast, meeting: Meeting) -> None:
    own, without = Mandate.objects.get(), seat(cast, "Chor", with_vote=False)
    delegate = line(meeting, own)
    lines = [
        delegate,
        line(meeting, own, part="deputy"),
        line(meeting, None, part="deputy", stands_for=delegate),
        line(meeting, without),
        line(meeting, None, part="guest"),
        line(meeting, None, part="staff"),
    ]
    presence.arrive(meeting, lines, actor=cast.actor("chair"))
    presence.count_unnamed(meeting, 7, actor=cast.actor("chair"), expected=meeting.version)

    found = present_at(meeting)

    assert (found.entitled, found.voting, found.others) == (1, 1, 1)
    assert (found.guests, found.staff, found.unnamed) == (1, 1, 7)
    assert (found.needed, found.reached) == (None, None)


def test_seats_count_on_their_days_only(cast: Cast) -> None:
    today = clock.today()
    seat(cast, "Chor", starts_on=today + timedelta(days=3))
    seat(cast, "Dachverband", ends_on=today + timedelta(days=3))

    assert entitled_of(cast.council, today) == 2
    assert entitled_of(cast.council, today + timedelta(days=3)) == 3
    assert entitled_of(cast.council, today + timedelta(days=4)) == 2
    assert entitled_of(cast.council, today - timedelta(days=1)) == 0


def test_a_meeting_that_is_over_counts_who_stayed_to_the_end(cast: Cast, meeting: Meeting) -> None:
    presence.check_in(meeting, actor=cast.actor("voter"))
    holding.finish(meeting, actor=cast.actor("chair"))

    assert present_at(meeting).voting == 1
    assert present_at(meeting, clock.now() + timedelta(seconds=1)).voting == 0


def test_the_list_is_ticked(cast: Cast, meeting: Meeting) -> None:
    client = cast.client("minute_taker")
    page = client.get(url("presence", meeting)).content.decode()
    holder = Holder.objects.get(person=cast["voter"])
    assert "Volker Stimm" in page
    assert f"h-{holder.uuid}" in page

    came = {"who": f"h-{holder.uuid}", "act": "arrive", "at": ""}
    assert client.post(url("presence", meeting), came).status_code == 302
    own = Attendance.objects.get(person=cast["voter"])
    assert (own.name, own.organisation, own.part) == ("Volker Stimm", "Brandt GmbH", "member")
    assert Presence.objects.get().to_at is None
    # Sent again, and by somebody whose page is older: still one stay.
    assert client.post(url("presence", meeting), came).status_code == 302
    assert Presence.objects.count() == 1

    went = {"who": f"a-{own.uuid}", "act": "leave"}
    page = client.post(url("presence", meeting), went, follow=True).content.decode()
    assert "1 Person ist als gegangen eingetragen." in page
    assert "gegangen um" in page
    assert Presence.objects.get().to_at is not None


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"act": "arrive"}, "kreuzen Sie an"),
        ({"act": "arrive", "who": "x"}, "aus der Liste"),
        ({"act": "arrive", "who": "a-11111111-1111-4111-8111-111111111111"}, "aus der Liste"),
        ({"who": "OWN"}, "Schaltflächen"),
        ({"act": "arrive", "who": "OWN", "at": "25:00"}, "Diese Uhrzeit gibt es nicht"),
    ],
)
def test_a_wrong_tick_changes_nothing_and_keeps_the_crosses(
    cast: Cast, meeting: Meeting, form: dict[str, str], words: str
) -> None:
    own = line(meeting, Mandate.objects.get(), name="Volker Stimm", person=cast["voter"])
    sent = {key: f"a-{own.uuid}" if value == "OWN" else value for key, value in form.items()}

    response = cast.client("chair").post(url("presence", meeting), sent)

    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert ("checked" in page) is (form.get("who") == "OWN")
    assert not Presence.objects.exists()


def test_a_time_can_be_given_and_must_fit(cast: Cast, meeting: Meeting) -> None:
    own = line(meeting, Mandate.objects.get())
    actor, begin = cast.actor("chair"), meeting.starts_at
    with pytest.raises(Refused, match="Zukunft"):
        presence.arrive(meeting, [own], actor=actor, at=clock.now() + timedelta(minutes=5))
    presence.arrive(meeting, [own], actor=actor, at=begin + timedelta(minutes=20))
    with pytest.raises(Refused, match="später"):
        presence.leave(meeting, [own], actor=actor, at=begin + timedelta(minutes=10))
    presence.leave(meeting, [own], actor=actor, at=begin + timedelta(minutes=40))
    with pytest.raises(Refused, match="schon als anwesend"):
        presence.arrive(meeting, [own], actor=actor, at=begin + timedelta(minutes=30))

    presence.arrive(meeting, [own], actor=actor, at=begin + timedelta(minutes=40))
    assert Presence.objects.filter(attendance=own).count() == 2


def test_who_is_excused_is_not_who_is_there(cast: Cast, meeting: Meeting) -> None:
    client = cast.client("office")
    own = line(meeting, Mandate.objects.get())
    form = {"who": f"a-{own.uuid}", "act": "excuse"}

    assert (
        "entschuldigt" in client.post(url("presence", meeting), form, follow=True).content.decode()
    )
    own.refresh_from_db()
    assert own.excused
    presence.arrive(meeting, [own], actor=cast.actor("office"))
    own.refresh_from_db()
    assert not own.excused
    assert client.post(url("presence", meeting), form).status_code == 422


def test_a_guest_and_a_deputy_are_entered_once(cast: Cast, meeting: Meeting) -> None:
    client = cast.client("minute_taker")
    own = line(meeting, Mandate.objects.get(), person=cast["voter"], name="Volker Stimm")
    guest = {"name": "Gerd Gast", "organisation": "Kammer", "part": "guest", "_key": once.new_key()}
    deputy = {"name": "Vera Tretung", "seat": str(Mandate.objects.get().uuid),
              "organisation": "", "_key": once.new_key()}  # fmt: skip

    for _time in range(2):
        assert client.post(url("presence-guest", meeting), guest).status_code == 302
        assert client.post(url("presence-deputy", meeting), deputy).status_code == 302

    found = Attendance.objects.get(name="Vera Tretung")
    assert (found.part, found.organisation) == ("deputy", "Brandt GmbH")
    assert found.stands_for == own
    assert Attendance.objects.filter(name="Gerd Gast").count() == 1
    seen = present_at(meeting)
    assert (seen.voting, seen.guests) == (1, 1)


@pytest.mark.parametrize("name", ["presence-guest", "presence-deputy"])
def test_an_empty_form_comes_back_filled_in(cast: Cast, meeting: Meeting, name: str) -> None:
    sent = {"organisation": "Kammer <b>", "part": "member"}

    response = cast.client("chair").post(url(name, meeting), sent)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Kammer &lt;b&gt;" in page
    assert 'href="#id_name"' in page
    assert not Attendance.objects.exists()


def test_how_many_more_there_are(cast: Cast, meeting: Meeting) -> None:
    client = cast.client("chair")
    good = {"number": "12", "version": str(meeting.version)}

    assert client.post(url("presence-unnamed", meeting), good).status_code == 302
    again = client.post(url("presence-unnamed", meeting), good | {"number": "30"})
    bad = client.post(url("presence-unnamed", meeting), {"number": "-1", "version": "2"})

    assert (again.status_code, bad.status_code) == (409, 422)
    assert 'value="30"' in again.content.decode()
    meeting.refresh_from_db()
    assert meeting.unnamed_count == 12


def corrected(own: Attendance, *spans: tuple[str, str, str, str]) -> dict[str, Any]:
    """The form of corrections: (uuid, version, from, to) in wall time."""
    form: dict[str, Any] = {"stay": [s[0] for s in spans], "stay_version": [s[1] for s in spans]}
    for n, span in enumerate(spans):
        form |= {f"s{n}-from_at": span[2], f"s{n}-to_at": span[3]}
    return form


def wall(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_times_are_corrected(cast: Cast, meeting: Meeting) -> None:
    own = line(meeting, Mandate.objects.get())
    begin = meeting.starts_at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    presence.arrive(meeting, [own], actor=cast.actor("chair"))
    stay = Presence.objects.get()
    client, address = cast.client("minute_taker"), reverse("bodies:presence-edit", args=[own.uuid])
    page = client.get(address).content.decode()
    assert wall(stay.from_at) in page
    late = begin + timedelta(minutes=30)

    sent = corrected(
        own, (str(stay.uuid), str(stay.version), wall(begin), wall(begin + timedelta(minutes=10))),
        ("", "0", wall(late), ""),
    )  # fmt: skip
    assert client.post(address, sent).status_code == 302

    found = list(Presence.objects.order_by("from_at").values_list("from_at", "to_at"))
    assert found == [(begin, begin + timedelta(minutes=10)), (late, None)]
    # An older page meets a conflict, shows what stands there now and keeps what was typed.
    older = client.post(address, corrected(own, (str(stay.uuid), "1", wall(late), "")))
    assert older.status_code == 409
    assert "noch da" in older.content.decode()
    assert wall(late) in older.content.decode()
    # Emptied means it was not so; a minute that nobody changed keeps its seconds.
    keep, wrong = Presence.objects.get(to_at=None), Presence.objects.exclude(to_at=None).get()
    client.post(address, corrected(
        own, (str(keep.uuid), str(keep.version), wall(late), ""),
        (str(wrong.uuid), str(wrong.version), "", ""),
    ))  # fmt: skip
    exact = keep.from_at + timedelta(seconds=42)
    Presence.objects.filter(pk=keep.pk).update(from_at=exact)
    client.post(address, corrected(own, (str(keep.uuid), str(keep.version + 1), wall(exact), "")))
    assert Presence.objects.get().from_at == exact
    # An answer without any line is no form of ours, and takes nobody's time away.
    assert client.post(address).status_code == 422
    assert Presence.objects.exists()


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ([(60, 30)], "Ende liegt vor dem Anfang"),
        ([(0, 40), (30, 60)], "überschneiden"),
        ([(0, None), (30, 60)], "überschneiden"),
        ([(600, None)], "Zukunft"),
    ],
)
def test_impossible_times_are_refused(
    cast: Cast, meeting: Meeting, spans: list[tuple[int, int | None]], words: str
) -> None:
    own = line(meeting, Mandate.objects.get())

    def at(minutes: int | None) -> str:
        return "" if minutes is None else wall(meeting.starts_at + timedelta(minutes=minutes))

    sent = corrected(own, *(("", "0", at(begin), at(end)) for begin, end in spans))
    response = cast.client("chair").post(reverse("bodies:presence-edit", args=[own.uuid]), sent)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Presence.objects.exists()


def test_the_hour_that_summer_time_leaves_out_is_no_time(cast: Cast, meeting: Meeting) -> None:
    own = line(meeting, Mandate.objects.get())

    response = cast.client("chair").post(
        reverse("bodies:presence-edit", args=[own.uuid]),
        corrected(own, ("", "0", "2026-03-29T02:30", "2026-03-29T03:30")),
    )

    assert response.status_code == 422
    assert "02:30" in response.content.decode()
    field = MomentField()
    assert field.clean("2026-03-29T03:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    # The hour that comes twice means its first time.
    assert field.clean("25.10.2026 02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_before_its_day_nobody_is_there(cast: Cast, council: Body) -> None:
    later = meeting_of(council, number=5)
    own = line(later, Mandate.objects.get())
    client = cast.client("chair")

    assert client.get(url("presence", later)).status_code == 200
    sent = {"who": f"a-{own.uuid}", "act": "arrive"}
    assert client.post(url("presence", later), sent).status_code == 422
    today = meeting_of(council, number=6, starts_at=clock.now())
    assert presence.arrive(today, [line(today)], actor=cast.actor("chair")) == 1


@pytest.mark.parametrize(
    ("role", "status"), [("voter", 403), ("auditor", 403), ("member", 404), ("anonymous", 302)]
)
def test_only_who_runs_the_meeting_keeps_the_list(
    cast: Cast, meeting: Meeting, role: str, status: int
) -> None:
    own, client = line(meeting, Mandate.objects.get()), cast.client(role)
    addresses = [url(name, meeting) for name in
                 ("presence", "presence-guest", "presence-deputy", "check-in-code")]  # fmt: skip
    addresses.append(reverse("bodies:presence-edit", args=[own.uuid]))

    for address in addresses:
        assert client.get(address).status_code == status
    post = client.post(url("presence", meeting), {"who": f"a-{own.uuid}", "act": "arrive"})
    assert post.status_code == (403 if status == 302 else status)
    assert not Presence.objects.exists()
    with pytest.raises(NotAllowed):
        presence.arrive(meeting, [own], actor=cast.actor(role))


def test_the_list_costs_the_same_for_one_and_for_three(
    cast: Cast, meeting: Meeting, count_queries: Any
) -> None:
    counts, client = [], cast.client("chair")
    client.get(url("presence", meeting))
    for number in (1, 2):
        for n in range(number):
            mandate = seat(cast, f"Verein {number} {n}")
            mandates.seat_person(mandate, people.person(f"Person {number}{n}"), actor=COMMAND)
            presence.arrive(meeting, [line(meeting, mandate)], actor=cast.actor("chair"))
        with count_queries() as queries:
            assert client.get(url("presence", meeting)).status_code == 200
        counts.append(queries.count)

    assert counts[0] == counts[1] <= 12, queries.counted
