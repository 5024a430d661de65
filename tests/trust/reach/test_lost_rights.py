"""T05: what was lost is lost at the next request."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Affiliation, RoleGrant
from lotse.foundation.parties.services import people as people_services
from lotse.foundation.parties.services import roles
from lotse.rooms.directory.models import Announcement, Letter, Revision
from lotse.rooms.directory.services import letters
from tests import people
from tests.trust import harness
from tests.trust import site as sites

pytestmark = pytest.mark.django_db


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


def test_a_seat_that_ends_ends_drafts_edits_and_letters(site: sites.Site, browser: Any) -> None:
    """The draft of organisation B is announced; its editor leaves."""
    client, guest = browser("editor_b"), Client()
    draft, letter = site.announced, Letter.objects.get(person=site.cast["editor_b"])
    secret = (letters.address_of(str(letter.uuid)) or "").partition("/verzeichnis/")[2]
    asked = f"/verzeichnis/brief/{letter.uuid}/"
    assert guest.get(f"/verzeichnis/{secret}").url == asked
    own = [f"/verzeichnis/{draft.uuid}/{page}" for page in (
        "", "bearbeiten/", "leistung/neu/", "stand/", "vorschau/", "verlauf/", "verlauf/1/",
        "ankuendigung/", "bestaetigen/")]  # fmt: skip
    letter_pages = [asked, f"{asked}aendern/"]
    assert {client.get(page).status_code for page in own} == {200}
    assert {guest.get(page).status_code for page in letter_pages} == {200}
    seat = Affiliation.objects.get(person=site.cast["editor_b"])
    people_services.end_seat(seat, actor=COMMAND, expected=seat.version)
    assert {client.get(page).status_code for page in own} == {404}
    assert {guest.get(page).status_code for page in letter_pages} == {410}
    before = Revision.objects.count()
    sent = {"_key": "l" * 20, "version": "1", "go": "approve", "name": "X", "kind": "firm"}
    for page in own:
        assert client.post(page, sent).status_code in (404, 405), page
    newcomer = Client()
    newcomer.get(f"/verzeichnis/{secret}")
    for visitor in (guest, newcomer):
        for page in letter_pages:
            assert visitor.post(page, sent).status_code == 410, page
    assert Revision.objects.count() == before
    assert Announcement.objects.get().state == Announcement.State.OPEN
    assert client.get(f"/api/v1/entries/{draft.uuid}").status_code == 404
    assert client.get("/verzeichnis/eigene/").status_code == 200
    assert str(draft.uuid) not in client.get("/verzeichnis/eigene/").content.decode()
