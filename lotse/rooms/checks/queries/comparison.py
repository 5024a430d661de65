"""Two rounds side by side: what moved, which measures were done. No scores."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core.ref import Ref
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.queries import measures_of
from lotse.rooms.checks.content import Checkpoint, View, label_of, view_of
from lotse.rooms.checks.models import Assessment
from lotse.rooms.checks.queries.report import levels_of, moved_between


@dataclass(frozen=True)
class ComparedPoint:
    """One checkpoint in both rounds; `only` is "old" or "new" for one that the other lacks."""

    number: int
    title: str
    old_label: str
    old_kind: str
    new_label: str
    new_kind: str
    moved: int
    only: str
    done: list[Measure]


@dataclass(frozen=True)
class Comparison:
    older: Assessment
    newer: Assessment
    view: View
    points: list[ComparedPoint]
    done_without_point: list[Measure]
    still_active: list[Measure]

    @property
    def better(self) -> int:
        return sum(1 for point in self.points if point.moved > 0)

    @property
    def worse(self) -> int:
        return sum(1 for point in self.points if point.moved < 0)

    @property
    def done(self) -> int:
        return len(self.done_without_point) + sum(len(point.done) for point in self.points)

    @property
    def finding(self) -> str:
        """What moved, in one sentence."""
        better = ngettext("%(n)s Checkpunkt besser", "%(n)s Checkpunkte besser", self.better)
        parts = [better % {"n": self.better}, _("%(n)s schlechter") % {"n": self.worse}]
        return ", ".join(parts)


def comparison_of(older: Assessment, newer: Assessment, lang: str) -> Comparison:
    """Both rounds by checkpoint id, also over two revisions of the check. Three queries."""
    view, old_view = view_of(newer.revision, lang), view_of(older.revision, lang)
    old, new = levels_of(older), levels_of(newer)
    measures = list(measures_of(Ref.to(older)).order_by("done_on", "id"))
    done: dict[str, list[Measure]] = {}
    for measure in measures:
        if measure.status == Measure.Status.DONE:
            done.setdefault(measure.origin_part, []).append(measure)
    old_points = {point.id: point for point in old_view.checkpoints}
    points = [
        _compared(point, old_points.get(point.id), old, new, done.pop(point.id, []))
        for point in view.checkpoints
    ]
    gone = [point for point in old_view.checkpoints if view.checkpoint(point.id) is None]
    points += [_gone(point, old, done.pop(point.id, [])) for point in gone]
    return Comparison(
        older=older,
        newer=newer,
        view=view,
        points=points,
        done_without_point=[measure for rest in done.values() for measure in rest],
        still_active=[measure for measure in measures if measure.is_active],
    )


def _compared(
    point: Checkpoint,
    old_point: Checkpoint | None,
    old: dict[str, str],
    new: dict[str, str],
    done: list[Measure],
) -> ComparedPoint:
    new_label, new_kind = label_of(point, new.get(point.id, ""))
    if old_point is None:
        old_label, old_kind, moved = _("neu in dieser Fassung"), "open", 0
    else:
        old_label, old_kind = label_of(old_point, old.get(point.id, ""))
        moved = moved_between(point, old.get(point.id, ""), new.get(point.id, ""))
    only = "" if old_point else "new"
    return ComparedPoint(point.number, point.title, old_label, old_kind, new_label, new_kind,
                         moved, only, done)  # fmt: skip


def _gone(point: Checkpoint, old: dict[str, str], done: list[Measure]) -> ComparedPoint:
    label, kind = label_of(point, old.get(point.id, ""))
    return ComparedPoint(point.number, point.title, label, kind, _("nicht mehr enthalten"), "open",
                         0, "old", done)  # fmt: skip
