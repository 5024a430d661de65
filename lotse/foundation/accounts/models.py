"""The account: how a person signs in. Who the person is lives in `parties`."""

import unicodedata
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by address without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        account = self.model(email=email.strip().lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(Entity, AbstractBaseUser):
    """One sign-in. The address is unique without regard to case."""

    email = models.EmailField(_("E-Mail-Adresse"), max_length=254, unique=True)
    is_active = models.BooleanField(default=True)

    objects = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="account_email_once")]

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(_composed(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(_composed(raw_password) or "")


def _composed(password: str | None) -> str | None:
    """NFC: "ü" typed on another system is the same password (T29)."""
    return None if password is None else unicodedata.normalize("NFC", password)


class Session(Entity):
    """What one browser carries from page to page. Its key is kept only as a hash, so nobody who
    reads the table can take a session over.

    `account` is empty for a visitor with secret links. `strong` says that a second factor or a
    passkey was shown, `strict` that the account holds a role which demands one (shorter limits),
    `stay` that the person asked to stay signed in.
    """

    key_hash = models.CharField(max_length=64, unique=True)
    data = models.TextField()
    account = models.ForeignKey(
        Account, null=True, on_delete=models.CASCADE, related_name="sessions"
    )
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    strong = models.BooleanField(default=False)
    strict = models.BooleanField(default=False)
    stay = models.BooleanField(default=False)
    device = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"]),
            models.Index(fields=["account", "seen_at"]),
        ]

    @property
    def ends_at(self) -> Any:
        """When it ends if nothing more is heard of it: the idle or the absolute limit (T28)."""
        if self.account_id is None:
            return self.expires_at
        if self.stay and not self.strict:
            return self.expires_at
        idle = settings.SESSION_IDLE_STRICT if self.strict else settings.SESSION_IDLE
        begun = self.signed_in_at or self.created_at
        most = begun + timedelta(seconds=settings.SESSION_MOST)
        return min(self.expires_at, most, self.seen_at + timedelta(seconds=idle))


class KnownDevice(models.Model):
    """A browser an account signed in from before; the cookie is kept only as a hash."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64)
    label = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "digest"], name="known_device_once")
        ]


class ApiToken(Entity):
    """A key for programs that act as the person: named, with scopes and an end. Only its hash is
    kept; `strong` says it was made in a session with a second factor."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("Name"), max_length=80)
    scopes = models.JSONField(default=list)
    digest = models.CharField(max_length=64, unique=True)
    strong = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
