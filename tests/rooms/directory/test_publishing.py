"""What readers see: the revision let through for their channel, by those who may, by the clock."""

from datetime import timedelta

import pytest

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Network
from lotse.rooms.directory import searching
from lotse.rooms.directory.models import Announcement, Entry, Publication
from lotse.rooms.directory.queries.reading import readable
from lotse.rooms.directory.services import entries, publishing
from tests import make

OFFER = "Schweißkurse"


def shown(channel, network):
    rows = readable(channel, network).values_list("uuid", "revision_id")
    return dict(rows)


def announce(entry, *, days=28, channels=("web",)):
    """As the office's announcement leaves it: rows that take effect at the deadline."""
    announcement = Announcement.objects.create(
        entry=entry, revision=entry.latest, channels=list(channels), announced_by="account:x",
        deadline=clock.now() + timedelta(days=days),
    )  # fmt: skip
    for channel in channels:
        Publication.objects.create(
            entry=entry, channel=channel, revision=entry.latest, by="account:x",
            via=Publication.Via.ANNOUNCED, effective_at=announcement.deadline,
            announcement=announcement,
        )  # fmt: skip
    searching.reindex([entry])
    return announcement


def test_publishing_lets_the_latest_revision_through(cast, entry_a):
    old = clock.now() - timedelta(days=400)
    Entry.objects.filter(pk=entry_a.pk).update(assured_at=old, asked_at=old)
    publishing.publish(
        entry_a, actor=cast.actor("editor_a"), channels=["web"], expected=entry_a.version
    )
    assert shown("web", cast.network) == {entry_a.uuid: entry_a.latest.pk}
    assert shown("members", cast.network) == {}
    entry = Entry.objects.get(pk=entry_a.pk)
    assert entry.assured_at > old
    assert entry.asked_at is None
    line = LogEntry.objects.get(code="directory.entry.published")
    assert line.after == {"channels": ["web"], "revision": entry_a.latest.number}


def test_a_save_afterwards_changes_nothing_for_readers(cast, entry_a, found):
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    public = entry_a.latest
    entries.save(entry_a, actor=COMMAND, expected=entry_a.version,
                 content={**public.content, "offers": OFFER})  # fmt: skip
    assert shown("web", cast.network) == {entry_a.uuid: public.pk}
    assert found("web", OFFER) == found("members", OFFER) == []
    assert found("office", OFFER) == ["Ahrens hilft e. V."]
    assert found("web", "Ahrens") == found("members", "Ahrens") == ["Ahrens hilft e. V."]


@pytest.mark.parametrize(
    "role", ["office", "coordinator", "operator", "editor_b", "member", "anonymous", "former"]
)
def test_who_may_not_publish(cast, entry_a, role):
    with pytest.raises(NotAllowed):
        publishing.publish(
            entry_a, actor=cast.actor(role), channels=["web"], expected=entry_a.version
        )
    assert shown("web", None) == {}


def test_wrong_wishes_are_refused(cast, entry_a):
    other = make.entry(cast.org_b)
    for channels, revision in (([], None), (["api"], None), (["web"], other.latest)):
        with pytest.raises(Refused):
            publishing.publish(entry_a, actor=COMMAND, channels=channels, revision=revision,
                               expected=entry_a.version)  # fmt: skip
    with pytest.raises(Conflict):
        publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=99)
    entries.archive(entry_a, actor=COMMAND, expected=entry_a.version)
    with pytest.raises(Refused):
        publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)


def test_an_earlier_revision_can_be_let_through(cast, entry_a):
    first = entry_a.revisions.get(number=1)
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    publishing.publish(
        entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version, revision=first
    )
    assert shown("web", cast.network) == {entry_a.uuid: first.pk}


def test_taking_back_leaves_nothing_behind(cast, entry_a, found):
    for _twice in range(2):
        publishing.publish(entry_a, actor=COMMAND, channels=["web", "members"],
                           expected=entry_a.version)  # fmt: skip
    publishing.unpublish(
        entry_a, actor=cast.actor("editor_a"), channel="web", expected=entry_a.version
    )
    assert shown("web", cast.network) == {}
    assert found("web", "Ahrens") == []
    assert found("members", "Ahrens") == ["Ahrens hilft e. V."]
    with pytest.raises(NotAllowed):
        publishing.unpublish(
            entry_a, actor=cast.actor("office"), channel="members", expected=entry_a.version
        )


def test_members_read_what_is_for_them_else_what_is_public(cast, entry_a, found):
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    entries.save(entry_a, actor=COMMAND, expected=entry_a.version,
                 content={**entry_a.latest.content, "offers": OFFER})  # fmt: skip
    publishing.publish(entry_a, actor=COMMAND, channels=["members"], expected=entry_a.version)
    assert found("web", OFFER) == []
    assert found("members", OFFER) == ["Ahrens hilft e. V."]
    assert found("web", "Ahrens") == found("members", "Ahrens") == ["Ahrens hilft e. V."]


def test_a_service_is_seen_with_its_organisation_only(cast, entry_a, found):
    service = make.entry(cast.org_a, service=True, channels=("web", "members"), name="Ofenbau")
    assert shown("web", cast.network) == {}
    assert found("web", "Ofenbau") == []
    assert found("office", "Ofenbau", kinds=("service",)) == ["Ofenbau"]
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    assert shown("web", cast.network) == {entry_a.uuid: entry_a.latest.pk,
                                          service.uuid: service.latest.pk}  # fmt: skip
    # Its name is among the words of the organisation.
    assert set(found("web", "Ofenbau")) == {"Ofenbau", "Ahrens hilft e. V."}
    entry_a.refresh_from_db()
    entries.archive(entry_a, actor=COMMAND, expected=entry_a.version)
    assert shown("web", cast.network) == {}
    assert found("web", "Ofenbau") == found("office", "Ofenbau") == []


def test_an_announced_text_is_read_from_its_moment_on(cast, entry_a, found, monkeypatch):
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    entries.save(entry_a, actor=COMMAND, expected=entry_a.version,
                 content={**entry_a.latest.content, "offers": OFFER})  # fmt: skip
    announcement = announce(entry_a)
    before = entry_a.revisions.get(number=2)
    assert shown("web", cast.network) == {entry_a.uuid: before.pk}
    assert found("web", OFFER) == []
    monkeypatch.setattr(clock, "now", lambda: announcement.deadline + timedelta(seconds=1))
    assert shown("web", cast.network) == {entry_a.uuid: entry_a.latest.pk}
    assert found("web", OFFER) == ["Ahrens hilft e. V."]
    assert found("web", "Ahrens") == found("office", "Ahrens") == ["Ahrens hilft e. V."]


def test_publishing_settles_what_was_announced(cast, entry_a, monkeypatch):
    announcement = announce(entry_a)
    entries.save(entry_a, actor=COMMAND, expected=entry_a.version,
                 content={**entry_a.latest.content, "offers": OFFER})  # fmt: skip
    publishing.publish(
        entry_a, actor=cast.actor("editor_a"), channels=["web"], expected=entry_a.version
    )
    announcement.refresh_from_db()
    assert announcement.state == Announcement.State.CHANGED
    monkeypatch.setattr(clock, "now", lambda: announcement.deadline + timedelta(days=1))
    assert shown("web", cast.network) == {entry_a.uuid: entry_a.latest.pk}


def test_nothing_of_a_network_that_ended_is_shown(cast, entry_a, found):
    publishing.publish(entry_a, actor=COMMAND, channels=["web"], expected=entry_a.version)
    Network.objects.filter(pk=cast.network.pk).update(state=Network.State.ENDED)
    assert shown("web", None) == {}
    searching.reindex_network(cast.network)
    assert found("web", "Ahrens") == found("office", "Ahrens") == []
    Network.objects.filter(pk=cast.network.pk).update(state=Network.State.RESTING)
    searching.reindex_network(cast.network)
    assert found("web", "Ahrens") == ["Ahrens hilft e. V."]
