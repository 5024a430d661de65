"""Writes to bodies: what they are for, their rules, who chairs and who takes minutes."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import SYSTEM, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import has, require
from lotse.foundation.core.ref import Ref
from lotse.foundation.parties.models import Body, Network, Person, RoleGrant
from lotse.foundation.parties.services import roles
from lotse.rooms.bodies.models import Charter, Happening

OWN_FIELDS = ("name", "short_name", "kind", "parent", "state")


@transaction.atomic
def create_body(network: Network, *, actor: Actor, key: str = "", **values: Any) -> Body:
    """A new body with its charter. `values` are fields of both.

    Raises NotAllowed (the office's), Refused for a parent of another network.
    """
    if not actor.trusted and not has("parties.network.edit", actor, network):
        raise NotAllowed("bodies.body.manage")
    claim = once.claim(key or once.new_key(), scope=f"bodies.body:{network.uuid}")
    if claim.repeated:
        return Body.objects.get(uuid=claim.answer)
    own, rules = _split(values)
    body = Body(network=network, **own)
    _check_parent(body)
    body.save(force_insert=True)
    charter = Charter.objects.create(body=body, **rules)
    Happening.objects.create(
        body=body, on=charter.founded_on or clock.today(), title=_("Angelegt"), by=actor.ref
    )
    actionlog.record("bodies.body.created", body, actor=actor, after={"name": body.name})
    claim.remember(str(body.uuid))
    return body


@transaction.atomic
def change_body(body: Body, *, actor: Actor, expected: int, **values: Any) -> None:
    """Changes a body and its charter together; a line of its history says what (S2-07).

    `expected` is the version of the body. Raises NotAllowed, Conflict, Refused for a parent of
    another network or one below itself.
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
    _check_parent(body)
    update_versioned(body, expected=expected, **own)
    if rules:
        update_versioned(charter, expected=charter.version, **rules)
    if changed:
        named = ", ".join(str(_label(name)) for name in changed)
        Happening.objects.create(
            body=body, title=text.shorten(_("Geändert: %(what)s") % {"what": named}, 200),
            by=actor.ref,
        )  # fmt: skip
    actionlog.record(
        "bodies.body.changed", body, actor=actor,
        before={name: _plain(before[name]) for name in changed},
        after={name: _plain(value) for name, value in changed.items()},
    )  # fmt: skip


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
    request. Raises NotAllowed (nobody appoints themselves), Refused for another role."""
    if role not in (RoleGrant.Role.CHAIR, RoleGrant.Role.MINUTE_TAKER):
        raise Refused(_("Dieses Amt gibt es in einem Gremium nicht."))
    require("bodies.body.manage", actor, body)
    if actor.person == person.pk and not actor.trusted:
        raise NotAllowed("bodies.body.manage")
    if body.state == Body.State.ENDED:
        raise Refused(_("Dieses Gremium ist beendet."))
    return _grant(body, person, role, actor=actor, starts_on=starts_on, ends_on=ends_on, key=key)


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
    if grant.held_in_uuid is None:
        raise Refused(_("Dieses Amt gibt es in einem Gremium nicht."))
    body = Body.objects.get(uuid=grant.held_in_uuid)
    require("bodies.body.manage", actor, body)
    roles.end_role(grant, actor=SYSTEM, expected=grant.version, reason=reason)
    actionlog.record("bodies.body.role_ended", body, actor=actor, subject=grant.person.uuid)
