"""XLSX: text stays text (no formula ever), dates are dates, nothing is lost (T27).

Heavy: imported where a workbook is asked for (decision 5).
"""

import re
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from lotse.foundation.core import processes
from lotse.foundation.core.sheets import LIKE_A_FORMULA, Sheet, Value

# What XML 1.0 cannot hold.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DAY_FORMATS = {"de": "DD.MM.YYYY", "en": "DD/MM/YYYY"}
_LONGEST = 32767


def workbook(sheets: Sequence[Sheet], *, title: str, language: str) -> bytes:
    """The file as bytes."""
    out = BytesIO()
    book: Any = Workbook(out, {"in_memory": True})
    book.set_properties({"title": title, "author": "Lotse"})
    book.set_custom_property("Language", language)
    wrapped = {"text_wrap": True, "valign": "top"}
    # A quoted cell stays text when somebody edits it.
    looks = {
        (bold, quoted): book.add_format({**wrapped, "bold": bold, "quote_prefix": quoted})
        for bold in (False, True)
        for quoted in (False, True)
    }
    days = book.add_format({**wrapped, "num_format": _DAY_FORMATS.get(language, "YYYY-MM-DD")})
    for sheet in sheets:
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", sheet.title)[:31])
        page.freeze_panes(1, 0)
        for column, width in enumerate(sheet.widths):
            page.set_column(column, column, width)
        for row, values in enumerate([sheet.head, *sheet.rows]):
            for column, value in enumerate(values):
                look = days if isinstance(value, date) else looks[row == 0, _quoted(value)]
                _write(page, row, column, value, look)
    book.close()
    del book
    processes.hand_back()
    return out.getvalue()


def _quoted(value: Value) -> bool:
    return isinstance(value, str) and value.startswith(LIKE_A_FORMULA)


def _write(page: Any, row: int, column: int, value: Value, look: Any) -> None:
    if isinstance(value, str):
        page.write_string(row, column, _ILLEGAL.sub("", value)[:_LONGEST], look)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, look)
    elif value is None:
        page.write_blank(row, column, None, look)
    else:
        page.write_number(row, column, value, look)
