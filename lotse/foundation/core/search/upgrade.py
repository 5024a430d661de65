"""After an upgrade that made the index anew, `lotse migrate` fills it."""

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lotse.foundation.core.search import index


def fill_empty(plan: Any = None, **_more: Any) -> None:
    """Runs after `lotse migrate` did something: puts everything into an index that is empty.

    Not while migrations of other apps are still to come, for their tables are read.
    """
    if not plan or any(backwards for _migration, backwards in plan):
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if index.is_empty():
        index.reindex()
