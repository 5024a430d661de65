"""Group work: tables, results in the order of the table, clusters, measures with their origin."""

from typing import Any

import pytest

from lotse.foundation.core import once
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures.models import Measure
from lotse.rooms.bodies.models import (
    AgendaItem,
    GroupCluster,
    GroupResult,
    GroupTable,
    Meeting,
    Minutes,
)
from lotse.rooms.bodies.queries.group_work import group_work_of
from lotse.rooms.bodies.services import group_work
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of
from tests.rooms.bodies.writing import key_of, run, url


@pytest.fixture
def item(meeting: Meeting) -> AgendaItem:
    return item_of(run(meeting), "Wie erreichen wir Betriebe?", kind=AgendaItem.Kind.GROUP_WORK)


@pytest.fixture
def table(cast: Cast, item: AgendaItem) -> GroupTable:
    return group_work.add_table(item, actor=cast.actor("chair"), question="Was hilft?", most=2)


def say(table: GroupTable, cast: Cast, words: str, role: str = "voter") -> GroupResult:
    return group_work.add_result(table, actor=cast.actor(role), words=words)


def texts(table: GroupTable) -> list[str]:
    return [row.text for row in group_work.ranked(table)]


def test_tables_are_prepared_before_the_meeting(cast: Cast, item: AgendaItem) -> None:
    Meeting.objects.update(state=Meeting.State.PLANNED)
    client = cast.client("office")
    data = {"question": "Was hilft?", "rounds": "3", "minutes_a_round": "20", "most": "5",
            "sub_question": "Was hindert?", "moderators": "Ada, Bo"}  # fmt: skip
    assert client.post(url("group-table-new", item), data).status_code == 302
    client.post(url("group-table-new", item), data | {"question": "Wer fehlt?"})
    found = list(item.tables.order_by("number").values_list("number", "question", "rounds"))
    assert found == [(1, "Was hilft?", 3), (2, "Wer fehlt?", 3)]
    bad = client.post(url("group-table-new", item), data | {"question": "", "rounds": "99"})
    assert bad.status_code == 422
    assert "Ada, Bo" in bad.content.decode()
    page = client.get(url("group", item)).content.decode()
    assert "3 Runden von je 20 Minuten" in page


def test_only_group_work_has_tables(cast: Cast, item: AgendaItem) -> None:
    other = item_of(item.meeting)
    with pytest.raises(Refused, match="Gruppenarbeit"):
        group_work.add_table(other, actor=cast.actor("chair"), question="Was?")


def test_everybody_present_types_at_the_table(cast: Cast, table: GroupTable) -> None:
    client = cast.client("voter")
    key = once.new_key()
    for _time in range(2):
        answer = client.post(url("group-table", table), {"text": "Besuche <vor Ort>", "_key": key})
        assert answer.status_code == 302
    page = client.get(url("group-table", table)).content.decode()
    assert "Besuche &lt;vor Ort&gt;" in page
    assert GroupResult.objects.count() == 1
    empty = client.post(url("group-table", table), {"text": " "})
    assert empty.status_code == 422


@pytest.mark.parametrize(("role", "status"), [("member", 404), ("auditor", 403), ("former", 404)])
def test_who_is_not_there_types_nothing(
    cast: Cast, table: GroupTable, role: str, status: int
) -> None:
    with pytest.raises(NotAllowed):
        say(table, cast, "Nein", role)
    answer = cast.client(role).post(url("group-table", table), {"text": "Nein"})
    assert answer.status_code == status
    assert not GroupResult.objects.exists()


def test_members_do_not_prepare_tables_or_clusters(cast: Cast, table: GroupTable) -> None:
    client, item = cast.client("voter"), table.item
    for name, thing in (
        ("group-table-new", item), ("group-cluster-new", item), ("group-sort", item),
        ("group-table-change", table), ("group-table-delete", table),
    ):  # fmt: skip
        assert client.post(url(name, thing), {}).status_code == 403


def test_the_limit_is_a_hint(cast: Cast, table: GroupTable) -> None:
    for n in range(4):
        say(table, cast, f"Ergebnis {n}")
    assert table.results.count() == 4
    page = cast.client("voter").get(url("group-table", table)).content.decode()
    assert "Vorgestellt werden sollen die 2 wichtigsten Ergebnisse; hier stehen 4." in page


def test_the_table_ranks_its_results(cast: Cast, table: GroupTable) -> None:
    _a, b, c = (say(table, cast, words) for words in "abc")
    client = cast.client("voter")
    client.post(url("group-result-rank", c), {"go": "up"})
    assert texts(table) == ["a", "c", "b"]
    client.post(url("group-result-rank", b), {"go": "down"})
    assert texts(table) == ["a", "c", "b"]
    client.post(url("group-result-delete", c))
    assert texts(table) == ["a", "b"]
    assert LogEntry.objects.filter(code="bodies.group.result_deleted").count() == 1


def test_a_double_click_ranks_it_once(cast: Cast, table: GroupTable) -> None:
    _a, _b, c = (say(table, cast, words) for words in "abc")
    client = cast.client("voter")
    key = key_of(client, url("group-table", table), url("group-result-rank", c))
    for _click in range(2):
        client.post(url("group-result-rank", c), {"go": "up", "_key": key})
    assert texts(table) == ["a", "c", "b"]


def test_two_who_change_a_result_see_both_texts(cast: Cast, table: GroupTable) -> None:
    result = say(table, cast, "Alt")
    client = cast.client("voter")
    client.post(url("group-result", result), {"text": "Von ihr", "version": "1"})
    answer = client.post(url("group-result", result), {"text": "Von mir", "version": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Von ihr" in page
    assert "Von mir" in page
    answer = client.post(url("group-result", result), {"text": "Beides", "version": "2"})
    assert answer.status_code == 302
    assert GroupResult.objects.get().text == "Beides"


def test_two_who_change_a_table_see_both_texts(cast: Cast, table: GroupTable) -> None:
    client = cast.client("chair")
    data = {"question": "Neu?", "rounds": "1", "minutes_a_round": "20", "most": "5"}
    address = url("group-table-change", table)
    assert client.post(address, data | {"version": "1"}).status_code == 302
    answer = client.post(address, data | {"question": "Anders?", "version": "1"})
    assert answer.status_code == 409
    assert "Neu?" in answer.content.decode()
    assert "Anders?" in answer.content.decode()


def test_after_the_meeting_only_who_runs_it_types(cast: Cast, table: GroupTable) -> None:
    Meeting.objects.update(state=Meeting.State.HELD)
    table = GroupTable.objects.get(pk=table.pk)
    with pytest.raises(Refused, match="Sitzung ist beendet"):
        say(table, cast, "Zu spät")
    assert say(table, cast, "Nachgetragen", "minute_taker").rank == 1
    Minutes.objects.create(meeting=table.item.meeting, state=Minutes.State.CIRCULATED)
    with pytest.raises(Refused, match="schon verschickt"):
        say(table, cast, "Zu spät", "minute_taker")


def test_results_are_sorted_under_headings(cast: Cast, table: GroupTable) -> None:
    item = table.item
    one, two = say(table, cast, "Besuche"), say(table, cast, "Broschüre")
    client = cast.client("minute_taker")
    client.post(url("group-cluster-new", item), {"title": "Ansprache"})
    twice = client.post(url("group-cluster-new", item), {"title": "ansprache"})
    assert twice.status_code == 422
    cluster = GroupCluster.objects.get()
    places = {f"in-{one.uuid}": str(cluster.uuid), f"in-{two.uuid}": ""}
    client.post(url("group-sort", item), places)
    work = group_work_of(item)
    assert [result.text for result in work.clusters[0].results] == ["Besuche"]
    assert [result.text for result in work.loose] == ["Broschüre"]
    client.post(url("group-sort", item), {f"in-{one.uuid}": "geraten"})
    assert GroupResult.objects.get(pk=one.pk).cluster == cluster
    client.post(url("group-cluster", cluster), {"title": "Wege", "version": "1"})
    late = client.post(url("group-cluster", cluster), {"title": "Pfade", "version": "1"})
    assert late.status_code == 409
    client.post(url("group-cluster-delete", cluster))
    assert GroupResult.objects.get(pk=one.pk).cluster is None


def test_one_click_makes_a_measure_that_knows_where_it_comes_from(
    cast: Cast, table: GroupTable
) -> None:
    result = say(table, cast, "Broschüre der Einrichtungen")
    client = cast.client("minute_taker")
    for _time in range(2):
        client.post(url("group-result-measure", result))
    measure = Measure.objects.get()
    assert measure.origin == Ref.to(result)
    assert (measure.title, measure.body) == (result.text, table.item.meeting.body)
    page = client.get(url("group", table.item)).content.decode()
    assert "Maßnahme angelegt" in page
    with pytest.raises(Refused, match="Herkunft"):
        group_work.delete_result(result, actor=cast.actor("chair"))
    assert client.post(url("group-table-delete", table)).status_code == 422


def test_a_cluster_becomes_a_measure_with_its_results(cast: Cast, table: GroupTable) -> None:
    actor, item = cast.actor("chair"), table.item
    result = say(table, cast, "Besuche vor Ort")
    cluster = group_work.add_cluster(item, actor=actor, title="Ansprache")
    places = {str(result.uuid): str(cluster.uuid)}
    assert group_work.sort_results(item, actor=actor, places=places) == 1
    cast.client("chair").post(url("group-cluster-measure", cluster))
    measure = Measure.objects.get()
    assert measure.origin == Ref.to(cluster)
    assert (measure.title, measure.reason) == ("Ansprache", "- Besuche vor Ort")
    with pytest.raises(Refused, match="Herkunft"):
        group_work.delete_cluster(cluster, actor=actor)


def test_a_member_makes_no_measure(cast: Cast, table: GroupTable) -> None:
    result = say(table, cast, "Besuche")
    assert cast.client("voter").post(url("group-result-measure", result)).status_code == 403
    assert not Measure.objects.exists()


def test_a_table_goes_with_its_results(cast: Cast, table: GroupTable) -> None:
    say(table, cast, "Besuche")
    client = cast.client("chair")
    assert "Besuche" in client.get(url("group-table-delete", table)).content.decode()
    client.post(url("group-table-delete", table))
    assert not GroupResult.objects.exists()


def test_pages_take_as_many_queries_for_three_as_for_one(
    cast: Cast, table: GroupTable, count_queries: Any
) -> None:
    actor, item, found = cast.actor("chair"), table.item, []
    client = cast.client("voter")
    for n in range(3):
        other = group_work.add_table(item, actor=actor, question=f"Frage {n}")
        say(table, cast, f"Ergebnis {n}")
        say(other, cast, f"Ergebnis {n}")
        group_work.add_cluster(item, actor=actor, title=f"Bündel {n}")
        counts = []
        for address in (url("group", item), url("group-table", table)):
            with count_queries() as queries:
                assert client.get(address).status_code == 200
            counts.append(queries.count)
        found.append(counts)
    assert found[0] == found[2]
    assert max(found[2]) <= 12
