"""The list of found entries as a file. It holds nothing that the list on the page does not:
contact data stand on the page of each entry alone (T08)."""

from urllib.parse import urljoin

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.sheets import Sheet, csv_file
from lotse.foundation.documents.responses import XLSX, paper
from lotse.foundation.ui.finding import Found

_WIDTHS = (40, 22, 24, 70, 24, 60)


def sheet_of(found: Found, base: str) -> Sheet:
    """One line for each entry."""
    head = [_("Name"), _("Art"), _("Ort oder Organisation"), _("In einem Satz"),
            _("Kennzeichen"), _("Seite")]  # fmt: skip
    rows = [
        [row.title, row.kind, row.place, row.summary,
         ", ".join(words for words, _tone in row.tags), urljoin(base, row.url)]
        for row in found.rows
    ]  # fmt: skip
    return Sheet(_("Verzeichnis"), head, rows, _WIDTHS)


def list_file(found: Found, *, ending: str, base: str, lang: str) -> HttpResponse:
    """The list as CSV or XLSX."""
    sheet = sheet_of(found, base)
    name = f"{_('verzeichnis')}-{clock.today().isoformat()}.{ending}"
    if ending == "csv":
        return paper(csv_file(sheet), name=name, media_type="text/csv; charset=utf-8")
    from lotse.foundation.core.spreadsheet import workbook

    content = workbook([sheet], title=_("Verzeichnis"), language=lang)
    return paper(content, name=name, media_type=XLSX)
