"""T07: files and what is made from things."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents.models import Document
from lotse.foundation.measures import services as measures
from lotse.rooms.checks.models import Assessment
from tests import make
from tests.trust import site as sites

pytestmark = pytest.mark.django_db


def test_a_file_opens_only_below_its_own_measure(site: sites.Site, browser: Any) -> None:
    """The address of a file of somebody else below an own measure opens nothing."""
    own = make.assessment(site.check)
    Assessment.objects.filter(pk=own.pk).update(organisation=site.cast.org_b)
    mine = measures.create_measure(actor=COMMAND, origin=Ref.to(own), title="Meine")
    client = browser("editor_b")
    foreign = site.document.uuid
    addresses = [
        [own.uuid, mine.uuid, foreign],
        [own.uuid, site.measure.uuid, foreign],
        [site.assessment.uuid, site.measure.uuid, foreign],
        [site.assessment.uuid, mine.uuid, foreign],
    ]
    for arguments in addresses:
        assert client.get(reverse("checks:measure-file", args=arguments)).status_code == 404
    assert client.get(reverse("today:measure-file", args=[mine.uuid, foreign])).status_code == 404
    assert client.get(reverse("checks:measure", args=[own.uuid, mine.uuid])).status_code == 200
    response = browser("editor_a").get(site.url("checks:measure-file"))
    assert response["Content-Disposition"].startswith("attachment")
    make.body(response)


def test_files_have_no_address_of_their_own(site: sites.Site, browser: Any) -> None:
    document = Document.objects.get(pk=site.document.pk)
    for path in (f"/files/{document.stored_name}", f"/media/{document.stored_name}",
                 f"/{document.stored_name}", f"/static/{document.stored_name}"):  # fmt: skip
        assert browser("operator").get(path).status_code == 404, path
