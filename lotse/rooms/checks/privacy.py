"""The part of checks in own data, erasure and register: own assessments, and what was shared."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core.actor import SYSTEM, Actor
from lotse.foundation.core.hooks import PersonalData
from lotse.foundation.parties.privacy.rows import planned, row, rows
from lotse.rooms.checks.models import Assessment, Share
from lotse.rooms.checks.services import assessments


def _owned(person: int) -> QuerySet[Assessment]:
    return Assessment.objects.filter(owner=person).defer("revision__content")


def export(person: int) -> dict[str, Any]:
    """The person's assessments with all answers, and which others were shared with them."""
    found = _owned(person).select_related("revision__check_ref").order_by("pk")
    return {
        "assessments": [
            row(one)
            | {
                "check": one.revision.check_ref.code,
                "answers": rows(one.answers.all(), without=("saved_by",)),
                "ratings": rows(one.ratings.all()),
            }
            for one in found.prefetch_related("answers", "ratings")
        ],
        "shares": rows(Share.objects.filter(person=person)),
    }


def preview(person: int) -> list[dict[str, Any]]:
    alone = _owned(person).filter(organisation=None).count()
    shared = _owned(person).exclude(organisation=None).count()
    reason = _("Sie gehören der Organisation; der Name wird davon gelöst.")
    shares = Share.objects.filter(person=person).count()
    return [
        *planned(_("Eigene Bewertungen mit Antworten, Plan und Dateien"), alone, "delete",
                 kind="B"),
        *planned(_("Bewertungen einer Organisation"), shared, "pseudonymise", kind="B",
                 reason=reason),
        *planned(_("Von anderen geteilte Bewertungen"), shares, "delete", kind="A"),
    ]  # fmt: skip


def erase(person: int, actor: Actor) -> dict[str, Any]:
    """Personal assessments go as a whole; those of an organisation lose their owner."""
    shares = Share.objects.filter(person=person).delete()[0]
    alone = list(_owned(person).filter(organisation=None))
    Share.objects.filter(series__in=[one.series for one in alone]).delete()
    # As the system: the right was asked for when the erasure was confirmed.
    assessments.delete_rounds(alone, actor=SYSTEM)
    freed = Assessment.objects.filter(owner=person).update(owner=None)
    return {"assessments": len(alone), "freed": freed, "shares": shares}


DATA = PersonalData(
    name="checks",
    title=gettext_lazy("Checks und Bewertungen"),
    purpose=gettext_lazy("Einen Check bearbeiten, auswerten, fortsetzen und gemeinsam nutzen."),
    legal_basis=gettext_lazy("Art. 6 Abs. 1 Buchst. b oder f DSGVO"),
    retention=gettext_lazy(
        "Ohne Konto 24 Monate nach dem letzten Öffnen; mit Konto bis zur Löschung; "
        "Sicherungskopien 30 Tage."
    ),
    models=(
        "checks.assessment", "checks.accesslink", "checks.share", "checks.answer", "checks.rating",
    ),
    export=export,
    preview=preview,
    erase=erase,
    subjects=gettext_lazy("Menschen, die einen Check machen; wer in Notizen genannt ist"),
    recipients=gettext_lazy("Wer den Link hat, wem die Bewertung gehört, mit wem sie geteilt ist"),
)  # fmt: skip
