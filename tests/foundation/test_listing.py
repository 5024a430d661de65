"""What the address says about a list: nothing in it is a fault."""

import pytest
from django.urls import reverse

from lotse.foundation.ui.listing import Filter
from tests import people

DAY = Filter("von", "Von", lambda rows, _value: rows, kind="day")


@pytest.mark.parametrize("value", ["2000-01-01", "2026-11-21", "2100-12-31"])
def test_a_day_is_read(value: str) -> None:
    assert DAY.read(f" {value} ") == value


@pytest.mark.parametrize(
    "value", ["", "x", "2026-02-30", "0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"]
)
def test_a_day_that_cannot_be_meant_is_left_out(value: str) -> None:
    assert DAY.read(value) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["bis=9999-12-31", "von=0001-01-01", "von=2026-01-01"])
def test_the_page_stays(query: str) -> None:
    client = people.cast().client("office")
    assert client.get(f"{reverse('desk:log')}?{query}").status_code == 200
