"""Own data, erasure and merging of what the directory knows about people (T57, T58)."""

import json

import pytest

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import SearchDoc
from lotse.foundation.parties.privacy import coverage
from lotse.rooms.directory import privacy
from lotse.rooms.directory.models import Entry, Letter, OfficeNote, SavedSearch
from lotse.rooms.directory.services import entries
from tests import make


@pytest.fixture
def known(cast):
    """The member, with something in every table of the room."""
    entry = make.entry(cast["member"], channels=("web",), competences=["Faktenwissen"])
    OfficeNote.objects.create(entry=entry, text="Fakt: gut erreichbar", by="account:fremd")
    org = make.entry(cast.org_a)
    OfficeNote.objects.create(entry=org, text="Über die Organisation", by="account:fremd")
    for of in (entry, org):
        Letter.objects.create(entry=of, purpose="confirmation", person=cast["member"],
                              address="member@beispiel.test", token_hash=f"geheim{of.pk}",
                              expires_at=clock.now())  # fmt: skip
    SavedSearch.objects.create(
        person=cast["member"], network=cast.network, name="Faktsuche", question="Fakt"
    )
    entries.save(entry, actor=cast.actor("member"), expected=entry.version,
                 content={**entry.latest.content, "pronoun": "sie"})  # fmt: skip
    return entry


def test_every_table_has_its_place():
    assert {name: n for name, n in coverage.misplaced().items() if "directory" in name} == {}


def test_own_data_hold_revisions_and_notes_about_the_person(cast, known):
    text = json.dumps(privacy.export(cast["member"].pk), ensure_ascii=False)
    for fact in ("Faktenwissen", "Fakt: gut erreichbar", "member@beispiel.test", "Faktsuche",
                 "Sie selbst", "released"):  # fmt: skip
        assert fact in text, fact
    for other in ("Über die Organisation", "account:fremd", "geheim"):
        assert other not in text, other
    of_others = json.dumps(privacy.export(cast["editor_a"].pk), ensure_ascii=False)
    assert "Fakt" not in of_others


def test_an_erasure_takes_the_entry_with_everything(cast, known):
    planned = privacy.preview(cast["member"].pk)
    assert {line["act"] for line in planned} == {"delete"}
    done = privacy.erase(cast["member"].pk, COMMAND)
    assert (done["entries"], done["saved_searches"], done["letters"]) == (1, 1, 1)
    assert not Entry.objects.filter(person=cast["member"]).exists()
    assert not SearchDoc.objects.filter(ref=known.uuid).exists()
    assert not Letter.objects.filter(address="member@beispiel.test").exists()
    assert privacy.preview(cast["member"].pk) == []


def test_what_was_written_for_an_organisation_stays_with_it(cast):
    entry = make.entry(cast.org_a)
    entries.save(entry, actor=cast.actor("editor_a"), expected=entry.version,
                 content={**entry.latest.content, "fees": "keine"})  # fmt: skip
    lines = privacy.preview(cast["editor_a"].pk)
    assert [(line["act"], line["count"]) for line in lines] == [("pseudonymise", 1)]
    privacy.erase(cast["editor_a"].pk, COMMAND)
    assert Entry.objects.get(pk=entry.pk).latest.content["fees"] == "keine"


def test_merged_people_have_one_entry(cast, found):
    kept, other = cast["member"], cast["registered"]
    theirs = make.entry(other)
    privacy.take_over(kept.pk, other.pk)
    assert Entry.objects.get(pk=theirs.pk).person == kept
    second = make.entry(other, channels=("web",))
    privacy.take_over(kept.pk, other.pk)
    assert Entry.objects.get(pk=second.pk).archived_at is not None
    assert found("web", "Rieke") == []
