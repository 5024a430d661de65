"""Who may change the topics: they hold for all networks of the installation, as checks do."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import EVERYBODY, NOBODY, rule
from lotse.foundation.topics.models import Topic


@rule(
    "topics.topic.view",
    model=Topic,
    title=_("Themen ansehen"),
    sentence=_("Themen sehen alle."),
)
def view_topic(actor: Actor) -> Q:
    return EVERYBODY


@rule(
    "topics.topic.manage",
    model=Topic,
    title=_("Themen ändern"),
    sentence=_(
        "Themen gelten für alle Netzwerke dieser Installation: Anlegen, ändern und zurückziehen "
        "darf sie nur der Betrieb."
    ),
    known_by="topics.topic.view",
)
def manage_topic(actor: Actor) -> Q:
    return EVERYBODY if actor.operates else NOBODY
