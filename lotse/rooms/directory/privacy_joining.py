"""Applications in data protection: a person finds the own ones by address; how long they stay."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import Network, Person
from lotse.foundation.parties.privacy import periods, retention
from lotse.foundation.parties.privacy.rows import planned, rows
from lotse.rooms.directory.models import Application
from lotse.rooms.directory.services import joining

MODELS = ("directory.application",)
_TITLE = gettext_lazy("Bewerbungen nach der Entscheidung")


def own_applications(person: int) -> QuerySet[Application]:
    """Applications sent with one of the person's addresses. Two queries with the person's."""
    found = Person.objects.filter(pk=person).values_list("email", "account__email").first()
    addresses = {address.lower() for address in found or () if address}
    # Stored in small letters; an application itself knows nobody but the address.
    return Application.objects.filter(email__in=addresses).order_by("pk")


def export(person: int) -> list[dict[str, Any]]:
    """The applications with all that was entered, and what the office noted about them."""
    return rows(own_applications(person).select_related("region"))


def preview(person: int) -> list[dict[str, Any]]:
    return planned(_("Bewerbungen um die Aufnahme ins Netzwerk"),
                   own_applications(person).count(), "delete", kind="A")  # fmt: skip


def erase(person: int, actor: Actor) -> int:
    """They go as a whole; the organisation that was taken up stays. Call it before the person's
    addresses go. Returns how many."""
    return own_applications(person).delete()[0]


def _overdue(now: datetime, network: Network | None = None) -> Q:
    return periods.overdue(joining.KEPT, "decided_at", now, network)


def register() -> None:
    """The period, what the pages may still show of it, and the daily work that ends it."""
    if joining.KEPT in periods.PERIODS:
        return
    periods.PERIODS[joining.KEPT] = periods.Period(
        joining.KEPT, _TITLE, lambda: 180, 30, 730,
        gettext_lazy("Für Rückfragen zur Entscheidung und für Ansprüche wegen Benachteiligung "
                     "genügt ein halbes Jahr (Art. 5 Abs. 1 Buchst. e DSGVO)."),
    )  # fmt: skip
    one = retention.Retention(
        joining.KEPT, _TITLE, lambda: _("%(count)s Tage") % {"count": 180}, Application,
        _overdue, joining.delete_old,
    )  # fmt: skip
    retention.CLASSES.append(one)  # the daily work comes with the class
