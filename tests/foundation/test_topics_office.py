"""Topics changed at the desk: kept by the next load, retired with a successor, never deleted."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError

from lotse.foundation.core import once, search
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.topics import office, queries, services
from lotse.foundation.topics.models import Topic
from tests import people as cast_of

pytestmark = pytest.mark.django_db
CONTENT = {"topics": [
    {"code": "bildung", "name": {"de": "Bildung", "en": "Education"},
     "synonyms": {"de": ["Lernen"], "en": ["learning"]}, "topics": [
         {"code": "ausbildung", "name": {"de": "Ausbildung", "en": "Apprenticeships"},
          "summary": {"de": "Junge Menschen ausbilden."},
          "synonyms": {"de": ["Azubi"], "en": ["apprentice"]}},
         {"code": "praktikum", "name": {"de": "Praktikum", "en": "Placements"}}]},
    {"code": "fachkraefte", "name": {"de": "Fachkräfte", "en": "Skilled staff"}},
]}  # fmt: skip


@pytest.fixture
def content(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    import copy

    held = copy.deepcopy(CONTENT)
    monkeypatch.setattr(services, "_read", lambda name: held)
    services.load_topics()
    return held


def topic(code: str) -> Topic:
    return Topic.objects.select_related("parent", "successor").get(code=code)


def new(name: str, **fields: Any) -> Topic:
    return office.create_topic(
        actor=COMMAND, key=once.new_key(), name={"de": name, "en": f"{name} en"}, **fields
    )


def change(code: str, **fields: Any) -> Topic:
    found = topic(code)
    given = {"name": found.name, "summary": found.summary, "synonyms": found.synonyms,
             "parent": found.parent, "note": found.note} | fields  # fmt: skip
    office.change_topic(found, actor=COMMAND, expected=found.version, **given)
    return found


def retire(code: str, successor: str = "") -> None:
    found = topic(code)
    heir = topic(successor) if successor else None
    office.retire_topic(found, actor=COMMAND, expected=found.version, successor=heir)


def titles(word: str) -> set[str]:
    return {hit.title for hit in search.find(word, lang="de").hits if hit.kind == "topic"}


class TestLoading:
    def test_what_was_changed_here_is_kept_value_by_value(self, content: dict[str, Any]) -> None:
        change("ausbildung", name={"de": "Lehre", "en": "Apprenticeships"})
        item = content["topics"][0]["topics"][0]
        item |= {"name": {"de": "Berufsausbildung"}, "synonyms": {"de": ["Azubi", "Lehrstelle"]}}
        services.load_topics()
        found = topic("ausbildung")
        assert found.name["de"] == "Lehre"
        assert found.synonyms == {"de": ["Azubi", "Lehrstelle"]}
        assert queries.is_changed(found)
        assert LogEntry.objects.filter(code="topics.topic.loaded").count() == 1

    def test_the_same_content_again_changes_no_version(self, content: dict[str, Any]) -> None:
        change("praktikum", note="Ohne Schnuppertage")
        before = dict(Topic.objects.values_list("code", "version"))
        services.load_topics()
        assert dict(Topic.objects.values_list("code", "version")) == before
        assert topic("praktikum").note == "Ohne Schnuppertage"

    def test_another_group_is_kept(self, content: dict[str, Any]) -> None:
        change("praktikum", parent=topic("fachkraefte"))
        services.load_topics()
        assert topic("praktikum").parent == topic("fachkraefte")

    def test_what_was_loaded_before_lotse_remembered(self, content: dict[str, Any]) -> None:
        Topic.objects.update(shipped={})
        change("ausbildung", name={"de": "Lehre"})
        services.load_topics()
        assert topic("ausbildung").name == {"de": "Lehre"}

    def test_an_own_topic_of_the_same_code_is_left_alone(self, content: dict[str, Any]) -> None:
        own = new("Mentoring", summary={"de": "Unser Text"})
        content["topics"].append({"code": own.code, "name": {"de": "Patenschaft"}})
        services.load_topics()
        assert topic(own.code).name["de"] == "Mentoring"

    def test_a_retired_one_stays_so_and_so_does_what_comes_into_it(
        self, content: dict[str, Any]
    ) -> None:
        retire("fachkraefte")
        content["topics"][1]["topics"] = [{"code": "planung", "name": {"de": "Planung"}}]
        services.load_topics()
        assert topic("fachkraefte").retired_at
        assert topic("planung").retired_at
        assert not titles("Planung")

    def test_content_goes_into_no_third_level(self, content: dict[str, Any]) -> None:
        change("fachkraefte", parent=topic("bildung"))
        content["topics"][1]["topics"] = [{"code": "planung", "name": {"de": "Planung"}}]
        services.load_topics()
        assert topic("planung").parent == topic("bildung")


class TestMaking:
    def test_it_is_found_and_logged(self, content: dict[str, Any]) -> None:
        made = new("Nachhaltige Lieferketten für Öl", parent=topic("bildung"),
                   synonyms={"de": ["LkSG", "lksg", " "]})  # fmt: skip
        assert made.code == "nachhaltige-lieferketten-fuer-oel"
        assert made.is_own
        assert made.synonyms == {"de": ["LkSG"]}
        assert titles("LkSG") == {made.name["de"]}
        assert LogEntry.objects.get(code="topics.topic.created").after["parent"] == "bildung"
        order = [one.code for one in queries.in_order(Topic.objects.select_related("parent"))]
        assert order == ["bildung", "ausbildung", "praktikum", made.code, "fachkraefte"]

    def test_sent_twice_it_is_made_once(self, content: dict[str, Any]) -> None:
        key = once.new_key()
        for _n in range(2):
            with_same = office.create_topic(actor=COMMAND, key=key, name={"de": "Zweimal"})
        assert Topic.objects.filter(name__de="Zweimal").get() == with_same

    @pytest.mark.parametrize(("fields", "words"), [
        ({"name": {"de": "  "}}, "deutschen Namen"),
        ({"name": {"de": "ausbildung"}}, "führt schon zum Thema „Ausbildung“"),
        ({"name": {"de": "Neu"}, "synonyms": {"de": ["AZUBI"]}}, "„AZUBI“ führt schon"),
        ({"name": {"de": "x" * 121}}, "zu lang"),
        ({"name": {"de": "Neu"}, "synonyms": {"en": ["y" * 81]}}, "zu lang"),
        ({"name": {"de": "Neu"}, "synonyms": {"de": [f"w{n}" for n in range(61)]}}, "höchstens 60"),
    ])  # fmt: skip
    def test_bad_input(self, content: dict[str, Any], fields: dict[str, Any], words: str) -> None:
        with pytest.raises(Refused) as refused:
            office.create_topic(actor=COMMAND, key=once.new_key(), **fields)
        assert words in " ".join(refused.value.messages)
        assert Topic.objects.count() == 4

    def test_two_levels_and_no_more(self, content: dict[str, Any]) -> None:
        with pytest.raises(Refused):
            new("Tief", parent=topic("ausbildung"))
        with pytest.raises(Refused):
            change("bildung", parent=topic("fachkraefte"))
        with pytest.raises(Refused):
            change("fachkraefte", parent=topic("fachkraefte"))

    def test_codes_stay_free_and_short(self, content: dict[str, Any]) -> None:
        codes = [new(f"{'ß' * 60}{mark}").code for mark in "!?."]
        assert len(set(codes)) == 3
        assert max(map(len, codes)) <= 40
        assert new("日本").code == "thema"


class TestChanging:
    def test_the_log_holds_only_what_changed(self, content: dict[str, Any]) -> None:
        change("ausbildung", synonyms={"de": ["Lehrling"]})
        line = LogEntry.objects.get(code="topics.topic.changed")
        assert line.after == {"synonyms": {"de": ["Lehrling"]}}
        assert titles("Lehrling") == {"Ausbildung"}
        assert not titles("Azubi")

    def test_an_older_version_is_a_conflict(self, content: dict[str, Any]) -> None:
        found = topic("ausbildung")
        change("ausbildung", note="a")
        with pytest.raises(Conflict):
            office.change_topic(found, actor=COMMAND, expected=1, name={"de": "X"}, parent=None,
                                summary={}, synonyms={})  # fmt: skip

    def test_a_shared_word_of_the_content_is_not_held_against_anybody(
        self, content: dict[str, Any]
    ) -> None:
        content["topics"][1]["synonyms"] = {"de": ["Azubi"]}
        services.load_topics()
        change("ausbildung", note="geht")
        assert topic("ausbildung").note == "geht"


class TestRetiring:
    def test_what_hangs_on_it_goes_over(self, content: dict[str, Any]) -> None:
        cast = cast_of.cast()
        cast.org_a.topics.set([topic("ausbildung")])
        cast.org_b.topics.set([topic("ausbildung"), topic("praktikum")])
        with pytest.raises(Refused, match="noch verwendet"):
            retire("ausbildung")
        retire("ausbildung", "praktikum")
        for organisation in (cast.org_a, cast.org_b):
            assert [one.code for one in organisation.topics.all()] == ["praktikum"]
        line = LogEntry.objects.get(code="topics.topic.retired")
        assert line.after == {"successor": "praktikum", "moved": 2}

    def test_its_words_lead_to_the_successor(self, content: dict[str, Any]) -> None:
        retire("ausbildung", "praktikum")
        assert titles("Azubi") == {"Praktikum"}
        services.reindex_topics()
        assert titles("Ausbildung") == {"Praktikum"}

    def test_a_chain_leads_to_its_end(self, content: dict[str, Any]) -> None:
        retire("ausbildung", "praktikum")
        with pytest.raises(Refused, match="noch verwendet"):
            retire("praktikum")
        retire("praktikum", "fachkraefte")
        assert topic("ausbildung").successor == topic("fachkraefte")

    def test_refused(self, content: dict[str, Any]) -> None:
        with pytest.raises(Refused, match="noch Themen"):
            retire("bildung")
        with pytest.raises(Refused, match="anderes Thema"):
            retire("praktikum", "praktikum")
        retire("praktikum")
        with pytest.raises(Refused, match="schon zurückgezogen"):
            retire("praktikum")
        with pytest.raises(Refused, match="anderes Thema"):
            retire("ausbildung", "praktikum")

    def test_it_comes_back(self, content: dict[str, Any]) -> None:
        retire("ausbildung", "praktikum")
        found = topic("ausbildung")
        office.bring_topic_back(found, actor=COMMAND, expected=found.version)
        assert topic("ausbildung").successor is None
        assert titles("Azubi") == {"Ausbildung"}
        with pytest.raises(Refused):
            office.bring_topic_back(found, actor=COMMAND, expected=found.version)

    def test_not_where_its_words_were_taken_meanwhile(self, content: dict[str, Any]) -> None:
        retire("praktikum")
        new("Praktikum")
        found = topic("praktikum")
        with pytest.raises(Refused, match="führt schon"):
            office.bring_topic_back(found, actor=COMMAND, expected=found.version)

    def test_nothing_in_use_can_be_deleted(self, content: dict[str, Any]) -> None:
        with pytest.raises(ProtectedError):
            topic("bildung").delete()
        retire("ausbildung", "praktikum")
        with pytest.raises(ProtectedError):
            topic("praktikum").delete()


class TestMeanwhile:
    """What was read before another one's act is read anew, and held (T37)."""

    def test_two_do_not_retire_into_each_other(self, content: dict[str, Any]) -> None:
        found, heir = topic("ausbildung"), topic("praktikum")
        retire("praktikum", "ausbildung")
        with pytest.raises(Refused, match="in Gebrauch"):
            office.retire_topic(found, actor=COMMAND, expected=found.version, successor=heir)

    def test_nothing_comes_below_a_group_that_was_retired(self, content: dict[str, Any]) -> None:
        group, other = topic("fachkraefte"), topic("praktikum")
        retire("fachkraefte")
        with pytest.raises(Refused, match="zurückgezogen"):
            new("Planung", parent=group)
        group.retired_at = None
        with pytest.raises(Refused, match="zurückgezogen"):
            office.change_topic(other, actor=COMMAND, expected=other.version, name=other.name,
                                parent=group, summary={}, synonyms={})  # fmt: skip

    @pytest.mark.parametrize(("name", "code"), [("Öl", ""), ("Oel", "oel-2")])
    def test_a_code_that_was_just_taken(
        self, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str, code: str
    ) -> None:
        chosen, taken = office._code, []

        def late(line: str) -> str:
            found = chosen(line)
            if not taken:
                taken.append(Topic.objects.create(code=found, name={"de": "Öl"}))
            return found

        monkeypatch.setattr(office, "_code", late)
        if code:
            assert new(name).code == code
        else:
            with pytest.raises(Refused, match="„Öl“ führt schon zum Thema „Öl“"):
                new(name)

    def test_an_organisation_takes_the_successor_at_this_moment(
        self, content: dict[str, Any]
    ) -> None:
        cast = cast_of.cast()
        cast.org_a.topics.set([topic("ausbildung")])
        table, taken = cast.org_a.topics.through._meta.db_table, []

        def late(execute: Any, sql: str, *rest: Any) -> Any:
            if not taken and table in sql and sql.startswith(("INSERT", "UPDATE")):
                taken.append(sql)
                cast.org_a.topics.add(topic("praktikum"))
            return execute(sql, *rest)

        with connection.execute_wrapper(late):
            retire("ausbildung", "praktikum")
        assert taken
        assert [one.code for one in cast.org_a.topics.all()] == ["praktikum"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
def test_at_the_same_moment(content: dict[str, Any]) -> None:
    """Of two acts that exclude each other one succeeds, the other is told; none is a fault."""
    group = topic("fachkraefte")
    for acts in (
        (lambda: retire("ausbildung", "praktikum"), lambda: retire("praktikum", "ausbildung")),
        (lambda: retire("fachkraefte"), lambda: new("Planung", parent=group)),
        (lambda: new("Gleich"), lambda: new("Gleich")),
    ):
        start = Barrier(2)

        def run(act: Any, start: Barrier = start) -> str:
            try:
                with transaction.atomic():
                    Topic.objects.count()  # both are under way
                    start.wait(20)
                    act()
            except Refused as refusal:
                return "; ".join(refusal.messages)
            finally:
                connection.close()
            return ""

        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(run, acts))
        assert sorted(map(bool, said)) == [False, True], said


@pytest.mark.parametrize("role", ["anonymous", "office", "coordinator", "editor_a"])
def test_only_the_operator_may(content: dict[str, Any], role: str) -> None:
    """As with checks: what holds for all networks is not one office's."""
    cast = cast_of.cast()
    actor, found = cast.actor(role), topic("praktikum")
    with pytest.raises(NotAllowed):
        office.create_topic(actor=actor, key=once.new_key(), name={"de": "Neu"})
    with pytest.raises(NotAllowed):
        office.change_topic(found, actor=actor, expected=found.version, name={"de": "Neu"},
                            parent=None, summary={}, synonyms={})  # fmt: skip
    with pytest.raises(NotAllowed):
        office.retire_topic(found, actor=actor, expected=found.version)
    with pytest.raises(NotAllowed):
        office.bring_topic_back(found, actor=actor, expected=found.version)
    office.retire_topic(found, actor=cast.actor("operator"), expected=found.version)
