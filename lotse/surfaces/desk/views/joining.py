"""How partners join, and whether the network is active: what the office decides about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Network
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import shown
from lotse.rooms.directory.models import Joining
from lotse.rooms.directory.queries.joining import Rules, rules_of
from lotse.rooms.directory.services import joining, states
from lotse.surfaces.desk import forms_directory as forms
from lotse.surfaces.desk.access import EDIT, Desk, at_desk
from lotse.surfaces.desk.frame import FormPage, Line, Link, form_page
from lotse.surfaces.desk.queries import people

MOST_CHANGES = 20


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def rules(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who may apply, the criteria, the welcome."""
    now = rules_of(desk.network)
    form = forms.JoiningForm(
        request.POST if request.method == "POST" else None, initial=_initial(now)
    )

    def act(data: dict[str, Any]) -> str:
        joining.set_rules(
            desk.network, actor=desk.actor, expected=version_in(request),
            **form.values(now.criteria),
        )  # fmt: skip
        return reverse("desk:joining")

    def stored(held: Joining) -> list[tuple[str, str]]:
        values = _initial(Rules(held.is_open, held.intro, held.criteria, held.welcome))
        values["is_open"] = _("ja") if held.is_open else _("nein")
        return [(str(field.label), str(values[name])) for name, field in form.fields.items()]

    page = FormPage(
        _("Aufnahme neuer Partner"), _("Regeln speichern"),
        Link(_("Bewerbungen"), reverse("desk:applications")), act,
        version=now.version, stored=stored, template="desk/joining.html",
        intro=_("So bewirbt man sich bei Ihrem Netzwerk. Eingegangene Bewerbungen behalten den "
                "Wortlaut der Kriterien, den sie gesehen haben."),
        warning="" if now.version else _("Hier stehen noch die üblichen Regeln. Mit dem Speichern "
                                         "werden es Ihre."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _initial(now: Rules) -> dict[str, Any]:
    def lines(items: list[Any], key: str, lang: str) -> str:
        words = [one[key].get(lang, "") for one in items]
        return "\n".join(words) if any(words) else ""

    german = [f"{one['title'].get('de', '')}: {one['days']}" for one in now.welcome]
    return {
        "is_open": now.is_open,
        "intro_de": now.intro.get("de", ""), "intro_en": now.intro.get("en", ""),
        "criteria_de": lines(now.criteria, "text", "de"),
        "criteria_en": lines(now.criteria, "text", "en"),
        "welcome_de": "\n".join(german), "welcome_en": lines(now.welcome, "title", "en"),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def network_state(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Active, resting or ended (X-02)."""
    network = desk.network
    form = forms.StateForm(
        request.POST if request.method == "POST" else None,
        may_end=desk.is_operator,
        initial={"state": network.state},
    )

    def act(data: dict[str, Any]) -> str:
        states.set_network_state(network, actor=desk.actor, expected=version_in(request), **data)
        return reverse("desk:network-state")

    def stored(now: Network) -> list[tuple[str, str]]:
        return [(_("Zustand"), str(now.get_state_display()))]

    page = FormPage(
        _("Zustand des Netzwerks"), _("Zustand ändern"),
        Link(_("Einrichtung"), reverse("desk:setup")), act, version=network.version,
        stored=stored, template="desk/network_state.html",
        extra={"now": network.get_state_display(), "history": _history(network),
               "is_operator": desk.is_operator},
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _history(network: Network) -> list[Line]:
    """When the state changed, and why. Two queries."""
    lines = LogEntry.objects.filter(
        object_uuid=network.uuid, code="parties.network.changed", after__has_key="state"
    )
    found = list(lines.order_by("-at", "-pk")[:MOST_CHANGES])
    names = people.names_of([one.actor for one in found])
    words = dict(Network.State.choices)
    return [
        Line(str(words.get((one.after or {})["state"], "")), shown(one.at),
             " · ".join(filter(None, [(one.after or {}).get("reason", ""),
                                      names.get(one.actor, "")])))
        for one in found
    ]  # fmt: skip
