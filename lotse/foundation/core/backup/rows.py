"""Rows as text, the same for both databases: PostgreSQL's COPY format, SQLite's value forms.

UUIDs are 32 hex digits, moments UTC without zone, truth 0 or 1, bytes `\\x` and hex digits. What
PostgreSQL needs of this it converts itself; for SQLite it is what Django stores there.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

_KINDS = {
    "AutoField": "int", "BigAutoField": "int", "SmallAutoField": "int", "IntegerField": "int",
    "BigIntegerField": "int", "SmallIntegerField": "int", "PositiveIntegerField": "int",
    "PositiveBigIntegerField": "int", "PositiveSmallIntegerField": "int", "BooleanField": "bool",
    "CharField": "text", "TextField": "text", "SlugField": "text", "FileField": "text",
    "UUIDField": "uuid", "DateTimeField": "moment", "DateField": "date", "FloatField": "float",
    "DecimalField": "decimal", "JSONField": "json", "BinaryField": "bytes",
}  # fmt: skip
KINDS = frozenset(_KINDS.values())
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b",
                          "\f": "\\f", "\v": "\\v"})  # fmt: skip
_SPECIAL = re.compile(r"[\\\t\n\r\b\f\v]")
_SEQUENCE = re.compile(r"\\(.)")
_MEANING = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
PORTION = 2000


@dataclass(frozen=True)
class Table:
    """One table: its name, its columns with their kinds, and the key it is ordered by."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _kind in self.columns)


def tables_of(apps: Any) -> list[Table]:
    """The tables of all models, in order of their names; `apps` may be those of a past state."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            columns = tuple((field.column, kind_of(field)) for field in model._meta.local_fields)
            table = model._meta.db_table
            found[table] = Table(table, columns, model._meta.pk.column)
    return [found[name] for name in sorted(found)]


def kind_of(field: Any) -> str:
    """How the values of a field are written. Raises TypeError for one that has no form yet."""
    while field.remote_field is not None:
        field = field.target_field
    kind = _KINDS.get(field.get_internal_type())
    if kind is None:
        raise TypeError(f"backup knows no form for {field.get_internal_type()} ({field})")
    return kind


def _text(value: str) -> str:
    return value.translate(_ESCAPED) if _SPECIAL.search(value) else value


_WRITE: dict[str, Callable[[Any], str]] = {
    "int": str, "bool": lambda value: "1" if value else "0", "text": _text, "json": _text,
    "uuid": str, "moment": str, "date": str, "float": repr, "decimal": str,
    "bytes": lambda value: "\\\\x" + bytes(value).hex(),
}  # fmt: skip


def encode(table: Table, rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    """Rows of SQLite as lines, in portions."""
    writers = [_WRITE[kind] for _name, kind in table.columns]
    rows = iter(rows)
    while portion := list(islice(rows, PORTION)):
        lines = [
            "\t".join(
                ["\\N" if value is None else write(value)
                 for write, value in zip(writers, row, strict=True)]
            )
            for row in portion
        ]  # fmt: skip
        yield ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def _plain(value: str) -> str:
    if "\\" not in value:
        return value
    return _SEQUENCE.sub(lambda found: _MEANING.get(found[1], found[1]), value)


_READ: dict[str, Callable[[str], Any]] = {
    "int": int, "bool": int, "text": _plain, "json": _plain, "uuid": str, "moment": str,
    "date": str, "float": float, "decimal": str,
    "bytes": lambda value: bytes.fromhex(_plain(value)[2:]),
}  # fmt: skip


def decode(table: Table, lines: Iterable[bytes]) -> Iterator[tuple[Any, ...]]:
    """Lines as rows for SQLite. Raises ValueError for a line that is none of this table."""
    readers = [_READ[kind] for _name, kind in table.columns]
    for line in lines:
        values = line.decode("utf-8", "surrogatepass").removesuffix("\n").split("\t")
        yield tuple(
            None if value == "\\N" else read(value)
            for read, value in zip(readers, values, strict=True)
        )


_SELECT_POSTGRES = {
    "bool": "{0}::int",
    "uuid": "replace({0}::text, '-', '')",
    "moment": "replace(to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), "
              "'.000000', '')",
}  # fmt: skip


def quoted(name: str) -> str:
    """A name of a table or column as an identifier of either database."""
    return '"' + name.replace('"', '""') + '"'


def select_postgres(table: Table) -> str:
    """The SELECT whose COPY gives the lines of a table."""
    columns = ", ".join(
        _SELECT_POSTGRES.get(kind, "{0}").format(quoted(name)) for name, kind in table.columns
    )
    return f"SELECT {columns} FROM {quoted(table.name)} ORDER BY {quoted(table.key)}"  # noqa: S608  # names of our models


def select_sqlite(table: Table) -> str:
    """The SELECT whose rows `encode` writes."""
    columns = ", ".join(quoted(name) for name in table.names)
    return f"SELECT {columns} FROM {quoted(table.name)} ORDER BY {quoted(table.key)}"  # noqa: S608  # names of our models
