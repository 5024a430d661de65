"""Search behind one facade: rooms put documents, surfaces find them.

The words are analysed here, in Python, so that SQLite and PostgreSQL find the same. A cluster of
its own would take the place of `db.find_docs`.
"""

from lotse.foundation.core.search.analysis import terms
from lotse.foundation.core.search.index import Doc, drop, drop_kind, put
from lotse.foundation.core.search.query import Hit, Results, find

__all__ = ["Doc", "Hit", "Results", "drop", "drop_kind", "find", "put", "terms"]
