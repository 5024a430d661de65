"""The forty nasty inputs, and any JSON at all, in every parameter and field (T18, T55)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lotse.foundation.accounts.models import ApiToken
from tests.surfaces.api.conftest import ROOT, patch, post
from tests.trust import harness
from tests.trust import site as sites
from tests.trust.test_nasty import NASTY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("networks", ["limit", "cursor"]),
        ("checks", ["limit", "cursor"]),
        ("organisations", ["limit", "cursor", "network", "kind", "region", "topic", "q"]),
        ("measures", ["limit", "cursor", "assessment", "status"]),
    ],
)
def test_nasty_parameters(as_role: Any, settings: Any, path: str, names: list[str]) -> None:
    """T55: every parameter takes every input without a fault of the program."""
    settings.LIMITS = dict.fromkeys(settings.LIMITS, (10**6, 60))
    client = as_role("operator")
    for name in names:
        for value in NASTY:
            sent = value[:20_000]
            status = client.get(ROOT + path, {name: sent}).status_code
            assert status in (200, 400), (name, value[:30])


BODY = ["title", "reason", "responsible", "due_on", "urgency", "status", "delay_reason",
        "controller", "control_on"]  # fmt: skip


@pytest.mark.parametrize("field", BODY)
def test_nasty_fields(site: sites.Site, as_role: Any, settings: Any, field: str) -> None:
    settings.LIMITS = dict.fromkeys(settings.LIMITS, (10**6, 60))
    client = as_role("editor_a")
    path = f"measures/{site.measure.uuid}"
    for value in [*NASTY, None, 1, -1, 2**63, 1.5, True, [], {}, ["x"], {"a": 1}, "\ud800"]:
        answer = patch(client, path, {field: value}, if_match="*")
        assert answer.status_code in (200, 400, 413, 422), (field, str(value)[:30])
        if answer.status_code == 200:
            assert answer.json() == client.get(ROOT + path).json()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@hypothesis_settings(
    max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(
    data=st.dictionaries(
        st.sampled_from([*BODY, "assessment", "checkpoint", "x"]), JSON, max_size=4
    ),
    title=st.text(max_size=210),
    query=st.text(max_size=60),
)
def test_any_json_is_taken_or_refused(
    site: sites.Site, data: dict[str, Any], title: str, query: str
) -> None:
    """What is stored is what the next reading gives; nothing ends in 5xx (T18, T55)."""
    client = harness.api_client(site.cast["editor_a"])
    path = f"measures/{site.measure.uuid}"
    for body in (data, {**data, "title": title}):
        answer = patch(client, path, body, if_match="*")
        assert answer.status_code in (200, 400, 422)
        if answer.status_code == 200:
            assert answer.json() == client.get(ROOT + path).json()
        new = post(client, "measures", {"assessment": str(site.assessment.uuid), **body})
        assert new.status_code in (201, 400, 404, 422)
    assert client.get(ROOT + "organisations", {"q": query}).status_code in (200, 400)
    ApiToken.objects.all().delete()
