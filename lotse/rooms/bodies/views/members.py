"""The members of a body as list and as cards; joining an open body, and leaving it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.vcard import MEDIA_TYPE
from lotse.foundation.documents.responses import paper
from lotse.foundation.parties.models import Body, Organisation
from lotse.foundation.ui.guard import signed_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, answer, build
from lotse.rooms.bodies import forms_bodies as forms
from lotse.rooms.bodies.exports.members import cards_of
from lotse.rooms.bodies.models import Mandate
from lotse.rooms.bodies.queries import members as reads
from lotse.rooms.bodies.services import mandates
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.body_acts import METHODS, sent, way_to
from lotse.rooms.bodies.views.forming import FormPage, address_of, form_page


@require_safe
@signed_in
def index(request: HttpRequest, uuid: UUID, *, ended: bool = False) -> HttpResponse:
    """The members, one row for each seat: organisation, who speaks for it, who steps in. With
    `ended` the seats that are no more."""
    loaded = frame.load_body(request, uuid, frame.INSIDE)
    body: Body = loaded.obj
    named = {"name": body.short_name or body.name}
    listing = build(
        request,
        title=_("Beendete Mandate: %(name)s") % named if ended
        else _("Mitglieder: %(name)s") % named,
        columns=[
            Column("title", _("Organisation"), 40),
            Column("people", _("Vertreten durch"), 32),
            Column("deputies", _("Stellvertretung"), 32),
            Column("kind", _("Art"), 16),
            Column("vote", _("Stimme"), 10),
            Column("since", _("Seit"), 12),
            Column("until", _("Bis"), 12),
            Column("in_return", _("Gegensitz"), 28),
        ],
        source=reads.members_of(body, ended=ended, actor=loaded.actor),
        rows=_rows,
        search=_search,
        filters=[
            Filter("art", _("Art"), lambda rows, v: [r for r in rows if r.kind == v],
                   Mandate.Kind.choices),
            Filter("stimme", _("Stimme"),
                   lambda rows, v: [r for r in rows if r.with_vote == (v == "ja")],
                   [("ja", _("mit Stimme")), ("nein", _("ohne Stimme"))]),
        ],
        empty=_("Kein Mandat ist beendet.") if ended
        else _("Hier stehen die Mandate des Gremiums. Zurzeit hat niemand eines."),
    )  # fmt: skip
    context = {
        "body": body,
        "ended": ended,
        "way": way_to(body),
        "may_manage": loaded.may(frame.MANAGE),
        "pdf_url": address_of("bodies:members-pdf", body.uuid),
    }
    name = slugify(f"mitglieder-{body.short_name or body.name}")
    return answer(request, listing, "bodies/members.html", context, name=name)


def _rows(found: Sequence[reads.Member]) -> list[Row]:
    return [
        {
            "title": Cell(one.title or _("Sitz einer Person"),
                          reverse("bodies:mandate", args=[one.uuid]), note=one.note),
            "people": one.spoken_for or Cell(_("nicht besetzt"), tone="warn"),
            "deputies": ", ".join(one.deputies),
            "kind": one.kind_label,
            "vote": _("ja") if one.with_vote else _("nein"),
            "since": one.starts_on,
            "until": one.ends_on or "",
            "in_return": one.in_return,
        }
        for one in found
    ]  # fmt: skip


def _search(rows: Sequence[reads.Member], words: str) -> list[reads.Member]:
    wanted = words.casefold()
    return [
        one for one in rows
        if wanted in " ".join(
            [one.organisation, one.short_name, *one.delegates, *one.deputies]
        ).casefold()
    ]  # fmt: skip


@require_safe
@signed_in
def vcard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Contact cards of everybody who holds a seat today."""
    loaded = frame.load_body(request, uuid, frame.INSIDE)
    body: Body = loaded.obj
    name = slugify(f"mitglieder-{body.short_name or body.name}")
    cards = cards_of(body, loaded.actor)
    return paper(cards, name=f"{name}.vcf", media_type=MEDIA_TYPE)


@require_http_methods(METHODS)
@signed_in
def join(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Joins an open body, for an organisation one has a seat in or as a person (S1-15)."""
    loaded = frame.load_body(request, uuid)
    if not loaded.may(frame.JOIN):
        raise NotAllowed(frame.JOIN)
    body: Body = loaded.obj
    own = Organisation.objects.filter(
        pk__in=loaded.actor.organisations(), network=body.network
    )  # fmt: skip
    named = own.order_by(InOrder("name"), "pk").values_list("uuid", "name")
    choices = [(str(key), name) for key, name in named]
    form = forms.JoinForm(
        sent(request), organisations=choices,
        initial={"organisation": choices[0][0] if choices else ""},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> str:
        chosen = data["organisation"]
        mandates.join(
            body, actor=loaded.actor, key=once.key_from(request.POST),
            organisation=own.get(uuid=chosen) if chosen else None,
        )  # fmt: skip
        return reverse("bodies:body", args=[uuid])

    page = FormPage(
        _("Beitreten"), _("Beitreten"), way_to(body), act,
        done=_("Sie sind jetzt Mitglied. Sie können jederzeit wieder austreten."),
        intro=_("Sie treten „%(name)s“ bei, ohne Stimme. Die anderen Mitglieder sehen Ihren Namen "
                "und Ihre Organisation.") % {"name": body.name},
    )  # fmt: skip
    return form_page(request, form, page)


@require_http_methods(METHODS)
@signed_in
def leave(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Leaves a body one joined by oneself."""
    loaded = frame.load_body(request, uuid)
    body: Body = loaded.obj
    if not reads.has_joined(body, loaded.actor):
        raise Http404
    form = forms.LeaveForm(sent(request))

    def act(data: dict[str, Any]) -> str:
        mandates.leave(body, actor=loaded.actor, reason=data["reason"])
        return reverse("bodies:own")

    page = FormPage(
        _("Austreten"), _("Austreten"), way_to(body), act,
        done=_("Sie sind ausgetreten. Ihr Zugang gilt ab sofort nicht mehr."),
        intro=_("Sie treten aus „%(name)s“ aus. Was in Protokollen steht, bleibt. Ist das Gremium "
                "dann noch offen, können Sie wieder beitreten.") % {"name": body.name},
    )  # fmt: skip
    return form_page(request, form, page)
