"""Writes to the outcomes of a meeting: decisions, agreed actions, what is parked, asked, noted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.models import Entity
from lotse.foundation.core.permissions import require
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents import services as documents
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.parties import Party
from lotse.foundation.parties.models import Network, Person
from lotse.rooms.bodies.content import outcome_kinds, rules
from lotse.rooms.bodies.models import AgendaItem, Annex, Attribution, Meeting, Outcome
from lotse.rooms.bodies.queries.outcomes import replaceable_by
from lotse.rooms.bodies.queries.presence import present_at
from lotse.rooms.bodies.queries.quorum import needed_at
from lotse.rooms.bodies.services import actions_agreed, live
from lotse.rooms.bodies.services.attributions import attribute
from lotse.rooms.bodies.services.writing import check_open

KIND, RESULT = Outcome.Kind, Outcome.Result
RIGHT = "bodies.meeting.run"


class Doubtful(Refused):
    """What was typed may be right, but does not fit what else is known: `messages` ask. The act is
    done when it is sent again as confirmed."""


@dataclass(frozen=True)
class Speaker:
    """Who said it, as typed or chosen from those present."""

    name: str
    organisation: str = ""
    person: int | None = None


@dataclass(frozen=True)
class Agreed:
    """Who does what was agreed, until when (S1-10, S4-06)."""

    parties: Sequence[Party] = field(default_factory=tuple)
    everyone: bool = False
    due_on: date | None = None
    due_words: str = ""
    responsible: str = ""


@transaction.atomic
def add_outcome(
    item: AgendaItem, *, actor: Actor, kind: str, words: str, key: str = "",
    speaker: Speaker | None = None, agreed: Agreed | None = None, confirmed: bool = False,
    **values: Any,
) -> Outcome:  # fmt: skip
    """A new outcome at the end of the item's. `values` are the fields of its kind; others are left
    out. A decision gets its number and who was there; an agreed action its measures.

    Raises NotAllowed, Refused (not open, no wording, a decision of a body that only advises),
    Doubtful where counts, quorum and result do not fit and `confirmed` is not given.
    """
    meeting = item.meeting
    require(RIGHT, actor, meeting)
    check_open(meeting)
    claim = once.claim(key or once.new_key(), scope=f"bodies.outcome:{item.uuid}")
    if claim.repeated:
        return Outcome.objects.get(uuid=claim.answer)
    outcome = Outcome(item=item, kind=kind, text=text.clean(words))
    _put(outcome, values)
    if kind == KIND.DECISION:
        _number(outcome, meeting)
    _check(outcome, meeting, confirmed=confirmed)
    outcome.speaker = _attribution(meeting.body.network, kind, speaker)
    last = Outcome.objects.filter(item=item).aggregate(most=Max("position"))["most"]
    outcome.position = (last or 0) + 1
    outcome.save(force_insert=True)
    if kind == KIND.AGREED_ACTION:
        _agree(outcome, agreed or Agreed(), actor)
    _settle_question(outcome.answer_to)
    _record("bodies.outcome.added", outcome, actor, after=_plain_all(outcome))
    live.touch(meeting.pk)
    claim.remember(str(outcome.uuid))
    return outcome


@transaction.atomic
def change_outcome(
    outcome: Outcome, *, actor: Actor, expected: int, words: str,
    speaker: Speaker | None = None, keep_speaker: bool = False, confirmed: bool = False,
    **values: Any,
) -> None:  # fmt: skip
    """Changes wording and fields; kind, number and who was there stay. Measures stay as they are.

    Raises NotAllowed, Conflict, Refused, Doubtful as `add_outcome`.
    """
    meeting = outcome.item.meeting
    require(RIGHT, actor, meeting)
    check_open(meeting)
    before, asked_before = _plain_all(outcome), outcome.answer_to
    outcome.text = text.clean(words)
    _put(outcome, values)
    _check(outcome, meeting, confirmed=confirmed)
    if not keep_speaker:
        outcome.speaker = _attribution(meeting.body.network, outcome.kind, speaker)
    changed = {name: getattr(outcome, name) for name in ("text", "speaker", *_fields(outcome))}
    update_versioned(outcome, expected=expected, **changed)
    for question in {asked_before, outcome.answer_to}:
        _settle_question(question)
    _record("bodies.outcome.changed", outcome, actor, before=before, after=_plain_all(outcome))
    live.touch(meeting.pk)


@transaction.atomic
def delete_outcome(outcome: Outcome, *, actor: Actor) -> None:
    """Deletes an outcome with its measures. Raises NotAllowed, Refused once minutes went out."""
    meeting = outcome.item.meeting
    require(RIGHT, actor, meeting)
    check_open(meeting)
    question = outcome.answer_to
    documents.delete_of_subject(outcome.uuid)
    measures.delete_of_origin(Ref.to(outcome))
    _record("bodies.outcome.deleted", outcome, actor, before=_plain_all(outcome))
    outcome.delete()
    _settle_question(question)
    live.touch(meeting.pk)


@transaction.atomic
def move_outcome(outcome: Outcome, *, actor: Actor, up: bool, key: str = "") -> None:
    """One place up or down among the outcomes of its item; at the end nothing happens. The same
    form sent twice moves it once. Raises NotAllowed, Conflict for one that is gone, Refused."""
    meeting = outcome.item.meeting
    require(RIGHT, actor, meeting)
    check_open(meeting)
    if once.claim(key or once.new_key(), scope=f"bodies.outcome_move:{outcome.uuid}").repeated:
        return
    rows = list(
        Outcome.objects.select_for_update().filter(item=outcome.item).order_by("position", "pk")
    )
    at = next((n for n, row in enumerate(rows) if row.pk == outcome.pk), None)
    if at is None:
        raise Conflict(None)
    to = at + (-1 if up else 1)
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for place, row in enumerate(rows, start=1):
        row.position = place
    Outcome.objects.bulk_update(rows, ["position"])
    _record("bodies.outcome.moved", outcome, actor, after={"position": to + 1})
    live.touch(meeting.pk)


def _fields(outcome: Outcome) -> tuple[str, ...]:
    """What is stored of its kind beside wording and speaker."""
    return tuple(one for one in outcome_kinds.FIELDS[outcome.kind] if one != "speaker")


def _put(outcome: Outcome, values: dict[str, Any]) -> None:
    if outcome.kind not in outcome_kinds.FIELDS:
        raise Refused(_("Diese Art von Ergebnis gibt es nicht."))
    for name in _fields(outcome):
        if name not in values:
            continue
        value = values[name]
        setattr(outcome, name, text.clean_line(value) if isinstance(value, str) else value)


def _check(outcome: Outcome, meeting: Meeting, *, confirmed: bool) -> None:
    if not outcome.text:
        raise Refused(_("Bitte schreiben Sie den Wortlaut."))
    _check_links(outcome, meeting)
    if outcome.kind == KIND.PARKED and not outcome.trigger:
        raise Refused(_("Bitte schreiben Sie, worauf gewartet wird."))
    if outcome.kind == KIND.QUOTE and not outcome.source:
        raise Refused(_("Bitte nennen Sie das Protokoll, aus dem das Zitat stammt."))
    if outcome.kind == KIND.EXTERNAL_DATE and outcome.on_day is None:
        raise Refused(_("Bitte nennen Sie den Tag."))
    if outcome.kind == KIND.DECISION:
        _check_decision(outcome, meeting, confirmed=confirmed)


def _check_links(outcome: Outcome, meeting: Meeting) -> None:
    """An annex of this meeting, a question or an earlier decision of this body: nothing else can be
    pointed at."""
    annex, question = outcome.annex, outcome.answer_to
    if annex is not None and not Annex.objects.filter(pk=annex.pk, meeting=meeting).exists():
        raise Refused(_("Diese Anlage gehört zu einer anderen Sitzung."))
    earlier = outcome.replaces
    if earlier and not replaceable_by(meeting, outcome).filter(pk=earlier.pk).exists():
        raise Refused(_("Ersetzen lässt sich nur ein früherer, angenommener Beschluss dieses "
                        "Gremiums."))  # fmt: skip
    if outcome.kind != KIND.ANSWER:
        return
    asked = Outcome.objects.filter(kind=KIND.QUESTION, item__meeting__body=meeting.body)
    if question is None or not asked.filter(pk=question.pk).exists():
        raise Refused(_("Bitte wählen Sie die Frage, zu der die Antwort gehört."))


def _check_decision(outcome: Outcome, meeting: Meeting, *, confirmed: bool) -> None:
    if not meeting.body.charter.decides:
        raise Refused(
            _("Dieses Gremium berät und fasst keine Beschlüsse. Halten Sie bitte eine Empfehlung "
              "fest.")
        )  # fmt: skip
    if not outcome.result:
        raise Refused(_("Bitte wählen Sie das Ergebnis der Abstimmung."))
    doubts = doubts_of(outcome, meeting)
    if doubts and not confirmed:
        raise Doubtful(*doubts)


def doubts_of(outcome: Outcome, meeting: Meeting) -> list[str]:
    """What of a decision does not fit together, as questions to who writes it. No query with the
    charter loaded."""
    charter, found = meeting.body.charter, []
    voted = outcome.result in outcome_kinds.VOTED
    if voted and outcome.had_quorum is False:
        needed = needed_at(meeting, outcome.entitled or 0)
        found.append(
            _("Nach der Anwesenheitsliste ist das Gremium nicht beschlussfähig: anwesend sind "
              "%(present)s von %(entitled)s Mandaten mit Stimme, nötig sind %(needed)s. Trotzdem "
              "festhalten?")
            % {"present": outcome.present, "entitled": outcome.entitled, "needed": needed}
        )  # fmt: skip
    cast = sum(n or 0 for n in (outcome.yes, outcome.no, outcome.abstain))
    if outcome.present is not None and cast > outcome.present:
        found.append(
            _("Gezählt sind %(cast)s Stimmen, anwesend sind nach der Liste %(present)s Mandate mit "
              "Stimme. Stimmt die Zählung?") % {"cast": cast, "present": outcome.present}
        )  # fmt: skip
    if outcome.method in (Outcome.Method.UNANIMOUS, Outcome.Method.CONSENT) and outcome.no:
        found.append(_("Es gibt Gegenstimmen, und als Weise steht „%(method)s“. Ist das richtig?")
                     % {"method": outcome.get_method_display()})  # fmt: skip
    carried = rules.is_adopted(
        charter, yes=outcome.yes, no=outcome.no, abstain=outcome.abstain, present=outcome.present
    )
    if voted and carried is not None and carried != (outcome.result == RESULT.ADOPTED):
        found.append(
            _("Nach den Stimmen und der Regel des Gremiums (%(rule)s) wäre das Ergebnis "
              "„%(other)s“. Bleibt es bei „%(result)s“?")
            % {
                "rule": charter.get_majority_display(),
                "other": (RESULT.ADOPTED if carried else RESULT.REJECTED).label,
                "result": outcome.get_result_display(),
            }
        )  # fmt: skip
    return found


def _number(outcome: Outcome, meeting: Meeting) -> None:
    """The next number of the meeting, and who is there at this moment."""
    Meeting.objects.select_for_update().filter(pk=meeting.pk).values_list("pk").first()
    head = str(meeting.number or f"{timezone.localdate(meeting.starts_at):%d.%m.%Y}")
    used = Outcome.objects.filter(item__meeting=meeting).exclude(number="")
    tails = [number.rpartition("/")[2] for number in used.values_list("number", flat=True)]
    taken = [int(tail) for tail in tails if tail.isascii() and tail.isdigit()]
    outcome.number = f"{head}/{max(taken, default=0) + 1}"
    there = present_at(meeting)
    outcome.entitled, outcome.present = there.entitled, there.voting
    outcome.had_quorum = there.reached


def _attribution(network: Network, kind: str, speaker: Speaker | None) -> Attribution | None:
    if speaker is None or not speaker.name or "speaker" not in outcome_kinds.FIELDS[kind]:
        return None
    person = Person.objects.filter(pk=speaker.person).first() if speaker.person else None
    return attribute(network, name=speaker.name, organisation=speaker.organisation, person=person)


def _agree(outcome: Outcome, agreed: Agreed, actor: Actor) -> None:
    if not agreed.parties and not agreed.everyone and not agreed.responsible:
        raise Refused(_("Bitte wählen Sie, wer sich darum kümmert."))
    actions_agreed.agree(
        outcome, actor=actor, parties=agreed.parties, title=outcome.text, due_on=agreed.due_on,
        due_words=agreed.due_words, everyone=agreed.everyone, responsible=agreed.responsible,
        reason=outcome.text if len(outcome.text) > 200 else "",
    )  # fmt: skip


def _settle_question(question: Outcome | None) -> None:
    """A question is settled by an answer; one that is only promised for a day leaves it open."""
    if question is None:
        return
    answered = Outcome.objects.filter(answer_to=question, on_day=None).exists()
    rows = Outcome.objects.filter(pk=question.pk, settled_at__isnull=answered)
    rows.update(settled_at=clock.now() if answered else None)


def _record(code: str, outcome: Outcome, actor: Actor, **values: Any) -> None:
    actionlog.record(
        code, outcome, actor=actor, subject=outcome.item.meeting.body.uuid, **values
    )  # fmt: skip


def _plain_all(outcome: Outcome) -> dict[str, Any]:
    """As the log keeps it: things by uuid, days as text, nobody's name."""
    found: dict[str, Any] = {"kind": outcome.kind, "number": outcome.number, "text": outcome.text}
    for name in outcome_kinds.FIELDS[outcome.kind]:
        value = getattr(outcome, name)
        if isinstance(value, Entity):
            value = str(value.uuid)
        elif isinstance(value, date):
            value = value.isoformat()
        if value not in (None, ""):
            found[name] = value
    return found
