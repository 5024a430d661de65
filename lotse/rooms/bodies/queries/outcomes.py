"""Outcomes as pages show them: of one item for the cockpit, of a whole meeting in one go."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import has
from lotse.rooms.bodies.content import outcome_kinds
from lotse.rooms.bodies.models import AgendaItem, JointAdoption, Meeting, Outcome

KIND = Outcome.Kind
# In the order in which a minute taker reaches for them.
ORDER = (
    KIND.DECISION, KIND.AGREED_ACTION, KIND.CONSENTED_SUMMARY, KIND.PARKED, KIND.RECOMMENDATION,
    KIND.REQUEST, KIND.QUESTION, KIND.ANSWER, KIND.TASK, KIND.SUGGESTION, KIND.NOTE, KIND.QUOTE,
    KIND.EXTERNAL_DATE, KIND.SAFETY_BRIEFING,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One outcome, ready to be shown. `url` is where it is changed."""

    uuid: UUID
    kind: str
    title: str
    text: str
    facts: list[str]
    url: str


@dataclass
class Panel:
    """What was brought about at an item, and the kinds that can be added, the likeliest first in
    `likely`; `begun` is what its wording begins with."""

    item: AgendaItem
    rows: list[Row]
    may_write: bool
    kinds: list[tuple[str, str]] = field(default_factory=list)
    likely: str = KIND.NOTE
    begun: str = ""


def panel_of(item: AgendaItem, actor: Actor) -> Panel:
    """The panel of an item in the cockpit. One query, with the meeting, body and charter loaded and
    the right to run the meeting proved; else two."""
    meeting = item.meeting
    may = actor.trusted or has("bodies.meeting.run", actor, meeting)
    rows = [row_of(outcome) for outcome in loaded().filter(item=item)]
    panel = Panel(item, rows, may, kinds_of(item) if may else [])
    decided = any(row.kind == KIND.DECISION for row in rows)
    if item.kind == AgendaItem.Kind.DECISION and meeting.body.charter.decides and not decided:
        panel.likely, panel.begun = KIND.DECISION, item.proposal
    return panel


def kinds_of(item: AgendaItem) -> list[tuple[str, str]]:
    """(key, title) of the kinds that may be added here: a body that only advises decides nothing.
    No query with the charter loaded."""
    decides = item.meeting.body.charter.decides
    return [(kind, str(kind.label)) for kind in ORDER if decides or kind != KIND.DECISION]


def outcomes_of(meeting: Meeting) -> dict[int, list[Outcome]]:
    """All outcomes of a meeting in order, by the key of their item, with speaker, annex and the
    question they answer. One query."""
    found: dict[int, list[Outcome]] = {}
    for outcome in loaded().filter(item__meeting=meeting):
        found.setdefault(outcome.item_id, []).append(outcome)
    return found


def rows_of(outcomes: Iterable[Outcome]) -> list[Row]:
    """Outcomes of `outcomes_of`, ready to be shown."""
    return [row_of(outcome) for outcome in outcomes]


def row_of(outcome: Outcome) -> Row:
    """One outcome, ready to be shown."""
    title = str(outcome.get_kind_display())
    if outcome.number:
        title = f"{title} {outcome.number}"
    return Row(
        outcome.uuid, outcome.kind, title, outcome.text, outcome_kinds.fact_words(outcome),
        reverse("bodies:outcome", args=[outcome.uuid]),
    )  # fmt: skip


def loaded() -> QuerySet[Outcome]:
    """Outcomes in order with all that their words tell, of a decision also the number of the one
    that took its place (`replaced_number`)."""
    later = Outcome.objects.filter(replaces=OuterRef("pk"), result=Outcome.Result.ADOPTED)
    rows = Outcome.objects.select_related("speaker", "annex", "answer_to", "replaces")
    number = Subquery(later.order_by("-pk").values("number")[:1])
    return rows.annotate(replaced_number=number).order_by("position", "pk")


def replaceable_by(meeting: Meeting, outcome: Outcome | None = None) -> QuerySet[Outcome]:
    """Decisions of the body that were adopted before and that a decision of this meeting may
    replace, the latest first."""
    before = Q(item__meeting__starts_at__lt=meeting.starts_at)
    same = Q(item__meeting=meeting.pk)
    if outcome is not None and outcome.pk is not None:
        same &= Q(pk__lt=outcome.pk)
    rows = Outcome.objects.filter(
        before | same, kind=KIND.DECISION, result=Outcome.Result.ADOPTED,
        item__meeting__body=meeting.body_id,
    ).exclude(number="")  # fmt: skip
    return rows.order_by("-item__meeting__starts_at", "-pk")


def replaceable_words(one: Outcome) -> str:
    """An earlier decision in a choice: "1/3 vom 21.11.2026: Wortlaut …". Load it with its
    meeting."""
    day = timezone.localdate(one.item.meeting.starts_at)
    return _("%(number)s vom %(day)s: %(words)s") % {
        "number": one.number, "day": f"{day:%d.%m.%Y}", "words": Truncator(one.text).chars(80),
    }  # fmt: skip


def open_questions_of(meeting: Meeting, but: Outcome | None = None) -> list[tuple[str, str]]:
    """(uuid, text) of questions of the body without a final answer, the newest first, kept over
    meetings (S2-06); with the one that `but` answers already. One query."""
    asked = Outcome.objects.filter(kind=KIND.QUESTION, item__meeting__body=meeting.body_id)
    wanted = asked.filter(settled_at=None).order_by("-pk")
    found = [(str(one.uuid), one.text) for one in wanted[:100]]
    kept = but.answer_to if but is not None else None
    if kept is not None and all(uuid != str(kept.uuid) for uuid, _text in found):
        found.insert(0, (str(kept.uuid), kept.text))
    return found


def adoptions_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Who adopts a decision with the body, by name, with the day. One query."""
    rows = outcome.adoptions.select_related("organisation", "body").order_by("pk")
    return [{"adoption": one, "who": adopter(one)} for one in rows]


def adopter(one: JointAdoption) -> str:
    """Who it is. Load organisation and body with the row."""
    party = one.organisation or one.body
    return party.name if party is not None else one.words
