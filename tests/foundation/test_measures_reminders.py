"""Reminders: the right days, the right people, once a day, nothing lost and nothing doubled."""

import time
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock, hooks, jobs, mail
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import reminders, services
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Absence, Person
from tests import people

TODAY = clock.today


def add(person: Person, days: int, **fields: Any) -> Measure:
    """A measure of a person, due in so many days."""
    fields.setdefault("title", f"Fällig in {days} Tagen")
    return services.create_measure(
        actor=COMMAND, origin=Ref("test.thing", uuid4()), person_id=person.pk,
        due_on=TODAY() + timedelta(days=days), **fields,
    )  # fmt: skip


def reminded() -> dict[str, OutboxMail]:
    return {row.address: row for row in OutboxMail.objects.filter(code=reminders.CODE)}


class TestDays:
    DUE = date(2026, 6, 30)

    @pytest.mark.parametrize(
        ("day", "expected"),
        [("2026-05-30", None), ("2026-05-31", "2026-05-31"), ("2026-06-22", "2026-05-31"),
         ("2026-06-23", "2026-06-23"), ("2026-06-29", "2026-06-29"), ("2026-06-30", "2026-06-29"),
         ("2026-07-01", "2026-07-01"), ("2026-07-07", "2026-07-01"), ("2026-07-08", "2026-07-08"),
         ("2026-07-15", "2026-07-15")],
    )  # fmt: skip
    def test_last_reminder(self, day: str, expected: str | None) -> None:
        found = reminders.last_reminder(self.DUE, date.fromisoformat(day))
        assert found == (date.fromisoformat(expected) if expected else None)

    def test_in_the_course_of_a_year_each_day_once(self) -> None:
        told: list[int] = []
        last: date | None = None
        for n in range(-60, 40):
            day = self.DUE + timedelta(days=n)
            if reminders.is_due(self.DUE, last, day):
                told.append(n)
                last = day
        assert told == [-30, -7, -1, 1, 8, 15, 22, 29, 36]

    def test_after_days_without_a_worker_it_catches_up_for_three_days(self) -> None:
        at = self.DUE - timedelta(days=30)
        assert reminders.is_due(self.DUE, None, at + timedelta(days=3))
        assert not reminders.is_due(self.DUE, None, at + timedelta(days=4))


@pytest.mark.django_db
class TestMail:
    @pytest.fixture
    def cast(self, common_cast: people.Cast) -> people.Cast:
        return common_cast

    def test_one_mail_with_everything_in_it(self, cast: people.Cast) -> None:
        for days in (30, 7, 1, -1, -8, 20, 60):
            add(cast["member"], days)
        add(cast["editor_b"], 7, organisation_id=cast.org_b.pk, title="Raum {{7*7}} & <b>")
        assert reminders.send_due() == 2
        found = reminded()
        text = found["member@beispiel.test"].text
        assert found["member@beispiel.test"].subject == "5 Maßnahmen, davon 2 überfällig"
        for days in (30, 7, 1, -1, -8):
            assert f"Fällig in {days} Tagen" in text
        assert "Fällig in 20 Tagen" not in text
        assert "weil Sie für diese Maßnahmen zuständig sind" in text
        assert "/heute/" in text
        other = found["editor-b@beispiel.test"]
        assert "Raum {{7*7}} & <b>" in other.text
        assert "<b>" not in other.html
        assert "Brandt GmbH" in other.text
        assert (other.mail_class, other.person_uuid) == ("duty", cast["editor_b"].uuid)

    def test_twice_a_day_is_once(self, cast: people.Cast) -> None:
        add(cast["member"], 7)
        assert [reminders.send_due(), reminders.send_due()] == [1, 0]
        late = add(cast["member"], 1, title="Kam später dazu")
        assert reminders.send_due() == 0
        late.refresh_from_db()
        assert late.reminded_on is None  # said tomorrow, not lost
        assert reminders.due_for_reminder(TODAY() + timedelta(days=1))
        assert OutboxMail.objects.count() == 1

    @pytest.mark.parametrize("status", ["done", "parked", "dropped"])
    def test_nothing_about_what_is_over(self, cast: people.Cast, status: str) -> None:
        add(cast["member"], 7, status=status)
        assert reminders.send_due() == 0

    def test_nobody_who_cannot_be_reached(self, cast: people.Cast) -> None:
        add(cast["suspended"], 7)
        add(people.person("Ohne Konto", account=False), 7)
        add(cast["adviser"], 7)
        Person.objects.filter(pk=cast["adviser"].pk).update(restricted_at=clock.now())
        unverified = people.person("Noch Unbestätigt")
        unverified.account.emailaddress_set.update(verified=False)
        add(unverified, 7)
        assert reminders.send_due() == 0

    def test_the_deputy_is_told_for_whom(self, cast: people.Cast) -> None:
        Absence.objects.create(
            person=cast["member"], deputy=cast["editor_a"], starts_on=TODAY(), ends_on=TODAY()
        )
        add(cast["member"], 7, title="Das der anderen")
        add(cast["editor_a"], 7, title="Das eigene")
        assert reminders.send_due() == 1
        text = reminded()["editor-a@beispiel.test"].text
        assert "in Vertretung für Mats Behrens" in text
        assert text.count("in Vertretung") == 1

    def test_a_deputy_who_cannot_be_reached_leaves_it_with_the_person(
        self, cast: people.Cast
    ) -> None:
        Absence.objects.create(
            person=cast["member"], deputy=cast["suspended"], starts_on=TODAY(), ends_on=TODAY()
        )
        add(cast["member"], 7)
        reminders.send_due()
        assert list(reminded()) == ["member@beispiel.test"]

    def test_switched_off_is_shown_as_not_reached(self, cast: people.Cast) -> None:
        wish = mail.Wish("member@beispiel.test", cast.network.uuid, reminders.CODE)
        mail.choose(wish, choice="off")
        Person.objects.filter(pk=cast["member"].pk).update(home=cast.network)
        add(cast["member"], 7)
        reminders.send_due()
        row = reminded()["member@beispiel.test"]
        assert (row.state, row.error) == ("stopped", "abbestellt")

    def test_in_the_language_of_the_person(self, cast: people.Cast) -> None:
        Person.objects.filter(pk=cast["member"].pk).update(lang="en")
        add(cast["member"], 7)
        reminders.send_due()
        assert reminded()["member@beispiel.test"].lang == "en"

    def test_who_left_the_organisation_is_not_reminded_of_its_measures(
        self, cast: people.Cast
    ) -> None:
        """T05."""
        add(cast["editor_b"], 7, organisation_id=cast.org_a.pk)
        assert reminders.due_for_reminder(TODAY()) == []

    def test_queries_do_not_grow(self, cast: people.Cast, count_queries: Any) -> None:
        add(cast["member"], 7)
        with count_queries() as one:
            reminders.due_for_reminder(TODAY())
        for role in ("editor_a", "editor_b"):
            for days in (7, 1, -1):
                own = cast.org_a if role == "editor_a" else cast.org_b
                add(cast[role], days, organisation_id=own.pk)
        with count_queries() as three:
            assert len(reminders.due_for_reminder(TODAY())) == 3
        assert one.count == three.count == 3

    def test_it_is_a_daily_job_at_six(self) -> None:
        job = next(job for job in hooks.daily_jobs if job.name == "measures.reminders")
        assert job.hour == 6
        assert "measures.reminders" in str(jobs.overview())

    @pytest.mark.measured
    def test_5000_measures_in_seconds(self, cast: people.Cast) -> None:
        accounts = [Account(email=f"viele{n}@beispiel.test", password="!") for n in range(100)]
        Account.objects.bulk_create(accounts)
        for account in accounts:
            people.verify(account)
        crowd = Person.objects.bulk_create(
            Person(last_name=f"Nr. {n}", account=account) for n, account in enumerate(accounts)
        )
        Measure.objects.bulk_create(
            Measure(origin_type="test.thing", origin_uuid=uuid4(), title=f"Maßnahme {n}",
                    person=crowd[n % 100], due_on=TODAY() + timedelta(days=[7, 1, -1][n % 3]))
            for n in range(5000)
        )  # fmt: skip
        begun = time.perf_counter()
        assert reminders.send_due() == 100
        seconds = time.perf_counter() - begun
        told = Measure.objects.filter(reminded_on=TODAY()).count()
        print(f"{told} of 5000 measures reminded of in {seconds:.2f} s")
        assert seconds < 5
