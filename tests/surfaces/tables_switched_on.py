"""What holds while `LOTSE_ADMIN` is set; see `test_tables.py`."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from lotse.foundation.accounts.models import Account
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Invitation, Person
from lotse.foundation.parties.services import invitations
from lotse.surfaces.tables.shown import SHOWN
from tests import people
from tests.people import Cast

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not settings.ADMIN, reason="the tables are switched off"),
]
HOME = "/betrieb/tabellen/"


@pytest.fixture
def cast() -> Cast:
    return people.cast()


@pytest.fixture
def operator(cast: Cast) -> Client:
    return cast.client("operator")


def addresses(row: Any = None) -> list[str]:
    """Every list, and the page of one person."""
    lists = [reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m in SHOWN]
    one = [reverse("admin:parties_person_change", args=[row.pk])] if row else []
    return [HOME, f"{HOME}parties/", *lists, *one]


def test_installed_without_a_table_of_its_own() -> None:
    assert apps.is_installed("django.contrib.admin")
    assert "django_admin_log" not in connection.introspection.table_names()
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    call_command("check")


def test_deleting_an_account_asks_no_table_that_is_not_there(cast: Cast) -> None:
    account = people.person("Kurz Da").account
    assert account is not None
    account.delete()


@pytest.mark.parametrize("role", [role for role in people.ROLES if role != "operator"])
def test_for_nobody_but_the_operator(cast: Cast, role: str) -> None:
    client = cast.client(role)
    guest = role in ("anonymous", "suspended")
    for address in addresses(cast["member"]):
        page = client.get(address)
        if guest:
            assert page.status_code == 302
            assert page.url.startswith("/konto/anmelden/?next=/betrieb/tabellen/")
        else:
            assert page.status_code == 403, address
        assert client.post(address).status_code == 403


def test_an_operator_without_the_second_factor_sees_nothing(cast: Cast) -> None:
    client = cast.client("operator", strong=False)
    for address in addresses(cast["member"]):
        page = client.get(address)
        assert page.status_code == 302
        assert not page.url.startswith(HOME)


def test_the_operator_reads_everything_that_is_shown(cast: Cast, operator: Client) -> None:
    for address in addresses(cast["member"]):
        page = operator.get(address)
        assert page.status_code == 200, address
        assert "Mats" in page.content.decode() or not address.endswith("/change/")
        assert operator.head(address).status_code == 200


def test_nothing_can_be_changed(cast: Cast, operator: Client) -> None:
    member = cast["member"]
    for address in addresses(member):
        for method in (operator.post, operator.put, operator.patch, operator.delete):
            assert method(address, {"last_name": "X", "_save": "1"}).status_code in (403, 405)
        page = operator.get(address).content.decode()
        assert not re.search(r'type="submit"[^>]*(name="_|value="(Sichern|Save))', page)
        assert not re.search(r"<(input|select|textarea)[^>]* name=\"(?!csrf|q\b)", page), address
    member.refresh_from_db()
    assert member.last_name == "Behrens"
    assert HOME in operator.get("/betrieb/").content.decode(), "the way there"
    for rest in ("add/", f"{member.pk}/delete/", f"{member.pk}/history/", f"{member.pk}/password/"):
        assert operator.get(f"{HOME}parties/person/{rest}").status_code == 404


@pytest.mark.parametrize(
    "rest",
    ["login/", "logout/", "password_change/", "autocomplete/", "r/1/1/", "auth/group/", "mfa/",
     "mfa/authenticator/", "accounts/session/", "accounts/apitoken/", "checks/answer/", "x"],
)  # fmt: skip
def test_what_is_not_shown_is_not_there(operator: Client, rest: str) -> None:
    assert operator.get(HOME + rest).status_code == 404


def test_secrets_do_not_show(cast: Cast, operator: Client) -> None:
    invitation = invitations.invite(
        cast.network, actor=cast.actor("office"), email="neu@beispiel.test", role="auditor",
        reason="Prüfung",
    )  # fmt: skip
    account = Account.objects.get(person=cast["member"])
    for model, row, secret in (
        (Invitation, invitation, invitation.token_hash), (Account, account, account.password),
    ):  # fmt: skip
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for address in (reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])):
            assert secret not in operator.get(address).content.decode()


def test_what_has_had_its_time_is_gone(cast: Cast, operator: Client) -> None:
    from datetime import timedelta

    from lotse.foundation.core import clock
    from lotse.foundation.parties.models import Report

    old, new = (
        Report.objects.create(network=cast.network, text=text, created_at=clock.now() - age)
        for text, age in (("Uralt", timedelta(days=5000)), ("Neu", timedelta(0)))
    )
    found = operator.get(reverse("admin:parties_report_changelist")).content.decode()
    assert f"/{new.pk}/change/" in found
    assert f"/{old.pk}/change/" not in found
    page = operator.get(reverse("admin:parties_report_change", args=[old.pk]))
    assert page.status_code in (302, 404)


@pytest.mark.parametrize(
    "query",
    ["password__startswith=md5", "password=x", "sessions__key_hash__startswith=a", "email=x",
     "_to_field=password", "person__account__password__startswith=m"],
)  # fmt: skip
def test_no_secret_is_guessed_by_the_address(operator: Client, query: str) -> None:
    assert operator.get(f"{HOME}accounts/account/?{query}").status_code == 400


@pytest.mark.parametrize("query", ["o=999", "o=-x.y", "p=9999", "p=x", "e=1", "q=" + "%00" * 3])
def test_odd_addresses_break_nothing(operator: Client, query: str) -> None:
    status = operator.get(f"{HOME}accounts/account/?{query}").status_code
    assert status in (200, 302, 400)


def test_the_search_finds_from_the_beginning(cast: Cast, operator: Client) -> None:
    found = operator.get(f"{HOME}parties/person/?q=behr").content.decode()
    assert "Behrens" in found
    assert "Neumann" not in found


def test_whoever_looks_is_in_the_log(cast: Cast, operator: Client) -> None:
    operator.get(f"{HOME}parties/person/?q=behrens")
    operator.get(reverse("admin:parties_person_change", args=[cast["member"].pk]))
    lines = LogEntry.objects.filter(code="tables.read").order_by("pk")
    listed, row = lines
    assert listed.after == {"table": "parties.person", "row": None}
    assert (row.object_type, row.object_uuid) == ("parties.person", cast["member"].uuid)
    assert {line.actor for line in lines} == {cast.actor("operator").ref}
    assert "behrens" not in str(list(lines.values()))


def test_a_list_costs_the_same_for_many_rows(operator: Client, count_queries: Any) -> None:
    for model in SHOWN:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        with count_queries() as queries:
            assert operator.get(address).status_code == 200
        assert queries.count <= 8, (model, queries.counted)


def test_a_page_of_a_row_costs_little(cast: Cast, operator: Client, count_queries: Any) -> None:
    person = Person.objects.get(pk=cast["member"].pk)
    with count_queries() as queries:
        operator.get(reverse("admin:parties_person_change", args=[person.pk]))
    assert queries.count <= 12


def test_the_pages_keep_to_the_policy(operator: Client, cast: Cast) -> None:
    for address in addresses(cast["member"]):
        page = operator.get(address)
        text = page.content.decode()
        assert "script-src 'self'" in page["Content-Security-Policy"]
        assert page["Cache-Control"] == "no-store"
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text), address


def test_during_support_the_tables_stay_closed(cast: Cast, operator: Client) -> None:
    from datetime import timedelta

    from lotse.foundation.core import clock
    from lotse.foundation.parties import support_view
    from lotse.foundation.parties.models import SupportSession

    running = SupportSession.objects.create(
        operator=cast["operator"], person=cast["office"], reason="Test",
        ends_at=clock.now() + timedelta(minutes=20),
    )  # fmt: skip
    session = operator.session
    session[support_view.NAME] = str(running.uuid)
    session.save()
    assert operator.get("/betrieb/").status_code == 200
    assert operator.get(HOME).status_code == 403
