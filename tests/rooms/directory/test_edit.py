"""The form of a Steckbrief and its state: saving, publishing, faults, two at once, on behalf."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Affiliation
from lotse.rooms.directory.models import Entry, Picture, Publication, Revision, Template
from lotse.rooms.directory.services import announcing, entries
from tests import make
from tests.people import Cast

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "Ahrens hilft e. V.",
    "kind": "nonprofit",
    "summary": "Wir vermitteln Engagierte an Betriebe.",
    "function": "Freiwilligenagentur der Stadt",
    "portfolio": "Vermittlung\nBegleitung",
    "adviser_groups": "Engagementberatung: 3",
    "offers": "Sprechstunde im Betrieb",
    "city": "Musterstadt",
    "topics": ["ausbildung", "ehrenamt"],
    "regions": ["08", "08222"],
    "sectors": ["F"],
    "public_benefit_on": "3.2.2025",
    "email": "post@ahrens.example",
}


def typed(entry: Entry, **fields: Any) -> dict[str, Any]:
    entry.refresh_from_db()
    base = {"_key": once.new_key(), "version": str(entry.version), "go": "save", **TYPED}
    return {key: value for key, value in (base | fields).items() if value is not None}


def send(cast: Cast, entry: Entry, role: str = "editor_a", **fields: Any) -> Any:
    path = reverse("directory:edit", args=[entry.uuid])
    return cast.client(role).post(path, typed(entry, **fields))


def latest(entry: Entry) -> Revision:
    entry.refresh_from_db()
    assert entry.latest is not None
    return entry.latest


@pytest.fixture
def entry(cast: Cast) -> Entry:
    return Entry.objects.get(organisation=cast.org_a, kind="organisation")


def picture(width: int = 40) -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", (width, 30), "navy").save(buffer, "PNG")
    return SimpleUploadedFile("zeichen.png", buffer.getvalue())


def test_what_is_typed_is_stored_and_shown_again(cast: Cast, entry: Entry) -> None:
    response = send(cast, entry, reason="Sprechstunde ist neu")
    assert response.status_code == 302
    revision = latest(entry)
    assert revision.content["portfolio"] == ["Vermittlung", "Begleitung"]
    assert revision.content["adviser_groups"] == [{"text": "Engagementberatung", "count": 3}]
    assert revision.content["topics"] == ["ausbildung", "ehrenamt"]
    assert revision.content["regions"] == ["08", "08222"]
    assert revision.content["public_benefit_on"] == "2025-02-03"
    assert revision.reason == "Sprechstunde ist neu"
    assert not revision.on_behalf
    page = cast.client("editor_a").get(reverse("directory:edit", args=[entry.uuid]))
    text = page.content.decode()
    assert "Engagementberatung: 3" in text
    assert "Vermittlung\nBegleitung" in text
    for chosen in (
        'name="topics" value="ehrenamt" checked',
        'name="regions" value="08222" checked',
        'value="nonprofit" selected',
        'name="sectors" value="F" checked',
    ):
        assert chosen in text, chosen
    assert 'name="regions" value="08111" checked' not in text
    # Saving alone shows nothing to anybody.
    assert not Publication.objects.filter(entry=entry).exists()


def test_saved_and_published_at_once(cast: Cast, entry: Entry) -> None:
    response = send(cast, entry, go="publish", channels=["web", "brochure"])
    assert response.status_code == 302
    found = Publication.objects.filter(entry=entry, revision=latest(entry), ended_at=None)
    assert set(found.values_list("channel", flat=True)) == {"web", "brochure"}
    public = cast.client("anonymous").get(reverse("directory:entry", args=[entry.uuid]))
    assert "Wir vermitteln Engagierte" in public.content.decode()


def test_saving_without_a_change_makes_no_revision(cast: Cast, entry: Entry) -> None:
    entries.save(entry, actor=COMMAND, expected=entry.version,
                 content={**latest(entry).content, "topics": ["ehrenamt", "ausbildung"],
                          "languages": ["en", "de"], "sectors": ["F", "43.2"]})  # fmt: skip
    send(cast, entry, languages=["de", "en"], sectors=["43.2", "F"])
    before = latest(entry)
    assert before.content["topics"] == ["ehrenamt", "ausbildung"]
    send(cast, entry, languages=["de", "en"], sectors=["F", "43.2"])
    assert latest(entry) == before


def test_publishing_nowhere_is_asked_about_and_nothing_is_lost(cast: Cast, entry: Entry) -> None:
    before = latest(entry).number
    response = send(cast, entry, go="publish", channels=None)
    assert response.status_code == 422
    text = response.content.decode()
    assert "Bitte wählen Sie, wo der Steckbrief zu lesen sein soll." in text
    assert "Sprechstunde im Betrieb" in text
    assert latest(entry).number == before


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"summary": "x" * 201}, "Bitte höchstens 200 Zeichen. Es sind 201."),
        ({"email": "post(at)ahrens"}, "Diese E-Mail-Adresse ist nicht vollständig"),
        ({"topics": ["gibtesnicht"]}, "Diese Angabe gibt es nicht: gibtesnicht"),
        ({"regions": ["99999"]}, "Diese Angabe gibt es nicht: 99999"),
        ({"website": "javascript:alert(1)"}, "Diese Adresse ist nicht lesbar."),
        ({"public_benefit_on": "31.2.2025"}, "Dieser Tag ist nicht lesbar."),
        ({"kind": "piraten"}, "Diese Angabe gibt es nicht: piraten"),
        ({"reason": "x" * 301}, "Bitte kürzen Sie den Text"),
    ],
)
def test_a_fault_is_said_at_its_field_and_all_else_is_kept(
    cast: Cast, entry: Entry, fields: dict[str, Any], message: str
) -> None:
    before = latest(entry).number
    response = send(cast, entry, **fields)
    text = response.content.decode()
    assert response.status_code == 422
    assert message in text
    assert 'href="#id_' + next(iter(fields)) in text
    assert "Sprechstunde im Betrieb" in text
    assert 'name="sectors" value="F" checked' in text
    assert latest(entry).number == before


def test_a_repaired_form_is_saved_once(cast: Cast, entry: Entry) -> None:
    key, before = once.new_key(), latest(entry).number
    client, path = cast.client("editor_a"), reverse("directory:edit", args=[entry.uuid])
    fields = typed(entry, _key=key)
    assert client.post(path, {**fields, "name": ""}).status_code == 422
    for _time in range(2):
        assert client.post(path, fields).status_code == 302
    assert latest(entry).number == before + 1


def test_two_at_once_see_both_texts(cast: Cast, entry: Entry) -> None:
    fields = typed(entry, offers="Mein Text vom Vormittag")
    entries.save(entry, actor=COMMAND, expected=entry.version,
                 content={**latest(entry).content, "offers": "Der andere Text"})  # fmt: skip
    client, path = cast.client("editor_a"), reverse("directory:edit", args=[entry.uuid])
    response = client.post(path, fields)
    text = response.content.decode()
    assert response.status_code == 409
    assert "Der andere Text" in text
    assert text.count("Mein Text vom Vormittag") == 2
    assert latest(entry).content["offers"] == "Der andere Text"
    # The page carries the new version: sent once more, it replaces the other text.
    assert f'name="version" value="{entry.version}"' in text
    again = client.post(path, {**fields, "version": str(entry.version), "_key": once.new_key()})
    assert again.status_code == 302
    assert latest(entry).content["offers"] == "Mein Text vom Vormittag"


def test_the_office_writes_on_behalf_and_cannot_publish(cast: Cast, entry: Entry) -> None:
    page = cast.client("office").get(reverse("directory:edit", args=[entry.uuid])).content.decode()
    assert "Sie bearbeiten im Auftrag" in page
    assert "Speichern und veröffentlichen" not in page
    assert send(cast, entry, role="office").status_code == 302
    assert latest(entry).on_behalf
    refused = send(cast, entry, role="office", go="publish", channels=["web"], offers="Anderes")
    assert refused.status_code == 422
    assert not Publication.objects.filter(entry=entry).exists()
    state = cast.client("editor_a").get(reverse("directory:state", args=[entry.uuid]))
    assert "Sie wartet auf Ihre Freigabe." in state.content.decode()


def test_who_may_edit_but_not_publish_only_saves(cast: Cast, entry: Entry) -> None:
    Affiliation.objects.filter(person=cast["editor_a"]).update(may_publish=False)
    page = cast.client("editor_a").get(reverse("directory:edit", args=[entry.uuid]))
    assert "Speichern und veröffentlichen" not in page.content.decode()
    assert send(cast, entry, go="publish", channels=["web"]).status_code == 422
    path = reverse("directory:publish", args=[entry.uuid])
    answer = cast.client("editor_a").post(
        path, {"version": entry.version, "revision": latest(entry).uuid, "channel": "web"}
    )
    assert answer.status_code == 403
    assert not Publication.objects.filter(entry=entry).exists()


@pytest.mark.parametrize("name", ["edit", "state", "history", "preview"])
def test_strangers_see_nothing_readers_are_refused(cast: Cast, entry: Entry, name: str) -> None:
    path = reverse(f"directory:{name}", args=[entry.uuid])
    for role in ("editor_b", "member", "foreign_office", "former"):
        assert cast.client(role).get(path).status_code == 404, role
    assert cast.client("anonymous").get(path).status_code == 302
    send(cast, entry, go="publish", channels=["web"])
    for role in ("editor_b", "member", "registered"):
        assert cast.client(role).get(path).status_code == 403, role
    assert cast.client("suspended").get(path).status_code == 302


def test_auditors_read_the_state_and_cannot_edit(cast: Cast, entry: Entry) -> None:
    client = cast.client("auditor")
    assert client.get(reverse("directory:state", args=[entry.uuid])).status_code == 200
    assert client.get(reverse("directory:edit", args=[entry.uuid])).status_code == 403


def test_the_template_says_which_fields_there_are(cast: Cast, entry: Entry) -> None:
    entries.save(entry, actor=COMMAND, expected=entry.version,
                 content={**latest(entry).content, "fees": "Für Mitglieder frei"})  # fmt: skip
    Template.objects.create(
        network=cast.network, kind="organisation", number=1, state=Template.State.ADOPTED,
        fields={"fees": {"use": False},
                "offers": {"use": True, "hint": {"de": "Höchstens drei Sätze."}}},
    )  # fmt: skip
    page = cast.client("editor_a").get(reverse("directory:edit", args=[entry.uuid]))
    text = page.content.decode()
    assert 'name="fees"' not in text
    assert "Höchstens drei Sätze." in text
    assert send(cast, entry).status_code == 302
    # What the form does not show is not lost.
    assert latest(entry).content["fees"] == "Für Mitglieder frei"


def test_whose_session_ended_gets_the_text_back(entry: Entry, client: Client) -> None:
    response = client.post(reverse("directory:edit", args=[entry.uuid]), typed(entry))
    assert response.status_code == 403
    assert "Sprechstunde im Betrieb" in response.content.decode()


def test_a_picture_is_kept_even_if_another_field_is_wrong(cast: Cast, entry: Entry) -> None:
    response = send(cast, entry, logo=picture(), name="")
    text = response.content.decode()
    kept = Picture.objects.get(entry=entry)
    assert response.status_code == 422
    assert f'name="logo-now" value="{kept.uuid}"' in text
    assert send(cast, entry, **{"logo-now": str(kept.uuid)}).status_code == 302
    assert latest(entry).content["logo"] == str(kept.uuid)
    assert send(cast, entry, **{"logo-off": "on"}).status_code == 302
    assert "logo" not in latest(entry).content


def test_no_picture_of_another_entry_and_no_other_file(cast: Cast, entry: Entry) -> None:
    other = Entry.objects.get(organisation=cast.org_b, kind="organisation")
    foreign = Picture.objects.create(
        entry=other, content=b"x", media_type="image/png", width=1, height=1
    )
    send(cast, entry, **{"logo-now": str(foreign.uuid)})
    assert "logo" not in latest(entry).content
    wrong = SimpleUploadedFile("zeichen.png", b"kein Bild")
    response = send(cast, entry, logo=wrong)
    assert response.status_code == 422
    assert "Dieses Bild ist nicht lesbar." in response.content.decode()


def test_a_service_is_made_edited_and_archived(cast: Cast, entry: Entry) -> None:
    path = reverse("directory:service-new", args=[entry.uuid])
    client = cast.client("editor_a")
    assert "Leistung anlegen" in client.get(path).content.decode()
    fields = {"_key": once.new_key(), "go": "publish", "channels": ["web"], "name": "Hospitation",
              "summary": "Ein Tag im Betrieb.", "forms": ["shadowing"], "status": "active",
              "topics": ["ausbildung"], "reply_hours": "48"}  # fmt: skip
    assert client.post(path, {**fields, "name": ""}).status_code == 422
    for _time in range(2):
        assert client.post(path, fields).status_code == 302
    made = Entry.objects.get(kind="service", organisation=cast.org_a)
    assert latest(made).content["reply_hours"] == 48
    state = client.get(reverse("directory:state", args=[made.uuid])).content.decode()
    assert "Die Organisation ist hier nicht zu lesen." in state
    assert cast.client("editor_b").get(path).status_code == 404
    gone = client.post(reverse("directory:archive", args=[made.uuid]), {"version": made.version})
    assert gone.status_code == 302
    made.refresh_from_db()
    assert made.archived_at is not None
    own = client.post(reverse("directory:archive", args=[entry.uuid]), {"version": entry.version})
    assert own.status_code == 403


def test_what_is_released_is_what_was_on_the_screen(cast: Cast, entry: Entry) -> None:
    client, path = cast.client("editor_a"), reverse("directory:publish", args=[entry.uuid])
    shown = latest(entry)
    sent = {"version": entry.version, "revision": shown.uuid, "channel": ["web", "members"]}
    assert send(cast, entry, offers="Inzwischen anders").status_code == 302
    assert client.post(path, sent).status_code == 409
    assert not Publication.objects.filter(entry=entry).exists()
    sent["revision"] = latest(entry).uuid
    sent["version"] = entry.version
    assert client.post(path, sent).status_code == 302
    entry.refresh_from_db()
    text = client.get(reverse("directory:state", args=[entry.uuid])).content.decode()
    assert "Edda Ahrens" in text
    assert "freigegeben" in text
    back = reverse("directory:unpublish", args=[entry.uuid])
    assert client.post(back, {"version": entry.version, "channel": "web"}).status_code == 302
    public = cast.client("anonymous").get(reverse("directory:entry", args=[entry.uuid]))
    assert public.status_code == 404


def test_the_state_shows_what_is_announced(cast: Cast, entry: Entry) -> None:
    entries.save(entry, actor=COMMAND, expected=entry.version,
                 content={**latest(entry).content, "email": "post@ahrens.example"})  # fmt: skip
    entry.refresh_from_db()
    announcing.announce(entry, actor=cast.actor("office"), channels=["web"], note="Bitte prüfen.")
    text = cast.client("editor_a").get(reverse("directory:state", args=[entry.uuid]))
    assert "Bitte prüfen." in text.content.decode()
    assert "Angekündigt: Fassung" in (text.content.decode())


def test_all_is_still_true(cast: Cast, entry: Entry) -> None:
    path = reverse("directory:state-confirm", args=[entry.uuid])
    assert cast.client("office").post(path, {"version": entry.version}).status_code == 403
    answer = cast.client("editor_a").post(path, {"version": entry.version})
    assert answer.status_code == 302


def test_queries_of_form_and_state(cast: Cast, entry: Entry, count_queries: Any) -> None:
    send(cast, entry, go="publish", channels=["web", "members"])
    own = make.entry(cast["editor_a"], channels=("web",))
    service = make.entry(cast.org_a, service=True, channels=("web",))
    client = cast.client("editor_a")
    for one in (entry, own, service):
        for name in ("edit", "state", "preview"):
            with count_queries() as queries:
                assert client.get(reverse(f"directory:{name}", args=[one.uuid])).status_code == 200
            assert queries.count <= 12, (name, one.kind, queries.counted)
