"""One measure for many partners: each has a part of its own, and the whole follows them (S4-06)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.foundation.parties.models import Organisation

MOST_PARTS = 2_000
ENDED = (Measure.Status.DONE, Measure.Status.DROPPED)
BATCH = 500
# What parts say in the words of the whole.
SHARED = ("title", "reason", "due_on", "due_words", "urgency")


@transaction.atomic
def share_out(whole: Measure, organisations: Iterable[Organisation], *, actor: Actor) -> int:
    """A part for each organisation that has none yet; returns how many were made. Callers
    authorise. Five queries up to 500 parts: one line in the log stands for all of them.

    Raises Refused without an organisation, above 2000, and for a part of another measure.
    """
    if whole.whole_id is not None:
        raise Refused(_("Ein Teil einer Maßnahme lässt sich nicht weiter verteilen."))
    # Two may share it out at once: the second finds the parts of the first.
    Measure.objects.select_for_update().filter(pk=whole.pk).values_list("pk").first()
    held = set(whole.parts.values_list("organisation", flat=True))
    wanted = [one for one in organisations if one.pk not in held]
    if not wanted and not held:
        raise Refused(_("Es gibt keine Organisation, an die sich die Maßnahme verteilen lässt."))
    if len(wanted) + len(held) > MOST_PARTS:
        raise Refused(_("Mehr als 2000 Organisationen sind hier nicht vorgesehen."))
    Measure.objects.bulk_create([_part(whole, one) for one in wanted], batch_size=BATCH)
    actionlog.record(
        "measures.measure.shared_out", whole, actor=actor, subject=whole.origin_uuid,
        after={"parts": len(wanted)},
    )  # fmt: skip
    settle(whole.pk)
    return len(wanted)


def _part(whole: Measure, organisation: Organisation) -> Measure:
    return Measure(
        whole=whole,
        organisation=organisation,
        origin_type=whole.origin_type,
        origin_uuid=whole.origin_uuid,
        origin_part=whole.origin_part,
        network_id=whole.network_id,
        **_shared(whole),
    )


def _shared(whole: Measure) -> dict[str, Any]:
    return {name: getattr(whole, name) for name in SHARED}


def follow(whole: Measure) -> None:
    """The parts that are still to be done are told what the whole says: title, reason, date."""
    whole.parts.filter(status__in=Measure.ACTIVE).update(
        version=F("version") + 1, updated_at=clock.now(), **_shared(whole)
    )


def pass_on(whole: Measure, before: str) -> None:
    """Parts that are still to be done go with a whole that is parked or dropped, and come back with
    it. One query where the state says so."""
    parts = whole.parts.all()
    if whole.status in (Measure.Status.PARKED, Measure.Status.DROPPED):
        parts, status = parts.filter(status__in=Measure.ACTIVE), whole.status
    elif before == Measure.Status.PARKED and whole.is_active:
        parts, status = parts.filter(status=before), Measure.Status.OPEN
    else:
        return
    parts.update(status=status, version=F("version") + 1, updated_at=clock.now())


def settle(whole: int | None) -> None:
    """Brings the state of the whole in line with its parts, unless somebody parked or dropped it.

    Done when every part is done or dropped, running when any was begun. Up to three queries, none
    for a measure that is no part.
    """
    if whole is None:
        return
    Measure.objects.select_for_update().filter(pk=whole).values_list("pk").first()
    counts = Measure.objects.filter(whole=whole).aggregate(
        all=Count("pk"),
        ended=Count("pk", filter=Q(status__in=ENDED)),
        dropped=Count("pk", filter=Q(status=Measure.Status.DROPPED)),
        untouched=Count("pk", filter=Q(status=Measure.Status.OPEN)),
    )
    if not counts["all"] or counts["dropped"] == counts["all"]:
        return
    status, done_on = Measure.Status.OPEN, None
    if counts["ended"] == counts["all"]:
        status, done_on = Measure.Status.DONE, clock.today()
    elif counts["untouched"] < counts["all"]:
        status = Measure.Status.RUNNING
    kept = (Measure.Status.PARKED, Measure.Status.DROPPED, status)
    Measure.objects.filter(pk=whole).exclude(status__in=kept).update(
        status=status, done_on=done_on, version=F("version") + 1, updated_at=clock.now()
    )


def parts_of(whole: Measure) -> QuerySet[Measure]:
    """The parts by name of the organisation, with the organisation."""
    return whole.parts.select_related("organisation").order_by("organisation__name", "pk")


def answered() -> Q:
    """Parts about which the partner said anything: how it stands, or a note."""
    noted = ProgressNote.objects.filter(measure=OuterRef("pk"))
    return ~Q(status=Measure.Status.OPEN) | Q(Exists(noted))


@dataclass(frozen=True)
class Tally:
    """How many partners were asked, and how many of them answered."""

    all: int
    answered: int


def tally_of(whole: Measure) -> Tally:
    """One query."""
    found = whole.parts.aggregate(all=Count("pk"), answered=Count("pk", filter=answered()))
    return Tally(**found)
