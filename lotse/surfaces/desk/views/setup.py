"""Setting the network up: name and look, the mail test, the examples, the pages it writes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.models import Network, NetworkPage
from lotse.foundation.parties.privacy.checklists import NOTICE, checklist
from lotse.foundation.parties.queries import page_of
from lotse.foundation.parties.services import networks, office
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Row, build, shown
from lotse.surfaces.desk import forms
from lotse.surfaces.desk.access import EDIT, OPERATE, Desk, at_desk, choose_network
from lotse.surfaces.desk.frame import FormPage, Link, form_page, list_page
from lotse.surfaces.desk.queries import mails

OPERATOR = "operator"
_PLAIN = ("name", "carrier", "contact_email", "accent", "may_register", "mfa_roles")


def _start() -> Link:
    return Link(_("Einrichtung"), reverse("desk:setup"))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def setup(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The network as the office wants it, and what else belongs to a first installation."""
    network = desk.network
    form = forms.NetworkForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(network),
        for_operator=desk.is_operator,
    )

    def act(data: dict[str, Any]) -> str:
        claim = {lang: data[f"claim_{lang}"] for lang in ("de", "en") if data[f"claim_{lang}"]}
        changes = {name: data[name] for name in (*_PLAIN, "own_words")} | {"claim": claim}
        if not desk.is_operator and OPERATOR in network.mfa_roles:
            changes["mfa_roles"] = [*changes["mfa_roles"], OPERATOR]
        fresh = Network.objects.get(pk=network.pk)
        networks.change_network(fresh, actor=desk.actor, expected=version_in(request), **changes)
        return reverse("desk:setup")

    def stored(now: Network) -> list[tuple[str, str]]:
        values = _initial(now)
        return [(str(field.label), _plain(values.get(name, "")))
                for name, field in form.fields.items()]  # fmt: skip

    page = FormPage(
        _("Einrichtung"), _("Einrichtung speichern"), Link(_("Übersicht"), reverse("desk:start")),
        act, version=network.version, stored=stored, template="desk/setup.html",
        extra={
            "logo_form": forms.LogoForm(auto_id="id_logo_%s"),
            "test": mails.last_test(desk.actor),
            "examples": office.demo_counts() if desk.is_operator else {},
        },
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _initial(network: Network) -> dict[str, Any]:
    return {name: getattr(network, name) for name in _PLAIN} | {
        "claim_de": network.claim.get("de", ""),
        "claim_en": network.claim.get("en", ""),
        "own_words": "\n".join(network.own_words),
    }


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    return ", ".join(value) if isinstance(value, list) else str(value)


@require_POST
@at_desk(EDIT)
def logo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Sets the logo."""
    form = forms.LogoForm(request.POST, request.FILES)
    if form.is_valid():
        content = form.cleaned_data["logo"].read(networks.LOGO_MOST_BYTES + 1)
        networks.set_logo(desk.network, actor=desk.actor, content=content)
        messages.success(request, _("Das Logo ist gespeichert."))
        return redirect("desk:setup")
    raise Refused(_("Bitte wählen Sie eine Datei: PNG oder JPEG mit höchstens 200 kB."))


@require_POST
@at_desk(EDIT)
def test_mail(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Writes one mail to oneself; the page shows what became of it."""
    office.send_test_mail(desk.network, actor=desk.actor)
    messages.success(request, _("Die Probe-Mail ist geschrieben. Laden Sie die Seite gleich neu: "
                                "unten steht, was aus ihr wurde."))  # fmt: skip
    return redirect(reverse("desk:setup") + "#mail")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(OPERATE, recent=True)
def examples(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Removes everything that only shows how it could look."""
    counts = office.demo_counts()
    form = forms.ConfirmForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        office.remove_demo(desk.network, actor=desk.actor)
        return reverse("desk:start")

    page = FormPage(
        _("Beispiele entfernen"), _("Beispiele entfernen"), _start(), act,
        done=_("Die Beispiele sind entfernt."),
        intro=_("Gelöscht werden %(people)s Beispielpersonen mit ihren Konten, %(organisations)s "
                "Beispielorganisationen und alle Beispielbewertungen mit ihren Maßnahmen. Das "
                "lässt sich nicht zurücknehmen. Das Netzwerk selbst und seine Seiten bleiben.")
        % counts,
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_POST
@at_desk(OPERATE)
def network(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The operator turns to the desk of another network."""
    try:
        wanted = UUID(request.POST.get("network", ""))
    except ValueError:
        raise Http404 from None
    found = get_visible(EDIT, desk.actor, wanted, Network.objects.all())
    choose_network(request, found.uuid)
    return redirect("desk:start")


def _language(lang: str) -> str:
    return _("Englisch") if lang == "en" else _("Deutsch")


@require_safe
@at_desk()
def pages(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The pages the network writes itself, in each language."""
    own = {
        (page.kind, page.lang): page
        for page in NetworkPage.objects.filter(network=desk.network).only(
            "kind", "lang", "updated_at"
        )
    }
    found = [(kind, title, lang) for kind, title in forms.PAGE_KINDS for lang in ("de", "en")]

    def rows(items: Any) -> list[Row]:
        return [
            {
                "title": Cell(str(title), reverse("desk:page", args=[kind, lang])
                              if desk.may_edit else ""),
                "lang": _language(lang),
                "state": Cell(_("eigener Text")) if (kind, lang) in own
                else Cell(_("Vorlage"), tone="warn"),
                "changed": own[kind, lang].updated_at if (kind, lang) in own else "",
            }
            for kind, title, lang in items
        ]  # fmt: skip

    listing = build(
        request,
        title=_("Seiten des Netzwerks"),
        columns=[Column("title", _("Seite"), 24), Column("lang", _("Sprache"), 12),
                 Column("state", _("Text"), 16), Column("changed", _("Geändert"), 20)],
        source=found,
        rows=rows,
        export=False,
    )  # fmt: skip
    intro = _("Wo noch kein eigener Text steht, zeigt Lotse eine Vorlage.")
    return list_page(request, desk, listing, intro=intro)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def page(request: HttpRequest, desk: Desk, kind: str, lang: str) -> HttpResponse:
    """One page: text, preview, and what should stand in it."""
    if kind not in NetworkPage.Kind.values or lang not in ("de", "en"):
        raise Http404
    own = NetworkPage.objects.filter(network=desk.network, kind=kind, lang=lang).first()
    body = own.body if own else page_of(None, kind, lang)[0]
    form = forms.PageForm(
        request.POST if request.method == "POST" else None, initial={"body": body}
    )
    title = f"{NetworkPage.Kind(kind).label} ({_language(lang)})"

    def act(data: dict[str, Any]) -> str:
        networks.set_page(
            desk.network, actor=desk.actor, kind=kind, lang=lang, body=data["body"],
            expected=version_in(request),
        )  # fmt: skip
        return reverse("desk:page", args=[kind, lang])

    def stored(now: NetworkPage) -> list[tuple[str, str]]:
        return [(shown(now.updated_at), now.body)]

    what = FormPage(
        title, _("Seite speichern"), Link(_("Seiten"), reverse("desk:pages")), act,
        version=own.version if own else 0, stored=stored, template="desk/page.html",
        warning="" if own else _("Hier steht noch die Vorlage. Mit dem Speichern wird es Ihr "
                                 "Text."),
        extra={"checklist": checklist(kind), "notice": NOTICE, "preview": body, "lang": lang,
               "public": reverse(f"home:{kind}")},
    )  # fmt: skip
    if request.method == "POST" and "preview" in request.POST and form.is_valid():
        context = {"desk": desk, "form": form, "page": what, "version": version_in(request),
                   "stored": None, "previewing": True}  # fmt: skip
        extra = {**what.extra, "preview": form.cleaned_data["body"]}
        return render(request, "desk/page.html", context | extra)
    return form_page(request, desk, form, what)
