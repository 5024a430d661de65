"""After the last day for objections: reading writes nothing, the next act does (T15)."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.models import ChainRecord, LogEntry, OutboxMail
from lotse.rooms.bodies.models import Charter, Minutes, MinutesRevision, Outcome
from lotse.rooms.bodies.services import minutes as services
from lotse.rooms.bodies.services import objections, settling
from lotse.rooms.bodies.services.rewording import Wording
from tests.people import Cast
from tests.rooms.bodies.minutes_made import (
    circulated,
    fresh,
    held,
    later_meeting,
    run_out,
    with_rule,
)
from tests.rooms.bodies.test_minutes import page

PAGES = ("minutes", "minutes-correct", "minutes-adopt", "minutes-publish", "minutes-amend",
         "minutes-object", "minutes-revisions", "minutes-pdf", "minutes-docx")  # fmt: skip
SOON = "Die Frist ist am"


@pytest.fixture
def lapsed(cast: Cast) -> Minutes:
    """Sent minutes that silence has adopted, and nobody has written it down."""
    with_rule(cast.council)
    minutes = circulated(cast)
    run_out(minutes)
    return fresh(minutes)


def stored() -> tuple[int, ...]:
    """All that an adoption writes."""
    tables: tuple[Any, ...] = (MinutesRevision, OutboxMail, ChainRecord, LogEntry)
    return tuple(table.objects.count() for table in tables)


@pytest.mark.parametrize("role", ["minute_taker", "voter", "office"])
def test_reading_writes_nothing_down(cast: Cast, lapsed: Minutes, role: str) -> None:
    before, client = stored(), cast.client(role)
    for name in PAGES:
        assert client.get(page(lapsed.meeting, name)).status_code in (200, 302, 403), name
    assert stored() == before
    now = fresh(lapsed)
    assert (now.state, now.version) == ("circulated", lapsed.version)


def test_the_page_says_what_follows_and_offers_nothing_else(cast: Cast, lapsed: Minutes) -> None:
    for role in ("minute_taker", "voter"):
        shown = cast.client(role).get(page(lapsed.meeting)).content.decode()
        assert SOON in shown
        assert "die Genehmigung wird eingetragen" in shown
        for name in ("minutes-correct", "minutes-adopt", "minutes-object"):
            assert page(lapsed.meeting, name) not in shown
    client = cast.client("minute_taker")
    for name in ("minutes-correct", "minutes-adopt"):
        told = client.get(page(lapsed.meeting, name), follow=True)
        assert told.redirect_chain == [(page(lapsed.meeting), 302)]
        assert "die Genehmigung wird eingetragen" in told.content.decode()


def test_a_form_opened_before_meets_the_adoption(cast: Cast, lapsed: Minutes) -> None:
    outcome = Outcome.objects.get(item__meeting=lapsed.meeting)
    sent = {"version": lapsed.version, "_key": "k" * 20, "reason": "Zahl",
            f"text-{outcome.uuid}": "Er wird später aufgenommen."}  # fmt: skip
    answer = cast.client("minute_taker").post(page(lapsed.meeting, "minutes-correct"), sent)
    assert answer.status_code == 409
    assert "genehmigt" in answer.content.decode()
    assert fresh(lapsed).state == "adopted"
    outcome.refresh_from_db()
    assert outcome.text == "Der Betrieb wird aufgenommen."


@pytest.mark.parametrize("act", ["correct", "adopt", "object", "publish", "amend"])
def test_every_act_writes_it_down_first(cast: Cast, lapsed: Minutes, act: str) -> None:
    actor, version = cast.actor("minute_taker"), lapsed.version
    acts: dict[str, Any] = {
        "correct": lambda: services.correct(
            lapsed, actor=actor, expected=version, wording=Wording(), reason="x"),
        "adopt": lambda: services.adopt_minutes(
            lapsed, actor=actor, expected=version, meeting=later_meeting(lapsed.meeting)),
        "object": lambda: objections.object_to_minutes(
            lapsed, actor=cast.actor("voter"), words="Nein."),
        "publish": lambda: services.publish(lapsed, actor=actor, expected=version, level="body"),
        "amend": lambda: services.mark_correction(
            lapsed, actor=actor, expected=version, item="", words="Zwei.", reason="Zahl"),
    }  # fmt: skip
    with pytest.raises((Conflict, Refused)):
        acts[act]()
    now = fresh(lapsed)
    assert (now.state, now.adopted_by) == ("adopted", "deadline")
    assert now.revisions.count() == 2


def test_one_that_cannot_be_written_keeps_back_no_other(
    cast: Cast, lapsed: Minutes, monkeypatch: Any
) -> None:
    other = circulated(cast, held(cast, number=3))
    run_out(other)
    real = services.settle

    def settle(minutes: Minutes) -> bool:
        if minutes.pk == lapsed.pk:
            raise ValueError("kaputt")
        return real(minutes)

    monkeypatch.setattr(services, "settle", settle)
    with pytest.raises(ValueError, match="kaputt"):
        settling.settle_due()
    assert (fresh(lapsed).state, fresh(other).state) == ("circulated", "adopted")


def test_without_a_rule_the_acts_stay(cast: Cast) -> None:
    minutes = circulated(cast)
    run_out(minutes)
    assert not Charter.objects.get(body=cast.council).silence_basis
    shown = cast.client("minute_taker").get(page(minutes.meeting)).content.decode()
    assert SOON not in shown
    assert reverse("bodies:minutes-adopt", args=[minutes.meeting.uuid]) in shown
