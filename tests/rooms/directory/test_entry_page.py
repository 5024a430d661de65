"""The page of one entry: what readers of each channel see of it, and nothing else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Consent
from lotse.foundation.parties.privacy import consents
from lotse.rooms.directory.content.display import sections_of
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries.pages import Contact
from lotse.rooms.directory.services import entries
from tests import make, people

pytestmark = pytest.mark.django_db
WEB, BOTH = ("web",), ("web", "members")


def url(entry: Entry, name: str = "entry") -> str:
    return reverse(f"directory:{name}", args=[entry.uuid])


def page(client: Client, entry: Entry, name: str = "entry") -> str:
    response = client.get(url(entry, name))
    assert response.status_code == 200, response.status_code
    return str(make.body(response).decode())


class TestOrganisation:
    def test_shows_all_of_it_with_contact_services_and_people(
        self, client: Client, cast: people.Cast
    ) -> None:
        entry = make.entry(
            cast.org_a, channels=WEB, website="https://ahrens.example", phone="0621 4711",
            street="Gasse 1", postal_code="68159", regions=["00", "08222"], sectors=["F", "43.2"],
            adviser_groups="Ausbildungsberatung: 6", target_groups=["clubs"],
        )  # fmt: skip
        make.entry(cast.org_a, service=True, channels=WEB)
        make.entry(cast["editor_a"], channels=WEB)
        html = page(client, entry)
        for words in (
            "Wir begleiten Betriebe", "Anlaufstelle für gute Arbeit", "Keine Rechtsberatung.",
            "Gasse 1", "68159 Mannheim", "post@haus.example", "0621 4711", "bundesweit",
            "Ausbildungsberatung: 6", "Vereine und Initiativen", "(43.2)", "Erstgespräch",
            "Edda Ahrens", "https://ahrens.example", 'href="tel:06214711"',
            "?topic=ausbildung", "?region=08222",
        ):  # fmt: skip
            assert words in html, words

    def test_hides_what_is_not_let_through_to_this_reader(
        self, client: Client, cast: people.Cast
    ) -> None:
        entry = make.entry(cast.org_a, channels=WEB)
        service = make.entry(cast.org_a, service=True, channels=("members",))
        make.entry(cast["editor_a"], channels=("members",))
        entries.save(entry, actor=COMMAND, expected=entry.version,
                     content={**entry.latest.content, "offers": "Noch geheim"})  # fmt: skip
        html = page(client, entry)
        assert "Noch geheim" not in html
        assert "Erstgespräch" not in html
        assert "Edda Ahrens" not in html
        assert client.get(url(service)).status_code == 404
        member = page(cast.client("editor_b"), entry)
        assert "Noch geheim" not in member
        assert "Erstgespräch" not in member  # its organisation is not let through to members
        assert "Edda Ahrens" in member

    def test_a_draft_says_so_to_those_who_see_it(
        self, client: Client, cast: people.Cast, entry_a: Entry
    ) -> None:
        assert client.get(url(entry_a)).status_code == 404
        assert cast.client("editor_b").get(url(entry_a)).status_code == 404
        html = page(cast.client("editor_a"), entry_a)
        assert "Entwurf" in html
        assert url(entry_a, "edit") in html
        assert "Nachricht schreiben" not in html

    def test_on_behalf_is_said(self, client: Client, cast: people.Cast) -> None:
        entry = make.entry(cast.org_a)
        content = {**entry.latest.content, "offers": "Vom Büro geschrieben"}
        entries.save(entry, actor=cast.actor("office"), expected=entry.version, content=content)
        from lotse.rooms.directory.services import publishing

        entry.refresh_from_db()
        publishing.publish(entry, actor=cast.actor("editor_a"), channels=WEB,
                           expected=entry.version)  # fmt: skip
        assert "Im Auftrag eingetragen von der Geschäftsstelle." in page(client, entry)
        editor = cast.actor("editor_a")
        entry.refresh_from_db()
        entries.save(entry, actor=editor, expected=entry.version,
                     content={**content, "offers": "Selbst geschrieben"})  # fmt: skip
        entry.refresh_from_db()
        publishing.publish(entry, actor=editor, channels=WEB, expected=entry.version)
        html = page(client, entry)
        assert "Selbst geschrieben" in html
        assert "Im Auftrag eingetragen" not in html

    def test_confirmed_is_only_what_somebody_confirmed(
        self, client: Client, cast: people.Cast
    ) -> None:
        entry = make.entry(cast.org_a, channels=WEB)
        assert "Zuletzt bestätigt" not in page(client, entry)
        # Made longer ago than the moment in which it is made and let through.
        made = entry.created_at - timedelta(days=3)
        Entry.objects.filter(pk=entry.pk).update(created_at=made, assured_at=made)
        assert "Zuletzt bestätigt" not in page(client, entry)
        from lotse.rooms.directory.services import publishing

        entry.refresh_from_db()
        publishing.publish(entry, actor=cast.actor("editor_a"), channels=WEB,
                           expected=entry.version)  # fmt: skip
        assert "Zuletzt bestätigt am" in page(client, entry)

    def test_says_what_only_the_network_sees(self, cast: people.Cast) -> None:
        member, words = cast.client("member"), "nur im Netzwerk zu sehen"
        assert words in page(member, make.entry(cast.org_a, channels=("members",)))
        assert words not in page(member, make.entry(cast.org_b, channels=BOTH))

    @pytest.mark.parametrize(("came", "back"), [
        ("http://testserver/verzeichnis/?q=Haus&topic=ausbildung",
         "/verzeichnis/?q=Haus&amp;topic=ausbildung"),
        ("http://testserver/suche/?q=Haus", "/suche/?q=Haus"),
        ("http://testserver/verzeichnis/", ""), ("http://boese.example/verzeichnis/?q=Haus", ""),
        ("http://testserver/konto/?q=Haus", ""), ("", ""), ("http://[", ""),
        ('http://testserver/verzeichnis/?q="><b>', "/verzeichnis/?q=&quot;&gt;&lt;b&gt;"),
    ])  # fmt: skip
    def test_leads_back_to_the_hits(
        self, client: Client, cast: people.Cast, came: str, back: str
    ) -> None:
        entry = make.entry(cast.org_a, channels=WEB)
        response = client.get(url(entry), headers={"referer": came} if came else {})
        html = make.body(response).decode()
        assert ("Zurück zu den Treffern" in html) is bool(back)
        assert f'href="{back}"' in html or not back
        assert "<b>" not in html

    def test_age_is_said(self, client: Client, cast: people.Cast) -> None:
        entry = make.entry(cast.org_a, channels=WEB)
        old = clock.now() - timedelta(days=450)
        Entry.objects.filter(pk=entry.pk).update(assured_at=old)
        html = page(client, entry)
        assert "hat niemand bestätigt" in html
        assert "nicht bestätigt seit" in html

    def test_markup_in_content_stays_text(self, client: Client, cast: people.Cast) -> None:
        nasty = "<script>alert(1)</script>"
        entry = make.entry(cast.org_a, channels=WEB, name=f"A {nasty}", summary=nasty,
                           offers=f"{nasty}\n\n{nasty}", portfolio=[nasty])  # fmt: skip
        html = page(client, entry)
        assert nasty not in html
        assert "&lt;script&gt;" in html

    def test_english_page_marks_german_words(self, client: Client, cast: people.Cast) -> None:
        entry = make.entry(cast.org_a, channels=WEB, name_en="Ahrens helps")
        response = client.get(url(entry), headers={"accept-language": "en"})
        html = make.body(response).decode()
        assert "Ahrens helps" in html
        assert '<dd lang="de">' in html

    def test_hidden_and_unknown_look_alike_and_lead_on(
        self, client: Client, cast: people.Cast
    ) -> None:
        hidden = url(make.entry(cast.org_a, channels=("members",)))
        missing = reverse("directory:entry", args=["00000000-0000-4000-8000-000000000000"])
        pages = []
        for path in (hidden, missing):
            html = make.body(client.get(path)).decode()
            assert "Dieser Eintrag ist nicht oder nicht mehr zu lesen." in html
            assert 'href="/verzeichnis/">Im Verzeichnis suchen' in html
            hidden_key = re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', "", html)
            pages.append(re.sub(r"[0-9a-f]{8,}(-[0-9a-f]+)*", "", hidden_key.replace(path, "")))
        assert pages[0] == pages[1]

    def test_unknown_is_not_found(self, client: Client, cast: people.Cast) -> None:
        make.network() if not cast else None
        missing = "00000000-0000-4000-8000-000000000000"
        for name in ("entry", "vcard", "message"):
            assert client.get(reverse(f"directory:{name}", args=[missing])).status_code == 404
        assert client.get(reverse("directory:picture", args=[missing])).status_code == 404


class TestPerson:
    def test_shows_no_address_without_consent_for_it(
        self, client: Client, cast: people.Cast
    ) -> None:
        person = cast["editor_a"]
        entry = make.entry(person, channels=WEB)
        html = page(client, entry)
        assert "Ich höre zu und ordne." in html
        assert person.email not in html
        assert "Nachricht schreiben" in html
        consents._give(person, "contact", "web", actor=COMMAND, network=cast.network, lang="de",
                       key="")  # fmt: skip
        assert person.email in page(client, entry)
        assert person.email in page(client, entry, "vcard")

    def test_gone_with_the_consent(self, client: Client, cast: people.Cast) -> None:
        person = cast["editor_a"]
        organisation = make.entry(cast.org_a, channels=WEB)
        entry = make.entry(person, channels=WEB)
        assert "Edda Ahrens" in page(client, organisation)
        consent = Consent.objects.get(person=person, purpose="profile")
        consents.withdraw(consent, actor=cast.actor("editor_a"))
        for name in ("entry", "vcard", "message"):
            assert client.get(url(entry, name)).status_code == 404
        assert "Edda Ahrens" not in page(client, organisation)
        assert "Edda Ahrens" not in make.body(client.get("/verzeichnis/")).decode()

    def test_names_only_organisations_that_can_be_seen(
        self, client: Client, cast: people.Cast
    ) -> None:
        entry = make.entry(cast["editor_a"], channels=WEB)
        assert "Ahrens hilft" not in page(client, entry)
        organisation = make.entry(cast.org_a, channels=WEB)
        assert url(organisation) in page(client, entry)


class TestService:
    def test_leads_to_its_organisation(self, client: Client, cast: people.Cast) -> None:
        organisation = make.entry(cast.org_a, channels=WEB)
        service = make.entry(cast.org_a, service=True, channels=WEB, cost="free", reply_hours=48)
        html = page(client, service)
        assert url(organisation) in html
        assert "kostenfrei" in html
        assert "binnen 2 Tagen" in html


class TestCard:
    def test_holds_what_the_page_shows(self, client: Client, cast: people.Cast) -> None:
        name = "Ahrens, Söhne; und \\ Töchter " + "ä" * 80
        entry = make.entry(cast.org_a, channels=WEB, name=name, phone="0621 4711")
        response = client.get(url(entry, "vcard"))
        card = make.body(response).decode()
        assert card.startswith("BEGIN:VCARD\r\nVERSION:4.0\r\n")
        assert "FN:Ahrens\\, Söhne\\; und \\\\ Töchter" in card.replace("\r\n ", "")
        assert "EMAIL;TYPE=work:post@haus.example" in card
        assert all(len(line.encode()) <= 75 for line in card.split("\r\n"))
        assert "attachment" in response["Content-Disposition"]

    def test_no_line_of_ours_can_be_made_up(self, client: Client, cast: people.Cast) -> None:
        entry = make.entry(cast.org_a, channels=WEB, name="A\r\nEMAIL:fremd@boese.example")
        assert "\r\nEMAIL:fremd" not in page(client, entry, "vcard")


class TestLines:
    @pytest.mark.parametrize(("hours", "words"), [
        (1, "binnen einer Stunde"), (36, "binnen 36 Stunden"), (24, "binnen einem Tag"),
        (48, "binnen 2 Tagen"),
    ])  # fmt: skip
    def test_hours_are_days_where_they_are(self, db: Any, hours: int, words: str) -> None:
        [section] = sections_of("service", {"reply_hours": hours}, "de")
        assert [(line.title, line.value) for line in section.lines] == [("Antwort", words)]

    @pytest.mark.parametrize(("phone", "dialled"), [
        ("0621 4711", "06214711"), ("+49 (0) 621 / 47-11", "+496214711"),
        ("0621 4711 oder 4712", ""), ("(0621) 4711", "06214711"), ("", ""),
        ("javascript:alert(1)", ""),
    ])  # fmt: skip
    def test_a_number_is_dialled_where_it_is_one(self, phone: str, dialled: str) -> None:
        assert Contact(phone=phone).dialled == dialled

    def test_sections_leave_out_what_is_empty(self, taxonomy: None) -> None:
        content = {"name": "A", "offers": "Eins\nZwei", "topics": ["ausbildung"],
                   "regions": ["08222", "08", "00"], "logo": "x", "sectors": ["X9"]}  # fmt: skip
        sections = sections_of("organisation", content, "de")
        lines = {line.key: line for section in sections for line in section.lines}
        assert set(lines) == {"name", "offers", "topics", "regions", "sectors"}
        assert lines["offers"].value == "Eins\nZwei"
        assert lines["regions"].values[:2] == ("bundesweit", "Baden-Württemberg")
        assert lines["topics"].values == ("Ausbildung",)
        assert lines["sectors"].values == ("X9",)


class TestQueries:
    @pytest.mark.parametrize("role", ["anonymous", "editor_b", "editor_a", "office"])
    def test_do_not_grow(self, cast: people.Cast, count_queries: Any, role: str) -> None:
        entry = make.entry(cast.org_a, channels=BOTH)
        client, counts = cast.client(role), []
        for n in range(3):
            make.entry(cast.org_a, service=True, channels=BOTH, name=f"Rat {n}")
            someone = people.person(f"Ada Muster{'abc'[n]}")
            people.people.add_seat(someone, cast.org_a, actor=COMMAND)
            make.entry(someone, channels=BOTH, network=cast.network)
            if n != 1:
                client.get(url(entry))
                with count_queries() as queries:
                    html = page(client, entry)
                assert html.count("Ada Muster") == n + 1
                counts.append(queries.count)
        assert len(set(counts)) == 1, counts
        assert counts[0] <= 12, queries.counted

    @pytest.mark.parametrize("kind", ["person", "service", "draft"])
    def test_of_the_others(self, cast: people.Cast, count_queries: Any, kind: str) -> None:
        make.entry(cast.org_a, channels=BOTH)
        entry = {
            "person": lambda: make.entry(cast["editor_a"], channels=BOTH),
            "service": lambda: make.entry(cast.org_a, service=True, channels=BOTH),
            "draft": lambda: make.entry(cast.org_b),
        }[kind]()
        client = cast.client("office")
        client.get(url(entry))
        with count_queries() as queries:
            page(client, entry)
        assert queries.count <= 12, queries.counted
