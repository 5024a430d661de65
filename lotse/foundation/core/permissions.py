"""One registry of rules; each is a `Q` builder that serves both "may I" and "which ones".

A rule has a code (`checks.assessment.edit`), a title, and the code whose holders may know that
the object exists: with it a stranger gets 404 and a reader without the right 403.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed

NOBODY = Q(pk__in=())
EVERYBODY = ~NOBODY


@dataclass(frozen=True)
class Rule:
    """One right: what it is called, for whom it holds, and which right lets the object be known."""

    code: str
    title: Any
    sentence: Any
    model: type[Model]
    build: Callable[[Actor], Q]
    known_by: str


_rules: dict[str, Rule] = {}
_UNPROVED: tuple[Actor | None, dict[str, bool]] = (None, {})
M = TypeVar("M", bound=Model)


def rule(
    code: str, *, model: type[Model], title: Any, sentence: Any, known_by: str = ""
) -> Callable[[Callable[[Actor], Q]], Callable[[Actor], Q]]:
    """Registers a rule; `title` and `sentence` are what a page shows of it (T09)."""

    def register(build: Callable[[Actor], Q]) -> Callable[[Actor], Q]:
        if code in _rules:
            raise ValueError(f"rule {code} is registered twice")
        _rules[code] = Rule(code, title, sentence, model, build, known_by or code)
        return build

    return register


def all_rules() -> list[Rule]:
    """All rules in order of their codes: for the page of rights and for the matrix (T01, T09)."""
    return [_rules[code] for code in sorted(_rules)]


def visible(code: str, actor: Actor, queryset: QuerySet[M]) -> QuerySet[M]:
    """The rows of `queryset` that the rule lets the actor have."""
    return queryset.filter(_rules[code].build(actor))


def get_visible(
    code: str, actor: Actor, uuid: UUID, queryset: QuerySet[M], *, also: tuple[str, ...] = ()
) -> M:
    """The one object, the only way to load it in a view. One query, one more for who holds less.

    Raises Http404 where the actor may not know it exists, NotAllowed (403) where the actor may
    know but lacks the right. `also` are rights that go beyond this one, the furthest first; `has`
    and `require` then know them without another query.
    """
    codes = list(dict.fromkeys([*also, code, _rules[code].known_by]))
    rows = queryset.filter(uuid=uuid)
    # From the furthest right down, each in a statement of its own: most people hold the furthest,
    # and a rule takes Django a millisecond to put into SQL.
    for reached, name in enumerate(codes):
        # Not `first()`: one row has no order, and putting one into SQL takes its time.
        obj: M | None = next(iter(rows.filter(_rules[name].build(actor))[:1]), None)
        if obj is not None:
            proved = {held: place >= reached for place, held in enumerate(codes)}
            obj._proved = (actor, proved)  # type: ignore[attr-defined]  # read by `has`
            if not proved[code]:
                raise NotAllowed(code)
            return obj
    raise Http404


def has(code: str, actor: Actor, obj: Model) -> bool:
    """Whether the actor has the right; no query for what `get_visible` proved, else one."""
    asked, proved = getattr(obj, "_proved", _UNPROVED)
    if asked == actor and code in proved:
        return proved[code]
    rule_ = _rules[code]
    return rule_.model._default_manager.filter(rule_.build(actor), pk=obj.pk).exists()


def require(code: str, actor: Actor, obj: Model) -> None:
    """What a service calls first. Raises NotAllowed."""
    if not actor.trusted and not has(code, actor, obj):
        raise NotAllowed(code)
