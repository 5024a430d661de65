"""What announcements and the yearly question bring to "Heute" and to the desk's list of mails."""

from typing import Any

import pytest

from lotse.foundation.core import hooks, mail
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Organisation
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory.models import Announcement, Channel, Entry, Letter
from lotse.rooms.directory.queries.letters import cards_of
from lotse.rooms.directory.services import announcing
from tests import people
from tests.people import Cast
from tests.rooms.directory import posted
from tests.rooms.directory.posted import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(at: posted.Clock) -> Cast:
    at(posted.START)
    return people.cast()


@pytest.fixture
def made(cast: Cast) -> Announcement:
    entry = posted.entry_of(cast.org_a)
    return posted.announce(cast, entry, note="Für die neue Broschüre.")


class TestCards:
    def titles(self, cast: Cast, role: str = "editor_a") -> list[tuple[str, str]]:
        return [(card.group, card.title) for card in cards_of(cast.actor(role))]

    def test_announced_until_it_is_answered(self, cast: Cast, made: Announcement) -> None:
        assert self.titles(cast) == [("waiting", "Ankündigung prüfen: Ahrens hilft e. V.")]
        assert self.titles(cast, "editor_b") == []
        assert self.titles(cast, "member") == []
        card = cards_of(cast.actor("editor_a"))[0]
        assert (str(card.due_on), card.actor_for) == ("2026-12-18", "Ahrens hilft e. V.")
        announcing.object_to(made, actor=cast.actor("editor_a"), expected=1, reason="Nein")
        assert self.titles(cast) == [("waiting", "Prüfen und freigeben: Ahrens hilft e. V.")]

    def test_written_on_behalf_waits_for_release(self, cast: Cast) -> None:
        entry = posted.entry_of(cast.org_a)
        assert [group for group, _title in self.titles(cast)] == ["waiting"]
        posted.published(entry)
        assert self.titles(cast) == []

    def test_due_after_a_year(self, cast: Cast) -> None:
        entry = posted.published(posted.entry_of(cast.org_a))
        posted.last_confirmed(entry, 364)
        assert self.titles(cast) == []
        posted.last_confirmed(entry, 366)
        (card,) = cards_of(cast.actor("editor_a"))
        assert (card.group, card.late) == ("due", False)
        posted.last_confirmed(entry, 430)
        assert cards_of(cast.actor("editor_a"))[0].late

    def test_on_the_page_and_in_one_query(
        self, cast: Cast, made: Announcement, count_queries: Any
    ) -> None:
        assert "Ankündigung prüfen" in text_of(cast.client("editor_a").get("/heute/"))
        actor = cast.actor("editor_a")
        with count_queries() as one:
            cards_of(actor)
        for n in range(2):
            other = people.organisation(cast.network, f"Verein {n}", kind=Organisation.Kind.FIRM)
            parties.add_seat(cast["editor_a"], other, actor=COMMAND, may_publish=True)
            posted.announce(cast, posted.entry_of(other), channels=[Channel.WEB])
        actor = cast.actor("editor_a")
        with count_queries() as three:
            assert len(cards_of(actor)) == 3
        assert one.count == three.count == 1


def test_every_mail_has_an_example_and_stores_nothing(cast: Cast) -> None:
    codes = {
        "directory.announcement", "directory.announcement.reminder",
        "directory.announcement.withdrawn", "directory.announcement.answered",
        "directory.confirmation",
    }  # fmt: skip
    assert codes <= {kind.code for kind in hooks.mail_kinds}
    samples = {one.code: one for one in hooks.mail_samples}
    for code in codes:
        with mail.drafting() as drafts:
            samples[code].write(cast.network, "de")
        (drafted,) = drafts.mails
        assert drafted.code == code
        assert drafted.mail_class == OutboxMail.Class.DUTY
    assert not OutboxMail.objects.exists()
    assert not Letter.objects.exists()
    assert Entry.objects.filter(network=cast.network).count() <= 2  # those of the cast
