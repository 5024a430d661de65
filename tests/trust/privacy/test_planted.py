"""T57 own data, T58 erasure: planted facts are all found, then all gone but for what is listed."""

import json
from collections.abc import Iterable
from io import BytesIO
from zipfile import ZipFile

from django.apps import apps
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import mail, records
from lotse.foundation.core.models import LogEntry, OutboxMail, SearchDoc
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.foundation.parties.models import Erasure, Report, RoleGrant
from lotse.foundation.parties.privacy import erasure, export
from lotse.foundation.parties.services import people as seats
from lotse.rooms.checks.models import Assessment, Share
from lotse.rooms.directory.models import (
    Announcement,
    Application,
    Entry,
    Letter,
    Picture,
    Revision,
    SavedSearch,
    TemplateAnswer,
)
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


def _words(texts: Iterable[str]) -> list[str]:
    return [word for text in texts for word in text.split()]


def ask(planted: Planted) -> Erasure:
    return erasure.ask(planted.person, actor=planted.me, network=planted.cast.network)


def _text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return make.body(response).decode()


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
            # What was said for an organisation stays with it, without the name.
            *Revision.objects.filter(entry__person=None).values_list("reason", flat=True),
            *_words(Announcement.objects.values_list("answer_note", flat=True)),
            *_words(TemplateAnswer.objects.values_list("note", flat=True)),
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

    def test_nobody_meets_the_person_in_the_directory(self, planted: Planted) -> None:
        """Pages, search rows, API, picture; what hung on the entry is gone with it."""
        cast, uuid = planted.cast, planted.entry.uuid
        member, visitor = cast.client("editor_b"), people.Client()
        paths = [f"/verzeichnis/{uuid}/", f"/verzeichnis/{uuid}/kontakt.vcf",
                 f"/verzeichnis/{uuid}/nachricht/", f"/api/v1/entries/{uuid}"]  # fmt: skip
        lists = ["/verzeichnis/?q=Ackerstedt", "/verzeichnis/?kind=person", "/verzeichnis/a-z/",
                 "/verzeichnis/?als=csv", "/suche/?q=Wilhelmine", "/api/v1/entries",
                 "/verzeichnis/vorschlaege/?q=Acker"]  # fmt: skip

        def met() -> set[str]:
            found = {path for path in paths if visitor.get(path).status_code == 200}
            for client in (visitor, member, cast.client("office")):
                found |= {path for path in lists if str(uuid) in _text(client, path)}
            return found

        assert met() == {*paths, *lists}
        asked = ask(planted)
        erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        assert met() == set()
        assert not SearchDoc.objects.filter(ref=uuid).exists()
        assert not Entry.objects.filter(uuid=uuid).exists()
        assert not Picture.objects.filter(pk=planted.picture.pk).exists()
        assert not SavedSearch.objects.filter(person=planted.person).exists()
        assert not Application.objects.filter(email__iexact=MAIL).exists()
        assert not Letter.objects.filter(address__iexact=MAIL).exists()
        assert Revision.objects.filter(entry__organisation=cast.org_a).exists()

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
