"""Organisations out of a table: what comes in, what is refused and why, and that it is the same
a second time."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Organisation
from lotse.rooms.directory.models import Entry, Publication, Revision
from lotse.rooms.directory.services import importing

HEAD = (
    "key;name;short_name;kind;function;services;topics;target_groups;sectors;regions;"
    "postal_code;city;website;email;description;limits"
)
ROW = (
    "bz-1;Bildungszentrum Neckarau;BZN;Kammer;Rat für Betriebe;Beratung|Schulung;ausbildung|Azubis;"
    "Auszubildende|Schichtleitungen;F|43.2;8222|Baden-Württemberg;68199;Mannheim;bzn.example;"
    'post@bzn.example;"Wir kommen;\nund hören zu.";Keine Gutachten'
)


def run(path, **options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("importorganisations", str(path), stdout=out, stderr=err, **options)
        code = 0
    except SystemExit as end:
        code = end.code
    text = out.getvalue()
    return code, json.loads(text) if options.get("json") else text, err.getvalue()


@pytest.fixture
def write(tmp_path):
    def written(*rows, head=HEAD, encoding="utf-8", name="liste.csv"):
        file = tmp_path / name
        file.write_bytes("\r\n".join([head, *rows, ""]).encode(encoding))
        return file

    return written


def test_a_row_becomes_an_organisation_with_its_entry(cast, write):
    code, said, _err = run(write(ROW), json=True)
    assert code == 0
    assert said == {"created": 1, "changed": 0, "unchanged": 0, "refused": [], "kept": 0}
    made = Organisation.objects.get(key="bz-1")
    assert (made.kind, made.region.key, made.city) == ("chamber", "08222", "Mannheim")
    entry = Entry.objects.get(organisation=made)
    assert entry.latest.content == {
        "name": "Bildungszentrum Neckarau", "short_name": "BZN", "kind": "chamber",
        "function": "Rat für Betriebe", "portfolio": ["Beratung", "Schulung"],
        "topics": ["ausbildung"], "target_groups": ["apprentices"],
        "target_words": ["Schichtleitungen"], "sectors": ["F", "43.2"], "regions": ["08222", "08"],
        "postal_code": "68199", "city": "Mannheim", "website": "https://bzn.example",
        "email": "post@bzn.example", "offers": "Wir kommen;\nund hören zu.",
        "limits": "Keine Gutachten",
    }  # fmt: skip
    assert entry.latest.on_behalf
    assert not Publication.objects.exists()
    codes = LogEntry.objects.filter(object_uuid__in=[made.uuid, entry.uuid])
    assert {one.code for one in codes} == {"parties.organisation.created",
                                           "directory.entry.imported"}  # fmt: skip


def test_a_second_run_changes_nothing_and_a_changed_row_makes_one_revision(cast, write):
    run(write(ROW))
    before = list(Revision.objects.values_list("pk", flat=True))
    _code, said, _err = run(write(ROW), json=True)
    assert said == {"created": 0, "changed": 0, "unchanged": 1, "refused": [], "kept": 0}
    assert list(Revision.objects.values_list("pk", flat=True)) == before
    _code, said, _err = run(write(ROW.replace("Keine Gutachten", "")), json=True)
    assert said == {"created": 0, "changed": 1, "unchanged": 0, "refused": [], "kept": 0}
    revision = Entry.objects.get(organisation__key="bz-1").latest
    assert revision.number == 2
    assert "limits" not in revision.content
    _code, said, _err = run(write("bz-1;Neuer Name;firm", head="key;name;kind"), json=True)
    assert said["changed"] == 1
    content = Entry.objects.get(organisation__key="bz-1").latest.content
    assert (content["name"], content["email"]) == ("Neuer Name", "post@bzn.example")
    assert Organisation.objects.get(key="bz-1").name == "Neuer Name"


def test_wrong_rows_are_named_and_the_others_go_in(cast, write):
    file = write(
        ROW,
        "x-1;Haus Eins;kaiser;;;;;;;;;;;;",
        "x-2;Haus Zwei;;firm;;;Zauberei|ausbildung;;ZZ;99999|Atlantis;;;;nur-name;;",
        ";Ohne Schlüssel;;firm;;;;;;;;;;;;",
        "bz-1;Noch einmal;;firm;;;;;;;;;;;;",
        "x-3;;;firm;;;;;;;;;;;;",
        "x-4;Gut;;Betrieb;;;;;1;bundesweit;1067;;;;;",
        ";;;;;;;;;;;;;;;",
    )
    code, said, err = run(file, json=True)
    assert code == 1
    assert (said["created"], len(said["refused"])) == (2, 5)
    # The first row goes over two lines.
    assert [(one["line"], one["key"]) for one in said["refused"]] == [
        (4, "x-1"), (5, "x-2"), (6, ""), (7, "bz-1"), (8, "x-3")
    ]  # fmt: skip
    words = "\n".join(said["refused"][1]["messages"])
    assert [one for one in ("Zauberei", "99999", "ZZ", "nur-name") if one not in words] == []
    assert "Zeile 2" in said["refused"][3]["messages"][0]
    assert [one for one in ("x-2", "2 neu", "5 abgelehnt") if one not in err] == []
    good = Entry.objects.get(organisation__key="x-4").latest.content
    assert good == {"name": "Gut", "kind": "firm", "sectors": ["01"], "regions": ["00"],
                    "postal_code": "01067"}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_encodings_and_delimiters(cast, write, encoding, delimiter):
    row = delimiter.join(["u-1", "Überlandwerk Süß", "firm"])
    code, said, _err = run(
        write(row, head=delimiter.join(["key", "Name ", "kind"]), encoding=encoding), json=True
    )
    assert (code, said["created"]) == (0, 1)
    assert Organisation.objects.get(key="u-1").name == "Überlandwerk Süß"


def test_a_workbook(cast, tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["key", "name", "kind", "postal_code", "regions", "sectors"])
    book.active.append(["w-1", "Werkhof", "firm", 1067, 8222, 43])
    book.active.append([None, None, None, None, None, None])
    book.active.append([7, "Sieben", "firm", 68199.0, None, None])
    book.save(tmp_path / "liste.xlsx")
    code, said, _err = run(tmp_path / "liste.xlsx", json=True)
    assert (code, said["created"]) == (0, 2)
    held = Entry.objects.get(organisation__key="w-1").latest.content
    assert (held["postal_code"], held["regions"], held["sectors"]) == ("01067", ["08222"], ["43"])
    assert Entry.objects.get(organisation__key="7").latest.content["postal_code"] == "68199"


@pytest.mark.parametrize(
    "raw",
    [b"", b"key;name\n", b"key;name;kind;geheim\n", b"PK\x03\x04kaputt", b"key;name;kind;name\n",
     b"\xff\xfe\x00", b"a" * 200_000],
)  # fmt: skip
def test_what_is_no_such_table(cast, tmp_path, raw):
    file = tmp_path / "liste.csv"
    file.write_bytes(raw)
    with pytest.raises(CommandError):
        call_command("importorganisations", str(file))


def test_a_missing_file_and_an_unknown_network(cast, write, tmp_path):
    with pytest.raises(CommandError) as wrong:
        call_command("importorganisations", str(tmp_path / "nichts.csv"))
    assert wrong.value.returncode == 2
    with pytest.raises(CommandError) as wrong:
        call_command("importorganisations", str(write(ROW)), network="Atlantis")
    assert wrong.value.returncode == 2
    run(write(ROW), network=cast.other.name)
    assert Organisation.objects.get(key="bz-1").network == cast.other


def test_publishing_with_the_import_happens_once(cast, write, found):
    _code, said, _err = run(write(ROW), json=True, publish="web,members")
    assert said["created"] == 1
    assert found("web", "Neckarau") == ["Bildungszentrum Neckarau (BZN)"]
    run(write(ROW), publish="web,members")
    assert Publication.objects.count() == 2
    run(write(ROW.replace("Keine Gutachten", "Kein Schriftverkehr")), publish="web")
    assert Publication.objects.filter(ended_at=None).count() == 2
    with pytest.raises(CommandError):
        call_command("importorganisations", str(write(ROW)), publish="plakat")


def test_drafts_are_found_by_the_office_only(cast, write, found):
    run(write(ROW))
    assert found("office", "Neckarau") == ["Bildungszentrum Neckarau (BZN)"]
    assert found("web", "Neckarau") == found("members", "Neckarau") == []


def test_only_the_office_and_commands_import(cast):
    for role in ("editor_a", "coordinator", "auditor", "foreign_office"):
        with pytest.raises(NotAllowed):
            importing.import_organisations(b"", actor=cast.actor(role), network=cast.network)
    raw = f"{HEAD}\n{ROW}".encode()
    done = importing.import_organisations(raw, actor=cast.actor("office"), network=cast.network)
    assert done.created == 1


def test_bulk_rows_are_what_the_services_make(cast, write):
    """The quick way and the one by one leave the same behind."""
    from lotse.foundation.core.models import SearchDoc
    from lotse.rooms.directory import searching

    run(write(ROW), publish="web")
    entry = Entry.objects.get(organisation__key="bz-1")
    columns = ("audience", "facets", "title", "url", "text__body_terms", "text__topic_terms")
    before = list(SearchDoc.objects.filter(ref=entry.uuid).values_list(*columns))
    assert before
    searching.reindex([entry])
    assert list(SearchDoc.objects.filter(ref=entry.uuid).values_list(*columns)) == before
    assert list(entry.organisation.topics.values_list("code", flat=True)) == ["ausbildung"]
    assert COMMAND.ref == entry.latest.author


def test_the_number_of_queries_does_not_grow_with_the_rows(cast, count_queries):
    counts = []
    for size in (1, 3, 30):  # the first one fills the caches
        rows = [
            ROW.replace("bz-1", f"n{size}-{n}").replace("Neckarau", str(n)) for n in range(size)
        ]
        raw = "\n".join([HEAD, *rows]).encode()
        with count_queries() as queries:
            importing.import_organisations(raw, actor=COMMAND, network=cast.network)
        counts.append(queries.count)
    assert counts[1] == counts[2] <= 40
