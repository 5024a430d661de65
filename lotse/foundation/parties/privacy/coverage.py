"""Which tables hold personal data: each is in exactly one registration or named here with the
reason why it holds none. A new table without a place fails a test."""

from collections import Counter

from django.apps import apps

from lotse.foundation.core import hooks

NOT_PERSONAL = {
    "auth.group": "Nicht benutzt: Rechte kommen aus Rollen.",
    "auth.group_permissions": "Nicht benutzt.",
    "auth.permission": "Nicht benutzt.",
    "checks.check": "Inhalt eines Checks, kein Mensch.",
    "checks.checkrevision": "Inhalt eines Checks; genannt ist, wer ihn herausgibt.",
    "contenttypes.contenttype": "Namen von Tabellen.",
    "core.chainhead": "Prüfsummen.",
    "core.firstanswer": "Prüfsumme und Kennung, nach einem Tag gelöscht.",
    "core.jobrun": "Geplante Arbeiten.",
    "core.mailfile": "Anhänge wie eine Tagesordnung; sie gehen nach 30 Tagen mit den Texten.",
    "core.limitcounter": "Zähler hinter einer Prüfsumme mit Schlüssel, endet mit seinem Fenster.",
    "django_tasks_database.dbtaskresult": "Kennungen; Vertrauliches geht nach der Erledigung.",
    "documents.document": "Dateien gehören zu einer Bewertung oder Maßnahme und gehen mit ihr.",
    "parties.mailclosing": "Schlusszeilen von Mails eines Netzwerks.",
    "parties.network": "Angaben zu einem Netzwerk; die Kontaktadresse ist die der Stelle.",
    "parties.networkpage": "Texte des Netzwerks über sich.",
    "parties.organisation": "Angaben zu einer Organisation.",
    "parties.organisation_topics": "Themen einer Organisation.",
    "topics.region": "Regionen.",
    "topics.topic": "Themen.",
}  # fmt: skip


def misplaced() -> dict[str, int]:
    """Table -> how often it is placed, for all that are not placed exactly once."""
    placed = Counter(name for part in hooks.personal_data for name in part.models)
    placed.update(NOT_PERSONAL.keys())
    tables = {model._meta.label_lower for model in apps.get_models(include_auto_created=True)}
    wrong = {name: placed[name] for name in tables if placed[name] != 1}
    return wrong | {name: count for name, count in placed.items() if name not in tables}
