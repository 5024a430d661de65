"""How long what is kept: by default, as the network decides, and on the pages (T59)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from lotse.foundation.core import clock, hooks
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import JobRun, LogEntry, OutboxMail
from lotse.foundation.parties.models import Consent, Invitation, Network, Report
from lotse.foundation.parties.privacy import periods, retention
from lotse.foundation.parties.services import networks
from tests import people as cast_of
from tests.foundation.privacy.conftest import give


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
            "directory.applications": 0, "directory.letters": 0, "bodies.guests": 0,
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
