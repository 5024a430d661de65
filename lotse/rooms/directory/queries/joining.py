"""Reads about joining: the rules of a network, what else fits an application, similar names."""

from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from django.db.models import Q

from lotse.foundation.core import text
from lotse.foundation.parties.models import Network, Organisation
from lotse.rooms.directory.content import joining as usual
from lotse.rooms.directory.models import Application, Entry, Joining

SIMILAR = 0.82
MOST_FITTING = 10
MOST_COMPARED = 20_000
# Words that say what kind of body it is, not which: "Verein Muster e. V." and "Muster" are alike.
_FORMS = frozenset({"ev", "e", "v", "gmbh", "ggmbh", "mbh", "ag", "eg", "kg", "co", "ug", "gbr",
                    "verein", "der", "die", "das", "und", "fuer", "für", "in", "im"})  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """The rules of joining as they hold: the network's own, or the usual ones. `version` is 0
    where the network has decided nothing yet."""

    is_open: bool = True
    intro: dict[str, str] = field(default_factory=lambda: dict(usual.INTRO))
    criteria: list[dict[str, Any]] = field(default_factory=lambda: list(usual.CRITERIA))
    welcome: list[dict[str, Any]] = field(default_factory=lambda: list(usual.WELCOME))
    version: int = 0


def rules_of(network: Network) -> Rules:
    """The rules of joining this network. One query."""
    found = Joining.objects.filter(network=network).first()
    if found is None:
        return Rules()
    return Rules(found.is_open, found.intro or dict(usual.INTRO), found.criteria, found.welcome,
                 found.version)  # fmt: skip


def criteria_of(application: Application, rules: Rules, lang: str) -> list[dict[str, Any]]:
    """The criteria of one application, in the words the applicant read: key, text, said, checked,
    note. Criteria that were added since come behind, unsaid. No query."""
    now = {one["key"]: text.pick(one["text"], lang) for one in rules.criteria}
    rows = []
    for key, held in application.criteria.items():
        rows.append({
            "key": key, "text": held.get("text") or now.get(key, key),
            "said": bool(held.get("said")), "checked": held.get("checked"),
            "note": held.get("note", ""),
        })  # fmt: skip
    rows += [
        {"key": key, "text": words, "said": False, "checked": None, "note": ""}
        for key, words in now.items()
        if key not in application.criteria
    ]
    return rows


@dataclass(frozen=True)
class Fit:
    """An entry that is near to an application: how many topics they share, and whether a region."""

    uuid: UUID
    name: str
    topics: list[str]
    shares_region: bool


def fitting(application: Application) -> list[Fit]:
    """Organisations of the network with the same topics, most shared first, at most ten (S4-10).

    Two organisations with as many shared topics stand in the order of region, then name. Two
    queries.
    """
    if not application.topics:
        return []
    held = Organisation.topics.through.objects.filter(
        organisation__network=application.network_id,
        topic__code__in=application.topics,
    ).values_list("organisation_id", "topic__code")
    shared: dict[int, list[str]] = {}
    for organisation, code in held:
        shared.setdefault(organisation, []).append(code)
    nearest = Counter({pk: len(codes) for pk, codes in shared.items()}).most_common(200)
    rows = Entry.objects.filter(
        kind=Entry.Kind.ORGANISATION, archived_at=None, organisation__in=[pk for pk, _n in nearest]
    ).select_related("organisation", "organisation__region", "latest")
    if application.organisation_id:
        rows = rows.exclude(organisation=application.organisation_id)
    found = [
        Fit(row.uuid, row.organisation.name, sorted(shared[row.organisation.pk]),
            _same_region(application, row))
        for row in rows if row.organisation is not None
    ]  # fmt: skip
    found.sort(key=lambda fit: (-len(fit.topics), not fit.shares_region, fit.name.casefold()))
    return found[:MOST_FITTING]


def _same_region(application: Application, entry: Entry) -> bool:
    """Whether the entry serves the applicant's region: itself, its Land, or everywhere."""
    region = application.region
    if region is None or entry.organisation is None:
        return False
    served = set((entry.latest.content if entry.latest else {}).get("regions", []))
    if entry.organisation.region is not None:
        served.add(entry.organisation.region.key)
    key: str = region.key
    return any(one == "00" or key.startswith(one) or one.startswith(key) for one in served)


def similar_names(network: Network, name: str) -> list[Organisation]:
    """Organisations of the network whose name is nearly this one: legal forms and small words
    do not count. At most five, the nearest first; one query for the names, one for the rows."""
    wanted = _core(name)
    if not wanted:
        return []
    rows = Organisation.objects.filter(network=network)
    compare = SequenceMatcher(a="", b=wanted, autojunk=False)
    near: list[tuple[float, int]] = []
    for pk, long, short in rows.values_list("pk", "name", "short_name")[:MOST_COMPARED]:
        nearest = max(_ratio(compare, _core(one)) for one in (long, short))
        if nearest >= SIMILAR:
            near.append((nearest, pk))
    best = [pk for _ratio_, pk in sorted(near, reverse=True)[:5]]
    by_pk = Organisation.objects.in_bulk(best)
    return [by_pk[pk] for pk in best if pk in by_pk]


def _ratio(compare: "SequenceMatcher[str]", one: str) -> float:
    """How near, 0 to 1; the cheap upper bounds first: most names are far away."""
    if not one:
        return 0.0
    compare.set_seq1(one)
    if compare.real_quick_ratio() < SIMILAR or compare.quick_ratio() < SIMILAR:
        return 0.0
    return compare.ratio()


def _core(name: str) -> str:
    words = "".join(sign if sign.isalnum() else " " for sign in name.casefold()).split()
    return " ".join(sorted(word for word in words if word not in _FORMS)) or " ".join(words)


def open_applications() -> Q:
    """Applications that wait for a decision."""
    return Q(state__in=[Application.State.RECEIVED, Application.State.CHECKED])
