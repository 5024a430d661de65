"""Who acts: a visitor with secret links, a person with an account, a command, the system."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

READ, EDIT = "read", "edit"


@dataclass(frozen=True)
class Grant:
    """A role the actor holds now: in the whole installation (`network` None), in a network, or in
    one thing of a network (`held_in`). Keys are primary keys of networks."""

    role: str
    network: int | None = None
    held_in: UUID | None = None


@dataclass(frozen=True)
class Seat:
    """A place in an organisation the actor has now, and what it lets do for it."""

    organisation: int
    network: int
    may_edit: bool = False
    may_publish: bool = False
    may_represent: bool = False


@dataclass(frozen=True)
class Actor:
    """The acting party as services and rules see it, worked out anew at every request.

    `keys` are the secret links this browser opened, by their uuid. `grants` and `seats` are what
    the person holds at this moment, roles of people they stand in for included; a role that
    demands a second factor is not among them while the session has none (T14).
    """

    kind: str
    uuid: UUID | None = None
    label: str = ""
    keys: frozenset[UUID] = frozenset()
    person: int | None = None
    person_uuid: UUID | None = None
    grants: frozenset[Grant] = frozenset()
    seats: frozenset[Seat] = frozenset()
    scopes: frozenset[str] | None = None

    @property
    def ref(self) -> str:
        """How the action log names the actor: no name, no address."""
        return f"{self.kind}:{self.uuid}" if self.uuid else self.kind

    @property
    def trusted(self) -> bool:
        """True for the operator's own commands and for the system."""
        return self.kind in {"command", "system"}

    @property
    def signed_in(self) -> bool:
        return self.kind == "account"

    @property
    def is_operator(self) -> bool:
        return self.holds("operator")

    @property
    def operates(self) -> bool:
        """The operator, or a command: what holds for all networks is theirs."""
        return self.trusted or self.is_operator

    def holds(self, *roles: str) -> bool:
        """Whether the actor holds one of the roles anywhere."""
        return any(grant.role in roles for grant in self.grants)

    def networks_as(self, *roles: str) -> frozenset[int]:
        """Networks in which the actor holds one of the roles for the whole network."""
        return frozenset(
            grant.network
            for grant in self.grants
            if grant.role in roles and grant.network is not None and grant.held_in is None
        )

    def things_as(self, *roles: str) -> frozenset[UUID]:
        """Things (organisations, later bodies) in which the actor holds one of the roles."""
        return frozenset(
            grant.held_in
            for grant in self.grants
            if grant.role in roles and grant.held_in is not None
        )

    def organisations(
        self, *, edit: bool = False, publish: bool = False, represent: bool = False
    ) -> frozenset[int]:
        """Organisations the actor has a seat in, with these rights."""
        return _keys(
            seat
            for seat in self.seats
            if (seat.may_edit or not edit)
            and (seat.may_publish or not publish)
            and (seat.may_represent or not represent)
        )

    @property
    def own_networks(self) -> frozenset[int]:
        """Networks the actor belongs to by a seat or a role."""
        held = {grant.network for grant in self.grants if grant.network is not None}
        return frozenset(held | {seat.network for seat in self.seats})


def _keys(seats: Iterable[Seat]) -> frozenset[int]:
    return frozenset(seat.organisation for seat in seats)


ANONYMOUS = Actor("guest")
SYSTEM = Actor("system")
COMMAND = Actor("command")
