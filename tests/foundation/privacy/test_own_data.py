"""Own data to take along, and what others may hand out (T57)."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from lotse.foundation.core import hooks
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.privacy import export
from lotse.foundation.parties.services import people
from tests import make


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
