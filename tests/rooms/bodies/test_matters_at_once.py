"""Two who merge matters into each other, or plan steps of one that is merged, at the same time."""

from pathlib import Path
from typing import Any

import pytest

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters import services, steps
from lotse.foundation.matters.models import Matter, Step
from tests.people import Cast
from tests.rooms.bodies.writing import at_once, real_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def matter(cast: Cast) -> Matter:
    return Matter.objects.create(network=cast.network, title="Lotsen in der Region")


def test_the_steps_come_behind_those_that_are_there(cast: Cast, matter: Matter) -> None:
    other = Matter.objects.create(network=cast.network, title="Lotsen, doppelt")
    for each in (matter, other):
        for title in "abc":
            steps.add_step(each, actor=COMMAND, title=title)
    # A gap: as many steps as the last place says would be one too few.
    steps.remove_step(matter.steps.get(title="b"), actor=COMMAND, expected=1)
    services.merge_matter(other, actor=COMMAND, expected=1, into=matter)
    rows = matter.steps.order_by("position", "pk").values_list("title", "position")
    assert list(rows) == [("a", 0), ("c", 2), ("a", 3), ("b", 4), ("c", 5)]


def test_of_two_who_merge_them_into_each_other_one_is_told(cast: Cast, matter: Matter) -> None:
    """Both looked at them as they were before."""
    other = Matter.objects.create(network=cast.network, title="Lotsen, doppelt")
    one, two = Matter.objects.get(pk=matter.pk), Matter.objects.get(pk=other.pk)
    services.merge_matter(matter, actor=COMMAND, expected=1, into=other)
    with pytest.raises(Refused, match="aufgegangen"):
        services.merge_matter(two, actor=COMMAND, expected=two.version, into=one)
    stale = Matter.objects.get(pk=matter.pk)
    stale.merged_into_id = None  # as loaded by who is about to write to it
    with pytest.raises(Refused, match="aufgegangen"):
        steps.add_step(stale, actor=COMMAND, title="Zu spät")
    with pytest.raises(Refused, match="aufgegangen"):
        services.tie(stale, actor=COMMAND, ref=Ref.to(cast.council))


@pytest.mark.django_db(transaction=True)
def test_opposite_merges_and_steps_at_once(cast: Cast, tmp_path: Path) -> None:
    """Of two merges one is refused, none waits for the other for good; no two steps share a place,
    and none is left in a signpost."""

    def merge(matter: Matter, into: Matter) -> Any:
        def act() -> str:
            try:
                services.merge_matter(matter, actor=COMMAND, expected=matter.version, into=into)
            except (Refused, Conflict):
                return "told"
            return "merged"

        return act

    def plan(matter: Matter) -> Any:
        def act() -> str:
            try:
                steps.add_step(matter, actor=COMMAND, title="Neu")
            except Refused:
                return "told"
            return "planned"

        return act

    def look() -> tuple[int, bool, bool]:
        rows = list(Step.objects.values_list("matter", "position"))
        lost = Step.objects.filter(matter__merged_into__isnull=False).exists()
        return len(rows), len(set(rows)) == len(rows), lost

    with real_database(tmp_path):
        count = 0
        for _n in range(5):
            one, two = at_once([lambda: Matter.objects.create(network=cast.network, title="x")] * 2)
            said = at_once([merge(one, two), merge(two, one), plan(one), plan(two)])
            assert said.count("merged") == 1
            count += said.count("planned")
            assert at_once([look]) == [(count, True, False)]
