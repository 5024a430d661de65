"""Queries that Django puts into SQL once per process: for what every request asks.

Putting a query of two joins into SQL takes Django about a millisecond, reading its few rows a
tenth of that. A prepared query is written with the ORM as any other, with a `Slot` where a value
will stand.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Expression, Field, QuerySet

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


def _converters(column: Any) -> list[Any]:
    of_database = connection.ops.get_db_converters(column)
    return [*of_database, *column.get_db_converters(connection)]


def _converted(value: Any, column: Any, converters: list[Any]) -> Any:
    for convert in converters:
        value = convert(value, column, connection)
    return value
