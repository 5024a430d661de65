"""Search behind one facade: rooms put documents, surfaces find them.

The words are analysed here, in Python, so that SQLite and PostgreSQL find the same. A cluster of
its own would take the place of `core.fulltext`.
"""

from lotse.foundation.core.search.index import (
    ALL,
    ANY_LANG,
    MEMBERS,
    OFFICE,
    WEB,
    Doc,
    drop,
    drop_kind,
    is_empty,
    put,
    reindex,
)
from lotse.foundation.core.search.query import find, suggest
from lotse.foundation.core.search.results import ANYBODY, Hit, Results, Viewer, Why

__all__ = ["ALL", "ANYBODY", "ANY_LANG", "MEMBERS", "OFFICE", "WEB", "Doc", "Hit", "Results",
           "Viewer", "Why", "drop", "drop_kind", "find", "is_empty", "put", "reindex",
           "suggest"]  # fmt: skip
