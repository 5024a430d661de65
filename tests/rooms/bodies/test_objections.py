"""Objections to minutes: who may, until when, what comes of them (rulings 9; T49)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import clock, mail
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.mail import letter
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.procedures import queries as procedures
from lotse.foundation.procedures import services as periods
from lotse.foundation.procedures.models import Objection, ObjectionPeriod
from lotse.rooms.bodies.models import Attendance, Minutes, Outcome
from lotse.rooms.bodies.services import minutes as services
from lotse.rooms.bodies.services import objections
from lotse.rooms.bodies.services.rewording import Wording
from tests.people import Cast
from tests.rooms.bodies.minutes_made import (
    circulated,
    fresh,
    held,
    later_meeting,
    period_of,
    run_out,
    with_rule,
)
from tests.rooms.bodies.test_minutes import form_of, page


def objected(cast: Cast, minutes: Minutes, words: str = "Es waren zwei.") -> Objection:
    return objections.object_to_minutes(minutes, actor=cast.actor("voter"), words=words)


def answered(cast: Cast, one: Objection, *, accepted: bool) -> None:
    objections.answer(one, actor=cast.actor("minute_taker"), expected=one.version,
                      accepted=accepted, words="Danke für den Hinweis.")  # fmt: skip


class TestTheLastDay:
    @pytest.mark.parametrize(
        ("day", "end"),
        [
            (date(2027, 3, 27), datetime(2027, 3, 27, 23, tzinfo=UTC)),
            (date(2027, 3, 28), datetime(2027, 3, 28, 22, tzinfo=UTC)),  # 23 hours long
            (date(2027, 10, 30), datetime(2027, 10, 30, 22, tzinfo=UTC)),
            (date(2027, 10, 31), datetime(2027, 10, 31, 23, tzinfo=UTC)),  # 25 hours long
        ],
    )
    def test_it_ends_at_midnight_in_berlin(self, day: date, end: datetime) -> None:
        assert periods.end_of_day(day) == end
        assert periods.last_day(ObjectionPeriod(closes_at=end)) == day

    def test_the_clock_alone_says_where_it_stands(self) -> None:
        end = periods.end_of_day(date(2027, 3, 28))
        period = ObjectionPeriod(opens_at=end - timedelta(days=14), closes_at=end)
        tick = timedelta(microseconds=1)
        assert period.state_at(period.opens_at - tick) == "coming"
        assert period.state_at(period.opens_at) == "running"
        assert period.state_at(end - tick) == "running"
        assert period.state_at(end) == "lapsed"
        period.ended_at = end - timedelta(days=1)
        assert period.state_at(end) == "ended"

    def test_the_days_of_the_body_count_from_tomorrow(self, cast: Cast) -> None:
        with_rule(cast.council, objection_days=10)
        period = period_of(circulated(cast))
        assert periods.last_day(period) == clock.today() + timedelta(days=10)


class TestSilence:
    @pytest.mark.parametrize(
        ("state", "counts"),
        [("open", False), ("accepted", False), ("declined", True), ("withdrawn", True)],
    )
    def test_what_stands_in_its_way(self, state: str, counts: bool) -> None:
        now = clock.now()
        period = ObjectionPeriod(legal_basis="§ 7", opens_at=now - timedelta(days=9),
                                 closes_at=now - timedelta(days=1))  # fmt: skip
        one = Objection(state=state, answered_at=now - timedelta(days=2))
        one.updated_at = now - timedelta(days=2)
        since = procedures.silent_since(period, [one])
        assert (since == period.closes_at) if counts else since is None

    def test_a_late_answer_moves_the_moment(self) -> None:
        now = clock.now()
        period = ObjectionPeriod(legal_basis="§ 7", opens_at=now - timedelta(days=9),
                                 closes_at=now - timedelta(days=3))  # fmt: skip
        one = Objection(state="declined", answered_at=now - timedelta(days=1))
        assert procedures.silent_since(period, [one]) == one.answered_at

    def test_only_with_a_rule_and_after_the_end(self) -> None:
        now = clock.now()
        span = {"opens_at": now - timedelta(days=9), "closes_at": now}
        assert procedures.silent_since(ObjectionPeriod(**span), []) is None
        period = ObjectionPeriod(legal_basis="§ 7", **span)
        assert procedures.silent_since(period, [], now - timedelta(seconds=1)) is None
        assert procedures.silent_since(period, [], now) == now
        assert procedures.silent_since(None) is None

    def test_two_periods_of_one_thing_do_not_run_at_once(self, cast: Cast) -> None:
        minutes = circulated(cast)
        with pytest.raises(Refused, match="läuft schon"):
            periods.open_period(minutes, actor=cast.actor("office"), network=cast.network,
                                closes_at=clock.now() + timedelta(days=3))  # fmt: skip


class TestObjecting:
    def test_by_item_on_the_page(self, cast: Cast) -> None:
        minutes = circulated(cast)
        item = minutes.meeting.items.order_by("position")[0]
        client, url = cast.client("voter"), page(minutes.meeting, "minutes-object")
        empty = form_of(client, url, item=str(item.uuid), kind="change", words="")
        assert empty.status_code == 422
        assert form_of(client, url, item=str(item.uuid), kind="change",
                       words="Es waren <b>zwei</b>.").status_code == 302  # fmt: skip
        one = Objection.objects.get()
        assert (one.part, one.kind, one.person) == (str(item.uuid), "change", cast["voter"])
        for role in ("voter", "minute_taker"):
            shown = cast.client(role).get(page(minutes.meeting)).content.decode()
            assert "Es waren &lt;b&gt;zwei&lt;/b&gt;." in shown
        # Others are told nothing of it.
        assert "zwei" not in cast.client("auditor").get(page(minutes.meeting)).content.decode()

    def test_a_form_sent_twice_is_one_objection(self, cast: Cast) -> None:
        minutes = circulated(cast)
        client, url = cast.client("voter"), page(minutes.meeting, "minutes-object")
        form = {"item": "", "kind": "objection", "words": "Falsch", "_key": "s" * 20}
        assert [client.post(url, form).status_code for _try in range(2)] == [302, 302]
        assert Objection.objects.count() == 1

    @pytest.mark.parametrize(
        ("role", "status"),
        [("minute_taker", 403), ("office", 403), ("registered", 404), ("anonymous", 404)],
    )
    def test_only_who_was_there(self, cast: Cast, role: str, status: int) -> None:
        minutes = circulated(cast)
        client, url = cast.client(role), page(minutes.meeting, "minutes-object")
        assert client.get(url).status_code == status
        form = {"item": "", "kind": "objection", "words": "Falsch"}
        assert client.post(url, form).status_code == status
        assert not Objection.objects.exists()

    def test_not_after_the_last_day(self, cast: Cast) -> None:
        minutes = circulated(cast)
        run_out(minutes)
        with pytest.raises(Refused, match="vorbei"):
            objected(cast, minutes)
        url = page(minutes.meeting, "minutes-object")
        late = cast.client("voter").post(url, {"item": "", "kind": "objection", "words": "Spät"})
        assert late.status_code == 422
        assert "Spät" in late.content.decode()

    def test_an_item_of_another_meeting_is_none(self, cast: Cast) -> None:
        minutes, other = circulated(cast), held(cast, number=5)
        part = str(other.items.order_by("pk")[0].uuid)
        with pytest.raises(Refused):
            objections.object_to_minutes(minutes, actor=cast.actor("voter"), words="x", part=part)

    def test_the_own_objection_is_taken_back(self, cast: Cast) -> None:
        minutes = circulated(cast)
        one = objected(cast, minutes)
        url = reverse("bodies:objection-withdraw", args=[one.uuid])
        assert cast.client("chair").post(url, {"version": "1"}).status_code == 403
        assert cast.client("registered").post(url, {"version": "1"}).status_code == 404
        assert cast.client("voter").post(url, {"version": "1"}).status_code == 302
        one.refresh_from_db()
        assert one.state == "withdrawn"


class TestAnswering:
    def test_who_objected_is_told(self, cast: Cast) -> None:
        minutes = circulated(cast)
        one = objected(cast, minutes)
        url = reverse("bodies:objection-answer", args=[one.uuid])
        answer = form_of(cast.client("minute_taker"), url, accepted="no", words="Es war eine.")
        assert answer.status_code == 302
        letter_ = OutboxMail.objects.get(code="bodies.minutes.answered")
        assert letter_.address == "voter@beispiel.test"
        assert "Es war eine." in letter_.text
        assert "nicht übernommen" in letter_.text
        assert "Es war eine." in cast.client("voter").get(page(minutes.meeting)).content.decode()

    def test_two_answers_at_once_lose_none(self, cast: Cast) -> None:
        one = objected(cast, circulated(cast))
        stale = Objection.objects.select_related("period").get(pk=one.pk)
        answered(cast, one, accepted=False)
        with pytest.raises(Conflict):
            answered(cast, stale, accepted=True)
        with pytest.raises(Refused):
            answered(cast, one, accepted=True)

    @pytest.mark.parametrize(("role", "status"), [("voter", 403), ("registered", 404)])
    def test_only_who_writes_the_minutes(self, cast: Cast, role: str, status: int) -> None:
        one = objected(cast, circulated(cast))
        url = reverse("bodies:objection-answer", args=[one.uuid])
        assert cast.client(role).get(url).status_code == status
        with pytest.raises(NotAllowed):
            objections.answer(one, actor=cast.actor(role), expected=1, accepted=True, words="x")

    def test_an_open_objection_stops_every_adoption(self, cast: Cast) -> None:
        with_rule(cast.council)
        minutes = circulated(cast)
        one = objected(cast, minutes)
        run_out(minutes)
        assert not services.settle(minutes)
        later = later_meeting(minutes.meeting)
        with pytest.raises(Refused, match="Offen: 1"):
            services.adopt_minutes(minutes, actor=cast.actor("chair"), expected=2, meeting=later)
        answered(cast, one, accepted=False)
        assert fresh(minutes).adopted_at == one.answered_at
        assert not services.settle(minutes)

    def test_taking_the_last_one_back_after_the_end_adopts(self, cast: Cast) -> None:
        with_rule(cast.council)
        minutes = circulated(cast)
        one = objected(cast, minutes)
        run_out(minutes)
        back = reverse("bodies:objection-withdraw", args=[one.uuid])
        assert cast.client("voter").post(back, {"version": "1"}).status_code == 302
        assert fresh(minutes).state == "adopted"

    def test_what_is_accepted_must_be_worked_in(self, cast: Cast) -> None:
        with_rule(cast.council)
        minutes = circulated(cast)
        answered(cast, objected(cast, minutes), accepted=True)
        run_out(minutes)
        assert not services.settle(minutes)
        with pytest.raises(Refused, match="berichtigen"):
            services.adopt_minutes(minutes, actor=cast.actor("chair"), expected=2,
                                   meeting=later_meeting(minutes.meeting))  # fmt: skip


class TestCorrecting:
    def test_a_new_revision_and_a_new_time(self, cast: Cast) -> None:
        minutes = circulated(cast)
        first = period_of(minutes)
        answered(cast, objected(cast, minutes), accepted=True)
        outcome = Outcome.objects.get(item__meeting=minutes.meeting)
        wording = Wording(outcomes={str(outcome.uuid): {"yes": 2}})
        revision = services.correct(minutes, actor=cast.actor("chair"), expected=2,
                                    wording=wording, reason="Zahl der Stimmen")  # fmt: skip
        assert (revision.number, revision.state) == (2, "corrected")
        outcome.refresh_from_db()
        assert outcome.yes == 2
        assert fresh(minutes).state == "corrected"
        first.refresh_from_db()
        assert first.state_at() == "ended"
        assert period_of(minutes).state_at() == "running"
        mails = OutboxMail.objects.filter(code="bodies.minutes.corrected")
        assert len(mails) == 2
        assert all("Zahl der Stimmen" in one.text for one in mails)

    def test_not_while_somebody_waits_for_an_answer(self, cast: Cast) -> None:
        minutes = circulated(cast)
        objected(cast, minutes)
        with pytest.raises(Refused, match="beantworten"):
            services.correct(minutes, actor=cast.actor("chair"), expected=2, wording=Wording(),
                             reason="x")  # fmt: skip

    def test_a_decision_keeps_a_result(self, cast: Cast) -> None:
        minutes = circulated(cast)
        outcome = Outcome.objects.get(item__meeting=minutes.meeting)
        for result in ("", "irgendwas"):
            wording = Wording(outcomes={str(outcome.uuid): {"result": result}})
            with pytest.raises(Refused, match=r"Beschluss 1/1 braucht ein Ergebnis"):
                services.correct(minutes, actor=cast.actor("chair"), expected=2, wording=wording,
                                 reason="x")  # fmt: skip
        sent = form_of(cast.client("chair"), page(minutes.meeting, "minutes-correct"),
                       reason="Wortlaut", **{f"result-{outcome.uuid}": "",
                                             f"text-{outcome.uuid}": "Etwas anderes."})  # fmt: skip
        assert sent.status_code == 422
        told = sent.content.decode()
        assert "Bitte wählen Sie eines." in told
        assert "Etwas anderes." in told
        outcome.refresh_from_db()
        assert outcome.result == "adopted"

    def test_nothing_new_is_no_revision(self, cast: Cast) -> None:
        minutes = circulated(cast)
        with pytest.raises(Refused, match="nichts geändert"):
            services.correct(minutes, actor=cast.actor("chair"), expected=2, wording=Wording(),
                             reason="x")  # fmt: skip
        assert minutes.revisions.count() == 1


class TestTheLinkOfTheMail:
    def link(self, minutes: Minutes, name: str = "Volker Stimm") -> str:
        row = Attendance.objects.get(meeting=minutes.meeting, name=name)
        secret = mail.secret("bodies.objection", f"{period_of(minutes).uuid}:{row.uuid}")
        found = letter.reveal(secret, html=False)
        return re.sub(r"^https?://[^/]+", "", found)

    def test_it_opens_the_minutes_without_an_account(self, cast: Cast) -> None:
        minutes = circulated(cast)
        browser = Client()
        assert browser.get(page(minutes.meeting)).status_code == 404
        opened = browser.get(self.link(minutes))
        assert (opened.status_code, opened["Location"]) == (303, page(minutes.meeting))
        assert opened["Referrer-Policy"] == "no-referrer"
        assert "aufgenommen" in browser.get(page(minutes.meeting)).content.decode()
        sent = form_of(browser, page(minutes.meeting, "minutes-object"), item="",
                       kind="objection", words="Es waren zwei.")  # fmt: skip
        assert sent.status_code == 302
        one = Objection.objects.get()
        assert (one.person, one.by.split(":")[0]) == (cast["voter"], "link")
        back = reverse("bodies:objection-withdraw", args=[one.uuid])
        assert browser.post(back, {"version": "1"}).status_code == 302
        one.refresh_from_db()
        assert one.state == "withdrawn"

    def test_the_outbox_does_not_hold_it(self, cast: Cast) -> None:
        minutes = circulated(cast)
        token = self.link(minutes).rstrip("/").rsplit("/", 1)[1]
        assert len(token) > 40
        assert not [one for one in OutboxMail.objects.all() if token in one.text + one.html]

    def test_a_wrong_or_old_one_opens_nothing(self, cast: Cast) -> None:
        minutes = circulated(cast)
        link, other = self.link(minutes), self.link(minutes, "Corinna Leiter")
        swapped = link.rsplit("/", 2)[0] + "/" + other.rstrip("/").rsplit("/", 1)[1] + "/"
        browser = Client()
        assert browser.get(swapped).status_code == 404
        assert browser.get(link).status_code == 303
        run_out(minutes)
        assert Client().get(link).status_code == 410
        assert browser.get(page(minutes.meeting)).status_code == 404

    def test_it_opens_no_other_page(self, cast: Cast) -> None:
        minutes = circulated(cast)
        browser = Client()
        browser.get(self.link(minutes))
        for name in ("minutes-correct", "minutes-adopt", "minutes-revisions"):
            assert browser.get(page(minutes.meeting, name)).status_code in (302, 404), name

    def test_somebody_without_an_account_gets_the_answer(self, cast: Cast) -> None:
        meeting = held(cast)
        row: Any = Attendance.objects.filter(meeting=meeting).order_by("pk")[0]
        Attendance.objects.filter(pk=row.pk).update(person=None, email="gast@beispiel.test")
        minutes = circulated(cast, meeting)
        browser = Client()
        browser.get(self.link(minutes))
        form_of(browser, page(meeting, "minutes-object"), item="", kind="objection", words="Nein")
        answered(cast, Objection.objects.select_related("period").get(), accepted=False)
        sent = OutboxMail.objects.get(code="bodies.minutes.answered")
        assert sent.address == "gast@beispiel.test"
