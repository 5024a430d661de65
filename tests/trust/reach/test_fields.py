"""T04: fields nobody offered change nothing."""

from typing import Any

import pytest
from django.db import transaction

from lotse.foundation.accounts.models import Account, ApiToken
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Affiliation, Network, Organisation, Person, RoleGrant
from lotse.rooms.checks.models import Assessment
from tests.trust import site as sites

pytestmark = pytest.mark.django_db
FORBIDDEN = {
    "is_operator": "1", "is_staff": "1", "is_superuser": "1", "is_active": "1", "role": "operator",
    "roles": "office", "network": "2", "network_id": "2", "organisation_id": "2", "owner": "1",
    "owner_id": "1", "person": "1", "person_id": "1", "account": "1", "account_id": "1",
    "uuid": "00000000-0000-4000-8000-000000000000", "id": "1", "pk": "1", "version": "999",
    "may_edit": "on", "may_publish": "on", "may_represent": "on", "is_default": "1",
    "may_register": "1", "mfa_roles": "[]", "granted_by": "command", "origin_uuid": "x",
    "expires_at": "2099-01-01", "strong": "1", "scopes": "measures:write", "erased_at": "",
}  # fmt: skip


def privileges() -> dict[str, list[Any]]:
    """Everything that makes somebody allowed to do something, and what tells things apart."""
    return {
        "roles": list(RoleGrant.objects.order_by("pk").values_list("person", "role", "network")),
        "seats": list(
            Affiliation.objects.order_by("pk").values_list(
                "person", "organisation", "may_edit", "may_publish", "may_represent", "ends_on"
            )
        ),
        "accounts": list(Account.objects.order_by("pk").values_list("uuid", "email", "is_active")),
        "people": list(Person.objects.order_by("pk").values_list("uuid", "account", "home")),
        "organisations": list(Organisation.objects.order_by("pk").values_list("uuid", "network")),
        "networks": list(
            Network.objects.order_by("pk").values_list(
                "uuid", "is_default", "may_register", "mfa_roles"
            )
        ),
        "assessments": list(
            Assessment.objects.order_by("pk").values_list("uuid", "owner", "series")[:2]
        ),
        "measures": list(
            Measure.objects.order_by("pk").values_list("uuid", "origin_uuid", "network")[:1]
        ),
        "tokens": list(ApiToken.objects.order_by("pk").values_list("scopes", "strong")),
    }


# Where such a field is the very purpose of the form, or the person ends what is their own.
PURPOSE = {"checks:delete", "checks:measure-delete", "accounts:tokens", "account_signup",
           "today:calendar"}  # fmt: skip


@pytest.mark.parametrize("role", ["anonymous", "registered", "member", "editor_a", "auditor"])
def test_fields_nobody_offered_change_nothing(site: sites.Site, browser: Any, role: str) -> None:
    client = browser(role)
    before = privileges()
    sent = {**FORBIDDEN, "_key": "f" * 20, "title": "X", "scope": "team", "last_name": "X"}
    for name in sites.all_names():
        if name in PURPOSE:
            continue
        untouched = transaction.savepoint()
        response = client.post(site.url(name), sent)
        assert response.status_code < 500, name
        after = privileges()
        assert after == before, (name, [key for key in before if before[key] != after[key]])
        transaction.savepoint_rollback(untouched)
