"""Consents, own data, restriction, retention, register."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from lotse.foundation.core import clock, hooks
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import JobRun, LogEntry, OutboxMail
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Consent, Invitation, Network, Person, Report
from lotse.foundation.parties.privacy import (
    checklists,
    consents,
    coverage,
    export,
    fields,
    periods,
    purposes,
    register,
    restriction,
    retention,
    rows,
)
from lotse.foundation.parties.services import networks, people
from tests import make
from tests import people as cast_of

RULE = "parties.person.view"


@pytest.fixture
def cast(db: Any) -> cast_of.Cast:
    return cast_of.cast()


def give(cast: cast_of.Cast, role: str = "member", channel: str = "web", **fields: Any) -> Consent:
    return consents.give(
        cast[role], "profile", channel, actor=cast.actor(role), network=cast.network, **fields
    )


class TestConsents:
    def test_a_yes_holds_for_its_purpose_channel_and_network_only(self, cast) -> None:
        person = cast["member"].pk
        assert not consents.holds(person, "profile", "web", cast.network)
        give(cast)
        assert consents.holds(person, "profile", "web", cast.network)
        assert not consents.holds(person, "profile", "members", cast.network)
        assert not consents.holds(person, "photo", "web", cast.network)
        assert not consents.holds(person, "profile", "web", cast.other)
        assert not consents.holds(person, "profile", "web", None)
        shown = Person.objects.filter(consents.people_with_consent("profile", "web", cast.network))
        assert list(shown) == [cast["member"]]

    def test_withdrawn_is_gone_at_once_and_kept_as_proof(self, cast) -> None:
        """T59."""
        consent = give(cast)
        heard: list[Any] = []
        react = consents.changed.register(lambda *args: heard.append(args))
        try:
            consents.withdraw(consent, actor=cast.actor("member"))
        finally:
            consents.changed._entries.remove((100, react))
        assert heard == [(cast["member"].pk, "profile", "web")]
        assert not consents.holds(cast["member"].pk, "profile", "web", cast.network)
        shown = consents.people_with_consent("profile", "web", cast.network)
        assert not Person.objects.filter(shown).exists()
        kept = Consent.objects.get()
        assert kept.wording == purposes.find("profile", "web").wording["de"]
        assert kept.withdrawn_by == cast.actor("member").ref
        again = give(cast)
        assert again != consent
        codes = list(
            LogEntry.objects.filter(code__startswith="parties.consent").values_list("code")
        )
        assert len(codes) == 3

    def test_a_second_yes_changes_nothing_and_english_is_kept(self, cast) -> None:
        first = give(cast, lang="en")
        assert give(cast) == first
        assert first.lang == "en"
        assert first.wording.startswith("My name")

    def test_nobody_says_yes_for_somebody_else(self, cast) -> None:
        for role in ("editor_a", "office", "operator"):
            with pytest.raises(NotAllowed):
                consents.give(
                    cast["member"], "photo", "web", actor=cast.actor(role), network=cast.network
                )
        with pytest.raises(NotAllowed):
            consents.withdraw(give(cast), actor=cast.actor("editor_a"))

    def test_the_office_records_paper_with_its_proof(self, cast) -> None:
        def record(role: str = "office", **fields: Any) -> Consent:
            values = {"source": "Bogen, Ordner 3", "on": clock.today() - timedelta(days=9)}
            return consents.record_given(
                cast["member"], "photo", "brochure", actor=cast.actor(role),
                network=cast.network, **(values | fields),
            )  # fmt: skip

        with pytest.raises(Refused):
            record(source=" ")
        with pytest.raises(Refused):
            record(on=clock.today() + timedelta(days=1))
        for role in ("foreign_office", "coordinator", "editor_a"):
            with pytest.raises(NotAllowed):
                record(role)
        consent = record()
        assert consent.source == "Bogen, Ordner 3"
        assert consent.given_at.date() == clock.today() - timedelta(days=9)
        assert consents.holds(cast["member"].pk, "photo", "brochure", cast.network)
        consents.withdraw(consent, actor=cast.actor("office"))

    @pytest.mark.parametrize(("purpose", "channel"), [("x", "web"), ("newsletter", "web")])
    def test_what_cannot_be_consented_to_is_refused(self, cast, purpose, channel) -> None:
        with pytest.raises(Refused):
            consents.give(
                cast["member"], purpose, channel, actor=cast.actor("member"), network=cast.network
            )

    def test_a_room_adds_a_purpose_with_both_languages(self) -> None:
        wording = {"de": "Ja", "en": "Yes"}
        with pytest.raises(ValueError, match="twice"):
            purposes.register(purposes.Purpose("photo", "x", ("web",), wording, "1"))
        with pytest.raises(ValueError, match="English"):
            purposes.register(purposes.Purpose("new", "x", ("web",), {"de": "Ja"}, "1"))
        with pytest.raises(ValueError, match="channel"):
            purposes.register(purposes.Purpose("new", "x", ("radio",), wording, "1"))
        for one in purposes.all_purposes():
            assert all(one.wording.values())

    def test_the_page_gives_and_takes_back(self, cast, count_queries) -> None:
        client = cast.client("member")
        page = reverse("privacy:consents")
        assert client.post(page, {"give": "profile:web"}).status_code == 302
        consent = Consent.objects.get()
        html = client.get(page).content.decode()
        assert str(consent.uuid) in html
        other = cast.client("editor_a")
        assert other.post(page, {"withdraw": str(consent.uuid)}).status_code == 404
        for bad in ({"give": "x"}, {"withdraw": "x"}, {}):
            assert client.post(page, bad).status_code == 404
        with count_queries() as one:
            client.get(page)
        client.post(page, {"give": "photo:web"})
        client.post(page, {"give": "contact:web"})
        with count_queries() as three:
            client.get(page)
        assert one.count == three.count <= 12
        client.post(page, {"withdraw": str(consent.uuid)})
        assert not consents.holds(cast["member"].pk, "profile", "web", cast.network)
        assert "widerrufen am" in client.get(page).content.decode()


class TestRestriction:
    def test_only_the_office_and_the_person_see_it(self, cast) -> None:
        person = cast["member"]
        give(cast)
        seen_by = ("member", "office", "coordinator", "auditor", "editor_a")

        def who() -> list[str]:
            found = Person.objects.filter(pk=person.pk)
            return [role for role in seen_by
                    if visible(RULE, cast.actor(role), found).exists()]  # fmt: skip

        assert who() == list(seen_by)
        with pytest.raises(NotAllowed):
            restriction.restrict(
                person, actor=cast.actor("editor_a"), expected=person.version, reason="x"
            )
        with pytest.raises(Refused):
            restriction.restrict(
                person, actor=cast.actor("office"), expected=person.version, reason=" "
            )
        restriction.restrict(
            person, actor=cast.actor("office"), expected=person.version, reason="Streit"
        )
        assert who() == ["member", "office"]
        assert not consents.holds(person.pk, "profile", "web", cast.network)
        restriction.lift(
            person, actor=cast.actor("office"), expected=person.version, reason="Geklärt"
        )
        assert who() == list(seen_by)
        assert consents.holds(person.pk, "profile", "web", cast.network)


class TestRetention:
    def test_what_is_overdue_is_gone_at_the_next_request(self, cast) -> None:
        """T59: by the clock, before the daily work has run."""
        old = clock.now() - timedelta(days=366)
        late = Report.objects.create(network=cast.network, text="Alt", created_at=old)
        fresh = Report.objects.create(network=cast.network, text="Neu")
        assert list(retention.alive(Report.objects.all())) == [fresh]
        assert networks.delete_old_reports() == 1
        assert not Report.objects.filter(pk=late.pk).exists()

    def test_every_class_deletes_what_is_over_and_nothing_else(self, cast) -> None:
        far = clock.now() - timedelta(days=5 * 366)
        consent = give(cast)
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=far)
        held = give(cast, channel="members")
        Invitation.objects.create(
            network=cast.network, email="a@b.example", token_hash="x", expires_at=far
        )
        for state in (OutboxMail.State.SENT, OutboxMail.State.QUEUED):
            OutboxMail.objects.create(
                code="x", mail_class="duty", address="a@b.example", subject="x", text="x",
                state=state, created_at=far,
            )  # fmt: skip
        receipt = OutboxMail.objects.create(
            code="privacy.receipt", mail_class="security", address="a@b.example", subject="x",
            text="", state="sent", sent_at=clock.now() - timedelta(days=2),
        )  # fmt: skip
        LogEntry.objects.all().delete()
        ref = cast["member"].uuid
        for code, at in (
            ("accounts.signed_in", far),
            ("parties.x", far),
            ("parties.y", clock.now()),
        ):
            LogEntry.objects.create(
                actor=f"account:{ref}", code=code, object_type="parties.person", object_uuid=ref,
                at=at, before={"a": 1}, after={"a": 2},
            )  # fmt: skip
        done = {one.key: one.run() for one in retention.CLASSES}
        assert done == {
            "parties.reports": 0, "parties.invitations": 1, "parties.consents": 1,
            "parties.erasures": 0, "parties.support": 0, "parties.factor_resets": 0,
            "core.mails": 2, "core.log": 2, "core.security": 1, "core.sessions": 0, "core.trash": 0,
        }  # fmt: skip
        assert Consent.objects.get() == held
        assert not OutboxMail.objects.filter(pk=receipt.pk).exists()
        lines = {line.code: line for line in LogEntry.objects.filter(object_uuid=ref)}
        assert set(lines) == {"parties.x", "parties.y"}
        assert (lines["parties.x"].actor, lines["parties.x"].after) == ("former", None)
        assert lines["parties.y"].after == {"a": 2}
        assert {one.key: one.run() for one in retention.CLASSES} == dict.fromkeys(done, 0)

    def test_each_is_scheduled_once_and_the_page_tells_what_went(self, cast) -> None:
        names = [job.name for job in hooks.daily_jobs]
        wanted = [retention.job_name(one) for one in retention.CLASSES]
        assert all(names.count(name) == 1 for name in wanted)
        JobRun.objects.create(
            name="retention.core.mails", due_on=clock.today(), ended_at=clock.now(), ok=True,
            count=41,
        )  # fmt: skip
        html = cast.client("office").get(reverse("privacy:register")).content.decode()
        assert ">41<" in html


class TestRegister:
    def test_every_table_is_placed_exactly_once(self) -> None:
        assert coverage.misplaced() == {}

    def test_a_missing_table_would_be_found(self, monkeypatch) -> None:
        monkeypatch.delitem(coverage.NOT_PERSONAL, "topics.topic")
        monkeypatch.setitem(coverage.NOT_PERSONAL, "parties.person", "x")
        monkeypatch.setitem(coverage.NOT_PERSONAL, "gone.model", "x")
        assert coverage.misplaced() == {"topics.topic": 0, "parties.person": 2, "gone.model": 1}

    def test_it_names_every_activity_with_its_data(self, cast, count_queries) -> None:
        client = cast.client("auditor")
        with count_queries() as queries:
            html = client.get(reverse("privacy:register")).content.decode()
        assert queries.count <= 8
        for part in hooks.personal_data:
            assert str(part.title) in html
            assert all((str(part.purpose), str(part.legal_basis), str(part.retention)))
        for word in ("Telefon", "Stiftung Beispiel", "Art. 30 DSGVO", "Fassung des Wortlauts"):
            assert word in html

    def test_every_field_has_a_name_in_words(self) -> None:
        assert "Checkpunkt" in register.fields_of(("checks.answer",))
        raw = {
            field.name
            for part in hooks.personal_data
            for table in part.models
            for field in apps.get_model(table)._meta.concrete_fields
            if field.name not in fields.TECHNICAL | rows.SECRETS | set(fields.NAMES)
            and str(field.verbose_name) == field.name.replace("_", " ")
        }
        assert raw == set()

    def test_it_can_be_taken_along(self, cast) -> None:
        response = cast.client("office").get(reverse("privacy:register-xlsx"))
        book = load_workbook(BytesIO(make.body(response)))
        assert len(book.sheetnames) == 4
        titles = [row[0].value for row in book[book.sheetnames[0]].iter_rows(min_row=2)]
        assert "Maßnahmen" in titles

    def test_it_is_a_word_file_too(self, cast) -> None:
        response = cast.client("office").get(reverse("privacy:register-docx"))
        assert response["Content-Disposition"].endswith('.docx"')
        paper = Document(BytesIO(make.body(response)))
        headings = [p.text for p in paper.paragraphs if p.style.name.startswith("Heading")]
        assert headings[0] == "Verzeichnis der Verarbeitungen"
        assert {"Allgemein", "Maßnahmen", "Fristen"} <= set(headings)
        cells = {cell.text for table in paper.tables for row in table.rows for cell in row.cells}
        assert {cast.network.carrier, "365 Tage", "Art. 17 Abs. 1 DSGVO"} <= cells
        english = cast.client("office").get(
            reverse("privacy:register-docx"), headers={"accept-language": "en"}
        )
        assert Document(BytesIO(make.body(english))).core_properties.language == "en-GB"

    def test_the_checklists_name_their_source(self) -> None:
        for kind in ("imprint", "privacy", "accessibility"):
            assert len(checklists.checklist(kind)) >= 6
            assert all(source for _what, source in checklists.checklist(kind))
        assert checklists.checklist("x") == []
        assert "keine Rechtsberatung" in str(checklists.NOTICE)


class TestOwnData:
    def test_the_file_has_json_and_a_page(self, cast) -> None:
        response = cast.client("member").post(reverse("privacy:own"))
        pack = ZipFile(BytesIO(make.body(response)))
        data = json.loads(pack.read("eigene-daten.json"))
        assert data["format"] == "lotse-person/1"
        assert {part["name"] for part in data["parts"]} == {
            part.name for part in hooks.personal_data
        }
        html = pack.read("eigene-daten.html").decode()
        assert "Mats" in html
        assert "http://" not in html
        assert "<script" not in html
        assert LogEntry.objects.filter(code="parties.person.exported").count() == 1

    def test_it_needs_a_fresh_proof_and_has_a_limit(self, cast, settings, monkeypatch) -> None:
        settings.LIMITS = {**settings.LIMITS, "privacy.export": (1, 60)}
        client = cast.client("member")
        page = reverse("privacy:own")
        assert [client.post(page).status_code for _ in range(2)] == [200, 429]
        settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = -1
        response = client.post(page)
        assert response.status_code == 302
        assert response["Location"].startswith("/konto/")

    def assessment_of(self, person: Person, name: str) -> Any:
        found = make.assessment(organisation_name=name)
        type(found).objects.filter(pk=found.pk).update(owner=person)
        return found

    @pytest.mark.parametrize("role", ["office", "operator"])
    def test_others_get_what_they_see_anyway_and_the_person_is_told(self, cast, role) -> None:
        own = self.assessment_of(cast["member"], "Haus Geheim")
        client = cast.client(role)
        page = reverse("privacy:person", args=[cast["member"].uuid])
        assert "erfährt per Mail von der Auskunft" in client.get(page).content.decode()
        assert not OutboxMail.objects.filter(code="privacy.given").exists()
        pack = ZipFile(BytesIO(make.body(client.post(page, {"go": "data"}))))
        text = pack.read("eigene-daten.json").decode()
        assert {part["name"] for part in json.loads(text)["parts"]} == {"parties", "accounts"}
        html = pack.read("eigene-daten.html").decode()
        assert "Behrens" in html
        assert "Diese Auskunft enthält" in html
        assert not any("Haus Geheim" in one or str(own.uuid) in one for one in (text, html))
        told = OutboxMail.objects.get(code="privacy.given")
        assert (told.address, told.mail_class) == ("member@beispiel.test", "security")
        assert reverse("privacy:own") in told.text

    def test_the_person_and_the_command_get_everything(self, cast) -> None:
        self.assessment_of(cast["member"], "Haus Offen")
        for actor in (cast.actor("member"), COMMAND):
            pack = ZipFile(BytesIO(export.take_along(cast["member"], actor=actor)))
            assert "Haus Offen" in pack.read("eigene-daten.json").decode()
            assert "Diese Auskunft enthält" not in pack.read("eigene-daten.html").decode()
        assert not OutboxMail.objects.filter(code="privacy.given").exists()

    def test_visitors_are_sent_to_sign_in(self, cast, client) -> None:
        for name in ("own", "consents", "erase"):
            response = client.get(reverse(f"privacy:{name}"))
            assert response.status_code == 302
            assert "/konto/anmelden/" in response["Location"]

    def test_user_text_is_never_markup(self, cast) -> None:
        person = cast["member"]
        people.change_person(
            person, actor=COMMAND, expected=person.version, last_name="<script>alert(1)</script>"
        )
        body = make.body(cast.client("member").post(reverse("privacy:own")))
        assert "<script" not in ZipFile(BytesIO(body)).read("eigene-daten.html").decode()

    def test_the_command_prints_or_writes(self, cast, capsys, tmp_path) -> None:
        with pytest.raises(CommandError):
            call_command("exportperson", email="nobody@beispiel.test")
        call_command("exportperson", email="MEMBER@beispiel.test")
        assert json.loads(capsys.readouterr().out)["person"] == str(cast["member"].uuid)
        file = tmp_path / "auskunft.zip"
        call_command("exportperson", email="member@beispiel.test", out=file)
        assert file.stat().st_mode & 0o077 == 0
        assert len(ZipFile(file).namelist()) == 2
        with pytest.raises(CommandError):
            call_command("exportperson", email="member@beispiel.test", out=file)


class TestPeriods:
    """What a network keeps longer or shorter than Lotse would, within limits (T59)."""

    URL = "/betrieb/fristen/"

    def form(self, cast: cast_of.Cast, **days: Any) -> dict[str, str]:
        kept = {key: periods.days_of(key, cast.network) for key in periods.PERIODS}
        kept |= {key.replace("_", ".", 1): count for key, count in days.items()}
        cast.network.refresh_from_db()
        return {"version": str(cast.network.version), **{k: str(v) for k, v in kept.items()}}

    def test_the_office_decides_and_it_holds_for_its_network_only(self, cast) -> None:
        old = clock.now() - timedelta(days=61)
        here, there = (
            Report.objects.create(network=one, text="Alt", created_at=old)
            for one in (cast.network, cast.other)
        )
        office = cast.client("office")
        assert office.post(self.URL, self.form(cast, parties_reports=60)).status_code == 302
        assert list(retention.alive(Report.objects.all())) == [there]
        assert office.get(f"/betrieb/meldungen/{here.uuid}/").status_code == 404
        assert networks.delete_old_reports() == 1
        html = office.get(self.URL).content.decode()
        assert "365, jetzt 60 Tage" in html
        assert cast["office"].name in html
        assert "60 Tage" in office.get(reverse("privacy:register")).content.decode()

    def test_mails_of_no_network_keep_the_usual_time(self, cast) -> None:
        periods.set_periods(cast.network, actor=COMMAND, expected=cast.network.version,
                            days={"core.mails": 30})  # fmt: skip
        for network in (cast.network.uuid, cast.other.uuid, None):
            OutboxMail.objects.create(
                network_uuid=network, code="x", mail_class="duty", address="a@b.example",
                subject="x", text="x", state="sent", created_at=clock.now() - timedelta(days=40),
            )  # fmt: skip
        left = retention.alive(OutboxMail.objects.all()).values_list("network_uuid", flat=True)
        assert set(left) == {cast.other.uuid, None}
        assert retention.delete_mails() == 1

    def test_the_usual_number_follows_the_installation(self, cast, settings) -> None:
        periods.set_periods(cast.network, actor=COMMAND, expected=cast.network.version,
                            days={"parties.reports": settings.REPORT_RETENTION_DAYS})  # fmt: skip
        settings.REPORT_RETENTION_DAYS = 100
        assert periods.days_of("parties.reports", fresh_of(cast.network)) == 100

    def test_a_class_of_an_earlier_version_is_let_go(self, cast) -> None:
        type(cast.network).objects.filter(pk=cast.network.pk).update(retention={"old.class": 50})
        answer = cast.client("office").post(self.URL, self.form(cast, parties_reports=60))
        assert answer.status_code == 302
        assert fresh_of(cast.network).retention == {"parties.reports": 60}

    @pytest.mark.parametrize("days", ["29", "731", "-1", "viel", "", "٦٠٠٠", "1e3"])
    def test_numbers_outside_the_limits_are_refused(self, cast, days) -> None:
        answer = cast.client("office").post(self.URL, self.form(cast, parties_reports=days))
        assert answer.status_code == 422
        assert fresh_of(cast.network).retention == {}

    def test_the_service_refuses_too(self, cast) -> None:
        for days in ({"parties.reports": 5}, {"core.log": 100}):
            with pytest.raises(Refused):
                periods.set_periods(cast.network, actor=COMMAND, expected=1, days=days)
        for role in ("coordinator", "auditor", "editor_a", "foreign_office"):
            with pytest.raises(NotAllowed):
                periods.set_periods(cast.network, actor=cast.actor(role), expected=1, days={})
            assert cast.client(role).get(self.URL).status_code == 403

    def test_an_old_page_shows_what_stands(self, cast) -> None:
        """T37."""
        office, form = cast.client("office"), self.form(cast, parties_reports=60)
        office.post(self.URL, form)
        answer = office.post(self.URL, {**form, "parties.reports": "90"})
        assert answer.status_code == 409
        assert 'value="90"' in answer.content.decode()
        assert "60 Tage" in answer.content.decode()

    def test_queries_of_the_page(self, cast, count_queries) -> None:
        client, counts = cast.client("office"), set()
        for days in (60, 70, 80):
            client.post(self.URL, self.form(cast, parties_reports=days))
            with count_queries() as queries:
                client.get(self.URL)
            counts.add(queries.count)
        assert len(counts) == 1
        assert counts.pop() <= 12


def fresh_of(network: Network) -> Network:
    return Network.objects.get(pk=network.pk)


class TestOverdueOnPages:
    def test_no_page_shows_what_is_over(self, cast, capsys) -> None:
        """T59: reports, mails, invitations, log, before the daily work has run."""
        far = clock.now() - timedelta(days=5 * 366)
        Report.objects.create(network=cast.network, text="Überholt", created_at=far)
        mail = OutboxMail.objects.create(
            network_uuid=cast.network.uuid, code="x", mail_class="duty", created_at=far,
            address="alt@b.example", subject="Überholt", text="x", state="failed",
        )  # fmt: skip
        sent = Invitation.objects.create(
            network=cast.network, email="alt@b.example", token_hash="x", expires_at=far
        )
        LogEntry.objects.create(
            actor="command", code="parties.ueberholt", object_type="parties.network",
            object_uuid=cast.network.uuid, at=far, after={"a": 1},
        )  # fmt: skip
        office = cast.client("office")
        pages = ("start", "reports", "outbox", "invitations", "log")
        for name in pages:
            html = office.get(reverse(f"desk:{name}")).content.decode()
            for word in ("berholt", "alt@b.example", "Barriere ist offen", "war nicht zustellbar"):
                assert word not in html, (name, word)
        assert office.get(reverse("desk:mail", args=[mail.uuid])).status_code == 404
        assert office.get(reverse("desk:invitation", args=[sent.uuid])).status_code == 404
        call_command("listreports", "--json")
        assert json.loads(capsys.readouterr().out) == []
