"""Lists of names stand in the order of a German index, on both databases."""

import pytest
from django.urls import reverse

from lotse.foundation.core.collation import InOrder
from lotse.foundation.parties.models import Organisation
from tests import make, people

pytestmark = pytest.mark.django_db
ORDERED = ["Apfelhof", "arbeit und leben", "Ärztehaus", "Ästhetik GmbH", "Azubi-Werk", "Ofenbau",
           "Ökohof", "Olga hilft", "Straßenfest", "Strassenwerk", "Zahnärzte"]  # fmt: skip


def test_umlauts_stand_with_their_letter_and_case_does_not_matter() -> None:
    network = make.network()
    for name in reversed(ORDERED):
        people.organisation(network, name)
    rows = Organisation.objects.filter(network=network)
    found = list(rows.order_by(InOrder("name"), "pk").values_list("name", flat=True))
    assert found == ORDERED


def test_the_desk_lists_them_so() -> None:
    cast = people.cast()
    for name in ("Zahnärzte", "Ärztehaus", "Brücke"):
        people.organisation(cast.network, name)
    page = cast.client("office").get(reverse("desk:organisations")).content.decode()
    places = [page.index(name) for name in ("Ärztehaus", "Brücke", "Zahnärzte")]
    assert places == sorted(places)
