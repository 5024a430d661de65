"""The fields of a Steckbrief: what each is called, what it holds, where the search finds it.

One list per kind of entry; forms, pages, differences, completeness, import and search read it.
A network's template says which of them it uses and which it needs (S2-10). Field list: S1, S2-09,
S2-10; names of services follow HSDS.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from lotse.rooms.directory.content import choices

LINE, TEXT, WORDS, COUNTED = "line", "text", "words", "counted"
CODES, TOPICS, REGIONS, SECTORS = "codes", "topics", "regions", "sectors"
NUMBER, FLAG, DAY, LINK, EMAIL, PHONE, PICTURE, CODE = (
    "number", "flag", "day", "link", "email", "phone", "picture", "code",
)  # fmt: skip

# Where the search finds a field: among the words that describe it, in its text, as a filter, or
# not at all. Limits say what somebody does not do: they must never make a hit.
TITLE, DESCRIBING, TEXTUAL, NEVER = "title", "describing", "textual", "never"


@dataclass(frozen=True)
class Field:
    """One field. `holds` is a kind above; `most` the most characters, lines or choices; `found`
    where the search finds it; `facet` the key of a filter; `codes` the choices (code -> label)."""

    key: str
    title: Any
    holds: str
    section: str
    hint: Any = ""
    most: int = 1000
    found: str = TEXTUAL
    facet: str = ""
    codes: dict[str, Any] | None = None
    required: bool = False
    translated: bool = False  # has an English twin `<key>_en`, optional


SECTIONS: dict[str, Any] = {
    "core": _("Wer wir sind"),
    "offer": _("Was wir tun"),
    "scope": _("Für wen und wo"),
    "exchange": _("Suchen und geben"),
    "network": _("Im Netzwerk"),
    "contact": _("Kontakt"),
    "service": _("Leistung"),
    "terms": _("Bedingungen"),
    "person": _("Zur Person"),
}

ORGANISATION: tuple[Field, ...] = (
    Field("name", _("Name"), LINE, "core", most=200, found=TITLE, required=True, translated=True),
    Field("short_name", _("Kurzname"), LINE, "core", most=60, found=TITLE),
    Field("kind", _("Art"), CODE, "core", found=DESCRIBING, facet="okind", required=True),
    Field("logo", _("Logo"), PICTURE, "core", found=NEVER),
    Field("summary", _("In einem Satz"), LINE, "core", most=200, found=DESCRIBING, required=True,
          hint=_("Steht in Listen und in der Broschüre."), translated=True),
    Field("function", _("Auftrag"), TEXT, "core", most=1200, required=True,
          hint=_("Wofür gibt es Sie, und in wessen Auftrag?")),
    Field("legal_form", _("Rechtsform"), LINE, "core", most=80, found=NEVER),
    Field("public_benefit_on", _("Freistellungsbescheid vom"), DAY, "core", found=NEVER),
    Field("portfolio", _("Leistungen in Stichworten"), WORDS, "offer", most=30, found=DESCRIBING,
          required=True, hint=_("Je Zeile ein Stichwort.")),
    Field("offers", _("Angebote"), TEXT, "offer", most=2000, required=True),
    Field("possibilities", _("Möglichkeiten"), TEXT, "offer", most=2000,
          hint=_("Was darüber hinaus geht, zum Beispiel auf Anfrage.")),
    Field("limits", _("Grenzen"), TEXT, "offer", most=1000, found=NEVER,
          hint=_("Was Sie nicht tun. Danach wird nicht gesucht.")),
    Field("adviser_groups", _("Beratende"), COUNTED, "offer", most=20,
          hint=_("Je Zeile eine Gruppe mit Anzahl, zum Beispiel: Ausbildungsberatung: 6")),
    Field("checks_used", _("Eingesetzte Checks"), WORDS, "offer", most=20),
    Field("events", _("Veranstaltungen"), TEXT, "offer", most=1000),
    Field("stories", _("Beispiele aus der Praxis"), TEXT, "offer", most=2000),
    Field("topics", _("Themen"), TOPICS, "scope", most=20, found=DESCRIBING, facet="topic",
          required=True),
    Field("target_groups", _("Zielgruppen"), CODES, "scope", most=20, codes=choices.TARGET_GROUPS,
          facet="target"),
    Field("target_words", _("Zielgruppen in eigenen Worten"), WORDS, "scope", most=12),
    Field("sectors", _("Branchen"), SECTORS, "scope", most=21, facet="sector",
          hint=_("Ohne Angabe: alle Branchen.")),
    Field("sizes", _("Größe der Betriebe"), CODES, "scope", most=4, codes=choices.SIZES,
          facet="size", hint=_("Ohne Angabe: alle Größen.")),
    Field("regions", _("Tätig in"), REGIONS, "scope", most=60, facet="region",
          required=True),
    Field("languages", _("Sprachen"), CODES, "scope", most=20, codes=choices.LANGUAGES,
          facet="language"),
    Field("accessibility", _("Barrierefreiheit"), CODES, "scope", most=12,
          codes=choices.ACCESSIBILITY),
    Field("fees", _("Kosten"), LINE, "scope", most=200),
    Field("seek", _("Was wir suchen"), TEXT, "exchange", most=1000),
    Field("give", _("Was wir geben"), TEXT, "exchange", most=1000),
    Field("agreements", _("Anerkannte Vereinbarungen"), WORDS, "network", most=12),
    Field("networks", _("Netzwerke und Gremien"), WORDS, "network", most=20),
    Field("network_role", _("Rolle im Netzwerk"), LINE, "network", most=160),
    Field("street", _("Straße und Hausnummer"), LINE, "contact", most=160, found=NEVER),
    Field("postal_code", _("Postleitzahl"), LINE, "contact", most=12, found=TEXTUAL),
    Field("city", _("Ort"), LINE, "contact", most=120, found=DESCRIBING, required=True),
    Field("website", _("Website"), LINK, "contact", most=300, found=NEVER),
    Field("email", _("E-Mail-Adresse der Organisation"), EMAIL, "contact", most=254, found=NEVER,
          hint=_("Eine Adresse der Organisation, nicht die einer Person.")),
    Field("phone", _("Telefon der Organisation"), PHONE, "contact", most=60, found=NEVER),
)  # fmt: skip

PERSON: tuple[Field, ...] = (
    Field("photo", _("Foto"), PICTURE, "person", found=NEVER),
    Field("pronoun", _("Anrede oder Pronomen"), LINE, "person", most=60, found=NEVER),
    Field("lines", _("Zur Person in fünf Zeilen"), TEXT, "person", most=600, required=True,
          hint=_("Höchstens fünf Zeilen: was Sie tun und wobei Sie helfen.")),
    Field("competences", _("Kompetenzen"), WORDS, "person", most=20, found=DESCRIBING,
          hint=_("Je Zeile ein Stichwort.")),
    Field("topics", _("Themen"), TOPICS, "scope", most=20, found=DESCRIBING, facet="topic",
          required=True),
    Field("regions", _("Tätig in"), REGIONS, "scope", most=60, facet="region"),
    Field("languages", _("Sprachen"), CODES, "scope", most=20, codes=choices.LANGUAGES,
          facet="language"),
    Field("bodies", _("Gremien"), WORDS, "network", most=12),
    Field("qualifications", _("Qualifikationen"), WORDS, "person", most=12),
    Field("checks_authorised", _("Begleitet diese Checks"), WORDS, "person", most=12),
    Field("offers_as", _("Steht bereit als"), CODES, "exchange", most=8,
          codes=choices.PERSON_OFFERS, facet="as"),
    Field("availability", _("Erreichbarkeit"), LINE, "exchange", most=160, found=NEVER),
    Field("limits", _("Grenzen"), TEXT, "exchange", most=600, found=NEVER,
          hint=_("Was Sie nicht tun. Danach wird nicht gesucht.")),
)  # fmt: skip

SERVICE: tuple[Field, ...] = (
    Field("name", _("Name der Leistung"), LINE, "service", most=160, found=TITLE, required=True,
          translated=True),
    Field("summary", _("In einem Satz"), LINE, "service", most=200, found=DESCRIBING,
          required=True, translated=True),
    Field("description", _("Beschreibung"), TEXT, "service", most=3000),
    Field("forms", _("Wie"), CODES, "service", most=12, codes=choices.SERVICE_FORMS, facet="form",
          required=True),
    Field("status", _("Stand"), CODE, "service", codes=choices.SERVICE_STATUS, found=NEVER,
          required=True),
    Field("topics", _("Themen"), TOPICS, "scope", most=12, found=DESCRIBING, facet="topic",
          required=True),
    Field("target_groups", _("Für wen"), CODES, "scope", most=20, codes=choices.TARGET_GROUPS,
          facet="target"),
    Field("sectors", _("Branchen"), SECTORS, "scope", most=21, facet="sector"),
    Field("sizes", _("Größe der Betriebe"), CODES, "scope", most=4, codes=choices.SIZES,
          facet="size"),
    Field("regions", _("Wo"), REGIONS, "scope", most=60, facet="region"),
    Field("places", _("Ort der Leistung"), CODES, "scope", most=4, codes=choices.PLACES),
    Field("languages", _("Sprachen"), CODES, "scope", most=20, codes=choices.LANGUAGES,
          facet="language"),
    Field("cost", _("Kosten"), CODE, "terms", codes=choices.COST, found=NEVER, facet="cost"),
    Field("cost_note", _("Zu den Kosten"), LINE, "terms", most=200),
    Field("conditions", _("Voraussetzungen"), TEXT, "terms", most=1000, found=NEVER),
    Field("limits", _("Grenzen"), TEXT, "terms", most=1000, found=NEVER,
          hint=_("Was nicht dazugehört. Danach wird nicht gesucht.")),
    Field("reply_hours", _("Antwort innerhalb von Stunden"), NUMBER, "terms", most=1000,
          found=NEVER, hint=_("Zum Beispiel 48: Wer anfragt, hört in zwei Tagen von Ihnen.")),
    Field("valid_until", _("Gilt bis"), DAY, "terms", found=NEVER),
    Field("website", _("Mehr dazu"), LINK, "contact", most=300, found=NEVER),
    Field("email", _("E-Mail-Adresse für Anfragen"), EMAIL, "contact", most=254, found=NEVER,
          hint=_("Eine Adresse der Organisation, nicht die einer Person.")),
    Field("phone", _("Telefon für Anfragen"), PHONE, "contact", most=60, found=NEVER),
)  # fmt: skip

BY_KIND = {"organisation": ORGANISATION, "person": PERSON, "service": SERVICE}


def fields_of(kind: str) -> tuple[Field, ...]:
    """All fields there are for a kind of entry, in the order of the page."""
    return BY_KIND[kind]


def field_of(kind: str, key: str) -> Field:
    """One field. Raises KeyError where the kind has none of that key."""
    for one in BY_KIND[kind]:
        if one.key == key:
            return one
    raise KeyError(key)
