"""Measures as entries of a calendar: the day they are due, the day the result is looked at."""

from collections.abc import Iterator
from uuid import uuid5

from django.utils.translation import gettext as _

from lotse.foundation.core.ical import DayEvent
from lotse.foundation.measures.models import Measure


def events_of(measure: Measure, url: str) -> Iterator[DayEvent]:
    """All-day events of a measure; each keeps its uid, so that a calendar updates the entry."""
    sequence = measure.version - 1
    if measure.due_on:
        yield DayEvent(
            uid=measure.uuid,
            day=measure.due_on,
            title=_("Fällig: %(title)s") % {"title": measure.title},
            text=_about(measure),
            url=url,
            sequence=sequence,
        )
    if measure.control_on:
        yield DayEvent(
            uid=uuid5(measure.uuid, "control"),
            day=measure.control_on,
            title=_("Ergebnis prüfen: %(title)s") % {"title": measure.title},
            text=_about(measure),
            url=url,
            sequence=sequence,
        )


def _about(measure: Measure) -> str:
    entries = [
        (_("Wer"), measure.who),
        (_("Wozu?"), measure.reason),
        (_("Wer prüft das Ergebnis?"), measure.controlled_by),
    ]
    return "\n".join(f"{label} {text}" if label.endswith("?") else f"{label}: {text}"
                     for label, text in entries if text)  # fmt: skip
