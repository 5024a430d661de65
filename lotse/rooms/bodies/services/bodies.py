"""Writes to bodies: what they are for, their rules, who chairs and who takes minutes."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import SYSTEM, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import has, require
from lotse.foundation.core.ref import Ref
from lotse.foundation.parties.models import Body, Network, Person, RoleGrant
from lotse.foundation.parties.services import roles
from lotse.rooms.bodies import mails_seats
from lotse.rooms.bodies.models import Charter, Happening
from lotse.rooms.bodies.permissions import not_over
from lotse.rooms.bodies.services import mandates

OFFICES = (RoleGrant.Role.CHAIR, RoleGrant.Role.MINUTE_TAKER)
OWN_FIELDS = ("name", "short_name", "kind", "parent", "state")


@transaction.atomic
def create_body(network: Network, *, actor: Actor, key: str = "", **values: Any) -> Body:
    """A new body with its charter. `values` are fields of both.

    Raises NotAllowed (the office's), Refused for a parent of another network or rules that do not
    fit together.
    """
    if not actor.trusted and not has("parties.network.edit", actor, network):
        raise NotAllowed("bodies.body.manage")
    claim = once.claim(key or once.new_key(), scope=f"bodies.body:{network.uuid}")
    if claim.repeated:
        return Body.objects.get(uuid=claim.answer)
    own, rules = _split(values)
    body = Body(network=network, **own)
    _check_parent(body)
    _check_rules(Charter(**rules))
    body.save(force_insert=True)
    charter = Charter.objects.create(body=body, **rules)
    with override(settings.LANGUAGE_CODE):
        _happened(body, _("Angelegt"), actor, on=charter.founded_on or clock.today())
    actionlog.record("bodies.body.created", body, actor=actor, after={"name": body.name})
    claim.remember(str(body.uuid))
    return body


@transaction.atomic
def change_body(body: Body, *, actor: Actor, expected: int, **values: Any) -> None:
    """Changes a body and its charter together; a line of its history says what (S2-07).

    `expected` is the version of the body. Raises NotAllowed, Conflict, Refused for a parent of
    another network or one below itself, or rules that do not fit together.
    """
    require("bodies.body.manage", actor, body)
    own, rules = _split(values)
    charter = body.charter
    before = {name: getattr(body, name) for name in own} | {
        name: getattr(charter, name) for name in rules
    }
    changed = {name: value for name, value in values.items() if before[name] != value}
    for name in own:
        setattr(body, name, own[name])
    for name, value in rules.items():
        setattr(charter, name, value)
    _check_parent(body)
    _check_rules(charter)
    update_versioned(body, expected=expected, **own)
    if rules:
        update_versioned(charter, expected=charter.version, **rules)
    if changed:
        with override(settings.LANGUAGE_CODE):
            named = ", ".join(str(_label(name)) for name in changed)
            _happened(body, _("Geändert: %(what)s") % {"what": named}, actor)
    actionlog.record(
        "bodies.body.changed", body, actor=actor,
        before={name: _plain(before[name]) for name in changed},
        after={name: _plain(value) for name, value in changed.items()},
    )  # fmt: skip


def _happened(
    body: Body, title: str, actor: Actor, *, on: date | None = None, text_: str = ""
) -> None:
    """A line of the history that the act itself writes, in the language of the installation,
    whatever language the page had."""
    Happening.objects.create(
        body=body, on=on or clock.today(), title=text.shorten(title, 200), text=text_, by=actor.ref
    )


def _split(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    own = {name: value for name, value in values.items() if name in OWN_FIELDS}
    return own, {name: value for name, value in values.items() if name not in own}


def _label(name: str) -> Any:
    model = Body if name in OWN_FIELDS else Charter
    return getattr(model._meta.get_field(name), "verbose_name", name)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value.uuid) if isinstance(value, Body) else value


def _check_parent(body: Body) -> None:
    above, seen = body.parent, 0
    while above is not None:
        if above.network_id != body.network.pk:
            raise Refused(_("Das übergeordnete Gremium gehört zu einem anderen Netzwerk."))
        if above.pk == body.pk or seen > 20:
            raise Refused(_("Ein Gremium kann nicht unter sich selbst stehen."))
        above, seen = above.parent, seen + 1


def _check_rules(charter: Charter) -> None:
    if charter.is_open and charter.level == Charter.Level.BODY:
        raise Refused(_("Wer selbst beitreten soll, muss das Gremium sehen. Wählen Sie bei "
                        "„Wer liest?“ das Netzwerk oder alle."))  # fmt: skip
    if charter.quorum == Charter.Quorum.SHARE and not 1 <= charter.quorum_value <= 100:
        raise Refused(_("Ein Anteil liegt zwischen 1 und 100 Prozent."))
    if charter.quorum == Charter.Quorum.COUNT and charter.quorum_value < 1:
        raise Refused(_("Nennen Sie für die Beschlussfähigkeit mindestens ein Mandat."))


@transaction.atomic
def set_state(
    body: Body, *, actor: Actor, expected: int, state: str, reason: str, close_seats: bool = False
) -> None:  # fmt: skip
    """Lets a body rest, end, or work again; its history says why. With `close_seats` an ended body
    loses all seats and offices at once, else its members go on reading it.

    Raises NotAllowed, Conflict, Refused without a reason or for the state it has.
    """
    require("bodies.body.manage", actor, body)
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: er steht später im Protokoll."))
    if state not in Body.State.values or state == body.state:
        raise Refused(_("Dieser Stand gilt schon."))
    before = body.state
    update_versioned(body, expected=expected, state=state)
    with override(settings.LANGUAGE_CODE):
        named = _("Stand: %(state)s") % {"state": Body.State(state).label}
        _happened(body, named, actor, text_=reason)
    actionlog.record(
        "bodies.body.state_set", body, actor=actor, before={"state": before},
        after={"state": state, "reason": reason, "seats_closed": close_seats},
    )  # fmt: skip
    if state == Body.State.ENDED and close_seats:
        mandates.end_all(body, actor=actor, reason=reason)
        for grant in held_offices(body):
            roles.end_role(grant, actor=SYSTEM, expected=grant.version, reason=reason)


def held_offices(body: Body) -> list[RoleGrant]:
    """Chairs and minute takers of now and later. One query."""
    return list(
        RoleGrant.objects.filter(
            not_over(), role__in=OFFICES,
            held_in_uuid=body.uuid, ended_at=None,
        ).select_related("person", "network").order_by("pk")
    )  # fmt: skip


@transaction.atomic
def note_happening(
    body: Body, *, actor: Actor, on: date, title: str, text_: str = "", key: str = ""
) -> Happening:
    """A line of a body's history written by hand (S2-07). Raises NotAllowed, Refused without
    words."""
    require("bodies.body.manage", actor, body)
    claim = once.claim(key or once.new_key(), scope=f"bodies.happening:{body.uuid}")
    if claim.repeated:
        return Happening.objects.get(uuid=claim.answer)
    title = text.clean_line(title)
    if not title:
        raise Refused(_("Bitte schreiben Sie, was geschah."))
    happening = Happening.objects.create(
        body=body, on=on, title=title, text=text.clean(text_), by=actor.ref
    )
    actionlog.record(
        "bodies.happening.noted", happening, actor=actor, subject=body.uuid, after={"title": title}
    )
    claim.remember(str(happening.uuid))
    return happening


@transaction.atomic
def appoint(
    body: Body,
    person: Person,
    role: str,
    *,
    actor: Actor,
    starts_on: date | None = None,
    ends_on: date | None = None,
    key: str = "",
) -> RoleGrant:
    """Makes somebody chair or minute taker of a body. Its right ends with the role, at the next
    request. Raises NotAllowed (nobody appoints themselves), Refused for another role, somebody who
    has this one, or who cannot be chosen."""
    if role not in OFFICES:
        raise Refused(_("Dieses Amt gibt es in einem Gremium nicht."))
    require("bodies.body.manage", actor, body)
    if actor.person == person.pk and not actor.trusted:
        raise NotAllowed("bodies.body.manage")
    if body.state == Body.State.ENDED:
        raise Refused(_("Dieses Gremium ist beendet."))
    if person.erased_at or person.merged_into_id:
        raise Refused(_("Diese Person gibt es nicht mehr."))
    known = bool(key) and once.is_finished(key, scope=f"parties.grant:{person.uuid}")
    held = any(one.person_id == person.pk and one.role == role for one in held_offices(body))
    if held and not known:
        raise Refused(_("Diese Person hat dieses Amt schon."))
    grant = _grant(body, person, role, actor=actor, starts_on=starts_on, ends_on=ends_on, key=key)
    if not known:
        mails_seats.tell_office(grant, body, actor=actor)
    return grant


def _grant(
    body: Body, person: Person, role: str, *, actor: Actor, starts_on: date | None,
    ends_on: date | None, key: str = "",
) -> RoleGrant:  # fmt: skip
    return roles.grant_role(
        person, role, actor=SYSTEM, network=body.network, held_in=Ref.to(body), key=key,
        reason=_("Gremium: %(name)s") % {"name": body.name}, starts_on=starts_on, ends_on=ends_on,
        granted_by=actor.ref,
    )  # fmt: skip


@transaction.atomic
def dismiss(grant: RoleGrant, *, actor: Actor, reason: str) -> None:
    """Ends an office in a body. Raises NotAllowed, Refused without a reason or for an ended one."""
    if grant.held_in_uuid is None or grant.role not in OFFICES:
        raise Refused(_("Dieses Amt gibt es in einem Gremium nicht."))
    body = Body.objects.get(uuid=grant.held_in_uuid)
    require("bodies.body.manage", actor, body)
    roles.end_role(grant, actor=SYSTEM, expected=grant.version, reason=reason)
    actionlog.record("bodies.body.role_ended", body, actor=actor, subject=grant.person.uuid)
