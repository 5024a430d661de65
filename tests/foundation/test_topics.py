"""Topics and regions: complete, well-formed, repeatable."""

import copy

import pytest

from lotse.foundation.core import search
from lotse.foundation.core.errors import Refused
from lotse.foundation.topics import services
from lotse.foundation.topics.models import Region, Topic


@pytest.mark.django_db
class TestTopics:
    def test_about_sixty_in_two_languages_with_synonyms(self) -> None:
        count = services.load_topics()
        assert count == Topic.objects.count()
        assert 55 <= count <= 80
        for topic in Topic.objects.all():
            assert topic.name.keys() >= {"de", "en"}
            assert topic.summary.keys() >= {"de", "en"}
            assert topic.synonyms["de"]
            assert topic.synonyms["en"]

    def test_loading_again_changes_nothing(self) -> None:
        services.load_topics()
        before = set(Topic.objects.values_list("code", "uuid"))
        services.load_topics()
        assert set(Topic.objects.values_list("code", "uuid")) == before

    @pytest.mark.parametrize("word", ["Azubi", "BGM", "Sponsoring", "Nachfolge"])
    def test_synonyms_find_a_topic(self, word: str) -> None:
        services.load_topics()
        assert any(hit.kind == "topic" for hit in search.find(word, lang="de").hits)


@pytest.mark.django_db
class TestRegions:
    def test_bund_laender_kreise_staedte(self) -> None:
        services.load_regions()
        count = {kind: Region.objects.filter(kind=kind).count() for kind in Region.Kind.values}
        assert count == {"bund": 1, "land": 16, "kreis": 294, "stadt": 106}

    def test_each_has_its_parent(self) -> None:
        services.load_regions()
        kreis = Region.objects.select_related("parent__parent").get(key="06531")
        assert kreis.parent is not None
        assert kreis.parent.key == "06"
        assert kreis.parent.parent is not None
        assert kreis.parent.parent.kind == "bund"

    def test_loading_again_changes_nothing(self) -> None:
        services.load_regions()
        before = set(Region.objects.values_list("key", "uuid", "name"))
        services.load_regions()
        assert set(Region.objects.values_list("key", "uuid", "name")) == before

    def test_a_broken_file_is_refused(self, monkeypatch) -> None:
        data = services._read("regions.yaml")
        broken = copy.deepcopy(data)
        broken["districts"][0]["key"] = "99X"
        broken["districts"].pop()
        monkeypatch.setattr(services, "_read", lambda name: broken)
        with pytest.raises(Refused):
            services.load_regions()
        assert Region.objects.count() == 0
        assert len(services.region_faults(broken)) >= 2

    def test_the_source_is_named(self) -> None:
        data = services._read("regions.yaml")
        assert data["source"]
        assert data["as_of"]
