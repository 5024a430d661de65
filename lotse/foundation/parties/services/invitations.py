"""One-use links that bring one person in, for one purpose (T06).

The token is a keyed hash of the invitation's uuid and end: database and outbox hold only its
SHA-256, the sent mail alone shows it.
"""

from datetime import timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, keys, once, text
from lotse.foundation.core.actor import COMMAND, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties import mails
from lotse.foundation.parties.models import Invitation, Network, Organisation, Person, RoleGrant
from lotse.foundation.parties.privacy import periods
from lotse.foundation.parties.services import people, roles
from lotse.foundation.parties.services.inviters import is_backed, require_inviter

_PURPOSE = b"lotse.parties.invitation"


def _about(invitation: Invitation) -> bytes:
    # Sent again it runs until another moment, and the old link is another link.
    return invitation.uuid.bytes + int(invitation.expires_at.timestamp()).to_bytes(8)


def hash_of(invitation: Invitation) -> str:
    """What is kept of the link that goes with this invitation as it stands."""
    return keys.digest_of(keys.token_of(_PURPOSE, _about(invitation)))


def address_of(ref: str) -> str | None:
    """The address in the mail of an open invitation; None once it is used up or withdrawn, or
    was made with a secret key that is gone."""
    found = Invitation.objects.filter(uuid=ref, accepted_at=None, revoked_at=None).first()
    if found is None or found.expires_at <= clock.now():
        return None
    path = path_of(found)
    return str(settings.BASE_URL) + path if path else None


def path_of(invitation: Invitation) -> str:
    """Where the link of an open invitation leads; only for the eyes of the person invited. Empty
    where the link was made with a secret key that is gone: in its mail it still works."""
    token = keys.token_with(invitation.token_hash, _PURPOSE, _about(invitation))
    return reverse("parties:invitation", args=[token]) if token else ""


@transaction.atomic
def invite(
    network: Network,
    *,
    actor: Actor,
    email: str,
    key: str = "",
    organisation: Organisation | None = None,
    role: str = "",
    reason: str = "",
    **fields: Any,
) -> Invitation:
    """Invites one address to a seat, a role, or both; the mail carries a link that works once.

    A role invites only who may give it, a seat only who may edit the organisation. Raises
    NotAllowed, Refused for an address that cannot be meant or an empty purpose.
    """
    email = email.strip().lower()
    require_inviter(network, organisation, role, actor)
    _check(email, organisation, role, reason)
    claim = once.claim(key or once.new_key(), scope=f"parties.invite:{network.uuid}:{email}")
    if claim.repeated:
        return Invitation.objects.get(uuid=claim.answer)
    invitation = Invitation(
        network=network,
        email=email,
        organisation=organisation,
        role=role,
        reason=text.clean_line(reason),
        invited_by=actor.ref,
        expires_at=clock.now() + timedelta(days=settings.INVITATION_DAYS),
        **fields,
    )
    invitation.token_hash = hash_of(invitation)
    invitation.save()
    claim.remember(str(invitation.uuid))
    mails.send_invitation(invitation, lang=network_language())
    actionlog.record(
        "parties.invitation.sent",
        invitation,
        actor=actor,
        after={"role": role, "organisation": str(organisation.uuid) if organisation else None},
    )
    return invitation


def network_language() -> str:
    """The language of whoever invites: most likely that of the invited person too."""
    return (get_language() or "de")[:2]


def _check(email: str, organisation: Organisation | None, role: str, reason: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(
            _("Diese E-Mail-Adresse ist nicht vollständig: %(value)s") % {"value": email}
        ) from None
    if role and role not in RoleGrant.Role.values:
        raise Refused(_("Diese Rolle gibt es nicht: %(role)s") % {"role": role})
    if role and not text.clean_line(reason):
        raise Refused(_("Bitte nennen Sie den Grund: er steht später im Protokoll."))


def find(token: str) -> Invitation | None:
    """The open invitation behind a token, or None for any other reason: used, expired, withdrawn,
    never sent look the same. One query."""
    return (
        Invitation.objects.select_related("network", "organisation")
        .filter(token_hash=keys.digest_of(token), accepted_at=None, revoked_at=None)
        .filter(expires_at__gt=clock.now())
        .first()
    )


class _Unbacked(Exception):
    """The sender may not invite any more; known inside a transaction, told outside."""


def require_backed(invitation: Invitation) -> None:
    """Refuses an invitation whose sender may not invite any more, and tells the office (T05).

    Call it outside the transaction of the act: the mail to the office stays. Raises Refused.
    """
    if not is_backed(invitation):
        _refuse_unbacked(invitation)


def _refuse_unbacked(invitation: Invitation) -> NoReturn:
    mails.send_unbacked(invitation)
    raise Refused(
        _("Wer Sie eingeladen hat, darf das inzwischen nicht mehr. Die Einladung lässt sich "
          "deshalb nicht annehmen. Die Geschäftsstelle weiß davon und kann sie erneut senden.")
    )  # fmt: skip


def accept(invitation: Invitation, *, actor: Actor, person: Person, address: str) -> None:
    """The invited person takes seat and role; the link is used up.

    `address` is the verified address of the account that accepts: another one than the invited
    is refused, so that a forwarded link lets nobody else in (T06). Nobody accepts a role they
    invited themselves to, and nobody what the sender could not give any more (T05). Raises
    Refused, Conflict.
    """
    try:
        _accept(invitation, actor=actor, person=person, address=address)
    except _Unbacked:  # here, after the rollback: the mail to the office stays
        _refuse_unbacked(invitation)


@transaction.atomic
def _accept(invitation: Invitation, *, actor: Actor, person: Person, address: str) -> None:
    if address.lower() != invitation.email:
        raise Refused(
            _("Diese Einladung gilt für eine andere E-Mail-Adresse. Melden Sie sich mit der "
              "eingeladenen Adresse an, oder bitten Sie um eine neue Einladung.")
        )  # fmt: skip
    if invitation.role and _is_inviter(invitation, person):
        raise Refused(_("Niemand gibt sich selbst eine Rolle."))
    # Held first: whoever takes the sender's right away now finds it accepted, or open.
    list(Invitation.objects.select_for_update().filter(pk=invitation.pk).values_list("pk"))
    if not is_backed(invitation):  # only now: not for whoever got the link from somebody
        raise _Unbacked
    update_versioned(
        invitation, expected=invitation.version, accepted_at=clock.now(), accepted_by=person
    )
    _take_name(person, invitation)
    if invitation.organisation is not None:
        people.add_seat(
            person,
            invitation.organisation,
            actor=COMMAND,
            function=invitation.function,
            **{name: getattr(invitation, name) for name in people.RIGHTS},
        )
    if invitation.role:
        roles.grant_role(
            person,
            invitation.role,
            actor=COMMAND,
            network=invitation.network,
            reason=invitation.reason,
            granted_by=invitation.invited_by,
        )
    if person.home is None:
        update_versioned(person, expected=person.version, home=invitation.network)
    actionlog.record("parties.invitation.accepted", invitation, actor=actor, subject=person.uuid)


def _is_inviter(invitation: Invitation, person: Person) -> bool:
    account = person.account
    return account is not None and invitation.invited_by == Actor("account", uuid=account.uuid).ref


def _take_name(person: Person, invitation: Invitation) -> None:
    """A name that was only made from the address gives way to the one in the invitation."""
    made_up = person.last_name == invitation.email.partition("@")[0][:120]
    if invitation.last_name and not person.first_name and made_up:
        update_versioned(
            person,
            expected=person.version,
            first_name=invitation.first_name,
            last_name=invitation.last_name,
        )


@transaction.atomic
def revoke(invitation: Invitation, *, actor: Actor, expected: int) -> None:
    """Takes an invitation back; its link opens nothing from now on. Raises NotAllowed, Conflict."""
    require("parties.invitation.manage", actor, invitation)
    if invitation.accepted_at is not None:
        raise Refused(_("Diese Einladung wurde schon angenommen."))
    update_versioned(invitation, expected=expected, revoked_at=clock.now())
    actionlog.record("parties.invitation.revoked", invitation, actor=actor)


def delete_old() -> int:
    """Deletes ended invitations when their network's time is over; returns how many (retention)."""
    over = periods.overdue("parties.invitations", "expires_at", clock.now())
    return Invitation.objects.filter(over).delete()[0]
