"""The page that finds, over 60,000 entries: what the bench measures of it."""

import random
from urllib.parse import urlencode

from tests.perf import search
from tests.perf.rounds import Case, Environ, environ

SIZE = 60_000
COMMON = "Beratung"  # thousands answer to it


def cases() -> list[Case]:
    """Questions of all kinds, without and with four facets chosen, one that thousands answer to,
    and the bare directory; the counts of all facets are on each page."""
    from lotse.foundation.parties.models import Network

    network = Network.objects.get(is_default=True)
    search.fill(SIZE, [network.uuid])
    _entries(network)
    words = search.Words(random.Random(7))
    asked = search.questions(words)
    chosen = {"kind": "organisation", "topic": words.topics[3]["code"], "size": "small",
              "region": words.regions[9]["key"][:2]}  # fmt: skip

    def page(question: str = "", **facets: str) -> Environ:
        found = environ("/verzeichnis/")
        found["QUERY_STRING"] = urlencode({"q": question, **facets})
        # Each by another reader: a single one would be stopped as a scraper.
        found["REMOTE_ADDR"] = f"127.{random.randrange(256)}.{random.randrange(256)}.1"
        return found

    return [
        Case("find", lambda: page(random.choice(asked))),
        Case("find chosen", lambda: page(random.choice(asked), **chosen)),
        Case("find common", lambda: page(COMMON)),
        Case("find all", page),
    ]


def _entries(network: object) -> None:
    """The entries behind the documents, public, so that each hit has its line."""
    from lotse.foundation.parties.models import Organisation
    from lotse.rooms.directory.models import Channel, Entry, Publication, Revision

    docs = list(search.documents(SIZE, [network.uuid]))
    houses = [doc for doc in docs if doc.kind == "organisation"]
    made = Organisation.objects.bulk_create(
        Organisation(network=network, name=doc.title, kind="business") for doc in houses
    )
    entries = Entry.objects.bulk_create(
        Entry(
            uuid=doc.ref,
            network=network,
            kind="organisation" if doc.kind == "organisation" else "service",
            organisation=made[number // 6],
        )
        for number, doc in enumerate(docs)
    )
    revisions = Revision.objects.bulk_create(
        Revision(
            entry=entry, number=1, author="command:bench",
            content={"name": doc.title, "kind": "business", "city": "Mannheim",
                     "summary": doc.summary, "fields": doc.fields},
        )
        for entry, doc in zip(entries, docs, strict=True)
    )  # fmt: skip
    Publication.objects.bulk_create(
        Publication(entry=entry, channel=Channel.WEB, revision=revision, via="released",
                    by="command:bench")
        for entry, revision in zip(entries, revisions, strict=True)
    )  # fmt: skip
