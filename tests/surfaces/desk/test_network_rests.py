"""A network that rests or has ended: its office and its readers still find it, and are told."""

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.parties.models import Network
from tests import people as cast_of
from tests.surfaces.desk.conftest import page, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(common_cast: cast_of.Cast) -> cast_of.Cast:
    return common_cast


def test_resting_and_awake_again(cast: cast_of.Cast) -> None:
    client, version = cast.client("office"), cast.network.version
    post(client, "network-state", version=version, state="resting", reason="Pause")
    assert "ruht zurzeit" in Client().get("/").content.decode()
    assert "keine Bewerbungen" in Client().get(reverse("directory:join")).content.decode()
    assert "Pause" in page(client, "network-state")
    late = post(client, "network-state", version=version, state="active", reason="Weiter")
    assert late.status_code == 409
    post(client, "network-state", version=version + 1, state="active", reason="Weiter")
    assert Network.objects.get(pk=cast.network.pk).state == "active"
    assert "ruht zurzeit" not in Client().get("/").content.decode()


def test_the_operator_ends_it_and_takes_that_back(cast: cast_of.Cast) -> None:
    client, version = cast.client("operator"), cast.network.version
    post(client, "network-state", version=version, state="ended", reason="Aus")
    assert "ist beendet" in Client().get("/").content.decode()
    data = {"version": version + 1, "state": "active", "reason": "Doch nicht"}
    assert post(cast.client("office"), "network-state", **data).status_code == 403
    assert post(client, "network-state", **data).status_code == 302
