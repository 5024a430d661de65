"""A message to somebody whose address stays hidden."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lotse.foundation.core import limits, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused, TooMany
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Person
from lotse.rooms.directory.forms_message import MessageForm
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries.pages import page_of
from lotse.rooms.directory.queries.reading import Seen, see
from lotse.rooms.directory.queries.relay import is_reachable
from lotse.rooms.directory.services.relay import scope_of, send_message
from lotse.rooms.directory.views.reading import count, language

LIMIT, LIMIT_TO = "directory.message", "directory.message.to"


@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The form, and what it sends. Nobody to reach, or nothing to read here: 404 alike."""
    count(request, "directory.entry")
    actor = actor_in(request)
    seen = see(actor, uuid)
    if not is_reachable(seen):
        raise Http404
    form = MessageForm(
        request.POST if request.method == "POST" else None, initial=_own_address(request, actor)
    )
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            _send(request, seen, actor, form)
        except Refused as refused:
            form.add_error(None, list(refused.messages))
        except TooManyForOne:
            status = 429
            form.add_error(None, _("Hier sind heute schon viele Nachrichten angekommen. Bitte "
                                   "schreiben Sie morgen noch einmal."))  # fmt: skip
        else:
            said = _("Ihre Nachricht ist unterwegs. Die Antwort kommt per E-Mail.")
            messages.success(request, said)
            return redirect("directory:entry", uuid)
    context = {
        "form": form,
        "page": page_of(seen, actor, language(), alone=True),
        "is_person": seen.entry.kind == Entry.Kind.PERSON,
    }
    return render(request, "directory/message.html", context, status=status)


class TooManyForOne(Exception):
    """The day's messages to this entry are used up, by whomever."""


def _send(request: HttpRequest, seen: Seen, actor: Actor, form: MessageForm) -> None:
    """Counts who sends and to whom it goes, for many may write to one (T12). Raises TooMany,
    TooManyForOne, Refused."""
    key, to = once.key_from(request.POST), str(seen.entry.uuid)
    if not once.is_finished(key, scope=scope_of(seen.entry)):
        limits.hit(LIMIT, str(actor.uuid) if actor.signed_in else limits.address_of(request))
        try:
            limits.hit(LIMIT_TO, to)
        except TooMany as fault:
            raise TooManyForOne from fault
    try:
        send_message(seen, actor=actor, key=key, **form.cleaned_data)
    except Refused:
        limits.take_back(LIMIT_TO, to)
        raise


def _own_address(request: HttpRequest, actor: Actor) -> dict[str, str]:
    """What is known of who writes. No query: a session brings account and person along."""
    person: Person | None = getattr(request.user, "person", None) if actor.signed_in else None
    if person is None:
        return {}
    return {"name": person.name, "email": person.email or request.user.email}  # type: ignore[union-attr]  # signed in
