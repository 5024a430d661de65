"""Named reads of measures: for a page, a paper, an export."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import permissions
from lotse.foundation.measures.models import Helper, Measure

SORTS = {
    "due": lambda row: (row.due_on is None, row.due_on or date.max, -row.urgency, row.title),
    "urgency": lambda row: (-row.urgency, row.due_on is None, row.due_on or date.max, row.title),
    "who": lambda row: (not row.who, row.who.casefold(), row.due_on or date.max),
    "status": lambda row: (list(Measure.Status.values).index(row.status), row.due_on or date.max),
}


@dataclass(frozen=True)
class Filter:
    """What a list of measures is narrowed to. Unknown values count as no filter."""

    status: str = ""
    part: str = ""
    who: str = ""
    sort: str = "due"
    text: str = ""

    @classmethod
    def from_query(cls, data: Any) -> "Filter":
        status = str(data.get("stand", ""))
        sort = str(data.get("sortierung", "due"))
        return cls(
            status=status if status in {*Measure.Status.values, "active", "late"} else "",
            part=str(data.get("punkt", ""))[:40],
            who=str(data.get("wer", ""))[:200].strip(),
            sort=sort if sort in SORTS else "due",
            text=str(data.get("suche", ""))[:200].strip(),
        )


def measures_of(origin: Ref) -> QuerySet[Measure]:
    """All measures with this origin, with whoever takes care."""
    return with_parties().filter(origin_type=origin.type, origin_uuid=origin.uuid)


def with_parties() -> QuerySet[Measure]:
    """Measures with the people, the organisation and the body they name, in one query."""
    return Measure.objects.select_related("person", "organisation", "body", "controller_person")


def with_helpers(rows: QuerySet[Measure]) -> QuerySet[Measure]:
    """Measures with those who help, by name: one query more."""
    named = Helper.objects.select_related("person", "organisation", "body").order_by("pk")
    return rows.prefetch_related(Prefetch("helpers", named))


def own_measures(actor: Actor) -> QuerySet[Measure]:
    """Measures the person takes care of, helps with, controls or stands in for, and those of the
    organisations the person edits and of the bodies the person runs; not those that only may be
    read."""
    return with_parties().filter(permissions.own(actor))


@dataclass(frozen=True)
class Own:
    """A measure as the person sees it who is concerned by it."""

    measure: Measure
    actor: Actor

    @property
    def whose(self) -> str:
        """Who takes care, where it is not the person alone."""
        measure = self.measure
        if measure.person_id == self.actor.person or measure.person is None:
            return ""
        return _("zuständig: %(name)s") % {"name": measure.person.name}

    @property
    def actor_for(self) -> str:
        """The organisation or body it is for."""
        of = self.measure.organisation or self.measure.body
        return of.name if of is not None else ""


def narrowed(measures: Iterable[Measure], wanted: Filter) -> list[Measure]:
    """The measures a person asked for, in the order asked for. No query."""
    today = clock.today()

    def fits(measure: Measure) -> bool:
        if wanted.status == "active" and not measure.is_active:
            return False
        if wanted.status == "late" and not measure.is_late(today):
            return False
        if wanted.status in Measure.Status.values and measure.status != wanted.status:
            return False
        if wanted.part and measure.origin_part != wanted.part:
            return False
        if wanted.who and wanted.who.casefold() not in measure.who.casefold():
            return False
        haystack = f"{measure.title} {measure.reason}".casefold()
        return not wanted.text or wanted.text.casefold() in haystack

    return sorted(filter(fits, measures), key=SORTS[wanted.sort])
