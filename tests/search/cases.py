"""Search cases: what somebody types, whom a fair reader expects, and how a case is judged.

`python -m tests.search.cases` loads the corpus into a test database and prints by kind how many
cases are met, for the cases the search was tuned with and for those held back.
"""

import csv
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from io import StringIO
from itertools import chain
from pathlib import Path

import django
import yaml
from django.core.management import call_command
from django.db import transaction
from django.test import TestCase
from django.utils import translation

HERE = Path(__file__).resolve().parent
CONTENT = HERE.parent.parent / "content"
CORPUS = HERE / "organisations.csv"
COLUMNS = ["key", "name", "short_name", "kind", "function", "services", "topics", "target_groups",
           "sectors", "regions", "postal_code", "city", "website", "email", "description",
           "limits"]  # fmt: skip
FOUND_IN = ("name", "short_name", "function", "services", "target_groups", "description", "city")
KINDS = ("compound", "part", "inflection", "umlaut", "ae-oe", "gender", "synonym", "world",
         "abbreviation", "typo-name", "place", "sentence", "negation-limits", "nonsense",
         "two-words", "name", "foerderung-forderung", "hyphen", "english")  # fmt: skip
KIND = "organisation"
LIMIT = "200"  # more than the corpus has: `not`, `only` and `none` speak of all hits


@dataclass(frozen=True)
class Case:
    """One query and what is expected of it; the keys are told at the top of cases.yaml."""

    id: str
    about: str
    query: str
    lang: str
    holds: list[list[str]]
    wants: list[str] = field(default_factory=list)
    first: int = 10
    least: int = 0
    unwanted: list[str] = field(default_factory=list)
    only: bool = False
    none: bool = False


@cache
def cases(name: str) -> tuple[Case, ...]:
    """The cases of `cases` or `held_back`. An unknown key in the file is a TypeError."""
    found = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    for row in found:
        row["unwanted"] = row.pop("not", [])
    return tuple(Case(**row) for row in found)


@cache
def rows() -> dict[str, dict[str, str]]:
    """The rows of the corpus by key."""
    with CORPUS.open(encoding="utf-8", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file, delimiter=";")}


@cache
def names() -> dict[str, list[str]]:
    """The words of topics (names, synonyms) and of regions by their code."""
    content = {
        name: yaml.safe_load((CONTENT / f"{name}.yaml").read_text(encoding="utf-8"))
        for name in ("topics", "regions")
    }
    words = {
        topic["code"]: [*topic["name"].values(), *chain(*topic["synonyms"].values())]
        for group in content["topics"]["topics"]
        for topic in group["topics"]
    }
    regions = content["regions"]
    for region in [regions["country"], *regions["states"], *regions["districts"]]:
        words[region["key"]] = [region["name"]]
    return words


def readable(key: str) -> str:
    """All words of an entry that may be found, in small letters; its limits are not among them."""
    row = rows()[key]
    codes = [*row["topics"].split("|"), *row["regions"].split("|")]
    texts = [row[name] for name in FOUND_IN] + [word for code in codes for word in names()[code]]
    return " · ".join(texts).lower()


def holds(key: str, groups: Iterable[Iterable[str]]) -> bool:
    """Whether the entry holds a word of each group."""
    text = readable(key)
    return all(any(word in text for word in group) for group in groups)


def ask(case: Case) -> list[str]:
    """Keys of the organisations found, in their order, as the command tells them."""
    out = StringIO()
    with translation.override(case.lang):
        command = ("search", case.query, "--kind", KIND, "--limit", LIMIT, "--json")
        call_command(*command, stdout=out)
    return list(json.loads(out.getvalue())["keys"])


def fault(case: Case, keys: list[str]) -> str:
    """What is wrong with the hits of a case; empty when they are as expected."""
    if case.none:
        return f"found {keys[:5]}" if keys else ""
    if case.only and set(keys) != set(case.wants):
        return f"found {keys[:12]}, wanted only {case.wants}"
    if hit := [key for key in case.unwanted if key in keys]:
        return f"must not be found: {hit}"
    met = [key for key in case.wants if key in keys[: case.first]]
    if len(met) < (case.least or len(case.wants)):
        missed = [key for key in case.wants if key not in met]
        return f"not among the first {case.first}: {missed}; found {keys[: case.first]}"
    return ""


def judge(case: Case) -> str:
    """Asks and judges; a search that breaks is a fault of its case and not of the others."""
    try:
        with transaction.atomic():
            return fault(case, ask(case))
    except Exception as error:
        return repr(error)


class Corpus(TestCase):
    """Holds the corpus in a transaction: setUpClass loads it, tearDownClass takes it back."""

    @classmethod
    def setUpTestData(cls) -> None:
        from lotse.foundation.topics.services import load_regions, load_topics
        from tests import make

        with cls.captureOnCommitCallbacks(execute=True):
            load_regions()
            load_topics()
            make.network()
            call_command("importorganisations", str(CORPUS), json=True, stdout=StringIO())


def _report() -> None:
    for name in ("cases", "held_back"):
        total: Counter[str] = Counter()
        misses: dict[str, list[str]] = defaultdict(list)
        for case in cases(name):
            total[case.about] += 1
            if problem := judge(case):
                misses[case.about].append(f"    {case.id} »{case.query}«: {problem}")
        met = total.total() - sum(map(len, misses.values()))
        print(f"{name}: {met} of {total.total()} ({met / total.total():.0%})")
        for kind in KINDS:
            print(f"  {kind:22}{total[kind] - len(misses[kind])} of {total[kind]}")
            print(*misses[kind], sep="\n", end="\n" if misses[kind] else "")


def main() -> None:
    """Print the hit rates from a test database of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.test.utils import (
        setup_databases,
        setup_test_environment,
        teardown_databases,
        teardown_test_environment,
    )

    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        Corpus.setUpClass()
        _report()
        Corpus.tearDownClass()
    finally:
        teardown_databases(databases, verbosity=0)
        teardown_test_environment()


if __name__ == "__main__":
    main()
