"""Who calls: a token of a person, or nobody. Cookies never count here, so no page of another site
can call in a visitor's name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from lotse.foundation.accounts import tokens
from lotse.foundation.core import limits, reads
from lotse.foundation.core.actor import ANONYMOUS, Actor
from lotse.surfaces.api.problems import Problem

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Demand:
    """What an operation asks of its caller; `public` lets in callers without a token, `counted`
    names the limit its reading counts against besides the general one."""

    scope: str
    public: bool = False
    counted: str = ""


def needs(scope: str, *, public: bool = False, counted: str = "") -> Callable[[F], F]:
    """Marks an operation with the scope a token needs for it."""

    def mark(function: F) -> F:
        function.demand = Demand(scope, public, counted)  # type: ignore[attr-defined]  # read by `mount`
        return function

    return mark


def demand_of(function: Any) -> Demand:
    """What the operation asks; every operation is marked, or the start fails."""
    demand: Demand = function.demand
    return demand


def caller(request: HttpRequest, demand: Demand) -> Actor:
    """The actor behind the request. Queries: none without a token, else three, and one more in
    ten for the limit.

    Raises Problem (401, 403) and TooMany: by account for those who may, by address only for
    failures (rulings 21).
    """
    actor = _actor(request)
    if actor is None or (actor is ANONYMOUS and not demand.public):
        limits.hit("api.failed", limits.address_of(request))
        raise Problem(
            "unauthenticated",
            _("Senden Sie „Authorization: Bearer …“ mit einem Schlüssel, der noch gilt. "
              "Sie legen ihn in Ihrem Konto an."),
            headers={"WWW-Authenticate": 'Bearer realm="lotse"'},
        )  # fmt: skip
    if actor is ANONYMOUS:
        return actor
    for name in filter(None, ("api", demand.counted)):
        reads.count(name, str(actor.uuid))
    if actor.scopes is None or demand.scope not in actor.scopes:
        raise Problem(
            "scope",
            _("Nötig ist der Bereich „%(scope)s“.") % {"scope": demand.scope},
            headers={
                "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{demand.scope}"'
            },
        )
    return actor


def _actor(request: HttpRequest) -> Actor | None:
    """ANONYMOUS without a header, None for one that holds no valid token."""
    header = request.headers.get("Authorization", "")
    if not header:
        return ANONYMOUS
    scheme, _blank, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.isascii() or len(secret) > 200:
        return None
    return tokens.actor_for(secret.strip())
