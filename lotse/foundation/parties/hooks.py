"""How people join the accounts."""

from django.http import HttpRequest

from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.here import network_in
from lotse.foundation.parties.services import people


def give_person(request: HttpRequest, actor: Actor) -> None:
    """Every account that signs in has a person; made on the first sign-in."""
    network = network_in(request)
    home = network if network is not None and network.may_register else None
    people.person_of(request.user, home=home)
