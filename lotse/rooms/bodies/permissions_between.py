"""Who may propose a subject for later."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import rule
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.permissions import INSIDE, OFFICE, of_bodies


@rule(
    "bodies.idea.propose",
    model=Body,
    title=_("Thema vorschlagen"),
    sentence=_("Ein Thema für später schlagen die Mitglieder des Gremiums und die Geschäftsstelle "
               "vor."),
    known_by="bodies.body.view",
)  # fmt: skip
def propose_idea(actor: Actor) -> Q:
    return of_bodies(actor, "", INSIDE, OFFICE)
