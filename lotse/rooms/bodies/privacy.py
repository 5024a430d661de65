"""The part of the room in own data, erasure and register: seats, presence, notes, names in
minutes."""

import re
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import PersonalData
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.privacy.identity import FORMER, words_of
from lotse.foundation.parties.privacy.rows import planned, row, rows, without_words
from lotse.rooms.bodies.models import (
    Attendance,
    Attribution,
    GroupTable,
    Holder,
    Meeting,
    NoteBlock,
    NoteVersion,
    Outcome,
    Presence,
    Presenter,
    SpeakRequest,
)

NOT_PERSONAL = {
    "parties.body": "Ein Gremium, kein Mensch.",
    "bodies.charter": "Aufgabe und Regeln eines Gremiums.",
    "bodies.happening": "Geschichte eines Gremiums.",
    "bodies.commission": "Aufträge an ein Gremium.",
    "bodies.mandate": "Ein Sitz; wer darauf sitzt, steht in bodies.holder.",
    "bodies.annex": "Titel und Nummern von Unterlagen.",
    "bodies.annexversion": "Fassungen von Unterlagen.",
    "bodies.grouptable": "Fragen einer Gruppenarbeit.",
    "bodies.groupcluster": "Überschriften.",
    "bodies.groupresult": "Ergebnisse eines Tisches, ohne Namen.",
    "bodies.jointadoption": "Organisationen und Tage.",
    "bodies.minutes": "Stand eines Protokolls.",
    "bodies.minutesrevision": "Fassungen mit Kennungen statt Namen; die stehen in "
                              "bodies.attribution.",
    "bodies.idea": "Themen; wer sie vorschlug, steht in bodies.attribution.",
    "bodies.appointment": "Termine von Organisationen.",
    "bodies.appointment_organisations": "Organisationen eines Termins.",
}  # fmt: skip
FIELD_NAMES: dict[str, Any] = {
    "called_at": gettext_lazy("Wort erhalten am"),
}


def export(person: int) -> dict[str, Any]:
    """Seats, invitations, presence and what the person wrote or said in meetings."""
    return {
        "seats": [
            row(one, without=("grant",)) | {"body": one.mandate.body.name}
            for one in Holder.objects.filter(person=person).select_related("mandate__body")
        ],
        "meetings": [
            row(one, without=("token_hash", "stands_for")) | {"meeting": one.meeting.title}
            for one in Attendance.objects.filter(person=person).select_related("meeting")
        ],
        "presences": rows(Presence.objects.filter(attendance__person=person), without=("by",)),
        "speaking": rows(SpeakRequest.objects.filter(attendance__person=person)),
        "presented": rows(Presenter.objects.filter(person=person)),
        "notes": rows(NoteBlock.objects.filter(person=person)),
        "note_versions": rows(NoteVersion.objects.filter(person=person)),
        "names_in_minutes": rows(Attribution.objects.filter(person=person)),
        "said": rows(Outcome.objects.filter(speaker__person=person)),
    }


def preview(person: int) -> list[dict[str, Any]]:
    """What an erasure does here."""
    seats = Holder.objects.filter(person=person).count()
    names = _names(person)
    there = Attendance.objects.filter(_is(person, names)).count()
    named = Attribution.objects.filter(_is(person, names)).count()
    keep = _("Wer eine Organisation vertrat, gehört zu den Akten des Gremiums; statt des Namens "
             "steht „ehemalige Person“.")  # fmt: skip
    return [
        *planned(_("Plätze in Gremien"), seats, "delete", kind="A"),
        *planned(_("Teilnahme an Sitzungen"), there, "pseudonymise", kind="B", reason=keep),
        *planned(_("Namen in Protokollen"), named, "pseudonymise", kind="C", reason=keep),
    ]


def erase(person: int, actor: Actor) -> dict[str, Any]:
    """Names go; what was decided, its wording and every checksum stay (rulings 5)."""
    words = words_of(Person.objects.get(pk=person))
    former, names = str(FORMER), _names(person)
    named = Attribution.objects.filter(_is(person, names)).update(name=former, person=None)
    there = Attendance.objects.filter(_is(person, names)).update(
        name=former, person=None, email="", reply_note="", token_hash=""
    )
    Presenter.objects.filter(_is(person, names)).update(name=former, person=None)
    _unsign(names)
    blocks = NoteBlock.objects.filter(person=person)
    for block in blocks.iterator(chunk_size=200):
        NoteBlock.objects.filter(pk=block.pk).update(
            text=without_words(block.text, words), person=None
        )
    for version in NoteVersion.objects.filter(person=person).iterator(chunk_size=200):
        NoteVersion.objects.filter(pk=version.pk).update(
            text=without_words(version.text, words), person=None
        )
    seats = Holder.objects.filter(person=person).delete()[0]
    return {"attributions": named, "attendances": there, "seats": seats}


def _names(person: int) -> list[str]:
    """How the person is written where somebody typed the name; a last name alone is no name."""
    who = Person.objects.get(pk=person)
    if not who.first_name or not who.last_name:
        return []
    return sorted({who.name, f"{who.first_name} {who.last_name}"})


def _is(person: int, names: list[str]) -> Q:
    """Rows of the person, and those that only hold the name."""
    return Q(person=person) | Q(person=None, name__in=names)


def _unsign(names: list[str]) -> None:
    """Takes the name out of the lines that say who moderated and who wrote the minutes."""
    for model, fields in ((Meeting, ("moderation", "minute_takers")),
                          (GroupTable, ("moderators",))):  # fmt: skip
        for name in fields:
            found = Q(pk__in=())
            for word in names:
                found |= Q(**{f"{name}__icontains": word})
            for one in model._default_manager.filter(found).iterator(chunk_size=200):
                line = str(getattr(one, name))
                for word in names:
                    line = re.sub(re.escape(word), str(FORMER), line, flags=re.IGNORECASE)
                model._default_manager.filter(pk=one.pk).update(**{name: line[:200]})


DATA = PersonalData(
    name="bodies",
    title=gettext_lazy("Gremien und Sitzungen"),
    purpose=gettext_lazy("Wer in einem Gremium sitzt, eingeladen und da ist, und was er dort "
                         "sagt."),
    legal_basis=gettext_lazy("Art. 6 Abs. 1 Buchst. b oder f DSGVO"),
    retention=gettext_lazy("So lange wie die Protokolle des Gremiums."),
    models=("bodies.holder", "bodies.meeting", "bodies.agendaitem", "bodies.attendance",
            "bodies.presence", "bodies.presenter", "bodies.speakrequest", "bodies.noteblock",
            "bodies.noteversion", "bodies.outcome", "bodies.attribution"),
    export=export,
    preview=preview,
    erase=erase,
    subjects=gettext_lazy("Mitglieder, Stellvertretungen und Gäste von Gremien"),
    recipients=gettext_lazy("Mitglieder des Gremiums; nach außen nur mit Einwilligung"),
)  # fmt: skip
