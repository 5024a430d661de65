"""State and release: what readers of each channel see, what waits, and the buttons for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import clock, once
from lotse.foundation.core.errors import Conflict, NotAllowed
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Consent
from lotse.foundation.parties.privacy import consents, purposes
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.directory.content.cleaning import missing_fields
from lotse.rooms.directory.content.deadlines import deadline_words
from lotse.rooms.directory.content.display import sections_of
from lotse.rooms.directory.content.freshness import LABELS, freshness_of, was_assured
from lotse.rooms.directory.models import Channel, Entry, Revision
from lotse.rooms.directory.queries import own
from lotse.rooms.directory.queries.reading import person_facts
from lotse.rooms.directory.queries.templates import adopted_template
from lotse.rooms.directory.services import confirming, entries, publishing, withdrawing
from lotse.rooms.directory.views.inside import Inside, load

# Where an entry has a page of its own; the brochure is a file.
_ON_PAGES = (Channel.WEB, Channel.MEMBERS)
PURPOSES = ("profile", "photo", "contact")


@dataclass(frozen=True)
class ChannelView:
    """One channel as the page shows it."""

    seen: own.Seen
    by: str
    until: str
    consents: list[consents.Choice]
    last: Revision | None = None

    @property
    def needs_consent(self) -> bool:
        return not self.seen.is_consented

    @property
    def again(self) -> Revision | None:
        """What was let through here before it was withdrawn."""
        return None if self.seen.publication else self.last


@require_safe
@signed_in
def state(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What readers see now, what waits. At most twelve queries."""
    return _page(request, load(request, uuid))


def _page(request: HttpRequest, inside: Inside, *, conflict: bool = False) -> HttpResponse:
    entry = inside.entry
    seen = own.seen_of([entry])[entry.pk]
    announcement = own.announced([entry.pk]).get(entry.pk)
    latest = entry.latest
    refs = [one.publication.by for one in seen if one.publication]
    names = own.names_of([*refs, latest.author if latest else ""])
    given, last = _consents(inside), own.last_let_through(entry)
    template = adopted_template(entry.network, entry.kind)
    content = latest.content if latest else {}
    context = {
        "inside": inside,
        "entry": entry,
        "title": inside.title,
        "latest": latest,
        "author": own.author_in(names, latest.author) if latest else "",
        "channels": [_channel(one, names, given, last) for one in seen],
        "services": [(one.uuid, own.title_of(one)) for one in own.services_of(entry)],
        "is_read": any(one.is_seen and one.channel in _ON_PAGES for one in seen),
        "has_consents": any(one.uuid for rows in given.values() for one in rows),
        "all_open": _all_open(seen),
        "waits": own.waits_for_release(entry, seen),
        "announcement": announcement,
        "deadline": deadline_words(announcement.deadline) if announcement else "",
        "announced_for": [Channel(one).label for one in announcement.channels]
        if announcement else [],
        "missing": [str(one.title) for one in missing_fields(entry.kind, content, template)],
        "was_assured": was_assured(entry),
        "freshness": freshness_of(entry, clock.now()),
        "freshness_label": LABELS[freshness_of(entry, clock.now())],
        "conflict": conflict,
    }  # fmt: skip
    return render(request, "directory/state.html", context, status=409 if conflict else 200)


def _all_open(seen: Sequence[own.Seen]) -> list[str]:
    """Channels one button can publish together, where there are several."""
    found = [one.channel for one in seen if one.is_consented and not one.is_current]
    return found if len(found) > 1 else []


def _channel(
    seen: own.Seen,
    names: Mapping[str, str],
    given: Mapping[str, list[consents.Choice]],
    last: Mapping[str, Revision],
) -> ChannelView:
    return ChannelView(
        seen=seen,
        by=own.author_in(names, seen.publication.by) if seen.publication else "",
        until=deadline_words(seen.coming.effective_at) if seen.coming else "",
        consents=given.get(seen.channel, []),
        last=last.get(seen.channel),
    )


def _consents(inside: Inside) -> dict[str, list[consents.Choice]]:
    """Channel -> what the person said to each purpose, for their own page. One query."""
    person = inside.entry.person
    if person is None or not inside.is_own:
        return {}
    found: dict[str, list[consents.Choice]] = {}
    for group in consents.choices(person, inside.entry.network, inside.lang):
        for row in group["rows"]:
            if row.purpose in PURPOSES:
                found.setdefault(row.channel, []).append(row)
    return found


def _act(request: HttpRequest, uuid: UUID, act: Callable[[Inside], str]) -> HttpResponse:
    """Does one thing and goes back to the page; 409 shows the page as it stands now."""
    inside = load(request, uuid)
    try:
        said = act(inside)
    except Conflict:
        return _page(request, load(request, uuid), conflict=True)
    messages.success(request, said)
    return redirect("directory:state", uuid)


@require_POST
@signed_in
def publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Lets the latest revision through for one channel, or for all that were chosen; or once more
    the one that was let through there last (`again`)."""

    def act(inside: Inside) -> str:
        require("directory.entry.publish", inside.actor, inside.entry)
        channels = request.POST.getlist("channel")
        wanted, asked = inside.entry.latest, request.POST.get("revision")
        if again := request.POST.get("again"):
            last, asked = own.last_let_through(inside.entry), again
            wanted = last.get(channels[0]) if len(channels) == 1 else None
        if wanted is None or str(wanted.uuid) != asked:
            # Somebody saved since: what is let through is what was on the screen.
            raise Conflict(inside.entry)
        publishing.publish(
            inside.entry,
            actor=inside.actor,
            channels=channels,
            expected=version_in(request),
            revision=wanted,
        )
        return _("Veröffentlicht.")

    return _act(request, uuid, act)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def unpublish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks once, and says what goes with it; then takes it out of one channel at once."""
    if request.method != "POST":
        return _ask(request, load(request, uuid))

    def act(inside: Inside) -> str:
        publishing.unpublish(
            inside.entry,
            actor=inside.actor,
            channel=request.POST.get("channel", ""),
            expected=version_in(request),
        )
        return _("Zurückgezogen. Dort ist der Steckbrief ab sofort nicht mehr zu lesen.")

    return _act(request, uuid, act)


def _ask(request: HttpRequest, inside: Inside) -> HttpResponse:
    """The question, with the services that go too. At most twelve queries."""
    require("directory.entry.publish", inside.actor, inside.entry)
    channel, entry = request.GET.get("wo", Channel.WEB), inside.entry
    if channel not in Channel.values:
        raise Http404
    services = own.services_of(entry)
    seen = {
        pk: next(one for one in rows if one.channel == channel)
        for pk, rows in own.seen_of([entry, *services]).items()
    }
    context = {
        "inside": inside,
        "entry": entry,
        "title": inside.title,
        "seen": seen[entry.pk],
        "services": [own.title_of(one) for one in services if seen[one.pk].is_seen],
    }
    return render(request, "directory/state_withdraw.html", context)


@require_POST
@signed_in
def confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Everything is still true."""

    def act(inside: Inside) -> str:
        confirming.confirm(
            inside.entry,
            actor=inside.actor,
            expected=version_in(request),
            key=once.key_from(request.POST),
        )
        return _("Danke. Der Steckbrief gilt als bestätigt.")

    return _act(request, uuid, act)


@require_POST
@signed_in
def consent(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Gives one consent, or withdraws the one that holds: only the person's own."""
    inside = load(request, uuid)
    person = inside.entry.person
    if person is None or not inside.is_own:
        raise NotAllowed("parties.person.own")
    if given := request.POST.get("withdraw", ""):
        _withdraw(inside, given)
        messages.success(request, _("Widerrufen. Das gilt ab sofort."))
        return redirect("directory:state", uuid)
    purpose, _colon, channel = request.POST.get("give", "").partition(":")
    if purpose not in PURPOSES or purposes.find(purpose, channel) is None:
        raise Http404
    consents.give(
        person, purpose, channel, actor=inside.actor, network=inside.entry.network,
        lang=inside.lang, key=once.key_from(request.POST),
    )  # fmt: skip
    messages.success(request, _("Gespeichert. Sie können das jederzeit widerrufen."))
    return redirect("directory:state", uuid)


@require_POST
@signed_in
def withdraw_all(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ends all consents to being seen in the directory at once: only the person's own."""
    inside = load(request, uuid)
    if not inside.is_own:
        raise NotAllowed("parties.person.own")
    withdrawing.withdraw_everywhere(inside.entry, actor=inside.actor, purposes=PURPOSES)
    messages.success(request, _("Überall zurückgezogen. Ab sofort ist im Verzeichnis nichts mehr "
                                "von Ihnen zu lesen."))  # fmt: skip
    return redirect("directory:state", uuid)


def _withdraw(inside: Inside, given: str) -> None:
    try:
        asked = UUID(given)
    except ValueError:
        raise Http404 from None
    rows = Consent.objects.select_related("person").filter(person=inside.entry.person)
    found = rows.filter(uuid=asked, purpose__in=PURPOSES).first()
    if found is None:
        raise Http404
    consents.withdraw(found, actor=inside.actor)


@require_POST
@signed_in
def archive(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes a service that is no longer offered out of everything; nothing is deleted."""
    inside = load(request, uuid)
    if inside.entry.kind != Entry.Kind.SERVICE:
        raise NotAllowed("directory.entry.manage")
    try:
        entries.archive(inside.entry, actor=inside.actor, expected=version_in(request))
    except Conflict:
        return _page(request, load(request, uuid), conflict=True)
    messages.success(request, _("Die Leistung ist archiviert. Zurückholen kann sie auch die "
                                "Geschäftsstelle."))  # fmt: skip
    return redirect("directory:own")


@require_safe
@signed_in
def preview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The latest revision as readers of a channel would see it."""
    inside = load(request, uuid)
    channel = request.GET.get("wo", Channel.WEB)
    if channel not in Channel.values:
        raise Http404
    entry = inside.entry
    context = {
        "inside": inside,
        "entry": entry,
        "title": inside.title,
        "channel": Channel(channel),
        "channels": [(one.value, one.label, one == channel) for one in Channel],
        **shown(entry.latest, inside, channel),
    }
    return render(request, "directory/edit_preview.html", context)


def shown(revision: Revision | None, inside: Inside, channel: str) -> dict[str, Any]:
    """The content of a revision as a page shows it; of people what the channel may show."""
    content = revision.content if revision else {}
    entry = inside.entry
    facts = person_facts(entry, channel, content) if entry.person is not None else None
    picture = (facts.photo if facts else None) or content.get("logo", "")
    return {
        "revision": revision,
        "content": content,
        "facts": facts,
        "picture": picture,
        "sections": sections_of(
            entry.kind, content, inside.lang, entry_lang=entry.lang, without=("name", "summary")
        ),
    }
