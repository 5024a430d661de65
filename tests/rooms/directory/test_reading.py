"""Who reads which revision of an entry, and what a stranger can find out."""

from datetime import timedelta

import pytest
from django.http import Http404

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.rooms.directory.content import freshness
from lotse.rooms.directory.models import Picture
from lotse.rooms.directory.queries import reading
from lotse.rooms.directory.services import entries, publishing
from tests import make
from tests.people import ROLES


def sees(actor, entry):
    try:
        return reading.see(actor, entry.uuid).channel
    except Http404:
        return None


DRAFT_READERS = {"editor_a", "office", "coordinator", "auditor", "operator"}


@pytest.mark.parametrize("role", [*ROLES, "foreign_office"])
def test_a_draft_is_for_editors_and_those_who_look_after_it(cast, entry_a, role):
    wanted = reading.DRAFT if role in DRAFT_READERS else None
    assert sees(cast.actor(role), entry_a) == wanted


@pytest.mark.parametrize("role", [*ROLES, "foreign_office"])
def test_members_read_their_revision_and_all_others_the_public_one(cast, entry_a, role):
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    outside = role in {"anonymous", "registered", "former", "suspended", "foreign_office"}
    assert sees(cast.actor(role), entry_a) == "web"
    publishing.publish(entry_a, actor=COMMAND, channels=["members"], expected=entry_a.version)
    assert sees(cast.actor(role), entry_a) == ("web" if outside else "members")
    publishing.unpublish(entry_a, actor=COMMAND, channel="web", expected=entry_a.version)
    assert sees(cast.actor(role), entry_a) == (None if outside else "members")


def test_the_person_reads_the_own_draft(cast):
    entry = make.entry(cast["member"])
    assert sees(cast.actor("member"), entry) == reading.DRAFT
    assert sees(cast.actor("editor_a"), entry) is None


def test_a_revision_on_behalf_says_so(cast, entry_a):
    entries.save(entry_a, actor=cast.actor("editor_a"), expected=entry_a.version,
                 content={**entry_a.latest.content, "fees": "keine"})  # fmt: skip
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    assert not reading.see(cast.actor("anonymous"), entry_a.uuid).on_behalf
    entries.save(entry_a, actor=cast.actor("office"), expected=entry_a.version,
                 content={**entry_a.latest.content, "fees": "wenig"})  # fmt: skip
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    seen = reading.see(cast.actor("anonymous"), entry_a.uuid)
    assert seen.on_behalf
    assert seen.since == entry_a.publications.latest("pk").effective_at


def test_looking_costs_four_queries_at_most(cast, entry_a, count_queries):
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    for role in ("anonymous", "member", "editor_a", "office"):
        actor = cast.actor(role)
        with count_queries() as queries:
            reading.see(actor, entry_a.uuid)
        assert queries.count <= 4, role


def test_a_picture_is_seen_where_a_revision_shows_it(cast, entry_a):
    picture = Picture.objects.create(
        entry=entry_a, content=b"x", media_type="image/png", width=1, height=1
    )
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    anonymous = cast.actor("anonymous")
    with pytest.raises(Http404):
        reading.see_picture(anonymous, picture.uuid)
    assert reading.see_picture(cast.actor("editor_a"), picture.uuid) == picture
    entries.save(entry_a, actor=COMMAND, expected=entry_a.version,
                 content={**entry_a.latest.content, "logo": str(picture.uuid)})  # fmt: skip
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    assert reading.see_picture(anonymous, picture.uuid) == picture


def test_a_photo_needs_the_consent_for_photos(cast):
    entry = make.entry(cast["member"], channels=("web",))
    picture = Picture.objects.create(
        entry=entry, content=b"x", media_type="image/jpeg", width=1, height=1
    )
    entries.save(entry, actor=cast.actor("member"), expected=entry.version,
                 content={**entry.latest.content, "photo": str(picture.uuid)})  # fmt: skip
    publishing.publish(entry, actor=COMMAND, channels=["web"], expected=entry.version)
    anonymous = cast.actor("anonymous")
    with pytest.raises(Http404):
        reading.see_picture(anonymous, picture.uuid)
    assert reading.person_facts(entry, "web").photo is None
    from lotse.foundation.parties.privacy import consents

    consents.give(cast["member"], "photo", "web", actor=cast.actor("member"), network=cast.network)
    assert reading.see_picture(anonymous, picture.uuid) == picture
    assert reading.person_facts(entry, "web").photo == picture.uuid


@pytest.mark.parametrize(
    ("months", "state"),
    [(0, "fresh"), (11, "fresh"), (13, "due"), (15, "unconfirmed"), (19, "silent")],
)
def test_freshness_is_told_by_the_clock(entry_a, months, state):
    now = entry_a.assured_at + timedelta(days=months * 30.44)
    assert freshness.freshness_of(entry_a, now) == state


def test_lists_cost_the_same_for_one_and_three(cast, count_queries):
    counts = []
    for wanted in (1, 3):
        while reading.readable("web", cast.network).count() < wanted:
            number = reading.readable("web", cast.network).count()
            name = f"Haus {number}"
            from tests import people

            make.entry(people.organisation(cast.network, name), channels=("web",))
        with count_queries() as queries:
            assert len(list(reading.readable("web", cast.network))) == wanted
        counts.append(queries.count)
    assert counts == [1, 1]
    assert clock.now()
