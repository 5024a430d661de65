"""The waste basket of a round on its page: what was deleted comes back, for those who may edit."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import TrashItem
from lotse.foundation.documents.models import Document
from lotse.foundation.measures.models import Measure
from lotse.rooms.checks.services import assessments

pytestmark = pytest.mark.django_db


def test_a_deleted_measure_comes_back_with_its_file(site: Any, browser: Any) -> None:
    client = browser("editor")
    client.post(site.url("checks:measure-delete"))
    assert not Measure.objects.filter(uuid=site.measure.uuid).exists()
    page = client.get(site.url("checks:basket")).content.decode()
    assert site.measure.title in page
    item = TrashItem.objects.get()
    response = client.post(site.url("checks:basket"), {"item": item.uuid})
    assert response.url == site.url("checks:plan")
    assert Measure.objects.filter(uuid=site.measure.uuid).exists()
    assert Document.objects.filter(uuid=site.document.uuid).exists()
    again = client.post(site.url("checks:basket"), {"item": item.uuid})
    assert again.status_code == 422
    assert "nicht mehr im Papierkorb" in again.content.decode()


def test_a_deleted_file_comes_back(site: Any, browser: Any) -> None:
    client = browser("editor")
    client.post(site.url("checks:measure-evidence"), {"delete": site.document.uuid})
    assert not Document.objects.filter(uuid=site.document.uuid).exists()
    client.post(site.url("checks:basket"), {"item": TrashItem.objects.get().uuid})
    assert Document.objects.filter(uuid=site.document.uuid).exists()


def test_the_page_costs_the_same_for_one_and_for_three(
    site: Any, browser: Any, count_queries: Any
) -> None:
    client = browser("editor")
    client.post(site.url("checks:measure-delete"))
    client.get(site.url("checks:basket"))
    with count_queries() as one:
        client.get(site.url("checks:basket"))
    for _ in range(2):
        item = TrashItem.objects.first()
        item.pk, item.uuid = None, uuid4()
        item.save()
    with count_queries() as three:
        assert client.get(site.url("checks:basket")).content.decode().count('name="item"') == 3
    assert one.count == three.count <= 8


def test_deleting_everything_takes_the_basket_along(
    site: Any, browser: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """A visitor's "delete everything now" is at once (rulings)."""
    browser("editor").post(site.url("checks:measure-delete"))
    with django_capture_on_commit_callbacks(execute=True):
        assessments.delete_assessment(site.assessment, actor=COMMAND)
    assert not TrashItem.objects.exists()
    assert not default_storage.exists(site.document.stored_name)


def test_nonsense_is_404(site: Any, browser: Any) -> None:
    assert browser("editor").post(site.url("checks:basket"), {"item": "x"}).status_code == 404
