"""A new round from the last one, and both side by side: what moved, no scores."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.measures.models import Measure
from lotse.rooms.checks.models import Answer, Assessment
from lotse.rooms.checks.services import assessments
from tests import make

pytestmark = pytest.mark.django_db


def rounds(client) -> tuple[Assessment, Assessment]:
    make.network()
    first = make.assessment()
    make.open_as(client, first)
    for point, level in {"nutzen": "urgent", "planen": "need", "kontakte": "none"}.items():
        Answer.objects.create(assessment=first, checkpoint=point, level=level)
    url = reverse("checks:next-round", args=[first.uuid])
    assert client.get(url).status_code == 200
    for _ in range(2):
        client.post(url, {"_key": "r" * 20})
    second = Assessment.objects.get(previous=first)
    for point, level in {"nutzen": "none", "planen": "need", "kontakte": "urgent"}.items():
        Answer.objects.create(assessment=second, checkpoint=point, level=level)
    return first, second


def test_a_new_round_starts_empty_with_the_same_scope(client) -> None:
    first, second = rounds(client)
    assert (second.round, second.organisation_name) == (2, first.organisation_name)
    assert Assessment.objects.count() == 2


def test_what_moved_in_words(client) -> None:
    first, second = rounds(client)
    page = client.get(reverse("checks:compare", args=[second.uuid, first.uuid])).content.decode()
    assert "1 Checkpunkt besser, 1 schlechter" in page
    for point in ("moeglichkeiten", "sprachwelten", "vereinbarungen", "intern"):
        Answer.objects.create(assessment=second, checkpoint=point, level="none")
    result = client.get(reverse("checks:result", args=[second.uuid])).content.decode()
    assert "In der Runde davor: Dringender Handlungsbedarf" in result
    assert "1 besser" in result


def test_done_and_still_open_measures(client) -> None:
    first, second = rounds(client)
    for title, status in (("Fertiges", "done"), ("Offenes", "open")):
        Measure.objects.create(
            origin_type="checks.assessment", origin_uuid=first.uuid, origin_part="nutzen",
            title=title, status=status,
        )  # fmt: skip
    page = client.get(reverse("checks:compare", args=[second.uuid, first.uuid])).content.decode()
    assert "Fertiges" in page
    assert "Offenes" in page
    plan = client.get(reverse("checks:plan", args=[second.uuid])).content.decode()
    assert "Offenes" in plan
    assert "Fertiges" not in plan


def test_the_order_of_the_two_does_not_matter(client) -> None:
    first, second = rounds(client)
    there = client.get(reverse("checks:compare", args=[second.uuid, first.uuid]))
    back = client.get(reverse("checks:compare", args=[first.uuid, second.uuid]))
    assert there.context["comparison"].finding == back.context["comparison"].finding


def test_another_check_or_a_hidden_round_is_not_compared(client) -> None:
    _first, second = rounds(client)
    other = make.assessment(make.long_check(3))
    url = reverse("checks:compare", args=[second.uuid, other.uuid])
    assert client.get(url).status_code == 404
    make.open_as(client, other)
    assert client.get(url).status_code == 404


def test_the_link_of_a_round_opens_the_earlier_ones(client) -> None:
    first, second = rounds(client)
    fresh = type(client)()
    make.open_as(fresh, second)
    assert fresh.get(reverse("checks:result", args=[first.uuid])).status_code == 200


def test_deleting_the_first_keeps_the_second(client) -> None:
    first, second = rounds(client)
    client.post(reverse("checks:delete", args=[first.uuid]), {"confirmed": "on"})
    assert client.get(reverse("checks:result", args=[second.uuid])).status_code == 200


def test_queries_of_the_comparison(client, count_queries) -> None:
    first, second = rounds(client)
    url = reverse("checks:compare", args=[second.uuid, first.uuid])
    counts = set()
    for n in (1, 2, 3):
        Measure.objects.create(
            origin_type="checks.assessment", origin_uuid=first.uuid, title=f"M{n}", status="done"
        )
        with count_queries() as queries:
            client.get(url)
        counts.add(queries.count)
    assert len(counts) == 1
    assert counts.pop() <= 12


def test_two_rounds_begun_from_the_same_one_have_two_numbers() -> None:
    make.network()
    first = make.assessment()
    for _ in range(3):
        assessments.start_next_round(first, actor=COMMAND, key=once.new_key())
    numbers = Assessment.objects.filter(series=first.series).values_list("round", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4]


def test_the_database_refuses_a_number_twice(client) -> None:
    first, second = rounds(client)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=second.pk).update(round=first.round)
