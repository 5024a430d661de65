"""Decisions that several adopt, each on its own day (S1-18)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lotse.foundation.core import clock
from lotse.foundation.core.errors import Refused
from lotse.rooms.bodies.models import AgendaItem, JointAdoption, Meeting, Minutes, Outcome
from lotse.rooms.bodies.services import joint_adoptions, outcomes
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of
from tests.rooms.bodies.writing import run, url


@pytest.fixture
def item(meeting: Meeting) -> AgendaItem:
    return item_of(run(meeting))


@pytest.fixture
def decision(cast: Cast, item: AgendaItem) -> Outcome:
    return outcomes.add_outcome(
        item, actor=cast.actor("minute_taker"), kind="decision", words="Wird aufgenommen.",
        result="adopted", confirmed=True,
    )  # fmt: skip


def test_joint_adoption(cast: Cast, item: AgendaItem, decision: Outcome) -> None:
    client, address = cast.client("chair"), url("outcome-adoptions", decision)
    for who in ("Brandt GmbH", "Ministerium in Worten"):
        assert client.post(address, {"who": who}).status_code == 302
    answer = client.post(address, {"who": "brandt gmbh"})
    assert answer.status_code == 422
    assert "steht schon in der Liste" in answer.content.decode()
    one = JointAdoption.objects.get(organisation=cast.org_b)
    Minutes.objects.create(meeting=item.meeting, state=Minutes.State.CIRCULATED)
    data = {"adopted_on": "2027-02-01", "version": "1"}
    assert client.post(url("adoption-day", one), data).status_code == 302
    assert str(JointAdoption.objects.get(pk=one.pk).adopted_on) == "2027-02-01"
    assert client.post(url("adoption-day", one), data).status_code == 409
    bad = client.post(url("adoption-day", one), {"adopted_on": "31.02.2027"})
    assert bad.status_code == 422
    client.post(url("adoption-remove", one))
    assert JointAdoption.objects.filter(pk=one.pk).exists()
    note = Outcome.objects.create(item=item, kind="note", text="X")
    Minutes.objects.all().delete()
    with pytest.raises(Refused, match="nur Beschlüsse"):
        joint_adoptions.add_adoption(note, actor=cast.actor("chair"), who="Brandt GmbH")
    client.post(url("adoption-remove", one))
    assert not JointAdoption.objects.filter(pk=one.pk).exists()


def test_the_days_are_written_one_after_another(cast: Cast, decision: Outcome) -> None:
    """The meeting is held while one is written, and those present are told."""
    actor = cast.actor("chair")
    one = joint_adoptions.add_adoption(decision, actor=actor, who="Brandt GmbH")
    live = Meeting.objects.get().live
    with CaptureQueriesContext(connection) as queries:
        joint_adoptions.date_adoption(
            one, actor=actor, expected=one.version, adopted_on=clock.today()
        )
    assert Meeting.objects.get().live == live + 1
    if connection.vendor == "postgresql":  # SQLite lets one write at a time
        told = [query["sql"] for query in queries]
        held = next(n for n, sql in enumerate(told) if "FOR NO KEY UPDATE" in sql)
        assert "bodies_meeting" in told[held]
        assert held < next(n for n, sql in enumerate(told) if sql.startswith("UPDATE"))
