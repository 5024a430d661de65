"""Writes to seats: made, filled, left, ended. The role that lets a person in follows the seat."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import SYSTEM, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.core.ref import Ref
from lotse.foundation.parties.models import Body, Organisation, Person, RoleGrant
from lotse.foundation.parties.services import roles
from lotse.rooms.bodies.models import Holder, Mandate
from lotse.rooms.bodies.permissions import holds_now

CHANGEABLE = ("with_vote", "in_return", "note", "ends_on")


@transaction.atomic
def create_mandate(
    body: Body, *, actor: Actor, organisation: Organisation | None = None, key: str = "",
    kind: str = Mandate.Kind.SEAT, **values: Any,
) -> Mandate:  # fmt: skip
    """A new seat, of an organisation or of a person (then without one). Guests have no vote.

    Raises NotAllowed, Refused for an organisation of another network or one that has a seat.
    """
    require("bodies.body.manage", actor, body)
    if body.state == Body.State.ENDED:
        raise Refused(_("Dieses Gremium ist beendet."))
    if organisation is not None:
        if organisation.network.pk != body.network.pk:
            raise Refused(_("Diese Organisation gehört zu einem anderen Netzwerk."))
        held = Mandate.objects.filter(holds_now(), body=body, organisation=organisation, kind=kind)
        if held.exists():
            raise Refused(_("Diese Organisation hat in diesem Gremium schon ein Mandat."))
    if kind == Mandate.Kind.GUEST:
        values["with_vote"] = False
    _check_span(values.get("starts_on"), values.get("ends_on"))
    claim = once.claim(key or once.new_key(), scope=f"bodies.mandate:{body.uuid}")
    if claim.repeated:
        return Mandate.objects.get(uuid=claim.answer)
    mandate = Mandate.objects.create(body=body, organisation=organisation, kind=kind, **values)
    actionlog.record(
        "bodies.mandate.created", mandate, actor=actor, subject=body.uuid,
        after={"organisation": str(organisation.uuid) if organisation else None, "kind": kind,
               "with_vote": mandate.with_vote},
    )  # fmt: skip
    claim.remember(str(mandate.uuid))
    return mandate


def _check_span(starts_on: date | None, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < (starts_on or clock.today()):
        raise Refused(_("Das Ende liegt vor dem Anfang."))


@transaction.atomic
def change_mandate(mandate: Mandate, *, actor: Actor, expected: int, **values: Any) -> None:
    """Changes what a seat is. A new end ends the roles of its holders on that day.

    Raises NotAllowed, Conflict, Refused for a vote of a guest or an end before the beginning.
    """
    require("bodies.body.manage", actor, mandate.body)
    values = {name: value for name, value in values.items() if name in CHANGEABLE}
    if mandate.kind == Mandate.Kind.GUEST and values.get("with_vote"):
        raise Refused(_("Gäste haben keine Stimme."))
    _check_span(mandate.starts_on, values.get("ends_on"))
    before = {name: getattr(mandate, name) for name in values}
    update_versioned(mandate, expected=expected, **values)
    if "ends_on" in values and before["ends_on"] != values["ends_on"]:
        _set_end(list(_sitting(mandate)), values["ends_on"])
    actionlog.record(
        "bodies.mandate.changed", mandate, actor=actor, subject=mandate.body.uuid,
        before=_loggable(before), after=_loggable(values),
    )  # fmt: skip


def _loggable(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value
            for name, value in values.items()}  # fmt: skip


@transaction.atomic
def end_mandate(mandate: Mandate, *, actor: Actor, expected: int, reason: str) -> None:
    """Ends a seat at once: its holders have no right any more at their next request.

    Raises NotAllowed, Conflict, Refused without a reason or for an ended seat.
    """
    require("bodies.body.manage", actor, mandate.body)
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: er steht später im Protokoll."))
    yesterday = clock.today() - timedelta(days=1)
    if mandate.ends_on is not None and mandate.ends_on <= yesterday:
        raise Refused(_("Dieses Mandat ist schon beendet."))
    update_versioned(mandate, expected=expected, ends_on=yesterday, end_reason=reason)
    for holder in _sitting(mandate):
        _leave(holder, reason)
    actionlog.record(
        "bodies.mandate.ended", mandate, actor=actor, subject=mandate.body.uuid,
        after={"reason": reason},
    )  # fmt: skip


@transaction.atomic
def seat_person(
    mandate: Mandate, person: Person, *, actor: Actor, part: str = Holder.Part.DELEGATE,
    starts_on: date | None = None, key: str = "",
) -> Holder:  # fmt: skip
    """Puts a person on a seat, as delegate or deputy; a delegate before them leaves.

    The office, or who may represent the seat's organisation. Raises NotAllowed, Refused for an
    ended seat or somebody who sits there already in this part.
    """
    require("bodies.mandate.fill", actor, mandate)
    if not _holds_today(mandate):
        raise Refused(_("Dieses Mandat ist schon beendet."))
    sitting = list(_sitting(mandate))
    if any(one.person_id == person.pk and one.part == part for one in sitting):
        raise Refused(_("Diese Person sitzt schon auf diesem Mandat."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.holder:{mandate.uuid}")
    if claim.repeated:
        return Holder.objects.get(uuid=claim.answer)
    for one in sitting:
        replaced = part == Holder.Part.DELEGATE == one.part
        if replaced or one.person_id == person.pk:
            _leave(one, _("Das Mandat ist neu besetzt."))
    holder = _seat(mandate, person, actor=actor, part=part, starts_on=starts_on)
    claim.remember(str(holder.uuid))
    return holder


def _seat(
    mandate: Mandate, person: Person, *, actor: Actor, part: str, starts_on: date | None = None
) -> Holder:
    body = mandate.body
    grant = roles.grant_role(
        person, RoleGrant.Role.DELEGATE, actor=SYSTEM, network=body.network, held_in=Ref.to(body),
        reason=_("Gremium: %(name)s") % {"name": body.name}, granted_by=actor.ref,
        starts_on=starts_on or mandate.starts_on, ends_on=mandate.ends_on,
    )  # fmt: skip
    holder = Holder.objects.create(
        mandate=mandate, person=person, part=part, grant=grant, ends_on=mandate.ends_on,
        starts_on=starts_on or mandate.starts_on,
        position=mandate.holders.count(),
    )  # fmt: skip
    actionlog.record(
        "bodies.holder.seated", holder, actor=actor, subject=person.uuid, after={"part": part}
    )
    return holder


@transaction.atomic
def unseat(holder: Holder, *, actor: Actor, reason: str) -> None:
    """Takes a person off a seat at once. Raises NotAllowed (the person may go too), Refused
    without a reason or for somebody who left."""
    if actor.person != holder.person.pk:
        require("bodies.mandate.fill", actor, holder.mandate)
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: er steht später im Protokoll."))
    if holder.ends_on is not None and holder.ends_on < clock.today():
        raise Refused(_("Diese Person sitzt nicht mehr auf diesem Mandat."))
    _leave(holder, reason)
    actionlog.record("bodies.holder.left", holder, actor=actor, subject=holder.person.uuid)


@transaction.atomic
def join(body: Body, *, actor: Actor, organisation: Organisation | None, key: str = "") -> Holder:
    """Joins an open body by oneself, for an organisation one has a seat in or as a person (S1-15).

    Without a vote. Raises NotAllowed where the body is not open, Refused for who is in already.
    """
    require("bodies.body.join", actor, body)
    if actor.person is None:
        raise NotAllowed("bodies.body.join")
    if organisation is not None and organisation.pk not in actor.organisations():
        raise NotAllowed("bodies.body.join")
    person = Person.objects.get(pk=actor.person)
    claim = once.claim(key or once.new_key(), scope=f"bodies.join:{body.uuid}:{person.uuid}")
    if claim.repeated:
        return Holder.objects.get(uuid=claim.answer)
    if Holder.objects.filter(holds_now(), person=person, mandate__body=body).exists():
        raise Refused(_("Sie sind schon Mitglied dieses Gremiums."))
    mandate = Mandate.objects.filter(
        holds_now(), body=body, organisation=organisation, kind=Mandate.Kind.JOINED
    ).first() if organisation else None  # fmt: skip
    if mandate is None:
        mandate = Mandate.objects.create(
            body=body, organisation=organisation, kind=Mandate.Kind.JOINED, with_vote=False
        )
    part = Holder.Part.DEPUTY if mandate.holders.filter(holds_now()).exists() else (
        Holder.Part.DELEGATE)  # fmt: skip
    holder = _seat(mandate, person, actor=actor, part=part)
    claim.remember(str(holder.uuid))
    return holder


def _sitting(mandate: Mandate) -> Any:
    return mandate.holders.filter(holds_now()).select_related("grant", "person")


def _holds_today(mandate: Mandate) -> bool:
    return mandate.ends_on is None or mandate.ends_on >= clock.today()


def _leave(holder: Holder, reason: str) -> None:
    """The role ends now; the row keeps the day."""
    yesterday = clock.today() - timedelta(days=1)
    update_versioned(holder, expected=holder.version, ends_on=yesterday)
    grant = holder.grant
    if grant is not None and grant.ended_at is None:
        roles.end_role(grant, actor=SYSTEM, expected=grant.version, reason=reason)


def _set_end(sitting: list[Holder], ends_on: date | None) -> None:
    for holder in sitting:
        update_versioned(holder, expected=holder.version, ends_on=ends_on)
        if holder.grant is not None:
            update_versioned(holder.grant, expected=holder.grant.version, ends_on=ends_on)
