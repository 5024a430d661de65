"""ICS: the due dates of the plan, and the days when results are checked."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.core.ical import calendar
from lotse.foundation.measures.dates import events_of
from lotse.foundation.measures.models import Measure
from lotse.rooms.checks.exports.result import in_order
from lotse.rooms.checks.queries.report import Report


def dates_ics(report: Report, *, lang: str, host: str, url_of: Callable[[Measure], str]) -> bytes:
    """All-day events of the measures that are still to be done; the same measure keeps its uid,
    so that a calendar that read the file before updates the entry. No query."""
    with override(lang):
        name = " · ".join(filter(None, [_("Maßnahmenplan"), report.view.title, report.scope]))
        events = [
            event
            for measure in in_order(report.measures)
            if measure.is_active
            for event in events_of(measure, url_of(measure))
        ]
        return calendar(name, events, host=host)
