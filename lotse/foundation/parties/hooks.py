"""How people join the accounts."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lotse.foundation.accounts.strength import is_strong
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Notice
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.services import factor_resets, people


def give_person(request: HttpRequest, actor: Actor) -> None:
    """Every account that signs in has a person; made on the first sign-in."""
    network = network_in(request)
    home = network if network is not None and network.may_register else None
    people.person_of(request.user, home=home)


def waiting_reset(request: HttpRequest) -> Notice | None:
    """A request to take the second factor off this account; one who has shown it may end it. One
    query."""
    person = actor_in(request).person
    if person is None or factor_resets.open_of(person) is None:
        return None
    said = _("Jemand hat beantragt, Ihren zweiten Faktor zu entfernen, und eine zweite Person soll "
             "zustimmen. Haben Sie nicht darum gebeten, beenden Sie den Antrag. Dann bleibt "
             "alles, wie es ist.")  # fmt: skip
    stop = reverse("parties:factor-reset-stop") if is_strong(request) else ""
    return Notice(_("Ihr zweiter Faktor soll entfernt werden"), said, _("Antrag beenden"), stop)
