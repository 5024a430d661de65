"""Named reads of matters: one with everything that hangs in it, those a thing hangs in."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import visible
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.lines import Line, lines_of
from lotse.foundation.matters.models import Knot, Matter, Step

VIEW = "matters.matter.view"


@dataclass(frozen=True)
class Entry:
    """A line of a matter; without a knot it follows from something that is tied."""

    line: Line
    knot: Knot | None = None


@dataclass(frozen=True)
class Year:
    """What happened in one year, in order."""

    number: int
    entries: list[Entry]


@dataclass
class Thread:
    """A matter across bodies and years. `lost` are knots the reader has no line for: the thing is
    gone, or not for this reader."""

    years: list[Year] = field(default_factory=list)
    lost: list[Knot] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        return [entry for year in self.years for entry in year.entries]


def thread_of(matter: Matter, actor: Actor) -> Thread:
    """The whole matter as the actor may read it. One query, and one for each source (two)."""
    knots = {Ref(knot.ref_type, knot.ref_uuid): knot for knot in matter.knots.order_by("pk")}
    tied: dict[str, list[UUID]] = {}
    for ref in knots:
        tied.setdefault(ref.type, []).append(ref.uuid)
    thread = Thread()
    for line in lines_of(actor, tied):
        number = timezone.localtime(line.at).year
        if not thread.years or thread.years[-1].number != number:
            thread.years.append(Year(number, []))
        thread.years[-1].entries.append(Entry(line, knots.pop(line.ref, None)))
    thread.lost = list(knots.values())
    return thread


def listed(actor: Actor, network: int | None = None) -> QuerySet[Matter]:
    """Matters the actor may see, with the next planned step; merged ones only lead elsewhere."""
    following = Step.objects.filter(matter=OuterRef("pk"), done_on=None)
    following = following.order_by(F("planned_on").asc(nulls_last=True), "position", "pk")
    rows = Matter.objects.filter(merged_into=None).annotate(
        next_title=Subquery(following.values("title")[:1]),
        next_on=Subquery(following.values("planned_on")[:1]),
    )
    if network is not None:
        rows = rows.filter(network=network)
    return visible(VIEW, actor, rows)


def unfinished(actor: Actor, network: int) -> QuerySet[Matter]:
    """Matters of a network that something can still be tied to."""
    rows = Matter.objects.filter(network=network, merged_into=None)
    rows = rows.exclude(state=Matter.State.CLOSED).order_by("title", "pk")
    return visible(VIEW, actor, rows)


def matters_with(ref: Ref, actor: Actor) -> QuerySet[Matter]:
    """The matters a thing hangs in."""
    tied = Q(knots__ref_type=ref.type, knots__ref_uuid=ref.uuid)
    return visible(VIEW, actor, Matter.objects.filter(tied).order_by("title", "pk"))
