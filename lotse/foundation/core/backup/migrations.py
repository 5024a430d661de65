"""How far a database has come, so that an older backup finds the tables it was made from."""

from django.db.migrations.loader import MigrationLoader


def leaves(loader: MigrationLoader, applied: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The last applied migration of each app that this version knows."""
    known = [node for node in applied if node in loader.graph.nodes]
    chosen = set(known)
    return sorted(
        node
        for node in known
        if not any(
            child.key in chosen and child.key[0] == node[0]
            for child in loader.graph.node_map[node].children
        )
    )


def unknown(loader: MigrationLoader, applied: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Applied migrations that this version does not know: they come from a newer one."""
    return [node for node in applied if node not in loader.disk_migrations]
