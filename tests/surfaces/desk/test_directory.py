"""Steckbriefe at the desk: the list by what they wait for, one of them, the office's acts."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Organisation
from lotse.rooms.directory.models import Announcement, Entry, OfficeNote
from lotse.rooms.directory.services import announcing, entries, notes, publishing
from lotse.surfaces.desk.queries import needs
from tests import make
from tests import people as cast_of
from tests.surfaces.desk.conftest import page, post

pytestmark = pytest.mark.django_db
READERS = ("office", "coordinator", "auditor", "operator")
OTHERS = ("registered", "member", "editor_a", "adviser", "former", "foreign_office")


@pytest.fixture(autouse=True)
def _taxonomy(common_topics: None) -> None:
    """Topics and regions as they are shipped."""


@pytest.fixture
def entry(cast: cast_of.Cast) -> Entry:
    return make.entry(cast.org_a)


def content_of(entry: Entry) -> dict[str, Any]:
    assert entry.latest is not None
    return dict(entry.latest.content)


def listed(client: Any, state: str) -> list[str]:
    """Names of the list in this state."""
    answer = client.get(reverse("desk:entries") + f"?stand={state}")
    return [row[0][1].shown for row in answer.context["listing"].rows]


def titles_of(cast: cast_of.Cast, role: str) -> str:
    """What "Heute" says the office has to do."""
    return " ".join(card.title for card in needs.cards_of(cast.actor(role)))


def announced(cast: cast_of.Cast, entry: Entry) -> Announcement:
    fresh = Entry.objects.select_related("network", "organisation", "latest").get(pk=entry.pk)
    return announcing.announce(fresh, actor=cast.actor("office"), channels=["web"])


class TestGettingIn:
    @pytest.mark.parametrize("role", READERS)
    def test_readers_see_list_and_page(self, cast: cast_of.Cast, entry: Entry, role: str) -> None:
        client = cast.client(role)
        assert "Ahrens hilft" in page(client, "entries")
        assert page(client, "entry", entry.uuid).count("<h1") == 1

    @pytest.mark.parametrize("role", OTHERS)
    def test_others_do_not(self, cast: cast_of.Cast, entry: Entry, role: str) -> None:
        client = cast.client(role)
        for name, args in (("entries", []), ("entry", [entry.uuid])):
            assert client.get(reverse(f"desk:{name}", args=args)).status_code == 403

    @pytest.mark.parametrize("name", ["entry-new", "joining", "templates", "template-new",
                                      "applications", "network-state"])  # fmt: skip
    @pytest.mark.parametrize("role", ["coordinator", "auditor", "member"])
    def test_what_only_the_office_does(self, cast: cast_of.Cast, name: str, role: str) -> None:
        assert cast.client(role).get(reverse(f"desk:{name}")).status_code == 403

    @pytest.mark.parametrize("name", ["entry-announce", "entry-flags", "entry-archive",
                                      "entry-back", "entry-note"])  # fmt: skip
    @pytest.mark.parametrize("role", ["coordinator", "auditor", "editor_a", "foreign_office"])
    def test_acts_are_the_office_s(
        self, cast: cast_of.Cast, entry: Entry, name: str, role: str
    ) -> None:
        assert post(cast.client(role), name, entry.uuid).status_code == 403
        assert Entry.objects.get(pk=entry.pk).version == entry.version

    def test_another_network_s_entry_is_nowhere(self, cast: cast_of.Cast) -> None:
        far = cast_of.organisation(cast.other, "Fern e. V.")
        foreign = entries.ensure_organisation_entry(far, actor=COMMAND)
        client = cast.client("office")
        assert "Fern e. V." not in page(client, "entries")
        assert client.get(reverse("desk:entry", args=[foreign.uuid])).status_code == 404
        assert post(client, "entry-archive", foreign.uuid, version=1).status_code == 404


class TestStates:
    def test_incomplete_and_never_published(self, cast: cast_of.Cast, entry: Entry) -> None:
        client = cast.client("office")
        assert listed(client, "unvollstaendig") == ["Brandt GmbH"]
        assert listed(client, "nie") == ["Ahrens hilft e. V.", "Brandt GmbH"]

    def test_what_is_published_is_not_listed_as_never(self, cast: cast_of.Cast) -> None:
        make.entry(cast.org_a, channels=("web",))
        assert listed(cast.client("office"), "nie") == ["Brandt GmbH"]

    @pytest.mark.parametrize(("days", "due", "old"), [(364, 0, 0), (370, 1, 0), (430, 1, 1)])
    def test_due_and_not_confirmed_by_the_clock(
        self, cast: cast_of.Cast, days: int, due: int, old: int
    ) -> None:
        entry = make.entry(cast.org_a, channels=("web",))
        Entry.objects.filter(pk=entry.pk).update(assured_at=clock.now() - timedelta(days=days))
        client = cast.client("office")
        assert len(listed(client, "faellig")) == due
        assert len(listed(client, "unbestaetigt")) == old
        assert f"Bestätigung fällig ({due})" in page(client, "entries")
        told = "1 Steckbrief ist zu bestätigen"
        assert (told in page(client, "start")) is bool(due)
        assert (told in str(make.body(client.get("/heute/")).decode())) is bool(due)

    def test_what_is_not_published_is_not_due(self, cast: cast_of.Cast, entry: Entry) -> None:
        Entry.objects.filter(pk=entry.pk).update(assured_at=clock.now() - timedelta(days=430))
        assert listed(cast.client("office"), "faellig") == []

    def test_never_confirmed_until_somebody_releases_it(
        self, cast: cast_of.Cast, entry: Entry
    ) -> None:
        client = cast.client("office")
        assert listed(client, "niebestaetigt") == ["Ahrens hilft e. V.", "Brandt GmbH"]
        assert "noch nie" in page(client, "entry", entry.uuid)
        made_at = clock.now() - timedelta(days=1)
        Entry.objects.filter(pk=entry.pk).update(created_at=made_at, assured_at=made_at)
        fresh = Entry.objects.get(pk=entry.pk)
        publishing.publish(fresh, actor=cast.actor("editor_a"), channels=["web"],
                           expected=fresh.version)  # fmt: skip
        assert listed(client, "niebestaetigt") == ["Brandt GmbH"]
        assert "noch nie" not in page(client, "entry", entry.uuid)

    def test_waiting_for_consent(self, cast: cast_of.Cast) -> None:
        entries.create_person_entry(cast["member"], cast.network, actor=COMMAND)
        make.entry(cast["editor_a"], channels=("web",))
        assert listed(cast.client("office"), "einwilligung") == ["Mats Behrens"]

    def test_announced_then_objected(self, cast: cast_of.Cast, entry: Entry) -> None:
        client, made = cast.client("office"), announced(cast, entry)
        assert listed(client, "angekuendigt") == ["Ahrens hilft e. V."]
        announcing.object_to(made, actor=cast.actor("editor_a"), expected=made.version,
                             reason="Stimmt nicht.")  # fmt: skip
        assert listed(client, "angekuendigt") == []
        assert listed(client, "widersprochen") == ["Ahrens hilft e. V."]
        assert "Stimmt nicht." in page(client, "entry", entry.uuid)
        assert "1 Ankündigung wurde widersprochen" in page(client, "start")
        assert "1 Ankündigung wurde widersprochen" in make.body(client.get("/heute/")).decode()
        text = page(client, "announcement", made.uuid)
        assert "Edda Ahrens" in text
        assert "Neu ankündigen" in text
        assert reverse("directory:revision", args=[entry.uuid, made.revision.number]) in text

    @pytest.mark.parametrize("how", ["published", "announced"])
    def test_an_objection_is_settled_by_what_follows(
        self, cast: cast_of.Cast, entry: Entry, how: str
    ) -> None:
        client, made = cast.client("office"), announced(cast, entry)
        announcing.object_to(made, actor=cast.actor("editor_a"), expected=made.version,
                             reason="Stimmt nicht.")  # fmt: skip
        fresh = Entry.objects.get(pk=entry.pk)
        entries.save(fresh, actor=COMMAND, expected=fresh.version,
                     content=content_of(fresh) | {"offers": "Neu."})  # fmt: skip
        assert listed(client, "widersprochen") == ["Ahrens hilft e. V."]
        if how == "published":
            fresh = Entry.objects.get(pk=entry.pk)
            publishing.publish(fresh, actor=cast.actor("editor_a"), channels=["web"],
                               expected=fresh.version)  # fmt: skip
        else:
            announced(cast, entry)
        assert listed(client, "widersprochen") == []
        assert "wurde widersprochen" not in page(client, "start")

    def test_only_the_office_is_told(self, cast: cast_of.Cast, count_queries: Any) -> None:
        entries.create_person_entry(cast["member"], cast.network, actor=COMMAND)
        assert "wartet auf Einwilligung" in titles_of(cast, "office")
        for role in ("coordinator", "auditor", "member", "foreign_office"):
            assert titles_of(cast, role) == ""
        actor = cast.actor("office")
        with count_queries() as queries:
            needs.cards_of(actor)
        assert queries.count == 1

    def test_archived_only_where_asked_for(self, cast: cast_of.Cast, entry: Entry) -> None:
        client = cast.client("office")
        assert "Gelöscht wird nichts" in page(client, "entry-archive", entry.uuid)
        assert Entry.objects.get(pk=entry.pk).archived_at is None, "asked first"
        post(client, "entry-archive", entry.uuid, version=entry.version)
        assert listed(client, "") == ["Brandt GmbH"]
        assert listed(client, "archiviert") == ["Ahrens hilft e. V."]
        fresh = Entry.objects.get(pk=entry.pk)
        post(client, "entry-back", entry.uuid, version=fresh.version)
        assert len(listed(client, "")) == 2

    @pytest.mark.parametrize("query", ["?stand=x", "?art=x", "?suche=%22%27--", "?seite=-1"])
    def test_nonsense_narrows_nothing_or_finds_nothing(
        self, cast: cast_of.Cast, query: str
    ) -> None:
        assert cast.client("office").get(reverse("desk:entries") + query).status_code == 200

    def test_search_finds_services_by_their_name(self, cast: cast_of.Cast) -> None:
        make.entry(cast.org_a, service=True)
        assert "Erstgespräch" in page(cast.client("office"), "entries", query="?suche=erstg")

    def test_as_a_file(self, cast: cast_of.Cast, entry: Entry) -> None:
        answer = cast.client("office").get(reverse("desk:entries") + "?als=csv")
        assert "Ahrens hilft e. V." in answer.content.decode("utf-8-sig")


class TestOne:
    def test_each_channel_says_what_is_read_there(self, cast: cast_of.Cast) -> None:
        entry = make.entry(cast.org_a, channels=("web",))
        entries.save(entry, actor=COMMAND, expected=entry.version,
                     content=content_of(entry) | {"offers": "Neu."})  # fmt: skip
        text = page(cast.client("office"), "entry", entry.uuid)
        assert "Es gibt eine neuere Fassung." in text
        assert text.count("nicht veröffentlicht") >= 2

    def test_what_is_missing_is_named(self, cast: cast_of.Cast) -> None:
        bare = Entry.objects.get(organisation=cast.org_b)
        text = page(cast.client("office"), "entry", bare.uuid)
        assert "In einem Satz" in text
        assert "Angebote" in text

    def test_notes_are_for_the_office(self, cast: cast_of.Cast, entry: Entry) -> None:
        client = cast.client("office")
        answer = post(client, "entry-note", entry.uuid, words="Ruft am Montag an.")
        assert answer.status_code == 302
        assert "Ruft am Montag an." in page(client, "entry", entry.uuid)
        for role in ("coordinator", "auditor"):
            assert "Montag" not in page(cast.client(role), "entry", entry.uuid)
        note = OfficeNote.objects.get()
        assert post(cast.client("auditor"), "entry-note-delete", note.uuid).status_code == 403
        assert post(client, "entry-note-delete", note.uuid).status_code == 302
        assert not OfficeNote.objects.exists()

    def test_an_empty_note_is_422(self, cast: cast_of.Cast, entry: Entry) -> None:
        assert post(cast.client("office"), "entry-note", entry.uuid, words=" ").status_code == 422

    def test_flags(self, cast: cast_of.Cast, entry: Entry) -> None:
        client = cast.client("office")
        post(client, "entry-flags", entry.uuid, is_pilot="on", version=entry.version)
        kept = Entry.objects.get(pk=entry.pk)
        assert (kept.is_pilot, kept.is_lighthouse) == (True, False)
        assert "Pilotpartner" in page(client, "entries")
        late = post(client, "entry-flags", entry.uuid, is_lighthouse="on", version=entry.version)
        assert late.status_code == 409
        assert "Pilotpartner" in late.content.decode()

    def test_announcing(self, cast: cast_of.Cast, entry: Entry) -> None:
        client = cast.client("office")
        text = page(client, "entry-announce", entry.uuid)
        assert "Edda Ahrens" in text, "whom it reaches is said before"
        answer = post(client, "entry-announce", entry.uuid, channels=["web"], days="28", note="")
        assert answer.status_code == 302
        made = Announcement.objects.get()
        assert made.channels == ["web"]
        text = page(client, "entry", entry.uuid)
        assert "angekündigt" in text
        assert "Ankündigung zurückziehen" in text
        text = page(client, "announcement", made.uuid)
        assert "Edda Ahrens" in text
        assert "öffentlich im Netz" in text
        assert post(client, "announcement-withdraw", made.uuid).status_code == 302
        made.refresh_from_db()
        assert made.state == "withdrawn"

    @pytest.mark.parametrize("data", [{"channels": ["web"], "days": "13"}, {"days": "28"},
                                      {"channels": ["mars"], "days": "28"},
                                      {"channels": ["web"], "days": "x"}])  # fmt: skip
    def test_announcing_nonsense(
        self, cast: cast_of.Cast, entry: Entry, data: dict[str, Any]
    ) -> None:
        assert post(cast.client("office"), "entry-announce", entry.uuid, **data).status_code == 422
        assert not Announcement.objects.exists()

    def test_nobody_to_reach_is_said(self, cast: cast_of.Cast) -> None:
        lonely = cast_of.organisation(cast.network, "Allein e. V.")
        bare = Entry.objects.get(organisation=lonely)
        client = cast.client("office")
        assert "niemand erreichbar" in page(client, "entry-announce", bare.uuid)
        answer = post(client, "entry-announce", bare.uuid, channels=["web"], days="28")
        assert answer.status_code == 422

    def test_people_cannot_be_announced(self, cast: cast_of.Cast) -> None:
        own = entries.create_person_entry(cast["member"], cast.network, actor=COMMAND)
        client = cast.client("office")
        assert "Ankündigen" not in page(client, "entry", own.uuid)
        assert client.get(reverse("desk:entry-announce", args=[own.uuid])).status_code == 404

    def test_a_person_s_entry_on_behalf(self, cast: cast_of.Cast) -> None:
        client, person = cast.client("office"), cast["member"]
        answer = post(client, "entry-new", person=str(person.uuid))
        assert answer.status_code == 302
        made = Entry.objects.get(person=person)
        assert "Es fehlt die Einwilligung der Person." in page(client, "entry", made.uuid)
        assert str(person.uuid) not in page(client, "entry-new"), "has one by now"
        assert post(client, "entry-new", person=str(person.uuid)).status_code == 422


class TestCost:
    def test_the_list(self, cast: cast_of.Cast, count_queries: Any) -> None:
        counted = []
        for number in (0, 3):
            for n in range(number):
                made = cast_of.organisation(cast.network, f"Haus {n}")
                entry = make.entry(made, channels=("web",))
                make.entry(made, service=True)
                make.entry(cast[("member", "editor_a", "editor_b")[n]], channels=("members",))
                assert entry.pk
            client = cast.client("office")
            with count_queries() as queries:
                page(client, "entries")
            counted.append(queries.count)
        assert counted[1] <= 8, counted

    @pytest.mark.parametrize("number", [1, 3])
    def test_the_page(
        self, cast: cast_of.Cast, entry: Entry, number: int, count_queries: Any
    ) -> None:
        for n in range(number):
            notes.add_note(entry, actor=cast.actor("office"), words=f"Notiz {n}")
            fresh = Entry.objects.get(pk=entry.pk)
            entries.save(fresh, actor=COMMAND, expected=fresh.version,
                         content=content_of(fresh) | {"offers": f"Angebot {n}"})  # fmt: skip
        announced(cast, entry)
        client = cast.client("office")
        with count_queries() as queries:
            page(client, "entry", entry.uuid)
        assert queries.count <= 12, queries.counted
        assert Organisation.objects.exists()
