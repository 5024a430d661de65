"""What checks bring to "Heute", and what they let people do with the measures of a plan."""

from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Card, OriginRights
from lotse.foundation.core.permissions import visible
from lotse.rooms.checks.content import view_of
from lotse.rooms.checks.models import SKIP, Assessment
from lotse.rooms.checks.queries.library import scope_text
from lotse.rooms.checks.queries.report import day_text

MOST = 50


def cards_of(actor: Actor) -> list[Card]:
    """Assessments the person may go on with and that lack answers, the newest first. One query."""
    if actor.person is None:
        return []
    found = (
        visible("checks.assessment.edit", actor, Assessment.objects.all())
        .select_related("revision", "organisation")
        .defer("revision__content")
        .annotate(answered=Count("answers", filter=~Q(answers__level__in=["", SKIP])))
        .order_by("-started_at", "-pk")[:MOST]
    )
    lang = (get_language() or "de")[:2]
    cards = []
    for assessment in found:
        view = view_of(assessment.revision, lang)
        if assessment.answered >= len(view.checkpoints):
            continue
        organisation = assessment.organisation
        about = [
            "" if organisation and not assessment.unit else scope_text(assessment),
            _("%(n)s von %(of)s Punkten bewertet")
            % {"n": assessment.answered, "of": len(view.checkpoints)},
            _("begonnen am %(day)s") % {"day": day_text(timezone.localdate(assessment.started_at))},
        ]
        cards.append(
            Card(
                group="unfinished",
                title=view.title,
                url=reverse("checks:assessment", args=[assessment.uuid]),
                text=" · ".join(filter(None, about)),
                actor_for=organisation.name if organisation else "",
            )
        )
    return cards


def _may(code: str, actor: Actor) -> Q:
    assessments = Assessment.objects.filter(uuid=OuterRef("origin_uuid"))
    return Q(Exists(visible(code, actor, assessments)))


def view_measures(actor: Actor) -> Q:
    """Measures of the plans the actor may read."""
    return _may("checks.assessment.view", actor)


def edit_measures(actor: Actor) -> Q:
    """Measures of the plans the actor may edit."""
    return _may("checks.assessment.edit", actor)


def page(assessment: UUID, measure: UUID) -> str:
    """The measure in the plan of its assessment."""
    return reverse("checks:measure", args=[assessment, measure])


ORIGIN = OriginRights(
    type="checks.assessment",
    title=gettext_lazy("aus dem Maßnahmenplan eines Checks"),
    view=view_measures,
    edit=edit_measures,
    page=page,
)
