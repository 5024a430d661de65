"""What stored values are called: codes, topics and regions as lines of words, field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lotse.foundation.core import text
from lotse.foundation.parties.models import Organisation
from lotse.foundation.topics.models import Region, Topic
from lotse.rooms.directory.content import choices
from lotse.rooms.directory.content.fields import (
    CODE,
    CODES,
    COUNTED,
    DAY,
    FLAG,
    PICTURE,
    REGIONS,
    SECTORS,
    TEXT,
    TOPICS,
    Field,
)


@dataclass(frozen=True)
class Labels:
    """Names of topics and regions in one language, by code and key."""

    lang: str = "de"
    topics: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)


def load_labels(contents: Iterable[Mapping[str, Any]], lang: str) -> Labels:
    """The names that these contents need. Two queries, less where nothing is named."""
    found = list(contents)
    topics = {code for one in found for code in one.get("topics") or ()}
    regions = {key for one in found for key in one.get("regions") or ()}
    named: dict[str, str] = {}
    if topics:
        rows = Topic.objects.filter(code__in=topics).values_list("code", "name")
        named = {code: text.pick(name, lang) for code, name in rows}
    return Labels(lang, named, regions_named(regions, lang) if regions else {})


def regions_named(keys: Iterable[str], lang: str) -> dict[str, str]:
    """Region key -> name; a town is told from the district of the same name. One query."""
    rows = Region.objects.filter(key__in=list(keys)).values_list("key", "name", "name_en", "kind")
    return {key: region_name(name, name_en, kind, lang) for key, name, name_en, kind in rows}


def region_name(name: str, name_en: str, kind: str, lang: str) -> str:
    """How a region is called in a list of choices."""
    if kind == Region.Kind.COUNTRY:
        return _("bundesweit")
    said = name_en if lang != "de" and name_en else name
    return _("%(name)s (Stadt)") % {"name": said} if kind == Region.Kind.CITY else said


def choices_of(one: Field, lang: str) -> dict[str, Any]:
    """Code -> label of a field with fixed choices."""
    if one.holds == SECTORS:
        return dict(choices.sectors(lang))
    if one.codes is not None:
        return one.codes
    return dict(Organisation.Kind.choices) if one.key == "kind" else {}


def lines_of(one: Field, value: Any, labels: Labels) -> list[str]:
    """A stored value as lines of words; nothing for an empty one."""
    if value in (None, "", [], {}):
        return []
    if one.holds == COUNTED:
        return [counted_line(each) for each in value]
    if one.holds == PICTURE:
        return [_("ein Bild")]
    if one.holds == FLAG:
        return [_("ja")]
    if one.holds == DAY:
        return [_day(str(value))]
    if one.holds == TEXT:
        return str(value).split("\n")
    named: Mapping[str, Any] = {}
    if one.holds == TOPICS:
        named = labels.topics
    elif one.holds == REGIONS:
        named = labels.regions
    elif one.holds in (CODE, CODES, SECTORS):
        named = choices_of(one, labels.lang)
    several = value if isinstance(value, list | tuple) else [value]
    return [str(named.get(str(each), each)) for each in several]


def counted_line(one: Mapping[str, Any]) -> str:
    """`Ausbildungsberatung: 6`, as it is typed and shown."""
    name, count = one.get("text", ""), one.get("count")
    return str(name) if count is None else f"{name}: {count}"


def _day(value: str) -> str:
    try:
        return date_format(date.fromisoformat(value[:10]), "SHORT_DATE_FORMAT")
    except ValueError:
        return value
