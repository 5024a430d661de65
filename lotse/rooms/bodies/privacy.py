"""The part of the room in own data, erasure and register: seats, presence, notes, names in
minutes."""

import json
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import PersonalData
from lotse.foundation.core.permissions import NOBODY
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.privacy.identity import FORMER, addresses_of, words_of
from lotse.foundation.parties.privacy.rows import planned, row, rows, without_words
from lotse.rooms.bodies.content import closing
from lotse.rooms.bodies.models import (
    Attendance,
    Attribution,
    Charter,
    GroupTable,
    Holder,
    Meeting,
    MinutesRevision,
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
    """Seats, invitations, presence and what the person wrote or said in meetings; as a guest by
    address, too."""
    own = Q(person=person) | _by_address(Person.objects.get(pk=person))
    there = Attendance.objects.filter(own)
    return {
        "seats": [
            row(one, without=("grant",)) | {"body": one.mandate.body.name}
            for one in Holder.objects.filter(person=person).select_related("mandate__body")
        ],
        "meetings": [
            row(one, without=("token_hash", "stands_for")) | {"meeting": one.meeting.title}
            for one in there.select_related("meeting")
        ],
        "presences": rows(Presence.objects.filter(attendance__in=there), without=("by",)),
        "speaking": rows(SpeakRequest.objects.filter(attendance__in=there)),
        "presented": rows(Presenter.objects.filter(person=person)),
        "notes": rows(NoteBlock.objects.filter(person=person)),
        "note_versions": rows(NoteVersion.objects.filter(person=person)),
        "names_in_minutes": rows(Attribution.objects.filter(person=person)),
        "said": rows(Outcome.objects.filter(speaker__person=person)),
    }


def preview(person: int) -> list[dict[str, Any]]:
    """What an erasure does here."""
    seats = Holder.objects.filter(person=person).count()
    traces = _traces(person)
    there, named = traces.attendances().count(), traces.attributions().count()
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
    # First of all: the seats and addresses by which the rest is found go below.
    former, traces = str(FORMER), _traces(person)
    named = traces.attributions().update(name=former, person=None)
    there = traces.attendances().update(
        name=former, person=None, email="", reply_note="", token_hash=""
    )
    traces.presenters().update(name=former, person=None)
    _unsign(traces)
    _cover_old_lines(traces)
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


@dataclass(frozen=True)
class _Traces:
    """How rows are found: by the key of the person, by its addresses wherever they stand, and by
    its name only in the networks the person belongs to; elsewhere it is somebody else's."""

    person: int
    names: list[str]
    networks: set[int]
    by_address: Q
    as_guest: Q

    def attendances(self) -> QuerySet[Attendance]:
        """Places on lists of those present."""
        found = self._is("meeting__body__network") | self.by_address
        return Attendance.objects.filter(found)

    def attributions(self) -> QuerySet[Attribution]:
        """Names in minutes; of a guest as they were printed on the list."""
        return Attribution.objects.filter(self._is("network") | self.as_guest)

    def presenters(self) -> QuerySet[Presenter]:
        """Names at items of agendas."""
        return Presenter.objects.filter(self._is("item__meeting__body__network"))

    def _is(self, network: str) -> Q:
        named = Q(person=None, name__in=self.names, **{f"{network}__in": self.networks})
        return Q(person=self.person) | named


def _traces(person: int) -> _Traces:
    who = Person.objects.get(pk=person)
    by_address = _by_address(who)
    guests = Attendance.objects.filter(by_address).values_list(
        "meeting__body__network", "name", "organisation"
    )
    as_guest = NOBODY
    for network, name, organisation in guests.order_by("pk"):
        as_guest |= Q(person=None, network=network, name=name, organisation=organisation)
    return _Traces(person, _names(who), _networks(who), by_address, as_guest)


def _by_address(who: Person) -> Q:
    """Places of guests that were typed with an address of the person, and hold no key of it."""
    found = NOBODY
    for address in addresses_of(who):
        found |= Q(email__iexact=address)
    return Q(person=None) & found


def _networks(who: Person) -> set[int]:
    """Networks the person belongs to, ever did, or went to meetings in."""
    there = Attendance.objects.filter(Q(person=who) | _by_address(who))
    found = {
        who.home_id,
        *who.affiliations.values_list("organisation__network", flat=True),
        *who.grants.values_list("network", flat=True),
        *Holder.objects.filter(person=who).values_list("mandate__body__network", flat=True),
        *there.values_list("meeting__body__network", flat=True),
        *Attribution.objects.filter(person=who).values_list("network", flat=True),
    }
    return {key for key in found if key is not None}


def _names(who: Person) -> list[str]:
    """How the person is written where somebody typed the name; a last name alone is no name."""
    if not who.first_name or not who.last_name:
        return []
    return sorted({who.name, f"{who.first_name} {who.last_name}"})


def _unsign(traces: _Traces) -> None:
    """Takes the name out of the lines that say who moderated, wrote and signs the minutes, and to
    whom they go."""
    lines: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
        (Meeting, "body__network", ("moderation", "minute_takers")),
        (GroupTable, "item__meeting__body__network", ("moderators",)),
        (Charter, "body__network", ("signatures", "distribution", "letterhead", "footer")),
        (Attribution, "network", ("name",)),
    )
    for model, network, fields in lines:
        near = model._default_manager.filter(**{f"{network}__in": traces.networks})
        if model is Attribution:
            near = near.filter(person=None)  # the name of somebody else is theirs
        for name in fields:
            found = NOBODY
            for word in traces.names:
                found |= Q(**{f"{name}__icontains": word})
            for one in near.filter(found).iterator(chunk_size=200):
                line = _without(traces.names, str(getattr(one, name)))
                most = model._meta.get_field(name).max_length
                model._default_manager.filter(pk=one.pk).update(**{name: line[:most]})


def _without(names: list[str], line: str) -> str:
    """The line with "ehemalige Person" in place of the name."""
    for name in names:
        whole = rf"(?<![\w-]){re.escape(name)}(?![\w-])"
        line = re.sub(whole, str(FORMER), line, flags=re.IGNORECASE)
    return line


def _cover_old_lines(traces: _Traces) -> None:
    """Revisions from before lines were attributions hold them as text that never changes: from now
    on they are read without the name."""
    named = NOBODY
    for name in traces.names:
        named |= Q(content__icontains=name)
    rows = MinutesRevision.objects.filter(
        named, minutes__meeting__body__network__in=traces.networks
    )
    columns = rows.order_by("pk").values_list("content", "minutes__meeting__body__network")
    for content, network in columns.iterator(chunk_size=50):
        for uuid, line in closing.old_lines(json.loads(content)).items():
            found = _without(traces.names, line)
            if found != line:
                Attribution.objects.get_or_create(
                    uuid=uuid, defaults={"network_id": network, "name": found[:closing.MOST]}
                )  # fmt: skip


DATA = PersonalData(
    name="bodies",
    title=gettext_lazy("Gremien und Sitzungen"),
    purpose=gettext_lazy("Wer in einem Gremium sitzt, eingeladen und da ist, und was er dort "
                         "sagt."),
    legal_basis=gettext_lazy("Art. 6 Abs. 1 Buchst. b oder f DSGVO"),
    retention=gettext_lazy("So lange wie die Protokolle des Gremiums; Mailadressen von Gästen bis "
                           "zur Frist nach der Genehmigung."),
    models=("bodies.holder", "bodies.meeting", "bodies.agendaitem", "bodies.attendance",
            "bodies.presence", "bodies.presenter", "bodies.speakrequest", "bodies.noteblock",
            "bodies.noteversion", "bodies.outcome", "bodies.attribution"),
    export=export,
    preview=preview,
    erase=erase,
    subjects=gettext_lazy("Mitglieder, Stellvertretungen und Gäste von Gremien"),
    recipients=gettext_lazy("Mitglieder des Gremiums; nach außen nur mit Einwilligung"),
)  # fmt: skip
