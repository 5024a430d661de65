"""What fits an application, which names are near, and how long it stays."""

from datetime import timedelta

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.rooms.directory import privacy_joining
from lotse.rooms.directory.models import Application
from lotse.rooms.directory.queries import joining as reads
from lotse.rooms.directory.services import applications, joining
from tests import make
from tests.people import Cast
from tests.rooms.directory.applying import application

pytestmark = pytest.mark.django_db


class TestFit:
    def test_the_most_shared_topics_come_first(self, cast: Cast) -> None:
        make.entry(cast.org_a, topics=["ausbildung"], regions=["01001"])
        make.entry(cast.org_b, topics=["ausbildung", "gesundheit"], regions=["01001"])
        sent = application(cast.network, topics=["ausbildung", "gesundheit"])
        found = reads.fitting(sent)
        assert [one.name for one in found] == ["Brandt GmbH", "Ahrens hilft e. V."]
        assert [len(one.topics) for one in found] == [2, 1]

    def test_among_equals_the_region_counts(self, cast: Cast) -> None:
        make.entry(cast.org_a, regions=["01001"])
        make.entry(cast.org_b, regions=["08"])
        found = reads.fitting(application(cast.network))
        assert [one.shares_region for one in found] == [True, False]
        assert found[0].name == "Brandt GmbH"

    def test_without_topics_nothing_fits(self, cast: Cast) -> None:
        make.entry(cast.org_a)
        assert reads.fitting(application(cast.network, topics=[])) == []

    @pytest.mark.parametrize(
        ("name", "near"),
        [("Ahrens hilft eV", True), ("Verein Ahrens hilft", True), ("Ahrens Hillft", True),
         ("Werkhof", False), ("hilft", False), ("!!", False)],
    )  # fmt: skip
    def test_similar_names(self, cast: Cast, name: str, near: bool) -> None:
        assert (cast.org_a in reads.similar_names(cast.network, name)) is near


class TestKeeping:
    def test_decided_ones_go_after_half_a_year(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting, gone = application(cast.network), application(cast.network, name="Weg e. V.")
        applications.decline_application(gone, actor=COMMAND, expected=1, words="nein")
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=179))
        assert joining.delete_old() == 0
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=181))
        listed = cast.client("office").get(reverse("desk:applications")).content.decode()
        assert "Weg e. V." not in listed, "gone from pages before the daily work"
        assert joining.delete_old() == 1
        assert Application.objects.get() == waiting

    def test_a_person_finds_and_erases_the_own(self, cast: Cast) -> None:
        person = cast["registered"]
        own = application(cast.network, email=person.email.upper())
        application(cast.network)
        assert [one["name"] for one in privacy_joining.export(person.pk)] == [own.name]
        assert privacy_joining.preview(person.pk)[0]["count"] == 1
        assert privacy_joining.erase(person.pk, COMMAND) == 1
        assert Application.objects.count() == 1
