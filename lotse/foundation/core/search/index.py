"""Writing to the index, in the transaction of the object."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lotse.foundation.core import fulltext, hooks
from lotse.foundation.core.models import SearchDoc, SearchText
from lotse.foundation.core.search import facets
from lotse.foundation.core.search.analysis import (
    concept_tokens,
    fold,
    index_terms,
    name_keys,
    title_words,
    word_terms,
)

WEB, MEMBERS, OFFICE, ALL = 1, 2, 4, 7
ANY_LANG = "*"
BAR = " | "
TITLE, TOPIC, SUMMARY = "title", "topic", "summary"
_WORD = re.compile(r"[^\W_]+")
_MOST_TERMS = 10_000
# A prime, so that every factor of a day (query.turn) brings all spots into another order.
SPOTS = 2_147_483_647


@dataclass(frozen=True)
class Doc:
    """One findable thing in one language, or in "*" for an entry found from all of them.

    Three classes of words: the title; `words`, names of topics and services; `fields` and `body`.
    Texts by the key that a hit names as its reason; `words` without keys are those of topics. Texts
    are searched but not kept. Seen by the
    `audience` in its `network` (everywhere without one), between `from_at` and `until_at`. What
    nobody may find is never given to `put`: an entry's limits, what is not let through.
    """

    kind: str
    ref: UUID
    lang: str
    title: str
    url: str
    summary: str = ""
    words: str | Mapping[str, str] = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    text_lang: str = "de"
    part: str = ""
    network: UUID | None = None
    audience: int = ALL
    from_at: datetime | None = None
    until_at: datetime | None = None
    facets: Iterable[tuple[str, str]] = ()
    names: bool = False
    key: str = ""
    sort: str = ""  # the title as a list sorts it, where it is another: "Birkholz, Agnes"


_DOC = ("network_uuid", "audience", "from_at", "until_at", "spot", "names", "sort_key", "facets",
        "key", "title", "url")  # fmt: skip
_TEXT = ("summary", "fields", "title_words", "title_terms", "topic_terms", "body_terms",
         "name_keys", "facets")  # fmt: skip


@transaction.atomic
def put(docs: Iterable[Doc]) -> int:
    """Puts documents into the index; one with the same kind, ref, part and language is replaced.

    Two queries for any number up to some hundred, and at most one for each facet that occurs.
    """
    found = {(doc.kind, doc.ref, doc.part, doc.lang): doc for doc in docs}
    if not found:
        return 0
    column = facets.settled()
    rows = [_row(doc, column) for doc in found.values()]
    SearchDoc.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["kind", "ref", "part", "lang"],
        update_fields=_DOC,
    )
    texts = [_text(row, doc) for row, doc in zip(rows, found.values(), strict=True)]
    SearchText.objects.bulk_create(
        texts, update_conflicts=True, unique_fields=["doc"], update_fields=_TEXT
    )
    return len(rows)


def _row(doc: Doc, column: Callable[[Iterable[tuple[str, str]]], str]) -> SearchDoc:
    pairs = [*doc.facets, ("kind", doc.kind)]
    if doc.network is not None:
        pairs.append(("network", doc.network.hex))
    return SearchDoc(
        kind=doc.kind,
        ref=doc.ref,
        part=doc.part,
        lang=doc.lang,
        network_uuid=doc.network,
        audience=doc.audience,
        from_at=doc.from_at,
        until_at=doc.until_at,
        spot=_spot(doc),
        names=doc.names,
        sort_key=sort_key(doc.sort or doc.title),
        facets=column(pairs),
        key=doc.key[:80],
        title=doc.title[:300],
        url=doc.url,
    )


def _spot(doc: Doc) -> int:
    """The same number on every installation, without any meaning."""
    name = f"{doc.kind}:{doc.ref}:{doc.part}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big") % (SPOTS - 1) + 1


def sort_key(title: str) -> str:
    """A title as it stands in the alphabet: folded, umlauts written out."""
    return " ".join(filter(None, map(fold, _WORD.findall(title))))[:80]


def _text(row: SearchDoc, doc: Doc) -> SearchText:
    lang = doc.text_lang if doc.lang == ANY_LANG else doc.lang
    surface = title_words(doc.title)
    stems = word_terms(doc.title, lang, keep_stop_words=True)
    words = doc.words if isinstance(doc.words, Mapping) else {TOPIC: doc.words}
    # What a title means is no word of the title.
    near = {TITLE: concept_tokens(doc.title, lang)}
    for key, said in words.items():
        if said:
            near[key] = [*near.get(key, ()), *index_terms(said, lang)]
    texts = {SUMMARY: doc.summary, **doc.fields, "": doc.body}
    texts = {key: text for key, text in texts.items() if text}
    return SearchText(
        doc=row,
        summary=doc.summary,
        fields=" ".join([*near, "/", *(key or "-" for key in texts)]),
        title_words=" ".join(surface),
        title_terms=" ".join(dict.fromkeys([*stems, *surface])),
        topic_terms=BAR.join(map(" ".join, near.values())),
        body_terms=BAR.join(
            " ".join(index_terms(text, lang)[:_MOST_TERMS]) for text in texts.values()
        ),
        name_keys=" ".join(name_keys(surface)) if doc.names else "",
        facets=row.facets,
    )


def drop(ref: UUID) -> None:
    """Takes everything of one object out of the index."""
    fulltext.remove("ref", ref)


def drop_kind(kind: str) -> None:
    """Takes all of one kind out of the index, before it is indexed anew."""
    fulltext.remove("kind", kind)


def reindex(*kinds: str) -> int:
    """Puts all kinds, or the named ones, into the index anew, each in a transaction of its own.
    Returns how many documents there are then of them."""
    count = 0
    for kind in list(hooks.search_kinds):
        if not kinds or kind.key in kinds:
            with transaction.atomic():
                count += kind.reindex()
    fulltext.refresh()
    return count


def is_empty() -> bool:
    """Whether nothing can be found at all, as after an upgrade. One query."""
    return not SearchDoc.objects.exists()
