"""Roles in the network: who has what, until when, by whom and why; and who may do what."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core import clock, once
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.models import RoleGrant
from lotse.foundation.parties.services import roles
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build, shown
from lotse.surfaces.desk import forms
from lotse.surfaces.desk.access import GRANT, Desk, at_desk
from lotse.surfaces.desk.frame import FormPage, Link, form_page, list_page
from lotse.surfaces.desk.queries import people as reads
from lotse.surfaces.desk.queries import rights
from lotse.surfaces.desk.views.invitations import role_choices


def back() -> Link:
    return Link(_("Rollen"), reverse("desk:roles"))


@require_safe
@at_desk()
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who has which role, and how it came to be."""

    def rows(found: Any) -> list[Row]:
        names = reads.names_of([one.granted_by for one in found])
        return [
            {
                "person": Cell(one.person.name, reverse("desk:person", args=[one.person.uuid])),
                "role": Cell(str(one.get_role_display()), note=one.body or ""),
                "since": one.starts_on,
                "until": _until(one),
                "act": _act(one, desk),
                "reason": one.reason,
                "by": names.get(one.granted_by, ""),
            }
            for one in found
        ]

    listing = build(
        request,
        title=_("Rollen"),
        columns=[
            Column("person", _("Person"), 30),
            Column("role", _("Rolle"), 24),
            Column("since", _("Seit"), 12),
            Column("until", _("Bis"), 16),
            Column("reason", _("Grund"), 44),
            Column("by", _("Vergeben von"), 28),
            Column("act", _("Ändern"), on_screen=True),
        ],
        source=reads.grants_of(desk.network, desk.actor),
        rows=rows,
        search=lambda rows, words: rows.filter(person__last_name__icontains=words),
        filters=[
            Filter("rolle", _("Rolle"), lambda rows, v: rows.filter(role=v),
                   RoleGrant.Role.choices),
            Filter("stand", _("Stand"), _narrow, [
                ("jetzt", _("gilt jetzt")), ("bald", _("endet in 30 Tagen")),
                ("vorbei", _("beendet")),
            ]),
        ],
        empty=_("Hier steht, wer welche Rolle im Netzwerk hat. Vergeben Sie die erste."),
    )  # fmt: skip
    actions = [Link(_("Rolle vergeben"), reverse("desk:grant"))] if desk.may_grant else []
    actions.append(Link(_("Wer darf was?"), reverse("desk:rules")))
    return list_page(request, desk, listing, actions=actions, name="rollen")


def _act(one: RoleGrant, desk: Desk) -> Cell:
    if not desk.may_grant or one.ended_at is not None or reads.is_over(one.ends_on):
        return Cell()
    if rights.is_of_body(one):
        return Cell(_("im Gremium"), reverse("bodies:body", args=[one.held_in_uuid]))
    return Cell(_("beenden"), reverse("desk:grant-end", args=[one.uuid]))


def _until(one: RoleGrant) -> Cell:
    if one.ended_at is not None:
        return Cell(_("beendet am %(day)s") % {"day": shown(one.ended_at.date())}, tone="muted")
    if reads.is_over(one.ends_on):
        return Cell(_("beendet am %(day)s") % {"day": shown(one.ends_on)}, tone="muted")
    return Cell(one.ends_on or _("ohne Ende"))


def _narrow(rows: Any, state: str) -> Any:
    if state == "jetzt":
        return rows.filter(reads.held_now())
    if state == "bald":
        return rows.filter(reads.ending_soon())
    return rows.filter(ended_at__isnull=False) | rows.filter(ends_on__lt=clock.today())


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(GRANT, recent=True)
def grant(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Gives a role; nobody gives one to themselves."""
    known = reads.people_of(desk.network, desk.actor).exclude(pk=desk.actor.person or 0)
    form = forms.GrantForm(
        request.POST if request.method == "POST" else None,
        people=reads.choices_of(known),
        roles=role_choices(desk),
        initial={"starts_on": clock.today()},
    )

    def act(data: dict[str, Any]) -> str:
        person = known.get(uuid=data.pop("person"))
        roles.grant_role(
            person, data.pop("role"), actor=desk.actor, network=desk.network,
            key=once.key_from(request.POST), **data,
        )  # fmt: skip
        return reverse("desk:roles")

    page = FormPage(
        _("Rolle vergeben"), _("Rolle vergeben"), back(), act,
        done=_("Die Rolle ist vergeben und steht in der Nachweiskette."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(GRANT, recent=True)
def grant_end(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Ends a role at once."""
    found = get_visible("parties.role.view", desk.actor, uuid,
                        RoleGrant.objects.select_related("person", "network"))  # fmt: skip
    if rights.is_of_body(found):
        # A seat would lose its role and keep its person.
        raise Refused(_("Diese Rolle gehört zu einem Gremium. Beenden Sie sie dort."))
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        roles.end_role(found, actor=desk.actor, expected=version_in(request), reason=data["reason"])
        return reverse("desk:roles")

    page = FormPage(
        _("Rolle beenden"), _("Rolle beenden"), back(), act, version=found.version,
        done=_("Die Rolle ist beendet. Sie gilt ab sofort nicht mehr."),
        intro=f"{found.person.name}: {found.get_role_display()}",
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_safe
@at_desk()
def rules(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every rule in words, and who holds it here now (T09)."""
    grants = reads.grants_of(desk.network, desk.actor).filter(reads.held_now())
    names = rights.holders_in(grants)
    found = rights.rules()

    def rows(items: Any) -> list[Row]:
        return [
            {
                "title": Cell(one.title, note=one.code),
                "sentence": one.sentence,
                "holders": Cell(_holders(one, names), tone="bad" if _open_write(one) else ""),
            }
            for one in items
        ]

    warned = [one for one in found if _open_write(one)]
    notes = []
    if warned:
        title = ngettext("Ein Recht zum Ändern haben auch Menschen ohne Konto",
                         "%(n)s Rechte zum Ändern haben auch Menschen ohne Konto",
                         len(warned)) % {"n": len(warned)}  # fmt: skip
        notes = [("warning", title, ", ".join(one.title for one in warned))]
    listing = build(
        request,
        title=_("Wer darf was?"),
        columns=[
            Column("title", _("Recht"), 36),
            Column("sentence", _("Regel"), 70),
            Column("holders", _("Hat es jetzt"), 60),
        ],
        source=found,
        rows=rows,
        search=_search,
        per_page=200,
    )
    intro = _("Rollen gelten ab dem nächsten Aufruf einer Seite. Ein Datum hinter einem Namen ist "
              "der letzte Tag.")  # fmt: skip
    return list_page(request, desk, listing, intro=intro, notes=notes, name="rechte")


def _open_write(one: rights.RuleRow) -> bool:
    return one.public and one.writes


def _search(items: list[rights.RuleRow], words: str) -> list[rights.RuleRow]:
    wanted = words.casefold()
    return [one for one in items if wanted in f"{one.title} {one.sentence} {one.code}".casefold()]


def _named(role: str, names: list[str]) -> str:
    """The names; of members of bodies, who may be hundreds, how many."""
    if role != RoleGrant.Role.DELEGATE:
        return ", ".join(names)
    return ngettext("%(n)s Mandat", "%(n)s Mandate", len(names)) % {"n": len(names)}


def _holders(one: rights.RuleRow, names: dict[str, list[str]]) -> str:
    if one.public:
        return _("alle, auch ohne Konto")
    parts = [
        f"{rights.role_title(role)}: {_named(role, names[role])}" for role in one.roles
        if role in names
    ]  # fmt: skip
    if one.seats:
        parts.append(_("Personen mit Sitz, für ihre Organisation"))
    if one.own:
        parts.append(_("jede Person, für das Eigene"))
    return "; ".join(parts) or _("zurzeit niemand")
