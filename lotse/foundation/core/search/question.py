"""From what was typed to what is looked for: all words first, then one step wider."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lotse.foundation.core import fulltext
from lotse.foundation.core.fulltext import ANYWHERE, TITLE, Row, Scope, Wanted
from lotse.foundation.core.search import analysis, names
from lotse.foundation.core.search.analysis import Group, query_groups

ENOUGH = 5
MOST = 10_000
_COUNTED = 2_000
_OTHER = {"de": "en", "en": "de"}
Groups = tuple[Group, ...]


@dataclass
class Asked:
    """What is looked for: `wider` is all groups, or those that are left of them; `rows` are its
    hits; where they are more than MOST it is `capped` and they are not all there. `absent` are the
    groups that occur nowhere."""

    groups: Groups
    wider: Groups
    rows: list[Row]
    absent: Groups = ()
    corrected: list[tuple[str, str]] = field(default_factory=list)
    capped: bool = False

    @property
    def left_out(self) -> Groups:
        return tuple(group for group in self.groups if group not in self.wider)


def wanted(groups: Sequence[Group], facets: tuple[tuple[str, ...], ...] = ()) -> Wanted:
    asked = tuple(group.alternatives for group in groups)
    words = tuple(group.words or group.alternatives for group in groups)
    return Wanted(asked, facets, () if words == asked else words)


def groups_of(question: str, lang: str) -> Groups:
    """The groups of a question; what is no plain token can not be looked for."""
    found = []
    for group in query_groups(question, lang, other_lang=_OTHER.get(lang, "")):
        sound = tuple(
            tokens
            for tokens in group.alternatives
            if tokens and all(token.isalnum() for token in tokens)
        )
        if sound:
            found.append(replace(group, alternatives=sound))
    return tuple(dict.fromkeys(found))


def everything(scope: Scope) -> Asked:
    """All there is to see, for who looks without a question. One query."""
    rows = fulltext.hits(Wanted(), scope, limit=MOST + 1)
    return Asked((), (), rows, capped=len(rows) > MOST)


def ask(groups: Groups, scope: Scope) -> Asked:
    """Looks for all words; with fewer than five hits for names with a typing error, for parts
    of unknown compounds, and one step wider. One query, at most six."""
    rows = fulltext.hits(wanted(groups), scope, limit=MOST + 1)
    asked = Asked(groups, groups, rows, capped=len(rows) > MOST)
    if len(asked.rows) >= ENOUGH or (len(groups) == 1 and asked.rows):
        return asked
    parts = _parts(groups, scope)
    weighed = (*groups, *parts.values()) if len(groups) > 1 else tuple(parts.values())
    weights = _weights(weighed, scope)
    absent = tuple(group for group in groups if not weights.get(group, _NOWHERE).often)
    meant = names.corrected(absent, scope, read=lambda name: groups_of(name, scope.langs[0])) \
        if absent else {}  # fmt: skip
    # What was corrected was not counted: it is not among the first to go.
    weights |= {new: _Weight(0, in_title=True) for new in meant.values()}
    meant |= {
        group: parts[group]
        for group in absent
        if group not in meant and group in parts and weights[parts[group]].often
    }
    if meant:
        asked = _corrected(groups, meant, scope)
        absent = tuple(group for group in absent if group not in meant)
    asked.absent = absent
    if len(asked.rows) < ENOUGH and len(asked.groups) > 1:
        _widen(asked, weights, scope)
    return asked


class _Weight(NamedTuple):
    """How often a group occurs, and whether in a title."""

    often: int
    in_title: bool


_NOWHERE = _Weight(0, in_title=False)


def _weights(groups: Groups, scope: Scope) -> dict[Group, _Weight]:
    """At most one query."""
    each = [(wanted([group]), place) for group in groups for place in (ANYWHERE, TITLE)]
    found = fulltext.counts(each, scope, limit=_COUNTED)
    return {
        group: _Weight(often, in_title=bool(titles))
        for group, often, titles in zip(groups, found[::2], found[1::2], strict=True)
    }


def _parts(groups: Groups, scope: Scope) -> dict[Group, Group]:
    """For each compound what it is about, in case that it occurs nowhere. No query."""
    found = {}
    for group in groups:
        head = analysis.head_asked(group.word, scope.langs[0])
        if head and (read := groups_of(head, scope.langs[0])) and read[0] not in groups:
            found[group] = read[0]
    return found


def _corrected(groups: Groups, meant: dict[Group, Group], scope: Scope) -> Asked:
    used = tuple(dict.fromkeys(meant.get(group, group) for group in groups))
    rows = fulltext.hits(wanted(used), scope, limit=MOST + 1)
    said = [(old.word, new.word) for old, new in meant.items()]
    return Asked(used, used, rows, corrected=said, capped=len(rows) > MOST)


def _widen(asked: Asked, weights: dict[Group, _Weight], scope: Scope) -> None:
    """First without the words that occur nowhere; then without one word after the other, until
    there are more hits: what is said of a thing goes before the thing, words of titles and then
    topics last, of equals the commonest first, for a rare word says more. That is the one step.
    Two queries."""

    def rank(group: Group) -> tuple[bool, bool, bool, int, int]:
        often, in_title = weights.get(group, _NOWHERE)
        return group.is_noun, group.is_concept, in_title, -often, present.index(group)

    present = tuple(group for group in asked.groups if group not in asked.absent)
    steps = [present] if present and asked.absent else []
    order = sorted(present, key=rank)
    steps += [
        tuple(group for group in present if group not in order[:number])
        for number in range(1, len(present))
    ]
    # Where even the rarest word is in no other hit, another one goes in its place.
    steps += [
        tuple(group for group in present if group != one)
        for one in order[1:]
        if weights.get(one, _NOWHERE).often
    ]
    each = [(wanted(step), ANYWHERE) for step in steps]
    found = fulltext.counts(each, scope, limit=len(asked.rows) + 1)
    for step, number in zip(steps, found, strict=True):
        if number > len(asked.rows):
            asked.wider = step
            asked.rows = fulltext.hits(wanted(step), scope, limit=MOST + 1)
            asked.capped = len(asked.rows) > MOST
            return
