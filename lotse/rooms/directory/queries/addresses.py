"""Which address speaks for an organisation, and which never does: it answers the office, so a
draft by the office must not choose it (S1-14, T03)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, JSONField, OuterRef, Q, Subquery, Value, When

from lotse.foundation.core import clock
from lotse.foundation.parties.models import Absence, RoleGrant
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.directory.models import Entry, Publication, Revision
from lotse.rooms.directory.permissions import READERS


@dataclass(frozen=True)
class Named:
    """The address an organisation names as its own."""

    address: str
    network: int
    # Of the network itself: whoever reads there asks, and does not answer.
    office: str
    let_through: bool


def named_by(
    organisations: Iterable[int], *, at: datetime | None = None, drafts: bool = True
) -> dict[int, Named]:
    """The addresses organisations named as their own at a moment, by their keys: those of the
    Steckbrief let through last, in whatever channel; of a draft only where nothing ever was let
    through. Organisations without one are missing. One query, none for no organisation."""
    keys = [key for key in organisations if key]
    if not keys:
        return {}
    moment = at or clock.now()
    rows = (
        Entry.objects.filter(
            kind=Entry.Kind.ORGANISATION, organisation__in=keys, archived_at=None
        )
        .annotate(released=_released(moment), draft=_draft(moment))
        .values_list("organisation", "network", "network__contact_email", "released", "draft")
    )  # fmt: skip
    found = {}
    for key, network, office, released, draft in rows:
        content = released if released is not None or not drafts else draft
        if key and content and content.get("email"):
            found[key] = Named(str(content["email"]), network, office, released is not None)
    return found


def _released(moment: datetime) -> Subquery:
    """What holds at the moment, else what held last; never what was taken back before it did."""
    held = Publication.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=F("effective_at")),
        entry=OuterRef("pk"),
        effective_at__lte=moment,
    )
    holds = When(Q(ended_at=None) | Q(ended_at__gt=moment), then=Value(0))
    first = held.order_by(Case(holds, default=Value(1)), "-effective_at", "-pk")
    return Subquery(first.values("revision__content")[:1], output_field=JSONField())


def _draft(moment: datetime) -> Subquery:
    written = Revision.objects.filter(entry=OuterRef("pk"), created_at__lte=moment)
    return Subquery(written.order_by("-number").values("content")[:1], output_field=JSONField())


def of_the_office(named: dict[int, Named]) -> set[int]:
    """The organisations whose address is that of somebody who looks after their network or the
    installation, of a deputy too, or the network's own. Two queries, none for no address."""
    if not named:
        return set()
    held = _held({one.network for one in named.values()})
    return {
        key
        for key, one in named.items()
        if _bare(one.address) in held[one.network] | held[0] | {_bare(one.office)}
    }


def _held(networks: set[int]) -> dict[int, set[str]]:
    """The addresses of people with such a role, by network; operators under 0."""
    today = clock.today()
    operates = RoleGrant.Role.OPERATOR
    grants = RoleGrant.objects.filter(
        holds_on(today),
        Q(role=operates) | Q(role__in=READERS, network__in=networks),
        ended_at=None,
    )
    found: dict[int, set[str]] = defaultdict(set)
    where: dict[int, set[int]] = defaultdict(set)
    columns = ("role", "network", "person", *_addresses("person"))
    for role, network, person, *own in grants.values_list(*columns):
        place = 0 if role == operates else network
        found[place] |= {_bare(one) for one in own if one}
        where[person].add(place)
    away = Absence.objects.filter(holds_on(today), person__in=list(where))
    for person, *own in away.values_list("person", *_addresses("deputy")):
        for network in where[person]:
            found[network] |= {_bare(one) for one in own if one}
    return found


def _addresses(person: str) -> list[str]:
    account = f"{person}__account"
    return [f"{person}__email", f"{account}__email", f"{account}__emailaddress__email"]


def _bare(address: str) -> str:
    """Written in one way: `Amt+neu@office.example` reaches the same person."""
    local, _at, host = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{host}"
