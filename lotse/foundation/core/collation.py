"""Names in the order of a German index: Ä stands with A, ß with ss, case does not matter
(DIN 5007-1). Databases order by code points unless told otherwise: Ärzte would follow Zahnärzte."""

import unicodedata
from typing import Any

from django.db.backends.signals import connection_created
from django.db.models import F, Func

from lotse.foundation.core import db

_NAME, _ICU = "german", "de-x-icu"


def german_key(name: str) -> tuple[str, str]:
    """What decides the place of a name; of two that differ in signs only, the signs."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in folded if not unicodedata.combining(c)), name


class InOrder(Func):
    """`order_by(InOrder("name"), "pk")`. No query of its own."""

    arity = 1

    def __init__(self, expression: Any, **extra: Any) -> None:
        super().__init__(F(expression) if isinstance(expression, str) else expression, **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=f"(%(expressions)s) COLLATE {_NAME}")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=f'(%(expressions)s) COLLATE "{_ICU}"')


def _compare(one: str, other: str) -> int:
    first, second = german_key(one), german_key(other)
    return (first > second) - (first < second)


def _teach(connection: Any, **_sent: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_collation(_NAME, _compare)


def is_there() -> bool:
    """Whether the database knows the order. One query on PostgreSQL, none on SQLite."""
    return not db.is_postgres() or db.has_collation(_ICU)


def register() -> None:
    """SQLite learns the order with each connection."""
    connection_created.connect(_teach, dispatch_uid="lotse.collation")
