"""The topics as concepts of the search: what means one of them finds all of it."""

import re
from collections.abc import Iterable

from lotse.foundation.topics.models import Topic

_AND = re.compile(r",| und | and ")
_LEAST = 5


def concepts_of_topics() -> Iterable[tuple[str, list[str]]]:
    """The topics in use with their names and synonyms in all languages, and those of retired topics
    that they took the place of. One query.

    Names of groups are too broad to mean one thing, and so are their synonyms.
    """
    rows = Topic.objects.exclude(parent=None).values_list(
        "code", "name", "synonyms", "retired_at", "successor__code"
    )
    found: dict[str, list[str]] = {}
    for code, name, synonyms, retired_at, successor in rows.order_by("pk"):
        heir = successor if retired_at else code
        if heir:
            words = [word for some in synonyms.values() for word in some]
            found.setdefault(heir, []).extend(_names(name.values()) + words)
    return found.items()


def _names(names: Iterable[str]) -> list[str]:
    """Each name, and its halves ("Konflikt und Mediation")."""
    found = []
    for name in names:
        halves = [half.strip() for half in _AND.split(name)]
        found += [name, *(half for half in halves if len(half) >= _LEAST)]
    return list(dict.fromkeys(found))
