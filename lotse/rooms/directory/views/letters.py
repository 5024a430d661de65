"""Answers to letters: the one-time link once, then an address without it (rulings 19).

Opening a page changes nothing, also for mail programs that open every link (T15): each answer is a
button. Who may publish reaches the same pages signed in.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.accounts import guests
from lotse.foundation.core import clock, limits, once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Network
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.directory import mails
from lotse.rooms.directory.content import display
from lotse.rooms.directory.content.deadlines import deadline_words
from lotse.rooms.directory.content.differences import Change, changes_between
from lotse.rooms.directory.content.fields import fields_of
from lotse.rooms.directory.content.labels import Labels, load_labels
from lotse.rooms.directory.models import Announcement, Channel, Entry, Revision
from lotse.rooms.directory.queries import letters as queries
from lotse.rooms.directory.services import announcing, confirming, letters
from lotse.rooms.directory.views.holding import Held, Over, answered, gone, held_by
from lotse.rooms.directory.views.inside import language

APPROVE, OBJECT = "approve", "object"
State = Announcement.State


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Remembers the letter in this browser and leads on to an address without the secret.

    A wrong link counts against the limit of this address.
    """
    found = letters.find(token)
    if found is None:
        limits.hit("directory.letter.failed", limits.address_of(request))
        return gone(request, network_in(request), status=404)
    guests.remember(request, [found.uuid])
    response = redirect("directory:letter", found.uuid)
    response.status_code = 303
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a letter asks, and its answers. Showing: at most twelve queries."""
    try:
        held = held_by(request, uuid)
    except Over as over:
        return gone(request, over.network, why=over.why)
    if held.announcement is not None:
        return _announcement(request, held)
    return _confirmation(request, held)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def announced(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The announcement of an entry, for those who may publish it. At most twelve queries."""
    entry = _own(request, uuid)
    found = entry.announcements.select_related("revision").order_by("-pk").first()
    if found is None:
        raise Http404
    found.entry = entry
    return _announcement(request, Held(entry, actor_in(request), announcement=found))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Whether everything is still true, for those who may publish. At most twelve queries."""
    return _confirmation(request, Held(_own(request, uuid), actor_in(request)))


def _own(request: HttpRequest, uuid: UUID) -> Entry:
    rows = Entry.objects.select_related("network", "organisation", "latest")
    return get_visible("directory.entry.publish", actor_in(request), uuid, rows)


def _announcement(request: HttpRequest, held: Held) -> HttpResponse:
    faults: list[str] = []
    status = 200
    if request.method == "POST":
        try:
            return _answer(request, held)
        except Refused as refused:
            faults, status = list(refused.messages), 422
        except Conflict:
            held.asked.refresh_from_db()
            faults, status = [answered()], 409
    asked, lang = held.asked, language()
    before = queries.published_of(held.entry)
    contents = [asked.revision.content, before.content if before else {}]
    labels = load_labels(contents, lang)
    context = _frame(held, asked.revision, labels) | {
        "announcement": asked,
        "until": deadline_words(asked.deadline),
        "where": [Channel(channel).label for channel in asked.channels],
        "said": _said(asked),
        "before": before,
        "changes": _changes(held.entry, before, asked, labels) if held.is_open else [],
        "reason": request.POST.get("reason", "")[:5000],
        "faults": faults,
    }
    return render(request, "directory/letter_announcement.html", context, status=status)


def _frame(held: Held, revision: Revision | None, labels: Labels) -> dict[str, Any]:
    """What both pages show: the content as readers would see it."""
    entry, content = held.entry, revision.content if revision else {}
    sections = display.sections_of(
        entry.kind, content, labels.lang, entry_lang=entry.lang, labels=labels
    )
    return {
        "held": held,
        "entry": entry,
        "network": entry.network,
        "name": mails.name_of(entry),
        "sections": sections,
        # Nobody agrees to words they were not shown: those for the other language stand below.
        "other": _english(entry.kind, content) if labels.lang == "de" else [],
        "on_behalf": bool(revision and revision.on_behalf),
        "rests": entry.network.state != Network.State.ACTIVE,
    }


def _english(kind: str, content: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [one for one in fields_of(kind) if content.get(f"{one.key}_en")]
    return [(str(one.title), str(content[f"{one.key}_en"])) for one in found]


def _changes(
    entry: Entry, before: Revision | None, asked: Announcement, labels: Labels
) -> list[Change]:
    if before is None:
        return []
    return changes_between(entry.kind, before.content, asked.revision.content, labels)


def _said(announcement: Announcement) -> str:
    """How it ended, in one sentence; empty while it runs."""
    words = {
        State.EFFECTIVE: _("Die Frist ist vorbei. Die Angaben sind veröffentlicht."),
        State.APPROVED: _("Der Ankündigung wurde zugestimmt. Die Angaben sind veröffentlicht."),
        State.CHANGED: _("Die angekündigten Angaben wurden geändert."),
        State.OBJECTED: _("Der Ankündigung wurde widersprochen. Davon wird nichts veröffentlicht."),
        State.WITHDRAWN: _("Die Geschäftsstelle hat die Ankündigung zurückgezogen."),
    }
    return words.get(State(announcing.state_at(announcement, clock.now())), "")


def _answer(request: HttpRequest, held: Held) -> HttpResponse:
    """One of the two answers without a form of their own. Raises what the services raise."""
    values: dict[str, Any] = {
        "actor": held.actor,
        "expected": version_in(request),
        "key": once.key_from(request.POST),
    }
    if request.POST.get("go") == APPROVE:
        announcing.approve(held.asked, **values)
        messages.success(request, _("Danke. Die Angaben sind jetzt veröffentlicht."))
    elif request.POST.get("go") == OBJECT:
        announcing.object_to(held.asked, reason=request.POST.get("reason", ""), **values)
        messages.success(
            request, _("Ihr Widerspruch gilt. Die Geschäftsstelle hat ihn mit Ihrem Grund.")
        )
    else:
        raise Refused(_("Bitte wählen Sie eine der drei Antworten."))
    return redirect(held.here)


def _confirmation(request: HttpRequest, held: Held) -> HttpResponse:
    faults: list[str] = []
    status = 200
    if request.method == "POST":
        try:
            confirming.confirm(
                held.entry, actor=held.actor, expected=version_in(request),
                key=once.key_from(request.POST),
            )  # fmt: skip
        except Refused as refused:
            faults, status = list(refused.messages), 422
        except Conflict:
            held.entry.refresh_from_db()
            faults, status = [_changed()], 409
        else:
            messages.success(request, _("Danke. Der Steckbrief gilt wieder für ein Jahr."))
            return redirect(held.here)
    shown = queries.published_of(held.entry) or held.entry.latest
    labels = load_labels([shown.content if shown else {}], language())
    context = _frame(held, shown, labels) | {"faults": faults}
    return render(request, "directory/letter_confirm.html", context, status=status)


def _changed() -> str:
    return _("Der Steckbrief wurde gerade geändert. Bitte sehen Sie ihn noch einmal an.")
