"""Pages of joining: the application for everybody, a partner's answer to a new template."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core import clock, limits, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Network
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.directory.content.choosing import load_options
from lotse.rooms.directory.content.cleaning import Faulty
from lotse.rooms.directory.content.deadlines import deadline_words
from lotse.rooms.directory.content.fields import field_of
from lotse.rooms.directory.forms_joining import AnswerForm, JoinForm
from lotse.rooms.directory.models import Template, TemplateAnswer
from lotse.rooms.directory.queries import templates as reads
from lotse.rooms.directory.queries.joining import rules_of
from lotse.rooms.directory.services import joining, templates

LIMIT = "directory.join"
VIEW, MANAGE = "directory.template.view", "directory.template.manage"


def _lang() -> str:
    return (get_language() or "de")[:2]


def _network(request: HttpRequest) -> Network:
    network = network_in(request)
    if network is None:
        raise Http404
    return network


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The application of an organisation, without an account (X-01)."""
    network, lang = _network(request), _lang()
    rules = rules_of(network)
    intro = text.pick(rules.intro, lang)
    if not rules.is_open or network.state != Network.State.ACTIVE:
        status = 422 if request.method == "POST" else 200
        return render(request, "directory/join.html", {"intro": ""}, status=status)
    options = load_options(lang)
    posted = request.POST if request.method == "POST" else None
    form = JoinForm(posted, rules=rules, options=options, lang=lang)
    if posted is not None and form.is_valid() and _sent(request, network, form):
        return redirect("directory:joined")
    topics = options.html(field_of("organisation", "topics"), form.chosen_topics)
    context = {"form": form, "intro": intro, "topics": topics}
    return render(request, "directory/join.html", context, status=200 if posted is None else 422)


def _sent(request: HttpRequest, network: Network, form: JoinForm) -> bool:
    """Whether the application is kept now; refusals stand in the form then.

    Counted is who sends, and whom the receipt goes to: nobody's inbox is to be filled (T12). The
    latter stops the receipt alone, or anybody could keep somebody else from applying.
    """
    key, receipt = once.key_from(request.POST), True
    if not once.is_finished(key, scope=f"directory.application:{network.uuid}"):
        limits.hit(LIMIT, limits.address_of(request))
        address = form.cleaned_data["email"].strip().lower()
        receipt = limits.count(LIMIT, address) <= limits.most(LIMIT)
    try:
        joining.apply(
            network, actor=actor_in(request), key=key, lang=_lang(), receipt=receipt,
            **form.values(),
        )  # fmt: skip
    except Faulty as refusal:
        for name, messages_of in refusal.faults.items():
            form.add_error(name or None, messages_of)
        return False
    except Refused as refusal:
        form.add_error(None, list(refusal.messages))
        return False
    return True


@require_safe
def joined(request: HttpRequest) -> HttpResponse:
    """Thanks, and what comes next. It says nothing about any application."""
    return render(request, "directory/joined.html", {"here": _network(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def template(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new version of a template, and what the partner says to it (S2-10)."""
    actor = actor_in(request)
    found = get_visible(
        VIEW, actor, uuid, Template.objects.select_related("network"), also=(MANAGE,)
    )
    if found.state == Template.State.DRAFT and not has(MANAGE, actor, found):
        raise Http404  # a draft is the office's own
    organisations = list(reads.own_organisations(actor, found.network))
    given = {
        one.organisation_id: one
        for one in found.answers.filter(organisation__in=[each.pk for each in organisations])
    }
    form, status = _answer_form(request, organisations, given), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                templates.answer_template(
                    found, form.chosen(), actor=actor, answer=form.cleaned_data["answer"],
                    note=form.cleaned_data["note"],
                )  # fmt: skip
            except Refused as refusal:
                form.add_error(None, list(refusal.messages))
            else:
                messages.success(request, _("Danke. Ihre Antwort ist gespeichert."))
                return redirect("directory:template", uuid)
    context = _template_context(found, organisations, given, actor)
    return render(request, "directory/template.html", context | {"form": form}, status=status)


def _answer_form(
    request: HttpRequest, organisations: list[Any], given: dict[int, TemplateAnswer]
) -> AnswerForm:
    """The form; with one organisation it holds what was answered before."""
    initial: dict[str, Any] = {}
    if len(organisations) == 1 and (before := given.get(organisations[0].pk)):
        initial = {"answer": before.answer, "note": before.note}
    posted = request.POST if request.method == "POST" else None
    return AnswerForm(posted, organisations=organisations, initial=initial)


def _template_context(
    found: Template, organisations: list[Any], given: dict[int, TemplateAnswer], actor: Actor
) -> dict[str, Any]:
    lang = _lang()
    is_open = found.state == Template.State.CONSULTATION and not (
        found.deadline and found.deadline <= clock.now()
    )
    words = {"added": _("neu"), "dropped": _("entfällt"), "required": _("wird Pflicht"),
             "optional": _("wird freiwillig"), "hint": _("anderer Hinweis"),
             "intro": _("anderer Text")}  # fmt: skip
    pending = found.state in reads.PENDING
    now = reads.adopted_template(found.network, found.kind) if pending else None
    changes = [
        (one.title or _("Einleitung"), ", ".join(words[what] for what in one.what))
        for one in (reads.changes_of(found.kind, now, found) if pending else ())
    ]
    fields = [
        (str(one.field.title), text.pick(one.hint, lang) or str(one.field.hint), one.required)
        for one in reads.used_fields(found.kind, found)
        if one.use
    ]
    answered = [
        (each.name, str(given[each.pk].get_answer_display()), given[each.pk].note)
        for each in organisations
        if each.pk in given
    ]
    return {
        "template": found, "kind": found.get_kind_display(), "state": found.get_state_display(),
        "intro": text.pick(found.intro, lang), "changes": changes, "fields": fields,
        "deadline": deadline_words(found.deadline) if found.deadline else "",
        "is_open": is_open, "answered": answered, "pending": pending,
        "speakers": [] if organisations else reads.speakers_for(actor, found.network),
        "may_answer": is_open and bool(organisations),
    }  # fmt: skip
