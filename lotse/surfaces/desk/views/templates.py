"""Templates of Steckbriefe: what holds, a new version, its way through the partners (S2-10)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import once, text
from lotse.foundation.core.permissions import get_visible, has, visible
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Row, build, shown
from lotse.rooms.directory.content.deadlines import deadline_words
from lotse.rooms.directory.models import Entry, Template, TemplateAnswer
from lotse.rooms.directory.queries import templates as reads
from lotse.rooms.directory.services import templates
from lotse.surfaces.desk import forms_directory as forms
from lotse.surfaces.desk.access import EDIT, Desk, at_desk
from lotse.surfaces.desk.frame import FormPage, Line, Link, Section, form_page, list_page
from lotse.surfaces.desk.queries import people
from lotse.surfaces.desk.views.detail import detail_page

VIEW, MANAGE = "directory.template.view", "directory.template.manage"
State = Template.State
_TONES = {State.CONSULTATION: "warn", State.REPLACED: "muted", State.DRAFT: "muted"}


def back() -> Link:
    return Link(_("Vorlagen für Steckbriefe"), reverse("desk:templates"))


def _title(one: Template) -> str:
    return _("%(kind)s, Fassung %(number)s") % {
        "kind": one.get_kind_display(), "number": one.number,
    }  # fmt: skip


def _url(one: Template) -> str:
    return reverse("desk:template", args=[one.uuid])


@require_safe
@at_desk(EDIT)
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every version of every template; where there is none, the usual fields hold."""
    known = visible(
        VIEW, desk.actor, Template.objects.filter(network=desk.network)
    ).order_by("kind", "-number")  # fmt: skip
    held = list(known)
    having = {one.kind for one in held if one.state == State.ADOPTED}
    usual = [kind for kind in Entry.Kind if kind not in having]

    def rows(found: Any) -> list[Row]:
        return [_usual(one) if isinstance(one, Entry.Kind) else _row(one) for one in found]

    listing = build(
        request,
        title=_("Vorlagen für Steckbriefe"),
        columns=[Column("title", _("Vorlage"), 36), Column("state", _("Stand"), 24),
                 Column("deadline", _("Abstimmung bis"), 20), Column("since", _("Gilt seit"), 20)],
        source=[*usual, *held],
        rows=rows,
        export=False,
    )  # fmt: skip
    intro = _("Eine Vorlage sagt, welche Felder ein Steckbrief hat und welche Pflicht sind. Eine "
              "neue Fassung gilt erst, wenn die Partner gefragt wurden.")  # fmt: skip
    new = [
        Link(_("Neue Fassung: %(kind)s") % {"kind": kind.label},
             f"{reverse('desk:template-new')}?art={kind.value}")
        for kind in Entry.Kind
        if not any(one.kind == kind and one.state in reads.PENDING for one in held)
    ]  # fmt: skip
    return list_page(request, desk, listing, intro=intro, template="desk/templates.html",
                     actions=new)  # fmt: skip


def _usual(kind: Entry.Kind) -> Row:
    return {"title": str(kind.label), "state": Cell(_("übliche Felder gelten")), "deadline": "",
            "since": ""}  # fmt: skip


def _row(one: Template) -> Row:
    return {
        "title": Cell(_title(one), _url(one)),
        "state": Cell(str(one.get_state_display()), tone=_TONES.get(State(one.state), "")),
        "deadline": deadline_words(one.deadline)
        if one.state == State.CONSULTATION and one.deadline
        else "",
        "since": localdate(one.adopted_at) if one.adopted_at else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Begins a new version; asked first, because a GET makes nothing (T15)."""
    wanted = request.GET.get("art", "")
    kind = Entry.Kind(wanted) if wanted in Entry.Kind.values else None
    form = forms.NewTemplateForm(
        request.POST if request.method == "POST" else None, initial={"kind": wanted},
        is_known=kind is not None,
    )  # fmt: skip

    def act(data: dict[str, Any]) -> str:
        made = templates.draft_template(
            desk.network, actor=desk.actor, key=once.key_from(request.POST), **data
        )
        return reverse("desk:template-edit", args=[made.uuid])

    page = FormPage(
        _("Neue Fassung der Vorlage: %(kind)s") % {"kind": kind.label} if kind
        else _("Neue Fassung einer Vorlage"), _("Entwurf anlegen"), back(), act,
        done=_("Der Entwurf ist angelegt."),
        intro=_("Der Entwurf beginnt mit dem, was jetzt gilt. Sehen kann ihn nur die "
                "Geschäftsstelle."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _load(desk: Desk, uuid: UUID, *, manage: bool = True) -> Template:
    return get_visible(
        MANAGE if manage else VIEW, desk.actor, uuid,
        Template.objects.select_related("network").filter(network=desk.network), also=(MANAGE,),
    )  # fmt: skip


@require_safe
@at_desk(EDIT)
def detail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One version: what it changes, who answered what, and the next step."""
    found = _load(desk, uuid, manage=False)
    lang = (get_language() or "de")[:2]
    now = reads.adopted_template(found.network, found.kind)
    answers = list(found.answers.select_related("organisation").order_by("organisation__name"))
    names = people.names_of([one.by for one in answers])
    pending = found.state in reads.PENDING
    sections = []
    if pending:
        changes = [_changed(one) for one in reads.changes_of(found.kind, now, found)]
        sections.append(Section("aenderungen", _("Was sich ändert"), changes, _("Noch nichts.")))
    if found.state != State.DRAFT:
        sections.append(Section("antworten", _("Antworten der Partner"),
                                [_answer(one, names) for one in answers],
                                _("Noch keine.")))  # fmt: skip
    if found.state == State.CONSULTATION:
        sections.append(_open_answers(found, answers))
    sections.append(Section("felder", _("Felder"), _fields(found, lang)))
    facts = [
        (_("Stand"), found.get_state_display()),
        (_("Abstimmung bis"), deadline_words(found.deadline) if found.deadline else ""),
        (_("Gilt seit"), shown(found.adopted_at)),
        (_("Einleitung"), text.pick(found.intro, lang)),
        (_("Einverstanden"), str(_count(answers, TemplateAnswer.Answer.AGREED))),
        (_("Nicht einverstanden"), str(_count(answers, TemplateAnswer.Answer.OBJECTED))),
    ]  # fmt: skip
    if found.state == State.DRAFT:
        facts = facts[:4]
    actions, posts = _ways(found) if has(MANAGE, desk.actor, found) else ([], [])
    return detail_page(
        request, desk, title=_title(found), back=back(), facts=facts, sections=sections,
        actions=actions, posts=posts, version=found.version, notes=_consulting(found, answers),
        links=[Link(_("So sehen es die Partner"), reverse("directory:template", args=[uuid]))],
    )  # fmt: skip


_CHANGES = {
    "added": lambda: _("neu"), "dropped": lambda: _("entfällt"),
    "required": lambda: _("wird Pflicht"), "optional": lambda: _("wird freiwillig"),
    "hint": lambda: _("anderer Hinweis"), "intro": lambda: _("anderer Text"),
}  # fmt: skip


def _changed(one: reads.Change) -> Line:
    return Line(one.title or _("Einleitung"), ", ".join(_CHANGES[what]() for what in one.what))


def _consulting(found: Template, answers: list[TemplateAnswer]) -> list[tuple[str, str, str]]:
    """While the partners are asked: until when, and when it may hold."""
    if found.state != State.CONSULTATION or not found.deadline or templates.is_over(found):
        return []
    until = _("Die Abstimmung läuft bis %(until)s.") % {"until": deadline_words(found.deadline)}
    said = _("In Kraft setzen lässt sich die Fassung danach, oder sobald alle geantwortet haben.")
    return [("info", until, said)]


def _count(answers: list[TemplateAnswer], answer: str) -> int:
    return sum(1 for one in answers if one.answer == answer)


def _answer(one: TemplateAnswer, names: dict[str, str]) -> Line:
    words = [one.note, names.get(one.by, "")]
    return Line(one.organisation.name, str(one.get_answer_display()),
                " · ".join(filter(None, words)))  # fmt: skip


def _open_answers(found: Template, answers: list[TemplateAnswer]) -> Section:
    """Who could answer and has not. One query."""
    given = {one.organisation.pk for one in answers}
    rows = [one for one in reads.asked_organisations(found.network)[:500] if one.pk not in given]
    return Section("offen", _("Noch ohne Antwort"), [Line(one.name) for one in rows],
                   _("Alle haben geantwortet."))  # fmt: skip


def _fields(found: Template, lang: str) -> list[Line]:
    return [
        Line(str(one.field.title),
             _("Pflicht") if one.required else _("freiwillig") if one.use else _("nicht benutzt"),
             text.pick(one.hint, lang))
        for one in reads.used_fields(found.kind, found)
    ]  # fmt: skip


def _ways(found: Template) -> tuple[list[Link], list[Link]]:
    """(actions, buttons)."""
    if found.state == State.DRAFT:
        return [
            Link(_("An die Partner senden"), reverse("desk:template-send", args=[found.uuid])),
            Link(_("Bearbeiten"), reverse("desk:template-edit", args=[found.uuid])),
        ], []
    if found.state == State.CONSULTATION:
        return [
            Link(
                _("In Kraft setzen"),
                reverse("desk:template-adopt", args=[found.uuid]),
                quiet=not templates.is_over(found),
            ),
        ], [Link(_("Zurück zum Entwurf"), reverse("desk:template-back", args=[found.uuid]))]
    return [], []


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def edit(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Which fields, which required, which hints."""
    found = _load(desk, uuid)
    used = reads.used_fields(found.kind, found)
    form = forms.TemplateForm(
        request.POST if request.method == "POST" else None, kind=found.kind, used=used,
        initial={f"intro_{lang}": found.intro.get(lang, "") for lang in ("de", "en")},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> str:
        intro = {lang: data[f"intro_{lang}"] for lang in ("de", "en")}
        templates.change_template(
            found, actor=desk.actor, expected=version_in(request),
            fields=form.fields_as_stored(), intro=intro,
        )  # fmt: skip
        return _url(found)

    def stored(now: Template) -> list[tuple[str, str]]:
        lang = (get_language() or "de")[:2]
        lines = [(line.name, f"{line.side}. {line.sub}") for line in _fields(now, lang)]
        return [(_("Einleitung"), text.pick(now.intro, lang)), *lines]

    page = FormPage(
        _title(found), _("Entwurf speichern"), Link(_title(found), _url(found)), act,
        version=found.version, stored=stored, template="desk/template_edit.html",
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def send(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Puts the draft to the partners."""
    found = _load(desk, uuid)
    form = forms.SendTemplateForm(request.POST if request.method == "POST" else None)
    asked = reads.spokespeople(desk.network).count()
    silent = reads.silent_organisations(desk.network).count()

    def act(data: dict[str, Any]) -> str:
        templates.send_template(found, actor=desk.actor, expected=version_in(request), **data)
        return _url(found)

    intro = ngettext(
        "%(n)s Person spricht für einen Partner und bekommt eine Mail. Solange die Abstimmung "
        "läuft, lässt sich die Fassung nicht ändern.",
        "%(n)s Personen sprechen für einen Partner und bekommen eine Mail. Solange die Abstimmung "
        "läuft, lässt sich die Fassung nicht ändern.", asked) % {"n": asked}  # fmt: skip
    page = FormPage(
        _("An die Partner senden: %(title)s") % {"title": _title(found)}, _("Jetzt senden"),
        Link(_title(found), _url(found)), act, version=found.version, intro=intro,
        done=_("Die Partner sind gefragt."), links=_unreached(silent),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _unreached(silent: int) -> list[Link]:
    """The organisations that nobody can answer for."""
    if not silent:
        return []
    words = ngettext("%(n)s Organisation erreicht die Mail nicht: Niemand darf für sie antworten",
                     "%(n)s Organisationen erreicht die Mail nicht: Niemand darf für sie antworten",
                     silent)  # fmt: skip
    return [Link(words % {"n": silent}, reverse("desk:organisations") + "?zustand=stimme")]


@require_POST
@at_desk(EDIT)
def take_back(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Back to a draft: something has to change."""
    found = _load(desk, uuid)
    templates.take_back_template(found, actor=desk.actor, expected=version_in(request))
    messages.success(request, _("Die Fassung ist wieder ein Entwurf. Die Antworten dazu sind "
                                "gelöscht."))  # fmt: skip
    return redirect(_url(found))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def adopt(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """The version holds from now on."""
    found = _load(desk, uuid)
    form = forms.ConfirmAdoptForm(request.POST if request.method == "POST" else None)
    objections = found.answers.filter(answer=TemplateAnswer.Answer.OBJECTED).count()
    missing = templates.missing_answers(found)
    until = None if templates.is_over(found) else found.deadline

    def act(data: dict[str, Any]) -> str:
        templates.adopt_template(found, actor=desk.actor, expected=version_in(request))
        return _url(found)

    warnings = []
    if objections:
        warnings.append(ngettext("%(n)s Partner ist nicht einverstanden.",
                                 "%(n)s Partner sind nicht einverstanden.", objections)
                        % {"n": objections})  # fmt: skip
    if missing:
        warnings.append(ngettext("%(n)s Partner hat nicht geantwortet.",
                                 "%(n)s Partner haben nicht geantwortet.", missing)
                        % {"n": missing})  # fmt: skip
    if until and missing:
        warnings.append(_("Die Frist läuft noch bis %(until)s.")
                        % {"until": deadline_words(until)})  # fmt: skip
    page = FormPage(
        _("In Kraft setzen: %(title)s") % {"title": _title(found)}, _("In Kraft setzen"),
        Link(_title(found), _url(found)), act, version=found.version,
        done=_("Die Vorlage gilt."), warning=" ".join(warnings),
        intro=_("Steckbriefe, denen danach ein Pflichtfeld fehlt, gelten als unvollständig. Sie "
                "bleiben zu sehen."),
    )  # fmt: skip
    return form_page(request, desk, form, page)
