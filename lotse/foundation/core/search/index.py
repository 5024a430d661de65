"""Writing to the index, in the transaction of the object."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from lotse.foundation.core.models import SearchDoc
from lotse.foundation.core.search.analysis import terms


@dataclass(frozen=True)
class Doc:
    """One findable thing in one language; `body` is searched but not kept as text."""

    kind: str
    ref: UUID
    lang: str
    title: str
    url: str
    summary: str = ""
    body: str = ""
    part: str = ""
    network: UUID | None = None


def put(docs: Iterable[Doc]) -> int:
    """Puts documents into the index; a document with the same kind, ref, part and language is
    replaced. One query for any number."""
    rows = [
        SearchDoc(
            kind=doc.kind,
            ref=doc.ref,
            part=doc.part,
            network_uuid=doc.network,
            lang=doc.lang,
            title=doc.title[:300],
            summary=doc.summary,
            url=doc.url,
            title_terms=" ".join(terms(doc.title, doc.lang, keep_stop_words=True)),
            body_terms=" ".join(terms(f"{doc.summary} {doc.body}", doc.lang)),
        )
        for doc in docs
    ]
    SearchDoc.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["kind", "ref", "part", "lang"],
        update_fields=["network_uuid", "title", "summary", "url", "title_terms", "body_terms"],
    )
    return len(rows)


def drop(ref: UUID) -> None:
    """Takes everything of one object out of the index."""
    SearchDoc.objects.filter(ref=ref).delete()


def drop_kind(kind: str) -> None:
    """Takes all of one kind out of the index, before it is indexed anew."""
    SearchDoc.objects.filter(kind=kind).delete()
