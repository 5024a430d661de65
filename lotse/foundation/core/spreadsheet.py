"""XLSX: text stays text (no formula ever), dates are dates, nothing is lost (T27).

Heavy: imported where a workbook is asked for (decision 5).
"""

import re
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from lotse.foundation.core.sheets import LIKE_A_FORMULA, Sheet, Value

# What XML 1.0 cannot hold.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DAY_FORMATS = {"de": "DD.MM.YYYY", "en": "DD/MM/YYYY"}
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_BOLD = Font(bold=True)


def workbook(sheets: Sequence[Sheet], *, title: str, language: str) -> bytes:
    """The file as bytes."""
    book = Workbook(write_only=True)
    book.properties.title = title
    book.properties.creator = "Lotse"
    book.properties.language = language
    for sheet in sheets:
        page = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", sheet.title)[:31])
        page.freeze_panes = "A2"
        for index, width in enumerate(sheet.widths, 1):
            page.column_dimensions[get_column_letter(index)].width = width
        page.append([_cell(page, text, bold=True) for text in sheet.head])
        days = _DAY_FORMATS.get(language, "YYYY-MM-DD")
        for row in sheet.rows:
            page.append([_cell(page, value, days=days) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: Any, value: Value, *, bold: bool = False, days: str = "YYYY-MM-DD") -> Any:
    cell: Any = WriteOnlyCell(page, value=None)
    cell.alignment = _WRAPPED
    if bold:
        cell.font = _BOLD
    if isinstance(value, str):
        cell.value = _ILLEGAL.sub("", value)[:32767]
        cell.data_type = "s"  # openpyxl makes "=1+1" a formula otherwise
        # So that it stays text when somebody edits the cell.
        cell.quotePrefix = value.startswith(LIKE_A_FORMULA)
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = days
    else:
        cell.value = value
    return cell
