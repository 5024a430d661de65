"""Rate limits in the database: they hold with two processes and after a restart (T12)."""

import hashlib
import hmac
import ipaddress
import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest

from lotse.foundation.core import clock, db
from lotse.foundation.core.errors import TooMany
from lotse.foundation.core.models import LimitCounter


def address_of(request: HttpRequest) -> str:
    """The visitor's address, for counting only.

    Behind proxies (`LOTSE_PROXIES`, their number) each adds the address it saw at the right end of
    X-Forwarded-For, so counting from the right nothing a visitor forges is believed. Without
    proxies the header is ignored (T12).
    """
    return _asker(_address(request))


def _asker(address: str) -> str:
    """Whose attempts count together: one address, of IPv6 the /64 that a household has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4 or found.ipv4_mapped:
        return str(getattr(found, "ipv4_mapped", None) or found)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _address(request: HttpRequest) -> str:
    header = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    forwarded = [part.strip() for part in header.split(",") if part.strip()]
    if settings.PROXIES and len(forwarded) >= settings.PROXIES:
        return forwarded[-settings.PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))


def _digest(name: str, who: str) -> bytes:
    """The address is kept as a keyed hash only: the table names nobody."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{name}|{who}".encode(), hashlib.sha256).digest()


def most(name: str) -> int:
    """How many attempts `settings.LIMITS` allows in one window."""
    allowed: int = settings.LIMITS[name][0]
    return allowed


def count(name: str, who: str) -> int:
    """Counts one attempt of `who` and returns how many it were in this window. One query."""
    return _count(name, who)[0]


def hit(name: str, who: str) -> None:
    """Counts one attempt of `who`; raises TooMany above the limit in `settings.LIMITS`. One query.

    Call it outside the transaction of the act, so that a refused act still counts.
    """
    hits, window_ends = _count(name, who)
    if hits > most(name):
        raise TooMany(_seconds_until(window_ends))


def _count(name: str, who: str) -> tuple[int, datetime]:
    seconds = settings.LIMITS[name][1]
    return db.count_hit(_digest(name, who), clock.now() + timedelta(seconds=seconds))


def take_back(name: str, who: str) -> None:
    """An attempt that was counted before it was known to be none. One query."""
    rows = LimitCounter.objects.filter(digest=_digest(name, who), hits__gt=0)
    rows.update(hits=F("hits") - 1)


def forget(name: str, who: str) -> None:
    """Starts counting anew. One query."""
    LimitCounter.objects.filter(digest=_digest(name, who)).delete()


def hold(name: str, who: str, seconds: int) -> None:
    """From now on `held` refuses `who` for so long."""
    until = clock.now() + timedelta(seconds=seconds)
    LimitCounter.objects.update_or_create(
        digest=_digest(name, who), defaults={"hits": 1, "window_ends": until}
    )


def held(name: str, who: str) -> None:
    """Raises TooMany while `hold` lasts. One query."""
    row = LimitCounter.objects.filter(
        digest=_digest(name, who), window_ends__gt=clock.now()
    ).values_list("window_ends", flat=True)
    for until in row:
        raise TooMany(_seconds_until(until))


def _seconds_until(moment: datetime) -> int:
    return max(1, math.ceil((moment - clock.now()).total_seconds()))
