"""What somebody may find: the viewer of a search, made of who acts and where."""

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.search import MEMBERS, OFFICE, WEB, Viewer
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.permissions import READERS
from lotse.foundation.parties.queries import networks_below


def viewer_of(actor: Actor, network: Network | None) -> Viewer:
    """Who looks from the pages of this network: it and its sub-networks on all levels, each as far
    as the actor belongs to it. One query, none for the network of a request.

    Public for everybody, members' where the actor has a seat or a role, the office's where it is
    office, coordinator or auditor; everything for the operator and commands. A network that has
    ended shows nothing, one that rests does.
    """
    if network is None:
        return Viewer()
    own, read = actor.own_networks, actor.networks_as(*READERS)
    shown = {}
    below = getattr(network, "below", None)  # known of the network of a request
    for pk, uuid in networks_below(network.pk) if below is None else below:
        # One bit, the widest: each group of readers has its own document of an entry, and somebody
        # of two groups must not meet the entry twice.
        if actor.operates or pk in read:
            shown[uuid] = OFFICE
        else:
            shown[uuid] = MEMBERS if pk in own else WEB
    return Viewer(shown)
