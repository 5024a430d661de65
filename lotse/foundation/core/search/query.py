"""Finding: all words first; when that gives too little, any of them too, and it is said."""

from dataclasses import dataclass
from uuid import UUID

from lotse.foundation.core import db, hooks
from lotse.foundation.core.models import SearchDoc
from lotse.foundation.core.search.analysis import MOST_TERMS, terms

ENOUGH = 5


@dataclass(frozen=True)
class Hit:
    """One line of the list."""

    kind: str
    kind_title: str
    title: str
    summary: str
    url: str


@dataclass(frozen=True)
class Results:
    """`widened` says that the last hits lack some words; `words` is what was searched for."""

    hits: list[Hit]
    words: list[str]
    widened: bool = False


def find(text: str, *, lang: str, network: UUID | None = None, limit: int = 30) -> Results:
    """The best hits for what a person typed, also for a whole sentence. At most 3 queries."""
    words = terms(text, lang)[:MOST_TERMS]
    if not words:
        return Results([], [])
    keys = db.find_docs(words, every=True, lang=lang, network=network, limit=limit)
    widened = False
    if len(keys) < ENOUGH and len(words) > 1:
        more = db.find_docs(words, every=False, lang=lang, network=network, limit=limit)
        keys, before = list(dict.fromkeys([*keys, *more]))[:limit], len(keys)
        widened = len(keys) > before
    return Results(_hits(keys), words, widened)


def _hits(keys: list[int]) -> list[Hit]:
    titles = {kind.key: str(kind.title) for kind in hooks.search_kinds}
    rows = {
        row["id"]: row
        for row in SearchDoc.objects.filter(pk__in=keys).values(
            "id", "kind", "title", "summary", "url"
        )
    }
    return [
        Hit(
            kind=row["kind"],
            kind_title=titles.get(row["kind"], row["kind"]),
            title=row["title"],
            summary=row["summary"],
            url=row["url"],
        )
        for key in keys
        if (row := rows.get(key)) and row["kind"] in titles
    ]
