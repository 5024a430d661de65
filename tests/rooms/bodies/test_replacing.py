"""A decision that takes the place of an earlier one says so on both."""

import json
from datetime import timedelta
from typing import Any

import pytest

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.rooms.bodies.models import AgendaItem, Charter, Outcome
from lotse.rooms.bodies.queries.outcomes import outcomes_of
from lotse.rooms.bodies.services import bodies, outcomes
from lotse.rooms.bodies.services import minutes as services
from tests.papers import text_of
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.minutes_made import adopted, circulated, held
from tests.rooms.bodies.test_minutes import page
from tests.rooms.bodies.writing import run, url

KIND = Outcome.Kind


@pytest.fixture
def earlier(cast: Cast) -> Outcome:
    """A decision of last spring, in adopted minutes."""
    return Outcome.objects.get(item__meeting=adopted(cast).meeting)


@pytest.fixture
def item(cast: Cast, earlier: Outcome) -> AgendaItem:
    """An item of a meeting of the same body that runs now."""
    meeting = run(meeting_of(cast.council, title="Wintersitzung", number=7))
    return item_of(meeting)


def decide(cast: Cast, item: AgendaItem, replaces: Outcome | None, **values: Any) -> Outcome:
    return outcomes.add_outcome(
        item, actor=cast.actor("minute_taker"), kind=KIND.DECISION, words="Er bleibt draußen.",
        replaces=replaces, **({"result": "adopted"} | values),
    )  # fmt: skip


def sent_round(cast: Cast, item: AgendaItem) -> Any:
    """The minutes of the later meeting, sent out."""
    meeting = item.meeting
    type(meeting).objects.filter(pk=meeting.pk).update(state="held", closed_at=meeting.opened_at)
    return circulated(cast, type(meeting).objects.get(pk=meeting.pk))


def test_the_form_offers_decisions_of_the_body_the_latest_first(
    cast: Cast, item: AgendaItem, earlier: Outcome
) -> None:
    second = decide(cast, item, None)
    decide(cast, item, None, result="rejected")
    shown = cast.client("minute_taker").get(url("outcome-new", item, "decision"))
    offered = [value for value, _words in shown.context["form"].fields["replaces"].choices]
    assert offered == ["", str(second.uuid), str(earlier.uuid)]
    assert "1/1 vom" in shown.content.decode()
    data = {"text": "Er bleibt.", "result": "adopted", "replaces": str(earlier.uuid)}
    sent = cast.client("minute_taker").post(url("outcome-new", item, "decision"), data)
    assert sent.status_code == 302
    stored = Outcome.objects.get(text="Er bleibt.")
    assert stored.replaces == earlier
    change = cast.client("minute_taker").get(url("outcome", stored))
    assert change.context["form"].initial["replaces"] == str(earlier.uuid)
    assert change.context["form"].more_is_open


def test_both_pages_say_it(cast: Cast, item: AgendaItem, earlier: Outcome) -> None:
    decide(cast, item, earlier)
    client = cast.client("minute_taker")
    assert "ersetzt Beschluss 1/1" in client.get(url("outcomes", item)).content.decode()
    old = client.get(url("outcomes", earlier.item)).content.decode()
    assert "ersetzt durch Beschluss 7/1" in old


def test_a_rejected_one_replaces_nothing(cast: Cast, item: AgendaItem, earlier: Outcome) -> None:
    decide(cast, item, earlier, result="rejected")
    (found,) = outcomes_of(item.meeting)[item.pk]
    assert found.replaces == earlier
    client = cast.client("minute_taker")
    shown = client.get(url("outcomes", item)).content.decode()
    assert "sollte Beschluss 1/1 ersetzen" in shown
    assert "ersetzt durch" not in client.get(url("outcomes", earlier.item)).content.decode()


def test_minutes_and_papers_say_it(cast: Cast, item: AgendaItem, earlier: Outcome) -> None:
    old = earlier.item.meeting
    before = services.latest(old.minutes)
    decide(cast, item, earlier)
    client = cast.client("voter")
    hint = "ersetzt durch Beschluss 7/1 vom"
    # Nobody reads it before the later minutes are out.
    assert hint not in client.get(page(old)).content.decode()

    later = sent_round(cast, item)

    assert json.loads(services.latest(later).content)["items"][0]["outcomes"][0]["replaces"] == {
        "uuid": str(earlier.uuid), "number": "1/1"
    }  # fmt: skip
    assert "ersetzt Beschluss 1/1" in client.get(page(later.meeting)).content.decode()
    assert "ersetzt Beschluss 1/1" in text_of(
        client.get(page(later.meeting, "minutes-pdf")).content
    )
    assert hint in client.get(page(old)).content.decode()
    assert hint in text_of(client.get(page(old, "minutes-pdf")).content)
    after = services.latest(old.minutes)
    assert (after.content, after.sha256) == (before.content, before.sha256)


def test_outsiders_learn_it_from_what_they_may_read(
    cast: Cast, item: AgendaItem, earlier: Outcome
) -> None:
    Charter.objects.update(level="public")
    old = earlier.item.meeting
    actor = cast.actor("chair")
    services.publish(old.minutes, actor=actor, expected=old.minutes.version, level="public")
    decide(cast, item, earlier)
    later = sent_round(cast, item)
    shown = cast.client("anonymous").get(page(old)).content.decode()
    assert "Der Betrieb wird aufgenommen." in shown
    assert "ersetzt durch" not in shown
    last = meeting_of(
        cast.council, state="held", starts_at=later.meeting.starts_at + timedelta(days=1)
    )
    services.adopt_minutes(later, actor=actor, expected=later.version, meeting=last)
    later.refresh_from_db()
    services.publish(later, actor=actor, expected=later.version, level="network")
    assert "ersetzt durch" not in cast.client("anonymous").get(page(old)).content.decode()
    assert "ersetzt durch" in cast.client("member").get(page(old)).content.decode()


def test_no_decision_of_another_body_and_no_later_one(
    cast: Cast, item: AgendaItem, earlier: Outcome
) -> None:
    other = bodies.create_body(cast.network, actor=COMMAND, name="Arbeitsgruppe", kind="group")
    there = item_of(run(meeting_of(other)))
    foreign = Outcome.objects.create(
        item=there, kind="decision", text="Fremd.", number="1/1", result="adopted"
    )
    own = decide(cast, item, None)
    noted = Outcome.objects.create(item=item, kind="note", text="Notiz.")
    for wrong in (foreign, noted):
        with pytest.raises(Refused, match="früherer, angenommener Beschluss"):
            decide(cast, item, wrong)
    for wrong, later in ((own, own), (decide(cast, item, None), own)):
        with pytest.raises(Refused, match="früherer"):
            outcomes.change_outcome(
                Outcome.objects.get(pk=later.pk), actor=cast.actor("chair"),
                expected=later.version, words="x", result="adopted", replaces=wrong,
            )  # fmt: skip
    data = {"text": "Er bleibt.", "result": "adopted", "replaces": str(foreign.uuid)}
    sent = cast.client("minute_taker").post(url("outcome-new", item, "decision"), data)
    assert sent.status_code == 422
    assert "Er bleibt." in sent.content.decode()
    assert not Outcome.objects.filter(text="Er bleibt.").exists()


def test_a_revision_from_before_can_still_be_read(cast: Cast) -> None:
    """Stored revisions do not know the field."""
    from lotse.rooms.bodies.queries.minutes import resolved

    content = json.loads(services.latest(circulated(cast, held(cast))).content)
    for item in content["items"]:
        for one in item["outcomes"]:
            del one["replaces"]
    assert "replaced_by" not in resolved(content, "de")["items"][0]["outcomes"][0]
