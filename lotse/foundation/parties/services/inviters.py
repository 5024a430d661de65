"""Who may invite to what, and what becomes of invitations whose sender may no longer."""

from django.db.models import Q

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import actionlog, clock
from lotse.foundation.core.actor import ANONYMOUS, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Invitation, Network, Organisation, Person, RoleGrant
from lotse.foundation.parties.standing import stand


def require_inviter(
    network: Network, organisation: Organisation | None, role: str, actor: Actor
) -> None:
    """A role invites only who may give it, a seat only who may edit the organisation.

    Raises NotAllowed.
    """
    if role:
        require("parties.role.grant", actor, network)
        if role == RoleGrant.Role.OPERATOR and not actor.operates:
            raise NotAllowed("parties.role.grant")
    if organisation is not None:
        if organisation.network.pk != network.pk:
            raise NotAllowed("parties.organisation.edit")
        require("parties.organisation.edit", actor, organisation)
    if not role and organisation is None:
        require("parties.network.edit", actor, network)


def is_backed(invitation: Invitation) -> bool:
    """Whether whoever sent it could send it at this moment: roles and seats end by date, too.

    The invitation comes with network and organisation. Five queries at most.
    """
    try:
        require_inviter(
            invitation.network, invitation.organisation, invitation.role, _sender_of(invitation)
        )
    except NotAllowed:
        return False
    return True


def _sender_of(invitation: Invitation) -> Actor:
    """Who sent it, as able as now; nobody where the account is closed or gone."""
    kind, _colon, uuid = invitation.invited_by.partition(":")
    if kind != "account":
        return Actor(kind)
    account = Account.objects.select_related("person").filter(uuid=uuid, is_active=True).first()
    if account is None:
        return ANONYMOUS
    return stand(Actor("account", uuid=account.uuid), account=account, strong=True)


def revoke_unbacked(person: Person, *, actor: Actor, among: Q) -> int:
    """Takes back the open invitations the person could not send any more; returns how many.

    Without this a role would live on in an invitation sent before it ended (T05, T06). `among`
    narrows it to what just changed. Call inside the transaction of that change.
    """
    account = Account.objects.select_related("person").filter(person=person).first()
    if account is None:
        return 0
    sender = Actor("account", uuid=account.uuid)
    may = stand(sender, account=account, strong=True) if account.is_active else ANONYMOUS
    sent = Invitation.objects.filter(
        among, invited_by=sender.ref, accepted_at=None, revoked_at=None, expires_at__gt=clock.now()
    )
    count = 0
    for invitation in sent.select_related("network", "organisation__network"):
        try:
            require_inviter(invitation.network, invitation.organisation, invitation.role, may)
        except NotAllowed:
            update_versioned(invitation, expected=invitation.version, revoked_at=clock.now())
            actionlog.record("parties.invitation.revoked", invitation, actor=actor)
            count += 1
    return count
