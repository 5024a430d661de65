"""Every write to people and their seats in organisations."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, hooks, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Affiliation, Network, Organisation, Person
from lotse.foundation.parties.services.inviters import revoke_unbacked

RIGHTS = ("may_edit", "may_publish", "may_represent")


@transaction.atomic
def create_person(*, actor: Actor, last_name: str, **fields: Any) -> Person:
    """A new person, with or without account. The caller has asked for the right to add one."""
    person = Person.objects.create(last_name=text.clean_line(last_name), **fields)
    actionlog.record("parties.person.created", person, actor=actor, subject=person.uuid)
    return person


def person_of(account: Any, *, home: Network | None = None) -> Person:
    """The person of an account, made on first sign-in; the name starts as the address's first part.

    A person without account but with the same address in this installation is taken over: the
    address was just verified, so it is the same inbox. An entry that was merged stands for the one
    that was kept. Two first sign-ins at once give the same person.
    """
    found = _person_with(account)
    if found is not None:
        return found
    try:
        return _taken_over_or_new(account, home)
    except (IntegrityError, Conflict):
        found = _person_with(account)
        if found is None:
            raise
        return found


def _person_with(account: Any) -> Person | None:
    return Person.objects.filter(account=account).first()


def _taken_over_or_new(account: Any, home: Network | None) -> Person:
    with transaction.atomic():
        person = _known_by(account.email)
        if person is None:
            name = account.email.partition("@")[0][:120]
            return Person.objects.create(
                account=account, last_name=name, email=account.email, home=home
            )
        update_versioned(person, expected=person.version, account=account)
        return person


def _known_by(email: str) -> Person | None:
    """The person without account that has this address; entries not merged come first."""
    known = Person.objects.filter(email__iexact=email, account=None, erased_at=None)
    person = known.filter(merged_into=None).order_by("pk").first()
    if person is not None:
        return person
    for merged in known.exclude(merged_into=None).order_by("pk"):
        kept: Person = merged
        while kept.merged_into is not None:
            kept = kept.merged_into
        if kept.account is None and kept.erased_at is None:
            return kept
    return None


@transaction.atomic
def change_person(person: Person, *, actor: Actor, expected: int, **changes: Any) -> None:
    """Changes name, title, phone, language. Raises NotAllowed, Conflict."""
    require("parties.person.edit", actor, person)
    cleaned = {
        name: text.clean_line(value) if isinstance(value, str) else value
        for name, value in changes.items()
    }
    if not cleaned.get("last_name", person.last_name):
        raise Refused(_("Bitte geben Sie einen Nachnamen an."))
    update_versioned(person, expected=expected, **cleaned)
    # Names stay out of the log: it would keep what an erasure has to remove.
    actionlog.record(
        "parties.person.changed",
        person,
        actor=actor,
        after={"changed": sorted(cleaned)},
        subject=person.uuid,
    )
    tell_of(person.pk)


def tell_of(person: int) -> None:
    """Who keeps copies of what is shown of a person (the search) hears of every change: of name,
    seats, restriction, erasure, merging."""
    for react in hooks.person_changed:
        react(person)


@transaction.atomic
def add_seat(
    person: Person,
    organisation: Organisation,
    *,
    actor: Actor,
    key: str = "",
    function: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    is_contact: bool = False,
    **rights: bool,
) -> Affiliation:
    """Gives a person a seat in an organisation. Raises NotAllowed, Refused for a reversed span."""
    require("parties.organisation.edit", actor, organisation)
    starts_on = starts_on or clock.today()
    _check_span(starts_on, ends_on)
    claim = once.claim(key or once.new_key(), scope=f"parties.seat:{organisation.uuid}")
    if claim.repeated:
        return Affiliation.objects.get(uuid=claim.answer)
    seat = Affiliation.objects.create(
        person=person,
        organisation=organisation,
        function=text.clean_line(function),
        starts_on=starts_on,
        ends_on=ends_on,
        is_contact=is_contact,
        **{name: bool(rights.get(name)) for name in RIGHTS},
    )
    claim.remember(str(seat.uuid))
    actionlog.record(
        "parties.seat.added", seat, actor=actor, after=_rights(seat), subject=person.uuid
    )
    tell_of(person.pk)
    return seat


@transaction.atomic
def change_seat(seat: Affiliation, *, actor: Actor, expected: int, **changes: Any) -> None:
    """Changes function, rights or span of a seat. Raises NotAllowed, Conflict, Refused."""
    require("parties.organisation.edit", actor, seat.organisation)
    _check_span(changes.get("starts_on", seat.starts_on), changes.get("ends_on", seat.ends_on))
    before = _rights(seat)
    update_versioned(seat, expected=expected, **changes)
    actionlog.record(
        "parties.seat.changed",
        seat,
        actor=actor,
        before=before,
        after=_rights(seat),
        subject=seat.person.uuid,
    )
    tell_of(seat.person.pk)


@transaction.atomic
def end_seat(
    seat: Affiliation,
    *,
    actor: Actor,
    expected: int,
    successor: Person | None = None,
    on: date | None = None,
) -> int:
    """Ends a seat; a successor takes over its rights and the person's open work there.

    Without a date the seat ends at once: it holds no more at the next request (T05). Returns how
    many things were handed over; what stays behind is in `orphans`. Open invitations the person
    sent for the organisation end with the right to send them. Raises NotAllowed, Conflict.
    """
    require("parties.organisation.edit", actor, seat.organisation)
    last_day = on or clock.today() - timedelta(days=1)
    update_versioned(
        seat,
        expected=expected,
        ends_on=last_day,
        starts_on=min(seat.starts_on, last_day),
        successor=successor,
    )
    handed = 0
    if successor is not None:
        if successor.pk == seat.person.pk:
            raise Refused(_("Eine Person kann nicht ihre eigene Nachfolge sein."))
        _take_seat(seat, successor, from_day=max(last_day + timedelta(days=1), clock.today()))
        for hand_over in hooks.handed_over:
            handed += hand_over(seat.person.pk, successor.pk, seat.organisation.pk)
    revoke_unbacked(seat.person, actor=actor, among=Q(organisation=seat.organisation))
    actionlog.record(
        "parties.seat.ended",
        seat,
        actor=actor,
        after={"on": last_day.isoformat(), "successor": str(successor.uuid) if successor else ""},
        subject=seat.person.uuid,
    )
    tell_of(seat.person.pk)
    if successor is not None:
        tell_of(successor.pk)
    return handed


def _take_seat(seat: Affiliation, successor: Person, *, from_day: date) -> None:
    """The successor's seat has at least the rights of the one that ended."""
    own = Affiliation.objects.filter(
        person=successor, organisation=seat.organisation, ends_on=None
    ).first()
    rights = {name: getattr(seat, name) for name in (*RIGHTS, "is_contact")}
    if own is None:
        Affiliation.objects.create(
            person=successor,
            organisation=seat.organisation,
            function=seat.function,
            starts_on=from_day,
            **rights,
        )
        return
    gained = {name: True for name, has in rights.items() if has and not getattr(own, name)}
    if gained:
        update_versioned(own, expected=own.version, **gained)


def _rights(seat: Affiliation) -> dict[str, Any]:
    return {name: getattr(seat, name) for name in RIGHTS} | {
        "from": seat.starts_on.isoformat(),
        "until": seat.ends_on.isoformat() if seat.ends_on else None,
    }


def _check_span(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Refused(_("Das Ende liegt vor dem Anfang."))


@transaction.atomic
def create_organisation(
    network: Network, *, actor: Actor, key: str = "", name: str, kind: str, **fields: Any
) -> Organisation:
    """A new organisation of a network. Raises NotAllowed, Refused."""
    require("parties.organisation.create", actor, network)
    _check_organisation(name, kind)
    claim = once.claim(key or once.new_key(), scope=f"parties.organisation:{network.uuid}")
    if claim.repeated:
        return Organisation.objects.get(uuid=claim.answer)
    organisation = Organisation.objects.create(
        network=network, name=text.clean_line(name), kind=kind, **fields
    )
    claim.remember(str(organisation.uuid))
    actionlog.record(
        "parties.organisation.created", organisation, actor=actor, after={"kind": kind}
    )
    _tell_of_organisation(organisation, actor)
    return organisation


@transaction.atomic
def change_organisation(
    organisation: Organisation, *, actor: Actor, expected: int, **changes: Any
) -> None:
    """Changes an organisation's details. Raises NotAllowed, Conflict, Refused."""
    require("parties.organisation.edit", actor, organisation)
    _check_organisation(
        changes.get("name", organisation.name), changes.get("kind", organisation.kind)
    )
    before = {name: _plain(getattr(organisation, name)) for name in changes}
    update_versioned(organisation, expected=expected, **changes)
    after = {name: _plain(value) for name, value in changes.items()}
    actionlog.record(
        "parties.organisation.changed", organisation, actor=actor, before=before, after=after
    )
    _tell_of_organisation(organisation, actor)


def _tell_of_organisation(organisation: Organisation, actor: Actor) -> None:
    for react in hooks.organisation_changed:
        react(organisation.pk, actor)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else str(value)


def _check_organisation(name: str, kind: str) -> None:
    if not text.clean_line(name):
        raise Refused(_("Bitte geben Sie den Namen der Organisation an."))
    if kind not in Organisation.Kind.values:
        raise Refused(_("Diese Art von Organisation gibt es nicht: %(kind)s") % {"kind": kind})
