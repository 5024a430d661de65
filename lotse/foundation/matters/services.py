"""Writes to matters: begun, changed, closed, tied to things, merged, split."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.lines import Line, line_of
from lotse.foundation.matters.models import Knot, Matter
from lotse.foundation.matters.permissions import keeps_in
from lotse.foundation.parties.models import Network

KEEP = "matters.matter.keep"
State = Matter.State
# Where a matter may go from where it stands.
WAYS: dict[str, tuple[str, ...]] = {
    State.OPEN: (State.RESTING, State.CLOSED),
    State.RESTING: (State.OPEN, State.CLOSED),
    State.CLOSED: (State.OPEN,),
}
MOST_KNOTS = 300


@transaction.atomic
def start_matter(
    network: Network, *, actor: Actor, title: str, summary: str = "",
    started_on: date | None = None, ref: Ref | None = None, key: str = "",
) -> Matter:  # fmt: skip
    """A new matter, with the thing it begins with.

    Raises NotAllowed, Refused without a title or for a thing the actor may not see.
    """
    if not keeps_in(actor, network.pk):
        raise NotAllowed(KEEP)
    claim = once.claim(key or once.new_key(), scope=f"matters.matter:{network.uuid}:{actor.ref}")
    if claim.repeated:
        return Matter.objects.get(uuid=claim.answer)
    matter = Matter.objects.create(
        network=network, title=_titled(title), summary=text.clean(summary),
        started_on=started_on or clock.today(),
    )  # fmt: skip
    actionlog.record("matters.matter.started", matter, actor=actor, after={"title": matter.title})
    if ref is not None:
        _tie(matter, ref, actor)
    claim.remember(str(matter.uuid))
    return matter


@transaction.atomic
def change_matter(
    matter: Matter, *, actor: Actor, expected: int, title: str, summary: str, started_on: date
) -> None:
    """Other words or another beginning. Raises NotAllowed, Conflict, Refused."""
    require(KEEP, actor, matter)
    _require_here(matter)
    changes: dict[str, Any] = {
        "title": _titled(title), "summary": text.clean(summary), "started_on": started_on,
    }  # fmt: skip
    if matter.closed_on is not None and started_on > matter.closed_on:
        raise Refused(_("Der Beginn liegt nach dem Ende des Vorgangs."))
    before = {name: _plain(getattr(matter, name)) for name in changes}
    update_versioned(matter, expected=expected, **changes)
    after = {name: _plain(value) for name, value in changes.items()}
    actionlog.record("matters.matter.changed", matter, actor=actor, before=before, after=after)


@transaction.atomic
def move_matter(matter: Matter, *, actor: Actor, expected: int, state: str) -> None:
    """Lets a matter rest, closes it, opens it again. Raises NotAllowed, Conflict, Refused for a
    way that there is not."""
    require(KEEP, actor, matter)
    _require_here(matter)
    if state not in WAYS[matter.state]:
        raise Refused(_("Von „%(state)s“ führt dieser Weg nicht weiter. Laden Sie die Seite neu.")
                      % {"state": matter.get_state_display()})  # fmt: skip
    before = matter.state
    closed = clock.today() if state == State.CLOSED else None
    update_versioned(matter, expected=expected, state=state, closed_on=closed)
    actionlog.record(
        "matters.matter.moved", matter, actor=actor, before={"state": before},
        after={"state": state},
    )  # fmt: skip


@transaction.atomic
def tie(matter: Matter, *, actor: Actor, ref: Ref) -> Knot:
    """Takes a thing into a matter; once in there, it stays as it is.

    Raises NotAllowed, Refused for a closed matter, or a thing the actor may not see.
    """
    require(KEEP, actor, matter)
    require_open(matter)
    return _tie(matter, ref, actor)


@transaction.atomic
def untie(knot: Knot, *, actor: Actor) -> None:
    """Takes a thing out of its matter; the thing itself stays. Raises NotAllowed, Refused."""
    require(KEEP, actor, knot.matter)
    require_open(knot.matter)
    actionlog.record(
        "matters.knot.untied", knot, actor=actor, subject=knot.matter.uuid,
        before={"type": knot.ref_type, "uuid": str(knot.ref_uuid)},
    )  # fmt: skip
    knot.delete()


@transaction.atomic
def merge_matter(matter: Matter, *, actor: Actor, expected: int, into: Matter) -> None:
    """All that hangs in `matter` hangs in `into` afterwards; `matter` stays as a signpost.

    Raises NotAllowed, Conflict, Refused for itself, another network or a merged one.
    """
    require(KEEP, actor, matter)
    require(KEEP, actor, into)
    _hold(Q(pk__in=(matter.pk, into.pk)) | Q(merged_into=matter), matter, into)
    _require_here(matter)
    _require_here(into)
    if into.pk == matter.pk or into.network_id != matter.network_id:
        raise Refused(_("Bitte wählen Sie einen anderen Vorgang dieses Netzwerks."))
    update_versioned(
        matter, expected=expected, merged_into=into, state=State.CLOSED, closed_on=clock.today()
    )
    update_versioned(into, expected=into.version)
    _move_all(matter, into)
    # Whoever was led to the merged one is led on in one step.
    Matter.objects.filter(merged_into=matter).update(merged_into=into)
    actionlog.record("matters.matter.merged", matter, actor=actor, after={"into": str(into.uuid)})


def _move_all(matter: Matter, into: Matter) -> None:
    """Knots that are not there yet, and the steps behind those that are. Call with both held."""
    there = set(into.knots.values_list("ref_type", "ref_uuid"))
    for knot in matter.knots.order_by("pk"):
        if (knot.ref_type, knot.ref_uuid) in there:
            knot.delete()
        else:
            update_versioned(knot, expected=knot.version, matter=into)
    place = next_place(into)
    for more, step in enumerate(matter.steps.order_by("position", "pk")):
        update_versioned(step, expected=step.version, matter=into, position=place + more)


def next_place(matter: Matter) -> int:
    """The place of a new step behind all others. One query; call with the matter held."""
    last = matter.steps.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


@transaction.atomic
def split_matter(
    matter: Matter, *, actor: Actor, expected: int, title: str, knots: Collection[UUID],
    key: str = "",
) -> Matter:  # fmt: skip
    """A new matter with the chosen knots of this one. Raises NotAllowed, Conflict, Refused where
    nothing, or something of another matter, is chosen."""
    require(KEEP, actor, matter)
    claim = once.claim(key or once.new_key(), scope=f"matters.split:{matter.uuid}:{actor.ref}")
    if claim.repeated:
        return Matter.objects.get(uuid=claim.answer)
    require_open(matter)
    title = _titled(title)
    chosen = list(matter.knots.filter(uuid__in=knots).order_by("at", "pk"))
    if not chosen or len(chosen) != len(set(knots)):
        raise Refused(_("Bitte wählen Sie, was in den neuen Vorgang kommt."))
    update_versioned(matter, expected=expected)
    begun = min([clock.today(), *(timezone.localdate(knot.at) for knot in chosen)])
    new = Matter.objects.create(network=matter.network, title=title, started_on=begun)
    for knot in chosen:
        update_versioned(knot, expected=knot.version, matter=new)
    actionlog.record(
        "matters.matter.split", new, actor=actor, subject=matter.uuid,
        after={"title": title, "from": str(matter.uuid), "knots": len(chosen)},
    )  # fmt: skip
    claim.remember(str(new.uuid))
    return new


def require_open(matter: Matter) -> None:
    """Raises Refused where nothing can be added any more. What it says holds until the transaction
    ends: nobody merges or closes the matter meanwhile. One query."""
    _hold(Q(pk=matter.pk), matter)
    _require_here(matter)
    if matter.state == State.CLOSED:
        raise Refused(
            _("Dieser Vorgang ist abgeschlossen. Öffnen Sie ihn wieder, um ihn zu ändern.")
        )


def _hold(rows: Q, *matters: Matter) -> None:
    """Locks matters, always in the order of their keys, until the transaction ends, and reads anew
    where these stand: of two who merge them into each other, the second finds it done. One query.
    """
    found = Matter.objects.select_for_update(no_key=True).filter(rows).order_by("pk")
    held = {row.pk: row for row in found}
    for matter in matters:
        if (now := held.get(matter.pk)) is None:
            raise Conflict(None)  # deleted meanwhile
        matter.state, matter.closed_on, matter.version = now.state, now.closed_on, now.version
        matter.merged_into_id = now.merged_into_id


def _require_here(matter: Matter) -> None:
    if matter.merged_into_id is not None:
        raise Refused(_("Dieser Vorgang ist in einem anderen aufgegangen. Ändern Sie jenen."))


def _tie(matter: Matter, ref: Ref, actor: Actor) -> Knot:
    found = matter.knots.filter(ref_type=ref.type, ref_uuid=ref.uuid).first()
    if found is not None:
        return found
    line = _line(matter, ref, actor)
    if matter.knots.count() >= MOST_KNOTS:
        raise Refused(_("In einen Vorgang gehen höchstens %(most)s Dinge. Bitte teilen Sie ihn.")
                      % {"most": MOST_KNOTS})  # fmt: skip
    # Two people may tie the same thing at once: one of them finds it.
    knot, made = Knot.objects.get_or_create(
        matter=matter, ref_type=ref.type, ref_uuid=ref.uuid,
        defaults={"at": line.at, "title": text.shorten(line.title, 300), "added_by": actor.ref},
    )  # fmt: skip
    if made:
        actionlog.record(
            "matters.knot.tied", knot, actor=actor, subject=matter.uuid,
            after={"type": ref.type, "uuid": str(ref.uuid)},
        )  # fmt: skip
    return knot


def _line(matter: Matter, ref: Ref, actor: Actor) -> Line:
    line = line_of(actor, ref)
    if line is None or line.network != matter.network_id:
        raise Refused(_("Das gibt es in diesem Netzwerk nicht, oder es ist nicht für Sie."))
    return line


def _titled(title: str) -> str:
    title = text.clean_line(title)
    if not title:
        raise Refused(_("Bitte geben Sie dem Vorgang einen Titel."))
    return text.shorten(title, 200)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
