"""How long the network keeps what it decides about itself, and who changed that."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.privacy import periods as kept
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import shown
from lotse.surfaces.desk.access import EDIT, Desk, at_desk
from lotse.surfaces.desk.forms import PeriodsForm
from lotse.surfaces.desk.frame import FormPage, Line, Link, form_page
from lotse.surfaces.desk.queries import people as reads

MOST_CHANGES = 20


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def periods(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The periods of this network, and how they changed."""
    network = desk.network
    now = {key: kept.days_of(key, network) for key in kept.PERIODS}
    form = PeriodsForm(request.POST if request.method == "POST" else None, initial=now)

    def act(data: dict[str, Any]) -> str:
        kept.set_periods(network, actor=desk.actor, expected=version_in(request), days=data)
        return reverse("desk:periods")

    page = FormPage(
        _("Fristen"), _("Fristen speichern"),
        Link(_("Verzeichnis der Verarbeitungen"), reverse("privacy:register")), act,
        intro=_("Wie viele Tage Ihr Netzwerk etwas aufbewahrt. Was darüber ist, verschwindet "
                "sofort von den Seiten und wird in der nächsten Nacht gelöscht. Alle anderen "
                "Fristen gelten für die ganze Installation."),
        warning=_("Gelöschtes kommt nicht zurück, auch wenn Sie die Frist wieder verlängern."),
        version=network.version, stored=_stored, template="desk/periods.html",
        extra={"history": _history(network)},
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _stored(now: Network) -> list[tuple[str, str]]:
    return [(str(one.title), _days(kept.days_of(key, now))) for key, one in kept.PERIODS.items()]


def _days(count: int) -> str:
    return _("%(count)s Tage") % {"count": count}


def _history(network: Network) -> list[Line]:
    """The latest changes from the action log. Two queries."""
    found = list(
        LogEntry.objects.filter(object_uuid=network.uuid, code=kept.CHANGED)
        .order_by("-at", "-pk")[:MOST_CHANGES]
    )  # fmt: skip
    names = reads.names_of([one.actor for one in found])
    return [Line(names.get(one.actor, ""), shown(one.at), _said(one)) for one in found]


def _said(entry: LogEntry) -> str:
    before, after = entry.before or {}, entry.after or {}
    return "; ".join(
        _("%(title)s: %(before)s, jetzt %(after)s Tage")
        % {"title": kept.PERIODS[key].title, "before": before.get(key, "–"), "after": count}
        for key, count in after.items()
        if key in kept.PERIODS
    )
