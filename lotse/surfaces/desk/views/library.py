"""What the network offers and says: checks, topics, and the texts of its mails."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import hooks, mail, text
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.topics.models import Topic
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


@require_safe
@at_desk()
def topics(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The topics with the words that lead to them."""
    lang = _lang()

    def rows(items: Any) -> list[Row]:
        return [
            {
                "name": Cell(text.pick(one.name, lang), note=one.code),
                "group": text.pick(one.parent.name, lang) if one.parent else "",
                "synonyms": _words(one.synonyms, lang),
            }
            for one in items
        ]

    groups = Topic.objects.filter(parent=None)
    listing = build(
        request,
        title=_("Themen"),
        columns=[Column("name", _("Thema"), 36), Column("group", _("Gruppe"), 28),
                 Column("synonyms", _("Andere Wörter dafür"), 70)],
        source=Topic.objects.select_related("parent"),
        rows=rows,
        filters=[Filter("gruppe", _("Gruppe"), lambda rows, v: rows.filter(parent__code=v),
                        [(one.code, text.pick(one.name, lang)) for one in groups])],
        per_page=200,
    )  # fmt: skip
    intro = _("Themen und die Wörter, die zu ihnen führen, kommen aus den Inhalten der "
              "Installation. Ändern lassen sie sich hier noch nicht.")  # fmt: skip
    return list_page(request, desk, listing, intro=intro, name="themen")


def _words(synonyms: Any, lang: str) -> str:
    found = synonyms.get(lang) or synonyms.get("de") or [] if isinstance(synonyms, dict) else []
    return ", ".join(found) if isinstance(found, list) else str(found)


@require_safe
@at_desk()
def mail_texts(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which mails there are, and how a letter of this network looks in each language."""

    def rows(items: Any) -> list[Row]:
        return [
            {"title": str(kind.title), "code": kind.code,
             "kept": _("wird nach dem Senden gelöscht") if kind.private
             else _("30 Tage, bei Sicherheit nur bis zum Senden")}
            for kind in items
        ]  # fmt: skip

    kinds = sorted(hooks.mail_kinds, key=lambda kind: kind.code)
    listing = build(
        request,
        title=_("Texte der Mails"),
        columns=[Column("title", _("Mail"), 40), Column("code", _("Kennung"), 28),
                 Column("kept", _("Der Text bleibt"), 40)],
        source=kinds,
        rows=rows,
        per_page=200,
    )  # fmt: skip
    letters = [(lang, _sample(desk, lang)) for lang in ("de", "en")]
    from lotse.foundation.ui.listing import answer

    context = {
        "desk": desk, "title": listing.title, "letters": letters,
        "intro": _("Lotse schreibt diese Mails selbst, auf Deutsch oder Englisch nach der Sprache "
                   "der Person, mit Namen und Farbe des Netzwerks. Ändern lassen sich die Texte "
                   "hier noch nicht."),
    }  # fmt: skip
    return answer(request, listing, "desk/mail_texts.html", context, name="mails")


def _sample(desk: Desk, lang: str) -> str:
    """A letter of this network as plain text: what stands around every mail."""
    from lotse.foundation.core.mail import letter

    with override(lang):
        body: list[mail.Block] = [
            _("Guten Tag,"),
            _("hier steht, worum es geht."),
            mail.Link(_("Zu Lotse"), "/"),
        ]
        from django.conf import settings

        blocks = letter.clean(body, settings.BASE_URL)
        reason = _("Sie erhalten diese Mail, weil … (hier steht immer der Grund).")
        return letter.as_text(blocks, desk.network, reason, "")
