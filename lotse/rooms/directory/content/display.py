"""The content of an entry as lines for a page: values in words, sections in order.

Pages, announcements, previews and letters read the same lines, so that nobody agrees to something
that looks different later.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.rooms.directory.content import choices
from lotse.rooms.directory.content import fields as of
from lotse.rooms.directory.content.labels import Labels, lines_of, load_labels

# How a line is drawn: a value, a text of several lines, a list, an address of the web or of mail.
LINE, TEXT, LIST, LINK, EMAIL = "line", "text", "list", "link", "email"
_FORMS = {
    of.TEXT: TEXT, of.WORDS: LIST, of.COUNTED: LIST, of.CODES: LIST, of.TOPICS: LIST,
    of.REGIONS: LIST, of.SECTORS: LIST, of.LINK: LINK, of.EMAIL: EMAIL,
}  # fmt: skip
_OWN_WORDS = (of.LINE, of.TEXT, of.WORDS, of.COUNTED)
_EMPTY: tuple[Any, ...] = ("", None, [], {}, False)


@dataclass(frozen=True)
class Line:
    """One field of an entry in words. `lang` is set where it differs from that of the page."""

    key: str
    title: str
    form: str
    values: tuple[str, ...]
    lang: str = ""
    codes: tuple[str, ...] = ()  # of topics and regions, as many as values

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(value, the choice in the directory it stands for); none but for topics and regions."""
        facet = {"topics": "topic", "regions": "region"}.get(self.key, "")
        pairs = zip(self.values, self.codes, strict=True) if self.codes else ()
        return [(value, f"{facet}={code}") for value, code in pairs]

    @property
    def value(self) -> str:
        """All of it as one text."""
        return ("\n" if self.form == TEXT else ", ").join(self.values)


@dataclass(frozen=True)
class Section:
    """Lines that belong together, under one heading."""

    key: str
    title: str
    lines: tuple[Line, ...]


def value_in(content: Mapping[str, Any], key: str, lang: str) -> Any:
    """A value in the language of the page where it was given in it, else as it is."""
    if lang != "de" and content.get(f"{key}_{lang}"):
        return content[f"{key}_{lang}"]
    return content.get(key, "")


def sections_of(
    kind: str,
    content: Mapping[str, Any],
    lang: str,
    *,
    entry_lang: str = "de",
    without: Collection[str] = (),
    labels: Labels | None = None,
) -> list[Section]:
    """The content in sections, without what is empty and without pictures. Two queries for the
    names of topics and regions, none where they are given."""
    labels = labels or load_labels([content], lang)
    found: dict[str, list[Line]] = {}
    for one in of.fields_of(kind):
        if one.key not in without and one.holds != of.PICTURE:
            value = value_in(content, one.key, lang)
            if value not in _EMPTY:
                line = _line(one, value, labels, _foreign(one, content, lang, entry_lang))
                found.setdefault(one.section, []).append(line)
    return [Section(key, str(of.SECTIONS[key]), tuple(lines)) for key, lines in found.items()]


def _line(one: of.Field, value: Any, labels: Labels, lang: str) -> Line:
    title = str(one.title)
    codes: tuple[str, ...] = ()
    if one.holds == of.SECTORS:
        values = _sectors(value, labels.lang)
    elif one.holds in (of.TOPICS, of.REGIONS):
        codes = tuple(_sorted(one, value, labels))
        values = lines_of(one, codes, labels)
    elif one.key == "reply_hours":
        title, values = _("Antwort"), [_within(int(value))]
    else:
        values = lines_of(one, value, labels)
    return Line(one.key, title, _FORMS.get(one.holds, LINE), tuple(values), lang, codes)


def _within(hours: int) -> str:
    """`binnen 2 Tagen`; what is no whole number of days stays in hours."""
    days, rest = divmod(hours, 24)
    if rest:
        words = ngettext("binnen einer Stunde", "binnen %(n)s Stunden", hours)
        return words % {"n": hours}
    return ngettext("binnen einem Tag", "binnen %(n)s Tagen", days) % {"n": days}


def _foreign(one: of.Field, content: Mapping[str, Any], lang: str, entry_lang: str) -> str:
    """The language of a value in somebody's own words, where it is not that of the page (T64)."""
    translated = lang != "de" and content.get(f"{one.key}_{lang}")
    return entry_lang if one.holds in _OWN_WORDS and lang != entry_lang and not translated else ""


def _sorted(one: of.Field, value: Any, labels: Labels) -> list[str]:
    """Codes of topics by name; of regions the whole country and the Länder before the Kreise."""
    codes = [str(code) for code in value]
    if one.holds == of.REGIONS:
        return sorted(codes, key=lambda key: (key != "00", len(key), labels.regions.get(key, "")))
    return sorted(codes, key=lambda code: labels.topics.get(code, code).casefold())


def _sectors(value: Any, lang: str) -> list[str]:
    """A class of the WZ stands under its section, with its number where it is narrower."""
    titles = choices.sectors(lang)
    found: dict[str, None] = {}
    for code in value:
        try:
            section = choices.section_of(str(code))
        except KeyError:
            found[str(code)] = None
        else:
            narrower = f" ({code})" if str(code) != section else ""
            found[titles[section] + narrower] = None
    return list(found)
