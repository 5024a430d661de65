"""Queries put into SQL once give what the same query gives through the ORM, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import BigIntegerField, CharField, DateField

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock
from lotse.foundation.core.prepared import Prepared, PreparedObjects, Slot
from lotse.foundation.parties.models import RoleGrant
from tests.people import Cast

COLUMNS = ("role", "held_in_uuid", "network__mfa_roles", "starts_on", "person")


def _grants() -> Any:
    rows = RoleGrant.objects.filter(
        person=Slot("person", BigIntegerField()), starts_on__lte=Slot("today", DateField()),
        ended_at=None,
    )  # fmt: skip
    return rows.order_by("pk").values_list(*COLUMNS)


def test_the_same_rows_with_the_types_of_the_orm(cast: Cast, count_queries: Any) -> None:
    prepared = Prepared(_grants)
    held = RoleGrant.objects.filter(ended_at=None)
    people = sorted(set(held.values_list("person", flat=True)))
    today = clock.today() + timedelta(days=1)
    assert len(people) > 1

    for person in people:
        with count_queries() as queries:
            found = prepared.rows(person=person, today=today)
        assert queries.count == 1
        assert found == list(held.filter(person=person).order_by("pk").values_list(*COLUMNS))
        assert found
    assert prepared.rows(person=people[0], today=date(1990, 1, 1)) == []


def test_a_value_is_data_and_never_sql(cast: Cast) -> None:
    by_role = Prepared(
        lambda: RoleGrant.objects.filter(role=Slot("role", CharField())).values_list("pk")
    )

    assert by_role.rows(role="office")
    assert by_role.rows(role="office' OR '1'='1") == []
    assert by_role.rows(role="%s") == []


def test_a_slot_without_value_is_said(cast: Cast) -> None:
    with pytest.raises(KeyError, match="today"):
        Prepared(_grants).rows(person=1)


def test_objects_come_with_those_they_lead_to(cast: Cast, count_queries: Any) -> None:
    by_address = PreparedObjects(
        lambda: Account.objects.filter(email=Slot("email", CharField())), "person"
    )
    account = Account.objects.select_related("person").get(person=cast["office"])
    alone = Account.objects.create_user("allein@lotse.example")

    with count_queries() as queries:
        found = by_address.first(email=account.email)
        assert found is not None
        assert found.person == cast["office"]
        assert found.person.account is found
        nobody = by_address.first(email=alone.email)
        assert nobody is not None
        assert getattr(nobody, "person", None) is None
        assert by_address.first(email="niemand@lotse.example") is None
    assert queries.count == 3
    for one, other in ((found, account), (found.person, account.person)):
        for field in type(one)._meta.concrete_fields:
            assert getattr(one, field.attname) == getattr(other, field.attname), field.name
    found.save()
    assert Account.objects.filter(person=cast["office"]).count() == 1
