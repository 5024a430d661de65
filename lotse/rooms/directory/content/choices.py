"""What can be chosen in a Steckbrief: stable codes with their labels."""

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

TARGET_GROUPS: dict[str, Any] = {
    "micro-firms": _("Kleinstbetriebe"),
    "firms": _("kleine und mittlere Unternehmen"),
    "crafts": _("Handwerksbetriebe"),
    "founders": _("Menschen, die gründen"),
    "nonprofits": _("gemeinnützige Organisationen"),
    "clubs": _("Vereine und Initiativen"),
    "volunteers": _("Engagierte"),
    "managers": _("Führungskräfte"),
    "employees": _("Beschäftigte"),
    "works-councils": _("Betriebs- und Personalräte"),
    "apprentices": _("Auszubildende"),
    "pupils": _("Schülerinnen und Schüler"),
    "job-seekers": _("Arbeitsuchende"),
    "migrants": _("Zugewanderte"),
    "older": _("Ältere"),
    "carers": _("Eltern und Pflegende"),
    "disabled": _("Menschen mit Behinderung"),
    "advisers": _("Beraterinnen und Berater"),
    "municipalities": _("Kommunen"),
}
# Beschäftigte, nach der Empfehlung 2003/361/EG der Europäischen Kommission.
SIZES: dict[str, Any] = {
    "micro": _("bis 9 Beschäftigte"),
    "small": _("10 bis 49 Beschäftigte"),
    "medium": _("50 bis 249 Beschäftigte"),
    "large": _("ab 250 Beschäftigte"),
}
LANGUAGES: dict[str, Any] = {
    "de": _("Deutsch"),
    "de-leicht": _("Leichte Sprache"),
    "gsg": _("Deutsche Gebärdensprache"),
    "en": _("Englisch"),
    "ar": _("Arabisch"),
    "es": _("Spanisch"),
    "fa": _("Persisch (Dari, Farsi)"),
    "fr": _("Französisch"),
    "it": _("Italienisch"),
    "pl": _("Polnisch"),
    "ro": _("Rumänisch"),
    "ru": _("Russisch"),
    "tr": _("Türkisch"),
    "uk": _("Ukrainisch"),
}
ACCESSIBILITY: dict[str, Any] = {
    "step-free": _("stufenlos erreichbar"),
    "toilet": _("barrierefreie Toilette"),
    "induction": _("Höranlage"),
    "sign-language": _("Gebärdensprache nach Absprache"),
    "easy-language": _("Leichte Sprache"),
    "online": _("auch online"),
    "home-visit": _("Besuch vor Ort"),
}
SERVICE_FORMS: dict[str, Any] = {
    "advice": _("Beratung"),
    "information": _("Information"),
    "training": _("Schulung"),
    "mentoring": _("Begleitung, Mentoring"),
    "check": _("Check, Analyse"),
    "mediation": _("Vermittlung"),
    "exchange": _("Austausch unter Betrieben"),
    "shadowing": _("Hospitation"),
    "funding": _("Förderung, Geld"),
    "rooms": _("Räume, Material"),
    "project": _("gemeinsames Projekt"),
}
# HSDS `service.status`.
SERVICE_STATUS: dict[str, Any] = {
    "active": _("wird angeboten"),
    "temporarily-closed": _("ruht zurzeit"),
    "inactive": _("wird nicht angeboten"),
    "defunct": _("gibt es nicht mehr"),
}
PLACES: dict[str, Any] = {
    "on-site": _("bei Ihnen vor Ort"),
    "at-provider": _("bei uns"),
    "online": _("online"),
    "phone": _("am Telefon"),
}
COST: dict[str, Any] = {
    "free": _("kostenfrei"),
    "members": _("für Mitglieder kostenfrei"),
    "subsidised": _("gefördert"),
    "paid": _("kostenpflichtig"),
}
PERSON_OFFERS: dict[str, Any] = {
    "contact": _("erste Ansprechperson"),
    "adviser": _("Beratung"),
    "speaker": _("Vortrag"),
    "mentor": _("Mentoring"),
    "moderator": _("Moderation"),
    "ambassador": _("Botschaft für das Netzwerk"),
}


# The sections of the classification of economic activities (WZ 2008, Destatis). As words here:
# the whole of it takes 2 MB, and only an import asks for more than these.
_SECTORS_DE = {
    "A": "Land- und Forstwirtschaft, Fischerei",
    "B": "Bergbau und Gewinnung von Steinen und Erden", "C": "Verarbeitendes Gewerbe",
    "D": "Energieversorgung",
    "E": "Wasserversorgung; Abwasser- und Abfallentsorgung und Beseitigung von "
         "Umweltverschmutzungen",
    "F": "Baugewerbe", "G": "Handel; Instandhaltung und Reparatur von Kraftfahrzeugen",
    "H": "Verkehr und Lagerei", "I": "Gastgewerbe", "J": "Information und Kommunikation",
    "K": "Erbringung von Finanz- und Versicherungsdienstleistungen",
    "L": "Grundstücks- und Wohnungswesen",
    "M": "Erbringung von freiberuflichen, wissenschaftlichen und technischen Dienstleistungen",
    "N": "Erbringung von sonstigen wirtschaftlichen Dienstleistungen",
    "O": "Öffentliche Verwaltung, Verteidigung; Sozialversicherung",
    "P": "Erziehung und Unterricht", "Q": "Gesundheits- und Sozialwesen",
    "R": "Kunst, Unterhaltung und Erholung", "S": "Erbringung von sonstigen Dienstleistungen",
    "T": "Private Haushalte mit Hauspersonal; Herstellung von Waren und Erbringung von "
         "Dienstleistungen durch private Haushalte für den Eigenbedarf ohne ausgeprägten "
         "Schwerpunkt",
    "U": "Exterritoriale Organisationen und Körperschaften",
}  # fmt: skip
# The English titles of the same sections, as NACE Rev. 2 has them.
_SECTORS_EN = {
    "A": "Agriculture, forestry and fishing", "B": "Mining and quarrying", "C": "Manufacturing",
    "D": "Electricity, gas, steam and air conditioning supply",
    "E": "Water supply; sewerage, waste management and remediation", "F": "Construction",
    "G": "Wholesale and retail trade; repair of motor vehicles",
    "H": "Transportation and storage", "I": "Accommodation and food service",
    "J": "Information and communication", "K": "Financial and insurance activities",
    "L": "Real estate", "M": "Professional, scientific and technical activities",
    "N": "Administrative and support services", "O": "Public administration and social security",
    "P": "Education", "Q": "Human health and social work", "R": "Arts, entertainment, recreation",
    "S": "Other services", "T": "Households as employers", "U": "Extraterritorial organisations",
}  # fmt: skip


def sectors(lang: str = "de") -> dict[str, str]:
    """Sections of the classification of economic activities: letter -> title (WZ 2008, Destatis;
    in English those of NACE Rev. 2, of which it is the German version)."""
    return dict(_SECTORS_DE if lang == "de" else _SECTORS_EN)


@lru_cache(maxsize=1)
def _wz() -> Any:
    from wz_code import WZ

    return WZ(version="2008")


def section_of(code: str) -> str:
    """The section a code of the WZ lies in: "F" for "F", "43" or "43.2". Raises KeyError."""
    code = code.strip().upper()
    if code in _SECTORS_EN:
        return code
    from wz_code import WZCodeNotFoundError

    try:
        found = _wz().get(code)
    except (WZCodeNotFoundError, ValueError):
        raise KeyError(code) from None
    while found.parent is not None:
        found = found.parent
    return str(found.code)
