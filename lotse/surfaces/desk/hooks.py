"""How the desk joins the menu, and the mails it causes."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core.hooks import MailKind, MenuEntry
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.permissions import READERS
from lotse.foundation.parties.services.office import TEST_MAIL

MAILS = (
    MailKind(TEST_MAIL, gettext_lazy("Probe-Mail")),
    MailKind("parties.support", gettext_lazy("Sitzung zur Unterstützung")),
)


def menu(request: HttpRequest) -> MenuEntry | None:
    """Only for those who may read the desk of some network."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return None
    actor = actor_in(request)
    if not (actor.is_operator or actor.networks_as(*READERS)):
        return None
    url = reverse("desk:start")
    return MenuEntry(title=_("Verwaltung"), url=url, prefix=url)
