"""Queries that Django puts into SQL once per process: for what every request asks.

Putting a query of two joins into SQL takes Django about a millisecond, reading its few rows a
tenth of that. A prepared query is written with the ORM as any other, with a `Slot` where a value
will stand.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]


class Slot(Expression):
    """The place of a value in a prepared query; `output_field` says how databases write it."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A placeholder; its parameter is the slot itself until a value takes its place."""
        return "%s", (self,)

    def value_for(self, value: Any) -> Any:
        """The value as the database in use takes it."""
        return self.output_field.get_db_prep_value(value, connection)


class Prepared:
    """A query of `values_list(...)` that is built at its first use, for each kind of database."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._made: dict[str, tuple[str, list[Any], list[Any]]] = {}

    def rows(self, **values: Any) -> list[Row]:
        """The rows for these values of the slots. One query. Raises KeyError for a slot without."""
        sql, parameters, columns = self._made.get(connection.vendor) or self._make()
        given = [
            one.value_for(values[one.name]) if isinstance(one, Slot) else one for one in parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            found: list[Row] = cursor.fetchall()
        converters = [_converters(column) for column in columns]
        if not any(converters):
            return found
        return [
            tuple(
                _converted(value, column, some)
                for value, column, some in zip(row, columns, converters, strict=True)
            )
            for row in found
        ]

    def _make(self) -> tuple[str, list[Any], list[Any]]:
        compiler = self._build().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [column[0] for column in compiler.select]
        made = self._made[connection.vendor] = (sql, list(parameters), columns)
        return made


class PreparedObjects(Generic[M]):
    """Like `Prepared`, for whole objects with those they lead to by single relations, as
    `select_related` brings them: `follow` names these, nearest first."""

    def __init__(self, build: Callable[[], QuerySet[M]], *follow: str) -> None:
        self._build, self._follow = build, follow

    def first(self, **values: Any) -> M | None:
        """The first object, None without any. One query; following a relation costs none."""
        rows, parts = self._made
        found = next(iter(rows.rows(**values)), None)
        if found is None:
            return None
        objects: dict[str, Any] = {}
        at = 0
        for path, model, names in parts:
            own = found[at : at + len(names)]
            at += len(names)
            # By its key: without one the relation leads nowhere.
            there = own[names.index(str(model._meta.pk.attname))] is not None
            objects[path] = model.from_db(connection.alias, names, own) if there else None
            before, _, name = path.rpartition("__")
            if path and (parent := objects[before]) is not None:
                _join(parent, name, objects[path])
        whole: M = objects[""]
        return whole

    @cached_property
    def _made(self) -> tuple[Prepared, list[tuple[str, Any, list[str]]]]:
        base = self._build()
        parts = []
        columns = []
        for path in ("", *self._follow):
            model: Any = base.model
            for name in filter(None, path.split("__")):
                model = model._meta.get_field(name).related_model
            names = [field.attname for field in model._meta.concrete_fields]
            parts.append((path, model, names))
            columns += [f"{path}__{name}" if path else name for name in names]
        return Prepared(lambda: base.values_list(*columns)), parts


def _join(parent: Model, name: str, child: Model | None) -> None:
    relation: Any = parent._meta.get_field(name)
    relation.set_cached_value(parent, child)
    if child is not None and relation.one_to_one:
        relation.remote_field.set_cached_value(child, parent)


def _converters(column: Any) -> list[Any]:
    of_database = connection.ops.get_db_converters(column)
    return [*of_database, *column.get_db_converters(connection)]


def _converted(value: Any, column: Any, converters: list[Any]) -> Any:
    for convert in converters:
        value = convert(value, column, connection)
    return value
