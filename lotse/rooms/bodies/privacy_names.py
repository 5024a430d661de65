"""Fields of the room in words, for the register and the page of own data."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Any] = {
    "annex": _("Anlage"),
    "answer_to": _("Antwort auf"),
    "attendance": _("Teilnahme"),
    "block": _("Mitschrift"),
    "body": _("Gremium"),
    "called_at": _("aufgerufen am"),
    "closed_at": _("geschlossen am"),
    "closes_at": _("Frist endet am"),
    "entitled": _("Stimmberechtigte"),
    "had_quorum": _("beschlussfähig"),
    "host": _("Gastgeber"),
    "invited_at": _("eingeladen am"),
    "item": _("Tagesordnungspunkt"),
    "mandate": _("Mandat"),
    "meeting": _("Sitzung"),
    "merged": _("aus zwei Fassungen zusammengeführt"),
    "method": _("Art der Abstimmung"),
    "name": _("Name"),
    "opened_at": _("eröffnet am"),
    "opens_at": _("Frist beginnt am"),
    "parent": _("übergeordneter Punkt"),
    "period": _("Frist für Einwände"),
    "present": _("anwesende Stimmen"),
    "quorum_needed": _("nötige Mandate mit Stimme"),
    "reminded_at": _("erinnert am"),
    "replaces": _("ersetzt"),
    "replied_at": _("geantwortet am"),
    "result": _("Ergebnis"),
    "settled_at": _("erledigt am"),
    "speaker": _("wer es sagte"),
    "stands_for": _("vertritt"),
    "title_after": _("Titel danach"),
    "title_before": _("Titel vorher"),
    "to_at": _("bis"),
    "voting_seats": _("Mandate mit Stimme am Ende"),
    "whole": _("Teil von"),
}
