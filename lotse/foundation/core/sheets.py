"""What a sheet is, and the same as CSV; `spreadsheet.py` makes XLSX of it (T27)."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO

LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Value = str | int | float | date | None


@dataclass(frozen=True)
class Sheet:
    """One sheet: a head row that stays in view, widths in characters."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]
    widths: Sequence[int] = ()


def csv_file(sheet: Sheet) -> bytes:
    """One sheet as CSV: semicolons, UTF-8 with its mark, as German spreadsheet programs expect.

    A text that a program would run as a formula gets an apostrophe in front; nothing is lost (T27).
    """
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_harmless(text) for text in sheet.head])
    for row in sheet.rows:
        writer.writerow([_harmless(value) for value in row])
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _harmless(value: Value) -> Value:
    if isinstance(value, date):
        return value.isoformat()
    # Programs skip blanks in front of a formula, so they do not protect.
    if isinstance(value, str) and value.lstrip().startswith(LIKE_A_FORMULA[:4]):
        return f"'{value}"
    if isinstance(value, str) and value.startswith(LIKE_A_FORMULA):
        return f"'{value}"
    return value
