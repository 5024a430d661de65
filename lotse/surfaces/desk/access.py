"""Which network's desk this is, and what the actor may do at it: one query for all of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db.models import Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse

from lotse.foundation.accounts.reauth import require_recent
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.permissions import all_rules
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Network

READ = "parties.network.read_desk"
EDIT = "parties.network.edit"
GRANT = "parties.role.grant"
CREATE = "parties.organisation.create"
OPERATE = "parties.demo.remove"  # what only the operator has
_CODES = (READ, EDIT, GRANT, CREATE, OPERATE)
_CHOSEN = "desk_network"


@dataclass(frozen=True)
class Desk:
    """The desk of one network as one person sees it."""

    network: Network
    actor: Actor
    rights: frozenset[str]

    def may(self, code: str) -> bool:
        return code in self.rights

    def require(self, code: str) -> None:
        """Raises NotAllowed. Services ask again; this keeps forms from those who cannot send."""
        if code not in self.rights:
            raise NotAllowed(code)

    @property
    def may_edit(self) -> bool:
        return EDIT in self.rights

    @property
    def may_grant(self) -> bool:
        return GRANT in self.rights

    @property
    def may_create(self) -> bool:
        return CREATE in self.rights

    @property
    def is_operator(self) -> bool:
        return OPERATE in self.rights


View = Callable[..., HttpResponse]


def at_desk(code: str = READ, *, recent: bool = False) -> Callable[[View], View]:
    """A view of the desk: it gets the `Desk` after the request. With `recent` the person answers
    "is it you?" first if the last proof is older than ten minutes.

    Guests are sent to the sign-in (a form of theirs is refused), people without the right get 403:
    that there is a desk is no secret. One query.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_in(request)
            if not actor.signed_in:
                if request.method in ("GET", "HEAD"):
                    return redirect_to_login(request.get_full_path())
                raise NotAllowed(code)
            desk = desk_of(request, actor)
            desk.require(READ)
            desk.require(code)
            if recent:
                require_recent(request)
            return view(request, desk, *args, **kwargs)

        return inner

    return wrap


def desk_of(request: HttpRequest, actor: Actor) -> Desk:
    """The desk of this host's network, or of the one the operator chose. Raises Http404 while
    there is no network."""
    here = network_in(request)
    wanted = Network.objects.filter(pk=here.pk if here else 0)
    chosen = request.session.get(_CHOSEN) if actor.is_operator else None
    if chosen:
        wanted = Network.objects.filter(uuid=UUID(chosen))
    rules = {rule.code: rule for rule in all_rules() if rule.code in _CODES}
    marks = {
        f"right_{place}": Case(When(rules[code].build(actor), then=Value(True)),
                               default=Value(False))
        for place, code in enumerate(_CODES)
    }  # fmt: skip
    network = wanted.defer("logo").annotate(**marks).first()
    if network is None:
        raise Http404
    held = {code for place, code in enumerate(_CODES) if getattr(network, f"right_{place}")}
    return Desk(network, actor, frozenset(held))


def choose_network(request: HttpRequest, uuid: UUID) -> None:
    """The operator's next pages are about this network."""
    request.session[_CHOSEN] = str(uuid)
