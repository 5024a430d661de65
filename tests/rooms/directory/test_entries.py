"""Entries: made with every organisation, saved as revisions, kept apart from what readers see."""

import pytest

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Organisation
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory.content.cleaning import Faulty, clean_content, missing_fields
from lotse.rooms.directory.models import Entry, Publication, Revision, Template
from lotse.rooms.directory.services import entries, publishing
from tests import make, people

NAMED = {"name": "Ahrens hilft e. V.", "kind": "nonprofit"}


def test_every_organisation_has_an_entry_from_its_base_data(cast):
    made = people.organisation(cast.network, "Haus der Beratung", city="Speyer", website="haus.de")
    entry = Entry.objects.get(organisation=made)
    assert entry.latest.content == {
        "name": "Haus der Beratung", "kind": "nonprofit", "city": "Speyer",
        "website": "https://haus.de",
    }  # fmt: skip
    assert (entry.latest.on_behalf, entry.latest.number) == (True, 1)
    assert not Publication.objects.filter(entry=entry).exists()


def test_base_data_that_break_a_rule_do_not_stop_the_entry(cast):
    made = people.organisation(cast.network, "Altbestand", website="javascript:alert(1)")
    assert "website" not in Entry.objects.get(organisation=made).latest.content
    assert Organisation.objects.get(pk=made.pk).website == "javascript:alert(1)"


def test_a_save_is_a_new_revision_and_nothing_is_public(cast, entry_a):
    actor = cast.actor("editor_a")
    content = {**entry_a.latest.content, "offers": "Wir hören zu und schreiben auf."}
    revision = entries.save(entry_a, actor=actor, expected=entry_a.version, content=content,
                            reason="  Neuer\nSatz ")  # fmt: skip
    assert (revision.number, revision.on_behalf, revision.reason) == (3, False, "Neuer Satz")
    assert revision.author == actor.ref
    assert Entry.objects.get(pk=entry_a.pk).latest == revision
    assert not Publication.objects.exists()
    line = LogEntry.objects.filter(code="directory.entry.saved").latest("pk")
    assert line.after == {"revision": 3, "changed": ["offers"]}


def test_the_same_content_again_makes_no_revision(cast, entry_a):
    before = entry_a.version
    content = {**entry_a.latest.content, "seek": "  "}
    same = entries.save(entry_a, actor=COMMAND, expected=before, content=content)
    assert same == entry_a.latest
    assert Entry.objects.get(pk=entry_a.pk).version == before


def test_the_same_key_gives_the_first_revision(cast, entry_a):
    key = once.new_key()
    version = entry_a.version
    first = entries.save(entry_a, actor=COMMAND, expected=version, key=key,
                         content={**NAMED, "city": "Worms"})  # fmt: skip
    again = entries.save(entry_a, actor=COMMAND, expected=version, key=key,
                         content={**NAMED, "city": "Bonn"})  # fmt: skip
    assert again == first


def test_of_two_saves_at_once_the_second_conflicts(cast, entry_a):
    version = entry_a.version
    entries.save(entry_a, actor=COMMAND, expected=version, content={**NAMED, "city": "Worms"})
    with pytest.raises(Conflict) as conflict:
        entries.save(entry_a, actor=COMMAND, expected=version, content={**NAMED, "city": "Bonn"})
    assert conflict.value.current == entry_a
    assert Revision.objects.filter(entry=entry_a).count() == 3


@pytest.mark.parametrize(
    "role",
    ["anonymous", "registered", "member", "editor_b", "adviser", "coordinator", "auditor",
     "former", "foreign_office"],
)  # fmt: skip
def test_who_may_not_edit(cast, entry_a, role):
    with pytest.raises(NotAllowed):
        entries.save(entry_a, actor=cast.actor(role), expected=entry_a.version, content=NAMED)


def test_the_office_writes_on_behalf(cast, entry_a):
    revision = entries.save(
        entry_a, actor=cast.actor("office"), expected=entry_a.version, content=NAMED
    )
    assert revision.on_behalf


def test_a_save_writes_the_base_data(cast, entry_a):
    content = {**NAMED, "name": "Ahrens hilft", "topics": ["nachfolge"],
               "regions": ["07", "08222"], "website": "https://ahrens.example"}  # fmt: skip
    entries.save(entry_a, actor=COMMAND, expected=entry_a.version, content=content)
    held = Organisation.objects.get(pk=cast.org_a.pk)
    assert (held.name, held.website, held.city) == ("Ahrens hilft", "https://ahrens.example", "")
    assert held.region.key == "07"
    assert list(held.topics.values_list("code", flat=True)) == ["nachfolge"]


def test_the_desk_changing_base_data_makes_one_revision_on_behalf(cast, entry_a):
    office = cast.actor("office")
    cast.org_a.refresh_from_db()
    parties.change_organisation(
        cast.org_a, actor=office, expected=cast.org_a.version, name="Ahrens und andere", city="Ulm"
    )
    entry = Entry.objects.get(pk=entry_a.pk)
    assert (entry.latest.on_behalf, entry.latest.number) == (True, 3)
    assert entry.latest.content == {
        **entry_a.latest.content, "name": "Ahrens und andere", "city": "Ulm"
    }  # fmt: skip
    parties.change_organisation(
        cast.org_a, actor=office, expected=cast.org_a.version, name="Ahrens und andere"
    )
    assert Entry.objects.get(pk=entry_a.pk).latest.number == 3


def test_services_belong_to_an_organisation(cast):
    with pytest.raises(NotAllowed):
        entries.create_service(cast.org_a, actor=cast.actor("editor_b"), content=make.SERVICE)
    with pytest.raises(Faulty) as faulty:
        entries.create_service(cast.org_a, actor=cast.actor("editor_a"), content={"forms": ["x"]})
    assert set(faulty.value.faults) == {"name", "forms"}
    made = entries.create_service(cast.org_a, actor=cast.actor("editor_a"), content=make.SERVICE)
    assert (made.kind, made.organisation, made.latest.on_behalf) == ("service", cast.org_a, False)


def test_a_person_has_one_entry_in_a_network(cast):
    member = cast["member"]
    first = entries.create_person_entry(member, cast.network, actor=cast.actor("member"))
    assert entries.create_person_entry(member, cast.network, actor=cast.actor("office")) == first
    for role in ("editor_a", "coordinator", "anonymous", "foreign_office"):
        with pytest.raises(NotAllowed):
            entries.create_person_entry(member, cast.network, actor=cast.actor(role))


def test_archiving_is_for_the_office_and_services_also_for_publishers(cast, entry_a):
    service = make.entry(cast.org_a, service=True)
    for role in ("editor_a", "coordinator", "editor_b"):
        with pytest.raises(NotAllowed):
            entries.archive(entry_a, actor=cast.actor(role), expected=entry_a.version)
    entries.archive(service, actor=cast.actor("editor_a"), expected=service.version)
    entries.archive(entry_a, actor=cast.actor("office"), expected=entry_a.version)
    with pytest.raises(Refused):
        entries.save(entry_a, actor=COMMAND, expected=entry_a.version, content=NAMED)
    entries.restore(entry_a, actor=cast.actor("office"), expected=entry_a.version)
    assert Entry.objects.get(pk=entry_a.pk).archived_at is None


def test_flags_are_for_the_office(cast, entry_a):
    with pytest.raises(NotAllowed):
        entries.set_flags(entry_a, actor=cast.actor("editor_a"), expected=entry_a.version,
                          is_pilot=True, is_lighthouse=False)  # fmt: skip
    entries.set_flags(entry_a, actor=cast.actor("office"), expected=entry_a.version,
                      is_pilot=True, is_lighthouse=False)  # fmt: skip
    assert Entry.objects.get(pk=entry_a.pk).is_pilot


def test_cleaning_keeps_good_values(taxonomy):
    cleaned = clean_content("organisation", {
        "name": "  Haus\u202e  Müller ", "kind": "firm", "offers": "Eins\r\nzwei  \n",
        "portfolio": "Beratung\n\nberatung\nSchulung", "limits": "",
        "adviser_groups": ["Ausbildung: 6", {"text": "Nachfolge", "count": "2"}, "Ehrenamt"],
        "topics": ["ausbildung", "ausbildung"], "sectors": ["f", "43.2"], "sizes": ["micro"],
        "regions": ["08222", "00"], "website": "haus.example/a b", "email": "a@haus.example",
        "phone": "+49 (711) 12-3", "public_benefit_on": "2024-02-29", "logo": None,
    })  # fmt: skip
    assert cleaned == {
        "name": "Haus Müller", "kind": "firm", "offers": "Eins\nzwei",
        "portfolio": ["Beratung", "Schulung"],
        "adviser_groups": [{"text": "Ausbildung", "count": 6}, {"text": "Nachfolge", "count": 2},
                           {"text": "Ehrenamt", "count": None}],
        "topics": ["ausbildung"], "sectors": ["F", "43.2"], "sizes": ["micro"],
        "regions": ["08222", "00"], "website": "https://haus.example/a%20b",
        "email": "a@haus.example", "phone": "+49 (711) 12-3", "public_benefit_on": "2024-02-29",
    }  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [
    ("name", "x" * 201), ("name", ""), ("name", ["a"]), ("kind", "king"), ("summary", 1.5),
    ("portfolio", ["x" * 161]), ("portfolio", [str(n) for n in range(31)]), ("portfolio", {}),
    ("adviser_groups", ["Viele: 100001"]), ("adviser_groups", [{"text": "a", "count": "-1"}]),
    ("topics", ["gibt-es-nicht"]), ("topics", [None]), ("regions", ["99999"]),
    ("regions", ["8222"]), ("sectors", ["Z"]), ("sectors", ["99.99.9"]), ("sizes", ["riesig"]),
    ("website", "javascript:alert(1)"), ("website", "http://"), ("website", "https://u@h.de"),
    ("website", "ftp://haus.de"), ("email", "nur-name"), ("phone", "anrufen"),
    ("public_benefit_on", "31.12.2024"), ("public_benefit_on", "1066-10-14"),
    ("logo", "../../etc/passwd"), ("secret", "x"), ("__class__", "x"),
])  # fmt: skip
def test_cleaning_refuses_bad_values_by_field(taxonomy, field, value):
    with pytest.raises(Faulty) as faulty:
        clean_content("organisation", {**NAMED, "offers": "gut", field: value})
    assert list(faulty.value.faults) == [field]
    assert all(faulty.value.faults[field])


def test_a_person_says_it_in_five_lines(taxonomy):
    assert clean_content("person", {"lines": "1\n2\n3\n4\n5"})
    with pytest.raises(Faulty):
        clean_content("person", {"lines": "1\n2\n3\n4\n5\n6"})


def test_what_is_missing_follows_the_template(taxonomy):
    lacking = [one.key for one in missing_fields("person", {"topics": ["ausbildung"]}, None)]
    assert lacking == ["lines"]
    template = Template(fields={"lines": {"use": False}, "competences": {"required": True}})
    lacking = [one.key for one in missing_fields("person", {}, template)]
    assert lacking == ["competences", "topics"]


def test_a_picture_of_another_entry_is_refused(cast, entry_a):
    other = make.entry(cast.org_b)
    from lotse.rooms.directory.models import Picture

    picture = Picture.objects.create(
        entry=other, content=b"x", media_type="image/png", width=1, height=1
    )
    with pytest.raises(Faulty):
        entries.save(entry_a, actor=COMMAND, expected=entry_a.version,
                     content={**NAMED, "logo": str(picture.uuid)})  # fmt: skip


def test_a_save_costs_the_same_for_one_and_three_services(cast, entry_a, count_queries):
    counts = []
    for number in range(2):
        make.entry(cast.org_a, service=True)
        entry = Entry.objects.get(pk=entry_a.pk)
        content = {**entry.latest.content, "offers": f"Fassung {number}"}
        with count_queries() as queries:
            entries.save(entry, actor=cast.actor("editor_a"), expected=entry.version,
                         content=content)  # fmt: skip
        counts.append(queries.count)
        make.entry(cast.org_a, service=True)
    assert counts[0] == counts[1] <= 32


def test_a_draft_changes_no_base_data_of_what_is_let_through(cast):
    entry = make.entry(cast.org_a, channels=("web",))
    draft = {**entry.latest.content, "name": "Noch geheim", "city": "Ulm"}
    entries.save(entry, actor=COMMAND, expected=entry.version, content=draft)
    held = Organisation.objects.get(pk=cast.org_a.pk)
    assert (held.name, held.city) == (cast.org_a.name, "Mannheim")
    parties.change_organisation(
        held, actor=cast.actor("office"), expected=held.version, city="Heidelberg"
    )
    entry = Entry.objects.select_related("latest").get(pk=entry.pk)
    assert (entry.latest.content["name"], entry.latest.content["city"]) == (
        "Noch geheim", "Heidelberg",
    )  # fmt: skip
    publishing.publish(
        entry, actor=cast.actor("editor_a"), channels=["web"], expected=entry.version
    )
    held.refresh_from_db()
    assert (held.name, held.city) == ("Noch geheim", "Heidelberg")
