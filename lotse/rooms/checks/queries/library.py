"""Published checks, and what a visitor has begun."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import visible
from lotse.rooms.checks.content import view_of
from lotse.rooms.checks.models import SKIP, Assessment, Check


@dataclass(frozen=True)
class CheckRow:
    """One line of the list of checks."""

    uuid: str
    title: str
    lang: str
    goal: str
    audience: str
    points: int
    minutes: int | None
    edition: str


@dataclass(frozen=True)
class BegunRow:
    """One assessment this browser opened."""

    uuid: str
    title: str
    scope: str
    round: int
    started: date
    answered: int
    points: int

    @property
    def is_complete(self) -> bool:
        return self.answered >= self.points


def published_checks(actor: Actor, lang: str) -> list[CheckRow]:
    """All published checks by title. One query."""
    checks = visible("checks.check.view", actor, Check.objects.all())
    rows = []
    for check in checks.select_related("current").defer("current__content"):
        view = view_of(check.published, lang)
        rows.append(
            CheckRow(
                uuid=str(check.uuid),
                title=view.title,
                lang="" if view.lang == lang else view.lang,
                goal=view.goal.plain,
                audience=audience_text(view.side),
                points=len(view.checkpoints),
                minutes=view.minutes,
                edition=view.edition,
            )
        )
    return sorted(rows, key=lambda row: row.title)


def begun_assessments(actor: Actor, lang: str) -> list[BegunRow]:
    """What this browser opened by secret links and what the account may see, newest first. No
    query for a visitor without links; else one."""
    if not actor.keys and actor.person is None:
        return []
    found = (
        visible("checks.assessment.view", actor, Assessment.objects.all())
        .select_related("revision")
        .defer("revision__content")
        .annotate(answered=Count("answers", filter=~Q(answers__level__in=["", SKIP])))
        .order_by("-started_at")[:50]
    )
    rows = []
    for assessment in found:
        view = view_of(assessment.revision, lang)
        rows.append(
            BegunRow(
                uuid=str(assessment.uuid),
                title=view.title,
                scope=scope_text(assessment),
                round=assessment.round,
                started=timezone.localdate(assessment.started_at),
                answered=assessment.answered,
                points=len(view.checkpoints),
            )
        )
    return rows


def audience_text(side: str) -> str:
    """For whom a check is written; empty where the check does not say or says otherwise."""
    return {
        "nonprofit": _("für gemeinnützige Organisationen"),
        "business": _("für Betriebe"),
        "network": _("für Netzwerke"),
    }.get(side, "")


def scope_text(assessment: Assessment) -> str:
    """For whom the check was done: organisation and team, as typed; empty for neither."""
    return " · ".join(filter(None, [assessment.organisation_name, assessment.unit]))
