"""The checks of this installation."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import text
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build
from lotse.rooms.checks.models import Check, CheckRevision
from lotse.rooms.checks.services import library
from lotse.surfaces.desk import forms
from lotse.surfaces.desk.access import OPERATE, Desk, at_desk
from lotse.surfaces.desk.frame import (
    FormPage,
    Line,
    Link,
    Section,
    form_page,
    list_page,
)
from lotse.surfaces.desk.views.detail import detail_page


def _lang() -> str:
    return (get_language() or "de")[:2]


def _consent(status: str) -> tuple[str, str]:
    """(words, tone) for where the rights' consent stands."""
    words = {
        "granted": (_("Zustimmung liegt vor"), "good"),
        "none-needed": (_("keine Zustimmung nötig"), "good"),
        "requested": (_("Zustimmung angefragt"), "warn"),
        "refused": (_("Zustimmung verweigert"), "bad"),
    }
    return words.get(status, (status or _("unbekannt"), "warn"))


@require_safe
@at_desk()
def checks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All checks of the installation with their newest revision."""
    lang = _lang()
    newest = CheckRevision.objects.filter(check_ref=OuterRef("pk")).order_by("-number")
    source = Check.objects.annotate(
        revisions_held=Count("revisions"),
        newest=Max("revisions__number"),
        newest_title=Subquery(newest.values("title")[:1]),
        consent=Subquery(newest.values("content__rights__consent__status")[:1]),
    ).select_related(None)
    public = Subquery(CheckRevision.objects.filter(pk=OuterRef("current")).values("number")[:1])
    source = source.annotate(public=public).order_by("code")

    def rows(items: Any) -> list[Row]:
        return [
            {
                "title": Cell(text.pick(one.newest_title, lang) or one.code,
                              reverse("desk:check", args=[one.uuid]), note=one.code),
                "newest": one.newest or 0,
                "public": Cell(_("Revision %(n)s") % {"n": one.public}, tone="good")
                if one.public else Cell(_("nicht öffentlich"), tone="muted"),
                "consent": Cell(_consent(one.consent)[0], tone=_consent(one.consent)[1]),
            }
            for one in items
        ]  # fmt: skip

    listing = build(
        request,
        title=_("Checks"),
        columns=[Column("title", _("Check"), 44), Column("newest", _("Neueste Revision"), 16),
                 Column("public", _("Öffentlich"), 18), Column("consent", _("Rechte"), 28)],
        source=source,
        rows=rows,
        search=lambda rows, words: rows.filter(code__icontains=words),
        filters=[Filter("stand", _("Stand"), _public, [
            ("oeffentlich", _("öffentlich")), ("nicht", _("nicht öffentlich"))])],
        empty=_("Hier stehen die Checks dieser Installation. Lesen Sie den ersten ein."),
    )  # fmt: skip
    add = Link(_("Check einlesen"), reverse("desk:check-import"))
    return list_page(request, desk, listing, actions=[add] if desk.is_operator else [],
                     intro=_("Checks gelten für alle Netzwerke dieser Installation."),
                     name="checks")  # fmt: skip


def _public(rows: Any, value: str) -> Any:
    return rows.filter(current__isnull=value == "nicht")


@require_safe
@at_desk()
def check(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One check: its revisions, rights, and whether it is public."""
    found = _check(desk, uuid)
    revisions = list(found.revisions.order_by("-number"))
    lang = _lang()
    newest = revisions[0]
    rights = newest.content.get("rights", {})
    words, _tone = _consent(rights.get("consent", {}).get("status", ""))
    lines = [
        Line(
            _("Revision %(n)s") % {"n": one.number},
            _("öffentlich") if one.pk == found.current_id else "",
            f"{text.pick(one.title, lang)} · sha256 {one.sha256[:12]}",
        )
        for one in revisions
    ]
    facts = [
        (_("Kennung"), found.code),
        (_("Rechte"), words),
        (_("Öffentlich"), _("ja") if found.current_id else _("nein")),
    ]
    posts = []
    if desk.is_operator and found.current_id != newest.pk:
        posts.append(Link(_("Neueste Revision veröffentlichen"),
                          reverse("desk:check-publish", args=[uuid])))  # fmt: skip
    if desk.is_operator and found.current_id:
        posts.append(Link(_("Zurückziehen"), reverse("desk:check-withdraw", args=[uuid])))
    return detail_page(
        request, desk, title=text.pick(newest.title, lang), version=found.version,
        back=Link(_("Checks"), reverse("desk:checks")), facts=facts, posts=posts,
        sections=[Section("revisionen", _("Revisionen"), lines)],
    )  # fmt: skip


def _check(desk: Desk, uuid: UUID) -> Check:
    """Readers of the desk see drafts too: that one waits for its consent is what they look for."""
    from django.http import Http404

    found = Check.objects.filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


@require_POST
@at_desk(OPERATE)
def check_publish(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Puts the newest revision before the public."""
    found = get_visible("checks.check.manage", desk.actor, uuid, Check.objects.all())
    library.publish_check(found, actor=desk.actor, expected=version_in(request))
    messages.success(request, _("Der Check ist öffentlich."))
    return redirect("desk:check", uuid)


@require_POST
@at_desk(OPERATE)
def check_withdraw(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Nobody can begin it any more; what was begun goes on."""
    found = get_visible("checks.check.manage", desk.actor, uuid, Check.objects.all())
    library.withdraw_check(found, actor=desk.actor, expected=version_in(request))
    messages.success(request, _("Der Check ist zurückgezogen. Begonnene Bewertungen gehen weiter."))
    return redirect("desk:check", uuid)


MOST_BYTES = 2 * 1024 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(OPERATE)
def check_import(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Reads a check from a YAML file; every fault is named with path and line."""
    form = forms.CheckFileForm(*(
        (request.POST, request.FILES) if request.method == "POST" else ()))  # fmt: skip
    faults: list[dict[str, Any]] = []

    def act(data: dict[str, Any]) -> str:
        content = data["file"].read(MOST_BYTES + 1)
        try:
            revision, _new = library.import_check(
                content, actor=desk.actor, publish=data["publish"]
            )
        except library.InvalidCheck as invalid:
            faults.extend(
                {"path": fault.path, "line": fault.line, "message": fault.message}
                for fault in invalid.faults
            )
            raise
        return reverse("desk:check", args=[revision.check_ref.uuid])

    page = FormPage(
        _("Check einlesen"), _("Datei prüfen und einlesen"),
        Link(_("Checks"), reverse("desk:checks")), act, template="desk/check_import.html",
        done=_("Der Check ist eingelesen."), extra={"faults": faults},
        intro=_("Die Datei wird ganz geprüft. Hat sie Fehler, wird nichts gespeichert, und alle "
                "stehen hier mit ihrer Zeile."),
    )  # fmt: skip
    return form_page(request, desk, form, page)
