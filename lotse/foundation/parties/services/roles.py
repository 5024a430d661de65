"""Giving and ending roles, and deputies for a time. Each is one link of the record chain."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, records, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import ALL_NETWORKS
from lotse.foundation.core.permissions import require
from lotse.foundation.core.ref import Ref
from lotse.foundation.parties.models import Absence, Network, Person, RoleGrant
from lotse.foundation.parties.services.inviters import revoke_unbacked
from lotse.foundation.parties.services.reach import require_reach
from lotse.foundation.parties.standing import holds_on

MOST_ABSENCE_DAYS = 370


@transaction.atomic
def grant_role(
    person: Person,
    role: str,
    *,
    actor: Actor,
    network: Network | None,
    reason: str,
    key: str = "",
    held_in: Ref | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    granted_by: str = "",
) -> RoleGrant:
    """Gives a role in a network, or in one thing of it; the operator's holds everywhere.

    `granted_by` names who decided where the system only carries it out (an accepted invitation).

    Raises NotAllowed (nobody gives a role to themselves, only the operator makes an operator),
    Refused without a reason or with a reversed span. Written to the record chain (trust 3).
    """
    _may_grant(actor, network, role, person)
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: er steht später im Protokoll."))
    if role not in RoleGrant.Role.values:
        raise Refused(_("Diese Rolle gibt es nicht: %(role)s") % {"role": role})
    starts_on = starts_on or clock.today()
    if ends_on is not None and ends_on < starts_on:
        raise Refused(_("Das Ende liegt vor dem Anfang."))
    claim = once.claim(key or once.new_key(), scope=f"parties.grant:{person.uuid}")
    if claim.repeated:
        return RoleGrant.objects.get(uuid=claim.answer)
    grant = RoleGrant.objects.create(
        person=person,
        role=role,
        network=None if role == RoleGrant.Role.OPERATOR else network,
        held_in_type=held_in.type if held_in else "",
        held_in_uuid=held_in.uuid if held_in else None,
        reason=reason,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=granted_by or actor.ref,
    )
    claim.remember(str(grant.uuid))
    _record("parties.role.granted", grant, actor)
    return grant


@transaction.atomic
def end_role(grant: RoleGrant, *, actor: Actor, expected: int, reason: str) -> None:
    """Ends a role at once: it holds no more at the next request (ASVS 8.3.2).

    Open invitations to roles that the person could only send by this one end too. Raises
    NotAllowed, Conflict, and Refused for an ended role or the last operator of the installation.
    """
    if actor.person != grant.person.pk or actor.trusted:
        _may_grant(actor, grant.network, grant.role, None)
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: er steht später im Protokoll."))
    if grant.ended_at is not None:
        raise Refused(_("Diese Rolle ist schon beendet."))
    if grant.role == RoleGrant.Role.OPERATOR and is_last_operator(Q(pk=grant.pk)):
        raise Refused(_("Das ist der letzte Zugang des Betriebs. Benennen Sie zuerst einen "
                        "weiteren."))  # fmt: skip
    update_versioned(grant, expected=expected, ended_at=clock.now(), ended_by=actor.ref)
    _record("parties.role.ended", grant, actor, why=reason)
    revoke_unbacked(grant.person, actor=actor, among=~Q(role=""))


def _may_grant(actor: Actor, network: Network | None, role: str, person: Person | None) -> None:
    if actor.trusted:
        return
    if person is not None and actor.person == person.pk:
        raise NotAllowed("parties.role.grant")
    if role == RoleGrant.Role.OPERATOR or network is None:
        if not actor.is_operator:
            raise NotAllowed("parties.role.grant")
        return
    require("parties.role.grant", actor, network)


def is_last_operator(going: Q) -> bool:
    """Whether nobody could act as operator any more without these grants.

    Only grants count that hold today, of people who are not erased and whose account is open. All
    open grants are locked first, so that two operators do not end each other at the same moment:
    call inside the transaction that ends them.
    """
    granted = RoleGrant.objects.filter(role=RoleGrant.Role.OPERATOR, ended_at=None)
    list(granted.select_for_update().order_by("pk").values_list("pk", flat=True))
    working = granted.filter(
        holds_on(clock.today()), person__account__is_active=True, person__erased_at=None
    )
    return working.filter(going).exists() and not working.exclude(going).exists()


def _record(action: str, grant: RoleGrant, actor: Actor, why: str = "") -> None:
    """Log and chain. The chain's payload names the person by uuid: it is erased with the person."""
    facts: dict[str, Any] = {
        "person": str(grant.person.uuid),
        "role": grant.role,
        "held_in": str(grant.held_in_uuid) if grant.held_in_uuid else None,
        "from": grant.starts_on.isoformat(),
        "until": grant.ends_on.isoformat() if grant.ends_on else None,
        "reason": why or grant.reason,
    }
    chain: UUID = grant.network.uuid if grant.network else ALL_NETWORKS
    records.append(chain, action=action, obj=grant, actor=actor, payload=facts)
    actionlog.record(
        action, grant, actor=actor, after={"role": grant.role}, subject=grant.person.uuid
    )


@transaction.atomic
def set_absence(
    person: Person,
    deputy: Person,
    *,
    actor: Actor,
    starts_on: date,
    ends_on: date,
    note: str = "",
    key: str = "",
) -> Absence:
    """While the person is away the deputy holds the person's roles too, never the operator's.

    The person names the deputy; the office may do so for somebody who fell ill and holds nothing
    outside its networks. Raises NotAllowed, Refused for a reversed or over-long span, or for a
    deputy without an account.
    """
    if actor.person != person.pk:
        require("parties.person.edit", actor, person)
        require_reach(person, actor, "parties.absence.set")
        if actor.person == deputy.pk:
            raise NotAllowed("parties.absence.set")  # nobody takes roles by their own hand
    if deputy.pk == person.pk:
        raise Refused(_("Bitte wählen Sie eine andere Person als Vertretung."))
    if deputy.account is None:
        raise Refused(_("Die Vertretung braucht ein Konto. Laden Sie die Person zuerst ein."))
    if ends_on < starts_on:
        raise Refused(_("Das Ende liegt vor dem Anfang."))
    if (ends_on - starts_on).days > MOST_ABSENCE_DAYS:
        raise Refused(_("Eine Vertretung dauert höchstens ein Jahr. Vergeben Sie sonst die Rolle."))
    claim = once.claim(key or once.new_key(), scope=f"parties.absence:{person.uuid}")
    if claim.repeated:
        return Absence.objects.get(uuid=claim.answer)
    absence = Absence.objects.create(
        person=person,
        deputy=deputy,
        starts_on=starts_on,
        ends_on=ends_on,
        note=text.clean_line(note),
    )
    claim.remember(str(absence.uuid))
    actionlog.record(
        "parties.absence.set",
        absence,
        actor=actor,
        after={"from": starts_on.isoformat(), "until": ends_on.isoformat()},
        subject=person.uuid,
    )
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, actor: Actor) -> None:
    """Back early: the deputy's roles end at the next request. Raises NotAllowed."""
    if actor.person != absence.person.pk:
        require("parties.person.edit", actor, absence.person)
    actionlog.record("parties.absence.ended", absence, actor=actor, subject=absence.person.uuid)
    absence.delete()
