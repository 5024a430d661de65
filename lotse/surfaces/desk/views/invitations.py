"""Invitations: sent, open, accepted, run out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import clock, once
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.models import Invitation, Organisation, RoleGrant
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.parties.services import invitations, invitations_again, inviters
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build, shown
from lotse.surfaces.desk import forms
from lotse.surfaces.desk.access import EDIT, Desk, at_desk
from lotse.surfaces.desk.frame import (
    FormPage,
    Line,
    Link,
    Section,
    form_page,
    list_page,
)
from lotse.surfaces.desk.queries import people as reads
from lotse.surfaces.desk.views.detail import detail_page

MANAGE = "parties.invitation.manage"


def back() -> Link:
    return Link(_("Einladungen"), reverse("desk:invitations"))


def _state(one: Invitation) -> tuple[str, str]:
    """(word, tone)."""
    if one.accepted_at is not None:
        return _("angenommen"), "good"
    if one.revoked_at is not None:
        return _("zurückgezogen"), "muted"
    return (_("offen"), "") if one.expires_at > clock.now() else (_("abgelaufen"), "warn")


def _narrow(rows: Any, state: str) -> Any:
    if state == "offen":
        return rows.filter(reads.open_invitations())
    if state == "angenommen":
        return rows.exclude(accepted_at=None)
    if state == "zurueckgezogen":
        return rows.exclude(revoked_at=None)
    return rows.filter(accepted_at=None, revoked_at=None, expires_at__lte=clock.now())


def _purpose(one: Invitation) -> str:
    what = [one.organisation.name if one.organisation else "",
            str(one.get_role_display()) if one.role else ""]  # fmt: skip
    return ", ".join(filter(None, what)) or _("Netzwerk")


@require_safe
@at_desk()
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who was invited to what, and what became of it."""

    def rows(found: Any) -> list[Row]:
        names = reads.names_of([one.invited_by for one in found])
        return [
            {
                "email": Cell(one.email, reverse("desk:invitation", args=[one.uuid])),
                "purpose": _purpose(one),
                "state": Cell(_state(one)[0], tone=_state(one)[1]),
                "until": one.expires_at,
                "by": names.get(one.invited_by, ""),
            }
            for one in found
        ]

    listing = build(
        request,
        title=_("Einladungen"),
        columns=[
            Column("email", _("Adresse"), 36),
            Column("purpose", _("Wozu"), 40),
            Column("state", _("Stand"), 16),
            Column("until", _("Gilt bis"), 18),
            Column("by", _("Von"), 28),
        ],
        source=reads.invitations_of(desk.network, desk.actor),
        rows=rows,
        search=lambda rows, words: rows.filter(email__icontains=words),
        filters=[
            Filter("stand", _("Stand"), _narrow, [
                ("offen", _("offen")), ("angenommen", _("angenommen")),
                ("abgelaufen", _("abgelaufen")), ("zurueckgezogen", _("zurückgezogen")),
            ]),
        ],
        empty=_("Hier steht, wen Sie eingeladen haben. Laden Sie die erste Person ein."),
    )  # fmt: skip
    add = Link(_("Jemanden einladen"), reverse("desk:invite"))
    return list_page(
        request, desk, listing, actions=[add] if desk.may_edit else [], name="einladungen",
        intro=_("Eine Einladung gilt 14 Tage, einmal und nur für die eingeladene Adresse."),
    )  # fmt: skip


def role_choices(desk: Desk) -> list[tuple[str, Any]]:
    """Roles the actor may give in a network; the operator's only the operator. Those of a body
    are given at the body."""
    operator = RoleGrant.Role.OPERATOR
    return [
        (value, label) for value, label in RoleGrant.Role.choices
        if value not in RoleGrant.OF_BODIES and (desk.is_operator or value != operator)
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Invites one address to a seat, a role, or both."""
    form = forms.InviteForm(
        request.POST if request.method == "POST" else None,
        organisations=reads.organisation_choices(desk.network),
        roles=role_choices(desk),
        initial={"organisation": request.GET.get("organisation", "")},
    )

    def act(data: dict[str, Any]) -> str:
        chosen = data.pop("organisation")
        organisation = (
            Organisation.objects.select_related("network").get(
                uuid=chosen, network=desk.network
            ) if chosen else None
        )  # fmt: skip
        invitations.invite(
            desk.network, actor=desk.actor, key=once.key_from(request.POST),
            organisation=organisation, **data,
        )  # fmt: skip
        return reverse("desk:invitations")

    page = FormPage(
        _("Jemanden einladen"), _("Einladung senden"), back(), act,
        done=_("Die Einladung ist unterwegs."),
        intro=_("Die Person bekommt eine Mail mit einem Link. Sie meldet sich an oder legt ein "
                "Konto an und nimmt an; erst dann hat sie Sitz und Rolle."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _load(desk: Desk, uuid: UUID) -> Invitation:
    return get_visible(
        MANAGE, desk.actor, uuid,
        alive(Invitation.objects.select_related("organisation", "network", "accepted_by")),
    )  # fmt: skip


@require_safe
@at_desk()
def detail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One invitation, to send again or to take back."""
    found = _load(desk, uuid)
    word, _tone = _state(found)
    inviter = reads.names_of([found.invited_by])
    facts = [
        (_("Stand"), word),
        (_("Wozu"), _purpose(found)),
        (_("Name"), f"{found.first_name} {found.last_name}".strip()),
        (_("Funktion"), found.function),
        (_("Grund"), found.reason),
        (_("Eingeladen am"), shown(found.created_at)),
        (_("Von"), inviter.get(found.invited_by, "")),
        (_("Gilt bis"), shown(found.expires_at)),
    ]
    lines = []
    if found.accepted_by is not None:
        person = found.accepted_by
        lines.append(Line(person.name, shown(found.accepted_at), "",
                          reverse("desk:person", args=[person.uuid])))  # fmt: skip
    sections = [Section("angenommen", _("Angenommen von"), lines, _("Noch niemand."))]
    posts, notes = [], []
    if found.accepted_at is None and found.revoked_at is None:
        if not inviters.is_backed(found):
            notes = [_unbacked()]
        posts = [
            Link(_("Erneut senden"), reverse("desk:invitation-again", args=[uuid])),
            Link(_("Zurückziehen"), reverse("desk:invitation-revoke", args=[uuid])),
        ]
    return detail_page(request, desk, title=found.email, back=back(), facts=facts,
                       sections=sections, posts=posts, notes=notes,
                       version=found.version)  # fmt: skip


def _unbacked() -> tuple[str, str, str]:
    """The note where the sender may not invite any more."""
    what = _("Wer sie gesendet hat, darf das inzwischen nicht mehr. Senden Sie sie erneut, dann "
             "gilt sie in Ihrem Namen, oder ziehen Sie sie zurück.")  # fmt: skip
    return "warning", _("Diese Einladung lässt sich nicht annehmen"), what


@require_POST
@at_desk()
def again(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """A new link in place of the old one."""
    found = _load(desk, uuid)
    invitations_again.send_again(found, actor=desk.actor, expected=version_in(request))
    messages.success(request, _("Die Einladung ist noch einmal unterwegs. Der alte Link gilt "
                                "nicht mehr."))  # fmt: skip
    return redirect("desk:invitation", uuid)


@require_POST
@at_desk()
def revoke(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Takes an invitation back."""
    found = _load(desk, uuid)
    invitations.revoke(found, actor=desk.actor, expected=version_in(request))
    messages.success(request, _("Die Einladung ist zurückgezogen. Ihr Link gilt nicht mehr."))
    return redirect("desk:invitation", uuid)
