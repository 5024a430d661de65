"""The loader: idempotent, refuses, publishes only with consent; what it gives it takes again."""

import json
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.urls import reverse

from lotse.foundation.core import search
from lotse.foundation.core.actor import ANONYMOUS, COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.rooms.checks import format as check_format
from lotse.rooms.checks.content import build
from lotse.rooms.checks.models import Check, CheckRevision
from lotse.rooms.checks.services import library
from tests import make

SHIPPED = sorted((make.CONTENT / "checks").glob("*.yaml"))

PRINTED = """
format: lotse-check/1
check: {id: muster.papier, revision: 1, default_lang: de, title: {de: Nur auf Papier}}
rights: {license: LicenseRef-nur-mit-zustimmung, consent: {status: granted}}
scales:
  ampel:
    type: ordinal
    levels:
      - {id: gut, rank: 0, label: {de: Gut}}
      - {id: offen, rank: 1, label: {de: Offen}}
checkpoints:
  - {id: eins, number: 1, scale: ampel, title: {de: Erstens}, claim: {de: Wir haben es getan.}}
  - {id: zwei, number: 2, scale: ampel, title: {de: Zweitens}, claim: {de: Wir wissen es.}}
"""


def as_yaml(content: dict) -> bytes:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()


@pytest.fixture
def content() -> dict:
    return yaml.safe_load(make.CHECK_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
class TestShipped:
    def test_is_valid_and_complete_in_both_languages(self, file: Path) -> None:
        content, faults = check_format.validate(file.read_bytes())
        assert faults == []
        assert content is not None
        assert content["check"]["languages"] == {"de": "final", "en": "final"}
        assert content["provenance"]["sources"]
        for lang in ("de", "en"):
            view = build(content, lang)
            assert view.lang == lang
            for point in view.checkpoints:
                examples = len(point.example_ids)
                assert 5 <= examples <= 12, (point.id, examples)
                assert 3 <= len(point.suggestions) <= 6
                assert not point.claim.lang
                assert all(len(s.text.plain) <= 200 for s in point.suggestions)

    def test_has_no_sentence_of_the_sources(self, file: Path) -> None:
        shared = Path(__file__).resolve().parents[4] / "shared" / "sources"
        if not shared.exists():
            pytest.skip("source texts are not part of the repository")
        words = " ".join(file.read_text(encoding="utf-8").split()).casefold()
        titles = words.count("title")
        assert titles
        for source in shared.glob("S[03]-*.txt"):
            text = source.read_text(encoding="utf-8").casefold()
            sentences = [" ".join(s.split()) for s in text.replace("\n", " ").split(". ")]
            copied = [s for s in sentences if len(s) > 60 and s in words]
            assert copied == []


def test_there_are_three_checks_with_their_names() -> None:
    assert [file.stem for file in SHIPPED] == [
        "lotse.kooperation-betrieb",
        "lotse.kooperation-gemeinnuetzig",
        "lotse.regionales-netzwerk",
    ]


@pytest.mark.django_db
class TestImport:
    def test_again_changes_nothing(self) -> None:
        data = make.CHECK_FILE.read_bytes()
        first, created = library.import_check(data, actor=COMMAND, publish=True)
        lines = LogEntry.objects.count()
        second, again = library.import_check(data, actor=COMMAND, publish=True)
        assert (created, again) == (True, False)
        assert first == second
        assert LogEntry.objects.count() == lines

    def test_the_same_revision_with_other_content_is_refused(self, content) -> None:
        library.import_check(as_yaml(content), actor=COMMAND)
        content["checkpoints"][0]["title"]["de"] = "Anders"
        with pytest.raises(Refused, match="anderem Inhalt"):
            library.import_check(as_yaml(content), actor=COMMAND)
        assert [fault.code for fault in library.validate(as_yaml(content))[1]] == ["taken"]
        assert CheckRevision.objects.count() == 1

    @pytest.mark.parametrize("status", ["pending", "refused"])
    def test_without_consent_it_never_becomes_public(self, content, client, status: str) -> None:
        content["rights"] = {"license": "LicenseRef-x", "consent": {"status": status}}
        with pytest.raises(Refused, match="Zustimmung"):
            library.import_check(as_yaml(content), actor=COMMAND, publish=True)
        library.import_check(as_yaml(content), actor=COMMAND)
        check = Check.objects.get()
        assert check.current is None
        assert client.get(reverse("checks:check", args=[check.uuid])).status_code == 404
        assert client.get(reverse("checks:paper-form", args=[check.uuid])).status_code == 404
        assert content["check"]["title"]["de"] not in client.get("/checks/").content.decode()
        assert search.find(content["check"]["title"]["de"], lang="de").hits == []

    def test_a_draft_is_not_published_and_a_withdrawn_one_is_taken_back(self, content, client):
        content["check"]["status"] = "draft"
        with pytest.raises(Refused, match="Entwurf"):
            library.import_check(as_yaml(content), actor=COMMAND, publish=True)
        content["check"]["status"] = "published"
        library.import_check(as_yaml(content), actor=COMMAND, publish=True)
        running = make.assessment(Check.objects.get())
        content["check"] |= {"status": "withdrawn", "revision": 2}
        kept = [{"old": p["id"], "kind": "kept", "new": [p["id"]], "meaning": "same"}
                for p in content["checkpoints"]]  # fmt: skip
        content["changes"] = {"from": 1, "items": kept}
        library.import_check(as_yaml(content), actor=COMMAND)
        assert Check.objects.get().current is None
        with pytest.raises(Refused, match="neuere Revision"):
            library.import_check(make.CHECK_FILE.read_bytes(), actor=COMMAND, publish=True)
        assert search.find("Vereinbarungen", lang="de").hits == []
        make.open_as(client, running)
        assert client.get(reverse("checks:result", args=[running.uuid])).status_code == 200

    def test_a_printed_guide_is_a_whole_check(self, client) -> None:
        make.network()
        revision, _created = library.import_check(PRINTED.encode(), actor=COMMAND, publish=True)
        url = reverse("checks:check", args=[revision.check_ref.uuid])
        assert client.get(url).status_code == 200
        started = client.post(url, {"_key": "k" * 20, "scope": "organisation"})
        page = client.get(started.url).content.decode()
        assert "später" not in page.split("<fieldset id=")[1].split("</fieldset>")[0]
        assert client.post(started.url, make.answer_form("offen")).status_code == 302
        assert client.post(started.url, make.answer_form("skip")).status_code == 422

    def test_visitors_do_not_import(self) -> None:
        with pytest.raises(NotAllowed):
            library.import_check(b"", actor=ANONYMOUS)

    def test_a_second_revision_must_declare_its_changes(self, content) -> None:
        library.import_check(as_yaml(content), actor=COMMAND, publish=True)
        content["check"]["revision"] = 2
        gone = content["checkpoints"].pop()
        with pytest.raises(library.InvalidCheck):
            library.import_check(as_yaml(content), actor=COMMAND)
        items = [{"old": p["id"], "kind": "kept", "new": [p["id"]], "meaning": "same"}
                 for p in content["checkpoints"]]  # fmt: skip
        items.append({"old": gone["id"], "kind": "retired", "new": [], "meaning": "changed"})
        content["changes"] = {"from": 1, "items": items}
        for point in content["checkpoints"]:
            text = json.dumps(point).replace(f"{{cp:{gone['id']}}}", gone["id"])
            point.update(json.loads(text))
        revision, _created = library.import_check(as_yaml(content), actor=COMMAND, publish=True)
        assert Check.objects.get().current == revision
        with pytest.raises(Refused):
            library.import_check(
                as_yaml({**content, "check": {**content["check"], "revision": 1}}), actor=COMMAND
            )

    def test_export_gives_the_same_content_again(self) -> None:
        for file in SHIPPED:
            revision, _created = library.import_check(file.read_bytes(), actor=COMMAND)
            text = library.export_check(revision.check_ref.code)
            content, faults = check_format.validate(text.encode())
            assert faults == []
            assert content is not None
            assert check_format.digest(content) == revision.sha256
        with pytest.raises(Refused):
            library.export_check("gibt.es-nicht")

    def test_the_search_knows_check_and_checkpoints(self) -> None:
        make.check()
        kinds = {hit.kind for hit in search.find("Vereinbarungen", lang="de").hits}
        assert "checkpoint" in kinds
        before = search.find("Vereinbarungen", lang="de").hits
        assert library.reindex_checks() == 16
        assert search.find("Vereinbarungen", lang="de").hits == before


@pytest.mark.django_db
class TestCommands:
    def run(self, *arguments: str) -> int:
        try:
            call_command(*arguments)
        except SystemExit as stop:
            return int(stop.code or 0)
        return 0

    def test_validate_says_path_line_and_sentence(self, tmp_path, capsys) -> None:
        assert self.run("validatecheck", str(make.CHECK_FILE)) == 0
        file = tmp_path / "x.yaml"
        text = make.CHECK_FILE.read_text(encoding="utf-8").replace("number: 2", "number: 7", 1)
        file.write_text(text, encoding="utf-8")
        assert self.run("validatecheck", str(file)) == 1
        assert "Zeile" in capsys.readouterr().err
        assert self.run("validatecheck", str(file), "--json") == 1
        report = json.loads(capsys.readouterr().out)
        assert report["valid"] is False
        assert report["faults"][0].keys() >= {"path", "line", "message", "code"}

    def test_a_huge_file_is_refused_without_reading_it(self, tmp_path, capsys) -> None:
        file = tmp_path / "x.yaml"
        with file.open("wb") as out:
            out.truncate(3 * 1024**3)
        assert self.run("validatecheck", str(file), "--json") == 1
        assert json.loads(capsys.readouterr().out)["faults"][0]["code"]

    def test_import_and_export(self, tmp_path, capsys) -> None:
        assert self.run("importcheck", str(make.CHECK_FILE), "--publish") == 0
        assert self.run("importcheck", str(make.CHECK_FILE), "--publish") == 0
        assert self.run("exportcheck", "lotse.kooperation-gemeinnuetzig") == 0
        assert capsys.readouterr().out.startswith("format: lotse-check/1")
        assert self.run("exportcheck", "gibt.es-nicht") == 1
        bad = tmp_path / "bad.yaml"
        bad.write_text("a: [")
        assert self.run("importcheck", str(bad)) == 1
