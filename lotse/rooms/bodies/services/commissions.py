"""Writes to commissions: what a body is told to do, and what became of it (S1-16, S4-11)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import Commission

# What the body itself says of a commission; the rest is the office's to change.
REPORTED = ("state", "result")
ASKED = ("title", "text", "given_by", "given_on", "due_on")


@transaction.atomic
def give_commission(
    body: Body, *, actor: Actor, title: str, key: str = "", **values: Any
) -> Commission:
    """Tells a body to do something; it may have several at a time. `values` are the fields of
    `ASKED`.

    Raises NotAllowed, Refused for an ended body, without a title, for a giver of another network
    or an end before the beginning.
    """
    require("bodies.body.manage", actor, body)
    claim = once.claim(key or once.new_key(), scope=f"bodies.commission:{body.uuid}")
    if claim.repeated:
        return Commission.objects.get(uuid=claim.answer)
    if body.state == Body.State.ENDED:
        raise Refused(_("Dieses Gremium ist beendet."))
    values = {name: value for name, value in values.items() if name in ASKED and value is not None}
    commission = Commission(body=body, title=text.clean_line(title), **values)
    _check(commission)
    commission.save(force_insert=True)
    actionlog.record(
        "bodies.commission.given", commission, actor=actor, subject=body.uuid,
        after={"title": commission.title},
    )  # fmt: skip
    claim.remember(str(commission.uuid))
    return commission


@transaction.atomic
def change_commission(
    commission: Commission, *, actor: Actor, expected: int, **values: Any
) -> None:
    """Changes a commission. State and result are the chair's and the minute taker's to say, too.

    Raises NotAllowed, Conflict, Refused as `give_commission`, and for a done one without a result.
    """
    body = commission.body
    values = {name: value for name, value in values.items() if name in (*REPORTED, *ASKED)}
    changed = {name: value for name, value in values.items() if getattr(commission, name) != value}
    beyond = any(name in ASKED for name in changed)
    require("bodies.body.manage" if beyond else "bodies.body.run", actor, body)
    before = {name: getattr(commission, name) for name in changed}
    for name, value in changed.items():
        setattr(commission, name, value)
    _check(commission)
    update_versioned(commission, expected=expected, **changed)
    actionlog.record(
        "bodies.commission.changed", commission, actor=actor, subject=body.uuid,
        before=_loggable(before), after=_loggable(changed),
    )  # fmt: skip


def _check(commission: Commission) -> None:
    if not commission.title:
        raise Refused(_("Bitte schreiben Sie, was der Auftrag ist."))
    giver = commission.given_by
    if giver is not None and giver.network_id != commission.body.network_id:
        raise Refused(_("Dieses Gremium gehört zu einem anderen Netzwerk."))
    if commission.due_on is not None and commission.due_on < commission.given_on:
        raise Refused(_("Das Ende liegt vor dem Anfang."))
    if commission.state == Commission.State.DONE and not commission.result:
        raise Refused(_("Bitte schreiben Sie, was das Ergebnis ist."))


def _loggable(values: dict[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return str(value.uuid) if isinstance(value, Body) else value

    return {name: plain(value) for name, value in values.items()}
