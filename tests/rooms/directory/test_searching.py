"""Entries in the search: which words find them, for whom, and what never does."""

from datetime import timedelta

import pytest

from lotse.foundation.core import clock, search
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import SearchDoc, SearchText
from lotse.foundation.parties.services import people as parties
from lotse.foundation.topics.models import Topic
from lotse.rooms.directory import searching
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries.reading import readable
from lotse.rooms.directory.services import entries, publishing
from tests import make, people

A = "Ahrens hilft e. V. (AHV)"


@pytest.fixture
def public(cast):
    return make.entry(cast.org_a, channels=("web", "members"), short_name="AHV",
                      target_groups=["apprentices"], sectors=["43.2"], sizes=["micro"],
                      languages=["tr"], limits="Keine Schuldnerberatung",
                      possibilities="Gern auch Lastenräder", street="Lindenhof 7")  # fmt: skip


@pytest.mark.parametrize(
    "question",
    ["Ahrens", "AHV", "ausbildungsberatung", "Azubis", "Mannheim", "Lastenräder", "Lastenrad",
     "gemeinnützige Organisation", "apprenticeship"],
)  # fmt: skip
def test_what_it_says_finds_it(public, found, question):
    assert found("web", question) == [A]


@pytest.mark.parametrize("question", ["Schuldnerberatung", "Lindenhof", "post@haus.example"])
def test_limits_and_addresses_never_do(public, found, question):
    for who in ("web", "members", "office"):
        assert found(who, question) == []


def test_no_limit_of_any_kind_reaches_the_index(cast, public):
    make.entry(cast.org_a, service=True, channels=("web",), limits="Keine Quittenernte")
    make.entry(cast["member"], channels=("web",), limits="Keine Quittenernte")
    held = " ".join(
        " ".join(map(str, row))
        for row in SearchText.objects.exclude(doc__kind="topic").values_list()
    )
    assert "quitt" not in held
    assert "schuldn" not in held
    assert "quittenernte" not in held.lower()


def facets_of(entry):
    rows = SearchDoc.objects.filter(ref=entry.uuid).values_list("facets", flat=True)
    return set(rows[0].split())


def test_the_facets_say_what_the_entry_says(public):
    entries.set_flags(public, actor=COMMAND, expected=public.version, is_pilot=True,
                      is_lighthouse=False)  # fmt: skip
    assert facets_of(public) >= {
        "okind=nonprofit", "topic=ausbildung", "topic=bildung", "target=apprentices", "sector=f",
        "size=micro", "language=tr", "region=08222", "region=08", "flag=pilot", "state=fresh",
        "letter=a",
    }  # fmt: skip
    assert "flag=lighthouse" not in facets_of(public)


def test_a_whole_land_and_the_country(cast):
    land = make.entry(cast.org_a, regions=["08"])
    assert {"region=08", "whole=08"} <= facets_of(land)
    country = make.entry(cast.org_b, regions=["00"])
    assert "region=00" in facets_of(country)


def test_a_service_without_regions_is_where_its_organisation_is(cast, public):
    service = make.entry(cast.org_a, service=True, channels=("web",))
    assert "region=08222" in facets_of(service)
    own = make.entry(cast.org_a, service=True, channels=("web",), regions=["07"])
    assert "region=08222" not in facets_of(own)


def test_one_document_for_each_group_of_readers(cast, public):
    def groups():
        rows = SearchDoc.objects.filter(ref=public.uuid).values_list("audience", flat=True)
        return sorted(rows)

    assert groups() == [search.ALL]
    entries.save(public, actor=COMMAND, expected=public.version,
                 content={**public.latest.content, "fees": "keine"})  # fmt: skip
    assert groups() == [search.WEB | search.MEMBERS, search.OFFICE]
    publishing.publish(public, actor=COMMAND, channels=["members"], expected=public.version)
    assert groups() == [search.WEB, search.MEMBERS | search.OFFICE]
    publishing.unpublish(public, actor=COMMAND, channel="web", expected=public.version)
    assert groups() == [search.MEMBERS | search.OFFICE]


def test_counts_tell_nothing_of_hidden_entries(cast, public):
    """The facet-leak test: every count is what can be opened, for each kind of reader."""
    make.entry(cast.org_b, channels=("members",), topics=["nachfolge"])
    make.entry(cast["member"], channels=("web",))
    make.entry(cast["editor_a"])
    make.entry(cast.org_a, service=True, topics=["nachfolge"])
    for bit, channel in ((search.WEB, "web"), (search.MEMBERS, "members")):
        viewer = search.Viewer({cast.network.uuid: bit})
        results = search.find("", lang="de", viewer=viewer, kinds=searching.KINDS, per_page=100)
        readers = {row.uuid for row in readable(channel, cast.network)}
        if channel == "members":
            readers |= {row.uuid for row in readable("web", cast.network)}
        assert {hit.ref for hit in results.hits} == readers
        for key, values in results.facets.items():
            for value, count in values.items():
                chosen = search.find("", lang="de", viewer=viewer, kinds=searching.KINDS,
                                     chosen={key: [value]})  # fmt: skip
                assert chosen.total == count, (key, value)
                assert {hit.ref for hit in chosen.hits} <= readers


def test_a_new_name_is_found_at_once(cast, found):
    make.entry(cast["member"], channels=("web",))
    member = cast["member"]
    parties.change_person(member, actor=COMMAND, expected=member.version, last_name="Quast")
    assert found("web", "Quast") == ["Mats Quast"]
    assert found("web", "Behrens") == []


def test_what_the_clock_changed_is_followed_daily(cast, public, monkeypatch):
    later = public.assured_at + timedelta(days=366)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert searching.follow_clock() >= 1
    assert "state=due" in facets_of(public)


def test_a_retired_topic_leads_to_its_successor(cast, public):
    old, new = Topic.objects.get(code="ausbildung"), Topic.objects.get(code="nachfolge")
    Topic.objects.filter(pk=old.pk).update(retired_at=clock.now(), successor=new)
    searching.reindex([public])
    assert "topic=nachfolge" in facets_of(public)
    assert "topic=ausbildung" not in facets_of(public)


def test_all_anew_is_the_same(cast, public):
    make.entry(cast.org_a, service=True, channels=("web",))
    make.entry(cast["member"], channels=("web",))
    columns = ("kind", "ref", "part", "audience", "facets", "title", "text__body_terms",
               "text__topic_terms", "text__summary", "url")  # fmt: skip
    rows = SearchDoc.objects.filter(kind__in=searching.KINDS).order_by("ref", "part")
    before = list(rows.values_list(*columns))
    assert searching.reindex_all() == len(before) >= 4
    assert list(rows.values_list(*columns)) == before


def test_the_number_of_queries_does_not_grow(cast, public, count_queries):
    counts = []
    for wanted in (2, 6):
        while Entry.objects.count() < wanted:
            number = Entry.objects.count()
            make.entry(people.organisation(cast.network, f"Haus {number}"), channels=("web",))
        found = list(Entry.objects.select_related("network", "organisation", "person"))
        with count_queries() as queries:
            searching.reindex_only(found)
        counts.append(queries.count)
    assert counts[0] == counts[1] <= 16
