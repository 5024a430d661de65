"""Closing and opening an account again, with the reason in log and record chain."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lotse.foundation.accounts.models import Account, ApiToken, Session
from lotse.foundation.core import actionlog, clock, records, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import ALL_NETWORKS
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.services.inviters import revoke_unbacked
from lotse.foundation.parties.services.reach import require_reach


@transaction.atomic
def suspend(person: Person, *, actor: Actor, reason: str) -> None:
    """The person cannot sign in any more (T05): sessions, keys for programs and open invitations
    the person sent end for good, also when the account is opened again.

    Raises NotAllowed (nobody closes the own account this way; people with a role or seat
    elsewhere only the operator), Refused without reason or account, Conflict.
    """
    _set_active(person, actor=actor, active=False, reason=reason)


@transaction.atomic
def reactivate(person: Person, *, actor: Actor, reason: str) -> None:
    """The person can sign in again. Raises NotAllowed, Refused, Conflict."""
    _set_active(person, actor=actor, active=True, reason=reason)


def _set_active(person: Person, *, actor: Actor, active: bool, reason: str) -> None:
    require("parties.person.edit", actor, person)
    _may_close(person, actor)
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: er steht später im Protokoll."))
    account: Account | None = person.account
    if account is None:
        raise Refused(_("Diese Person hat kein Konto."))
    if account.is_active == active:
        return
    update_versioned(account, expected=account.version, is_active=active)
    if not active:
        _end_access(person, account, actor)
    action = "parties.person.reactivated" if active else "parties.person.suspended"
    chain = person.home.uuid if person.home else ALL_NETWORKS
    records.append(
        chain, action=action, obj=person, actor=actor,
        payload={"person": str(person.uuid), "reason": reason},
    )  # fmt: skip
    actionlog.record(action, person, actor=actor, subject=person.uuid)


def _end_access(person: Person, account: Account, actor: Actor) -> None:
    Session.objects.filter(account=account).delete()
    ApiToken.objects.filter(account=account, revoked_at=None).update(revoked_at=clock.now())
    revoke_unbacked(person, actor=actor, among=Q())


def _may_close(person: Person, actor: Actor) -> None:
    """An office must not lock out the operator, nor anybody who holds something elsewhere."""
    if not actor.trusted and actor.person == person.pk:
        raise NotAllowed("parties.person.suspend")
    require_reach(person, actor, "parties.person.suspend")
