"""The yearly question: who is asked when, one click, nothing deleted, nothing asked twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Affiliation, Network, Organisation
from lotse.foundation.parties.privacy import consents
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory.content import freshness
from lotse.rooms.directory.models import Channel, Entry, Letter, Publication
from lotse.rooms.directory.services import confirming, entries
from tests import make, people
from tests.people import Cast
from tests.rooms.directory import posted

pytestmark = pytest.mark.django_db
EDITOR = "editor-a@beispiel.test"
CODE = "directory.confirmation"
DAY = timedelta(days=1)


@pytest.fixture
def cast(at: posted.Clock) -> Cast:
    at(posted.START)
    return people.cast()


@pytest.fixture
def due(cast: Cast) -> Entry:
    """A published entry, last confirmed a year and a day ago."""
    return posted.last_confirmed(posted.published(posted.entry_of(cast.org_a)), 366)


def asked() -> int:
    return OutboxMail.objects.filter(code=CODE).count()


class TestAsking:
    def test_once_after_a_year_and_again_after_four_weeks(
        self, due: Entry, at: posted.Clock
    ) -> None:
        sent = []
        for day in (0, 1, 27, 28, 29, 41, 60, 200):
            at(posted.START + day * DAY)
            sent.append(confirming.send_due())
        assert sent == [1, 0, 0, 1, 0, 0, 0, 0]
        subjects = list(OutboxMail.objects.filter(code=CODE).order_by("pk")
                        .values_list("subject", flat=True))  # fmt: skip
        assert subjects == ["Stimmt noch alles? Ahrens hilft e. V.",
                            "Erinnerung: Stimmt noch alles? Ahrens hilft e. V."]  # fmt: skip

    def test_not_before(self, due: Entry) -> None:
        posted.last_confirmed(due, 364)
        assert confirming.send_due() == 0

    def test_a_worker_that_stood_still_catches_up(self, due: Entry, at: posted.Clock) -> None:
        confirming.send_due()
        at(posted.START + 36 * DAY)
        assert confirming.send_due() == 1

    def test_nobody_is_asked_about_what_nobody_reads(self, due: Entry) -> None:
        Publication.objects.all().delete()
        assert confirming.send_due() == 0

    @pytest.mark.parametrize("state", [Network.State.RESTING, Network.State.ENDED])
    def test_networks_at_rest_ask_nobody(self, due: Entry, state: str) -> None:
        Network.objects.update(state=state)
        assert confirming.send_due() == 0

    def test_archived_entries_are_left_alone(self, due: Entry) -> None:
        Entry.objects.update(archived_at=posted.START)
        assert confirming.send_due() == 0

    def test_one_mail_for_all_of_an_organisation(self, cast: Cast, due: Entry) -> None:
        service = entries.create_service(
            cast.org_a, actor=COMMAND,
            content={"name": "Sprechstunde", "summary": "Wir hören zu.", "status": "active"},
        )  # fmt: skip
        service = posted.last_confirmed(posted.published(posted.fresh(service)), 400)
        assert confirming.send_due() == 1
        told = posted.mails(CODE)[EDITOR]
        assert "Sprechstunde" in told.text
        assert "diese Steckbriefe" in told.text
        assert Letter.objects.filter(entry__in=[due, service]).count() == 2

    def test_a_person_is_asked_about_the_own_entry(self, cast: Cast) -> None:
        own = entries.create_person_entry(cast["member"], cast.network, actor=COMMAND)
        posted.last_confirmed(posted.published(posted.fresh(own)), 366)
        assert confirming.send_due() == 0  # nobody reads it without consent
        consents.give(cast["member"], actor=cast.actor("member"), purpose="profile",
                      channel=Channel.MEMBERS, network=cast.network)  # fmt: skip
        assert confirming.send_due() == 1
        told = posted.mails(CODE)["member@beispiel.test"]
        assert "von Ihnen handelt" in told.text

    def test_nobody_to_ask_is_no_fault(self, cast: Cast, due: Entry) -> None:
        posted.without_rights(cast.org_a)
        assert confirming.send_due() == 0
        assert posted.fresh(due).asked_at is not None

    def test_queries_do_not_grow_with_organisations_nobody_is_asked_about(
        self, cast: Cast, due: Entry, count_queries: Any
    ) -> None:
        posted.last_confirmed(due, 10)
        with count_queries() as one:
            confirming.send_due()
        for n in range(2):
            other = people.organisation(cast.network, f"Verein {n}", kind=Organisation.Kind.FIRM)
            posted.published(posted.entry_of(other))
        with count_queries() as three:
            confirming.send_due()
        assert one.count == three.count <= 2


class TestConfirming:
    def test_by_link_with_one_click(self, due: Entry, client: Client, at: posted.Clock) -> None:
        confirming.send_due()
        here = posted.opened(client, posted.mails(CODE)[EDITOR])
        page = make.body(client.get(here)).decode()
        assert "Alles stimmt noch" in page
        assert "Sprechstunde im Betrieb" in page
        assert posted.fresh(due).assured_at < posted.START - 365 * DAY  # looking changes nothing
        answer = client.post(here, posted.form(posted.fresh(due).version))
        assert answer.status_code == 302
        entry = posted.fresh(due)
        assert freshness.freshness_of(entry, posted.START) == freshness.FRESH
        assert "bestätigt am 20.11.2026" in make.body(client.get(here)).decode()
        found = LogEntry.objects.get(code="directory.entry.confirmed")
        assert found.actor == f"letter:{Letter.objects.get().uuid}"
        at(posted.START + 28 * DAY)
        assert confirming.send_due() == 0
        at(posted.START + 366 * DAY)
        assert confirming.send_due() == 1  # and a year later again

    def test_used_once(self, due: Entry, client: Client) -> None:
        confirming.send_due()
        here = posted.opened(client, posted.mails(CODE)[EDITOR])
        sent = posted.form(posted.fresh(due).version)
        client.post(here, sent)
        assert client.post(here, sent).status_code == 302  # the same form: the first answer
        assert client.post(here, posted.form(posted.fresh(due).version)).status_code == 422

    def test_somebody_changed_it_meanwhile(self, due: Entry, client: Client) -> None:
        confirming.send_due()
        here = posted.opened(client, posted.mails(CODE)[EDITOR])
        version = posted.fresh(due).version
        posted.entry_of(due.organisation, offers="Neu")  # type: ignore[arg-type]  # it has one
        answer = client.post(here, posted.form(version))
        assert answer.status_code == 409
        assert "gerade geändert" in make.body(answer).decode()
        assert LogEntry.objects.filter(code="directory.entry.confirmed").count() == 0

    def test_something_is_different_now(self, due: Entry, client: Client) -> None:
        confirming.send_due()
        here = posted.opened(client, posted.mails(CODE)[EDITOR])
        assert due.latest is not None
        content = {"_key": "k" * 20, "version": str(posted.fresh(due).version),
                   **due.latest.content, "offers": "Am Telefon"}  # fmt: skip
        answer = client.post(f"{here}aendern/", content)
        assert answer.status_code == 302, make.body(answer).decode()[-2000:]
        for channel in (Channel.WEB, Channel.MEMBERS):
            seen = posted.shown(due, channel)
            assert seen is not None
            assert seen["offers"] == "Am Telefon"
        assert posted.shown(due, Channel.BROCHURE) is None
        assert freshness.freshness_of(posted.fresh(due), posted.START) == freshness.FRESH

    def test_signed_in(self, cast: Cast, due: Entry) -> None:
        client = cast.client("editor_a")
        here = reverse("directory:confirm", args=[due.uuid])
        assert reverse("directory:edit", args=[due.uuid]) in make.body(client.get(here)).decode()
        assert client.post(here, posted.form(due.version)).status_code == 302
        assert posted.fresh(due).assured_at == posted.START

    @pytest.mark.parametrize("role", ["member", "editor_b", "office", "coordinator", "anonymous"])
    def test_nobody_else_confirms(self, cast: Cast, due: Entry, role: str) -> None:
        with pytest.raises(NotAllowed):
            confirming.confirm(due, actor=cast.actor(role), expected=due.version)

    def test_an_old_page_confirms_nothing(self, cast: Cast, due: Entry) -> None:
        with pytest.raises(Conflict):
            confirming.confirm(due, actor=cast.actor("editor_a"), expected=due.version + 1)

    def test_the_letters_of_others_have_nothing_left_to_ask(
        self, cast: Cast, due: Entry, client: Client
    ) -> None:
        parties.add_seat(cast["registered"], cast.org_a, actor=COMMAND, may_represent=True)
        assert confirming.send_due() == 2
        other = Client()
        theirs = posted.opened(other, posted.mails(CODE)["registered@beispiel.test"])
        confirming.confirm(
            posted.fresh(due), actor=cast.actor("editor_a"), expected=posted.fresh(due).version
        )
        page = make.body(other.get(theirs)).decode()
        assert "bestätigt am 20.11.2026" in page
        assert "Alles stimmt noch" not in page

    def test_a_letter_ends_after_four_months(
        self, cast: Cast, due: Entry, client: Client, at: posted.Clock
    ) -> None:
        confirming.send_due()
        here = posted.opened(client, posted.mails(CODE)[EDITOR])
        at(posted.START + 121 * DAY)
        Affiliation.objects.filter(organisation=cast.org_a).update(ends_on=None)
        assert client.get(here).status_code in (404, 410)

    @pytest.mark.parametrize("n", [1, 3])
    def test_queries(self, cast: Cast, due: Entry, count_queries: Any, n: int) -> None:
        for number in range(n - 1):
            posted.published(posted.entry_of(cast.org_a, offers=f"Neu {number}"))
        client = cast.client("editor_a")
        here = reverse("directory:confirm", args=[due.uuid])
        client.get(here)
        with count_queries() as queries:
            assert client.get(here).status_code == 200
        assert queries.count <= 12, queries.counted
