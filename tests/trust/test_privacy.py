"""T57 own data, T58 erasure: planted facts are all found, then all gone but for what is listed."""

import json
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core import mail as django_mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from lotse.foundation.accounts.models import Account, ApiToken, KnownDevice
from lotse.foundation.core import clock, mail, records
from lotse.foundation.core.actor import COMMAND, SYSTEM
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, MailChoice, OutboxMail
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.foundation.parties.models import (
    Absence,
    Erasure,
    Invitation,
    Person,
    Report,
    RoleGrant,
)
from lotse.foundation.parties.privacy import consents, erasure, export, ledger
from lotse.foundation.parties.services import people as seats
from lotse.foundation.parties.services import roles
from lotse.rooms.checks.models import Answer, Assessment, Share
from tests import make, people

NAME, MAIL, PHONE = "Wilhelmine Ackerstedt", "w.ackerstedt@beispiel.test", "+49 30 5550173"
SECRET = "geheim-7f3a9"


@pytest.fixture
def cast(db: Any, settings: Any, tmp_path: Path) -> people.Cast:
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    return people.cast()


class Planted:
    """A person with something in every table that can hold it; `facts` are what is only theirs."""

    def __init__(self, cast: people.Cast) -> None:
        self.cast = cast
        self.facts: list[str] = []
        self.person = people.person(NAME, email=MAIL, phone=PHONE, title=self.fact("Dr."))
        self.facts += ["Wilhelmine", "Ackerstedt", MAIL, PHONE]
        self.account: Any = self.person.account
        self._parties()
        self._account()
        self._core()
        self._work()

    def fact(self, text: str = "") -> str:
        self.facts.append(f"{text}Fakt{len(self.facts):03d}x")
        return self.facts[-1]

    def _parties(self) -> None:
        cast, person = self.cast, self.person
        for org in (cast.org_a, cast.org_b):
            seats.add_seat(person, org, actor=COMMAND, function=self.fact(), may_edit=True)
        self.facts += ["Ahrens hilft e. V.", "Brandt GmbH"]
        for role in ("adviser", "coordinator"):
            roles.grant_role(person, role, actor=COMMAND, network=cast.network, reason=self.fact())
        day = clock.today()
        Absence.objects.create(
            person=person, deputy=cast["office"], starts_on=day, ends_on=day, note=self.fact()
        )
        Absence.objects.create(
            person=cast["adviser"], deputy=person, starts_on=day, ends_on=day, note=SECRET
        )
        for number in range(3):
            Invitation.objects.create(
                network=cast.network, email=MAIL, first_name=self.fact(), last_name=self.fact(),
                function=self.fact(), reason=self.fact(), message=self.fact(),
                token_hash=f"{SECRET}{number}", invited_by=cast.actor("office").ref,
                expires_at=clock.now(),
            )  # fmt: skip
        self.me = self.actor()
        for channel in ("web", "members", "brochure"):
            given = consents.give(person, "profile", channel, actor=self.me, network=cast.network)
            type(given).objects.filter(pk=given.pk).update(source=self.fact())
        for _number in range(3):
            Report.objects.create(
                network=cast.network, page=self.fact(), reply_to=MAIL,
                text=f"{self.fact()} meint {NAME}",
            )  # fmt: skip

    def actor(self) -> Any:
        account = Account.objects.select_related("person").get(email=MAIL)
        return erasure.as_account(account, people.Actor("guest"))

    def _account(self) -> None:
        for _number in range(3):
            KnownDevice.objects.create(
                account=self.account, digest=f"{SECRET}{_number}", label=self.fact()
            )
            ApiToken.objects.create(
                account=self.account, name=self.fact(), scopes=[self.fact()],
                digest=f"{SECRET}t{_number}", expires_at=clock.now() + timedelta(days=9),
            )  # fmt: skip
        people.second_factor(self.person)
        email = apps.get_model("account", "EmailAddress")
        second = f"{self.fact()}@beispiel.test".lower()
        self.facts[-1] = second
        email.objects.create(user=self.account, email=second, verified=True)
        self.client = people.sign_in(people.Client(), self.person)

    def _core(self) -> None:
        for number in range(4):
            OutboxMail.objects.create(
                code="x", mail_class="duty", address=MAIL, subject=self.fact(), text=self.fact(),
                reason=self.fact(), person_uuid=self.person.uuid if number else None,
                state="queued" if number else "sent",
            )  # fmt: skip
        MailChoice.objects.create(address=MAIL, code=self.fact(), choice="off")
        LogEntry.objects.create(
            actor=self.me.ref, code=self.fact(), object_type="parties.organisation",
            object_uuid=self.cast.org_a.uuid, before={"contact": NAME}, after={"contact": SECRET},
        )  # fmt: skip
        LogEntry.objects.create(
            actor=self.cast.actor("office").ref, code="parties.x", object_type="parties.person",
            object_uuid=self.person.uuid, subject_uuid=self.person.uuid,
            after={"note": self.fact()},
        )  # fmt: skip

    def _work(self) -> None:
        check = make.check()
        self.own = make.assessment(check, organisation_name=self.fact(), unit="")
        Assessment.objects.filter(pk=self.own.pk).update(owner=self.person)
        Answer.objects.create(
            assessment=self.own, checkpoint="nutzen", level="urgent", note=self.fact(),
            own_examples=[self.fact()],
        )  # fmt: skip
        self.shared = make.assessment(check)
        Assessment.objects.filter(pk=self.shared.pk).update(
            owner=self.person, organisation=self.cast.org_a
        )
        self.of_others = make.assessment(check)
        Share.objects.create(series=self.of_others.series, person=self.person, level="read")
        self.measures = [
            measures.create_measure(
                actor=COMMAND, origin=Ref.to(self.shared), title=self.fact(), reason=self.fact(),
            )
            for _number in range(4)
        ]  # fmt: skip
        keys = [one.pk for one in self.measures]
        Measure.objects.filter(pk__in=keys[:3]).update(person=self.person, responsible=NAME)
        Measure.objects.filter(pk=keys[3]).update(controller_person=self.person)
        for measure in self.measures[:2]:
            ProgressNote.objects.create(
                measure=measure, person=self.person, author=NAME, text=self.fact()
            )


@pytest.fixture
def planted(cast: people.Cast) -> Planted:
    return Planted(cast)


def dump() -> str:
    """Every row of every table as text."""
    lines = []
    for model in apps.get_models(include_auto_created=True):
        for row in model._default_manager.values():
            lines.append(f"{model._meta.label_lower} {row}")
    return "\n".join(lines)


class TestExport:
    def test_sixty_facts_are_in_both_files_and_no_secret(self, planted: Planted) -> None:
        """T57."""
        assert len(planted.facts) >= 60
        response = planted.client.post(reverse("privacy:own"))
        pack = ZipFile(BytesIO(make.body(response)))
        text, html = (
            pack.read("eigene-daten.json").decode(),
            pack.read("eigene-daten.html").decode(),
        )
        assert [fact for fact in planted.facts if fact not in text] == []
        assert [fact for fact in planted.facts if fact not in html] == []
        everything = json.dumps(json.loads(text), ensure_ascii=False)
        for secret in (SECRET, "office@beispiel.test", str(planted.cast["office"].uuid),
                       planted.cast.actor("office").ref, planted.account.password):  # fmt: skip
            assert secret not in everything
            assert secret not in html

    def test_of_another_person_nothing_is_in_it(self, planted: Planted) -> None:
        text = export.as_json(export.everything(planted.cast["member"]))
        assert [fact for fact in planted.facts if "Fakt" in fact and fact in text] == []


def ask(planted: Planted) -> Erasure:
    return erasure.ask(planted.person, actor=planted.me, network=planted.cast.network)


class TestErasure:
    def test_everything_goes_but_what_is_listed(self, planted: Planted) -> None:
        """T58."""
        cast = planted.cast
        lines = erasure.dry_run(planted.person)
        before = dump()
        assert erasure.dry_run(planted.person) == lines
        assert dump() == before
        assert all(line["reason"] for line in lines if line["act"] != "delete")
        asked = ask(planted)
        queued = OutboxMail.objects.get(code="privacy.asked")
        done = erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        assert done.state == Erasure.State.DONE
        assert not OutboxMail.objects.filter(pk=queued.pk).exists()
        receipt = OutboxMail.objects.get(code="privacy.receipt")
        assert receipt.address == MAIL
        assert "30 Tagen" in receipt.text
        receipt.delete()
        after = dump()
        # Titles and reasons of measures are the organisation's, the text of reports the office's.
        reports = Report.objects.values_list("text", "page")
        stays = {
            *(one.title for one in planted.measures), *(one.reason for one in planted.measures),
            *ProgressNote.objects.values_list("text", flat=True), "Ahrens hilft e. V.",
            *(word for text, page in reports for word in (page, *text.split())), "Brandt GmbH",
            *LogEntry.objects.values_list("code", flat=True),
        }  # fmt: skip
        assert [fact for fact in planted.facts if fact in after and fact not in stays] == []
        assert NAME not in after
        assert not any(one.fault for one in records.verify())

    def test_measures_roles_and_log_lead_to_nobody(self, planted: Planted) -> None:
        ref, cast = planted.me.ref, planted.cast
        asked = ask(planted)
        erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        measure = Measure.objects.select_related("person").get(pk=planted.measures[0].pk)
        assert measure.party == "ehemalige Person"
        assert "Ackerstedt" not in measure.who
        grants = RoleGrant.objects.filter(person=planted.person)
        assert {(grant.reason, grant.ended_at is None) for grant in grants} == {("", False)}
        assert LogEntry.objects.filter(actor=ref).exists()
        assert (
            not LogEntry.objects.filter(subject_uuid=planted.person.uuid)
            .exclude(before=None, after=None)
            .exists()
        )
        assert Assessment.objects.get(pk=planted.shared.pk).owner is None
        assert not Assessment.objects.filter(pk=planted.own.pk).exists()
        assert not Share.objects.filter(person=planted.person).exists()

    def test_the_session_ends_and_mail_stops(self, planted: Planted) -> None:
        """T58: sign-in dead, mails stop."""
        page = reverse("privacy:own")
        assert planted.client.get(page).status_code == 200
        asked = ask(planted)
        erasure.confirm(asked, actor=planted.cast.actor("office"), expected=asked.version)
        assert planted.client.get(page).status_code == 302
        assert not Account.objects.filter(email=MAIL).exists()
        mail.deliver_due()
        assert [message.subject for message in django_mail.outbox] == ["Ihre Daten sind gelöscht"]
        assert not OutboxMail.objects.get(code="privacy.receipt").text

    def test_a_new_account_with_the_address_sees_nothing_old(self, planted: Planted) -> None:
        """T05."""
        asked = ask(planted)
        erasure.confirm(asked, actor=planted.cast.actor("office"), expected=asked.version)
        account = Account.objects.create_user(MAIL, people.PASSWORD)
        person = seats.person_of(account)
        assert person.pk != planted.person.pk
        data = export.everything(person)["parts"]
        assert "Fakt0" not in json.dumps(data)
        actor = erasure.as_account(
            Account.objects.select_related("person").get(pk=account.pk), people.Actor("guest")
        )
        assert not actor.grants
        assert not actor.seats


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


class TestLedger:
    def test_a_restored_person_is_erased_again(self, cast: people.Cast, tmp_path: Path) -> None:
        """T50: the ledger outlives the backup."""
        person = cast["member"]
        before = Person.objects.filter(pk=person.pk).values().get()
        asked = erasure.ask(person, actor=cast.actor("member"), network=cast.network)
        erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        file = tmp_path / "erasures.log"
        assert file.stat().st_mode & 0o077 == 0
        assert str(person.uuid) not in file.read_text()
        assert ledger.count() == 1
        assert erasure.replay() == 0
        Person.objects.filter(pk=person.pk).update(
            **{key: before[key] for key in ("first_name", "last_name", "email", "erased_at")}
        )
        assert erasure.replay() == 1
        assert Person.objects.get(pk=person.pk).last_name == "ehemalige Person"
        assert cast["editor_a"].name == Person.objects.get(pk=cast["editor_a"].pk).name

    def test_a_torn_line_and_a_foreign_file_do_no_harm(self, cast: people.Cast) -> None:
        uuid = cast["member"].uuid
        assert ledger.contains([uuid]) == set()
        ledger.add(uuid)
        with ledger.path().open("a") as out:
            out.write("2026-11-2")
        assert ledger.contains([uuid, cast["adviser"].uuid]) == {uuid}
        ledger.path().write_text("something else\n")
        assert ledger.contains([uuid]) == set()

    def test_if_the_ledger_cannot_be_written_nothing_is_erased(
        self, cast: people.Cast, settings: Any, tmp_path: Path
    ) -> None:
        asked = erasure.ask(cast["member"], actor=cast.actor("member"), network=cast.network)
        settings.DATA_DIR = tmp_path / "missing"
        with pytest.raises(OSError, match="missing"):
            erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        assert Person.objects.get(pk=cast["member"].pk).erased_at is None


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
