"""People are shown only as they consented, and a withdrawal holds everywhere at once (T59)."""

import pytest

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import SearchDoc
from lotse.foundation.parties.models import Consent, Person
from lotse.foundation.parties.privacy import consents, restriction
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries import reading
from lotse.rooms.directory.services import entries, publishing
from tests import make
from tests.trust import harness

NAME = "Mats Behrens"


@pytest.fixture
def member(cast):
    """The entry of the member, public with consent."""
    Person.objects.filter(pk=cast["member"].pk).update(phone="0621 5550")
    return make.entry(cast["member"], channels=("web", "members"))


def give(cast, purpose, channel="web"):
    return consents.give(
        cast["member"], purpose, channel, actor=cast.actor("member"), network=cast.network
    )


def take(cast, purpose, channel):
    held = Consent.objects.get(
        person=cast["member"], purpose=purpose, channel=channel, withdrawn_at=None
    )
    consents.withdraw(held, actor=cast.actor("member"))


def everywhere(cast, found, client):
    """Where the name of the member stands, for people without any right."""
    listed = client.get("/api/v1/entries?kind=person").content.decode()
    uuid = Entry.objects.get(person=cast["member"]).uuid
    return {
        "rows": reading.readable("web", cast.network).filter(kind="person").exists(),
        "search": bool(found("web", NAME)),
        "suggest": _suggested(cast),
        "api list": NAME in listed,
        "api": client.get(f"/api/v1/entries/{uuid}").status_code == 200,
        "page": client.get(f"/verzeichnis/{uuid}/").status_code == 200,
        "index": SearchDoc.objects.filter(title=NAME, audience__in=(1, 3, 5, 7)).exists(),
    }


def _suggested(cast):
    from lotse.foundation.core import search

    viewer = search.Viewer({cast.network.uuid: search.WEB})
    return bool(search.suggest("Behr", lang="de", viewer=viewer))


def test_a_withdrawal_holds_everywhere_and_a_new_yes_brings_it_back(cast, member, found, client):
    assert set(everywhere(cast, found, client).values()) == {True}
    take(cast, "profile", "web")
    gone = everywhere(cast, found, client)
    assert set(gone.values()) == {False}, gone
    assert found("members", NAME) == [NAME]
    give(cast, "profile")
    assert set(everywhere(cast, found, client).values()) == {True}


def test_the_same_for_members(cast, member, found):
    take(cast, "profile", "web")
    take(cast, "profile", "members")
    assert found("members", NAME) == []
    response = harness.api_client(cast["editor_a"]).get(f"/api/v1/entries/{member.uuid}")
    assert response.status_code == 404


@pytest.mark.parametrize("how", ["restrict", "erase"])
def test_restricted_and_erased_people_are_gone_for_the_office_too(cast, member, found, how, client):
    person = cast["member"]
    if how == "restrict":
        restriction.restrict(
            person, actor=cast.actor("office"), expected=person.version, reason="Streit"
        )
    else:
        Person.objects.filter(pk=person.pk).update(erased_at=member.created_at)
        parties.tell_of(person.pk)
    assert set(everywhere(cast, found, client).values()) == {False}
    assert found("office", NAME) == []


def test_without_consent_nothing_can_be_published(cast):
    entry = make.entry(cast["member"])
    with pytest.raises(Refused, match="Einwilligung"):
        publishing.publish(
            entry, actor=cast.actor("member"), channels=["web"], expected=entry.version
        )
    give(cast, "profile", "web")
    with pytest.raises(Refused):
        publishing.publish(entry, actor=cast.actor("member"), channels=["web", "members"],
                           expected=entry.version)  # fmt: skip
    publishing.publish(entry, actor=cast.actor("member"), channels=["web"], expected=entry.version)


def test_consent_alone_shows_nothing(cast, found, client):
    make.entry(cast["member"])
    give(cast, "profile")
    assert set(everywhere(cast, found, client).values()) == {False}


def test_consent_in_another_network_does_not_count(cast):
    entry = make.entry(cast["member"])
    consents.give(cast["member"], "profile", "web", actor=cast.actor("member"), network=cast.other)
    with pytest.raises(Refused):
        publishing.publish(
            entry, actor=cast.actor("member"), channels=["web"], expected=entry.version
        )


def test_what_the_office_writes_waits_for_the_person(cast, member):
    office, before = cast.actor("office"), member.latest
    revision = entries.save(member, actor=office, expected=member.version,
                            content={**before.content, "competences": ["Schweißen"]})  # fmt: skip
    assert revision.on_behalf
    with pytest.raises(NotAllowed):
        publishing.publish(member, actor=office, channels=["web"], expected=member.version)
    assert reading.see(cast.actor("anonymous"), member.uuid).revision == before


def test_photo_and_ways_to_reach_need_their_own_consent(cast, member, client):
    facts = reading.person_facts(member, "web")
    assert (facts.name, facts.photo, facts.email, facts.phone) == (NAME, None, "", "")
    assert facts.reachable
    give(cast, "contact")
    facts = reading.person_facts(member, "web")
    assert (facts.email, facts.phone) == ("member@beispiel.test", "0621 5550")
    assert reading.person_facts(member, "members").email == ""
    assert "member@beispiel.test" not in client.get("/api/v1/entries").content.decode()


def test_an_organisation_that_is_not_public_is_not_named_with_a_person(cast, member, client):
    def seats():
        return reading.person_facts(member, "web").functions

    parties.change_seat(
        cast["member"].affiliations.get(), actor=COMMAND, expected=1, function="Beisitz"
    )
    assert [(one.function, one.organisation, one.entry) for one in seats()] == [
        ("Beisitz", "", None)
    ]
    assert "Ahrens" not in client.get(f"/api/v1/entries/{member.uuid}").content.decode()
    entry = make.entry(cast.org_a, channels=("web",), name="Ahrens öffentlich")
    entries.save(entry, actor=COMMAND, expected=entry.version,
                 content={**entry.latest.content, "name": "Ahrens geheim"})  # fmt: skip
    assert [(one.organisation, one.entry) for one in seats()] == [("Ahrens öffentlich", entry.uuid)]


def test_an_ended_seat_is_no_function(cast, member):
    make.entry(cast.org_a, channels=("web",))
    assert reading.person_facts(member, "web").functions
    seat = cast["member"].affiliations.get()
    parties.end_seat(seat, actor=COMMAND, expected=seat.version)
    assert reading.person_facts(member, "web").functions == []
