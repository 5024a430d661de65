"""The cast at the desk, its pages opened and its forms sent."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import once
from tests import people as cast_of


@pytest.fixture
def cast(common_cast: cast_of.Cast) -> cast_of.Cast:
    return common_cast


def post(client: Any, view: str, /, *args: Any, **data: Any) -> Any:
    return client.post(reverse(f"desk:{view}", args=args), {"_key": once.new_key(), **data})


def page(client: Any, name: str, *args: Any, query: str = "") -> str:
    response = client.get(reverse(f"desk:{name}", args=args) + query)
    assert response.status_code == 200, (name, response.status_code)
    return str(response.content.decode())
