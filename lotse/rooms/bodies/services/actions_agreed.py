"""What a meeting agrees on becomes measures: of people, organisations, bodies, or all partners."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import reminders, whole
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.parties import Party
from lotse.foundation.parties.models import Body, Organisation, Person
from lotse.rooms.bodies.models import (
    AgendaItem,
    GroupCluster,
    GroupResult,
    Mandate,
    Meeting,
    Outcome,
)
from lotse.rooms.bodies.permissions import holds_now
from lotse.rooms.bodies.services import live

Source = Outcome | GroupResult | GroupCluster
KINDS = ("person", "organisation", "body")


@transaction.atomic
def agree(
    outcome: Source,
    *,
    actor: Actor,
    parties: Sequence[Party] = (),
    title: str,
    due_on: date | None = None,
    due_words: str = "",
    everyone: bool = False,
    members_of: Sequence[Body] = (),
    responsible: str = "",
    reason: str = "",
    key: str = "",
) -> list[Measure]:
    """Measures with this outcome (or result, or cluster of group work) as their origin.

    The first of `parties` is responsible, the others help (S1-10). With `everyone` the measure is
    the body's, with a part for each organisation of the network; with `members_of` for each that
    has a seat in one of these bodies (S4-06). The same `key` again makes nothing and returns what
    it made. Raises NotAllowed (who runs the meeting may), Refused without a title or for parties of
    another network.
    """
    item = item_of(outcome)
    meeting = item.meeting
    require("bodies.meeting.run", actor, meeting)
    title = text.shorten(text.clean_line(title), 200)
    if not title:
        raise Refused(_("Bitte schreiben Sie, was zu tun ist."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.agree:{outcome.uuid}")
    if claim.repeated:
        return list(Measure.objects.filter(uuid__in=claim.answer or []).order_by("pk"))
    fanned_out = everyone or bool(members_of)
    if fanned_out:
        parties = [Party(body=meeting.body_id), *parties]
    _check(parties, meeting.body)
    who: dict[str, Any] = parties[0].fields if parties else {}
    measure = measures.create_measure(
        actor=actor, origin=Ref.to(outcome), part=str(item.uuid), title=title,
        network=meeting.body.network, due_on=due_on,
        due_words=text.shorten(text.clean_line(due_words), 120),
        responsible=text.shorten(text.clean_line(responsible), 200),
        reason=text.clean(reason) or _agreed_in(meeting), helpers=parties[1:], **who,
    )  # fmt: skip
    if fanned_out:
        whole.share_out(measure, _partners(meeting.body, members_of), actor=actor)
    live.touch(meeting.pk)
    claim.remember([str(measure.uuid)])
    return [measure]


@transaction.atomic
def change_agreed(
    measure: Measure,
    source: Source,
    *,
    actor: Actor,
    expected: int,
    helpers: Sequence[Party] | None = None,
    **changes: Any,
) -> None:
    """Changes what was agreed: wording, who, until when, how it stands; its open parts follow.

    Raises NotAllowed, Conflict, Refused without a title, and without a reason for one that is late
    and stays open or gets a later day (X-07).
    """
    meeting = item_of(source).meeting
    require("bodies.meeting.run", actor, meeting)
    party = Party(*(changes.get(f"{name}_id") for name in KINDS))
    _check([party, *(helpers or ())], meeting.body)
    if "title" in changes and not text.clean_line(changes["title"]):
        raise Refused(_("Bitte schreiben Sie, was zu tun ist."))
    after = {"status": measure.status, "delay_reason": measure.delay_reason} | changes
    owes = measure.owes_reason(clock.today()) and after["status"] in Measure.ACTIVE
    if owes and not after["delay_reason"].strip():
        raise Refused(_("Die Maßnahme ist überfällig. Bitte schreiben Sie, warum."))
    told = any(getattr(measure, name) != changes.get(name, getattr(measure, name))
               for name in whole.SHARED)  # fmt: skip
    measures.change_measure(measure, actor=actor, expected=expected, changes=changes)
    if helpers is not None:
        measures.set_helpers(measure, helpers, actor=actor)
    if told:
        whole.follow(measure)
    live.touch(meeting.pk)


@transaction.atomic
def share_with_all(
    measure: Measure, source: Source, *, actor: Actor, key: str, members_of: Sequence[Body] = ()
) -> int:
    """A part for each organisation of the network, or with a seat in one of these bodies, that has
    none yet; returns how many (S4-06). Raises NotAllowed, Refused."""
    meeting = item_of(source).meeting
    require("bodies.meeting.run", actor, meeting)
    claim = once.claim(key, scope=f"bodies.share:{measure.uuid}")
    if claim.repeated:
        return int(claim.answer or 0)
    made = whole.share_out(measure, _partners(meeting.body, members_of), actor=actor)
    live.touch(meeting.pk)
    claim.remember(made)
    return made


@transaction.atomic
def remind_open(measure: Measure, source: Source, *, actor: Actor, key: str) -> int:
    """Mails to the partners that did not answer yet; returns how many were written. Who was
    reminded today is not mailed again. Raises NotAllowed."""
    require("bodies.meeting.run", actor, item_of(source).meeting)
    claim = once.claim(key, scope=f"bodies.remind:{measure.uuid}")
    if claim.repeated:
        return int(claim.answer or 0)
    silent = measure.parts.exclude(whole.answered())
    count = reminders.remind_now(silent, clock.today())
    actionlog.record(
        "measures.measure.parts_reminded", measure, actor=actor, after={"mails": count},
        subject=measure.origin_uuid,
    )  # fmt: skip
    claim.remember(count)
    return count


def _agreed_in(meeting: Meeting) -> str:
    """Who asks, for those who do not see the meeting."""
    day = date_format(timezone.localdate(meeting.starts_at), "SHORT_DATE_FORMAT")
    return _("Vereinbart in: %(body)s, %(day)s") % {"body": meeting.body.name, "day": day}


def item_of(source: Source) -> AgendaItem:
    """The item of the agenda it came about at."""
    if isinstance(source, GroupResult):
        return source.table.item
    return source.item


def _partners(body: Body, members_of: Sequence[Body]) -> Sequence[Organisation]:
    """All organisations of the network, or those with a seat in one of the bodies today."""
    found = Organisation.objects.filter(network=body.network_id)
    if members_of:
        seats = Mandate.objects.filter(holds_now(), body__in=members_of, body__network=body.network)
        found = found.filter(pk__in=seats.exclude(kind=Mandate.Kind.GUEST).values("organisation"))
    return list(found.order_by("name", "pk"))


def _check(parties: Sequence[Party], body: Body) -> None:
    """Organisations and bodies of the body's own network; people who exist. One query a kind."""
    wanted: dict[str, set[int]] = {kind: set() for kind in KINDS}
    for one in parties:
        for name, keys in wanted.items():
            if (pk := getattr(one, name)) is not None:
                keys.add(pk)
    network: Any = body.network_id
    known = {
        "person": Person.objects.filter(erased_at=None),
        "organisation": Organisation.objects.filter(network=network),
        "body": Body.objects.filter(network=network),
    }
    for name, keys in wanted.items():
        if keys and known[name].filter(pk__in=keys).count() != len(keys):
            raise Refused(_("Das gehört zu einem anderen Netzwerk: bitte wählen Sie neu."))
