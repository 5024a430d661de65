"""Operation at the desk: log, reports, mails, tasks, checks."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult

from lotse.foundation.core import clock, once, tasks
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Report
from lotse.foundation.parties.services import invitations, networks
from lotse.rooms.checks.models import Check
from tests import make
from tests import people as cast_of
from tests.surfaces.desk.conftest import page, post

pytestmark = pytest.mark.django_db


class TestOperation:
    def test_the_log_names_who_is_still_there(self, cast: cast_of.Cast) -> None:
        office = cast.client("office")
        post(office, "organisation-new", name="Protokoll e. V.", kind="firm")
        body = page(office, "log", query="?was=organisation.created")
        assert "Gesa Stelle" in body
        assert "Protokoll e. V." in body
        assert "Protokoll e. V." in page(office, "log", query="?wer=Stelle")
        assert "Protokoll e. V." not in page(office, "log", query="?wer=Niemand")
        tomorrow = (clock.today() + timedelta(days=1)).isoformat()
        assert "Protokoll e. V." not in page(office, "log", query=f"?von={tomorrow}")

    def test_the_log_of_another_network_is_not_shown(self, cast: cast_of.Cast) -> None:
        organisation = cast_of.organisation(cast.other, "Drüben e. V.")
        query = f"?objekt={organisation.uuid}"
        assert "Drüben" not in page(cast.client("office"), "log", query=query)
        assert "Drüben" in page(cast.client("operator"), "log", query=query)

    def test_a_report_is_done_at_last(self, cast: cast_of.Cast) -> None:
        networks.report_barrier(cast.network, actor=COMMAND, key=once.new_key(), page="/checks/",
                                body="Der Knopf fehlt", reply_to="")  # fmt: skip
        report = Report.objects.get()
        office = cast.client("office")
        assert "gemeldete Barriere ist offen" in page(office, "start")
        assert "Der Knopf fehlt" in page(office, "report", report.uuid)
        assert post(cast.client("auditor"), "report", report.uuid, version=1).status_code == 403
        assert post(office, "report", report.uuid, version=1).status_code == 302
        report.refresh_from_db()
        assert report.done_at is not None
        assert "gemeldete Barriere" not in page(office, "start").split("Menschen")[0]

    def test_a_failed_mail_is_explained_and_sent_again(self, cast: cast_of.Cast) -> None:
        networks.report_barrier(cast.network, actor=COMMAND, key=once.new_key(), page="/",
                                body="Hakt", reply_to="")  # fmt: skip
        mail = OutboxMail.objects.get(code="parties.report")
        OutboxMail.objects.update(state="failed", error="550 unbekannt")
        office = cast.client("office")
        assert "1 Mail war nicht zustellbar" in page(office, "start")
        body = page(office, "mail", mail.uuid)
        assert "550 unbekannt" in body
        assert "Hakt" in body
        assert post(cast.client("auditor"), "mail-again", mail.uuid, version=1).status_code == 403
        assert post(office, "mail-again", mail.uuid, version=mail.version).status_code == 302
        mail.refresh_from_db()
        assert mail.state == "queued"

    def test_the_text_of_an_invitation_is_nowhere(self, cast: cast_of.Cast) -> None:
        invitations.invite(cast.network, actor=cast.actor("office"), email="neu@beispiel.test",
                           organisation=cast.org_a, message="Streng geheim")  # fmt: skip
        mail = OutboxMail.objects.get(code="parties.invitation")
        assert "Streng geheim" not in page(cast.client("operator"), "mail", mail.uuid)

    def test_coordinators_see_no_mail(self, cast: cast_of.Cast) -> None:
        invitations.invite(cast.network, actor=cast.actor("office"), email="neu@beispiel.test",
                           organisation=cast.org_a)  # fmt: skip
        assert "neu@beispiel.test" not in page(cast.client("coordinator"), "outbox")

    def test_a_failed_task_begins_anew(self, cast: cast_of.Cast, settings: Any) -> None:
        queue = {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
        settings.TASKS = {"default": queue}
        tasks.run_job.enqueue(path="lotse.none.such", attempt=5, kwargs={"n": 1})
        row = DBTaskResult.objects.get()
        DBTaskResult.objects.update(status="FAILED", exception_class_path="a.b.Broken")
        operator = cast.client("operator")
        assert "Broken" in page(operator, "tasks", query="?stand=FAILED")
        page(operator, "task", row.id)
        assert post(cast.client("office"), "task", row.id).status_code == 403
        assert post(operator, "task", row.id).status_code == 302
        again = DBTaskResult.objects.get()
        assert (again.status, again.args_kwargs["kwargs"]["attempt"]) == ("READY", 0)
        assert post(operator, "task", row.id).status_code == 422

    def test_a_check_is_read_with_its_faults_and_published(self, cast: cast_of.Cast) -> None:
        operator = cast.client("operator")
        bad = SimpleUploadedFile("x.yaml", b"format: lotse-check/1\ncheck: {id: 5}\n")
        response = post(operator, "check-import", file=bad)
        assert response.status_code == 422
        assert "Zeile" in response.content.decode()
        good = SimpleUploadedFile("x.yaml", make.CHECK_FILE.read_bytes())
        assert post(operator, "check-import", file=good).status_code == 302
        check = Check.objects.get()
        page(cast.client("office"), "check", check.uuid)
        assert post(cast.client("office"), "check-publish", check.uuid).status_code == 403
        data = {"version": check.version}
        assert post(operator, "check-publish", check.uuid, **data).status_code == 302
        assert post(operator, "check-withdraw", check.uuid, **data).status_code == 409
        check.refresh_from_db()
        assert check.current is not None
        post(operator, "check-withdraw", check.uuid, version=check.version)
        check.refresh_from_db()
        assert check.current is None
