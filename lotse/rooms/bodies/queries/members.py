"""Named reads of seats: the members of a body, one seat with its people, one's own seats."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import InOrder, german_key
from lotse.foundation.core.permissions import has, visible
from lotse.foundation.parties.models import Affiliation, Body, Network, Person, RoleGrant
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.bodies.models import Attendance, Holder, Mandate
from lotse.rooms.bodies.permissions import holds_now, not_over
from lotse.rooms.bodies.queries import counterparts

MOST_CHOICES = 1000


@dataclass(frozen=True)
class Member:
    """A seat with its people: organisation, who speaks for it, who steps in (S2-08).

    Several people of one organisation in an open body are all `delegates` ("A / B", S1-15).
    """

    uuid: UUID
    kind: str
    kind_label: str
    organisation: str
    short_name: str
    with_vote: bool
    starts_on: date
    ends_on: date | None
    in_return: str
    note: str
    delegates: list[str] = field(default_factory=list)
    deputies: list[str] = field(default_factory=list)
    people: list[int] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What the row is called: the organisation, else the person."""
        return self.organisation or " / ".join(self.delegates)

    @property
    def spoken_for(self) -> str:
        """The people of the seat as a member list shows them."""
        return " / ".join(self.delegates)


def withheld_from(actor: Actor | None, body: Body, restricted: set[int]) -> set[int]:
    """Which of the people whose data are restricted, by key, stay unnamed: only they themselves
    and who manages the body read of them (GDPR art. 18). At most one query, none for nobody."""
    found = restricted - {actor.person if actor else None}
    if found and actor is not None and has("bodies.body.manage", actor, body):
        return set()
    return found


def restricted_among(holders: Iterable[Holder]) -> set[int]:
    """People on seats whose data are restricted, by key; loaded with them."""
    return {one.person_id for one in holders if one.person.restricted_at is not None}


def unnamed(holders: Iterable[Holder], withheld: set[int]) -> None:
    """Takes the names of these people out of what is shown, never stored; they keep their seats."""
    for one in holders:
        if one.person_id in withheld:
            account = one.person.account_id
            one.person = Person(pk=one.person_id, account_id=account, last_name=no_name())


def withheld_on(lines: Iterable[Attendance], body: Body, actor: Actor | None) -> set[int]:
    """Whose names on the list of a meeting the actor does not read, by key of the person; load the
    lines with their people. At most one query, none where nobody's data are restricted."""
    return withheld_from(actor, body, restricted_on(lines))


def restricted_on(lines: Iterable[Attendance]) -> set[int]:
    """People on the list of a meeting whose data are restricted, by key; loaded with them."""
    people = [one.person for one in lines if one.person is not None]
    return {one.pk for one in people if one.restricted_at is not None}


def unname_lines(lines: Iterable[Attendance], withheld: set[int]) -> None:
    """Takes the names of these people out of a list that is shown, never stored."""
    for one in lines:
        if one.person_id in withheld:
            one.name = no_name()


def no_name() -> str:
    """What stands where a name would."""
    return _("Person ohne Namensnennung")


def members_of(body: Body, *, ended: bool = False, actor: Actor | None = None) -> list[Member]:
    """The seats of today with their people of today, by name; or the ended ones with the people
    they had. One query, one more where somebody's data are restricted. Names are for those inside
    (rulings 6)."""
    over = Q(ends_on__lt=clock.today())
    rows = (
        body.mandates.filter(over if ended else holds_now())
        .annotate(held=FilteredRelation(
            "holders", condition=Q(holders__pk__gt=0) if ended else holds_now("holders__")
        ))
        .annotate(given_by=counterparts.body_of(actor))
        .order_by("pk", "held__part", "held__position", "held__pk")
        .values(
            *_OF_SEAT, "given_by", "organisation__name", "organisation__short_name", "held__part",
            "held__person", "held__person__title", "held__person__first_name",
            "held__person__last_name", "held__person__restricted_at",
        )
    )  # fmt: skip
    restricted = {one["held__person"] for one in rows if one["held__person__restricted_at"]}
    withheld = withheld_from(actor, body, restricted)
    seats = [
        _member(list(lines), withheld) for _uuid, lines in groupby(rows, key=itemgetter("uuid"))
    ]
    return sorted(seats, key=lambda one: german_key(one.title))


_OF_SEAT = ("uuid", "kind", "with_vote", "starts_on", "ends_on", "in_return", "note")


def _member(lines: list[dict[str, Any]], withheld: set[int]) -> Member:
    seat, together = lines[0], lines[0]["kind"] == Mandate.Kind.JOINED
    delegates: list[str] = []
    deputies: list[str] = []
    people: list[int] = []
    for line in lines:
        if line["held__person"] is None:
            continue
        parts = (line[f"held__person__{name}"] for name in ("title", "first_name", "last_name"))
        speaks = together or line["held__part"] == Holder.Part.DELEGATE
        name = " ".join(filter(None, parts))
        if line["held__person"] in withheld:
            name = no_name()
        (delegates if speaks else deputies).append(name)
        people.append(line["held__person"])
    of = seat["organisation__name"] or ""
    seat["in_return"] = ", ".join(filter(None, (seat["given_by"], seat["in_return"])))
    return Member(
        **{key: seat[key] for key in _OF_SEAT},
        kind_label=str(Mandate.Kind(seat["kind"]).label),
        organisation=of,
        short_name=seat["organisation__short_name"] or of,
        delegates=delegates,
        deputies=deputies,
        people=people,
    )


def organisations_in(body: Body) -> tuple[list[str], int]:
    """What people outside read: (organisations with a seat, how many seats people hold for
    themselves). One query."""
    names = list(
        body.mandates.filter(holds_now())
        .exclude(kind=Mandate.Kind.GUEST)
        .values_list("organisation__name", flat=True)
    )
    named = {name for name in names if name}
    return sorted(named, key=german_key), sum(1 for name in names if not name)


def holders_of(mandate: Mandate, actor: Actor | None = None) -> tuple[list[Holder], list[Holder]]:
    """(who sits there now or is to, the delegate first, deputies in order; who sat there before,
    the last first). One query, one more where somebody's data are restricted."""
    today = clock.today()
    rows = list(mandate.holders.select_related("person").order_by("part", "position", "pk"))
    unnamed(rows, withheld_from(actor, mandate.body, restricted_among(rows)))
    sitting = [one for one in rows if one.ends_on is None or one.ends_on >= today]
    gone = [one for one in rows if one not in sitting]
    return sitting, sorted(gone, key=lambda one: (one.ends_on, one.pk), reverse=True)


def own_holders(actor: Actor) -> list[Holder]:
    """The seats the person sits on, now or later, by body. One query."""
    if actor.person is None:
        return []
    return list(
        Holder.objects.filter(not_over(), not_over("mandate__"), person=actor.person)
        .select_related("mandate__body", "mandate__organisation")
        .order_by(InOrder("mandate__body__name"), "pk")
    )


def _outside() -> QuerySet[Holder]:
    """People on seats of organisations they do not belong to any more, or never did."""
    today = clock.today()
    belongs = Affiliation.objects.filter(
        holds_on(today), person=OuterRef("person"),
        organisation=OuterRef("mandate__organisation"),
    )  # fmt: skip
    return Holder.objects.filter(holds_now(), holds_now("mandate__")).filter(
        ~Exists(belongs), mandate__organisation__isnull=False
    )


def left_behind(network: int) -> list[str]:
    """A line for the office on such people, the network by its key. One query."""
    count = _outside().filter(mandate__body__network=network).count()
    if not count:
        return []
    return [ngettext("%(n)s Mandat vertritt jemand, der nicht zur Organisation gehört",
                     "%(n)s Mandate vertreten Menschen, die nicht zur Organisation gehören",
                     count) % {"n": count}]  # fmt: skip


def outside_of(mandate: Mandate) -> set[int]:
    """Those of one seat, by key of the person. One query, none for the seat of a person."""
    if mandate.organisation_id is None:
        return set()
    return set(_outside().filter(mandate=mandate).values_list("person_id", flat=True))


def has_joined(body: Body, actor: Actor) -> bool:
    """Whether the person came by joining, so that it can leave the same way. One query."""
    own = Holder.objects.filter(not_over(), person=actor.person, mandate__body=body)
    return actor.person is not None and own.filter(mandate__kind=Mandate.Kind.JOINED).exists()


def represented(actor: Actor) -> list[Mandate]:
    """Seats of the organisations the actor may represent, with `sitting`: their people. Two
    queries."""
    organisations = actor.organisations(represent=True)
    if not organisations:
        return []
    seats: list[Any] = list(
        Mandate.objects.filter(not_over(), organisation__in=organisations)
        .select_related("body", "organisation")
        .order_by(InOrder("organisation__name"), InOrder("body__name"), "pk")
    )
    held: dict[int, list[Holder]] = {}
    people = Holder.objects.filter(not_over(), mandate__in=[one.pk for one in seats])
    rows = list(people.select_related("person").order_by("part", "position", "pk"))
    unnamed(rows, restricted_among(rows) - {actor.person})
    for holder in rows:
        held.setdefault(holder.mandate_id, []).append(holder)
    for one in seats:
        one.sitting = held.get(one.pk, [])
    return seats


def own_offices(actor: Actor) -> list[tuple[RoleGrant, Body]]:
    """What the person chairs or takes minutes of. Two queries, one without any."""
    if actor.person is None:
        return []
    grants = list(
        RoleGrant.objects.filter(
            holds_on(clock.today()), person=actor.person, ended_at=None,
            role__in=(RoleGrant.Role.CHAIR, RoleGrant.Role.MINUTE_TAKER),
        ).exclude(held_in_uuid=None).order_by("role", "pk")
    )  # fmt: skip
    if not grants:
        return []
    bodies = Body.objects.in_bulk({one.held_in_uuid for one in grants}, field_name="uuid")
    return [(one, bodies[one.held_in_uuid]) for one in grants if one.held_in_uuid in bodies]


def colleagues(mandate: Mandate) -> QuerySet[Person]:
    """People of the seat's organisation today, to choose from."""
    if mandate.organisation_id is None:
        return Person.objects.none()
    seats = Affiliation.objects.filter(
        holds_on(clock.today()), organisation=mandate.organisation_id
    )
    return _choosable().filter(affiliations__in=seats).distinct()


def people_for(network: Network, actor: Actor) -> QuerySet[Person]:
    """People of the network the actor may see, to choose from."""
    seats = Q(affiliations__organisation__network=network)
    within = Q(home=network) | seats | Q(grants__network=network)
    keys = Person.objects.filter(within).values("pk")
    return visible("parties.person.view", actor, _choosable().filter(pk__in=keys))


def _choosable() -> QuerySet[Person]:
    return Person.objects.filter(erased_at=None, merged_into=None, restricted_at=None)


def choices_of(people: QuerySet[Person]) -> list[tuple[str, str]]:
    """(uuid, "Nachname, Vorname") to choose from. One query; at most 1000."""
    rows = people.values_list("uuid", "last_name", "first_name")[:MOST_CHOICES]
    named = [(str(uuid), f"{last}, {first}" if first else last) for uuid, last, first in rows]
    return sorted(named, key=lambda pair: german_key(pair[1]))
