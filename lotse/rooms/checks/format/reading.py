"""Strict and safe reading of YAML (and JSON) with line numbers.

Only the events of PyYAML's parser are used, never its constructors: no object is built from a
tag, no alias is expanded, and every limit is checked while reading, before memory is spent.
The limits are far above any real check (seventy checkpoints: about 6,000 nodes, 200 KiB).
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from django.utils.translation import gettext as _

from .faults import MAX_FAULTS, Fault, Path, Refused, ordered, path_text, shown
from .scalars import FORBIDDEN, MAX_MARKS, BadNumber, normal_text, plain_value, refused_character

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 50_000

# libyaml where the wheel has it; the pure parser gives the same events, ten times slower.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_UNWELCOME = re.compile(f"\t|{FORBIDDEN.pattern}")
_ESCAPED_PAIR = re.compile(
    r"(?P<before>(?<!\\)(?:\\\\)*)"
    r"\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
)


@dataclass(frozen=True, slots=True)
class Source:
    """The data of a file and where each part of it stands."""

    content: dict[str, Any]
    lines: dict[Path, int]

    def line(self, path: Path) -> int | None:
        """Return the line of a place, or of the nearest thing around it when it is missing."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read(data: bytes) -> Source:
    """Read one YAML or JSON document into JSON data.

    Texts come out in NFC; dates and all words but true, false, null and numbers stay texts.
    Raises `Refused` with every fault found (see the codes in this file): too large, not UTF-8,
    forbidden characters, tabs, anchors, tags, merge keys, duplicate or non-text keys, several
    documents, too deep, too many nodes, empty, not a mapping, impossible numbers, no YAML.
    """
    text = _decoded(data)
    _refuse_characters(text)
    return _Reading(_with_joined_pairs(text)).source()


def _decoded(data: bytes) -> str:
    # Size before anything else: nothing below may be asked to look at fifty megabytes.
    if len(data) > MAX_BYTES:
        message = _(
            "Die Datei ist größer als 1 MiB. Ein Check ist viel kleiner. Bitte prüfen Sie, ob es "
            "die richtige Datei ist."
        )
        raise Refused([Fault("", None, "too-large", message)])
    # ASCII text in UTF-16 without a mark is formally UTF-8 with a NUL in every second place.
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:2]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused([_encoding_fault(data.count(b"\n", 0, error.start) + 1)]) from None
    if wide:
        raise Refused([_encoding_fault(1)])
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding_fault(line: int) -> Fault:
    message = _(
        "Die Datei ist nicht in UTF-8 gespeichert. Bitte speichern Sie sie in Ihrem Programm "
        "mit der Kodierung „UTF-8“."
    )
    return Fault("", line, "encoding", message)


def _refuse_characters(text: str) -> None:
    faults: dict[tuple[int, str], Fault] = {}
    line, seen = 1, 0
    for match in _UNWELCOME.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        code = "tab" if match[0] == "\t" else "character"
        if (line, code) not in faults:
            faults[line, code] = _character_fault("", line, match[0])
        if len(faults) > MAX_FAULTS:
            break
    if faults:
        raise Refused(ordered(faults.values()))


def _character_fault(path: str, line: int, character: str) -> Fault:
    if character == "\t":
        message = _("Hier steht ein Tabulator. Bitte rücken Sie mit Leerzeichen ein.")
        return Fault(path, line, "tab", message)
    if unicodedata.combining(character):
        message = _(
            "Hier stehen mehr als %(limit)s Akzente oder andere Zusatzzeichen hintereinander. "
            "Bitte löschen Sie sie."
        ) % {"limit": MAX_MARKS}
        return Fault(path, line, "character", message)
    message = _(
        "Hier steht ein unsichtbares oder ungültiges Zeichen (%(name)s). Bitte löschen Sie es."
    ) % {"name": f"U+{ord(character):04X}"}
    return Fault(path, line, "character", message)


def _with_joined_pairs(text: str) -> str:
    """Join `\\ud83d\\ude00` in real JSON: one character there (RFC 8259, 7), an error in YAML."""
    if not text.lstrip().startswith("{") or not _ESCAPED_PAIR.search(text):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _ESCAPED_PAIR.sub(_joined_pair, text)


def _joined_pair(match: re.Match[str]) -> str:
    high, low = int(match["high"], 16), int(match["low"], 16)
    return f"{match['before']}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


class _Reading:
    """One pass over the events of one file."""

    def __init__(self, text: str) -> None:
        self._parser = _Loader(text)
        self._faults: dict[tuple[str, int | None], Fault] = {}
        self._lines: dict[Path, int] = {}
        self._nodes = 0

    def source(self) -> Source:
        try:
            content = self._document()
        except yaml.YAMLError as error:
            self._add(_syntax_fault(error))
        except (ValueError, OverflowError):
            # The pure parser lets chr() fail on an escape such as "\UFFFFFFFF".
            self._add(Fault("", self._parser.get_mark().line + 1, "syntax", _syntax_hint("")))
        finally:
            self._parser.dispose()
        if self._faults:
            raise Refused(ordered(self._faults.values()))
        return Source(content, self._lines)

    # Faults: `_add` goes on reading, `_stop` gives up.

    def _add(self, fault: Fault) -> None:
        # One of a kind per line: ten aliases in a row have one cause.
        self._faults.setdefault((fault.code, fault.line), fault)
        if len(self._faults) > MAX_FAULTS:
            raise Refused(ordered(self._faults.values()))

    def _stop(self, fault: Fault) -> NoReturn:
        self._add(fault)
        raise Refused(ordered(self._faults.values()))

    # Events

    def _document(self) -> dict[str, Any]:
        self._parser.get_event()  # start of the stream
        start = self._parser.get_event()
        if isinstance(start, yaml.StreamEndEvent):
            self._stop(_empty_fault())
        if getattr(start, "tags", None):
            self._add(_tag_fault("", _line(start)))
        content = self._root(self._next())
        self._parser.get_event()  # end of the document
        following = self._parser.get_event()
        if not isinstance(following, yaml.StreamEndEvent):
            message = _(
                "Hier beginnt ein zweites Dokument („---“). Eine Datei enthält genau einen Check; "
                "bitte legen Sie für den zweiten eine eigene Datei an."
            )
            self._stop(Fault("", _line(following), "documents", message))
        return content

    def _root(self, event: Any) -> dict[str, Any]:
        self._refuse_extras(event, ())
        if isinstance(event, yaml.ScalarEvent) and not event.value:
            self._stop(_empty_fault())
        if not isinstance(event, yaml.MappingStartEvent):
            message = _(
                "Die Datei beginnt nicht mit „Schlüssel: Wert“. Ein Check beginnt mit der Zeile "
                "„format: lotse-check/1“."
            )
            self._stop(Fault("", _line(event), "not-a-mapping", message))
        self._lines[()] = _line(event)
        return self._mapping(())

    def _next(self) -> Any:
        event = self._parser.get_event()
        if isinstance(event, yaml.NodeEvent):
            self._nodes += 1
            if self._nodes > MAX_NODES:
                message = _(
                    "Die Datei enthält mehr als %(limit)s Angaben. Das ist mehr, als ein Check "
                    "haben kann."
                ) % {"limit": MAX_NODES}
                self._stop(Fault("", _line(event), "too-many-nodes", message))
        return event

    def _node(self, event: Any, path: Path) -> Any:
        self._refuse_extras(event, path)
        if isinstance(event, yaml.AliasEvent):
            return None
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if len(path) >= MAX_DEPTH:
            message = _(
                "Hier ist mehr als %(limit)s-mal ineinander verschachtelt. Bitte prüfen Sie die "
                "Klammern und die Einrückung."
            ) % {"limit": MAX_DEPTH}
            self._stop(Fault(path_text(path), _line(event), "too-deep", message))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return self._sequence(path)

    def _sequence(self, path: Path) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*path, len(result))
            self._lines[here] = _line(event)
            result.append(self._node(event, here))
        return result

    def _mapping(self, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, path)
            here = (*path, key)
            if key in result:
                self._add(_duplicate_fault(here, _line(event), self._lines[here]))
            self._lines.setdefault(here, _line(event))
            value = self._node(self._next(), here)
            result.setdefault(key, value)
        return result

    def _key(self, event: Any, path: Path) -> str:
        self._refuse_extras(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            # A list or mapping as key has no name to go on with. Mostly it is `{{...}}` in a text.
            self._stop(_key_fault(path, event))
        if event.implicit[0] and event.value == "<<":
            message = _(
                "Zusammenführen mit „<<“ wird hier nicht gelesen. Bitte schreiben Sie die "
                "Angaben aus."
            )
            self._add(Fault(path_text(path), _line(event), "merge-key", message))
            return "<<"
        value = self._scalar(event, path)
        if not isinstance(value, str) or "\n" in value:
            self._add(_key_fault(path, event))
            return str(event.value)
        return value

    def _scalar(self, event: Any, path: Path) -> Any:
        # Escapes such as "\0" or "\ud800" only show here; the file itself was checked before.
        if character := refused_character(event.value):
            self._add(_character_fault(path_text(path), _line(event), character))
            return ""
        if not event.implicit[0]:
            return normal_text(event.value)
        try:
            value = plain_value(event.value)
        except BadNumber:
            message = _(
                "„%(value)s“ ist keine Zahl, die gespeichert werden kann. Wenn es ein Text ist, "
                "setzen Sie ihn in Anführungszeichen."
            ) % {"value": shown(event.value)}
            self._add(Fault(path_text(path), _line(event), "number", message))
            return None
        return normal_text(value) if isinstance(value, str) else value

    def _refuse_extras(self, event: Any, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent):
            message = _(
                "Verweise mit „*“ werden hier nicht gelesen. Bitte schreiben Sie die Angaben aus; "
                "ein Text, der mit „*“ beginnt, gehört in Anführungszeichen."
            )
            self._add(Fault(path_text(path), _line(event), "alias", message))
            return
        if event.anchor:
            message = _(
                "Anker mit „&“ werden hier nicht gelesen. Bitte schreiben Sie die Angaben aus; "
                "ein Text, der mit „&“ beginnt, gehört in Anführungszeichen."
            )
            self._add(Fault(path_text(path), _line(event), "anchor", message))
        if event.tag:
            self._add(_tag_fault(path_text(path), _line(event)))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _empty_fault() -> Fault:
    message = _(
        "Die Datei ist leer oder enthält nur Kommentare. Ein Check beginnt mit der Zeile "
        "„format: lotse-check/1“."
    )
    return Fault("", 1, "empty", message)


def _tag_fault(path: str, line: int) -> Fault:
    message = _(
        "Typangaben mit „!“ werden hier nicht gelesen. Bitte löschen Sie sie; ein Text, der mit "
        "„!“ beginnt, gehört in Anführungszeichen."
    )
    return Fault(path, line, "tag", message)


def _duplicate_fault(path: Path, line: int, first: int) -> Fault:
    message = _(
        "Der Schlüssel „%(key)s“ steht hier zum zweiten Mal (zuerst in Zeile %(first)s). Bitte "
        "löschen Sie einen von beiden."
    ) % {"key": shown(path[-1]), "first": first}
    return Fault(path_text(path), line, "duplicate-key", message)


def _key_fault(path: Path, event: Any) -> Fault:
    message = _(
        "Ein Schlüssel muss ein kurzer Text in einer Zeile sein. Zahlen, „true“ und „null“ "
        "gehören als Schlüssel in Anführungszeichen, ebenso ein Text mit geschweiften oder "
        "eckigen Klammern."
    )
    return Fault(path_text(path), _line(event), "key-not-text", message)


def _syntax_fault(error: yaml.YAMLError) -> Fault:
    problem = str(getattr(error, "problem", None) or "")
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else None
    if "Unicode character escape" in problem:
        message = _(
            "Hier steht eine Umschreibung mit „\\u“, die kein gültiges Zeichen ergibt. Bitte "
            "schreiben Sie das Zeichen selbst."
        )
        return Fault("", line, "character", message)
    return Fault("", line, "syntax", _syntax_hint(problem))


def _syntax_hint(problem: str) -> str:
    """Translate the parser's complaint into its usual cause."""
    if "mapping values are not allowed" in problem:
        return _(
            "Hier steht ein Doppelpunkt, wo keiner stehen kann. Ein Text mit Doppelpunkt und "
            "Leerzeichen gehört in Anführungszeichen; sonst prüfen Sie die Einrückung."
        )
    if "cannot start any token" in problem:
        return _(
            "Ein Text darf nicht mit diesem Zeichen beginnen. Bitte setzen Sie ihn in "
            "Anführungszeichen."
        )
    if "unexpected end of stream" in problem:
        return _("Hier fehlt ein schließendes Anführungszeichen oder eine schließende Klammer.")
    if "could not find expected ':'" in problem:
        return _("In dieser Zeile oder der davor fehlt ein Doppelpunkt nach dem Schlüssel.")
    return _(
        "Die Datei ist hier kein gültiges YAML. Häufige Ursachen: eine verrutschte Einrückung, "
        "eine fehlende Klammer oder ein Anführungszeichen mitten im Text."
    )
