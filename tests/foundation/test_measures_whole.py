"""One measure for many partners: parts of their own, and the whole that follows them (S4-06)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import has
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import reminders, services, whole, work
from lotse.foundation.measures.cards import cards_of
from lotse.foundation.measures.models import Measure
from tests import people

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
