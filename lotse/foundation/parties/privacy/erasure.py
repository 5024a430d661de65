"""Erasing a person: dry run, a second pair of eyes, one transaction, receipt (trust.md 4, T58)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import actionlog, clock, hooks, once
from lotse.foundation.core.actor import SYSTEM, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Erasure, Network, Person
from lotse.foundation.parties.privacy import ledger, notices
from lotse.foundation.parties.services import four_eyes
from lotse.foundation.parties.services.reach import require_reach
from lotse.foundation.parties.services.roles import is_last_operator
from lotse.foundation.parties.standing import stand

WAIT = timedelta(hours=72)
State = Erasure.State
OPEN = (State.ASKED, State.CONFIRMED)


def dry_run(person: Person) -> list[dict[str, Any]]:
    """What an erasure would do, by class: what goes, what stays, why, until when. Changes
    nothing."""
    lines = [line for part in hooks.personal_data for line in part.preview(person.pk)]
    return sorted(lines, key=lambda line: (line["class"], line["act"]))


def open_of(person: int) -> Erasure | None:
    """The request that is under way, if any. One query."""
    return Erasure.objects.filter(person=person, state__in=OPEN).order_by("-pk").first()


@transaction.atomic
def ask(person: Person, *, actor: Actor, network: Network | None, key: str = "") -> Erasure:
    """Asks for the erasure of a person: the person itself, or the office for it if the person
    holds nothing outside its networks.

    One request at a time: a second one gives the first. Raises NotAllowed, Refused for the last
    access of the operator or a person who is erased already.
    """
    by_person = actor.person == person.pk
    if not by_person:
        require("parties.person.protect", actor, person)
        require_reach(person, actor, "parties.person.protect")
    locked = Person.objects.select_for_update().get(pk=person.pk)
    _check(locked)
    claim = once.claim(key or once.new_key(), scope=f"parties.erasure:{person.uuid}")
    known = open_of(person.pk)
    if known is not None or claim.repeated:
        return known or Erasure.objects.filter(person=person).order_by("-pk")[0]
    erasure = Erasure.objects.create(
        person=person,
        person_uuid=person.uuid,
        network=network_of(person, network),
        asked_by=actor.ref,
        report={"lines": dry_run(person)},
    )
    claim.remember(str(erasure.uuid))
    actionlog.record("parties.erasure.asked", erasure, actor=actor)
    notices.asked(erasure, person, by_person=by_person)
    return erasure


def _check(person: Person) -> None:
    if person.erased_at is not None:
        raise Refused(_("Die Angaben dieser Person sind schon gelöscht."))
    if is_last_operator(Q(person=person)):
        raise Refused(_("Das ist der letzte Zugang des Betriebs. Benennen Sie zuerst einen "
                        "weiteren."))  # fmt: skip


def network_of(person: Person, network: Network | None) -> Network | None:
    """Whose office decides: of the network the person belongs to, this one before others."""
    seats = set(person.affiliations.values_list("organisation__network", flat=True))
    grants = set(person.grants.exclude(network=None).values_list("network", flat=True))
    belongs = seats | grants | {person.home.pk if person.home else None}
    if network is not None and (network.pk in belongs or belongs == {None}):
        return network
    found = sorted(key for key in belongs if key is not None)
    return Network.objects.filter(pk__in=found).order_by("pk").first() if found else network


@transaction.atomic
def withdraw(erasure: Erasure, *, actor: Actor, expected: int) -> None:
    """Takes a request back, as long as it is not carried out: the person, or the office for what
    it asked itself. Raises NotAllowed, Conflict, Refused."""
    own = erasure.person is not None and actor.person == erasure.person.pk
    if not own:
        require("parties.erasure.handle", actor, erasure)
        if erasure.asked_by != actor.ref and not actor.trusted:
            raise NotAllowed("parties.erasure.handle")
    if erasure.state not in OPEN:
        raise Refused(_("Dieser Antrag ist schon abgeschlossen."))
    update_versioned(erasure, expected=expected, state=State.WITHDRAWN, not_before=None)
    actionlog.record("parties.erasure.withdrawn", erasure, actor=actor)


@transaction.atomic
def confirm(erasure: Erasure, *, actor: Actor, expected: int) -> Erasure:
    """The second pair of eyes confirms, and the erasure is carried out.

    Whoever asked, or is tied to whoever did (`four_eyes`), confirms only where nobody else can;
    then 72 hours pass first, and the person is told (rulings 24). Never the person itself. Raises
    NotAllowed, Conflict, Refused.
    """
    require("parties.erasure.handle", actor, erasure)
    if erasure.person is not None and actor.person == erasure.person.pk:
        raise NotAllowed("parties.erasure.handle")
    if erasure.state not in OPEN:
        raise Refused(_("Dieser Antrag ist schon abgeschlossen."))
    if is_due(erasure) or is_second(erasure, actor):
        update_versioned(
            erasure, expected=expected, confirmed_by=erasure.confirmed_by or actor.ref,
            confirmed_at=erasure.confirmed_at or clock.now(), state=State.CONFIRMED,
        )  # fmt: skip
        return _carry_out(erasure, actor=actor)
    if others(erasure):
        raise Refused(_not_second(erasure, actor))
    if erasure.state == State.CONFIRMED:
        raise Refused(_("Die Wartezeit von 72 Stunden ist noch nicht vorbei."))
    update_versioned(
        erasure, expected=expected, confirmed_by=actor.ref, confirmed_at=clock.now(),
        not_before=clock.now() + WAIT, state=State.CONFIRMED,
    )  # fmt: skip
    actionlog.record("parties.erasure.waits", erasure, actor=actor)
    if erasure.person is not None and erasure.not_before is not None:
        until = f"{timezone.localtime(erasure.not_before):%d.%m.%Y, %H:%M}"
        notices.waiting(erasure, erasure.person, until=until)
    return erasure


def is_due(erasure: Erasure) -> bool:
    """Confirmed, and its 72 hours are over by the clock."""
    return (
        erasure.state == State.CONFIRMED
        and erasure.not_before is not None
        and erasure.not_before <= clock.now()
    )


def is_second(erasure: Erasure, actor: Actor) -> bool:
    """Whether this actor is really somebody else than whoever asked."""
    return four_eyes.is_second(
        actor, erasure.asked_by, erasure.asked_at, network=erasure.network, about=erasure.person
    )


def others(erasure: Erasure) -> list[int]:
    """People who could confirm besides whoever asked: office of the network and operators, by a
    role of their own; with an account that works."""
    found = four_eyes.seconds(
        erasure.asked_by, erasure.asked_at, network=erasure.network, about=erasure.person
    )
    return list(found.values_list("pk", flat=True))


def _not_second(erasure: Erasure, actor: Actor) -> str:
    if erasure.asked_by == actor.ref:
        return _("Wer eine Löschung beantragt, bestätigt sie nicht selbst. Bitten Sie eine zweite "
                 "Person der Geschäftsstelle oder den Betrieb.")  # fmt: skip
    return four_eyes.not_second()


def _carry_out(erasure: Erasure, *, actor: Actor) -> Erasure:
    """Everything at once: rows, receipt, log, and last the ledger outside the database."""
    person = Person.objects.select_for_update().get(uuid=erasure.person_uuid)
    _check(person)
    address, lang = notices.address_of(person), person.lang
    with override(lang):
        lines = dry_run(person)
    done = erase_person(person, actor)
    report = {"lines": lines, "done": done}
    update_versioned(
        erasure, expected=erasure.version, state=State.DONE, done_at=clock.now(), report=report
    )
    actionlog.record("parties.erasure.done", erasure, actor=actor)
    notices.receipt(
        address,
        lang,
        erasure.network,
        gone=[_line(line) for line in lines if line["act"] == "delete"],
        stays=[_line(line) for line in lines if line["act"] != "delete"],
    )
    # Last, before the commit: a line too many repeats a confirmed erasure, one too few would
    # bring the person back with a backup.
    ledger.add(person.uuid)
    return erasure


def _line(line: dict[str, Any]) -> str:
    reason = f": {line['reason']}" if line["reason"] else ""
    until = f" ({line['until']})" if line["until"] else ""
    return f"– {line['what']}{reason}{until}"


def erase_person(person: Person, actor: Actor) -> dict[str, Any]:
    """Lets every part of the product erase its share, rooms first. Returns what each did.

    Call inside a transaction, after the rights were asked for.
    """
    return {part.name: part.erase(person.pk, actor) for part in hooks.personal_data}


def run_due() -> int:
    """Carries out what waited 72 hours (daily job); returns how many."""
    count = 0
    due = Erasure.objects.filter(state=State.CONFIRMED, not_before__lte=clock.now())
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            erasure = Erasure.objects.select_for_update().get(pk=pk)
            if is_due(erasure):
                _carry_out(erasure, actor=SYSTEM)
                count += 1
    return count


def replay() -> int:
    """After a restore: erases again who the ledger says is erased; returns how many (T50)."""
    count = 0
    living = Person.objects.filter(erased_at=None).values_list("uuid", flat=True)
    for uuid in sorted(ledger.contains(list(living))):
        with transaction.atomic():
            person = Person.objects.select_for_update().get(uuid=uuid)
            erase_person(person, SYSTEM)
            actionlog.record("parties.erasure.repeated", person, actor=SYSTEM)
            count += 1
    return count


def as_account(account: Account, actor: Actor) -> Actor:
    """The person behind an account as actor, for whom the operator vouches at the machine."""
    blank = replace(actor, kind="account", uuid=account.uuid, label=account.email)
    return stand(blank, account=account, strong=True)
