"""Limits for reading: counted per process and passed on to the database in steps (T08, T12).

Reading is frequent, so a page costs no query for being counted; the limit still holds across
processes and after a restart, give or take `STEP` pages for each process.
"""

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache

from lotse.foundation.core import clock, db
from lotse.foundation.core.errors import TooMany

STEP = 10


def count(name: str, who: str) -> None:
    """Counts one page or record that `who` reads. Raises TooMany above `settings.LIMITS[name]`.

    One query for every `STEP` pages, else none. `who` is an account, never an address: many
    people share one (rulings 21).
    """
    most, seconds = settings.LIMITS[name]
    message = f"reads|{name}|{who}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    key = f"reads:{digest.hex()}"
    refused_until = cache.get(f"{key}:until")
    if refused_until is not None and refused_until > clock.now():
        raise TooMany(_seconds_until(refused_until))
    cache.add(key, 0, timeout=seconds)
    try:
        pending = cache.incr(key)
    except ValueError:  # it ended between the two lines
        return
    if pending < min(STEP, most + 1):
        return
    cache.set(key, 0, timeout=seconds)
    hits, window_ends = db.count_hit(digest, clock.now() + timedelta(seconds=seconds), hits=pending)
    if hits > most:
        cache.set(f"{key}:until", window_ends, timeout=seconds)
        raise TooMany(_seconds_until(window_ends))


def _seconds_until(moment: datetime) -> int:
    return max(1, math.ceil((moment - clock.now()).total_seconds()))
