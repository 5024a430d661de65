"""By what a search among entries can be narrowed down, beside topic, region and network."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import hooks
from lotse.foundation.core.hooks import Tally
from lotse.foundation.parties.models import Organisation
from lotse.rooms.directory.content import choices, freshness

Labels = Callable[[Iterable[str], str], dict[str, str]]
Covers = Callable[[str], list[tuple[str, str]]]
# Fields that say "without an answer: all of them".
NOTHING_IS_ALL = frozenset({"sector", "size"})
FLAGS: dict[str, Any] = {"pilot": _("Pilotpartner"), "lighthouse": _("Leuchtturm")}


def labels_from(named: Mapping[str, Any]) -> Labels:
    """What names the codes of a list, in its order."""

    def labels(values: Iterable[str], lang: str) -> dict[str, str]:
        wanted = set(values)
        with translation.override(lang):
            return {code: str(name) for code, name in named.items() if code in wanted}

    return labels


def sector_labels(values: Iterable[str], lang: str) -> dict[str, str]:
    """Sections of the classification of economic activities; the facet keeps small letters."""
    wanted = set(values)
    return {
        letter.lower(): title
        for letter, title in choices.sectors(lang).items()
        if letter.lower() in wanted
    }


ALL = "all"


def with_all(key: str) -> tuple[Covers, Callable[[Tally], dict[str, int]]]:
    """(covers, tally) of a facet where naming nothing means all: whoever serves every sector is
    found under each of them."""

    def covers(value: str) -> list[tuple[str, str]]:
        return [(key, value), (key, ALL)]

    def tally(counts: Tally) -> dict[str, int]:
        everything = counts.get((key, ALL), 0)
        return {
            value: count + everything
            for (own, value), count in counts.items()
            if own == key and value != ALL
        }

    return covers, tally


def letter_labels(values: Iterable[str], lang: str) -> dict[str, str]:
    """Letters of the alphabet, then what begins with another sign."""
    found = {value: value.upper() for value in sorted(values) if value.isalpha()}
    return found | ({"0": "0–9"} if "0" in set(values) else {})


def register() -> None:
    """Registers all of them, in the order of the page."""
    kinds = dict(Organisation.Kind.choices)
    rows: list[tuple[str, Any, Labels]] = [
        ("okind", _("Art der Organisation"), labels_from(kinds)),
        ("sector", _("Branche"), sector_labels),
        ("size", _("Größe der Betriebe"), labels_from(choices.SIZES)),
        ("target", _("Zielgruppe"), labels_from(choices.TARGET_GROUPS)),
        ("form", _("Form der Leistung"), labels_from(choices.SERVICE_FORMS)),
        ("cost", _("Kosten"), labels_from(choices.COST)),
        ("as", _("Steht bereit als"), labels_from(choices.PERSON_OFFERS)),
        ("language", _("Sprache"), labels_from(choices.LANGUAGES)),
        ("flag", _("Kennzeichen"), labels_from(FLAGS)),
        ("state", _("Stand"), labels_from(freshness.LABELS)),
        ("letter", _("Anfangsbuchstabe"), letter_labels),
    ]
    for place, (key, title, labels) in enumerate(rows):
        covers, tally = with_all(key) if key in NOTHING_IS_ALL else (None, None)
        facet = hooks.SearchFacet(key, title, labels, covers=covers, tally=tally)
        hooks.search_facets.register(facet, order=50 + place)
