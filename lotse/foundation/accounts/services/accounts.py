"""Writes to accounts: made, invited, merged, suspended; what is noted at a sign-in."""

from typing import Any
from uuid import uuid4

from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.account.utils import setup_user_email
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lotse.foundation.accounts import letters
from lotse.foundation.accounts.models import Account, ApiToken, KnownDevice, Session
from lotse.foundation.core import actionlog, clock, limits
from lotse.foundation.core.actor import SYSTEM, Actor
from lotse.foundation.core.errors import NotAllowed, Refused, TooMany


def actor_for_account(account: Any) -> Actor:
    """The account as the acting party of its own log lines."""
    return Actor("account", uuid=account.uuid)


def create_account(*, actor: Actor, email: str, password: str | None = None) -> Account:
    """A new account with a verified address, for commands and demo. Raises Refused if the address
    is taken. The password is hashed before the transaction."""
    email = email.strip().lower()
    account = Account(email=email)
    account.set_password(password)
    with transaction.atomic():
        taken = Account.objects.filter(email__iexact=email).exists()
        if taken or EmailAddress.objects.filter(email=email, verified=True).exists():
            raise Refused(_("Zu dieser Adresse gibt es schon ein Konto."))
        account.save()
        _verify(account, email)
        actionlog.record("accounts.account.created", account, actor=actor, subject=account.uuid)
    return account


def pretend_account(request: HttpRequest) -> None:
    """Does the work of a registration and undoes it: the answer for a known address takes as long
    as for a new one (T13)."""
    email = f"{uuid4().hex}@nobody.invalid"
    with transaction.atomic():
        account = Account.objects.create_user(email)
        setup_user_email(request, account, [])
        own = EmailAddress.objects.filter(user_id=account.pk, email=email)
        for _look in range(3):
            own.exists()
        filter_users_by_email(email)
        transaction.set_rollback(True)


@transaction.atomic
def account_for_invited(email: str, *, actor: Actor = SYSTEM) -> Account:
    """The account of somebody who opened an invitation sent to this address: found, or made
    without a password. The address counts as verified. Raises Refused for a suspended account."""
    email = email.strip().lower()
    address = EmailAddress.objects.select_related("user").filter(email=email, verified=True).first()
    account: Account | None = address.user if address else None
    if account is None:
        account = Account.objects.filter(email__iexact=email).first()
    if account is None:
        account = Account.objects.create_user(email)
        actionlog.record("accounts.account.created", account, actor=actor, subject=account.uuid)
    if not account.is_active:
        raise Refused(_("Dieses Konto ist gesperrt. Bitte melden Sie sich bei der "
                        "Geschäftsstelle."))  # fmt: skip
    if address is None:
        _verify(account, email)
    return account


def _verify(account: Account, email: str) -> None:
    first = not EmailAddress.objects.filter(user=account, primary=True).exists()
    EmailAddress.objects.update_or_create(
        user=account, email=email, defaults={"verified": True, "primary": first}
    )


@transaction.atomic
def suspend(account: Account, *, actor: Actor) -> None:
    """The account is nobody from its next request on; sessions and tokens end (T05, T28).

    The caller asked for the right to do it.
    """
    Account.objects.filter(pk=account.pk).update(is_active=False, updated_at=clock.now())
    account.is_active = False
    Session.objects.filter(account=account).delete()
    ApiToken.objects.filter(account=account, revoked_at=None).update(revoked_at=clock.now())
    actionlog.record("accounts.account.suspended", account, actor=actor, subject=account.uuid)


@transaction.atomic
def merge(
    keep: Account, other: Account, actor: Actor, *, langs: tuple[str, str] = ("", "")
) -> None:
    """Two accounts of one person become one: addresses move to `keep`; what `keep` signs in with
    stays; `other` is closed, its sessions and tokens end; both inboxes are told, each in its
    language of `langs`. Only the operator and commands: an account is a way in, which no office
    redirects by itself. Raises NotAllowed, and Refused for one and the same account."""
    if not actor.operates:
        raise NotAllowed("accounts.account.merge")
    if keep.pk == other.pk:
        raise Refused(_("Das ist ein und dasselbe Konto."))
    first, second = sorted([keep.pk, other.pk])
    list(Account.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk"))
    letters.tell_merged(keep.email, other.email, langs=langs)
    held = set(EmailAddress.objects.filter(user=keep).values_list("email", flat=True))
    moving = EmailAddress.objects.filter(user=other)
    moving.filter(email__in=held).delete()
    moving.update(user=keep, primary=False)
    Authenticator.objects.filter(user=other).delete()
    KnownDevice.objects.filter(account=other).delete()
    Session.objects.filter(account=other).delete()
    ApiToken.objects.filter(account=other, revoked_at=None).update(revoked_at=clock.now())
    other.set_unusable_password()
    Account.objects.filter(pk=other.pk).update(
        email=f"{other.uuid.hex}@merged.invalid",
        password=other.password,
        is_active=False,
        updated_at=clock.now(),
    )
    actionlog.record(
        "accounts.account.merged",
        keep,
        actor=actor,
        after={"other": str(other.uuid)},
        subject=keep.uuid,
    )
    other.refresh_from_db()


def note_session(store: Any, *, strict: bool) -> None:
    """Which limits hold for the session that just began."""
    if store.row is not None:
        store.row.strict = strict
        Session.objects.filter(pk=store.row.pk).update(strict=strict)


def note_signed_in(account: Account, *, strong: bool) -> None:
    """One line in the log for each sign-in (ASVS 16.3.1)."""
    actionlog.record(
        "accounts.session.begun",
        account,
        actor=actor_for_account(account),
        after={"strong": strong},
        subject=account.uuid,
    )


def note_signed_out(account: Any) -> None:
    actionlog.record(
        "accounts.session.ended", account, actor=actor_for_account(account), subject=account.uuid
    )


@transaction.atomic
def note_device(account: Account, *, digest: str, label: str) -> bool:
    """Remembers the browser; True if the owner must be told: a new one beside known ones."""
    now = clock.now()
    known = KnownDevice.objects.filter(account=account)
    if known.filter(digest=digest).update(seen_at=now, label=label):
        return False
    others = known.exists()
    KnownDevice.objects.create(account=account, digest=digest, label=label)
    return others


def note_change(account: Any, what: str) -> None:
    """One line in the log for a change to how the account signs in."""
    actionlog.record(
        f"accounts.{what}", account, actor=actor_for_account(account), subject=account.uuid
    )


def tell_blocked(email: str) -> None:
    """Mails the owner of the address once an hour that wrong passwords were tried (T10)."""
    address = (
        EmailAddress.objects.select_related("user").filter(email=email.strip().lower()).first()
    )
    if address is None or not address.verified or not address.user.is_active:
        return
    try:
        limits.hit("accounts.blocked.mail", str(address.user.uuid))
    except TooMany:
        return
    subject, body = letters.blocked_letter()
    letters.write("accounts.blocked", address.email, subject=subject, body=body)
    note_change(address.user, "password.attacked")
