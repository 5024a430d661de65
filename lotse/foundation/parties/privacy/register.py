"""The register of processing activities (GDPR art. 30), generated from what the rooms declare and
from the fields of their tables. A hint, no legal advice: the office completes and checks it."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from lotse.foundation.core import clock, hooks
from lotse.foundation.core.sheets import Sheet
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.privacy import policy, retention
from lotse.foundation.parties.privacy.fields import NAMES, TECHNICAL
from lotse.foundation.parties.privacy.rows import SECRETS


@dataclass(frozen=True)
class Activity:
    """One processing activity, ready for the page."""

    name: str
    title: str
    purpose: str
    basis: str
    subjects: str
    recipients: str
    retention: str
    fields: list[str]
    tables: str


def activities() -> list[Activity]:
    """One per registration, in the order of the rooms. No query."""
    return [
        Activity(
            name=part.name,
            title=str(part.title),
            purpose=str(part.purpose),
            basis=str(part.legal_basis),
            subjects=str(part.subjects),
            recipients=str(part.recipients),
            retention=str(part.retention),
            fields=fields_of(part.models),
            tables=", ".join(part.models),
        )
        for part in hooks.personal_data
    ]


def fields_of(tables: tuple[str, ...]) -> list[str]:
    """The kinds of data in these tables, in words, each once; found in the models themselves."""
    found: dict[str, None] = {}
    for table in tables:
        for field in apps.get_model(table)._meta.concrete_fields:
            if field.primary_key or field.name in TECHNICAL or field.name in SECRETS:
                continue
            found[label_of(field.name, str(field.verbose_name))] = None
    return sorted(found, key=str.casefold)


def label_of(name: str, said: str = "") -> str:
    """A field in words: as its model says it, else as this list does, else its plain name."""
    if said and said != name.replace("_", " "):
        return said.rstrip("?")
    return str(NAMES.get(name, name.replace("_", " ")))


def facts(network: Network) -> list[tuple[str, str]]:
    """Who is responsible, and what holds for all activities (art. 30(1)(a), (e), (g))."""
    return [
        (_("Verantwortliche Stelle"), network.carrier or network.name),
        (_("Kontakt"), network.contact_email or _("bitte ergänzen")),
        (_("Datenschutzbeauftragte Person"), _("bitte ergänzen, falls benannt")),
        (_("Übermittlung in Drittländer"),
         _("Lotse übermittelt nichts an andere Server; bitte den Ort des Hostings ergänzen.")),
        (_("Technische Maßnahmen"),
         _("Rechte je Rolle, zweiter Faktor, Passwörter mit Argon2id, Protokoll mit Prüfsummen, "
           "keine Inhalte von fremden Servern, Sicherungen 30 Tage.")),
    ]  # fmt: skip


def context(network: Network) -> dict[str, Any]:
    """What the page shows. One query."""
    return {
        "network": network,
        "facts": facts(network),
        "activities": activities(),
        "retention": retention.overview(network),
        "policy": list(policy.CLASSES.values()),
    }


def as_xlsx(network: Network, language: str) -> bytes:
    """The register as a file the office can complete. One query."""
    rows = [
        [one.title, one.purpose, one.subjects, ", ".join(one.fields), one.recipients, one.basis,
         one.retention]
        for one in activities()
    ]  # fmt: skip
    head = [_("Verarbeitung"), _("Zweck"), _("Betroffene"), _("Daten"), _("Empfänger"),
            _("Rechtsgrundlage"), _("Frist")]  # fmt: skip
    kept = [
        [row["title"], row["span"], row["ran"], row["count"]] for row in retention.overview(network)
    ]
    erased = [[one.key, str(one.title), str(one.act), one.basis]
              for one in policy.CLASSES.values()]  # fmt: skip
    day = (_("Stand"), f"{clock.today():%d.%m.%Y}")
    from lotse.foundation.core.spreadsheet import workbook

    return workbook(
        [
            Sheet(_("Verarbeitungen"), head, rows, (24, 40, 24, 60, 28, 36, 40)),
            Sheet(_("Fristen"), [_("Daten"), _("Dauer"), _("zuletzt gelöscht"), _("Anzahl")],
                  kept, (44, 18, 18, 10)),
            Sheet(_("Löschung"), [_("Klasse"), _("Daten"), _("Folge"), _("Grund")],
                  erased, (10, 50, 60, 50)),
            Sheet(_("Allgemein"), [_("Angabe"), _("Inhalt")], [*facts(network), day], (36, 90)),
        ],
        title=_("Verzeichnis der Verarbeitungen"),
        language=language,
    )  # fmt: skip
