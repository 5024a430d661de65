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

    Of one that is parked the new parts are parked, too. Raises Refused without an organisation,
    above 2000, for a part of another measure, and for a measure that was dropped.
    """
    if whole.whole_id is not None:
        raise Refused(_("Ein Teil einer Maßnahme lässt sich nicht weiter verteilen."))
    # Two may share it out at once: the second finds the parts of the first.
    status = _hold(whole.pk)
    if status == Measure.Status.DROPPED:
        raise Refused(
            _("Diese Maßnahme ist verworfen. Öffnen Sie sie wieder, um sie zu verteilen.")
        )
    held = set(whole.parts.values_list("organisation", flat=True))
    wanted = [one for one in organisations if one.pk not in held]
    if not wanted and not held:
        raise Refused(_("Es gibt keine Organisation, an die sich die Maßnahme verteilen lässt."))
    if len(wanted) + len(held) > MOST_PARTS:
        raise Refused(_("Mehr als 2000 Organisationen sind hier nicht vorgesehen."))
    as_whole = status if status == Measure.Status.PARKED else Measure.Status.OPEN
    Measure.objects.bulk_create([_part(whole, one, as_whole) for one in wanted], batch_size=BATCH)
    actionlog.record(
        "measures.measure.shared_out", whole, actor=actor, subject=whole.origin_uuid,
        after={"parts": len(wanted)},
    )  # fmt: skip
    settle(whole.pk)
    return len(wanted)


def _hold(whole: int) -> str | None:
    """Locks the whole until the transaction ends; how it stands."""
    rows = Measure.objects.select_for_update(no_key=True).filter(pk=whole)
    return rows.values_list("status", flat=True).first()


def _part(whole: Measure, organisation: Organisation, status: str) -> Measure:
    return Measure(
        whole=whole,
        status=status,
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
    """The parts that are still to be done, now or later, are told what the whole says: title,
    reason, date."""
    whole.parts.exclude(status__in=ENDED).update(
        version=F("version") + 1, updated_at=clock.now(), **_shared(whole)
    )


def hold_for(part: Measure, status: str) -> None:
    """Locks the whole before the state of a part is written: whoever changes the whole takes the
    two in the same order. One query, none for a measure that is no part.

    Raises Refused where a part of a whole that was dropped would be taken up again.
    """
    if part.whole_id is None:
        return
    dropped = _hold(part.whole_id) == Measure.Status.DROPPED
    if dropped and status not in ENDED:
        raise Refused(
            _("Die gemeinsame Maßnahme ist verworfen. Ihr Teil lässt sich erst wieder aufnehmen, "
              "wenn auch sie wieder offen ist.")
        )  # fmt: skip


def pass_on(whole: Measure, before: str) -> None:
    """Parts that are not done go with a whole that is dropped, those under way with one that is
    parked; these come back with it. What was dropped, part or whole, brings nothing back. One query
    where the state says so."""
    parts = whole.parts.all()
    if whole.status == Measure.Status.DROPPED:
        parts, status = parts.exclude(status__in=ENDED), whole.status
    elif whole.status == Measure.Status.PARKED:
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
    _hold(whole)
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
