"""Writes to procedures: a time for objections opens, is objected in, answered and ended.

The app that owns the subject asks for the right first; what is written here is the same for all
subjects. State is never written: the clock tells it (architecture: Time).
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import Entity
from lotse.foundation.core.ref import Ref
from lotse.foundation.parties.models import Network, Person
from lotse.foundation.procedures.models import Objection, ObjectionPeriod

State = Objection.State


def end_of_day(day: date) -> datetime:
    """The moment in which a day ends on the wall clock of Europe/Berlin: it counts as a whole, in
    the weeks of the change of time too (T49)."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def last_day(period: ObjectionPeriod) -> date:
    """The last day on which one can object."""
    return timezone.localdate(period.closes_at - timedelta(microseconds=1))


@transaction.atomic
def open_period(
    subject: Entity, *, actor: Actor, network: Network, closes_at: datetime, legal_basis: str = ""
) -> ObjectionPeriod:
    """Begins a time for objections to `subject`. `legal_basis` names the rule by which silence is
    agreement; without one the period only collects.

    Raises Refused for an end that is past, and while another period of the subject runs.
    """
    now = clock.now()
    if closes_at <= now:
        raise Refused(_("Das Ende der Frist liegt in der Vergangenheit."))
    ref = Ref.to(subject)
    rows = ObjectionPeriod.objects.filter(subject_type=ref.type, subject_uuid=ref.uuid)
    if any(one.state_at(now) == ObjectionPeriod.State.RUNNING for one in rows):
        raise Refused(_("Dazu läuft schon eine Frist."))
    period = ObjectionPeriod.objects.create(
        network=network, subject_type=ref.type, subject_uuid=ref.uuid, opens_at=now,
        closes_at=closes_at, legal_basis=text.shorten(text.clean_line(legal_basis), 300),
    )  # fmt: skip
    actionlog.record(
        "procedures.period.opened", period, actor=actor, subject=ref.uuid,
        after={"closes_at": closes_at.isoformat(), "legal_basis": period.legal_basis},
    )  # fmt: skip
    return period


@transaction.atomic
def end_period(period: ObjectionPeriod, *, actor: Actor) -> None:
    """Ends a period before its time, because its subject changed or was decided on. A period that
    ended already stays as it is."""
    if period.ended_at is not None:
        return
    update_versioned(period, expected=period.version, ended_at=clock.now(), ended_by=actor.ref)
    actionlog.record("procedures.period.ended", period, actor=actor, subject=period.subject_uuid)


@transaction.atomic
def make_objection(
    period: ObjectionPeriod, *, actor: Actor, person: Person | None, words: str, part: str = "",
    kind: str = Objection.Kind.OBJECTION, key: str = "",
) -> Objection:  # fmt: skip
    """Somebody objects to the subject or to a part of it. Raises Refused without words, and
    outside the period: the clock decides at this moment."""
    claim = once.claim(key or once.new_key(), scope=f"procedures.objection:{period.uuid}")
    if claim.repeated:
        return Objection.objects.get(uuid=claim.answer)
    # Locked, so that nothing is adopted by silence while somebody speaks.
    locked = ObjectionPeriod.objects.select_for_update().get(pk=period.pk)
    if locked.state_at() != ObjectionPeriod.State.RUNNING:
        raise Refused(_("Die Frist für Einwände ist vorbei. Ihr Text ist nicht gespeichert."))
    words = text.clean(words)
    if not words.strip():
        raise Refused(_("Bitte schreiben Sie, was anders sein soll."))
    objection = Objection.objects.create(
        period=period, part=part[:40], kind=kind, text=words, person=person, by=actor.ref
    )
    actionlog.record(
        "procedures.objection.made", objection, actor=actor, subject=period.subject_uuid,
        after={"kind": kind, "part": part},
    )  # fmt: skip
    claim.remember(str(objection.uuid))
    return objection


@transaction.atomic
def withdraw_objection(objection: Objection, *, actor: Actor, expected: int) -> None:
    """Takes an objection back. Raises Conflict, Refused once it is answered."""
    _require_open(objection)
    update_versioned(objection, expected=expected, state=State.WITHDRAWN)
    _log("procedures.objection.withdrawn", objection, actor)


@transaction.atomic
def answer_objection(
    objection: Objection, *, actor: Actor, expected: int, accepted: bool, words: str
) -> None:
    """Says what comes of an objection. Raises Conflict, Refused without words or for one that is
    answered or taken back."""
    _require_open(objection)
    words = text.clean(words)
    if not words.strip():
        raise Refused(_("Bitte schreiben Sie eine Antwort: sie geht an die Person."))
    state = State.ACCEPTED if accepted else State.DECLINED
    update_versioned(
        objection, expected=expected, state=state, answer=words, answered_by=actor.ref,
        answered_at=clock.now(),
    )  # fmt: skip
    _log("procedures.objection.answered", objection, actor)


def _require_open(objection: Objection) -> None:
    if objection.state != State.OPEN:
        raise Refused(_("Dieser Einwand ist schon beantwortet oder zurückgezogen."))


def _log(code: str, objection: Objection, actor: Actor) -> None:
    actionlog.record(
        code, objection, actor=actor, subject=objection.period.subject_uuid,
        before={"state": State.OPEN.value}, after={"state": objection.state},
    )  # fmt: skip
