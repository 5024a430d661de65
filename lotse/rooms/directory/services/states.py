"""Whether a network is active, rests or has ended (X-02): by hand, with a reason, in the log.

Nothing is deleted: what a state hides comes back with it.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, tasks, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network
from lotse.rooms.directory import searching
from lotse.rooms.directory.models import Entry

REASON_LENGTH = 300
AT_ONCE = 500


@transaction.atomic
def set_network_state(
    network: Network, *, actor: Actor, expected: int, state: str, reason: str
) -> None:
    """Changes the state. The office lets its network rest and wakes it; that it has ended says
    only the operator, who also takes that back.

    The entries of an ended network are on no page and in no list from the next request on. The
    search follows in the same transaction, for a large network by a task. Raises NotAllowed,
    Refused, Conflict. Four queries, and those of the search.
    """
    require("parties.network.edit", actor, network)
    if state not in Network.State.values:
        raise Refused(_("Diesen Zustand gibt es nicht: %(state)s") % {"state": state})
    before = Network.objects.values_list("state", flat=True).get(pk=network.pk)
    if Network.State.ENDED in (state, before) and not actor.operates:
        raise NotAllowed("parties.network.end")
    if state == before:
        raise Refused(_("In diesem Zustand ist das Netzwerk schon."))
    said = text.clean_line(reason)
    if not said or len(said) > REASON_LENGTH:
        raise Refused(_("Bitte nennen Sie den Grund in höchstens 300 Zeichen: er steht später im "
                        "Protokoll."))  # fmt: skip
    update_versioned(network, expected=expected, state=state)
    actionlog.record(
        "parties.network.changed", network, actor=actor, before={"state": before},
        after={"state": state, "reason": said},
    )  # fmt: skip
    if Network.State.ENDED in (state, before):
        _follow(network)


def _follow(network: Network) -> None:
    """The search follows at once where that is quickly done."""
    if Entry.objects.filter(network=network).count() <= AT_ONCE:
        searching.reindex_network(network)
    else:
        reindex_network.enqueue(network=network.pk)


@tasks.task()
def reindex_network(network: int) -> None:
    """The search holds what the state of the network lets be found; run twice it does no more."""
    searching.reindex_network(Network.objects.get(pk=network))
