"""The cast: one person per role of the rulings, the same in every test.

`editor_a` edits organisation A and `editor_b` organisation B of the same network; `member` has a
seat without rights in A; `former` had one until last week; `suspended` has one and no access;
`registered` has an account and nothing else; `foreign_office` runs another network. `chair`,
`minute_taker` and `voter` (for organisation B) belong to the council, a body only for its members.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND, Actor
from lotse.foundation.parties.models import Body, Network, Organisation, Person
from lotse.foundation.parties.services import people, roles
from lotse.foundation.parties.standing import stand
from lotse.rooms.bodies.services import bodies, mandates
from tests import make

# The role keys of the rulings; a role that needs a later room is no row yet.
ROLES = ("anonymous", "registered", "member", "editor_a", "editor_b", "adviser", "coordinator",
         "office", "auditor", "operator", "former", "suspended", "chair", "minute_taker",
         "voter")  # fmt: skip
GRANTED = ("adviser", "coordinator", "office", "auditor", "operator")
_NAMES = {
    "registered": "Rieke Neumann", "member": "Mats Behrens", "editor_a": "Edda Ahrens",
    "editor_b": "Enno Brandt", "adviser": "Britta Rat", "coordinator": "Koray Ordu",
    "office": "Gesa Stelle", "auditor": "Runa Prüfer", "operator": "Bente Trieb",
    "former": "Frauke Einst", "suspended": "Sven Sperr", "foreign_office": "Fiete Fremd",
    "chair": "Corinna Leiter", "minute_taker": "Mika Schreiber", "voter": "Volker Stimm",
}  # fmt: skip
PASSWORD = "Ein-langes-Kennwort-7"


@dataclass(frozen=True)
class Cast:
    """The people, and what they belong to."""

    network: Network
    other: Network
    org_a: Organisation
    org_b: Organisation
    people: dict[str, Person]
    council: Body

    def __getitem__(self, role: str) -> Person:
        return self.people[role]

    def actor(self, role: str, *, strong: bool = True) -> Actor:
        """The role as services see it."""
        if role == "anonymous":
            return Actor("guest")
        account = Account.objects.select_related("person").get(person=self.people[role])
        if not account.is_active:
            return Actor("guest")
        return stand(Actor("account", uuid=account.uuid), account=account, strong=strong)

    def client(self, role: str, *, strong: bool = True) -> Client:
        """A browser in which the role is signed in."""
        return sign_in(Client(), self.people.get(role), strong=strong)


def sign_in(client: Client, person: Person | None, *, strong: bool = True) -> Client:
    """Signs in without the pages; `strong` as if by a second factor. Nobody for None, and for a
    suspended account nothing happens."""
    if person is None or person.account is None or not person.account.is_active:
        return client
    client.force_login(person.account)
    if strong:
        session = client.session
        session["account_authentication_methods_user"] = str(person.account.pk)
        session["account_authentication_methods"] = [
            {"method": "password", "at": clock.now().timestamp()},
            {"method": "mfa", "type": "totp", "at": clock.now().timestamp()},
        ]
        session.save()
    return client


def person(name: str, *, email: str = "", account: bool = True, **fields: Any) -> Person:
    """A person, by default with an account that has a verified address."""
    first, _blank, last = name.rpartition(" ")
    email = email or f"{name.lower().replace(' ', '.')}@beispiel.test"
    made = None
    if account:
        made = Account.objects.create_user(email, PASSWORD)
        verify(made)
    return people.create_person(
        actor=COMMAND, first_name=first, last_name=last, email=email, account=made, **fields
    )


def verify(account: Account) -> None:
    """The account's address counts as confirmed."""
    from allauth.account.models import EmailAddress

    EmailAddress.objects.get_or_create(
        user=account, email=account.email, defaults={"verified": True, "primary": True}
    )


def second_factor(person: Person) -> None:
    """Gives the account a TOTP device, so that the gate for roles is passed."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.get_or_create(
        user=person.account, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "x" * 32}}
    )


def organisation(network: Network, name: str, **fields: Any) -> Organisation:
    fields.setdefault("kind", Organisation.Kind.NONPROFIT)
    return people.create_organisation(network, actor=COMMAND, name=name, **fields)


def _span(role: str) -> dict[str, Any]:
    """The seat of the former member ended a week ago."""
    if role != "former":
        return {}
    today = clock.today()
    return {"starts_on": today - timedelta(days=99), "ends_on": today - timedelta(days=7)}


def cast(network: Network | None = None) -> Cast:
    """All of them."""
    network = network or make.network()
    other = make.network(name="Netzwerk Nebenan")
    org_a, org_b = organisation(network, "Ahrens hilft e. V."), organisation(network, "Brandt GmbH")
    found: dict[str, Person] = {}
    for role, name in _NAMES.items():
        found[role] = person(name, email=f"{role.replace('_', '-')}@beispiel.test")
    for role in ("member", "editor_a", "suspended", "former"):
        rights = dict.fromkeys(("may_edit", "may_publish"), role != "member")
        people.add_seat(found[role], org_a, actor=COMMAND, may_represent=role == "editor_a",
                        **rights, **_span(role))  # fmt: skip
    people.add_seat(found["editor_b"], org_b, actor=COMMAND, may_edit=True, may_publish=True)
    for role in GRANTED:
        roles.grant_role(
            found[role], role, actor=COMMAND, network=network, reason="Für die Prüfung"
        )
        second_factor(found[role])
    roles.grant_role(
        found["foreign_office"], "office", actor=COMMAND, network=other, reason="Für die Prüfung"
    )
    second_factor(found["foreign_office"])
    Account.objects.filter(person=found["suspended"]).update(is_active=False)
    found["suspended"].account.refresh_from_db()  # type: ignore[union-attr]  # it has one
    return Cast(network, other, org_a, org_b, found, _council(network, org_b, found))


def _council(network: Network, org_b: Organisation, found: dict[str, Person]) -> Body:
    """The council with its two offices and one seat with a vote."""
    council = bodies.create_body(
        network, actor=COMMAND, name="Rat der Beispielregion", short_name="Rat",
        kind=Body.Kind.COUNCIL, purpose="Entscheidet über das, was alle angeht.",
    )  # fmt: skip
    for role in ("chair", "minute_taker"):
        bodies.appoint(council, found[role], role, actor=COMMAND)
    second_factor(found["minute_taker"])
    seat = mandates.create_mandate(council, actor=COMMAND, organisation=org_b)
    mandates.seat_person(seat, found["voter"], actor=COMMAND)
    return council
