"""Passwords are checked one at a time in each web process: a hall full of people who sign in at
the same moment holds up nobody who is already at work (T53)."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lotse.foundation.core.errors import TooMany

AT_FIRST = 0.15
MOST_WAIT = 90.0


class Turnstile:
    """One goes through, the others are told when it will be their turn.

    The places in the line are moments this process hands out, one check of a password apart; who
    never comes costs the others that moment and no more.
    """

    def __init__(
        self, *, patience: float = 0.3, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._gate = threading.Semaphore()
        self._lock = threading.Lock()
        self._patience = patience
        self._clock = clock
        self._last_place = 0.0
        self._usual = AT_FIRST

    def place(self) -> float:
        """Takes the next place in the line; returns the seconds until it comes up."""
        with self._lock:
            now = self._clock()
            place = min(max(now, self._last_place + self._usual), now + MOST_WAIT)
            self._last_place = place
            return place - now

    @contextmanager
    def through(self) -> Iterator[None]:
        """Lets the caller check one password. Raises TooMany when somebody else takes longer than
        a short wait; its `retry_after` is a new place in the line."""
        if not self._gate.acquire(timeout=self._patience):
            raise TooMany(max(1, math.ceil(self.place())))
        began = self._clock()
        try:
            yield
        finally:
            spent = self._clock() - began
            self._gate.release()
            with self._lock:
                self._usual = min(0.9 * self._usual + 0.1 * spent, 1.0)


turnstile = Turnstile()
