"""Where a check comes from and what may be done with it, as every paper prints it."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from lotse.rooms.checks.content import View
from lotse.rooms.checks.queries.report import day_text


def provenance(view: View, lang: str) -> dict[str, Any]:
    """Label and text of each entry that exists, and the sources as list."""
    source = view.provenance
    entries = [
        [_("Check"), _identity(view)],
        [_("Herausgeber"), _names(source.get("publishers"))],
        [_("Entwickelt von"), _names(source.get("developed_by"))],
        [_("Gefördert von"), _names(source.get("funded_by"))],
        *[[_("Verabschiedet"), _approval(item)] for item in source.get("approvals") or []],
        *[[item["scheme"].upper(), item["value"]] for item in source.get("identifiers") or []],
        [_("Bezug"), source.get("order_address") or ""],
        [_("Zu überprüfen bis"), _day(source.get("review_due"))],
        *rights_of(view),
    ]
    return {
        "heading": _("Herkunft und Rechte"),
        "entries": [entry for entry in entries if entry[1]],
        "sources_label": _("Quellen"),
        "sources": [_source(item) for item in source.get("sources") or []],
    }


def rights_of(view: View) -> list[list[str]]:
    """Licence, holder, and what the holder said where the licence asks for consent."""
    rights = view.rights
    return [
        [_("Lizenz"), rights["license"]],
        [_("Rechte bei"), _names(rights.get("holder"))],
        [_("Zustimmung"), _consent(rights)],
    ]


def _identity(view: View) -> str:
    parts = [view.title, view.code, _("Revision %(n)s") % {"n": view.revision}]
    if view.edition:
        parts.append(_("Ausgabe %(edition)s") % {"edition": view.edition})
    return ", ".join(parts)


def _names(items: list[Any] | None) -> str:
    return ", ".join(item["name"] if isinstance(item, dict) else str(item) for item in items or [])


def _approval(item: dict[str, Any]) -> str:
    results = {"unanimous": _("einstimmig"), "majority": _("mehrheitlich")}
    result = item.get("result") or ""
    parts = [item["body"], _day(item["date"]), item.get("decision"), results.get(result, result)]
    return ", ".join(str(part) for part in parts if part)


def _day(value: str | date | None) -> str:
    """The date as the paper's language writes it; what is no date stays as it is."""
    try:
        return day_text(date.fromisoformat(str(value))) if value else ""
    except ValueError:
        return str(value)


def _source(item: dict[str, Any]) -> str:
    title = f"{item['title']} ({item['year']})" if item.get("year") else item["title"]
    return " · ".join(filter(None, [title, item.get("url")]))


def _consent(rights: dict[str, Any]) -> str:
    if not rights["license"].startswith("LicenseRef"):
        return ""
    consent = rights.get("consent") or {}
    texts = {
        "granted": _("Die Rechteinhaber haben der Nutzung zugestimmt."),
        "pending": _("Die Rechteinhaber haben noch nicht zugestimmt. Bitte nicht weitergeben."),
        "refused": _("Die Rechteinhaber haben nicht zugestimmt. Bitte nicht weitergeben."),
    }
    parts = [texts.get(consent.get("status", ""), ""), consent.get("document")]
    return " ".join(str(part) for part in parts if part)
