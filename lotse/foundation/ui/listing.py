"""One list for the whole product: search, filters, pages, file, print view, link (rulings 25).

A view says what the columns are, where rows come from and how a row looks; `build` reads the
choice out of the address, so every selection is a link. Rows are finished before the template.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lotse.foundation.core import clock, text
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.middleware import CSP_FILE
from lotse.foundation.core.sheets import Sheet, Value, csv_file

PAGE = 50
EXPORT_MOST = 20_000
PRINT_MOST = 2_000
TONES = ("", "muted", "good", "warn", "bad")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_YEARS = range(2000, 2101)
_SEARCH, _PAGE, _AS = "suche", "seite", "als"


@dataclass(frozen=True)
class Cell:
    """What stands in one column of a row; a `tone` goes with words that say the same."""

    value: Value | datetime = ""
    url: str = ""
    tone: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.tone not in TONES:
            raise ValueError(f"not a tone: {self.tone}")

    @property
    def shown(self) -> str:
        """The value as a person reads it; times in Europe/Berlin."""
        return shown(self.value)

    @property
    def exported(self) -> Value:
        """The value as a file holds it: dates stay dates, a moment becomes text with its zone."""
        if isinstance(self.value, datetime):
            return timezone.localtime(self.value).isoformat(sep=" ", timespec="seconds")
        return self.value


def shown(value: Any) -> str:
    """Dates and moments in the language of the page, anything else as text."""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Column:
    """One column; `width` is that of the workbook, in characters. One that only leads to an action
    stands `on_screen`, not in files and on paper."""

    key: str
    title: Any
    width: int = 24
    on_screen: bool = False


@dataclass(frozen=True)
class Filter:
    """One choice above the list. Without `choices` it is a field for a day or a word.

    `narrow` gets the rows and the chosen value, which is one of the choices, an ISO date or a
    cleaned line, and returns fewer rows.
    """

    key: str
    title: Any
    narrow: Callable[[Any, str], Any]
    choices: Sequence[tuple[str, Any]] = ()
    kind: str = "choice"

    def read(self, value: str) -> str:
        """The value, or nothing for one that cannot be meant."""
        value = text.clean_line(value)[:100]
        if self.kind == "choice":
            return value if value in {str(key) for key, _label in self.choices} else ""
        if self.kind == "day":
            try:
                day = date.fromisoformat(value)
            except ValueError:
                return ""
            # A moment of the first or last days there are cannot be told in another zone.
            return day.isoformat() if day.year in _YEARS else ""
        return value


Row = Mapping[str, Cell | Value | datetime]
Maker = Callable[[Sequence[Any]], list[Row]]


@dataclass(frozen=True)
class Listing:
    """A list that is ready to be drawn or written into a file."""

    title: str
    columns: Sequence[Column]
    rows: list[list[tuple[str, Cell]]]
    total: int
    search: str
    has_search: bool
    filters: list[dict[str, Any]]
    page: int
    pages: int
    narrowed: bool
    printing: bool
    export: bool
    empty: str
    links: dict[str, str] = field(default_factory=dict)
    sheet: Sheet | None = None
    ending: str = ""


def build(
    request: HttpRequest,
    *,
    title: Any,
    columns: Sequence[Column],
    source: Any,
    rows: Maker,
    filters: Sequence[Filter] = (),
    search: Callable[[Any, str], Any] | None = None,
    export: bool = True,
    empty: Any = "",
    per_page: int = PAGE,
) -> Listing:
    """The list as the address asks for it. Two queries for a QuerySet: the count and the rows.

    `source` is a QuerySet or a list of finished things; `rows` makes the cells of those shown, so
    that what belongs to them is read at once. Operational lists give `export=False`: they filter
    only. Raises Refused for a file of too many rows.
    """
    wanted = word_in(request) if search else ""
    if search and wanted:
        source = search(source, wanted)
    chosen = {one.key: one.read(request.GET.get(one.key, "")) for one in filters}
    for one in filters:
        if chosen[one.key]:
            source = one.narrow(source, chosen[one.key])
    mode = request.GET.get(_AS, "") if export else ""
    if mode in ("csv", "xlsx", "druck"):
        columns = [column for column in columns if not column.on_screen]
    query = {_SEARCH: wanted} | chosen
    total = source.count() if isinstance(source, QuerySet) else len(source)
    pages = max(1, -(-total // per_page))
    page = _page_number(request.GET.get(_PAGE, ""), pages)
    sheet: Sheet | None = None
    shown_items: list[Any]
    if mode in ("csv", "xlsx"):
        sheet, shown_items = _sheet(title, columns, source, rows, total), []
    elif mode == "druck":
        shown_items = list(source[:PRINT_MOST])
    else:
        begin = (page - 1) * per_page
        shown_items = list(source[begin : begin + per_page])
    return Listing(
        title=str(title),
        columns=columns,
        rows=[_cells(columns, row) for row in rows(shown_items)] if shown_items else [],
        total=total,
        search=wanted,
        has_search=search is not None,
        filters=[_filter(one, chosen[one.key]) for one in filters],
        page=page,
        pages=pages,
        narrowed=any(query.values()),
        printing=mode == "druck",
        export=export,
        empty=str(empty) or _("Hier steht noch nichts."),
        links=_links(query, page, pages),
        sheet=sheet,
        ending=mode,
    )


def word_in(request: HttpRequest) -> str:
    """What the address searches for."""
    return text.clean_line(request.GET.get(_SEARCH, ""))[:100]


def _page_number(value: str, pages: int) -> int:
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 8 else 1
    return min(max(number, 1), pages)


def _cells(columns: Sequence[Column], row: Row) -> list[tuple[str, Cell]]:
    return [(str(column.title), _cell(row[column.key])) for column in columns]


def _cell(value: Cell | Value | datetime) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)


def _filter(one: Filter, chosen: str) -> dict[str, Any]:
    choices = [(str(key), str(label), str(key) == chosen) for key, label in one.choices]
    return {"key": one.key, "title": one.title, "kind": one.kind, "value": chosen,
            "choices": choices}  # fmt: skip


def _links(query: dict[str, str], page: int, pages: int) -> dict[str, str]:
    def link(**more: str | int) -> str:
        return "?" + urlencode({k: str(v) for k, v in {**query, **more}.items() if v})

    links = {"here": link(), "csv": link(als="csv"), "xlsx": link(als="xlsx"),
             "print": link(als="druck")}  # fmt: skip
    if page > 1:
        links["before"] = link(seite=page - 1 if page > 2 else "")
    if page < pages:
        links["after"] = link(seite=page + 1)
    return links


def _sheet(title: Any, columns: Sequence[Column], source: Any, rows: Maker, total: int) -> Sheet:
    if total > EXPORT_MOST:
        raise Refused(
            _("Das sind %(total)s Zeilen. In eine Datei gehen höchstens %(most)s: bitte "
              "schränken Sie die Auswahl ein.") % {"total": total, "most": EXPORT_MOST}
        )  # fmt: skip
    cells = [[cell.exported for _title, cell in _cells(columns, row)] for row in rows(list(source))]
    return Sheet(str(title), [str(c.title) for c in columns], cells, [c.width for c in columns])


def answer(
    request: HttpRequest,
    listing: Listing,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    name: str = "liste",
) -> HttpResponse:
    """The page with the list, or the file that was asked for."""
    if listing.sheet is None:
        return render(request, template, {**(context or {}), "listing": listing})
    if listing.ending == "csv":
        content, kind = csv_file(listing.sheet), "text/csv; charset=utf-8"
    else:
        lang = (get_language() or "de")[:2]
        from lotse.foundation.core.spreadsheet import workbook

        content, kind = workbook([listing.sheet], title=listing.title, language=lang), _XLSX
    response = HttpResponse(content, content_type=kind)
    file = f"{name}-{clock.today().isoformat()}.{listing.ending}"
    response["Content-Disposition"] = content_disposition_header(True, file)
    response["Content-Security-Policy"] = CSP_FILE
    response["Cache-Control"] = "no-store"
    return response
