"""A revision as pages and papers read it: in one language, references resolved, ready."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.core import text
from lotse.rooms.checks.models import SKIP, CheckRevision

_REFERENCE = re.compile(r"\{(cp|fn):([a-z0-9-]+)\}")
_BOLD = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*(\S(?:[^*]*?\S)?)\*(?![\w*])")


@dataclass(frozen=True)
class Words:
    """One text of a check: `plain` for papers, `html` for pages, `lang` where it is foreign."""

    plain: str
    html: SafeString
    lang: str = ""

    def __str__(self) -> str:
        return self.plain

    def __bool__(self) -> bool:
        return bool(self.plain)

    @property
    def unnoted(self) -> SafeString:
        """The text without footnote marks, for places that show no footnotes."""
        return mark_safe(re.sub(r"<sup>\d+</sup>", "", self.html))


@dataclass(frozen=True)
class Level:
    """One level of a scale; `kind` is its shape: none, some, urgent or open."""

    id: str
    label: str
    kind: str
    rank: int
    needs_measure: bool
    due_within_days: int | None = None


@dataclass(frozen=True)
class Example:
    id: str
    text: Words
    items: tuple["Example", ...] = ()


@dataclass(frozen=True)
class Group:
    heading: Words
    intro: Words
    items: tuple[Example, ...]


@dataclass(frozen=True)
class Suggestion:
    """A measure the check suggests at a checkpoint; effort is S, M, L or nothing."""

    id: str
    text: Words
    effort: str
    competence: Words


@dataclass(frozen=True)
class Checkpoint:
    id: str
    number: int
    title: str
    lang: str
    claim: Words
    guidance: Words
    phrases: dict[str, Words]
    footnotes: tuple[tuple[int, Words], ...]
    groups: tuple[Group, ...]
    suggestions: tuple[Suggestion, ...]
    levels: tuple[Level, ...]
    skip_label: str

    def level(self, level_id: str) -> Level | None:
        return next((level for level in self.levels if level.id == level_id), None)

    @property
    def example_ids(self) -> list[str]:
        """All examples, nested ones too."""
        found = []
        for group in self.groups:
            for item in group.items:
                found += [item.id, *(child.id for child in item.items)]
        return found


@dataclass(frozen=True)
class View:
    """The whole check in one language."""

    code: str
    revision: int
    edition: str
    title: str
    lang: str
    goal: Words
    scope_label: str
    side: str
    minutes: int | None
    checkpoints: tuple[Checkpoint, ...]
    provenance: dict[str, Any] = field(hash=False)
    rights: dict[str, Any] = field(hash=False)

    def checkpoint(self, checkpoint_id: str) -> Checkpoint | None:
        return next((c for c in self.checkpoints if c.id == checkpoint_id), None)

    def numbered(self, number: int) -> Checkpoint | None:
        return self.checkpoints[number - 1] if 1 <= number <= len(self.checkpoints) else None


def view_of(revision: CheckRevision, lang: str) -> View:
    """The revision in a language. No query once this process has read the revision.

    Revisions never change, so the hash of the content is the key of the cache.
    """
    return view_by_hash(revision.sha256, lang)


@lru_cache(maxsize=64)
def view_by_hash(sha256: str, lang: str) -> View:
    """The view of stored content by its hash; see `view_of`."""
    content = CheckRevision.objects.filter(sha256=sha256).values_list("content", flat=True)[0]
    return build(content, lang)


def build(content: dict[str, Any], lang: str) -> View:
    """The view of validated content (format lotse-check/1)."""
    with override(lang):
        return _Builder(content, lang).view()


class _Builder:
    def __init__(self, content: dict[str, Any], lang: str) -> None:
        self.content = content
        self.check = content["check"]
        self.default = self.check["default_lang"]
        self.lang = lang
        self.titles = {
            item["id"]: (item["number"], text.pick(item["title"], lang, self.default))
            for item in content["checkpoints"]
        }
        self.scales = {name: self._levels(scale) for name, scale in content["scales"].items()}

    def view(self) -> View:
        check = self.check
        return View(
            code=check["id"],
            revision=check["revision"],
            edition=str(check.get("edition", "")),
            title=self._pick(check["title"]),
            lang=text.language_of(check["title"], self.lang, self.default),
            goal=self._words(check.get("goal")),
            scope_label=self._pick(check.get("scope_label")) or _("Organisation oder Bereich"),
            side=check.get("audience", {}).get("side", ""),
            minutes=check.get("duration_minutes"),
            checkpoints=tuple(self._checkpoint(item) for item in self.content["checkpoints"]),
            provenance=self.content.get("provenance", {}),
            rights=self.content["rights"],
        )

    def _pick(self, text_map: Any) -> str:
        return text.pick(text_map, self.lang, self.default)

    def _words(self, text_map: Any, notes: dict[str, int] | None = None) -> Words:
        if not text_map:
            return Words("", mark_safe(""))
        source = self._pick(text_map)
        lang = text.language_of(text_map, self.lang, self.default)
        return Words(
            plain=_strip(self._resolve(source, notes or {}, html=False)),
            html=mark_safe(self._resolve(_inline(source), notes or {}, html=True)),
            lang="" if lang == self.lang else lang,
        )

    def _resolve(self, source: str, notes: dict[str, int], *, html: bool) -> str:
        def one(match: re.Match[str]) -> str:
            kind, name = match.groups()
            if kind == "fn":
                number = notes.get(name, 0)
                return f"<sup>{number}</sup>" if html else f" ({number})"
            number, title = self.titles[name]
            reference = _("Checkpunkt %(number)s „%(title)s“") % {"number": number, "title": title}
            return str(escape(reference)) if html else reference

        return _REFERENCE.sub(one, source)

    def _checkpoint(self, item: dict[str, Any]) -> Checkpoint:
        notes = {note["id"]: n for n, note in enumerate(item.get("footnotes", []), 1)}
        levels, skip = self.scales[item["scale"]]
        phrases = item.get("report_phrase", {})
        return Checkpoint(
            id=item["id"],
            number=item["number"],
            title=self._pick(item["title"]),
            lang=text.language_of(item["title"], self.lang, self.default),
            claim=self._words(item["claim"], notes),
            guidance=self._words(item.get("guidance"), notes),
            phrases={level: self._words(phrase, notes) for level, phrase in phrases.items()},
            footnotes=tuple(
                (n, self._words(note["text"]))
                for n, note in enumerate(item.get("footnotes", []), 1)
            ),
            groups=tuple(
                Group(
                    heading=self._words(group.get("heading"), notes),
                    intro=self._words(group.get("intro"), notes),
                    items=tuple(self._example(example, notes) for example in group["items"]),
                )
                for group in item.get("example_groups", [])
            ),
            suggestions=tuple(
                Suggestion(
                    id=measure["id"],
                    text=self._words(measure["text"], notes),
                    effort=measure.get("effort", ""),
                    competence=self._words(measure.get("competence"), notes),
                )
                for measure in item.get("measures", [])
            ),
            levels=levels,
            skip_label=skip,
        )

    def _example(self, item: dict[str, Any], notes: dict[str, int]) -> Example:
        children = tuple(self._example(child, notes) for child in item.get("items", []))
        return Example(item["id"], self._words(item["text"], notes), children)

    def _levels(self, scale: dict[str, Any]) -> tuple[tuple[Level, ...], str]:
        levels = scale["levels"]
        highest = max(level["rank"] for level in levels)
        built = tuple(
            Level(
                id=level["id"],
                label=self._pick(level["label"]),
                kind=_kind(level["rank"], highest, level.get("needs_measure", level["rank"] > 0)),
                rank=level["rank"],
                needs_measure=level.get("needs_measure", level["rank"] > 0),
                due_within_days=level.get("due_within_days"),
            )
            for level in levels
        )
        skip = scale.get("skip", {})
        if not skip.get("allowed"):
            return built, ""
        return built, self._pick(skip.get("label")) or _("Weiß ich nicht / später")


def _kind(rank: int, highest: int, needs_measure: bool) -> str:
    if not needs_measure:
        return "none"
    return "urgent" if rank == highest else "some"


def _inline(source: str) -> str:
    """The Markdown subset of a check (bold, italic, line breaks) as safe HTML."""
    html = str(escape(source))
    html = _ITALIC.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", html))
    return nh3.clean(html.replace("\n", "<br>"), tags={"strong", "em", "br"})


def _strip(source: str) -> str:
    return _ITALIC.sub(r"\1", _BOLD.sub(r"\1", source))


def label_of(checkpoint: Checkpoint, level_id: str) -> tuple[str, str]:
    """(label, shape) of an answer: also for "later" and for no answer yet."""
    level = checkpoint.level(level_id)
    if level is not None:
        return level.label, level.kind
    if level_id == SKIP:
        return checkpoint.skip_label or _("später"), "open"
    return _("noch nicht bewertet"), "open"
