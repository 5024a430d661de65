"""Meine Steckbriefe: what somebody may edit, what lacks, what waits; making what is not there."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Affiliation
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.services import announcing, entries
from tests import make, people
from tests.people import Cast

pytestmark = pytest.mark.django_db


def page(cast: Cast, role: str) -> str:
    response = cast.client(role).get(reverse("directory:own"))
    assert response.status_code == 200
    return str(response.content.decode())


def test_shows_the_entries_of_ones_organisation_and_its_services(cast: Cast) -> None:
    make.entry(cast.org_a, name="Ahrens hilft e. V.", channels=("web",))
    service = make.entry(cast.org_a, service=True, name="Hospitation im Betrieb")
    make.entry(cast.org_b)
    text = page(cast, "editor_a")
    assert "Ahrens hilft e. V." in text
    assert "Hospitation im Betrieb" in text
    assert reverse("directory:edit", args=[service.uuid]) in text
    assert "Brandt" not in text
    assert "veröffentlicht" in text
    assert "nicht veröffentlicht" in text


def test_says_what_lacks_and_what_waits(cast: Cast) -> None:
    entry = Entry.objects.get(organisation=cast.org_a, kind="organisation")
    entries.save(entry, actor=cast.actor("office"), expected=entry.version,
                 content={"name": "Ahrens hilft e. V.", "kind": "nonprofit"},
                 reason="Erster Aufschlag")  # fmt: skip
    text = page(cast, "editor_a")
    assert "Es fehlt noch:" in text
    assert "In einem Satz" in text
    assert "Die neueste Fassung wartet auf Ihre Freigabe." in text


def test_says_what_the_office_announced(cast: Cast, entry_a: Entry) -> None:
    announcing.announce(entry_a, actor=cast.actor("office"), channels=["web"])
    assert "Die Geschäftsstelle hat Änderungen angekündigt" in page(cast, "editor_a")


def test_who_has_no_rights_there_sees_only_the_own_entry(cast: Cast, entry_a: Entry) -> None:
    text = page(cast, "member")
    assert reverse("directory:edit", args=[entry_a.uuid]) not in text
    assert "Eigenen Steckbrief anlegen" in text


def test_who_only_publishes_finds_the_entry_but_no_form(cast: Cast, entry_a: Entry) -> None:
    Affiliation.objects.filter(person=cast["editor_a"]).update(may_edit=False)
    text = page(cast, "editor_a")
    assert reverse("directory:state", args=[entry_a.uuid]) in text
    assert reverse("directory:edit", args=[entry_a.uuid]) not in text


def test_the_own_entry_is_made_once_and_seen_by_nobody(cast: Cast) -> None:
    client = cast.client("member")
    for _time in range(2):
        response = client.post(reverse("directory:own-new"))
        assert response.status_code == 302
    entry = Entry.objects.get(person=cast["member"])
    assert response["Location"] == reverse("directory:edit", args=[entry.uuid])
    assert "Eigenen Steckbrief anlegen" not in page(cast, "member")
    for role, status in (("editor_a", 404), ("anonymous", 404), ("member", 200)):
        found = cast.client(role).get(reverse("directory:entry", args=[entry.uuid]))
        assert found.status_code == status, role


def test_who_belongs_to_no_network_makes_none(cast: Cast) -> None:
    client = cast.client("registered")
    assert client.post(reverse("directory:own-new")).status_code == 403
    assert "Eigenen Steckbrief anlegen" not in page(cast, "registered")
    assert not Entry.objects.filter(person=cast["registered"]).exists()


def test_an_organisation_without_entry_gets_one(cast: Cast) -> None:
    Entry.objects.filter(organisation=cast.org_a).delete()
    assert "Für diese Organisation gibt es noch keinen Steckbrief." in page(cast, "editor_a")
    path = reverse("directory:own-organisation-new", args=[cast.org_a.uuid])
    assert cast.client("editor_b").post(path).status_code == 404
    assert cast.client("member").post(path).status_code == 404
    assert cast.client("editor_a").post(path).status_code == 302
    assert Entry.objects.filter(organisation=cast.org_a).count() == 1


def test_a_visitor_signs_in_first(cast: Cast, client: Any) -> None:
    response = client.get(reverse("directory:own"))
    assert response.status_code == 302
    assert "anmelden" in response["Location"]


@pytest.mark.parametrize("n", [1, 3])
def test_the_number_of_queries_does_not_grow(cast: Cast, count_queries: Any, n: int) -> None:
    make.entry(cast["editor_a"], channels=("web",))
    for number in range(n):
        organisation = people.organisation(cast.network, f"Verein {number} e. V.")
        parties.add_seat(cast["editor_a"], organisation, actor=COMMAND, may_edit=True,
                         may_publish=True)  # fmt: skip
        entry = make.entry(organisation, channels=("web", "members"))
        make.entry(organisation, service=True, name=f"Sprechstunde {number}")
        announcing.announce(entry, actor=COMMAND, channels=["brochure"])
    client = cast.client("editor_a")
    with count_queries() as queries:
        response = client.get(reverse("directory:own"))
    assert response.content.decode().count("Sprechstunde") >= n
    assert queries.count <= 8, queries.counted
