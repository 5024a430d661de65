"""What a role reaches is the same by every way, and refused by every way (T02 to T09).

A room joins T02 by one line in `KINDS`: the kind, its rule, its model, and who shows it. A reader
is `listed` (API), `page` (HTML, by uuid), `sheet` (XLSX, by name) or `text` (ICS, feeds, by name);
`part=True` where it shows only some of what may be seen, `here=True` where only those of the
network of this host. A reader a role may not open shows nothing; that is for the matrix to judge.

An act that can be done in several ways joins T03 by one entry in `ACTS`: its rule, the object, and
every way to do it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils.functional import Promise

from lotse.foundation.accounts.models import Account, ApiToken
from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import ANONYMOUS, COMMAND, Actor
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.permissions import all_rules, has, visible
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents.models import Document
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import (
    Affiliation,
    Invitation,
    Network,
    Organisation,
    Person,
    RoleGrant,
)
from lotse.foundation.parties.services import invitations, roles
from lotse.foundation.parties.services import people as people_services
from lotse.rooms.checks.models import Assessment, Check, CheckRevision
from lotse.rooms.checks.services import library
from tests import make, people
from tests.trust import harness
from tests.trust import site as sites

pytestmark = pytest.mark.django_db
ROLES = ("anonymous", *harness.PEOPLE)


# --- T02: pages, API, exports, search and calendar show the same ---


@dataclass(frozen=True)
class Reader:
    """One way to see things of a kind: the names or uuids it shows, None where it is closed."""

    name: str
    read: Callable[[sites.Site, Any, "Kind"], set[str] | None]
    part: bool = False
    here: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of thing, the rule for seeing it, and everything that shows it."""

    name: str
    code: str
    model: Any
    readers: list[Reader]
    title: str = "name"
    known: dict[str, str] = field(default_factory=dict)

    def found_in(self, text: str) -> set[str]:
        """Uuids of all things whose uuid stands in the text."""
        there = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))
        return there & {str(uuid) for uuid in self.model.objects.values_list("uuid", flat=True)}

    def named_in(self, text: str) -> set[str]:
        """Uuids of all things whose name stands in the text."""
        rows = self.model.objects.values_list("uuid", self.title)
        return {str(uuid) for uuid, name in rows if name in text}


def listed(address: str, **options: Any) -> Reader:
    """A list of the API, walked to its end."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        found, following = set(), f"/api/v1/{address}?limit=2"
        while following:
            response = client.get(following)
            if response.status_code != 200:
                return None
            found |= {row["uuid"] for row in response.json()["items"]}
            following = response.json()["next"]
        return found

    return Reader(f"API {address}", read, **options)


def page(name: str, query: str = "", **options: Any) -> Reader:
    """A page that links to each thing."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        response = client.get(site.url(name) + query)
        return kind.found_in(response.content.decode()) if response.status_code == 200 else None

    return Reader(name + query, read, **options)


def text(name: str, query: str = "", **options: Any) -> Reader:
    """A calendar, feed or CSV that names each thing."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        response = client.get(site.url(name) + query)
        if response.status_code != 200:
            return None
        return kind.named_in(make.body(response).decode().replace("\r\n ", ""))

    return Reader(name + query, read, **options)


def sheet(name: str, query: str = "", **options: Any) -> Reader:
    """A workbook that names each thing."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        response = client.get(site.url(name) + query)
        if response.status_code != 200:
            return None
        book = openpyxl.load_workbook(BytesIO(make.body(response)))
        cells = (cell for one in book for row in one.iter_rows(values_only=True) for cell in row)
        return kind.named_in("\n".join(str(cell) for cell in cells if cell is not None))

    return Reader(name + query, read, **options)


def searched(questions: Callable[[], list[str]], **options: Any) -> Reader:
    """The box, asked for every thing by its name."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        found: set[str] = set()
        for question in questions():
            response = client.get(site.url("home:search"), {"q": question})
            found |= kind.found_in(response.content.decode())
        return found

    return Reader("home:search", read, **options)


def _titles_of_checks() -> list[str]:
    return sorted({title["de"] for title in CheckRevision.objects.values_list("title", flat=True)})


KINDS = [
    Kind("networks", "parties.network.view", Network, [listed("networks")]),
    Kind("organisations", "parties.organisation.view", Organisation,
         [listed("organisations"), page("desk:organisations", here=True),
          text("desk:organisations", "?als=csv", here=True),
          sheet("desk:organisations", "?als=xlsx", here=True)]),
    Kind("people", "parties.person.view", Person,
         [page("desk:people", here=True), sheet("desk:people", "?als=xlsx", here=True)],
         title="last_name"),
    Kind("checks", "checks.check.view", Check,
         [listed("checks"), page("checks:list"), searched(_titles_of_checks)]),
    Kind("assessments", "checks.assessment.view", Assessment, [page("checks:list")]),
    Kind("measures", "measures.measure.view", Measure,
         [listed("measures"), page("today:measures", part=True), page("checks:plan", part=True),
          text("checks:dates", part=True), sheet("checks:plan-xlsx", part=True),
          text("today:dates", part=True)], title="title"),
]  # fmt: skip


def populate(site: sites.Site) -> None:
    """Things of every kind that some roles see and others do not."""
    cast = site.cast
    people.organisation(cast.other, "Verein Nebenan")
    make.long_check(1, code="test.oeffentlich")
    hidden = make.check_content(1, code="test.verborgen")
    library.import_check(_yaml(hidden), actor=COMMAND)
    theirs = make.assessment(site.check, organisation_name="Fremde")
    for title, origin, fields in (
        ("Plan der Fremden", Ref.to(theirs), {}),
        ("Sache des Netzwerks", Ref.to(site.network), {"network": site.network}),
        ("Sache von Brandt", Ref.to(theirs), {"organisation": cast.org_b}),
        ("Sache von Nebenan", Ref.to(cast.other), {"network": cast.other}),
        ("Geprüft von Ordu", Ref.to(theirs), {"controller_person": cast["coordinator"]}),
    ):
        measures.create_measure(
            actor=COMMAND, origin=origin, title=title, due_on=clock.today(), **fields
        )


def _yaml(content: dict[str, Any]) -> bytes:
    import json

    return json.dumps(content, ensure_ascii=False).encode()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_way_shows_what_the_rule_says(site: sites.Site, browser: Any, kind: Kind) -> None:
    populate(site)
    opened, seen = set(), set()
    for role in ROLES:
        actor = site.cast.actor(role)
        allowed = visible(kind.code, actor, kind.model.objects.all())
        expected = {str(uuid) for uuid in allowed.values_list("uuid", flat=True)}
        seen.add(frozenset(expected))
        here = _of_network(kind, expected, site.network)
        client = browser(role)
        for reader in kind.readers:
            found = reader.read(site, client, kind)
            if found is None:
                continue
            opened.add(reader.name)
            right = here if reader.here else expected
            assert found <= right if reader.part else found == right, (role, reader.name)
    assert opened == {reader.name for reader in kind.readers}
    everything = kind.model.objects.count()
    assert len(seen) > 1 or {len(one) for one in seen} == {everything} or kind.name == "checks"


def _of_network(kind: Kind, uuids: set[str], network: Network) -> set[str]:
    if not any(reader.here for reader in kind.readers):
        return uuids
    rows = kind.model.objects.filter(uuid__in=uuids)
    rows = _people_in(rows, network) if kind.model is Person else rows.filter(network=network)
    return {str(uuid) for uuid in rows.values_list("uuid", flat=True)}


def _people_in(rows: Any, network: Network) -> Any:
    """People with a seat or role in the network, ever, or at home in it; people without any are
    found at the default network, by the operator alone."""
    seats = Affiliation.objects.filter(organisation__network=network).values("person")
    grants = RoleGrant.objects.filter(network=network).values("person")
    nowhere = Q(home=None) & ~Q(pk__in=Affiliation.objects.values("person"))
    return rows.filter(Q(home=network) | Q(pk__in=seats) | Q(pk__in=grants) | nowhere)


def test_a_list_that_shows_too_much_is_noticed(site: sites.Site, browser: Any) -> None:
    """The harness itself can fail: a reader that leaks one thing is caught."""
    populate(site)
    leaky = Reader("leck", lambda site, client, kind: kind.named_in("Verein Nebenan"))
    kind = Kind("organisations", "parties.organisation.view", Organisation, [leaky])
    with pytest.raises(AssertionError):
        test_every_way_shows_what_the_rule_says(site, browser, kind)


# --- T03: what is refused on one way is refused on all ---


@dataclass(frozen=True)
class Act:
    """Something a right allows, and all the ways to do it: each says whether it happened."""

    code: str
    on: Callable[[sites.Site], Any]
    ways: dict[str, Callable[[sites.Site, str, Any], bool]]


def _posted(name: str, **data: Any) -> Callable[[sites.Site, str, Any], bool]:
    def way(site: sites.Site, role: str, client: Any) -> bool:
        values = {key: value(site) if callable(value) else value for key, value in data.items()}
        response = client.post(site.url(name), {"_key": once.new_key(), **values})
        return bool(response.status_code == 302 and "/konto/" not in response.url)

    return way


def _api(method: str, path: Callable[[sites.Site], str], data: Any) -> Any:
    def way(site: sites.Site, role: str, client: Any) -> bool:
        response = getattr(client, method)(
            "/api/v1/" + path(site), data(site), content_type="application/json",
            headers={"if-match": "*"},
        )  # fmt: skip
        assert response.status_code in (200, 201, 401, 403, 404), response.content
        return bool(response.status_code < 300)

    return way


def _service(act: Callable[[sites.Site, Actor], Any]) -> Any:
    def way(site: sites.Site, role: str, client: Any) -> bool:
        try:
            act(site, site.cast.actor(role))
        except (NotAllowed, Conflict):
            return False
        return True

    return way


_MEASURE = {"title": "Neu", "urgency": "2", "status": "open",
            "version": lambda site: str(site.measure.version)}  # fmt: skip
ACTS = {
    "new measure": Act("checks.assessment.edit", lambda site: site.assessment, {
        "page": _posted("checks:measure-new", title="Neu", urgency="2"),
        "API": _api("post", lambda site: "measures",
                    lambda site: {"assessment": str(site.assessment.uuid), "title": "Neu"}),
    }),
    "change a measure": Act("checks.assessment.edit", lambda site: site.assessment, {
        "page": _posted("checks:measure", **_MEASURE),
        "API": _api("patch", lambda site: f"measures/{site.measure.uuid}",
                    lambda site: {"title": "Neu"}),
    }),
    "report on a measure": Act("measures.measure.edit", lambda site: site.measure, {
        "page": _posted("today:measure", status="running",
                        version=lambda site: str(site.measure.version)),
        "API": _api("patch", lambda site: f"measures/{site.measure.uuid}",
                    lambda site: {"status": "running"}),
    }),
    "bring somebody into an organisation": Act(
        "parties.organisation.edit", lambda site: site.cast.org_a, {
        "seat": _service(lambda site, actor: people_services.add_seat(
            site.cast["registered"], site.cast.org_a, actor=actor, may_edit=True)),
        "invitation": _service(lambda site, actor: invitations.invite(
            site.network, actor=actor, email="neu@beispiel.test",
            organisation=site.cast.org_a, may_edit=True)),
    }),
    "give a role": Act("parties.role.grant", lambda site: site.network, {
        "grant": _service(lambda site, actor: roles.grant_role(
            site.cast["registered"], "adviser", actor=actor, network=site.network, reason="G")),
        "invitation": _service(lambda site, actor: invitations.invite(
            site.network, actor=actor, email="neu@beispiel.test", role="adviser", reason="G")),
        "invitation to a seat": _service(lambda site, actor: invitations.invite(
            site.network, actor=actor, email="neu@beispiel.test", role="adviser", reason="G",
            organisation=site.cast.org_a)),
    }),
    "change an organisation": Act("parties.organisation.edit", lambda site: site.cast.org_a, {
        "service": _service(lambda site, actor: people_services.change_organisation(
            site.cast.org_a, actor=actor, expected=site.cast.org_a.version, city="Ort")),
    }),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS.values(), ids=list(ACTS))
def test_all_ways_agree(site: sites.Site, browser: Any, act: Act) -> None:
    outcomes = set()
    for role in ROLES:
        allowed = has(act.code, site.cast.actor(role), act.on(site))
        outcomes.add(allowed)
        client = browser(role)
        for name, way in act.ways.items():
            untouched = transaction.savepoint()
            assert way(site, role, client) is allowed, (role, name)
            transaction.savepoint_rollback(untouched)
            site.measure.refresh_from_db()
            site.cast.org_a.refresh_from_db()
    assert outcomes == {True, False}


# --- T04: fields nobody offered change nothing ---

FORBIDDEN = {
    "is_operator": "1", "is_staff": "1", "is_superuser": "1", "is_active": "1", "role": "operator",
    "roles": "office", "network": "2", "network_id": "2", "organisation_id": "2", "owner": "1",
    "owner_id": "1", "person": "1", "person_id": "1", "account": "1", "account_id": "1",
    "uuid": "00000000-0000-4000-8000-000000000000", "id": "1", "pk": "1", "version": "999",
    "may_edit": "on", "may_publish": "on", "may_represent": "on", "is_default": "1",
    "may_register": "1", "mfa_roles": "[]", "granted_by": "command", "origin_uuid": "x",
    "expires_at": "2099-01-01", "strong": "1", "scopes": "measures:write", "erased_at": "",
}  # fmt: skip


def privileges() -> dict[str, list[Any]]:
    """Everything that makes somebody allowed to do something, and what tells things apart."""
    return {
        "roles": list(RoleGrant.objects.order_by("pk").values_list("person", "role", "network")),
        "seats": list(
            Affiliation.objects.order_by("pk").values_list(
                "person", "organisation", "may_edit", "may_publish", "may_represent", "ends_on"
            )
        ),
        "accounts": list(Account.objects.order_by("pk").values_list("uuid", "email", "is_active")),
        "people": list(Person.objects.order_by("pk").values_list("uuid", "account", "home")),
        "organisations": list(Organisation.objects.order_by("pk").values_list("uuid", "network")),
        "networks": list(
            Network.objects.order_by("pk").values_list(
                "uuid", "is_default", "may_register", "mfa_roles"
            )
        ),
        "assessments": list(
            Assessment.objects.order_by("pk").values_list("uuid", "owner", "series")[:2]
        ),
        "measures": list(
            Measure.objects.order_by("pk").values_list("uuid", "origin_uuid", "network")[:1]
        ),
        "tokens": list(ApiToken.objects.order_by("pk").values_list("scopes", "strong")),
    }


# Where such a field is the very purpose of the form, or the person ends what is their own.
PURPOSE = {"checks:delete", "checks:measure-delete", "accounts:tokens", "account_signup",
           "today:calendar"}  # fmt: skip


@pytest.mark.parametrize("role", ["anonymous", "registered", "member", "editor_a", "auditor"])
def test_fields_nobody_offered_change_nothing(site: sites.Site, browser: Any, role: str) -> None:
    client = browser(role)
    before = privileges()
    sent = {**FORBIDDEN, "_key": "f" * 20, "title": "X", "scope": "team", "last_name": "X"}
    for name in sites.all_names():
        if name in PURPOSE:
            continue
        untouched = transaction.savepoint()
        response = client.post(site.url(name), sent)
        assert response.status_code < 500, name
        after = privileges()
        assert after == before, (name, [key for key in before if before[key] != after[key]])
        transaction.savepoint_rollback(untouched)


# --- T05: what was lost is lost at the next request ---


def test_a_seat_that_ends_ends_the_pages_too(site: sites.Site, browser: Any) -> None:
    client = browser("editor_a")
    own = ("checks:result", "checks:plan", "checks:everything", "checks:plan-xlsx", "checks:dates")
    for name in own:
        assert client.get(site.url(name)).status_code == 200, name
    seat = Affiliation.objects.get(person=site.cast["editor_a"])
    people_services.end_seat(seat, actor=COMMAND, expected=seat.version)
    for name in (*own, "checks:measure", "checks:measure-file", "checks:sharing"):
        assert client.get(site.url(name)).status_code == 404, name


def test_a_role_that_ends_ends_at_once(site: sites.Site, browser: Any) -> None:
    client = browser("office")
    assert len(client.get("/api/v1/organisations").json()["items"]) == 2
    [grant] = RoleGrant.objects.filter(person=site.cast["office"])
    roles.end_role(grant, actor=COMMAND, expected=grant.version, reason="Ende")
    assert client.get("/api/v1/organisations").json()["items"] == []
    assert site.cast.actor("office").grants == frozenset()


def test_a_suspended_account_is_nobody_at_the_next_request(site: sites.Site, browser: Any) -> None:
    client = browser("editor_a")
    assert client.get(site.url("checks:result")).status_code == 200
    Account.objects.filter(person=site.cast["editor_a"]).update(is_active=False)
    assert client.get(site.url("checks:result")).status_code == 404


def test_a_share_that_ends_ends_at_once(site: sites.Site, browser: Any) -> None:
    client = browser("adviser")
    assert client.get(site.url("checks:result")).status_code == 200
    type(site.share).objects.update(ended_at=clock.now())
    assert client.get(site.url("checks:result")).status_code == 404


def test_a_new_account_with_an_old_address_sees_nothing_old(site: sites.Site) -> None:
    person = site.cast["editor_a"]
    Account.objects.filter(person=person).update(email="weg@beispiel.test", is_active=False)
    EmailAddress.objects.filter(user__person=person).delete()
    newcomer = people.person("Edda Neu", email="editor-a@beispiel.test")
    client = people.sign_in(Client(), newcomer)
    assert client.get(site.url("checks:result")).status_code == 404
    assert harness.api_client(newcomer).get("/api/v1/measures").json()["items"] == []


# --- T06: a token is for one purpose in one network ---


@pytest.fixture
def invitation(site: sites.Site) -> tuple[Invitation, str]:
    """An invitation to organisation A, and its token."""
    made = invitations.invite(
        site.network, actor=COMMAND, email="Registered@beispiel.test", organisation=site.cast.org_a
    )
    address = invitations.address_of(str(made.uuid))
    assert address is not None
    return made, address.rstrip("/").rpartition("/")[2]


def test_an_invitation_works_once_and_where_it_was_meant(
    site: sites.Site, invitation: tuple[Invitation, str]
) -> None:
    made, token = invitation
    person = site.cast["registered"]
    found = invitations.find(token)
    assert found is not None
    with pytest.raises(Refused):
        invitations.accept(found, actor=ANONYMOUS, person=person, address="andere@beispiel.test")
    assert not Affiliation.objects.filter(person=person).exists()
    actor = site.cast.actor("registered")
    invitations.accept(found, actor=actor, person=person, address="registered@beispiel.test")
    seat = Affiliation.objects.get(person=person)
    assert (seat.organisation, seat.may_edit) == (site.cast.org_a, False)
    assert site.cast.actor("registered").own_networks == {site.network.pk}
    assert invitations.find(token) is None
    with pytest.raises(Conflict):
        invitations.accept(made, actor=actor, person=person, address="registered@beispiel.test")
    assert Affiliation.objects.filter(person=person).count() == 1


@pytest.mark.parametrize("change", [{"revoked_at": 0}, {"expires_at": 0}, {"accepted_at": 0}])
def test_an_invitation_that_ended_opens_nothing(
    site: sites.Site, invitation: tuple[Invitation, str], change: dict[str, Any]
) -> None:
    moment = clock.now() - timedelta(seconds=1)
    Invitation.objects.update(**dict.fromkeys(change, moment))
    assert invitations.find(invitation[1]) is None
    assert invitations.find("x" * 43) is None


def test_an_office_invites_only_into_its_own_network(site: sites.Site) -> None:
    foreign = site.cast.actor("foreign_office")
    for options in ({"organisation": site.cast.org_a}, {"role": "office", "reason": "G"}, {}):
        for network in (site.network, site.cast.other):
            if network == site.cast.other and "organisation" not in options:
                continue
            with pytest.raises(NotAllowed):
                invitations.invite(network, actor=foreign, email="a@beispiel.test", **options)


# --- T07: files and what is made from things ---


def test_a_file_opens_only_below_its_own_measure(site: sites.Site, browser: Any) -> None:
    """The address of a file of somebody else below an own measure opens nothing."""
    own = make.assessment(site.check)
    Assessment.objects.filter(pk=own.pk).update(organisation=site.cast.org_b)
    mine = measures.create_measure(actor=COMMAND, origin=Ref.to(own), title="Meine")
    client = browser("editor_b")
    foreign = site.document.uuid
    addresses = [
        [own.uuid, mine.uuid, foreign],
        [own.uuid, site.measure.uuid, foreign],
        [site.assessment.uuid, site.measure.uuid, foreign],
        [site.assessment.uuid, mine.uuid, foreign],
    ]
    for arguments in addresses:
        assert client.get(reverse("checks:measure-file", args=arguments)).status_code == 404
    assert client.get(reverse("today:measure-file", args=[mine.uuid, foreign])).status_code == 404
    assert client.get(reverse("checks:measure", args=[own.uuid, mine.uuid])).status_code == 200
    response = browser("editor_a").get(site.url("checks:measure-file"))
    assert response["Content-Disposition"].startswith("attachment")
    make.body(response)


def test_files_have_no_address_of_their_own(site: sites.Site, browser: Any) -> None:
    document = Document.objects.get(pk=site.document.pk)
    for path in (f"/files/{document.stored_name}", f"/media/{document.stored_name}",
                 f"/{document.stored_name}", f"/static/{document.stored_name}"):  # fmt: skip
        assert browser("operator").get(path).status_code == 404, path


# --- T08: the directory is not read off ---


@pytest.mark.parametrize("role", ["member", "office"])
def test_details_of_organisations_are_limited(site: sites.Site, role: str) -> None:
    client = harness.api_client(site.cast[role])
    addresses = [f"/api/v1/organisations/{org.uuid}" for org in (site.cast.org_a, site.cast.org_b)]
    statuses = [client.get(addresses[n % 2]).status_code for n in range(300)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert statuses.count(200) <= 130
    assert client.get("/api/v1/organisations").status_code == 200


@pytest.mark.parametrize("name", ["desk:organisation", "desk:person"])
def test_the_pages_are_limited_like_the_api(site: sites.Site, browser: Any, name: str) -> None:
    """One count for all ways to a detail: what was read by the API is read."""
    program = harness.api_client(site.cast["office"])
    for _n in range(100):
        program.get(f"/api/v1/organisations/{site.cast.org_a.uuid}")
    client = browser("office")
    statuses = [client.get(site.url(name)).status_code for _n in range(35)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_another_token_does_not_help(site: sites.Site) -> None:
    """The account is counted, not the token."""
    statuses = [
        harness.api_client(site.cast["member"])
        .get(f"/api/v1/organisations/{site.cast.org_a.uuid}")
        .status_code
        for _n in range(15)
    ]
    assert set(statuses) == {200}
    client = harness.api_client(site.cast["member"])
    address = f"/api/v1/organisations/{site.cast.org_a.uuid}"
    assert [client.get(address).status_code for _n in range(130)][-1] == 429


def test_nobody_looks_up_without_a_token(site: sites.Site, client: Client) -> None:
    address = f"/api/v1/organisations/{site.cast.org_a.uuid}"
    statuses = [client.get(address).status_code for _n in range(300)]
    assert set(statuses) == {401, 429}
    assert statuses[-1] == 429


# --- T09: rights are understandable ---


def test_every_right_has_a_name_and_a_sentence() -> None:
    """In German here; that both are in the English catalogue is what test_translations shows."""
    for rule in all_rules():
        assert isinstance(rule.title, Promise), rule.code
        assert isinstance(rule.sentence, Promise), rule.code
        assert str(rule.title).strip(), rule.code
        assert str(rule.sentence).strip().endswith("."), rule.code
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+){1,2}", rule.code), rule.code


def test_nobody_without_an_account_may_write_anything(site: sites.Site) -> None:
    """Only secret links let a visitor change something, and only what they open."""
    populate(site)
    for rule in all_rules():
        if not rule.code.endswith(".view"):
            found = visible(rule.code, ANONYMOUS, rule.model._default_manager.all())
            assert not found.exists(), rule.code
