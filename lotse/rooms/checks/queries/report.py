"""The report of an assessment: one model for page, PDF, DOCX, XLSX and JSON."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core import clock
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.queries import measures_of, with_parties
from lotse.rooms.checks.content import Checkpoint, Suggestion, View, label_of, view_of
from lotse.rooms.checks.models import SKIP, Answer, Assessment
from lotse.rooms.checks.queries.library import scope_text

_EMPTY = Answer()


@dataclass(frozen=True)
class PointRow:
    """One checkpoint with its answer, its measures and what the check suggests for it."""

    point: Checkpoint
    level_id: str
    label: str
    kind: str
    phrase: str
    note: str
    marks: dict[str, str]
    own_examples: list[str]
    measures: list[Measure]
    suggestions: list[Suggestion]
    version: int
    before_label: str = ""
    before_kind: str = ""
    moved: int = 0

    @property
    def needs_measure(self) -> bool:
        level = self.point.level(self.level_id)
        return level is not None and level.needs_measure

    @property
    def active(self) -> list[Measure]:
        return [measure for measure in self.measures if measure.is_active]

    @property
    def summary(self) -> str:
        """What stands on the line below the title."""
        if not self.measures:
            return _("Noch keine Maßnahme") if self.needs_measure else ""
        parts = [
            ngettext("%(n)s Maßnahme", "%(n)s Maßnahmen", len(self.measures))
            % {"n": len(self.measures)}
        ]
        due = [measure.due_on for measure in self.active if measure.due_on]
        if due:
            parts.append(_("nächste bis %(day)s") % {"day": day_text(min(due))})
        if any(asks_for_rating(measure) for measure in self.measures):
            parts.append(_("erledigt: bitte neu bewerten"))
        return " · ".join(parts)


@dataclass(frozen=True)
class OpenItem:
    """Something that is still open, and the page where it can be settled."""

    text: str
    target: str
    number: int = 0
    measure: str = ""


@dataclass(frozen=True)
class Fact:
    """One number with its word."""

    word: str
    value: str


@dataclass(frozen=True)
class Report:
    """Everything the result and the papers show."""

    assessment: Assessment
    view: View
    scope: str
    points: list[PointRow]
    measures: list[Measure]
    earlier_measures: list[Measure]
    previous: Assessment | None
    drawn_at: datetime

    @property
    def answered(self) -> int:
        return sum(1 for row in self.points if row.level_id)

    @property
    def is_complete(self) -> bool:
        return self.answered == len(self.points)

    @property
    def better(self) -> int:
        return sum(1 for row in self.points if row.moved > 0)

    @property
    def worse(self) -> int:
        return sum(1 for row in self.points if row.moved < 0)

    @property
    def facts(self) -> list[Fact]:
        """At most five numbers (ui: facts line)."""
        counts: dict[str, int] = defaultdict(int)
        for row in self.points:
            counts[row.kind] += 1
        facts = [
            Fact(_("Dringend"), str(counts["urgent"])),
            Fact(_("Handlungsbedarf"), str(counts["some"])),
            Fact(_("Kein Bedarf"), str(counts["none"])),
        ]
        if counts["open"]:
            facts.append(Fact(_("Noch offen"), str(counts["open"])))
        facts.append(Fact(_("Maßnahmen"), str(len(self.measures))))
        if self.previous is not None and len(facts) < 5:
            word = _("Gegenüber %(day)s") % {
                "day": day_text(timezone.localdate(self.previous.started_at))
            }
            facts.append(Fact(word, _("%(n)s besser") % {"n": self.better}))
        return facts

    @property
    def open_items(self) -> list[OpenItem]:
        """What is still open: unanswered, urgent without measure, measure without owner or date."""
        items = []
        for row in self.points:
            number = row.point.number
            if not row.level_id or row.level_id == SKIP:
                text = _("Checkpunkt %(number)s ist noch nicht bewertet.")
            elif row.kind == "urgent" and not row.measures:
                text = _("Checkpunkt %(number)s ist dringend und hat keine Maßnahme.")
            elif row.needs_measure and not row.measures:
                text = _("Checkpunkt %(number)s hat Handlungsbedarf und keine Maßnahme.")
            else:
                continue
            items.append(OpenItem(text % {"number": number}, "point", number=number))
        return items + [item for measure in self.measures for item in _open_of(measure)]

    @property
    def suggestions(self) -> list[tuple[PointRow, Suggestion]]:
        """Suggested measures of the points that need one, urgent first, at most two each."""
        rows = [row for row in self.points if row.needs_measure and not row.active]
        rows.sort(key=lambda row: (row.kind != "urgent", row.point.number))
        return [(row, suggestion) for row in rows for suggestion in row.suggestions[:2]]


def _open_of(measure: Measure) -> list[OpenItem]:
    if not measure.is_active:
        if asks_for_rating(measure):
            text = _("„%(title)s“ ist erledigt. Wie steht es jetzt um den Checkpunkt?")
            return [_item(text, measure)]
        return []
    if measure.is_late(clock.today()) and not measure.delay_reason:
        return [_item(_("„%(title)s“ ist überfällig, ohne Grund."), measure)]
    if not measure.who and not measure.due_on:
        return [_item(_("„%(title)s“ hat weder Zuständige noch einen Termin."), measure)]
    if not measure.who:
        return [_item(_("„%(title)s“ hat noch keine Zuständigen."), measure)]
    if not measure.due_on:
        return [_item(_("„%(title)s“ hat noch keinen Termin."), measure)]
    return []


def _item(text: str, measure: Measure) -> OpenItem:
    return OpenItem(text % {"title": measure.title}, "measure", measure=str(measure.uuid))


def asks_for_rating(measure: Measure) -> bool:
    """A measure that was done and whose checkpoint was not rated since."""
    return (
        measure.status == Measure.Status.DONE
        and bool(measure.origin_part)
        and measure.rated_at is None
    )


def day_text(day: date) -> str:
    """A date as the language of the page writes it."""
    from django.utils.formats import date_format

    return date_format(day, "SHORT_DATE_FORMAT")


def report_of(
    assessment: Assessment, lang: str, *, earlier: list[Assessment] | None = None
) -> Report:
    """The report in a language. Queries: answers, measures, and with an earlier round its answers
    and measures: four at most, whatever the length of the check."""
    view = view_of(assessment.revision, lang)
    answers = {answer.checkpoint: answer for answer in assessment.answers.all()}
    measures = list(measures_of(Ref.to(assessment)).order_by("due_on", "id"))
    by_part: dict[str, list[Measure]] = defaultdict(list)
    for measure in measures:
        by_part[measure.origin_part].append(measure)
    previous = earlier[0] if earlier else None
    before = levels_of(previous) if previous else {}
    return Report(
        assessment=assessment,
        view=view,
        scope=scope_text(assessment),
        points=[
            _row(point, answers.get(point.id, _EMPTY), by_part[point.id], before.get(point.id))
            for point in view.checkpoints
        ],
        measures=measures,
        earlier_measures=_active_of(earlier or []),
        previous=previous,
        drawn_at=clock.now(),
    )


def levels_of(assessment: Assessment) -> dict[str, str]:
    return dict(assessment.answers.values_list("checkpoint", "level"))


def _active_of(earlier: list[Assessment]) -> list[Measure]:
    if not earlier:
        return []
    found = with_parties().filter(
        origin_type=Ref.to(earlier[0]).type,
        origin_uuid__in=[assessment.uuid for assessment in earlier],
        status__in=Measure.ACTIVE,
    )
    return list(found.order_by("due_on", "id"))


def _row(
    point: Checkpoint, answer: Answer, measures: list[Measure], before: str | None
) -> PointRow:
    label, kind = label_of(point, answer.level)
    taken = {measure.suggestion for measure in measures if measure.suggestion}
    before_label, before_kind = label_of(point, before) if before else ("", "")
    return PointRow(
        point=point,
        level_id=answer.level,
        label=label,
        kind=kind,
        phrase=str(point.phrases.get(answer.level, "")),
        note=answer.note,
        marks=answer.marks,
        own_examples=answer.own_examples,
        measures=measures,
        suggestions=[item for item in point.suggestions if item.id not in taken],
        version=answer.version if answer.pk else 0,
        before_label=before_label,
        before_kind=before_kind,
        moved=moved_between(point, before or "", answer.level),
    )


def moved_between(point: Checkpoint, before: str, after: str) -> int:
    """1 better, -1 worse, 0 the same or not comparable. A lower rank is less need."""
    old, new = point.level(before), point.level(after)
    if old is None or new is None:
        return 0
    return (old.rank > new.rank) - (old.rank < new.rank)
