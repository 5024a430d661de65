"""The part of measures in own data, erasure and register: who takes care, who checks, who wrote."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import PersonalData
from lotse.foundation.measures.models import Helper, Measure, ProgressNote
from lotse.foundation.parties.models import Network, Person
from lotse.foundation.parties.privacy.identity import words_of
from lotse.foundation.parties.privacy.rows import planned, row, rows, without_words


def _theirs(person: int) -> QuerySet[Measure]:
    return Measure.objects.filter(Q(person=person) | Q(controller_person=person))


def _named(person: Person) -> QuerySet[Measure]:
    """Their measures, and those of their organisations and networks that name them in free text."""
    seats = person.affiliations.values("organisation")
    networks = Network.objects.filter(
        Q(pk=person.home_id) | Q(pk__in=person.affiliations.values("organisation__network"))
    )
    named = Q(pk__in=())
    for word in words_of(person):
        named |= Q(responsible__icontains=word) | Q(controller__icontains=word)
    near = Q(organisation__in=seats) | Q(network__in=networks.values("pk"))
    return Measure.objects.filter(Q(person=person) | Q(controller_person=person) | (near & named))


def export(person: int) -> dict[str, Any]:
    """Measures the person takes care of or controls, and the notes they wrote."""
    # What others typed about who helps is theirs.
    return {
        "measures": rows(Measure.objects.filter(person=person), without=("controller",)),
        "controlled": rows(
            Measure.objects.filter(controller_person=person), without=("responsible",)
        ),
        "helped": [
            row(helper) | {"measure": helper.measure.title}
            for helper in Helper.objects.filter(person=person).select_related("measure")
        ],
        "notes": [
            row(note) | {"measure": note.measure.title}
            for note in ProgressNote.objects.filter(person=person).select_related("measure")
        ],
    }


def preview(person: int) -> list[dict[str, Any]]:
    reason = _("Die Arbeit gehört der Organisation; statt des Namens steht „ehemalige Person“.")
    notes = ProgressNote.objects.filter(person=person).count()
    helped = Helper.objects.filter(person=person).count()
    return [
        *planned(_("Mithilfe bei Maßnahmen"), helped, "delete", kind="A"),
        *planned(_("Maßnahmen"), _theirs(person).count(), "pseudonymise", kind="B", reason=reason),
        *planned(_("Notizen zu Maßnahmen"), notes, "pseudonymise", kind="B", reason=reason),
    ]


def erase(person: int, actor: Actor) -> dict[str, Any]:
    """The name goes out of the free texts; the key leads to a row without a name."""
    own = Person.objects.select_related("account").get(pk=person)
    words = words_of(own)
    changed = 0
    for measure in _named(own).iterator(chunk_size=200):
        fields = ("responsible", "controller", "title", "reason", "delay_reason")
        texts = {name: without_words(getattr(measure, name), words) for name in fields}
        Measure.objects.filter(pk=measure.pk).update(**texts)
        changed += 1
        for note in measure.progress.all():
            ProgressNote.objects.filter(pk=note.pk).update(
                author=without_words(note.author, words), text=without_words(note.text, words)
            )
    helped = Helper.objects.filter(person=person).delete()[0]
    notes = ProgressNote.objects.filter(person=person)
    for note in notes.iterator(chunk_size=200):
        ProgressNote.objects.filter(pk=note.pk).update(
            author="", text=without_words(note.text, words)
        )
    return {"measures": changed, "notes": notes.count(), "helped": helped}


DATA = PersonalData(
    name="measures",
    title=gettext_lazy("Maßnahmen"),
    purpose=gettext_lazy("Wer was bis wann tut, wer es prüft, und die Erinnerung daran."),
    legal_basis=gettext_lazy("Art. 6 Abs. 1 Buchst. b oder f DSGVO"),
    retention=gettext_lazy("So lange wie die Bewertung oder der Beschluss, aus dem sie stammen."),
    models=("measures.measure", "measures.progressnote", "measures.helper"),
    export=export,
    preview=preview,
    erase=erase,
    subjects=gettext_lazy("Menschen, die eine Maßnahme übernehmen oder prüfen"),
    recipients=gettext_lazy("Wer den Plan lesen darf"),
)
