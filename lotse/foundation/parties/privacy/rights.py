"""Who may do what in data protection, beyond the rules on people."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import rule
from lotse.foundation.parties.models import Erasure, Network
from lotse.foundation.parties.permissions import in_networks, of_networks


@rule(
    "parties.network.protect",
    model=Network,
    title=_("Datenschutz im Netzwerk bearbeiten"),
    sentence=_("Anträge auf Löschung und Auskunft sehen Geschäftsstelle und Betrieb."),
    known_by="parties.network.read_desk",
)
def protect_network(actor: Actor) -> Q:
    return in_networks(actor, "office")


@rule(
    "parties.erasure.handle",
    model=Erasure,
    title=_("Löschungen bestätigen"),
    sentence=_(
        "Eine Löschung bestätigen Geschäftsstelle oder Betrieb, nie die betroffene Person und nie, "
        "wer sie beantragt hat."
    ),
)
def handle_erasure(actor: Actor) -> Q:
    return of_networks(actor, "network", "office")
