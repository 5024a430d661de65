"""Which host name shows which network; the operator's pages."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import validate_host
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.here import host_in
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.services import hosts
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Row, build
from lotse.surfaces.desk import forms_content as forms
from lotse.surfaces.desk.access import OPERATE, Desk, at_desk
from lotse.surfaces.desk.frame import FormPage, Link, form_page, list_page

SET = "parties.network.set_hosts"


def _deaf(names: list[str]) -> list[str]:
    """Names this server refuses because `LOTSE_HOSTS` does not hold them."""
    return [name for name in names if not validate_host(name, settings.ALLOWED_HOSTS)]


def _shown(names: list[str]) -> str:
    return ", ".join(hosts.readable(name) for name in names)


@require_safe
@at_desk(OPERATE)
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All networks with their host names."""
    found = Network.objects.only("uuid", "name", "hosts", "is_default", "state").order_by("name")

    def rows(items: Any) -> list[Row]:
        return [
            {
                "name": Cell(one.name, reverse("desk:hosts-edit", args=[one.uuid]),
                             note=_("zeigt sich unter jeder anderen Adresse")
                             if one.is_default else ""),
                "hosts": _shown(one.hosts),
                "state": _state(one),
            }
            for one in items
        ]  # fmt: skip

    listing = build(
        request,
        title=_("Adressen der Netzwerke"),
        columns=[Column("name", _("Netzwerk"), 40), Column("hosts", _("Adressen"), 60),
                 Column("state", _("Stand"), 40)],
        source=found,
        rows=rows,
        search=lambda rows, words: rows.filter(name__icontains=words),
    )  # fmt: skip
    intro = _("Ein Hostname zeigt ein Netzwerk. Damit er antwortet, muss er außerdem auf diesen "
              "Server zeigen und in LOTSE_HOSTS stehen.")  # fmt: skip
    return list_page(request, desk, listing, intro=intro, name="adressen")


def _state(network: Network) -> Cell:
    if network.state != Network.State.ACTIVE:
        return Cell(str(network.get_state_display()), tone="muted")
    if deaf := _deaf(network.hosts):
        return Cell(_("Fehlt in LOTSE_HOSTS: %(names)s") % {"names": _shown(deaf)}, tone="warn")
    if not network.hosts and not network.is_default:
        return Cell(_("unter keiner Adresse zu sehen"), tone="warn")
    return Cell(_("in Ordnung"))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(OPERATE)
def edit(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Sets the host names of one network; the one in use here is not given away."""
    found = get_visible(SET, desk.actor, uuid, Network.objects.defer("logo"))
    here = host_in(request)
    form = forms.HostsForm(
        request.POST if request.method == "POST" else None,
        initial={"hosts": "\n".join(hosts.readable(name) for name in found.hosts)},
    )

    def act(data: dict[str, Any]) -> str:
        hosts.set_hosts(found, actor=desk.actor, expected=version_in(request),
                        hosts=data["hosts"], here=here)  # fmt: skip
        return reverse("desk:hosts")

    def stored(now: Network) -> list[tuple[str, str]]:
        return [(_("Adressen"), "\n".join(hosts.readable(name) for name in now.hosts))]

    page = FormPage(
        _("Adressen: %(name)s") % {"name": found.name}, _("Adressen speichern"),
        Link(_("Adressen der Netzwerke"), reverse("desk:hosts")), act,
        version=found.version, stored=stored, done=_("Die Adressen sind gespeichert."),
        intro=_("Unter jeder anderen Adresse zeigt Lotse das voreingestellte Netzwerk.")
        if not found.is_default
        else _("Dieses Netzwerk zeigt sich auch unter jeder Adresse, die keinem gehört."),
        warning=_("Sie arbeiten gerade unter %(host)s. Diese Adresse muss dasselbe Netzwerk zeigen "
                  "wie bisher, sonst schlössen Sie sich aus.") % {"host": hosts.readable(here)},
    )  # fmt: skip
    return form_page(request, desk, form, page)
