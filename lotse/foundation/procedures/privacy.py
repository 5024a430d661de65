"""The part of procedures in own data, erasure and register: who objected, and what they said."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import PersonalData
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.privacy.identity import words_of
from lotse.foundation.parties.privacy.rows import planned, rows, without_words
from lotse.foundation.procedures.models import Objection


def export(person: int) -> dict[str, Any]:
    """Objections the person made, with the answers."""
    found = Objection.objects.filter(person=person)
    return {"objections": rows(found, without=("by", "answered_by"))}


def preview(person: int) -> list[dict[str, Any]]:
    count = Objection.objects.filter(person=person).count()
    reason = _("Der Einwand gehört zum Protokoll des Gremiums; er bleibt ohne Namen.")
    return planned(_("Einwände"), count, "pseudonymise", kind="B", reason=reason)


def erase(person: int, actor: Actor) -> dict[str, Any]:
    """The objection stays, without whoever made it."""
    words = words_of(Person.objects.get(pk=person))
    found = Objection.objects.filter(person=person)
    count = 0
    for one in found.iterator(chunk_size=200):
        Objection.objects.filter(pk=one.pk).update(person=None, text=without_words(one.text, words))
        count += 1
    return {"objections": count}


DATA = PersonalData(
    name="procedures",
    title=gettext_lazy("Einwände"),
    purpose=gettext_lazy("Einwände gegen Protokolle sammeln und beantworten."),
    legal_basis=gettext_lazy("Art. 6 Abs. 1 Buchst. b oder f DSGVO"),
    retention=gettext_lazy("So lange wie das Protokoll, zu dem sie gehören."),
    models=("procedures.objection", "procedures.objectionperiod"),
    export=export,
    preview=preview,
    erase=erase,
    subjects=gettext_lazy("Mitglieder und Gäste von Gremien"),
    recipients=gettext_lazy("Vorsitz, Schriftführung und Geschäftsstelle"),
)
