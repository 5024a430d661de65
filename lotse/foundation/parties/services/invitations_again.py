"""An invitation that got lost is sent again, with another link."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties import mails
from lotse.foundation.parties.models import Invitation
from lotse.foundation.parties.services.invitations import hash_of
from lotse.foundation.parties.services.inviters import is_backed, require_inviter


@transaction.atomic
def send_again(invitation: Invitation, *, actor: Actor, expected: int) -> None:
    """Writes the mail again; the new link replaces the old one and counts from today (T06).

    Where the first sender may not invite any more, whoever sends again answers for it from now on,
    and must be allowed to. Raises NotAllowed, Conflict, and Refused where it was accepted or
    withdrawn.
    """
    require("parties.invitation.manage", actor, invitation)
    if invitation.accepted_at is not None:
        raise Refused(_("Diese Einladung wurde schon angenommen."))
    if invitation.revoked_at is not None:
        raise Refused(_("Diese Einladung ist zurückgezogen. Laden Sie die Person neu ein."))
    sender = invitation.invited_by
    if not is_backed(invitation):
        require_inviter(invitation.network, invitation.organisation, invitation.role, actor)
        sender = actor.ref
    # The link depends on the end, to the second: another end, another link.
    ends = max(
        clock.now() + timedelta(days=settings.INVITATION_DAYS),
        invitation.expires_at + timedelta(seconds=1),
    )
    update_versioned(invitation, expected=expected, expires_at=ends, invited_by=sender)
    update_versioned(invitation, expected=invitation.version, token_hash=hash_of(invitation))
    mails.send_invitation(invitation, lang=(get_language() or "de")[:2])
    actionlog.record("parties.invitation.sent_again", invitation, actor=actor)
