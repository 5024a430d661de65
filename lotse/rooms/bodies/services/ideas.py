"""Writes to the backlog of subjects: proposed, planned for a programme, dropped, taken (S1-17)."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once
from lotse.foundation.core import text as texts
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import has, require
from lotse.foundation.parties.models import Body, Person
from lotse.rooms.bodies.models import Attribution, Holder, Idea
from lotse.rooms.bodies.permissions import holds_now
from lotse.rooms.bodies.services.attributions import attribute

PROPOSE, SORT, RUN = "bodies.idea.propose", "bodies.idea.sort", "bodies.body.run"
State = Idea.State
# Where a subject may go from where it stands.
WAYS: dict[str, tuple[str, ...]] = {
    State.OPEN: (State.PLANNED, State.DROPPED),
    State.PLANNED: (State.PLANNED, State.OPEN, State.DROPPED),
    State.TAKEN: (State.OPEN, State.PLANNED),
    State.DROPPED: (State.OPEN,),
}


@transaction.atomic
def propose_idea(
    body: Body, *, actor: Actor, title: str, text: str = "", known: str = "",
    contribution: str = "", by_name: str = "", by_organisation: str = "", key: str = "",
) -> Idea:  # fmt: skip
    """A new subject, by the person who proposes it; who runs the body may name somebody else.

    Raises NotAllowed, Refused for an ended body or another name by who may not name one.
    """
    require(PROPOSE, actor, body)
    if body.state == Body.State.ENDED:
        raise Refused(_("Dieses Gremium ist beendet."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.idea:{body.uuid}:{actor.ref}")
    if claim.repeated:
        return Idea.objects.get(uuid=claim.answer)
    if by_name and not actor.trusted and not has(RUN, actor, body):
        raise Refused(_("Vorschlagen können Sie nur im eigenen Namen."))
    idea = Idea.objects.create(
        body=body, proposer=_proposer(body, actor, by_name, by_organisation),
        **_words(title=title, text=text, known=known, contribution=contribution),
    )  # fmt: skip
    actionlog.record(
        "bodies.idea.proposed", idea, actor=actor, subject=body.uuid, after={"title": idea.title}
    )
    claim.remember(str(idea.uuid))
    return idea


def _proposer(body: Body, actor: Actor, name: str, organisation: str) -> Attribution | None:
    if name:
        return attribute(body.network, name=name, organisation=organisation)
    if actor.person is None:
        return None
    person = Person.objects.get(pk=actor.person)
    seat = Holder.objects.filter(
        holds_now(), person=person, mandate__body=body, mandate__organisation__isnull=False
    ).select_related("mandate__organisation").order_by("part", "pk").first()  # fmt: skip
    of = seat.mandate.organisation.name if seat and seat.mandate.organisation else ""
    return attribute(body.network, name=person.name, organisation=of, person=person)


@transaction.atomic
def change_idea(
    idea: Idea, *, actor: Actor, expected: int, title: str, text: str, known: str,
    contribution: str,
) -> None:  # fmt: skip
    """Other words. Raises NotAllowed, Conflict, Refused without a title."""
    require(SORT, actor, idea)
    changes = _words(title=title, text=text, known=known, contribution=contribution)
    before = {name: getattr(idea, name) for name in changes}
    update_versioned(idea, expected=expected, **changes)
    actionlog.record(
        "bodies.idea.changed", idea, actor=actor, subject=idea.body.uuid, before=before,
        after=changes,
    )  # fmt: skip


@transaction.atomic
def sort_idea(
    idea: Idea, *, actor: Actor, expected: int, state: str, programme: str = "", reason: str = ""
) -> None:
    """Into a work programme, back into the backlog, or dropped with a reason.

    Raises NotAllowed, Conflict, Refused for a way that there is not, or one without its words.
    """
    require(SORT, actor, idea)
    programme, reason = (
        texts.clean_line(programme)[:60],
        texts.shorten(texts.clean_line(reason), 300),
    )
    if state not in WAYS[idea.state]:
        raise Refused(_("Dieses Thema ist „%(state)s“. Von dort führt dieser Weg nicht weiter.")
                      % {"state": idea.get_state_display()})  # fmt: skip
    if state == State.PLANNED and not programme:
        raise Refused(_("Bitte nennen Sie das Arbeitsprogramm, zum Beispiel 2027."))
    if state == State.DROPPED and not reason:
        raise Refused(_("Bitte nennen Sie den Grund. Wer das Thema vorschlug, liest ihn."))
    changes: dict[str, Any] = {
        "state": state,
        "programme": programme if state == State.PLANNED else "",
        "reason": reason if state == State.DROPPED else "",
    }
    before = {name: getattr(idea, name) for name in changes}
    update_versioned(idea, expected=expected, **changes)
    actionlog.record(
        "bodies.idea.sorted", idea, actor=actor, subject=idea.body.uuid, before=before,
        after=changes,
    )  # fmt: skip


def _words(**values: str) -> dict[str, str]:
    title = texts.shorten(texts.clean_line(values.pop("title")), 200)
    if not title:
        raise Refused(_("Bitte nennen Sie das Thema."))
    return {"title": title} | {name: texts.clean(value) for name, value in values.items()}
