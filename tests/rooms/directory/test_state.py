"""State and release: withdrawing asks once, what was let through comes back, all consents end in
one act; and the way back to the desk."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Consent
from lotse.foundation.parties.privacy import consents
from lotse.rooms.directory.content.cleaning import Faulty, clean_content, postal_code_fault
from lotse.rooms.directory.mails_message import send_message
from lotse.rooms.directory.models import Entry, Publication
from lotse.rooms.directory.services import entries
from tests import make
from tests.people import Cast

pytestmark = pytest.mark.django_db


def text(cast: Cast, role: str, name: str, entry: Entry, query: str = "") -> str:
    response = cast.client(role).get(reverse(f"directory:{name}", args=[entry.uuid]) + query)
    assert response.status_code == 200
    return str(response.content.decode())


def post(cast: Cast, role: str, name: str, entry: Entry, /, **fields: Any) -> Any:
    entry.refresh_from_db()
    path = reverse(f"directory:{name}", args=[entry.uuid])
    return cast.client(role).post(path, {"version": entry.version, **fields})


def save(entry: Entry, **content: Any) -> None:
    entry.refresh_from_db()
    assert entry.latest is not None
    entries.save(entry, actor=COMMAND, expected=entry.version,
                 content={**entry.latest.content, **content})  # fmt: skip


def holds(entry: Entry, channel: str = "web") -> int | None:
    """The number of the revision that is let through."""
    found = Publication.objects.filter(entry=entry, channel=channel, ended_at=None)
    return found.values_list("revision__number", flat=True).first()


class TestWithdrawing:
    def test_it_asks_once_and_names_the_services(self, cast: Cast) -> None:
        entry = make.entry(cast.org_a, channels=("web", "members"))
        make.entry(cast.org_a, service=True, channels=("web",), name="Hospitation")
        make.entry(cast.org_a, service=True, channels=("members",), name="Werkzeugverleih")
        make.entry(cast.org_b, service=True, channels=("web",), name="Fahrdienst")
        asked = text(cast, "editor_a", "unpublish", entry, "?wo=web")
        assert "Hospitation" in asked
        assert "Werkzeugverleih" not in asked
        assert "Fahrdienst" not in asked
        assert holds(entry)  # asking changes nothing
        assert post(cast, "editor_a", "unpublish", entry, channel="web").status_code == 302
        assert holds(entry) is None
        assert holds(entry, "members")

    @pytest.mark.parametrize("query", ["?wo=", "?wo=mond"])
    def test_nothing_is_asked_about_no_channel(self, cast: Cast, query: str) -> None:
        entry = make.entry(cast.org_a, channels=("web",))
        path = reverse("directory:unpublish", args=[entry.uuid])
        assert cast.client("editor_a").get(path + query).status_code == 404

    def test_who_may_not_publish_is_not_asked(self, cast: Cast) -> None:
        entry = make.entry(cast.org_a, channels=("web",))
        path = reverse("directory:unpublish", args=[entry.uuid]) + "?wo=web"
        assert cast.client("office").get(path).status_code == 403
        assert cast.client("foreign_office").get(path).status_code == 403

    def test_the_page_stays_within_its_queries(self, cast: Cast, count_queries: Any) -> None:
        entry = make.entry(cast.org_a, channels=("web",))
        client = cast.client("editor_a")
        client.get(reverse("directory:own"))  # what is asked only once is asked
        counted = []
        for n in (1, 3):
            for _service in range(n):
                make.entry(cast.org_a, service=True, channels=("web",))
            for name, most in (("unpublish", 12), ("state", 12)):
                path = reverse(f"directory:{name}", args=[entry.uuid]) + "?wo=web"
                with count_queries() as queries:
                    assert client.get(path).status_code == 200
                assert queries.count <= most, (name, queries.counted)
                counted.append(queries.count)
        assert counted[:2] == counted[2:]


class TestPublishingAgain:
    def test_the_one_let_through_last_comes_back(self, cast: Cast) -> None:
        entry = make.entry(cast.org_a, channels=("web",))
        shown = holds(entry)
        save(entry, offers="Noch nicht fertig")
        post(cast, "editor_a", "unpublish", entry, channel="web")
        page = text(cast, "editor_a", "state", entry)
        assert f"Fassung {shown} wieder veröffentlichen" in page
        before = Publication.objects.get(entry=entry, channel="web")
        again = {"channel": "web", "again": str(before.revision.uuid)}
        assert post(cast, "editor_a", "publish", entry, **again).status_code == 302
        assert holds(entry) == shown
        assert "wieder veröffentlichen" not in text(cast, "editor_a", "state", entry)

    def test_nothing_that_was_never_let_through_there(self, cast: Cast) -> None:
        entry = make.entry(cast.org_a, channels=("web",))
        first = Publication.objects.get(entry=entry, channel="web").revision
        save(entry, offers="Neu")
        entry.refresh_from_db()
        assert entry.latest is not None
        for fields in ({"channel": "web", "again": str(entry.latest.uuid)},
                       {"channel": "members", "again": str(first.uuid)},
                       {"channel": ["web", "members"], "again": str(first.uuid)},
                       {"again": str(first.uuid)}, {"channel": "web", "again": "x"}):  # fmt: skip
            assert post(cast, "editor_a", "publish", entry, **fields).status_code == 409, fields
        assert holds(entry) == first.number
        assert holds(entry, "members") is None


class TestEverywhere:
    def given(self, cast: Cast, entry: Entry) -> None:
        for purpose, channel in (("photo", "members"), ("contact", "web")):
            consents.give(cast["member"], purpose, channel, actor=cast.actor("member"),
                          network=entry.network)  # fmt: skip

    def test_all_consents_end_in_one_act(self, cast: Cast) -> None:
        entry = make.entry(cast["member"], channels=("web", "members"))
        self.given(cast, entry)
        elsewhere = consents.give(cast["member"], "profile", "web", actor=cast.actor("member"),
                                  network=cast.other)  # fmt: skip
        page = reverse("directory:entry", args=[entry.uuid])
        assert cast.client("anonymous").get(page).status_code == 200
        assert "Überall zurückziehen" in text(cast, "member", "state", entry)
        assert post(cast, "member", "withdraw-all", entry).status_code == 302
        left = Consent.objects.filter(person=cast["member"], withdrawn_at=None)
        assert list(left) == [elsewhere]
        for role in ("anonymous", "editor_b"):
            assert cast.client(role).get(page).status_code == 404
        assert "Überall zurückziehen" not in text(cast, "member", "state", entry)
        # Nothing was ended but the consent: with a new one it is seen again.
        post(cast, "member", "consent", entry, give="profile:web")
        assert cast.client("anonymous").get(page).status_code == 200

    def test_only_the_person(self, cast: Cast) -> None:
        entry = make.entry(cast["member"], channels=("web",))
        for role in ("office", "operator"):
            assert "Überall zurückziehen" not in text(cast, role, "state", entry)
            assert post(cast, role, "withdraw-all", entry).status_code == 403
        assert post(cast, "editor_a", "withdraw-all", make.entry(cast.org_a)).status_code == 403
        assert not Consent.objects.exclude(withdrawn_at=None).exists()


class TestState:
    def test_leads_to_the_services_and_to_the_directory(self, cast: Cast) -> None:
        entry = make.entry(cast.org_a)
        service = make.entry(cast.org_a, service=True, name="Hospitation")
        page = text(cast, "editor_a", "state", entry)
        assert reverse("directory:state", args=[service.uuid]) in page
        assert "Im Verzeichnis ansehen" not in page
        assert "aus einer Liste übernommen" in page
        entry = make.entry(cast.org_a, channels=("web",))
        assert "Im Verzeichnis ansehen" in text(cast, "editor_a", "state", entry)


class TestBackToTheDesk:
    def saved(self, cast: Cast, role: str, entry: Entry, /, **fields: Any) -> Any:
        assert entry.latest is not None
        sent = {"_key": once.new_key(), "go": "save", "zurueck": "verwaltung",
                **{key: value for key, value in entry.latest.content.items()
                   if isinstance(value, str)}, **fields}  # fmt: skip
        return post(cast, role, "edit", entry, **sent)

    def test_the_office_goes_on_with_announcing(self, cast: Cast) -> None:
        entry = make.entry(cast.org_a)
        desk = reverse("desk:entry", args=[entry.uuid])
        form = text(cast, "office", "edit", entry, "?zurueck=verwaltung")
        assert 'name="zurueck" value="verwaltung"' in form
        assert desk in form
        response = self.saved(cast, "office", entry, offers="Neu im Auftrag")
        assert response["Location"] == desk
        entry.refresh_from_db()
        assert entry.latest is not None
        said = cast.client("office")
        response = said.post(reverse("directory:edit", args=[entry.uuid]), {
            "version": entry.version, "_key": once.new_key(), "zurueck": "verwaltung",
            "name": "Ahrens", "kind": "nonprofit"}, follow=True)  # fmt: skip
        assert f"Fassung {entry.latest.number + 1}. Als Nächstes: ankündigen." in (
            response.content.decode()
        )

    @pytest.mark.parametrize("value", ["https://fremd.example/", "//fremd.example", "/", ""])
    def test_no_other_address(self, cast: Cast, value: str) -> None:
        entry = make.entry(cast.org_a)
        page = text(cast, "office", "edit", entry, f"?zurueck={value}")
        assert 'name="zurueck"' not in page
        assert f'href="{value or "?"}"' not in page.partition("<main")[2]
        response = self.saved(cast, "office", entry, zurueck=value)
        assert response["Location"] == reverse("directory:state", args=[entry.uuid])

    def test_nobody_else_is_led_there(self, cast: Cast) -> None:
        entry = make.entry(cast.org_a)
        page = text(cast, "editor_a", "edit", entry, "?zurueck=verwaltung")
        assert 'name="zurueck"' not in page
        response = self.saved(cast, "editor_a", entry)
        assert response["Location"] == reverse("directory:state", args=[entry.uuid])


class TestPostalCode:
    @pytest.mark.parametrize("code", ["", "35390", "01067", "A-6900", "ch-8001", "NL-1012 AB"])
    def test_right(self, code: str) -> None:
        assert postal_code_fault(code) == ""

    @pytest.mark.parametrize("code", ["3539", "353901", "D-3539", "abc", "35 390", "1067"])
    def test_wrong(self, code: str) -> None:
        with pytest.raises(Faulty) as caught:
            clean_content("organisation", {"name": "A", "kind": "firm", "postal_code": code})
        assert caught.value.faults == {"postal_code": ["Die Postleitzahl hat fünf Ziffern."]}


class TestOutbox:
    def test_what_two_people_write_is_theirs(self, cast: Cast) -> None:
        send_message(
            network=cast.network, address="member@beispiel.test", person=cast["member"],
            about="Mats Behrens", name="Robin Beispiel", email="robin@betrieb.example",
            subject="Vertrauliche Frage", message="Bitte niemandem sagen.", known=False,
        )  # fmt: skip
        mail = OutboxMail.objects.get(code="directory.message")
        client = cast.client("office")
        for path in (reverse("desk:outbox"), reverse("desk:mail", args=[mail.uuid])):
            page = client.get(path).content.decode().replace("<wbr>", "")
            assert "member@beispiel.test" in page
            assert "Vertrauliche Frage" not in page
            assert "Bitte niemandem sagen." not in page
        assert "Das ist eine Nachricht zwischen zwei Personen." in page

    def test_a_personal_link_is_not_shown(self, cast: Cast) -> None:
        mail = OutboxMail.objects.create(
            network_uuid=cast.network.uuid, code="directory.announcement", address="a@b.example",
            mail_class=OutboxMail.Class.DUTY, lang="de", subject="Ankündigung",
            text="Ansehen\n\x02directory.letter:7\x03\n\n-- \nNetz\n",
        )  # fmt: skip
        page = cast.client("office").get(reverse("desk:mail", args=[mail.uuid])).content.decode()
        assert "(persönlicher Link, hier nicht gezeigt)" in page
        assert "\x02" not in page
        assert "directory.letter:7" not in page
