"""T58: an erasure takes two people or 72 hours, by page and by command."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import SYSTEM
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Absence, Erasure, Person, RoleGrant
from lotse.foundation.parties.privacy import erasure, ledger
from tests import people


class TestFourEyes:
    def test_neither_the_asker_nor_the_person_confirms(self, cast: people.Cast) -> None:
        asked = erasure.ask(cast["member"], actor=cast.actor("office"), network=cast.network)
        for role in ("member", "editor_a", "coordinator", "auditor", "foreign_office"):
            with pytest.raises(NotAllowed):
                erasure.confirm(asked, actor=cast.actor(role), expected=asked.version)
        with pytest.raises(Refused):  # the operator could
            erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        with pytest.raises(Conflict):
            erasure.confirm(asked, actor=cast.actor("operator"), expected=asked.version + 1)
        asked.refresh_from_db()
        done = erasure.confirm(asked, actor=cast.actor("operator"), expected=asked.version)
        assert done.state == Erasure.State.DONE
        with pytest.raises(Refused):
            erasure.confirm(done, actor=cast.actor("operator"), expected=done.version)

    def test_an_office_person_does_not_confirm_the_own_erasure(self, cast: people.Cast) -> None:
        asked = erasure.ask(cast["office"], actor=cast.actor("office"), network=cast.network)
        with pytest.raises(NotAllowed):
            erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        assert erasure.others(asked) != []

    def test_where_nobody_else_is_72_hours_pass(self, cast: people.Cast, monkeypatch: Any) -> None:
        """Rulings 24."""
        RoleGrant.objects.filter(role="operator").update(ended_at=clock.now())
        asked = erasure.ask(cast["member"], actor=cast.actor("office"), network=cast.network)
        waits = erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        assert waits.state == Erasure.State.CONFIRMED
        assert OutboxMail.objects.filter(code="privacy.waiting").count() == 1
        with pytest.raises(Refused):
            erasure.confirm(waits, actor=cast.actor("office"), expected=waits.version)
        assert erasure.run_due() == 0
        later = clock.now() + timedelta(hours=72, minutes=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert erasure.run_due() == 1
        assert erasure.run_due() == 0
        assert Person.objects.get(pk=cast["member"].pk).erased_at

    def test_a_deputy_or_a_role_from_the_asker_is_nobody_else(self, cast: people.Cast) -> None:
        RoleGrant.objects.filter(role="operator").update(ended_at=clock.now())
        asked = erasure.ask(cast["member"], actor=cast.actor("office"), network=cast.network)
        assert erasure.others(asked) == []
        day = clock.today()
        Absence.objects.create(
            person=cast["office"], deputy=cast["adviser"], starts_on=day, ends_on=day
        )
        assert erasure.others(asked) == []
        waits = erasure.confirm(asked, actor=cast.actor("adviser"), expected=asked.version)
        assert waits.state == Erasure.State.CONFIRMED, "72 hours, as for whoever asked"

    def test_a_role_from_the_asker_does_not_confirm(self, cast: people.Cast) -> None:
        RoleGrant.objects.create(
            person=cast["adviser"], role="office", network=cast.network, reason="x",
            granted_by=cast.actor("office").ref,
        )  # fmt: skip
        asked = erasure.ask(cast["member"], actor=cast.actor("office"), network=cast.network)
        assert erasure.others(asked) == [cast["operator"].pk]
        with pytest.raises(Refused, match="nicht als zweite Person"):
            erasure.confirm(asked, actor=cast.actor("adviser"), expected=asked.version)
        own = erasure.ask(cast["editor_b"], actor=cast.actor("editor_b"), network=cast.network)
        done = erasure.confirm(own, actor=cast.actor("adviser"), expected=own.version)
        assert done.state == Erasure.State.DONE

    def test_it_can_be_taken_back_until_it_is_done(self, cast: people.Cast) -> None:
        asked = erasure.ask(cast["member"], actor=cast.actor("office"), network=cast.network)
        same = erasure.ask(cast["member"], actor=cast.actor("member"), network=cast.network)
        assert same == asked
        with pytest.raises(NotAllowed):
            erasure.withdraw(asked, actor=cast.actor("editor_a"), expected=asked.version)
        erasure.withdraw(asked, actor=cast.actor("member"), expected=asked.version)
        with pytest.raises(Refused):
            erasure.confirm(asked, actor=cast.actor("operator"), expected=asked.version)
        assert (
            erasure.ask(cast["member"], actor=cast.actor("member"), network=cast.network) != asked
        )

    def test_the_last_operator_stays(self, cast: people.Cast) -> None:
        with pytest.raises(Refused):
            erasure.ask(cast["operator"], actor=cast.actor("operator"), network=cast.network)

    def test_strangers_ask_for_nobody(self, cast: people.Cast) -> None:
        for role in ("editor_a", "foreign_office", "coordinator"):
            with pytest.raises(NotAllowed):
                erasure.ask(cast["member"], actor=cast.actor(role), network=cast.network)


class TestPages:
    def test_the_person_asks_and_takes_back(self, cast: people.Cast, count_queries: Any) -> None:
        client, page = cast.client("member"), reverse("privacy:erase")
        html = client.get(page).content.decode()
        assert "Sitze in Organisationen" in html
        assert client.post(page, {}).status_code == 422
        assert not Erasure.objects.exists()
        client.post(page, {"sure": "on"})
        assert "Ihr Antrag läuft" in client.get(page).content.decode()
        assert client.post(reverse("privacy:erase-withdraw")).status_code == 302
        assert client.post(reverse("privacy:erase-withdraw")).status_code == 404

    def test_the_office_sees_and_confirms(self, cast: people.Cast, count_queries: Any) -> None:
        client, page = cast.client("office"), reverse("privacy:erasures")
        assert "Es gibt keinen" in client.get(page).content.decode()
        asked = [erasure.ask(cast["member"], actor=cast.actor("member"), network=cast.network)]
        with count_queries() as one:
            client.get(page)
        for role in ("adviser", "editor_b"):
            asked.append(erasure.ask(cast[role], actor=cast.actor(role), network=cast.network))
        with count_queries() as three:
            html = client.get(page).content.decode()
        assert one.count == three.count <= 8
        assert "Mats Behrens" in html
        detail = reverse("privacy:erasure", args=[asked[0].uuid])
        assert "Bestätigen und löschen" in client.get(detail).content.decode()
        data = {"version": str(asked[0].version), "go": "confirm"}
        assert client.post(detail, data).status_code == 422
        assert client.post(detail, data | {"sure": "on"}).status_code == 302
        html = client.get(detail).content.decode()
        assert "Mats Behrens" not in html
        assert "ausgeführt" in html

    def test_a_person_is_found_by_address_and_helped(self, cast: people.Cast) -> None:
        client, page = cast.client("office"), reverse("privacy:erasures")
        assert client.post(page, {"email": "niemand@beispiel.test"}).status_code == 422
        assert client.post(page, {"email": "foreign-office@beispiel.test"}).status_code == 422
        response = client.post(page, {"email": "member@beispiel.test"})
        person = response["Location"]
        assert client.get(person).status_code == 200
        paper = {"go": "consent", "what": "photo:web", "on": "2026-01-05", "source": "Ordner 3"}
        assert client.post(person, paper | {"source": ""}).status_code == 422
        assert client.post(person, paper).status_code == 302
        assert "Ordner 3" in client.get(person).content.decode()
        limit = {"go": "restrict", "version": str(cast["member"].version), "reason": "Streit"}
        assert client.post(person, limit).status_code == 302
        assert "eingeschränkt" in client.get(person).content.decode()
        assert client.post(person, {"go": "data"})["Content-Type"] == "application/zip"
        asked = client.post(person, {"go": "erase"})
        html = client.get(asked["Location"]).content.decode()
        assert "bestätigt eine andere Person" in html
        for role in ("coordinator", "auditor", "editor_a", "foreign_office"):
            assert cast.client(role).get(person).status_code in (403, 404)
            assert cast.client(role).get(asked["Location"]).status_code == 404


class TestCommand:
    def run(self, *args: str) -> dict[str, Any]:
        out = StringIO()
        call_command("eraseperson", "--json", *args, stdout=out, stderr=StringIO())
        return dict(json.loads(out.getvalue()))

    def test_dry_run_then_a_second_person(self, cast: people.Cast) -> None:
        email = ("--email", "member@beispiel.test")
        assert self.run(*email, "--dry-run")["state"] == "dry-run"
        assert not Erasure.objects.exists()
        for who in ("member", "editor-a", "suspended", "nobody"):
            with pytest.raises(CommandError):
                self.run(*email, "--confirm-by", f"{who}@beispiel.test")
        with pytest.raises(CommandError):
            self.run(*email)  # there are others who could look at it
        assert self.run(*email, "--confirm-by", "office@beispiel.test")["state"] == "done"
        with pytest.raises(CommandError):
            self.run(*email, "--dry-run")

    def test_alone_it_waits(self, cast: people.Cast) -> None:
        RoleGrant.objects.filter(role__in=("operator", "office")).update(ended_at=clock.now())
        assert self.run("--email", "member@beispiel.test")["state"] == "confirmed"
        with pytest.raises(CommandError, match="72 Stunden"):
            self.run("--email", "member@beispiel.test")

    def test_a_request_of_the_person_is_taken_up(self, cast: people.Cast) -> None:
        asked = erasure.ask(cast["member"], actor=cast.actor("member"), network=cast.network)
        with pytest.raises(CommandError, match="confirm-by"):
            self.run("--email", "member@beispiel.test")
        done = self.run("--email", "member@beispiel.test", "--confirm-by", "office@beispiel.test")
        assert done["state"] == "done"
        asked.refresh_from_db()
        assert asked.confirmed_by == cast.actor("office").ref

    def test_the_system_repeats_without_a_mail(self, cast: people.Cast) -> None:
        ledger.add(cast["member"].uuid)
        OutboxMail.objects.all().delete()
        assert erasure.replay() == 1
        assert not OutboxMail.objects.exists()
        assert LogEntry.objects.get(code="parties.erasure.repeated").actor == SYSTEM.ref
