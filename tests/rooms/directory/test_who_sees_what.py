"""Who sees what: names that are hidden, two networks of one person, restricted people, imports."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, SearchDoc
from lotse.foundation.parties.models import Network, Organisation, Person
from lotse.foundation.parties.privacy import consents, restriction
from lotse.foundation.parties.search_facets import network_labels
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory import searching
from lotse.rooms.directory.content import table
from lotse.rooms.directory.models import Channel, Entry, Publication, Revision
from lotse.rooms.directory.queries import own, reading
from lotse.rooms.directory.queries.rows import extras_of
from lotse.rooms.directory.services import (
    announcing,
    editing,
    entries,
    importing,
    notes,
    publishing,
)
from tests import make, people
from tests.trust import harness

NAME = "Mats Behrens"


def again(entry):
    return Entry.objects.get(pk=entry.pk)


@pytest.mark.parametrize("how", ["unpublish", "archive", "rename", "clock"])
def test_a_hidden_name_of_an_organisation_is_not_found_at_its_people(cast, found, how):
    shown = make.entry(cast.org_a, channels=("web",))
    make.entry(cast["member"], channels=("web",))
    assert NAME in found("web", "Ahrens")
    if how == "unpublish":
        publishing.unpublish(shown, actor=cast.actor("editor_a"), channel="web",
                             expected=shown.version)  # fmt: skip
    elif how == "archive":
        entries.archive(shown, actor=cast.actor("office"), expected=shown.version)
    elif how == "rename":
        editing.save_and_publish(
            shown, actor=cast.actor("editor_a"), expected=shown.version, channels=["web"],
            content={**shown.latest.content, "name": "Ganz Neu e. V."},
        )  # fmt: skip
        assert NAME in found("web", "Ganz Neu")
    else:
        # What ends by the clock, without an act, is followed by the daily job.
        Publication.objects.update(ended_at=None)
        Publication.objects.filter(entry=shown).update(ended_at=clock.now() - timedelta(hours=2))
        searching.follow_clock()
    assert found("web", "Ahrens") == []


def test_a_name_announced_is_found_at_the_people_once_it_holds(cast, found, at):
    shown = make.entry(cast.org_a, channels=("web",))
    make.entry(cast["member"], channels=("web",))
    entries.save(shown, actor=cast.actor("office"), expected=shown.version,
                 content={**shown.latest.content, "name": "Zukunft e. V."})  # fmt: skip
    assert found("web", "Zukunft") == []
    announcing.announce(again(shown), actor=cast.actor("office"), channels=["web"])
    assert found("web", "Zukunft") == []
    at(clock.now() + timedelta(days=29))
    searching.follow_clock()
    assert NAME in found("web", "Zukunft")
    assert found("web", "Ahrens") == []


def test_two_networks_of_one_person_never_mix(cast):
    far = people.organisation(cast.other, "Nebenhaus Geheim GmbH")
    parties.add_seat(cast["member"], far, actor=COMMAND, function="Leitung Geheimprojekt")
    make.entry(far, channels=("members",))
    make.entry(cast.org_a, channels=("web", "members"))
    here = make.entry(cast["member"], channels=("web", "members"))
    there = make.entry(cast["member"], channels=("members",), network=cast.other)
    parties.tell_of(cast["member"].pk)
    held = {
        entry.pk: {
            bit
            for doc in SearchDoc.objects.filter(ref=entry.uuid)
            for bit in (1, 2, 4)
            if doc.audience & bit
        }
        for entry in (here, there)
    }
    assert held == {here.pk: {1, 2, 4}, there.pk: {2, 4}}
    words = {
        entry.pk: " ".join(
            f"{one.text.summary} {one.text.topic_terms}"
            for one in SearchDoc.objects.filter(ref=entry.uuid).select_related("text")
        ).casefold()
        for entry in (here, there)
    }
    assert "geheim" in words[there.pk]
    assert "geheim" not in words[here.pk]
    assert "ahr" not in words[there.pk].split()
    seats = reading.seats_of([here, there], Channel.MEMBERS)
    assert [seat.organisation for seat in seats[here.pk]] == ["Ahrens hilft e. V."]
    assert [seat.organisation for seat in seats[there.pk]] == ["Nebenhaus Geheim GmbH"]


@pytest.mark.parametrize("role", ["coordinator", "auditor"])
def test_restricted_people_are_for_the_office_and_themselves(cast, role):
    entry = make.entry(cast["member"], channels=("web", "members"))
    pages = [
        reverse(name, args=[entry.uuid])
        for name in ("directory:entry", "directory:history", "directory:state", "desk:entry")
    ]
    client = cast.client(role)
    assert {client.get(page).status_code for page in pages} == {200}
    person = Person.objects.get(pk=cast["member"].pk)
    restriction.restrict(
        person, actor=cast.actor("office"), expected=person.version, reason="Streit"
    )
    assert {client.get(page).status_code for page in pages} == {404}
    assert NAME.split()[1] not in make.body(client.get(reverse("desk:entries"))).decode()
    api = harness.api_client(cast[role]).get(f"/api/v1/entries/{entry.uuid}")
    assert api.status_code == 404
    for other in ("office", "member"):
        assert cast.client(other).get(pages[0]).status_code == 200


def test_nobody_but_the_operator_reads_what_is_left_of_the_erased(cast):
    entry = make.entry(cast["member"], channels=("web",))
    Person.objects.filter(pk=cast["member"].pk).update(erased_at=clock.now())
    page = reverse("directory:entry", args=[entry.uuid])
    for role in ("office", "coordinator", "auditor", "editor_a"):
        assert cast.client(role).get(page).status_code == 404, role


def test_merged_people_are_shown_nowhere(cast, found):
    entry = make.entry(cast["member"], channels=("web",))
    Person.objects.filter(pk=cast["member"].pk).update(merged_into=cast["editor_a"])
    parties.tell_of(cast["member"].pk)
    assert not reading.readable("web", None).filter(pk=entry.pk).exists()
    assert found("web", NAME) == found("office", NAME) == []


def rows(text="Aus der Tabelle"):
    return f"key;name;kind;description\nk9;Ahrens hilft e. V.;nonprofit;{text}\n".encode()


def test_only_the_operators_command_publishes_by_import(cast):
    with pytest.raises(NotAllowed):
        importing.import_organisations(
            rows(), actor=cast.actor("office"), network=cast.network, channels=("web",)
        )
    assert not Organisation.objects.filter(key="k9").exists()
    done = importing.import_organisations(
        rows(), actor=COMMAND, network=cast.network, channels=("web",)
    )
    assert (done.created, done.kept) == (1, 0)


@pytest.mark.parametrize("how", ["released", "withdrawn", "draft", "announced"])
def test_an_import_changes_nothing_that_readers_see_of_a_partner(cast, how):
    Organisation.objects.filter(pk=cast.org_a.pk).update(key="k9")
    entry, partner = make.entry(cast.org_a), cast.actor("editor_a")
    said = {**entry.latest.content, "offers": "Vom Partner"}
    if how == "announced":
        announcing.announce(entry, actor=cast.actor("office"), channels=["web"])
    else:
        editing.save_and_publish(entry, actor=partner, expected=entry.version, content=said,
                                 channels=[] if how == "draft" else ["web"])  # fmt: skip
    if how == "withdrawn":
        now = again(entry)
        publishing.unpublish(now, actor=partner, channel="web", expected=now.version)
    before = list(Publication.objects.order_by("pk").values("revision", "channel", "ended_at"))
    done = importing.import_organisations(
        rows(), actor=COMMAND, network=cast.network, channels=("web",)
    )
    after = list(Publication.objects.order_by("pk").values("revision", "channel", "ended_at"))
    assert before == after
    assert (done.changed, done.kept) == (1, 1)


@pytest.mark.parametrize("kind", ["organisation", "person"])
def test_an_entry_made_at_once_by_two_is_one(cast, monkeypatch, kind):
    """The second one looked before the first one had written."""
    if kind == "person":

        def make_one():
            return entries.create_person_entry(cast["member"], cast.network, actor=COMMAND)
    else:

        def make_one():
            return entries.ensure_organisation_entry(cast.org_a, actor=COMMAND)

    first = make_one()
    revisions = Revision.objects.count()
    looks, blind = Entry.objects.filter, [True]

    def look(*args, **kwargs):
        if blind and ("person" in kwargs or "organisation" in kwargs):
            blind.pop()
            return Entry.objects.none()
        return looks(*args, **kwargs)

    monkeypatch.setattr(Entry.objects, "filter", look)
    assert make_one() == first
    assert not blind
    assert Revision.objects.count() == revisions


def workbook(cells):
    """A workbook with these cells in the first column, small as packed."""
    from openpyxl import Workbook

    plain, packed = io.BytesIO(), io.BytesIO()
    book = Workbook()
    book.active.append(["key", "name", "kind"])
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(rb"<dimension[^>]*/>", b"", part)
                part = part.replace(b"</sheetData>", b"".join(
                    b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>%s</t></is></c></row>'
                    % (line, line, cell) for line, cell in cells) + b"</sheetData>")  # fmt: skip
            new.writestr(name, part)
    return packed.getvalue()


HEAD = b"key;name;kind\n"


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (lambda: HEAD + b"k;n;firm\n" * 1_200_000, "MB"),
        (lambda: HEAD + b"k;n;firm\n" * (table.ROWS_MOST + 1), str(table.ROWS_MOST)),
        (lambda: HEAD + b"k;" + b"n" * (table.CELL_MOST + 1) + b";firm\n", "Zeile 2"),
        (lambda: workbook((n, b"A" * 1_000_000) for n in range(2, 62)), "ausgepackt"),
        (lambda: workbook([(999_999_999, b"A")]), str(table.ROWS_MOST)),
        (lambda: workbook([(2, b"A")])[:-40], "lesbar"),
        (lambda: workbook([(2, b"<")]), "lesbar"),
    ],
)  # fmt: skip
def test_tables_have_a_limit_with_words(raw, word):
    with pytest.raises(Refused) as refused:
        table.read_table(raw())
    assert word in refused.value.messages[0]


def test_a_damaged_part_of_a_workbook_is_said_in_words(db):
    raw = bytearray(workbook([(2, b"abc" * 3000)]))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    raw[at + 60 : at + 120] = b"\xff" * 60
    with pytest.raises(Refused):
        table.read_table(bytes(raw))


def test_names_of_restricted_authors_are_not_told(cast):
    ref = cast.actor("editor_a").ref
    assert own.names_of([ref])
    Person.objects.filter(pk=cast["editor_a"].pk).update(restricted_at=clock.now())
    assert own.names_of([ref]) == {}


def test_networks_that_ended_are_not_named(cast):
    values = [cast.network.uuid.hex, cast.other.uuid.hex]
    assert set(network_labels(values, "de")) == set(values)
    Network.objects.filter(pk=cast.other.pk).update(state=Network.State.ENDED)
    assert set(network_labels(values, "de")) == {cast.network.uuid.hex}


def test_lines_of_lists_tell_nothing_of_drafts(cast, entry_a):
    """Whoever hands over a key gets nothing but what there is to read."""
    entry = entry_a.uuid
    towns = {
        role: extras_of([entry], cast.actor(role), "de", services=[])[str(entry)].place
        for role in ("anonymous", "editor_b", "editor_a", "coordinator", "office")
    }
    town = entry_a.latest.content["city"]
    assert {role for role, shown in towns.items() if shown} == {"editor_a", "coordinator", "office"}
    assert towns["office"] == town


def test_the_log_of_a_note_goes_with_the_person(cast):
    entry = entries.create_person_entry(cast["member"], cast.network, actor=COMMAND)
    note = notes.add_note(entry, actor=cast.actor("office"), words="Ruft lieber an.")
    notes.delete_note(note, actor=cast.actor("office"))
    lines = LogEntry.objects.filter(code__startswith="directory.note.")
    assert {line.subject_uuid for line in lines} == {cast["member"].uuid}


def test_consent_everywhere_counts_in_each_network(cast):
    here = make.entry(cast["member"], channels=("members",))
    there = make.entry(cast["member"], channels=("members",), network=cast.other)
    for one in cast["member"].consents.all():
        consents.withdraw(one, actor=cast.actor("member"))
    assert not SearchDoc.objects.filter(ref__in=[here.uuid, there.uuid], audience=6).exists()
    consents._give(cast["member"], "profile", "members", actor=COMMAND, network=None, lang="de",
                   key="")  # fmt: skip
    for one in (here, there):
        assert SearchDoc.objects.filter(ref=one.uuid, audience=6).exists()
