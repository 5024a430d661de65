"""What measures bring to "Heute"."""

from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Card
from lotse.foundation.measures import links, whole
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.permissions import RUNNING, stands_in
from lotse.foundation.measures.queries import Own, own_measures

AHEAD_DAYS = 30
UNDATED_WEEKS = 4
MOST = 200


def cards_of(actor: Actor) -> list[Card]:
    """Due and late measures of the person, of the organisations the person edits and the bodies the
    person runs, results to look at, answers asked for, measures that have no date for four weeks,
    and what comes in the next 30 days. One query."""
    if actor.person is None:
        return []
    until = clock.today() + timedelta(days=AHEAD_DAYS)
    soon = Q(status__in=Measure.ACTIVE, due_on__lte=until)
    control = _to_control(actor, actor.person)
    found = own_measures(actor).filter(soon | control | unanswered() | undated())
    found = found.annotate(asked=_whether(control), owes=_whether(unanswered()))
    cards = []
    for measure in found.order_by(F("due_on").asc(nulls_last=True), "id")[:MOST]:
        own = Own(measure, actor)
        if measure.asked:
            cards.append(_control_card(own))
        if measure.is_active and measure.due_on is not None and measure.due_on <= until:
            cards.append(_due_card(own, measure.due_on))
        elif measure.is_active and not measure.asked:
            cards.append(_waiting_card(own, owes=measure.owes))
    return cards


def _whether(condition: Q) -> Any:
    return ExpressionWrapper(condition, output_field=BooleanField())


def unanswered() -> Q:
    """Parts of a measure for many partners to which nobody said anything yet (S4-06)."""
    return Q(whole__isnull=False) & ~whole.answered()


def undated() -> Q:
    """Measures of the network that have no date four weeks after they were agreed (S1-10); what
    people plan for themselves may stay without."""
    return Q(
        network__isnull=False,
        due_on=None,
        status__in=Measure.ACTIVE,
        created_at__lte=clock.now() - timedelta(weeks=UNDATED_WEEKS),
    )


def _to_control(actor: Actor, person: int) -> Q:
    """Results to look at: the day has come, whoever is to look has not yet."""
    mine = Q(controller_person=person) | stands_in(person, "controller_person")
    mine |= Q(controller_person=None, person=person)
    if bodies := actor.things_as(*RUNNING):
        mine |= Q(controller_person=None, person=None, body__uuid__in=bodies)
    return mine & Q(
        control_on__lte=clock.today(),
        controlled_on=None,
        status__in=(*Measure.ACTIVE, Measure.Status.DONE),
    )


def _due_card(own: Own, due_on: date) -> Card:
    measure, today = own.measure, clock.today()
    return Card(
        group="due" if due_on <= today else "next",
        title=measure.title,
        url=links.page_of(measure.uuid),
        text=" · ".join(filter(None, [measure.get_status_display(), own.whose])),
        due_on=due_on,
        late=measure.is_late(today),
        actor_for=own.actor_for,
    )


def _waiting_card(own: Own, *, owes: bool) -> Card:
    """An answer is asked for, or nobody said until when."""
    measure = own.measure
    words = [_("Antwort gefragt") if owes else measure.get_status_display(), own.whose]
    if measure.due_on is not None:
        words.append(_("bis %(day)s") % {"day": date_format(measure.due_on, "SHORT_DATE_FORMAT")})
    elif measure.due_words:
        words.append(measure.due_words)
    else:
        words.append(_("ohne Termin"))
    return Card(
        group="waiting",
        title=measure.title,
        url=links.page_of(measure.uuid),
        text=" · ".join(filter(None, words)),
        actor_for=own.actor_for,
    )


def _control_card(own: Own) -> Card:
    measure = own.measure
    return Card(
        group="waiting",
        title=_("Ergebnis prüfen: %(title)s") % {"title": measure.title},
        url=links.page_of(measure.uuid),
        text=" · ".join(filter(None, [measure.get_status_display(), own.whose])),
        due_on=measure.control_on,
        actor_for=own.actor_for,
    )
