"""Processes that belong together: the children of `lotse serve` live no longer than it does."""

import contextlib
import ctypes
import os
import signal
import sys

_MAIN = "LOTSE_SERVE_PID"
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8


def lead() -> None:
    """Called by the main process before it starts children."""
    os.environ[_MAIN] = str(os.getpid())


def follow(sign: int = signal.SIGTERM) -> None:
    """Called by a child first thing: a process group of its own, and an end with the main process.

    A group of its own, because the terminal's Ctrl-C would otherwise reach it beside the main
    process's own signal. On Linux the kernel ends the child with `sign` when the main process
    dies, however it dies; if it died before that was asked for, the child ends here. Until the
    child has handlers of its own, a signal ends it: those inherited by a fork would swallow it.
    Without a main process (`lotse worker` alone) nothing happens.
    """
    main = os.environ.get(_MAIN)
    if main is None:
        return
    os.setpgid(0, 0)
    for inherited in (signal.SIGINT, signal.SIGTERM):
        signal.signal(inherited, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, sign)
    if os.getppid() != int(main):
        os._exit(0)


def save_memory() -> None:
    """One heap for all threads of this process, where the C library is glibc. With one for each
    thread, what a paper needed for a moment is kept several times: a web process then takes 20 MB
    more. Called before the process has threads."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def hand_back() -> None:
    """Gives memory that is free to the system, where the C library is glibc: after a paper, which
    needs much for a moment. About a millisecond."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
