"""Organisations in a table: which columns there are, and how a row becomes content."""

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from lotse.foundation.core import text
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import Organisation
from lotse.rooms.directory.content import choices
from lotse.rooms.directory.content.cleaning import Faulty, clean_content
from lotse.rooms.directory.content.fields import field_of
from lotse.rooms.directory.content.known import Known

# Column -> field of the entry; target_groups fill two.
COLUMNS = {
    "name": "name", "short_name": "short_name", "kind": "kind", "function": "function",
    "services": "portfolio", "topics": "topics", "target_groups": "target_groups",
    "sectors": "sectors", "regions": "regions", "postal_code": "postal_code", "city": "city",
    "website": "website", "email": "email", "description": "offers", "limits": "limits",
}  # fmt: skip
NEEDED = ("key", "name", "kind")
KEY_MOST = 80
BETWEEN = "|"
_LISTS = ("services", "topics", "target_groups", "sectors", "regions")
_ZIP = b"PK\x03\x04"
# What a table may be at most; a list of partners is far below.
BYTES_MOST = 10 * 1024 * 1024
ROWS_MOST = 20_000
CELL_MOST = 30_000
_LINES_MOST = 10 * ROWS_MOST  # empty ones included
_COLUMNS_MOST = 100
_UNPACKED_MOST = 50 * 1024 * 1024
_PARTS_MOST = 1000
# What reading a damaged or hostile workbook may raise.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, LookupError,
            ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError,
            SyntaxError)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of the file: its line, the key, and what each column says."""

    line: int
    key: str
    cells: Mapping[str, str]


def read_table(raw: bytes) -> list[Row]:
    """The rows of a CSV (`;` or `,`, UTF-8 or Windows-1252) or XLSX file, empty ones left out.

    Raises Refused for what is no table or too large, for columns that are lacking, unknown or
    there twice.
    """
    if len(raw) > BYTES_MOST:
        raise Refused(_("Die Datei ist zu groß: erlaubt sind %(most)d MB.")
                      % {"most": BYTES_MOST // 1024**2})  # fmt: skip
    lines = _lines_of_workbook(raw) if raw.startswith(_ZIP) else _lines_of_csv(raw)
    _line, head = next(lines, (1, []))
    names = [text.clean_line(name).casefold() for name in head]
    while names and not names[-1]:
        names.pop()
    _check_head(names)
    rows: list[Row] = []
    for line, values in lines:
        _check_size(line, values, len(rows))
        cells = {name: value for name, value in zip(names, values, strict=False) if name}
        if any(value.strip() for value in values):
            cells = {name: cells.get(name, "") for name in names}
            rows.append(Row(line, text.clean_line(cells.pop("key")), cells))
    return rows


def _check_size(line: int, values: list[str], before: int) -> None:
    if line > _LINES_MOST or (before >= ROWS_MOST and any(values)):
        raise Refused(_("Die Tabelle hat mehr als %(most)d Zeilen. Bitte teilen Sie sie auf.")
                      % {"most": ROWS_MOST})  # fmt: skip
    if any(len(value) > CELL_MOST for value in values):
        raise Refused(_("In Zeile %(line)d hat eine Zelle mehr als %(most)d Zeichen.")
                      % {"line": line, "most": CELL_MOST})  # fmt: skip


def _check_head(names: list[str]) -> None:
    known = ["key", *COLUMNS]
    unknown = [name for name in names if name not in known]
    lacking = [name for name in NEEDED if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults = []
    if unknown:
        faults.append(_("Diese Spalten gibt es nicht: %(names)s. Möglich sind: %(known)s.")
                      % {"names": ", ".join(text.shorten(name, 40) for name in unknown[:10]),
                         "known": ", ".join(known)})  # fmt: skip
    if lacking:
        faults.append(_("Diese Spalten fehlen: %(names)s.") % {"names": ", ".join(lacking)})
    if twice and not unknown:
        faults.append(
            _("Diese Spalten stehen doppelt da: %(names)s.") % {"names": ", ".join(twice)}
        )
    if faults:
        raise Refused(*faults)


def _lines_of_csv(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = raw.decode("cp1252", errors="replace")
    first = content.lstrip().split("\n", 1)[0]
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    line = 1
    try:
        for values in reader:
            yield line, values
            line = reader.line_num + 1
    except csv.Error as fault:
        raise Refused(_("Zeile %(line)d ist nicht lesbar.") % {"line": line}) from fault


def _lines_of_workbook(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    # Late: few programs read a workbook, and it takes memory.
    from openpyxl import load_workbook

    try:
        _check_unpacked(raw)
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        read = book.worksheets[0].iter_rows(
            values_only=True, max_row=_LINES_MOST + 1, max_col=_COLUMNS_MOST
        )
        for line, values in enumerate(read, 1):
            yield line, [_cell(value) for value in values]
    except _DAMAGED as fault:
        raise Refused(_("Diese Tabelle ist nicht lesbar.")) from fault


def _check_unpacked(raw: bytes) -> None:
    """Refuses a bomb by the sizes it declares, of which no more is read, before anything of it is
    unpacked (T25)."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = archive.infolist()
    if len(parts) > _PARTS_MOST or sum(part.file_size for part in parts) > _UNPACKED_MOST:
        raise Refused(_("Die Tabelle ist ausgepackt zu groß. Bitte teilen Sie sie auf oder "
                        "speichern Sie sie als CSV."))  # fmt: skip


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def content_of(row: Row, held: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """The content of an entry as the row says it: columns the file has replace what is held, all
    else stays. Raises Faulty, by the name of the column."""
    faults: dict[str, list[str]] = {}
    raw = dict(held)
    for column, cell in row.cells.items():
        try:
            raw.update(_values(column, cell, known))
        except _Unknown as unknown:
            shown = ", ".join(text.shorten(one, 60) for one in unknown.args)
            faults[column] = [_("Diese Angabe gibt es nicht: %(values)s") % {"values": shown}]
    for column, field in COLUMNS.items():
        if column in faults:
            raw.pop(field, None) if field != "kind" else raw.update(kind="firm")
    try:
        cleaned = clean_content("organisation", raw, known=known)
    except Faulty as faulty:
        columns = {field: column for column, field in COLUMNS.items()} | {
            "target_words": "target_groups"
        }
        for field, messages in faulty.faults.items():
            faults.setdefault(columns.get(field, field), messages)
    if faults:
        raise Faulty(faults)
    return cleaned


def titled(faults: Mapping[str, list[str]]) -> list[str]:
    """Faults by column as lines of words."""
    lines = []
    for column, messages in faults.items():
        field = COLUMNS.get(column)
        title = str(field_of("organisation", field).title) if field else column
        lines += [f"{title} ({column}): {message}" for message in messages]
    return lines


class _Unknown(Exception):
    """Values that nothing is called by."""


def _values(column: str, cell: str, known: Known) -> dict[str, Any]:
    field = COLUMNS[column]
    if column == "target_groups":
        return _target_groups(_parts(cell))
    if column in _LISTS:
        return {field: _coded(column, _parts(cell), known)}
    if column == "kind":
        return {field: _kind(text.clean_line(cell))}
    if column == "postal_code" and cell.strip().isdigit() and len(cell.strip()) == 4:
        return {field: cell.strip().zfill(5)}  # a spreadsheet drops the zero
    return {field: cell}


def _parts(cell: str) -> list[str]:
    return [part for value in cell.split(BETWEEN) if (part := text.clean_line(value))]


def _coded(column: str, values: list[str], known: Known) -> list[str]:
    find: dict[str, Callable[[str], str | None]] = {
        "topics": lambda value: _topic(value, known),
        "regions": lambda value: _region(value, known),
        "sectors": _sector,
    }
    if column not in find:
        return values
    found = [(value, find[column](value)) for value in values]
    unknown = [value for value, code in found if code is None]
    if unknown:
        raise _Unknown(*unknown)
    return [code for _value, code in found if code is not None]


def _topic(value: str, known: Known) -> str | None:
    """By code, else by name or synonym."""
    words, code = known.topic_words, value.casefold()
    topic = known.topics([code]).get(code)
    return topic.code if topic else words.get(code)


def _region(value: str, known: Known) -> str | None:
    """By official key, a lost zero in front put back, or by name."""
    words = known.region_words
    if value.isascii() and value.isdigit():
        key = value.zfill(2 if len(value) < 3 else 5)
        return key if known.regions([key]) else None
    return words.get(value.casefold())


def _sector(value: str) -> str | None:
    code = value.upper()
    if code.isdigit() and len(code) == 1:
        code = code.zfill(2)
    try:
        choices.section_of(code)
    except KeyError:
        return None
    return code


def _kind(value: str) -> str:
    if value and value.casefold() not in (kinds := _kinds()):
        raise _Unknown(value)
    return kinds[value.casefold()] if value else ""


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    return _by_label(dict(Organisation.Kind.choices))


@lru_cache(maxsize=1)
def _groups() -> dict[str, str]:
    return _by_label(choices.TARGET_GROUPS)


def _by_label(labels: Mapping[str, Any]) -> dict[str, str]:
    """Codes and labels in both languages, without case -> code."""
    found = {}
    for lang in ("en", "de"):
        with translation.override(lang):
            found.update({str(label).casefold(): code for code, label in labels.items()})
    return found | {code: code for code in labels}


def _target_groups(values: list[str]) -> dict[str, Any]:
    """What the list of groups knows as codes, all else in its own words."""
    known = _groups()
    codes = [known[value.casefold()] for value in values if value.casefold() in known]
    return {
        "target_groups": codes,
        "target_words": [value for value in values if value.casefold() not in known],
    }
