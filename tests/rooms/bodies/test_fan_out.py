"""One measure for all partners: each answers for itself, the body sees who did (S4-06)."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.measures import reminders
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.parties import Party
from lotse.foundation.parties.models import Organisation
from lotse.rooms.bodies.models import AgendaItem, Outcome
from lotse.rooms.bodies.queries import measures as reads
from lotse.rooms.bodies.services.actions_agreed import agree, change_agreed, remind_open
from tests.people import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def outcome(item: AgendaItem) -> Outcome:
    return Outcome.objects.create(
        item=item, kind=Outcome.Kind.AGREED_ACTION, text="Jeder Partner meldet seinen Bedarf."
    )


@pytest.fixture
def shared(cast: Cast, outcome: Outcome) -> Measure:
    (measure,) = agree(outcome, actor=cast.actor("chair"), title="Bedarf melden", everyone=True)
    return measure


def url(measure: Measure, name: str = "measure") -> str:
    return reverse(f"bodies:{name}", args=[measure.uuid])


def answer(cast: Cast, shared: Measure, role: str, **values: str) -> None:
    org = {"editor_a": cast.org_a, "editor_b": cast.org_b}[role]
    part = shared.parts.get(organisation=org)
    data = {"status": "done", "answer": "Zwei Räume.", "version": part.version} | values
    response = cast.client(role).post(reverse("today:measure", args=[part.uuid]), data)
    assert response.status_code == 302


class TestSharing:
    def test_the_body_keeps_the_whole_each_partner_has_a_part(
        self, cast: Cast, shared: Measure
    ) -> None:
        assert (shared.body, shared.whole) == (cast.council, None)
        assert set(shared.parts.values_list("organisation", flat=True)) == {
            cast.org_a.pk, cast.org_b.pk
        }  # fmt: skip
        assert list(reads.open_of(cast.council)) == [shared]
        assert LogEntry.objects.filter(code="measures.measure.shared_out").count() == 1

    def test_only_members_of_the_body(self, cast: Cast, outcome: Outcome) -> None:
        (measure,) = agree(
            outcome, actor=cast.actor("chair"), title="Bericht", members_of=[cast.council]
        )
        assert [part.organisation for part in measure.parts.all()] == [cast.org_b]

    def test_400_partners_at_once(self, cast: Cast, outcome: Outcome, count_queries: Any) -> None:
        Organisation.objects.bulk_create(
            Organisation(network=cast.network, name=f"Partner {n}", kind="firm") for n in range(398)
        )
        actor = cast.actor("chair")
        with count_queries() as queries:
            (measure,) = agree(outcome, actor=actor, title="Bedarf melden", everyone=True)
        assert measure.parts.count() == 400
        # On SQLite a bulk insert goes in groups of 999 values.
        assert len([sql for sql in queries.counted if not sql.startswith("INSERT")]) <= 12

    def test_later_for_new_partners_and_never_twice(self, cast: Cast, shared: Measure) -> None:
        client = cast.client("office")
        Organisation.objects.create(network=cast.network, name="Neu e. V.", kind="nonprofit")
        for _ in range(2):
            response = client.post(url(shared, "measure-share"), {"to": "all"}, follow=True)
            assert response.status_code == 200
        assert shared.parts.count() == 3

    def test_a_measure_becomes_one_for_the_members(self, cast: Cast, outcome: Outcome) -> None:
        (measure,) = agree(outcome, actor=COMMAND, title="Bericht")
        client = cast.client("chair")
        page = client.get(url(measure, "measure-share")).content.decode()
        assert "Mitglieder: Rat der Beispielregion (1)" in page
        assert "Alle Partner im Netzwerk (2)" in page
        assert client.post(url(measure, "measure-share"), {"to": "x"}).status_code == 422
        nobody = client.post(url(measure, "measure-share"), {})
        assert "Bitte füllen Sie dieses Feld aus." in nobody.content.decode()
        client.post(url(measure, "measure-share"), {"to": str(cast.council.uuid)})
        assert [part.organisation for part in measure.parts.all()] == [cast.org_b]

    def test_open_parts_follow_the_words(
        self, cast: Cast, shared: Measure, outcome: Outcome
    ) -> None:
        answer(cast, shared, "editor_a")
        shared.refresh_from_db()
        change_agreed(shared, outcome, actor=cast.actor("chair"), expected=shared.version,
                      title="Bedarf bis Mai melden", body_id=cast.council.pk)  # fmt: skip
        titles = {part.organisation_id: part.title for part in shared.parts.all()}
        assert titles == {cast.org_a.pk: "Bedarf melden", cast.org_b.pk: "Bedarf bis Mai melden"}


class TestAnswers:
    def test_the_page_names_who_answered_and_who_did_not(
        self, cast: Cast, shared: Measure, count_queries: Any
    ) -> None:
        answer(cast, shared, "editor_a")
        client = cast.client("voter")
        client.get(url(shared))
        with count_queries() as queries:
            page = client.get(url(shared)).content.decode()
        assert queries.count <= 12
        assert "1 von 2 haben geantwortet" in page
        assert "Zwei Räume." in page
        for value, org in (("ja", "Ahrens hilft e. V."), ("nein", "Brandt GmbH")):
            listed = client.get(url(shared), {"antwort": value, "als": "csv"})
            lines = listed.content.decode("utf-8-sig").splitlines()
            assert len(lines) == 2
            assert org in lines[1]
        assert client.get(url(shared), {"als": "xlsx"}).status_code == 200
        listed = client.get(reverse("bodies:measures", args=[cast.council.uuid]))
        assert "1 von 2 haben geantwortet" in listed.content.decode()

    def test_a_partner_does_not_see_the_others(self, cast: Cast, shared: Measure) -> None:
        client = cast.client("editor_a")
        assert client.get(url(shared)).status_code == 404
        theirs = shared.parts.get(organisation=cast.org_b)
        assert client.get(reverse("today:measure", args=[theirs.uuid])).status_code == 404
        own = shared.parts.get(organisation=cast.org_a)
        here = client.get(url(own), follow=True)
        assert here.redirect_chain == [(reverse("today:measure", args=[own.uuid]), 302)]
        assert here.status_code == 200

    def test_when_all_are_done_the_whole_is(self, cast: Cast, shared: Measure) -> None:
        for role in ("editor_a", "editor_b"):
            answer(cast, shared, role)
        shared.refresh_from_db()
        assert shared.status == "done"
        assert "Alle haben geantwortet." in cast.client("chair").get(url(shared)).content.decode()

    def test_queries_stay_the_same(self, cast: Cast, shared: Measure, count_queries: Any) -> None:
        client = cast.client("chair")
        client.get(url(shared))
        with count_queries() as two:
            client.get(url(shared))
        for n in range(3):
            Organisation.objects.create(network=cast.network, name=f"Neu {n}", kind="firm")
        client.post(url(shared, "measure-share"), {"to": "all"})
        client.get(url(shared))
        with count_queries() as five:
            client.get(url(shared))
        assert two.count == five.count

    def test_the_load_counts_parts_and_not_the_whole(self, cast: Cast, shared: Measure) -> None:
        found = reads.loads_of(cast.network.pk, cast.actor("office"))
        assert {(one.name, one.open) for one in found} == {
            ("Ahrens hilft e. V.", 1), ("Brandt GmbH", 1)
        }  # fmt: skip


class TestReminding:
    def told(self) -> set[str]:
        found = OutboxMail.objects.filter(code=reminders.CODE)
        return {mail.address.partition("@")[0] for mail in found}

    def test_only_who_did_not_answer(self, cast: Cast, shared: Measure) -> None:
        answer(cast, shared, "editor_a")
        page = cast.client("chair").post(url(shared, "measure-remind"), follow=True)
        assert "1 Erinnerung ist unterwegs." in page.content.decode()
        assert self.told() == {"editor-b"}
        mail = OutboxMail.objects.get(code=reminders.CODE)
        assert "Bedarf melden" in mail.text
        assert "Ohne Termin" in mail.text

    def test_once_a_day(self, cast: Cast, shared: Measure, outcome: Outcome) -> None:
        chair = cast.actor("chair")
        counts = [remind_open(shared, outcome, actor=chair, key=once.new_key()) for _ in range(2)]
        assert counts == [2, 0]
        page = cast.client("chair").post(url(shared, "measure-remind"), follow=True)
        assert "Niemand wurde erinnert" in page.content.decode()

    def test_helpers_are_in_it_too(self, cast: Cast, outcome: Outcome) -> None:
        (measure,) = agree(
            outcome, actor=COMMAND, title="Gemeinsam", everyone=True,
            parties=[Party(person=cast["voter"].pk)],
        )  # fmt: skip
        assert measure.body == cast.council
        assert [helper.person for helper in measure.helpers.all()] == [cast["voter"]]
