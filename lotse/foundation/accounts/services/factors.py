"""Second factors: a passkey gets another name; all of them go when their owner lost them."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.accounts.models import Account, KnownDevice, Session
from lotse.foundation.accounts.services import tokens
from lotse.foundation.accounts.services.accounts import note_change
from lotse.foundation.core import actionlog, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import LogEntry

NAME_MOST = 60


@transaction.atomic
def rename_passkey(account: Any, passkey: Authenticator, *, name: str) -> None:
    """Gives the account's own passkey another name; what it opens stays. Raises Refused.

    The name stays out of the log, it is the owner's own words.
    """
    name = text.clean_line(name)
    if not name:
        raise Refused(_("Bitte geben Sie einen Namen ein."))
    if len(name) > NAME_MOST:
        raise Refused(_("Der Name ist zu lang: erlaubt sind 60 Zeichen."))
    own = Authenticator.objects.select_for_update().filter(
        user_id=account.pk, type=Authenticator.Type.WEBAUTHN
    )
    found = own.filter(pk=passkey.pk).first()
    if found is None:
        raise Refused(_("Diesen Passkey gibt es nicht mehr."))
    # The row also counts signatures, so it is read anew under the lock.
    found.wrap().name = name
    found.save(update_fields=["data"])
    note_change(account, "factor.webauthn.renamed")


def has_factors(account: Account) -> bool:
    """Whether app, passkey or recovery codes are set up. One query."""
    return bool(Authenticator.objects.filter(user_id=account.pk).exists())


def shown_since(account: Account, moment: datetime) -> bool:
    """Whether somebody signed in with a second factor after that moment: the log knows of sessions
    that ended, the session of a factor set up later. Two queries at most."""
    begun = LogEntry.objects.filter(
        code="accounts.session.begun", subject_uuid=account.uuid, at__gt=moment, after__strong=True
    )
    own = Session.objects.filter(account=account, strong=True, signed_in_at__gt=moment)
    return begun.exists() or own.exists()


@transaction.atomic
def remove_all(account: Account, *, actor: Actor) -> int:
    """Takes app, passkeys and recovery codes away, ends every session and forgets the browsers;
    how many factors went.

    Keys for programs lose the roles a second factor opened (T14). The caller asked for the right
    to do it and tells the owner.
    """
    gone = int(Authenticator.objects.filter(user_id=account.pk).delete()[0])
    Session.objects.filter(account=account).delete()
    # Whoever signs in next is told to the owner as a new browser, whatever was known before.
    KnownDevice.objects.filter(account=account).delete()
    tokens.weaken_all(account, actor=actor)
    actionlog.record(
        "accounts.account.factors_reset",
        account,
        actor=actor,
        after={"removed": gone},
        subject=account.uuid,
    )
    return gone
