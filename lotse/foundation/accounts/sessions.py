"""Sessions in a table of our own: key as hash, account, device, limits (T28)."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import IntegrityError, transaction
from django.db.models import CharField, DateTimeField, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lotse.foundation.accounts.strength import strong_in
from lotse.foundation.core import clock
from lotse.foundation.core.prepared import PreparedObjects, Slot

STAY = "stay"
POLL_HEADER = "X-Lotse-Poll"
TOUCH_SECONDS = 60
_BROWSERS = (
    (r"\bEdg(?:e|A|iOS)?/", "Edge"),
    (r"\bOPR/|\bOpera", "Opera"),
    (r"\bFirefox/|\bFxiOS/", "Firefox"),
    (r"Chrome/|\bChromium/|\bCriOS/", "Chrome"),
    (r"\bSafari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux|X11", "Linux"),
)


def hash_of(key: str) -> str:
    """What the table keeps of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def device_label(agent: str) -> str:
    """Browser and system from a User-Agent, as they are kept; empty where neither is known."""
    agent = agent[:400]
    browser = next((name for pattern, name in _BROWSERS if re.search(pattern, agent)), "")
    system = next((name for pattern, name in _SYSTEMS if re.search(pattern, agent)), "")
    return " / ".join(part for part in (browser, system) if part)


def device_words(label: str) -> str:
    """What `device_label` made, in words: browser on system."""
    browser, _slash, system = label.partition(" / ")
    if system:
        return _("%(browser)s auf %(system)s") % {"browser": browser, "system": system}
    return browser or _("Unbekanntes Gerät")


def _held() -> QuerySet[Any]:
    key_hash, now = Slot("key_hash", CharField()), Slot("now", DateTimeField())
    rows = SessionStore.get_model_class().objects.order_by()
    held: QuerySet[Any] = rows.filter(key_hash=key_hash, expires_at__gt=now)
    return held


_HELD: PreparedObjects[Any] = PreparedObjects(_held, "account", "account__person")


class SessionStore(DatabaseStore):
    """Django's session in our table. `row` is what was read of it, with the account."""

    row: Any = None
    agent = ""

    @classmethod
    def get_model_class(cls) -> Any:
        from lotse.foundation.accounts.models import Session

        return Session

    def load(self) -> dict[str, Any]:
        """One query, which brings the account and its person along."""
        self.row = _HELD.first(key_hash=hash_of(self.session_key or ""), now=clock.now())
        if self.row is None or self.row.ends_at <= clock.now():
            self.row = None
            self._session_key = None
            return {}
        return dict(self.decode(self.row.data))

    def exists(self, session_key: str) -> bool:
        return bool(self.model.objects.filter(key_hash=hash_of(session_key)).exists())

    def save(self, must_create: bool = False) -> None:
        """Writes data, account and strength; an ended session is never written anew."""
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # missing in the stubs
        fields = self._fields(data)
        digest = hash_of(self.session_key)
        with transaction.atomic():
            if must_create:
                try:
                    with transaction.atomic():
                        self.row = self.model.objects.create(
                            key_hash=digest, device=device_label(self.agent), **fields
                        )
                except IntegrityError:
                    raise CreateError from None
            elif not self.model.objects.filter(key_hash=digest).update(**fields):
                raise UpdateError
        if self.row is not None:
            for name, value in fields.items():
                setattr(self.row, name, value)

    def _fields(self, data: dict[str, Any]) -> dict[str, Any]:
        account = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        now = clock.now()
        row = self.row
        begun = row.signed_in_at if row is not None and row.account_id == account else None
        stay = bool(account and data.get(STAY))
        strict = bool(account and row is not None and row.account_id == account and row.strict)
        fields = {
            "data": self.encode(data),
            "account_id": account,
            "signed_in_at": (begun or now) if account else None,
            "stay": stay,
            "strict": strict,
            "strong": strong_in(data),
            "expires_at": _end(begun or now if account else now, bool(account), stay),
        }
        if row is None or row.account_id != account:
            fields["seen_at"] = now
        return fields

    def flush(self) -> None:
        super().flush()
        self.row = None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(key_hash=hash_of(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Deletes what ended: by its last day, or left idle (run daily)."""
        now = clock.now()
        idle = Q(account__isnull=False, seen_at__lt=now - timedelta(seconds=settings.SESSION_IDLE))
        idle &= Q(stay=False) | Q(strict=True)
        cls.get_model_class().objects.filter(Q(expires_at__lte=now) | idle).delete()


def _end(begun: datetime, signed_in: bool, stay: bool) -> datetime:
    seconds = settings.SESSION_COOKIE_AGE
    if signed_in and not stay:
        seconds = settings.SESSION_MOST
    return begun + timedelta(seconds=seconds)


def touch(request: HttpRequest, strict: Any) -> None:
    """Notes that the person is still there, at most once a minute; a page that only asks whether
    something is new (`X-Lotse-Poll`) does not prolong. `strict()` tells whether short limits hold.
    """
    row = getattr(request.session, "row", None)
    if row is None or row.account_id is None or POLL_HEADER in request.headers:
        return
    now = clock.now()
    if now - row.seen_at < timedelta(seconds=TOUCH_SECONDS):
        return
    row.seen_at, row.strict = now, strict()
    type(row).objects.filter(pk=row.pk).update(seen_at=row.seen_at, strict=row.strict)
