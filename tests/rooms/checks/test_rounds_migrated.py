"""Rounds of one number that an earlier version left, numbered anew in one migration."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lotse.rooms.checks.models import Assessment
from tests import make


@pytest.mark.django_db(transaction=True)
def test_doubled_rounds_are_numbered_anew() -> None:
    def go(name: str) -> Any:
        executor = MigrationExecutor(connection)
        executor.migrate([("checks", name)])
        return executor.loader.project_state([("checks", name)]).apps

    check = make.check()
    held = [make.assessment(check) for _n in range(4)]
    alone = make.assessment(check)
    try:
        old = go("0002_owner_share").get_model("checks", "Assessment").objects
        for one, number in zip(held, (1, 1, 2, 2), strict=True):
            old.filter(pk=one.pk).update(series=held[0].series, round=number)
    finally:
        go("0003_rounds_numbered_once")
    rounds = Assessment.objects.order_by("pk").values_list("round", flat=True)
    assert list(rounds.filter(series=held[0].series)) == [1, 2, 3, 4]
    assert list(rounds.filter(pk=alone.pk)) == [1]
