"""Reads of procedures: the period of a subject, and whether silence was agreement."""

from collections.abc import Iterable
from datetime import datetime

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.core.ref import Ref
from lotse.foundation.procedures.models import Objection, ObjectionPeriod

# As long as one of these is there, nobody was silent.
IN_THE_WAY = (Objection.State.OPEN, Objection.State.ACCEPTED)


def latest_period(subject: Entity) -> ObjectionPeriod | None:
    """The last period that was opened for the subject, with its objections. Two queries."""
    ref = Ref.to(subject)
    rows = ObjectionPeriod.objects.filter(subject_type=ref.type, subject_uuid=ref.uuid)
    return rows.prefetch_related("objections__person").order_by("-pk").first()


def silent_since(
    period: ObjectionPeriod | None,
    objections: Iterable[Objection] | None = None,
    moment: datetime | None = None,
) -> datetime | None:
    """Since when silence counts as agreement, or None while it does not.

    It counts only where the period names its rule, has run to its end, and no objection of it is
    open or was accepted: what is accepted changes the subject, and a new period begins. An answer
    after the end moves the moment. No query where `objections` are given or loaded.
    """
    moment = moment or clock.now()
    if period is None or not period.legal_basis:
        return None
    if period.state_at(moment) != ObjectionPeriod.State.LAPSED:
        return None
    found = list(period.objections.all() if objections is None else objections)
    if any(one.state in IN_THE_WAY for one in found):
        return None
    settled = [one.answered_at or one.updated_at for one in found]
    return max([period.closes_at, *settled])
