"""The full-text index of both databases: the SQL of `core.search`, beside that of `core.db`.

The words come analysed: tokens are compared as they are, so both databases find the same. SQLite
keeps them in FTS5 tables over core_searchtext (rulings 27), PostgreSQL in generated tsvectors with
GIN indexes; neither ranks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from lotse.foundation.core.db import is_postgres, moment

# One group of a question: any of these, each of which are tokens that must all be there.
Alternatives = tuple[tuple[str, ...], ...]

_SHAPE = "content='core_searchtext', content_rowid='doc_id', detail=column, columnsize=0"
_TOKENS = "tokenize=\"ascii tokenchars '=-_.'\""
_TABLES = {
    "core_search_fts": ("title_terms, topic_terms, body_terms, facets", ""),
    "core_search_names": ("title_words, name_keys", ", prefix='2 3'"),
}


def _up_sqlite(table: str, columns: str, more: str) -> list[str]:
    old, new = (", ".join(f"{row}.{c}" for c in columns.split(", ")) for row in ("old", "new"))
    add = f"INSERT INTO {table}(rowid, {columns}) VALUES (new.doc_id, {new});"  # noqa: S608  # names are ours
    take = f"""INSERT INTO {table}({table}, rowid, {columns})
               VALUES ('delete', old.doc_id, {old});"""  # noqa: S608  # names are ours
    on = "ON core_searchtext BEGIN"
    return [
        f"CREATE VIRTUAL TABLE {table} USING fts5({columns}, {_SHAPE}, {_TOKENS}{more})",
        f"CREATE TRIGGER {table}_ai AFTER INSERT {on} {add} END",
        f"CREATE TRIGGER {table}_ad AFTER DELETE {on} {take} END",
        f"CREATE TRIGGER {table}_au AFTER UPDATE {on} {take} {add} END",
    ]


_VECTORS = {
    "title_vec": "title_terms",
    "near_vec": "title_terms || ' ' || topic_terms",
    "all_vec": "title_terms || ' ' || topic_terms || ' ' || body_terms || ' ' || facets",
    "words_vec": "title_words",
    "keys_vec": "name_keys",
}


def _up_postgres(column: str, text: str) -> list[str]:
    tokens = f"array_remove(string_to_array({text}, ' '), '')"
    return [
        f"""ALTER TABLE core_searchtext ADD COLUMN {column} tsvector
              GENERATED ALWAYS AS (array_to_tsvector({tokens})) STORED""",
        f"""CREATE INDEX core_searchtext_{column} ON core_searchtext USING gin({column})
              WITH (fastupdate = off)""",
    ]


def create(apps: Any, schema_editor: Any) -> None:
    """Migration step: the full-text index of the database at hand, and the one by name."""
    if schema_editor.connection.vendor == "postgresql":
        steps = [s for column, text in _VECTORS.items() for s in _up_postgres(column, text)]
        order = 'sort_key COLLATE "C", spot, id'
    else:
        steps = [s for table, (c, more) in _TABLES.items() for s in _up_sqlite(table, c, more)]
        order = "sort_key, spot, id"
    steps.append(f"CREATE INDEX core_searchdoc_by_name ON core_searchdoc ({order})")
    for step in steps:
        schema_editor.execute(step)


def drop(apps: Any, schema_editor: Any) -> None:
    """The way back: the tables themselves go with their models."""
    steps = ["DROP INDEX core_searchdoc_by_name"]
    if schema_editor.connection.vendor == "postgresql":
        steps += [f"ALTER TABLE core_searchtext DROP COLUMN {column}" for column in _VECTORS]
    else:
        for table in _TABLES:
            steps += [f"DROP TRIGGER {table}_{when}" for when in ("ai", "ad", "au")]
            steps.append(f"DROP TABLE {table}")
    for step in steps:
        schema_editor.execute(step)


@dataclass(frozen=True)
class Scope:
    """What somebody may find: bits for each network, languages, kinds, and the moment of asking."""

    networks: tuple[tuple[UUID, int], ...]
    langs: tuple[str, ...]
    kinds: tuple[str, ...]
    now: datetime
    everybody: int = 1


@dataclass(frozen=True)
class Wanted:
    """Groups that must all be met, and facets: of each choice one token must be there. `words` are
    the groups without what only means the same, where that is less."""

    groups: tuple[Alternatives, ...] = ()
    facets: tuple[tuple[str, ...], ...] = ()
    words: tuple[Alternatives, ...] = ()

    def at(self, place: int) -> tuple[Alternatives, ...]:
        """What must be met for a place: in the two narrowest the words themselves."""
        return self.words or self.groups if place in (TITLE, NEAR) else self.groups


# One hit, as narrow as it gets: key, facets, spot, sort key.
Row = tuple[int, str, int, str]


# Where the words of a hit may stand, from the narrowest place to the widest. NEAR and MEANT are the
# same columns: first the words themselves, then also what means the same.
TITLE, NEAR, MEANT, ANYWHERE = 1, 2, 3, 4
_COLUMNS = {
    TITLE: "title_terms",
    NEAR: "title_terms topic_terms",
    MEANT: "title_terms topic_terms",
    ANYWHERE: "title_terms topic_terms body_terms",
}
_VECTOR = {TITLE: "title_vec", NEAR: "near_vec", MEANT: "near_vec", ANYWHERE: "all_vec"}
Sql = tuple[str, list[Any]]
_FTS = "core_search_fts"


def _joined(groups: Iterable[Alternatives], quote: str, both: str, either: str) -> str:
    return both.join(
        "(" + either.join(
            "(" + both.join(f"{quote}{token}{quote}" for token in tokens) + ")"
            for tokens in alternatives
        ) + ")"
        for alternatives in groups
    )  # fmt: skip


def _single(tokens: Iterable[str]) -> Alternatives:
    return tuple((token,) for token in tokens)


def _fts(wanted: Wanted, place: int = ANYWHERE, *, but: int = 0) -> str:
    """The expression for FTS5; `but` leaves out what is found in a narrower place already."""
    words = _joined(wanted.at(place), '"', " AND ", " OR ")
    parts = [f"{{{_COLUMNS[place]}}} : ({words})"] if words else []
    if wanted.facets:
        chosen = _joined(map(_single, wanted.facets), '"', " AND ", " OR ")
        parts.append(f"{{facets}} : ({chosen})")
    found = " AND ".join(f"({part})" for part in parts)
    if not but:
        return found
    nearer = _joined(wanted.at(but), '"', " AND ", " OR ")
    return f"({found}) NOT ({{{_COLUMNS[but]}}} : ({nearer}))"


def _matching(wanted: Wanted, place: int = ANYWHERE, *, but: int = 0) -> Sql:
    """The condition on core_searchtext (t), or on the FTS5 table."""
    if not is_postgres():
        return "core_search_fts MATCH %s", [_fts(wanted, place, but=but)]
    words = _joined(wanted.at(place), "'", " & ", " | ")
    tests, values = [], []
    if words:
        tests.append(f"t.{_VECTOR[place]} @@ %s::tsquery")
        values.append(words)
    if wanted.facets:
        tests.append("t.all_vec @@ %s::tsquery")
        values.append(_joined(map(_single, wanted.facets), "'", " & ", " | "))
    if but:
        tests.append(f"NOT t.{_VECTOR[but]} @@ %s::tsquery")
        values.append(_joined(wanted.at(but), "'", " & ", " | "))
    return " AND ".join(tests), values


def _seen(scope: Scope) -> Sql:
    """The condition on core_searchdoc (d) for what this viewer may know of, now."""
    by_bits: dict[int, list[UUID]] = {}
    for network, bits in scope.networks:
        by_bits.setdefault(bits, []).append(network)
    # What belongs to no network is for all networks: everybody has at least the public bit.
    held = scope.everybody
    for bits in by_bits:
        held |= bits
    places, values = [f"(d.network_uuid IS NULL AND (d.audience & {held}) <> 0)"], []
    for bits, networks in by_bits.items():
        marks = ", ".join(["%s"] * len(networks))
        places.append(f"(d.network_uuid IN ({marks}) AND (d.audience & {bits}) <> 0)")
        values += [network if is_postgres() else network.hex for network in networks]
    kinds = ", ".join(["%s"] * len(scope.kinds)) or "NULL"
    langs = ", ".join(["%s"] * len(scope.langs))
    now = moment(scope.now)
    return (
        f"d.lang IN ({langs}) AND d.kind IN ({kinds}) AND ({' OR '.join(places)}) "
        "AND (d.from_at IS NULL OR d.from_at <= %s) AND (d.until_at IS NULL OR d.until_at > %s)",
        [*scope.langs, *scope.kinds, *values, now, now],
    )


def _indexed(match: str) -> str:
    """PostgreSQL's condition on core_searchdoc (d): the index is asked first and once. In a join
    the planner takes comparing vectors for cheap, and compares those of the whole table."""
    return f"d.id = ANY(ARRAY(SELECT t.doc_id FROM core_searchtext t WHERE {match}))"  # noqa: S608  # names are ours


def _from(wanted: Wanted) -> str:
    if is_postgres() or not (wanted.groups or wanted.facets):
        return "core_searchdoc d"
    # CROSS JOIN: the index first, then the documents by their key, never the other way round.
    return "core_search_fts CROSS JOIN core_searchdoc d ON d.id = core_search_fts.rowid"


def _where(wanted: Wanted, scope: Scope, place: int = ANYWHERE, *, but: int = 0) -> Sql:
    seen, values = _seen(scope)
    if not (wanted.groups or wanted.facets):
        return seen, values
    match, more = _matching(wanted, place, but=but)
    match = _indexed(match) if is_postgres() else match
    return f"{match} AND {seen}", [*more, *values]


def _all(statement: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
        return rows


def hits(wanted: Wanted, scope: Scope, *, limit: int) -> list[Row]:
    """What is wanted and may be seen, in no order, at most `limit`. One query."""
    where, values = _where(wanted, scope)
    statement = f"""SELECT d.id, d.facets, d.spot, d.sort_key FROM {_from(wanted)}
                    WHERE {where} LIMIT {int(limit)}"""  # noqa: S608  # values are parameters
    return _all(statement, values)


def places(asked: Sequence[tuple[int, Wanted, int]]) -> list[tuple[int, int]]:
    """(mark, key of document) for each (mark, wanted, place): which hits are met where, seen or
    not. One query."""
    key, table = ("t.doc_id", "core_searchtext t") if is_postgres() else ("rowid", _FTS)
    parts, values = [], []
    for mark, wanted, place in asked:
        match, more = _matching(wanted, place)
        parts.append(f"SELECT {int(mark)}, {key} FROM {table} WHERE {match}")  # noqa: S608  # names are ours
        values += more
    return _all(" UNION ALL ".join(parts), values) if parts else []


def counts(asked: Sequence[tuple[Wanted, int]], scope: Scope, *, limit: int) -> list[int]:
    """How many of each (wanted, place) may be seen, counted up to `limit`. One query for all."""
    parts, values = [], []
    for number, (wanted, place) in enumerate(asked):
        where, more = _where(wanted, scope, place)
        parts.append(
            f"""SELECT {number} AS n, (SELECT COUNT(*) FROM (SELECT 1 FROM {_from(wanted)}
                WHERE {where} LIMIT {int(limit)}) AS s{number}) AS found"""  # noqa: S608  # names are ours
        )
        values += more
    return [found for _n, found in sorted(_all(" UNION ALL ".join(parts), values))] if parts else []


def _by_name() -> str:
    return 'd.sort_key COLLATE "C", d.spot, d.id' if is_postgres() else "d.sort_key, d.spot, d.id"


def first(
    wanted: Wanted,
    scope: Scope,
    *,
    limit: int,
    turn: tuple[int, int] | None = None,
    place: int = ANYWHERE,
    but: int = 0,
) -> list[int]:
    """Keys of the first hits, where there are too many to read them all: by name, or with `turn`
    (factor, modulus) by the turn of the day. One query."""
    where, values = _where(wanted, scope, place, but=but)
    order = _by_name()
    if turn is None and not is_postgres():
        # There are many: along the alphabet they are found soon, by kind they would be sorted all.
        where = where.replace("d.kind IN", "+d.kind IN")
    elif turn is not None:
        order = f"(CAST(d.spot AS bigint) * {int(turn[0])}) %% {int(turn[1])}, d.id"
    statement = f"""SELECT d.id FROM {_from(wanted)} WHERE {where}
                    ORDER BY {order} LIMIT {int(limit)}"""  # noqa: S608  # values are parameters
    return [row[0] for row in _all(statement, values)]


class Shown(NamedTuple):
    """What a line of the list needs."""

    id: int
    kind: str
    ref: UUID
    title: str
    url: str
    lang: str
    key: str
    summary: str
    fields: str
    title_terms: str
    topic_terms: str
    body_terms: str


def shown(keys: Sequence[int]) -> dict[int, Shown]:
    """The lines of some documents by their key. One query."""
    if not keys:
        return {}
    marks = ", ".join(["%s"] * len(keys))
    rows = _all(
        f"""SELECT d.id, d.kind, d.ref, d.title, d.url, d.lang, d.key, t.summary, t.fields,
                   t.title_terms, t.topic_terms, t.body_terms
            FROM core_searchdoc d JOIN core_searchtext t ON t.doc_id = d.id
            WHERE d.id IN ({marks})""",  # noqa: S608  # values are parameters
        keys,
    )
    found = {}
    for row in rows:
        ref = row[2] if isinstance(row[2], UUID) else UUID(row[2])
        found[row[0]] = Shown._make((*row[:2], ref, *row[3:]))
    return found


def _names(tokens: Iterable[str], column: str, *, prefix: bool) -> Sql:
    """The condition for words of titles: beginnings that must all be there, or any of the keys."""
    if is_postgres():
        end, glue, vector = (":*", " & ", "words_vec") if prefix else ("", " | ", "keys_vec")
        words = glue.join(f"'{token}'{end}" for token in tokens)
        return _indexed(f"t.{vector} @@ %s::tsquery"), [words]
    end, glue = (" *", " AND ") if prefix else ("", " OR ")
    words = glue.join(f'"{token}"{end}' for token in tokens)
    return "core_search_names MATCH %s", [f"{{{column}}} : ({words})"]


def _from_names() -> str:
    if is_postgres():
        return "core_searchdoc d"
    return "core_search_names CROSS JOIN core_searchdoc d ON d.id = core_search_names.rowid"


def beginning(text: str, words: Sequence[str], scope: Scope, *, limit: int) -> list[int]:
    """Keys of titles that begin with `text`, then of those with words that begin so, each in the
    order of the alphabet. At most two queries."""
    seen, values = _seen(scope)
    name = 'd.sort_key COLLATE "C"' if is_postgres() else "d.sort_key"
    found = _all(
        f"""SELECT d.id FROM core_searchdoc d WHERE {name} >= %s AND {name} < %s AND {seen}
            ORDER BY {_by_name()} LIMIT {int(limit)}""",  # noqa: S608  # values are parameters
        [text, text + "\U0010ffff", *values],
    )
    if len(found) < limit:
        match, more = _names(words, "title_words", prefix=True)
        found += _all(
            f"""SELECT d.id FROM {_from_names()} WHERE {match} AND {seen}
                ORDER BY {_by_name()} LIMIT {int(limit)}""",  # noqa: S608  # values are parameters
            [*more, *values],
        )
    return list(dict.fromkeys(row[0] for row in found))[:limit]


def names_near(keys: Sequence[str], scope: Scope, *, limit: int) -> list[tuple[str, str]]:
    """(title, its words) of names that share one of the keys of a neighbourhood. One query."""
    seen, values = _seen(scope)
    match, more = _names(keys, "name_keys", prefix=False)
    rows = _all(
        f"""SELECT d.title, w.title_words
            FROM {_from_names()} JOIN core_searchtext w ON w.doc_id = d.id
            WHERE {match} AND d.names AND {seen}
            ORDER BY d.spot, d.id LIMIT {int(limit)}""",  # noqa: S608  # values are parameters
        [*more, *values],
    )
    return [(title, words) for title, words in rows]


def remove(column: str, value: Any) -> None:
    """Takes all documents of one `kind`, or all of one `ref`, out. Two statements."""
    if column not in {"kind", "ref"}:
        raise ValueError(column)
    if isinstance(value, UUID) and not is_postgres():
        value = value.hex
    of = f"core_searchdoc WHERE {column} = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM core_searchtext WHERE doc_id IN (SELECT id FROM {of})",  # noqa: S608  # names are ours
            [value],
        )
        cursor.execute(f"DELETE FROM {of}", [value])  # noqa: S608  # a column of ours


def refresh() -> None:
    """After many documents were put: what the planner knows of them, and the index in one piece."""
    with connection.cursor() as cursor:
        if not is_postgres():
            for table in _TABLES:
                cursor.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608  # names are ours
        for table in ("core_searchdoc", "core_searchtext"):
            cursor.execute(f"ANALYZE {table}")
