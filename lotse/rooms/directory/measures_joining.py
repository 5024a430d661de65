"""What the welcome of a new partner lets people do with its measures: they are the office's."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import OriginRights
from lotse.foundation.core.permissions import visible
from lotse.rooms.directory.models import Application

MANAGE = "directory.application.manage"


def of_office(actor: Actor) -> Q:
    """Measures of applications the actor handles."""
    found = Application.objects.filter(uuid=OuterRef("origin_uuid"))
    return Q(Exists(visible(MANAGE, actor, found)))


def page(application: UUID, measure: UUID) -> str:
    """The application at the desk, with its measures."""
    return reverse("desk:application", args=[application])


ORIGIN = OriginRights(
    type="directory.application",
    title=gettext_lazy("aus der Aufnahme eines neuen Partners"),
    view=of_office,
    edit=of_office,
    page=page,
)
