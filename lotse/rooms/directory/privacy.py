"""The part of the directory in own data, erasure and register: the person's own Steckbrief with all
revisions, notes of the office about the person, letters, saved searches, applications."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core import clock, search
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import PersonalData
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.privacy.identity import accounts_of, shells_of, words_of
from lotse.foundation.parties.privacy.parties_data import who
from lotse.foundation.parties.privacy.rows import planned, row, rows, without_words
from lotse.rooms.directory import privacy_joining, privacy_mentions, searching
from lotse.rooms.directory.models import (
    Announcement,
    Entry,
    Letter,
    Revision,
    SavedSearch,
    TemplateAnswer,
)


def _entries(person: int) -> QuerySet[Entry]:
    """The person's own, those of merged people too. Two queries or more."""
    return Entry.objects.filter(person__uuid__in=shells_of(person)).order_by("pk")


def _letters(person: int) -> QuerySet[Letter]:
    return Letter.objects.filter(person__uuid__in=shells_of(person)).order_by("pk")


def _searches(person: int) -> QuerySet[SavedSearch]:
    return SavedSearch.objects.filter(person__uuid__in=shells_of(person)).order_by("pk")


def _refs(person: int) -> list[str]:
    """How rows name the person as the one who acted: by account, or by a link."""
    links = _letters(person).values_list("uuid", flat=True)
    return [
        *(f"account:{account.uuid}" for account in accounts_of(person)),
        *(f"letter:{uuid}" for uuid in links),
    ]


def export(person: int) -> dict[str, Any]:
    """Everything the directory knows about a person; messages passed on are not kept here."""
    mine = _refs(person)
    return {
        "entries": [_entry(one, mine) for one in _entries(person).select_related("network")],
        # Notes about organisations are the person's as far as they name the person.
        "notes_naming": [_by(one, mine) for one in privacy_mentions.notes_naming(person)],
        "letters": rows(_letters(person)),
        "saved_searches": rows(_searches(person)),
        "applications": privacy_joining.export(person),
        "written": [
            row(one, without=("author", "content"))
            for one in Revision.objects.filter(author__in=mine).order_by("pk")
        ],
        "answers_to_announcements": [
            {"answered_at": one.answered_at.isoformat() if one.answered_at else None,
             "state": one.state, "answer_note": one.answer_note}
            for one in Announcement.objects.filter(answered_by__in=mine).order_by("pk")
        ],
        "answers_to_templates": rows(
            TemplateAnswer.objects.filter(by__in=mine).order_by("pk"), without=("by",)
        ),
    }  # fmt: skip


def _entry(entry: Entry, mine: list[str]) -> dict[str, Any]:
    return row(entry) | {
        "network": entry.network.name,
        "revisions": [_by(one, mine) for one in entry.revisions.order_by("number")],
        "publications": [_by(one, mine) for one in entry.publications.order_by("pk")],
        "pictures": rows(entry.pictures.order_by("pk")),
        # What the office noted is the person's to know (GDPR art. 15), and nobody else's.
        "notes": [_by(one, mine) for one in entry.notes.order_by("pk")],
    }


def _by(obj: Any, mine: list[str]) -> dict[str, Any]:
    """A row that says who acted without naming anybody else."""
    values = row(obj)
    for name in ("by", "author"):
        if name in values:
            values[name] = who(values[name], mine)
    return values


def preview(person: int) -> list[dict[str, Any]]:
    """What an erasure does here."""
    mine = _refs(person)
    keep = _("Der Steckbrief gehört der Organisation. Es bleibt eine Kennung, die zu niemandem "
             "mehr führt.")  # fmt: skip
    written = Revision.objects.filter(author__in=mine).exclude(entry__in=_entries(person))
    answers = (
        Announcement.objects.filter(answered_by__in=mine).count()
        + TemplateAnswer.objects.filter(by__in=mine).count()
    )
    return [
        *planned(_("Eigener Steckbrief mit allen Fassungen, Foto und Notizen dazu"),
                 _entries(person).count(), "delete", kind="A"),
        *planned(_("Gespeicherte Suchen"), _searches(person).count(), "delete", kind="A"),
        *planned(_("Adressen in Briefen zu Steckbriefen"), _letters(person).count(), "delete",
                 kind="A"),
        *planned(_("Fassungen, die die Person für eine Organisation schrieb"), written.count(),
                 "pseudonymise", kind="B", reason=keep),
        *planned(_("Antworten für eine Organisation"), answers, "pseudonymise", kind="B",
                 reason=keep),
        *privacy_mentions.preview(person),
        *privacy_joining.preview(person),
    ]  # fmt: skip


def erase(person: int, actor: Actor) -> dict[str, Any]:
    """The own Steckbrief goes with all that hangs on it, out of the search at once; what the person
    wrote for an organisation stays with it, without the name."""
    mine, words = _refs(person), words_of(Person.objects.get(pk=person))
    done = {
        "entries": _delete_entries(_entries(person)),
        "saved_searches": _searches(person).delete()[0],
        "mentions": privacy_mentions.erase(person),
        "applications": privacy_joining.erase(person, actor),
    }
    for announcement in Announcement.objects.filter(answered_by__in=mine):
        note = without_words(announcement.answer_note, words)
        Announcement.objects.filter(pk=announcement.pk).update(answer_note=note)
    for answer in TemplateAnswer.objects.filter(by__in=mine):
        TemplateAnswer.objects.filter(pk=answer.pk).update(note=without_words(answer.note, words))
    # A link opens nothing any more; that there was one stays with the announcement.
    done["letters"] = _letters(person).update(person=None, address="", expires_at=clock.now())
    return done


def _delete_entries(found: QuerySet[Entry]) -> int:
    entries = list(found)
    for entry in entries:
        search.drop(entry.uuid)
        entry.delete()
    return len(entries)


def take_over(keep: int, other: int) -> None:
    """Two people are one: what the second had is the first one's; of two Steckbriefe in a network
    the first one's stays and the other goes to the archive."""
    held = set(Entry.objects.filter(person=keep).values_list("network", flat=True))
    for entry in Entry.objects.filter(person=other):
        if entry.network_id in held:
            Entry.objects.filter(pk=entry.pk).update(archived_at=clock.now())
        else:
            Entry.objects.filter(pk=entry.pk).update(person=keep)
    Letter.objects.filter(person=other).update(person=keep)
    SavedSearch.objects.filter(person=other).update(person=keep)
    searching.reindex_rows(Entry.objects.filter(person__in=(keep, other)))


DATA = PersonalData(
    name="directory",
    title=gettext_lazy("Verzeichnis und Steckbriefe"),
    purpose=gettext_lazy(
        "Zeigen, wer was kann, und einander finden; Angaben aktuell halten; neue Partner aufnehmen."
    ),
    legal_basis=gettext_lazy(
        "Steckbriefe von Personen: Art. 6 Abs. 1 Buchst. a DSGVO; Pflege und Bewerbungen: "
        "Art. 6 Abs. 1 Buchst. b oder f DSGVO"
    ),
    retention=gettext_lazy(
        "Steckbriefe bis zur Löschung; gezeigt wird, solange die Einwilligung gilt; "
        "Bewerbungen nach ihrer Frist."
    ),
    models=(
        "directory.entry", "directory.revision", "directory.publication", "directory.picture",
        "directory.officenote", "directory.announcement", "directory.letter",
        "directory.savedsearch", "directory.templateanswer", *privacy_joining.MODELS,
    ),
    export=export,
    preview=preview,
    erase=erase,
    subjects=gettext_lazy(
        "Menschen mit eigenem Steckbrief; wer für eine Organisation schreibt oder antwortet; wer "
        "sich bewirbt"
    ),
    recipients=gettext_lazy(
        "Nur mit Einwilligung: die Öffentlichkeit, Mitglieder, Lesende der Broschüre; sonst "
        "Geschäftsstelle, Koordination, Revision"
    ),
)  # fmt: skip

# Tables of this room without personal data, for the register.
NOT_PERSONAL = {
    "directory.joining": "Regeln eines Netzwerks für neue Partner.",
    "directory.template": "Vorlagen für Steckbriefe.",
}
# Fields in words, where the list of the foundation does not have them.
FIELD_NAMES: dict[str, Any] = {
    "announced_by": gettext_lazy("angekündigt von"),
    "announcement": gettext_lazy("Ankündigung"),
    "answer": gettext_lazy("Antwort"),
    "answer_note": gettext_lazy("Anmerkung zur Antwort"),
    "answered_at": gettext_lazy("beantwortet am"),
    "answered_by": gettext_lazy("beantwortet von"),
    "archived_at": gettext_lazy("archiviert am"),
    "assured_at": gettext_lazy("zuletzt bestätigt am"),
    "author": gettext_lazy("geschrieben von"),
    "by": gettext_lazy("von wem"),
    "channels": gettext_lazy("Wo zu lesen"),
    "chosen": gettext_lazy("gewählte Filter"),
    "criteria": gettext_lazy("Kriterien der Aufnahme"),
    "deadline": gettext_lazy("Frist"),
    "decided_at": gettext_lazy("entschieden am"),
    "decided_by": gettext_lazy("entschieden von"),
    "effective_at": gettext_lazy("gilt ab"),
    "entry": gettext_lazy("Steckbrief"),
    "height": gettext_lazy("Höhe in Bildpunkten"),
    "latest": gettext_lazy("neueste Fassung"),
    "looked_at": gettext_lazy("zuletzt gesucht am"),
    "media_type": gettext_lazy("Art der Datei"),
    "number": gettext_lazy("Nummer"),
    "on_behalf": gettext_lazy("im Auftrag geschrieben"),
    "question": gettext_lazy("Suchfrage"),
    "region": gettext_lazy("Region"),
    "seen": gettext_lazy("gesehene Treffer"),
    "template": gettext_lazy("Vorlage"),
    "topics": gettext_lazy("Themen"),
    "used_at": gettext_lazy("benutzt am"),
    "via": gettext_lazy("Weg der Veröffentlichung"),
    "width": gettext_lazy("Breite in Bildpunkten"),
}
