"""What measures bring to "Heute"."""

from datetime import date, timedelta

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Card
from lotse.foundation.measures import links
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.permissions import stands_in
from lotse.foundation.measures.queries import Own, own_measures

AHEAD_DAYS = 30
MOST = 200


def cards_of(actor: Actor) -> list[Card]:
    """Due and late measures of the person and of the organisations the person edits, results to
    look at, and what comes in the next 30 days. One query."""
    if actor.person is None:
        return []
    until = clock.today() + timedelta(days=AHEAD_DAYS)
    soon = Q(status__in=Measure.ACTIVE, due_on__lte=until)
    control = _to_control(actor.person)
    asked = ExpressionWrapper(control, output_field=BooleanField())
    found = own_measures(actor).filter(soon | control).annotate(asked=asked)
    cards = []
    for measure in found.order_by("due_on", "id")[:MOST]:
        own = Own(measure, actor)
        if measure.asked:
            cards.append(_control_card(own))
        if measure.is_active and measure.due_on is not None and measure.due_on <= until:
            cards.append(_due_card(own, measure.due_on))
    return cards


def _to_control(person: int) -> Q:
    """Results to look at: the day has come, whoever is to look has not yet."""
    mine = Q(controller_person=person) | stands_in(person, "controller_person")
    mine |= Q(controller_person=None, person=person)
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
