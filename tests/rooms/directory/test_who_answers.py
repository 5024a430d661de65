"""Who answers an announcement: never the office for itself, never by a draft (S1-14, T03)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND, Actor
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Affiliation, Network
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory.models import Announcement, Entry, Letter, Publication
from lotse.rooms.directory.services import (
    announcing,
    confirming,
    entries,
    letters,
    publishing,
    reminding,
)
from tests import people
from tests.people import Cast
from tests.rooms.directory import posted

pytestmark = pytest.mark.django_db
HOUSE = "haus@ahrens.example"


@pytest.fixture
def cast(common_cast: Cast) -> Cast:
    return common_cast


def write(entry: Entry, actor: Actor, **content: Any) -> Entry:
    """Somebody saves; an empty value takes a field out."""
    entry = posted.fresh(entry)
    assert entry.latest is not None
    values = {**entry.latest.content, **content}
    values = {key: value for key, value in values.items() if value != ""}
    entries.save(entry, actor=actor, expected=entry.version, content=values)
    return posted.fresh(entry)


def holder(letter: Letter) -> Actor | None:
    rows = Letter.objects.select_related("entry__network", "entry__organisation", "person__account")
    return letters.holder_of(rows.get(pk=letter.pk))


def held(letter: Letter) -> Actor:
    found = holder(letter)
    assert found is not None
    return found


@pytest.fixture
def house(cast: Cast) -> Entry:
    """Published with an address of its own; nobody of the organisation can be reached."""
    posted.without_rights(cast.org_a)
    return posted.published(posted.entry_of(cast.org_a, email=HOUSE))


class TestOwnAddress:
    def test_a_draft_does_not_choose_who_answers(self, cast: Cast, house: Entry) -> None:
        write(house, cast.actor("office"), offers="Erdacht", email="fremd@anderswo.example")
        posted.announce(cast, house)
        assert set(posted.mails()) == {HOUSE}

    def test_nor_adds_an_address_to_what_is_published_without(self, cast: Cast) -> None:
        posted.without_rights(cast.org_a)
        entry = posted.published(posted.entry_of(cast.org_a))
        write(entry, cast.actor("office"), email="fremd@anderswo.example")
        with pytest.raises(Refused, match="niemand erreichbar"):
            posted.announce(cast, entry)

    def test_what_was_withdrawn_still_names_it(self, cast: Cast, house: Entry) -> None:
        Publication.objects.update(ended_at=clock.now())
        write(house, cast.actor("office"), email="fremd@anderswo.example")
        posted.announce(cast, house)
        assert set(posted.mails()) == {HOUSE}

    def test_what_was_objected_to_never_named_anything(self, cast: Cast) -> None:
        posted.without_rights(cast.org_a)
        entry = posted.entry_of(cast.org_a, email="alt@ahrens.example")
        made = posted.announce(cast, entry)
        made.refresh_from_db()
        actor = held(Letter.objects.get())
        announcing.object_to(made, actor=actor, expected=made.version, reason="Falsch")
        Publication.objects.update(effective_at=clock.now() - timedelta(minutes=1),
                                   ended_at=clock.now() - timedelta(days=1))  # fmt: skip
        write(entry, cast.actor("office"), email=HOUSE)
        posted.announce(cast, entry)
        assert HOUSE in posted.mails()

    @pytest.mark.parametrize("email", ["fremd@anderswo.example", ""])
    @pytest.mark.parametrize("published", [True, False])
    def test_a_letter_outlives_the_draft(
        self, cast: Cast, client: Client, email: str, published: bool
    ) -> None:
        posted.without_rights(cast.org_a)
        entry = posted.entry_of(cast.org_a, email=HOUSE)
        if published:
            entry = write(posted.published(entry), cast.actor("office"), offers="Neu")
        posted.announce(cast, entry)
        write(entry, cast.actor("office"), email=email)
        here = posted.opened(client, posted.mails()[HOUSE])
        answer = client.post(here, posted.form(1, go="object", reason="Nicht von uns"))
        assert answer.status_code == 302
        assert Announcement.objects.get().state == Announcement.State.OBJECTED

    @pytest.mark.parametrize("role", ["office", "coordinator", "auditor", "operator"])
    def test_whoever_looks_after_the_network_does_not_answer(self, cast: Cast, role: str) -> None:
        posted.without_rights(cast.org_a)
        local, _at, host = cast[role].email.partition("@")
        entry = posted.entry_of(cast.org_a, email=f"{local.upper()}+verein@{host}")
        with pytest.raises(Refused, match="aus der Geschäftsstelle"):
            posted.announce(cast, entry)
        assert not Letter.objects.exists()

    def test_nor_does_the_network(self, cast: Cast) -> None:
        posted.without_rights(cast.org_a)
        Network.objects.update(contact_email="post@netz.example")
        entry = posted.entry_of(cast.org_a, email="post@netz.example")
        with pytest.raises(Refused, match="aus der Geschäftsstelle"):
            posted.announce(cast, entry)

    def test_the_office_of_another_network_is_somebody_else(self, cast: Cast) -> None:
        posted.without_rights(cast.org_a)
        entry = posted.entry_of(cast.org_a, email=cast["foreign_office"].email)
        posted.announce(cast, entry)
        assert len(posted.mails()) == 1

    def test_the_yearly_letter_goes_where_it_was_let_through(
        self, cast: Cast, house: Entry
    ) -> None:
        Affiliation.objects.filter(person=cast["editor_a"]).update(may_edit=True)
        write(house, cast.actor("editor_a"), email="privat@anderswo.example")
        posted.last_confirmed(house, 400)
        confirming.send_due()
        letter = Letter.objects.get()
        assert letter.address == HOUSE
        assert held(letter).organisations(publish=True)
        Letter.objects.update(address="privat@anderswo.example")
        assert holder(letter) is None


class TestLetters:
    def test_two_people_at_one_address_have_a_letter_each(self, cast: Cast, client: Client) -> None:
        entry = posted.entry_of(cast.org_a)
        Affiliation.objects.filter(organisation=cast.org_a).delete()
        old, new = (
            people.person(name, email="info@ahrens.example", account=False)
            for name in ("Xaver Alt", "Yara Neu")
        )
        seat = parties.add_seat(old, cast.org_a, actor=COMMAND, may_publish=True)
        made = posted.announce(cast, entry)
        Affiliation.objects.filter(pk=seat.pk).delete()
        parties.add_seat(new, cast.org_a, actor=COMMAND, may_publish=True)
        told = letters.recipients_of([cast.org_a.pk])[cast.org_a.pk]
        assert announcing.write_letters(made, told, stage="half") == 1
        assert [one.person for one in Letter.objects.order_by("pk")] == [old, new]
        mail = OutboxMail.objects.filter(code__startswith="directory.announcement").latest("pk")
        assert client.get(posted.link_in(mail), follow=True).status_code == 200

    def test_an_erased_address_is_nobodys(self, cast: Cast, house: Entry) -> None:
        write(house, cast.actor("office"), offers="Neu")
        made = posted.announce(cast, house)
        letter = Letter.objects.get()
        # Erased: neither person nor address; and the organisation names none any more.
        Letter.objects.update(address="")
        Publication.objects.all().delete()
        write(house, cast.actor("office"), email="")
        assert holder(letter) is None
        made.refresh_from_db()
        announcing.withdraw_announcement(made, actor=cast.actor("office"))
        assert not OutboxMail.objects.filter(address="").exists()

    def test_the_end_is_told_to_those_whose_link_runs(self, cast: Cast) -> None:
        made = posted.announce(cast, posted.entry_of(cast.org_a))
        Letter.objects.update(expires_at=clock.now() - timedelta(days=1))
        announcing.withdraw_announcement(made, actor=cast.actor("office"))
        assert not posted.mails("directory.announcement.withdrawn")

    def test_who_lost_the_right_answers_only_where_nobody_has_it(self, cast: Cast) -> None:
        posted.announce(cast, posted.entry_of(cast.org_a))
        letter = Letter.objects.get()
        seats = Affiliation.objects.filter(organisation=cast.org_a)
        seats.filter(person=letter.person).update(
            may_publish=False, may_represent=False, is_contact=True
        )
        assert holder(letter) is not None
        seats.filter(person=cast["member"]).update(may_represent=True)
        assert holder(letter) is None

    def test_a_letter_answers_what_it_asked(self, cast: Cast) -> None:
        entry = posted.entry_of(cast.org_a)
        posted.announce(cast, entry)
        actor = held(Letter.objects.get())
        with pytest.raises(Refused, match="gilt nicht mehr"):
            confirming.confirm(entry, actor=actor, expected=posted.fresh(entry).version)

    def test_a_confirmation_goes_with_its_person(self, cast: Cast) -> None:
        own = entries.create_person_entry(cast["member"], cast.network, actor=COMMAND)
        own = posted.fresh(own)
        confirming.confirm(own, actor=cast.actor("member"), expected=own.version)
        found = LogEntry.objects.get(code="directory.entry.confirmed")
        assert found.subject_uuid == cast["member"].uuid


def test_a_save_meanwhile_does_not_lose_the_approval(cast: Cast) -> None:
    """The approval is about the announced revision, whatever was saved since."""
    entry = posted.entry_of(cast.org_a)
    made = posted.announce(cast, entry)
    made = Announcement.objects.select_related("entry").get(pk=made.pk)
    write(entry, cast.actor("office"), offers="Später")
    announcing.approve(made, actor=cast.actor("editor_a"), expected=made.version)
    shown = posted.shown(entry)
    assert shown is not None
    assert shown["offers"] == "Sprechstunde im Betrieb"


def _at_once(*acts: Callable[[], Any]) -> list[str]:
    """What becomes of acts that begin together: the name of the fault, or "ok"."""
    said: list[str] = []
    line = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            line.wait()
            act()
            said.append("ok")
        except Exception as fault:
            said.append(type(fault).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return said


@pytest.mark.django_db(transaction=True)
def test_approving_and_publishing_at_once_never_block_each_other(transactional_db: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("one writer at a time")
    cast = people.cast()
    editor = cast.actor("editor_a")
    entry = posted.entry_of(cast.org_a)
    for n in range(8):
        write(entry, COMMAND, offers=f"Lauf {n}")
        made = posted.announce(cast, entry, channels=["web"])
        found = Announcement.objects.select_related("entry").get(pk=made.pk)
        other = posted.fresh(entry)

        def approve(found: Announcement = found) -> None:
            announcing.approve(found, actor=editor, expected=found.version)

        def publish(other: Entry = other) -> None:
            publishing.publish(other, actor=editor, channels=["web"], expected=other.version)

        said = _at_once(approve, publish)
        assert set(said) <= {"ok", Conflict.__name__}, said
        assert "ok" in said
        assert Announcement.objects.get(pk=made.pk).state == Announcement.State.APPROVED


def test_reminders_follow_the_let_through_address(cast: Cast, house: Entry) -> None:
    write(house, cast.actor("office"), offers="Neu")
    made = posted.announce(cast, house, days=14)
    write(house, cast.actor("office"), email="fremd@anderswo.example")
    Announcement.objects.filter(pk=made.pk).update(created_at=clock.now() - timedelta(days=13))
    Announcement.objects.filter(pk=made.pk).update(deadline=clock.now() + timedelta(days=2))
    reminding.send_due()
    assert set(Letter.objects.values_list("address", flat=True)) == {HOUSE}
