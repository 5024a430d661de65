"""Dates of all bodies as one calendar, and as a file."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from lotse.foundation.core import clock
from lotse.foundation.parties.here import actor_in
from lotse.foundation.ui import listing
from lotse.rooms.bodies.queries import calendar as queries
from lotse.rooms.bodies.queries.calendar import Entry
from lotse.rooms.bodies.services.appointments import may_make
from lotse.rooms.bodies.views.appointments import ics
from lotse.rooms.bodies.views.matters import here

COLUMNS = (
    listing.Column("title", gettext_lazy("Was?"), 48),
    listing.Column("starts", gettext_lazy("Beginn"), 24),
    listing.Column("ends", gettext_lazy("Ende"), 24),
    listing.Column("body", gettext_lazy("Gremium"), 30),
    listing.Column("place", gettext_lazy("Ort"), 40),
    listing.Column("state", gettext_lazy("Stand"), 16),
)
_KINDS = {
    queries.MEETING: pgettext_lazy("bodies", "Sitzungen"),
    queries.APPOINTMENT: gettext_lazy("gemeinsame Termine"),
    queries.EXTERNAL: gettext_lazy("Termine anderer"),
}
_TIMES = [("alle", gettext_lazy("auch vergangene")), ("vorbei", gettext_lazy("nur vergangene"))]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Dates the actor may know, those to come unless others are asked for. At most eight
    queries."""
    network, actor = here(request), actor_in(request)
    found = queries.calendar_of(network, actor)
    entries, today = found.entries, clock.today()
    # A month or a span is looked for among all; without a choice only what is to come counts.
    if not request.GET.get("monat") and not request.GET.get("zeit"):
        entries = [one for one in entries if one.until >= today]
    shown = listing.build(
        request, title=_("Kalender der Gremien"), columns=COLUMNS, source=entries,
        rows=lambda entries: [_row(one) for one in entries],
        filters=_filters(found.entries, today), search=_search,
        empty=_("Hier stehen Sitzungen der Gremien, gemeinsame Termine der Partner und Termine "
                "anderer, die in Sitzungen genannt wurden."),
    )  # fmt: skip
    context = {"announced": found.announced, "may_make": may_make(actor, network),
               "is_inside": actor.signed_in}  # fmt: skip
    return listing.answer(request, shown, "bodies/calendar.html", context, name="kalender")


def _row(one: Entry) -> listing.Row:
    return {
        "title": listing.Cell(one.title, url=one.url),
        "starts": one.starts_at or one.day,
        "ends": one.ends_at or "",
        "body": one.body,
        "place": one.place,
        "state": listing.Cell(one.state, tone="muted" if one.cancelled else ""),
    }


def _filters(entries: list[Entry], today: date) -> list[listing.Filter]:
    """By month, body, kind and time, with the values that there are."""
    months = sorted({one.month for one in entries})
    bodies = sorted({one.body for one in entries if one.body})
    return [
        listing.Filter(
            "monat", _("Monat"), lambda rows, value: [one for one in rows if one.month == value],
            [(month, _month(month)) for month in months],
        ),
        listing.Filter(
            "gremium", _("Gremium"), lambda rows, value: [one for one in rows if one.body == value],
            [(name, name) for name in bodies],
        ),
        listing.Filter(
            "art", _("Art"), lambda rows, value: [one for one in rows if one.kind == value],
            list(_KINDS.items()),
        ),
        listing.Filter(
            "zeit", _("Zeit"),
            lambda rows, value: [one for one in rows if value == "alle" or one.until < today],
            _TIMES,
        ),
    ]  # fmt: skip


def _month(month: str) -> str:
    return date_format(date.fromisoformat(f"{month}-01"), "F Y")


def _search(entries: list[Entry], word: str) -> list[Entry]:
    wanted = word.casefold()
    return [
        one for one in entries
        if wanted in f"{one.title} {one.body} {one.place} {one.text}".casefold()
    ]  # fmt: skip


@require_safe
def file(request: HttpRequest) -> HttpResponse:
    """What is to come, for a calendar program; meetings that were called off say so."""
    from lotse.foundation.core.ical import calendar

    network, actor = here(request), actor_in(request)
    entries = queries.calendar_of(network, actor).entries
    today = clock.today()
    events = [queries.event_of(one) for one in entries if one.until >= today]
    content = calendar(_("Gremien: %(network)s") % {"network": network.name}, events,
                       host=queries.host())  # fmt: skip
    return ics(content, "gremien.ics")
