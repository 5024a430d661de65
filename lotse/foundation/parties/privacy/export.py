"""Everything about a person to take along: JSON for machines, a page for people (art. 15, 20)."""

import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, hooks
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network, Person
from lotse.foundation.parties.privacy import notices
from lotse.foundation.parties.privacy.fields import TECHNICAL
from lotse.foundation.parties.privacy.register import label_of

FORMAT = "lotse-person/1"
_UNREAD = TECHNICAL - {"created_at", "updated_at"}
_FIRST = ("parties", "accounts")
# Others hold what only the person sees: own assessments, notes, the text of mails.
FOR_THE_OFFICE = _FIRST
PARTS: dict[str, Any] = {
    "absences": gettext_lazy("Vertretungen"),
    "accounts": gettext_lazy("Zugang"),
    "apitoken": gettext_lazy("Zugänge für Programme"),
    "assessments": gettext_lazy("Bewertungen"),
    "authenticator": gettext_lazy("Zweiter Faktor und Passkeys"),
    "consents": gettext_lazy("Einwilligungen"),
    "controlled": gettext_lazy("Maßnahmen, die Sie prüfen"),
    "dead_addresses": gettext_lazy("Adressen, von denen Mails zurückkamen"),
    "emailaddress": gettext_lazy("E-Mail-Adressen"),
    "emailconfirmation": gettext_lazy("Bestätigungen von Adressen"),
    "erasures": gettext_lazy("Anträge auf Löschung"),
    "invitations": gettext_lazy("Einladungen"),
    "knowndevice": gettext_lazy("Bekannte Geräte"),
    "log_about_you": gettext_lazy("Protokoll: was andere und Sie an Ihren Angaben änderten"),
    "log_by_you": gettext_lazy("Protokoll: was Sie geändert haben"),
    "mail_choices": gettext_lazy("Einstellungen zu Mails"),
    "mails": gettext_lazy("Mails an Sie"),
    "measures": gettext_lazy("Ihre Maßnahmen"),
    "merged": gettext_lazy("Zusammengeführte Einträge"),
    "notes": gettext_lazy("Ihre Notizen"),
    "person": gettext_lazy("Ihre Angaben"),
    "records": gettext_lazy("Kette der Nachweise"),
    "reports": gettext_lazy("Ihre Meldungen"),
    "roles": gettext_lazy("Rollen"),
    "search": gettext_lazy("Einträge der Suche"),
    "seats": gettext_lazy("Sitze in Organisationen"),
    "session": gettext_lazy("Sitzungen"),
    "shares": gettext_lazy("Mit Ihnen geteilt"),
    "stood_in": gettext_lazy("Vertretungen, die Sie übernahmen"),
    "support_given": gettext_lazy("Sitzungen zur Unterstützung, die Sie führten"),
    "support_sessions": gettext_lazy("Sitzungen zur Unterstützung"),
    "waste_basket": gettext_lazy("Papierkorb"),
}


def parts() -> list[hooks.PersonalData]:
    """All parts, the person and the access before the rest."""
    return sorted(hooks.personal_data, key=lambda part: part.name not in _FIRST)


def everything(person: Person, *, only: Sequence[str] = ()) -> dict[str, Any]:
    """All parts of the product, or those named, say what they hold. JSON-ready; no secret of
    anybody."""
    return {
        "format": FORMAT,
        "drawn_at": clock.now().isoformat(),
        "person": str(person.uuid),
        "complete": not only,
        "parts": [
            {
                "name": part.name,
                "title": str(part.title),
                "purpose": str(part.purpose),
                "legal_basis": str(part.legal_basis),
                "recipients": str(part.recipients),
                "retention": str(part.retention),
                "data": part.export(person.pk),
            }
            for part in parts()
            if not only or part.name in only
        ],
    }


@transaction.atomic
def take_along(person: Person, *, actor: Actor, network: Network | None = None) -> bytes:
    """A zip with both files; it leaves a log line (trust.md 3). The person and the command get
    everything. Who handles requests gets what they may see anyway, and the person is told by mail
    with the look of `network`. Raises NotAllowed."""
    own = actor.person == person.pk
    if not own:
        require("parties.person.protect", actor, person)
    elif not actor.signed_in:
        raise NotAllowed("parties.person.own")
    whole = own or actor.trusted
    data = everything(person, only=() if whole else FOR_THE_OFFICE)
    if not whole:
        notices.given(person, network)
    actionlog.record("parties.person.exported", person, actor=actor, subject=person.uuid)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as pack:
        pack.writestr("eigene-daten.json", as_json(data))
        pack.writestr("eigene-daten.html", as_html(data, person))
    return out.getvalue()


def as_json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def as_html(data: dict[str, Any], person: Person) -> str:
    """One page that opens without network: what, why, how long, and every value."""
    drawn = parse_datetime(data["drawn_at"])
    shown = [
        {**part, "sections": [_section(key, found) for key, found in part["data"].items() if found]}
        for part in data["parts"]
    ]
    context = {
        "name": person.name,
        "language": (get_language() or "de")[:2],
        "drawn": f"{timezone.localtime(drawn):%d.%m.%Y, %H:%M}" if drawn else "",
        "complete": data["complete"],
        "parts": shown,
    }
    return render_to_string("parties/privacy/everything.html", context)


def _section(key: str, found: Any) -> dict[str, Any]:
    many = found if isinstance(found, list) else [found]
    return {
        "title": str(PARTS.get(key, label_of(key))),
        "count": len(many),
        "rows": [_value(one) for one in many],
    }


def _value(value: Any) -> SafeString:
    """Any value for reading: maps as lists of terms, lists as lists, moments in local time."""
    if isinstance(value, dict):
        # Empty fields and keys say nothing to a reader; the JSON has them.
        pairs = [(label_of(str(key)), _value(inner)) for key, inner in value.items()
                 if inner not in (None, "", [], {}) and key not in _UNREAD]  # fmt: skip
        return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", pairs))
    if isinstance(value, list):
        items = [(_value(inner),) for inner in value]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", items))
    if isinstance(value, bool):
        return mark_safe(_("ja") if value else _("nein"))
    moment = parse_datetime(value) if isinstance(value, str) and len(value) >= 19 else None
    if moment is not None and timezone.is_aware(moment):
        return mark_safe(f"{timezone.localtime(moment):%d.%m.%Y, %H:%M}")
    return SafeString(conditional_escape(str(value)))
