"""Writes to seats: made, filled, left, ended. The role that lets a person in follows the seat."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import SYSTEM, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import has, require
from lotse.foundation.core.ref import Ref
from lotse.foundation.parties.models import Affiliation, Body, Organisation, Person, RoleGrant
from lotse.foundation.parties.services import roles
from lotse.rooms.bodies import mails_seats
from lotse.rooms.bodies.models import Attendance, Holder, Mandate, Meeting
from lotse.rooms.bodies.permissions import holds_now, not_over
from lotse.rooms.bodies.services import counterparts, seating

CHANGEABLE = ("with_vote", "in_return", "note", "ends_on")


@transaction.atomic
def create_mandate(
    body: Body, *, actor: Actor, organisation: Organisation | None = None, key: str = "",
    kind: str = Mandate.Kind.SEAT, **values: Any,
) -> Mandate:  # fmt: skip
    """A new seat, of an organisation or of a person (then without one). Guests have no vote.

    Raises NotAllowed, Refused for an organisation of another network or one that has a seat, and as
    `counterparts.tie`.
    """
    require("bodies.body.manage", actor, body)
    claim = once.claim(key or once.new_key(), scope=f"bodies.mandate:{body.uuid}")
    if claim.repeated:
        return Mandate.objects.get(uuid=claim.answer)
    _lock(body)
    if body.state == Body.State.ENDED:
        raise Refused(_("Dieses Gremium ist beendet."))
    if organisation is not None:
        if organisation.network.pk != body.network.pk:
            raise Refused(_("Diese Organisation gehört zu einem anderen Netzwerk."))
        held = Mandate.objects.filter(not_over(), body=body, organisation=organisation, kind=kind)
        if held.exists():
            raise Refused(_("Diese Organisation hat in diesem Gremium schon ein Mandat."))
    if kind == Mandate.Kind.GUEST:
        values["with_vote"] = False
    _check_span(values.get("starts_on"), values.get("ends_on"))
    given_for = values.pop("counterpart", None)
    mandate = Mandate.objects.create(body=body, organisation=organisation, kind=kind, **values)
    counterparts.tie(mandate, given_for, actor=actor, expected=mandate.version)
    actionlog.record(
        "bodies.mandate.created", mandate, actor=actor, subject=body.uuid,
        after={"organisation": str(organisation.uuid) if organisation else None, "kind": kind,
               "with_vote": mandate.with_vote},
    )  # fmt: skip
    claim.remember(str(mandate.uuid))
    return mandate


@transaction.atomic
def open_seat(
    body: Body, *, actor: Actor, organisation: Organisation | None = None,
    person: Person | None = None, key: str = "", **values: Any,
) -> Mandate:  # fmt: skip
    """A new seat that is filled at once where a person is named; `values` as `create_mandate`.

    Raises NotAllowed, Refused as `create_mandate` and `seat_person`, and for a seat of nobody.
    """
    if organisation is None and person is None:
        raise Refused(_("Bitte wählen Sie eine Organisation oder eine Person."))
    mandate = create_mandate(body, actor=actor, organisation=organisation, key=key, **values)
    if person is not None and not mandate.holders.exists():
        seat_person(mandate, person, actor=actor)
    return mandate


def _check_span(starts_on: date | None, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < (starts_on or clock.today()):
        raise Refused(_("Das Ende liegt vor dem Anfang."))


@transaction.atomic
def change_mandate(mandate: Mandate, *, actor: Actor, expected: int, **values: Any) -> None:
    """Changes what a seat is. A new end ends the roles of its holders on that day.

    Raises NotAllowed, Conflict, Refused for a vote of a guest, an end before the beginning or one
    that has passed (`end_mandate` asks for the reason), for an ended seat, and for a later end when
    whoever holds it speaks for another seat of the body by then; and as `counterparts.tie`.
    """
    require("bodies.body.manage", actor, mandate.body)
    given_for = values.get("counterpart", mandate.counterpart)
    values = {name: value for name, value in values.items() if name in CHANGEABLE}
    if mandate.kind == Mandate.Kind.GUEST and values.get("with_vote"):
        raise Refused(_("Gäste haben keine Stimme."))
    if not _holds_today(mandate):
        raise Refused(_("Dieses Mandat ist schon beendet."))
    ends_on = values.get("ends_on")
    _check_span(mandate.starts_on, ends_on)
    if ends_on is not None and ends_on < clock.today():
        raise Refused(_("Dieser Tag ist vorbei. Um das Mandat jetzt zu beenden, wählen Sie "
                        "„Mandat beenden“."))  # fmt: skip
    before = {name: getattr(mandate, name) for name in values}
    counterparts.tie(mandate, given_for, actor=actor, expected=expected)
    update_versioned(mandate, expected=expected, **values)
    if "ends_on" in values and before["ends_on"] != values["ends_on"]:
        _set_end(list(_sitting(mandate)), before["ends_on"], ends_on)
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
    if not _holds_today(mandate):
        raise Refused(_("Dieses Mandat ist schon beendet."))
    _end(mandate, actor=actor, expected=expected, reason=reason)


def _end(mandate: Mandate, *, actor: Actor, expected: int, reason: str) -> None:
    yesterday = clock.today() - timedelta(days=1)
    update_versioned(mandate, expected=expected, ends_on=yesterday, end_reason=reason)
    for holder in _sitting(mandate):
        _leave(holder, reason)
    actionlog.record(
        "bodies.mandate.ended", mandate, actor=actor, subject=mandate.body.uuid,
        after={"reason": reason},
    )  # fmt: skip


def end_all(body: Body, *, actor: Actor, reason: str) -> None:
    """Ends every seat of a body that ends; call inside the transaction of that act. Raises
    NotAllowed."""
    require("bodies.body.manage", actor, body)
    for mandate in Mandate.objects.filter(not_over(), body=body).order_by("pk"):
        _end(mandate, actor=actor, expected=mandate.version, reason=reason)


@transaction.atomic
def seat_person(
    mandate: Mandate, person: Person, *, actor: Actor, part: str = Holder.Part.DELEGATE,
    starts_on: date | None = None, key: str = "",
) -> Holder:  # fmt: skip
    """Puts a person on a seat, as delegate or deputy; a delegate before them leaves on that day.
    Without a first day who comes first begins with the seat, who follows today.

    The office, or who may represent the seat's organisation, then only people of that organisation.
    Raises NotAllowed (the office seats nobody on its own), Refused for an ended seat, somebody who
    sits there already in this part, who cannot be chosen, or for a delegate's second seat.
    """
    require("bodies.mandate.fill", actor, mandate)
    claim = once.claim(key or once.new_key(), scope=f"bodies.holder:{mandate.uuid}")
    if claim.repeated:
        return Holder.objects.get(uuid=claim.answer)
    _lock(mandate.body)
    if not _holds_today(mandate):
        raise Refused(_("Dieses Mandat ist schon beendet."))
    _check_person(mandate, person, actor)
    first_day = max(starts_on or _usual_start(mandate, part), mandate.starts_on)
    if mandate.ends_on is not None and first_day > mandate.ends_on:
        raise Refused(_("An diesem Tag ist das Mandat schon beendet."))
    sitting = list(_sitting(mandate))
    if any(one.person_id == person.pk and one.part == part for one in sitting):
        raise Refused(_("Diese Person sitzt schon auf diesem Mandat."))
    seating.check_only_seat(mandate, person.pk, part, first_day)
    for one in sitting:
        replaced = part == Holder.Part.DELEGATE == one.part
        if replaced or one.person_id == person.pk:
            _make_way(one, first_day)
    holder = _seat(mandate, person, actor=actor, part=part, starts_on=first_day)
    claim.remember(str(holder.uuid))
    return holder


def _lock(body: Body) -> None:
    """Two who fill seats of one body at the same moment go one after the other."""
    rows = Body.objects.select_for_update().filter(pk=body.pk)
    list(rows.values_list("pk", flat=True))


def _usual_start(mandate: Mandate, part: str) -> date:
    """With the seat, unless somebody represented it before."""
    represented = part == Holder.Part.DELEGATE and mandate.holders.filter(part=part).exists()
    return clock.today() if represented else mandate.starts_on


def _check_person(mandate: Mandate, person: Person, actor: Actor) -> None:
    if person.erased_at or person.merged_into_id:
        raise Refused(_("Diese Person gibt es nicht mehr."))
    if actor.trusted:
        return
    organisation = mandate.organisation_id
    represents = organisation in actor.organisations(represent=True)
    if has("bodies.body.manage", actor, mandate.body):
        if actor.person == person.pk and not represents:
            raise NotAllowed("bodies.mandate.fill")  # nobody takes a seat by their own hand
        return
    if not Affiliation.objects.filter(
        holds_now(), person=person, organisation=organisation
    ).exists():
        raise Refused(_("Diese Person gehört nicht zu Ihrer Organisation."))


def _make_way(holder: Holder, first_day: date) -> None:
    """Another person begins on `first_day`: this one sits until the day before."""
    if first_day <= clock.today():
        _leave(holder, _("Das Mandat ist neu besetzt."))
    else:
        _until(holder, first_day - timedelta(days=1))


@transaction.atomic
def move_deputy(holder: Holder, *, actor: Actor, up: bool, key: str = "") -> None:
    """Moves a deputy one place in the order in which they step in. Nothing happens at the end of
    the row. Raises NotAllowed, Conflict."""
    mandate = holder.mandate
    require("bodies.mandate.fill", actor, mandate)
    if once.claim(key or once.new_key(), scope=f"bodies.deputy:{holder.uuid}").repeated:
        return
    row = [one for one in _sitting(mandate).order_by("position", "pk")
           if one.part == Holder.Part.DEPUTY]  # fmt: skip
    here = next((place for place, one in enumerate(row) if one.pk == holder.pk), None)
    if here is None:
        raise Refused(_("Diese Person sitzt nicht mehr auf diesem Mandat."))
    there = here + (-1 if up else 1)
    if not 0 <= there < len(row):
        return
    row[here], row[there] = row[there], row[here]
    for place, one in enumerate(row):
        if one.position != place:
            update_versioned(one, expected=one.version, position=place)
    actionlog.record(
        "bodies.mandate.ordered", mandate, actor=actor, subject=mandate.body.uuid,
        after={"deputies": [str(one.uuid) for one in row]},
    )  # fmt: skip


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
    if part == Holder.Part.DELEGATE:
        seating.onto_lists(holder)
    actionlog.record(
        "bodies.holder.seated", holder, actor=actor, subject=person.uuid, after={"part": part}
    )
    mails_seats.tell_holder(holder, body, actor=actor)
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
    if organisation is not None and (
        organisation.pk not in actor.organisations() or organisation.network_id != body.network_id
    ):
        raise NotAllowed("bodies.body.join")
    person = Person.objects.get(pk=actor.person)
    claim = once.claim(key or once.new_key(), scope=f"bodies.join:{body.uuid}:{person.uuid}")
    if claim.repeated:
        return Holder.objects.get(uuid=claim.answer)
    _lock(body)
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
    seating.check_only_seat(mandate, person.pk, part, clock.today())
    holder = _seat(mandate, person, actor=actor, part=part)
    claim.remember(str(holder.uuid))
    return holder


@transaction.atomic
def leave(body: Body, *, actor: Actor, reason: str = "") -> None:
    """Leaves a body one joined by oneself; a seat that nobody is left on ends (S1-15).

    Raises NotAllowed for who has no account, Refused for who did not join.
    """
    if actor.person is None:
        raise NotAllowed("bodies.body.view")
    reason = text.clean_line(reason) or _("Ausgetreten")
    own = Holder.objects.filter(
        not_over(), person=actor.person, mandate__body=body, mandate__kind=Mandate.Kind.JOINED
    ).select_related("grant", "person", "mandate__body")  # fmt: skip
    if not own:
        raise Refused(_("Sie sind diesem Gremium nicht beigetreten. Ein Mandat beendet die "
                        "Geschäftsstelle."))  # fmt: skip
    for holder in own:
        _leave(holder, reason)
        actionlog.record("bodies.holder.left", holder, actor=actor, subject=holder.person.uuid)
        mandate = holder.mandate
        if not _sitting(mandate).exists():
            _end(mandate, actor=actor, expected=mandate.version, reason=reason)


def _sitting(mandate: Mandate) -> Any:
    """Who sits there now or is to: a seat that ends takes those along, too."""
    return mandate.holders.filter(not_over()).select_related("grant", "person")


def _holds_today(mandate: Mandate) -> bool:
    return mandate.ends_on is None or mandate.ends_on >= clock.today()


def _leave(holder: Holder, reason: str) -> None:
    """The role ends now; the row keeps the day."""
    yesterday = clock.today() - timedelta(days=1)
    update_versioned(holder, expected=holder.version, ends_on=yesterday)
    grant = holder.grant
    if grant is not None and grant.ended_at is None:
        roles.end_role(grant, actor=SYSTEM, expected=grant.version, reason=reason)
    # On lists of meetings to come they stand for the seat no longer; what was stays as it was.
    Attendance.objects.filter(
        person=holder.person, mandate=holder.mandate,
        meeting__state__in=(Meeting.State.PLANNED, Meeting.State.INVITED),
    ).update(mandate=None, version=F("version") + 1)  # fmt: skip


def _set_end(sitting: list[Holder], before: date | None, ends_on: date | None) -> None:
    """Who was to sit as long as the seat lasts does so; who was to go earlier goes then."""
    for holder in sitting:
        late = ends_on is not None and (holder.ends_on is None or holder.ends_on > ends_on)
        if holder.ends_on == before or late:
            seating.check_prolonged(holder, ends_on)
            _until(holder, ends_on)


def _until(holder: Holder, ends_on: date | None) -> None:
    update_versioned(holder, expected=holder.version, ends_on=ends_on)
    if holder.grant is not None:
        update_versioned(holder.grant, expected=holder.grant.version, ends_on=ends_on)
