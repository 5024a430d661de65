"""Wrong passwords: counted per account and address, with a growing pause, never a hard lock."""

from django.http import HttpRequest

from lotse.foundation.accounts import tasks
from lotse.foundation.core import limits
from lotse.foundation.core.limits import address_of

_ACCOUNT, _ADDRESS, _PAUSE = (
    "accounts.password.account",
    "accounts.password.address",
    "accounts.password.pause",
)
FIRST_PAUSE = 60
LONGEST_PAUSE = 15 * 60


def before(request: HttpRequest, email: str) -> None:
    """Counts the attempt before the password is looked at, so that two at once both count.

    Raises TooMany (429) during a pause and above the limit of the address; whether there is such
    an account makes no difference (T10, T11, T13). Three queries.
    """
    limits.held(_PAUSE, _who(request, email))
    limits.hit(_ADDRESS, address_of(request))


def failed(request: HttpRequest, email: str) -> None:
    """After the fifth failure in 15 minutes each further one doubles the pause: 1 to 15 minutes.

    Other addresses, mail codes and passkeys are not held up; the owner is told once.
    """
    who = _who(request, email)
    over = limits.count(_ACCOUNT, who) - limits.most(_ACCOUNT)
    if over >= 0:
        limits.hold(_PAUSE, who, min(FIRST_PAUSE * 2**over, LONGEST_PAUSE))
    if over == 0:
        tasks.tell_blocked.enqueue(email=email)


def succeeded(request: HttpRequest, email: str) -> None:
    """The attempt was none: only failures count by address."""
    limits.take_back(_ADDRESS, address_of(request))
    limits.forget(_ACCOUNT, _who(request, email))


def not_tried(request: HttpRequest) -> None:
    """The password was not looked at: others were before."""
    limits.take_back(_ADDRESS, address_of(request))


def _who(request: HttpRequest, email: str) -> str:
    return f"{email.strip().lower()}|{address_of(request)}"
