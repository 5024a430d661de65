"""What can be chosen in a Steckbrief, as groups of checkboxes that need no script.

Four hundred districts and some eighty topics are drawn here in one go: a template loop with a
widget for each would take longer than the rest of the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core import text
from lotse.foundation.topics.models import Region, Topic
from lotse.rooms.directory.content.fields import REGIONS, TOPICS, Field
from lotse.rooms.directory.content.labels import choices_of, region_name

WHOLE = "00"


@dataclass(frozen=True)
class Group:
    """Choices under one heading; `code` is chosen by itself where it is not empty."""

    title: str
    code: str = ""
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Options:
    """All choices of a form in one language."""

    lang: str
    topics: Sequence[Group] = ()
    regions: Sequence[Group] = ()
    retired: Mapping[str, str] = field(default_factory=dict)

    def fixed(self, one: Field) -> dict[str, Any]:
        """Code -> label of a field with fixed choices."""
        return choices_of(one, self.lang)

    def html(self, one: Field, chosen: Sequence[str]) -> SafeString:
        """The checkboxes of a field with several choices."""
        held = set(chosen)
        if one.holds == TOPICS:
            return _topics(one.key, self, held)
        if one.holds == REGIONS:
            return _regions(one.key, self.regions, held)
        known = {code: str(said) for code, said in self.fixed(one).items()}
        # What an import gave more narrowly (a class of the WZ) stays until somebody unticks it.
        known |= {code: code for code in chosen if code not in known}
        return _boxes(one.key, list(known.items()), held)


def load_options(lang: str, *, topics: bool = True, regions: bool = True) -> Options:
    """Topics in use and all regions. Two queries."""
    found, retired = _load_topics(lang) if topics else ([], {})
    return Options(lang, found, _load_regions(lang) if regions else [], retired)


def _load_topics(lang: str) -> tuple[list[Group], dict[str, str]]:
    rows = Topic.objects.values_list("pk", "parent", "code", "name", "retired_at")
    retired: dict[str, str] = {}
    groups: dict[int, tuple[str, str]] = {}
    below: dict[int, list[tuple[str, str]]] = {}
    for pk, parent, code, name, retired_at in rows:
        said = text.pick(name, lang)
        if retired_at is not None:
            retired[code] = said
        elif parent is None:
            groups[pk] = (code, said)
        else:
            below.setdefault(parent, []).append((code, said))
    return [
        Group(said, code, below.get(pk, [])) for pk, (code, said) in groups.items()
    ], retired  # fmt: skip


def _load_regions(lang: str) -> list[Group]:
    """A group for each Land with its districts, in the order of names. One query."""
    rows = Region.objects.values_list("key", "name", "name_en", "kind")
    states: dict[str, str] = {}
    below: dict[str, list[tuple[str, str]]] = {}
    for key, name, name_en, kind in rows:
        said = region_name(name, name_en, kind, lang)
        if kind == Region.Kind.STATE:
            states[key] = said
        elif kind != Region.Kind.COUNTRY:
            below.setdefault(key[:2], []).append((key, said))
    groups = [
        Group(said, key, sorted(below.get(key, []), key=lambda row: _sorted_as(row[1])))
        for key, said in states.items()
    ]
    return sorted(groups, key=lambda group: _sorted_as(group.title))


def _sorted_as(name: str) -> str:
    """Ä stands with a, as in a German directory."""
    return name.casefold().translate(_PLAIN)


_PLAIN = str.maketrans("äöü", "aou")


def _box(key: str, code: str, said: str, held: set[str]) -> SafeString:
    return format_html(
        '<label class="pick"><input type="checkbox" name="{}" value="{}"{}> {}</label>',
        key, code, _CHECKED if code in held else "", said,
    )  # fmt: skip


_CHECKED = SafeString(" checked")
_OPEN = SafeString(" open")


def _boxes(key: str, choices: Sequence[tuple[str, str]], held: set[str]) -> SafeString:
    drawn = format_html_join("", "{}", ((_box(key, code, said, held),) for code, said in choices))
    return format_html('<div class="choices">{}</div>', drawn)


def _fold(title: str, n: int, inside: SafeString) -> SafeString:
    """A group that opens where something in it is chosen."""
    count = ngettext("%(n)s gewählt", "%(n)s gewählt", n) % {"n": n} if n else ""
    return format_html(
        '<details class="fold"{}><summary><span>{}</span><span class="muted small">{}</span>'
        "</summary><div>{}</div></details>",
        _OPEN if n else "", title, count, inside,
    )  # fmt: skip


def _topics(key: str, options: Options, held: set[str]) -> SafeString:
    folds = []
    for group in options.topics:
        whole = (group.code, _("%(group)s, das ganze Feld") % {"group": group.title})
        choices = [whole, *group.choices]
        n = sum(1 for code, _said in choices if code in held)
        folds.append((_fold(group.title, n, _boxes(key, choices, held)),))
    gone = [(code, _("%(topic)s (abgelöst)") % {"topic": options.retired[code]})
            for code in sorted(held) if code in options.retired]  # fmt: skip
    if gone:
        folds.append((_fold(_("Nicht mehr in Gebrauch"), len(gone), _boxes(key, gone, held)),))
    return format_html_join("", "{}", folds)


def _regions(key: str, groups: Sequence[Group], held: set[str]) -> SafeString:
    whole = _boxes(key, [(WHOLE, _("bundesweit"))], held)
    states = _boxes(key, [(group.code, group.title) for group in groups], held)
    n = sum(1 for group in groups if group.code in held)
    folds, districts = [], 0
    for group in groups:
        chosen = sum(1 for code, _said in group.choices if code in held)
        districts += chosen
        folds.append((_fold(group.title, chosen, _boxes(key, group.choices, held)),))
    return format_html(
        "{}{}{}",
        whole,
        _fold(_("Ganze Länder"), n, states),
        _fold(_("Einzelne Landkreise und Städte"), districts, format_html_join("", "{}", folds)),
    )
