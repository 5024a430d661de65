"""What pages show of erasures: the list, one request with its report, who may confirm it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import has
from lotse.foundation.parties.models import Erasure, Network, Person
from lotse.foundation.parties.privacy import policy
from lotse.foundation.parties.privacy.erasure import (
    OPEN,
    State,
    dry_run,
    is_due,
    is_second,
    others,
)
from lotse.foundation.parties.privacy.retention import alive


@dataclass(frozen=True)
class Row:
    """One line of the office's list."""

    uuid: str
    person: str
    asked: str
    by: str
    state: str
    note: str


def requests_in(network: Network) -> list[Row]:
    """All requests of a network, the open ones first, then the newest. Two queries."""
    found = list(
        alive(Erasure.objects.filter(network=network)).select_related("person", "person__account")
    )
    found.sort(key=lambda one: (one.state not in OPEN, -one.pk))
    names = names_of([one.asked_by for one in found] + [one.confirmed_by for one in found])
    return [_row(one, names) for one in found]


def _row(one: Erasure, names: dict[str, str]) -> Row:
    note = ""
    if one.state == State.ASKED:
        # One month (art. 12(3)); thirty days are never later.
        day = timezone.localtime(one.asked_at) + timedelta(days=30)
        note = _("bis %(day)s zu bearbeiten") % {"day": f"{day:%d.%m.%Y}"}
    elif one.state == State.CONFIRMED and one.not_before is not None:
        note = _("wartet bis %(until)s") % {"until": _moment(one.not_before)}
    elif one.state == State.DONE and one.done_at is not None:
        note = _("am %(day)s") % {"day": _moment(one.done_at)}
    return Row(
        uuid=str(one.uuid),
        person=one.person.name if one.person else "–",
        asked=_moment(one.asked_at),
        by=names.get(one.asked_by, one.asked_by),
        state=str(State(one.state).label),
        note=note,
    )


def names_of(refs: list[str]) -> dict[str, str]:
    """Names of actors, as far as the accounts still exist. One query."""
    known = {"command": _("Betrieb (Befehl)"), "system": _("Lotse selbst")}
    uuids = {ref.partition(":")[2] for ref in refs if ref.startswith("account:")}
    found = dict.fromkeys((f"account:{uuid}" for uuid in uuids), _("ehemaliges Konto"))
    people = Person.objects.filter(account__uuid__in=uuids).select_related("account")
    for person in people:
        if person.account is not None:
            found[f"account:{person.account.uuid}"] = person.name
    return known | found


def _moment(moment: Any) -> str:
    return f"{timezone.localtime(moment):%d.%m.%Y, %H:%M}"


def may_confirm(erasure: Erasure, actor: Actor) -> bool:
    """Whether this actor's confirmation would carry it out now."""
    if erasure.state not in OPEN or not has("parties.erasure.handle", actor, erasure):
        return False
    if erasure.person is not None and actor.person == erasure.person.pk:
        return False
    if is_due(erasure) or is_second(erasure, actor):
        return True
    return erasure.state == State.ASKED and not others(erasure)


def grouped(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A report for reading: what goes, what stays without a name, what stays; ready rows."""
    groups = []
    for act, title in policy.ACTS.items():
        found = [
            {**line, "basis": policy.CLASSES[line["class"]].basis}
            for line in lines
            if line["act"] == act
        ]
        if found:
            groups.append({"act": act, "title": str(title), "lines": found})
    return groups


def details(erasure: Erasure, actor: Actor) -> dict[str, Any]:
    """What the page of one request shows: a fresh dry run while it is open, else what was done."""
    is_open = erasure.state in OPEN and erasure.person is not None
    lines = dry_run(erasure.person) if is_open and erasure.person else erasure.report.get("lines")
    names = names_of([erasure.asked_by, erasure.confirmed_by])
    return {
        "groups": grouped(lines or []),
        "is_open": is_open,
        "person": erasure.person.name if erasure.person else "",
        "asked_by": names.get(erasure.asked_by, erasure.asked_by),
        "confirmed_by": names.get(erasure.confirmed_by, erasure.confirmed_by),
        "may_confirm": may_confirm(erasure, actor),
        "may_withdraw": is_open and (erasure.asked_by == actor.ref or actor.trusted),
        "waits": erasure.asked_by == actor.ref and not is_due(erasure),
    }
