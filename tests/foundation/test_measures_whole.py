"""One measure for many partners: parts of their own, and the whole that follows them (S4-06)."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import has
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import reminders, services, whole, work
from lotse.foundation.measures.cards import cards_of
from lotse.foundation.measures.models import Measure
from tests import people
from tests.rooms.bodies.writing import at_once, real_database

pytestmark = pytest.mark.django_db
VIEW, WORK = "measures.measure.view", "measures.measure.edit"


@pytest.fixture
def cast(common_cast: people.Cast) -> people.Cast:
    return common_cast


def add(**fields: Any) -> Measure:
    fields.setdefault("title", "Ein Konzept vorlegen")
    return services.create_measure(actor=COMMAND, origin=Ref("test.thing", uuid4()), **fields)


class TestWhole:
    @pytest.fixture
    def shared(self, cast: people.Cast) -> Measure:
        found = add(body=cast.council, network=cast.network, due_words="bis Mai")
        whole.share_out(found, [cast.org_a, cast.org_b], actor=COMMAND)
        return found

    def part(self, shared: Measure, cast: people.Cast) -> Measure:
        return shared.parts.get(organisation=cast.org_a)

    def report(self, cast: people.Cast, part: Measure, status: str, **more: str) -> None:
        part.refresh_from_db()
        work.report_state(
            part, actor=cast.actor("editor_a"), key=once.new_key(), expected=part.version,
            status=status, delay_reason="", **more,
        )  # fmt: skip

    def test_each_has_a_part_of_its_own(self, cast: people.Cast, shared: Measure) -> None:
        part = self.part(shared, cast)
        assert (part.title, part.due_words, part.origin) == (
            shared.title, "bis Mai", shared.origin
        )  # fmt: skip
        assert has(WORK, cast.actor("editor_a"), part)
        assert not has(VIEW, cast.actor("editor_a"), shared)
        assert not has(VIEW, cast.actor("editor_b"), part)
        assert whole.share_out(shared, [cast.org_a, cast.org_b], actor=COMMAND) == 0

    def test_a_part_is_not_shared_out_again(self, cast: people.Cast, shared: Measure) -> None:
        with pytest.raises(Refused):
            whole.share_out(self.part(shared, cast), [cast.org_b], actor=COMMAND)

    def test_nobody_to_share_with(self, cast: people.Cast) -> None:
        with pytest.raises(Refused):
            whole.share_out(add(), [], actor=COMMAND)

    def test_the_state_of_the_whole_follows(self, cast: people.Cast, shared: Measure) -> None:
        one, two = shared.parts.order_by("pk")
        states = []
        for part, status in ((one, "running"), (one, "done"), (two, "dropped"), (two, "open")):
            part.refresh_from_db()
            services.change_measure(
                part, actor=COMMAND, expected=part.version, changes={"status": status}
            )
            shared.refresh_from_db()
            states.append((shared.status, shared.done_on is not None))
        assert states == [("running", False), ("running", False), ("done", True),
                          ("running", False)]  # fmt: skip

    def test_parts_go_with_a_whole_that_is_dropped(
        self, cast: people.Cast, shared: Measure
    ) -> None:
        self.report(cast, self.part(shared, cast), "done")
        shared.refresh_from_db()
        services.change_measure(
            shared, actor=COMMAND, expected=shared.version, changes={"status": "parked"}
        )
        assert sorted(shared.parts.values_list("status", flat=True)) == ["done", "parked"]
        services.change_measure(
            shared, actor=COMMAND, expected=shared.version, changes={"status": "open"}
        )
        assert sorted(shared.parts.values_list("status", flat=True)) == ["done", "open"]

    def put(self, measure: Measure, status: str) -> None:
        measure.refresh_from_db()
        services.change_measure(
            measure, actor=COMMAND, expected=measure.version, changes={"status": status}
        )

    def states(self, shared: Measure) -> list[str]:
        shared.refresh_from_db()
        return [shared.status, *shared.parts.order_by("pk").values_list("status", flat=True)]

    def test_a_whole_that_was_dropped_brings_nothing_back(self, shared: Measure) -> None:
        """Parked parts are dropped with it, and stay so whatever becomes of the whole."""
        self.put(shared, "parked")
        assert self.states(shared) == ["parked", "parked", "parked"]
        self.put(shared, "dropped")
        assert self.states(shared) == ["dropped", "dropped", "dropped"]
        for status in ("parked", "open", "parked", "running"):
            self.put(shared, status)
            assert self.states(shared) == [status, "dropped", "dropped"]

    def test_a_part_that_was_dropped_stays_so_and_stops_nobody(self, shared: Measure) -> None:
        one, _two = shared.parts.order_by("pk")
        self.put(one, "dropped")
        for status, other in (("parked", "parked"), ("open", "open"), ("dropped", "dropped")):
            self.put(shared, status)
            assert self.states(shared) == [status, "dropped", other]

    def test_a_part_revives_no_whole_that_was_dropped(
        self, cast: people.Cast, shared: Measure
    ) -> None:
        part = self.part(shared, cast)
        self.put(shared, "dropped")
        for status in ("open", "running", "waiting", "parked"):
            with pytest.raises(Refused, match="verworfen"):
                self.put(part, status)
        url = reverse("today:measure", args=[part.uuid])
        part.refresh_from_db()
        data = {"status": "running", "answer": "Wir wollen doch.", "version": part.version}
        page = cast.client("editor_a").post(url, data)
        assert page.status_code == 422
        assert "Die gemeinsame Maßnahme ist verworfen." in page.content.decode()
        assert "Wir wollen doch." in page.content.decode()
        self.put(part, "done")
        assert self.states(shared) == ["dropped", "done", "dropped"]

    def test_new_parts_of_a_whole_that_rests(self, cast: people.Cast, shared: Measure) -> None:
        third = people.organisation(cast.network, "Dritte GmbH")
        self.put(shared, "dropped")
        with pytest.raises(Refused, match="verworfen"):
            whole.share_out(shared, [third], actor=COMMAND)
        self.put(shared, "parked")
        whole.share_out(shared, [third], actor=COMMAND)
        assert self.states(shared) == ["parked", "dropped", "dropped", "parked"]
        services.change_measure(
            shared, actor=COMMAND, expected=shared.version, changes={"due_words": "bis Juni"}
        )
        whole.follow(shared)
        words = list(shared.parts.order_by("pk").values_list("due_words", flat=True))
        assert words == ["bis Mai", "bis Mai", "bis Juni"]
        self.put(shared, "open")
        assert self.states(shared) == ["open", "dropped", "dropped", "open"]

    def test_it_waits_on_heute_until_answered(self, cast: people.Cast, shared: Measure) -> None:
        (card,) = cards_of(cast.actor("editor_a"))
        assert (card.group, card.text) == ("waiting", "Antwort gefragt · bis Mai")
        assert cards_of(cast.actor("chair")) == []
        self.report(cast, self.part(shared, cast), "open", answer="Wir brauchen einen Raum.")
        assert cards_of(cast.actor("editor_a")) == []
        assert whole.tally_of(shared) == whole.Tally(all=2, answered=1)

    def test_answered_on_the_page(self, cast: people.Cast, shared: Measure) -> None:
        part = self.part(shared, cast)
        url = reverse("today:measure", args=[part.uuid])
        client = cast.client("editor_a")
        assert "Ihre Antwort" in client.get(url).content.decode()
        client.post(url, {"status": "done", "answer": "Liegt vor.", "version": part.version})
        assert part.progress.get().text == "Liegt vor."
        assert part.progress.get().person == cast["editor_a"]
        part.refresh_from_db()
        assert part.status == "done"

    def test_editors_are_reminded_of_a_part(self, cast: people.Cast) -> None:
        found = add(body=cast.council, due_on=clock.today() + timedelta(days=7))
        whole.share_out(found, [cast.org_a, cast.org_b], actor=COMMAND)
        reminders.send_due()
        addresses = OutboxMail.objects.values_list("address", flat=True)
        assert {one.partition("@")[0] for one in addresses} == {
            "chair", "minute-taker", "editor-a", "editor-b"
        }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_who_changes_the_whole_and_who_answers_do_not_stop_each_other(
    cast: people.Cast, tmp_path: Path
) -> None:
    """Both are written, or one is told; none waits for the other for good."""
    found = add(body=cast.council, network=cast.network)
    whole.share_out(found, [cast.org_a, cast.org_b], actor=COMMAND)
    part = found.parts.get(organisation=cast.org_a)

    def put(pk: int, status: str) -> Any:
        def act() -> None:
            measure = Measure.objects.get(pk=pk)
            with suppress(Conflict, Refused):
                services.change_measure(
                    measure, actor=COMMAND, expected=measure.version, changes={"status": status}
                )

        return act

    with real_database(tmp_path):
        for status in ("parked", "open") * 5:
            at_once([put(found.pk, status), put(part.pk, "running")])
            at_once([put(part.pk, "open")])
