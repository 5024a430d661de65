"""`.venv/bin/python -m tests.trust.matrix [--write] [--take NAME]`: see `harness.py`."""

import argparse
import os
import sys
from fnmatch import fnmatch


def main() -> int:
    """Prints what is missing (+), what differs (~), what is gone (-), and what fails with 5xx (!),
    which is never written; exit 1 if there is any of it."""
    parser = argparse.ArgumentParser(description="Proposes rows of the matrix of URLs and roles.")
    parser.add_argument("--write", action="store_true", help="add rows for new URLs")
    parser.add_argument(
        "--take", action="append", default=[], help="replace rows of this name, as desk:*"
    )
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ.pop("LOTSE_TEST_DATABASE_URL", None)

    import logging

    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment(debug=False)
    from django.core.management import call_command
    from django.db import transaction

    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        return compare(options.write, options.take)


def compare(add: bool, take: list[str]) -> int:
    """Asks every address as every role and prints the differences."""
    from tests.trust import harness
    from tests.trust import site as sites

    rows, names = harness.table(), sites.all_names()
    site = sites.build()
    walk = harness.Walk(site)
    new, changed, gone = {}, {}, sorted(set(rows) - set(names))
    broken: list[str] = []
    for name in sorted(names):
        url = site.url(name)
        seen = {role: walk.cell(role, name, url) for role in harness.ROLES}
        known = rows.get(name)
        if any(status.startswith("5") for cell in seen.values() for status in cell.split("/")):
            broken.append(name)
            print(f"! {name} {_short(seen)}")
        elif known is None:
            new[name] = {"name": name, **seen}
            print(f"+ {name} {_short(seen)}")
        elif any(known.get(role) != cell for role, cell in seen.items()):
            changed[name] = {"name": name, **seen}
            differing = {r: f"{known.get(r)} -> {c}" for r, c in seen.items() if known.get(r) != c}
            print(f"~ {name} {differing}")
    for name in gone:
        print(f"- {name}")
    wanted = {
        name: row for name, row in changed.items() if any(fnmatch(name, given) for given in take)
    }
    if add or wanted:
        kept = {name: row for name, row in rows.items() if name not in gone or not add}
        harness.write({**kept, **(new if add else {}), **wanted})
        print("Written. Read every new cell against the rules.", file=sys.stderr)
    return 1 if new or changed or gone or broken else 0


def _short(cells: dict[str, str]) -> str:
    """Roles by what they get, so that a row can be read at a glance."""
    groups: dict[str, list[str]] = {}
    for role, cell in cells.items():
        groups.setdefault(cell, []).append(role)
    return "; ".join(f"{cell}: {' '.join(roles)}" for cell, roles in groups.items())


if __name__ == "__main__":
    sys.exit(main())
