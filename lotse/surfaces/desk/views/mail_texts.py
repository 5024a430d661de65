"""The texts of the mails: each as it arrives, and the line the network adds at its end."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core import hooks
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.middleware import CSP_LETTER
from lotse.foundation.parties.models import MailClosing
from lotse.foundation.parties.services import closings
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build
from lotse.surfaces.desk import forms_content as forms
from lotse.surfaces.desk.access import EDIT, Desk, at_desk
from lotse.surfaces.desk.frame import FormPage, Line, Link, Section, form_page, list_page
from lotse.surfaces.desk.queries import letters
from lotse.surfaces.desk.views.detail import detail_page


def back() -> Link:
    return Link(_("Texte der Mails"), reverse("desk:mail-texts"))


@require_safe
@at_desk()
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which mails there are, and which of them end with words of the network."""
    lines = dict(MailClosing.objects.filter(network=desk.network).values_list("code", "words"))

    def rows(items: Any) -> list[Row]:
        return [
            {"title": Cell(str(kind.title), reverse("desk:mail-text", args=[kind.code]),
                           note=kind.code),
             "closing": " / ".join((lines.get(kind.code) or {}).values()),
             "kept": _("wird nach dem Senden gelöscht") if kind.private
             else _("30 Tage, bei Sicherheit nur bis zum Senden")}
            for kind in items
        ]  # fmt: skip

    listing = build(
        request,
        title=_("Texte der Mails"),
        columns=[Column("title", _("Mail"), 40), Column("closing", _("Schlusszeile"), 60),
                 Column("kept", _("Der Text bleibt"), 40)],
        source=sorted(hooks.mail_kinds, key=lambda kind: kind.code),
        rows=rows,
        filters=[Filter("schluss", _("Schlusszeile"), lambda rows, value: [
            kind for kind in rows if bool(lines.get(kind.code)) == (value == "mit")],
            [("mit", _("mit")), ("ohne", _("ohne"))])],
        per_page=200,
    )  # fmt: skip
    intro = _("Lotse schreibt diese Mails selbst, auf Deutsch oder Englisch nach der Sprache der "
              "Person, mit Namen und Farbe des Netzwerks. Jeder können Sie eine Schlusszeile "
              "mitgeben.")  # fmt: skip
    return list_page(request, desk, listing, intro=intro, name="mails")


def _kind(code: str) -> hooks.MailKind:
    """The kind of mail. Raises Http404."""
    kind = letters.kind_of(code)
    if kind is None:
        raise Http404
    return kind


@require_safe
@at_desk()
def detail(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One mail with example data, as it arrives."""
    kind = _kind(code)
    found = letters.letters_of(desk.network, code)
    own = MailClosing.objects.filter(network=desk.network, code=code).first()
    words = own.words if own else {}
    titles = {"de": _("Auf Deutsch"), "en": _("Auf Englisch")}
    lines = [Line(titles[lang], "", words[lang]) for lang in titles if lang in words]
    from_network = any(one.own for one in found)
    lotses = _("Diese Mail kommt von Lotse, nicht vom Netzwerk. Sie hat keine Schlusszeile.")
    empty = _("Keine.") if from_network else lotses
    edit = Link(_("Schlusszeile ändern"), reverse("desk:mail-closing", args=[code]))
    facts = [
        (_("Kennung"), code),
        (_("Klasse"), found[0].mail_class if found else ""),
        (_("Der Text bleibt"), _("wird nach dem Senden gelöscht") if kind.private else ""),
    ]
    return detail_page(
        request, desk, title=str(kind.title), back=back(), facts=facts,
        sections=[Section("schlusszeile", _("Schlusszeile"), lines, empty)],
        actions=[edit] if desk.may_edit and from_network else [],
        template="desk/mail_text.html", letters=found, code=code,
    )  # fmt: skip


@require_safe
@at_desk()
def html(request: HttpRequest, desk: Desk, code: str, lang: str) -> HttpResponse:
    """The HTML of a mail as a mail program gets it: alone on its page, for mails carry their
    styles inline and this page allows nothing but those."""
    _kind(code)
    found = {one.lang: one for one in letters.letters_of(desk.network, code)}.get(lang)
    if found is None:
        raise Http404
    return HttpResponse(found.html, headers={"Content-Security-Policy": CSP_LETTER})


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def closing(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The line at the end of a mail, with a preview that saves nothing."""
    kind = _kind(code)
    if not any(one.own for one in letters.letters_of(desk.network, code)):
        raise Http404
    own = MailClosing.objects.filter(network=desk.network, code=code).first()
    form = forms.ClosingForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(own.words if own else {}),
    )
    here = Link(str(kind.title), reverse("desk:mail-text", args=[code]))

    def act(data: dict[str, Any]) -> str:
        closings.set_closing(desk.network, actor=desk.actor, code=code, words=_words(data),
                             expected=version_in(request))  # fmt: skip
        return here.url

    def stored(now: MailClosing) -> list[tuple[str, str]]:
        values = _initial(now.words)
        return [(str(field.label), values[name]) for name, field in form.fields.items()]

    values = closings.values_of(desk.network)
    page = FormPage(
        _("Schlusszeile: %(mail)s") % {"mail": kind.title}, _("Schlusszeile speichern"), here, act,
        version=own.version if own else 0, stored=stored, template="desk/mail_closing.html",
        intro=_("Die Zeile steht am Ende der Mail, vor dem Namen des Netzwerks. Bleibt das Feld "
                "leer, steht dort nichts."),
        extra={"placeholders": [(f"{{{name}}}", values[name] or _("noch nicht eingetragen"))
                                for name in closings.PLACEHOLDERS]},
    )  # fmt: skip
    if request.method == "POST" and "preview" in request.POST and form.is_valid():
        try:
            found = _previews(desk, code, _words(form.cleaned_data))
        except Refused as refusal:
            form.add_error(None, list(refusal.messages))
        else:
            context = {"desk": desk, "form": form, "page": page, "version": version_in(request),
                       "stored": None, "letters": found}  # fmt: skip
            return render(request, page.template, {**context, **page.extra})
        context = {"desk": desk, "form": form, "page": page, "version": version_in(request)}
        return render(request, page.template, {**context, **page.extra}, status=422)
    return form_page(request, desk, form, page)


def _previews(desk: Desk, code: str, words: dict[str, str]) -> list[letters.Letter]:
    """The mail with lines that are not saved yet. Raises Refused."""
    lines = closings.checked(desk.network, words)
    values = closings.values_of(desk.network)
    found: dict[str, letters.Letter] = {}
    for lang in letters.LANGUAGES:
        line = closings.filled(lines.get(lang, ""), values)
        if one := letters.letter_of(desk.network, code, lang, closing=line):
            found.setdefault(one.lang, one)
    return list(found.values())


def _initial(words: dict[str, str]) -> dict[str, str]:
    return {f"words_{lang}": words.get(lang, "") for lang in letters.LANGUAGES}


def _words(data: dict[str, Any]) -> dict[str, str]:
    return {lang: data[f"words_{lang}"] for lang in letters.LANGUAGES}
