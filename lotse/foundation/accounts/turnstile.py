"""Passwords are checked one at a time in each web process: a hall full of people who sign in at
the same moment holds up nobody who is already at work (T53)."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lotse.foundation.core.errors import TooMany

AT_FIRST = 0.1
APART = 2.0  # twice as far apart as one check takes: the other half is for those who are in
MOST_WAIT = 90.0
MOST_ASKERS = 10_000


class Crowd(TooMany):
    """Others are before this person; `retry_after` is when their turn comes."""


class Turnstile:
    """One goes through, the others are told when it will be their turn.

    The places in the line are moments this process hands out. Each
    address has a line of its own behind its first place, so whoever takes places and never comes
    holds up nobody but themselves (T10).
    """

    def __init__(
        self, *, patience: float = 0.1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._gate = threading.Semaphore()
        self._lock = threading.Lock()
        self._patience = patience
        self._clock = clock
        self._last_first = 0.0
        self._last_of: dict[str, float] = {}
        self._usual = AT_FIRST

    def place(self, asker: str) -> float:
        """Takes the next place for an address; returns the seconds until it comes up."""
        with self._lock:
            now = self._clock()
            before = self._last_of.get(asker, 0.0)
            if before > now:
                place = before + APART * self._usual
            else:
                place = self._last_first = max(now, self._last_first + APART * self._usual)
            place = min(place, now + MOST_WAIT)
            if len(self._last_of) >= MOST_ASKERS:
                self._last_of.clear()  # bounded; who waits is at worst told a later place
            self._last_of[asker] = place
            return place - now

    @contextmanager
    def through(self, asker: str) -> Iterator[None]:
        """Lets the caller check one password. Raises Crowd when somebody else takes longer than a
        short wait."""
        if not self._gate.acquire(timeout=self._patience):
            raise Crowd(max(1, math.ceil(self.place(asker))))
        began = self._clock()
        try:
            yield
        finally:
            spent = self._clock() - began
            self._gate.release()
            with self._lock:
                self._usual = min(0.8 * self._usual + 0.2 * spent, 1.0)


turnstile = Turnstile()
