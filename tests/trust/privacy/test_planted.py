"""T57 own data, T58 erasure: planted facts are all found, then all gone but for what is listed."""

import json
from io import BytesIO
from zipfile import ZipFile

from django.apps import apps
from django.core import mail as django_mail
from django.urls import reverse

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import mail, records
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.foundation.parties.models import Erasure, Report, RoleGrant
from lotse.foundation.parties.privacy import erasure, export
from lotse.foundation.parties.services import people as seats
from lotse.rooms.checks.models import Assessment, Share
from tests import make, people
from tests.trust.privacy.planted import MAIL, NAME, SECRET, Planted


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
