"""Every URL x role x method against a reviewed table (T01); GETs change nothing (T15).

How a new URL joins is said at the top of `harness.py`.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings

from lotse.foundation.core import clock
from lotse.foundation.procedures.models import Objection, ObjectionPeriod
from lotse.rooms.bodies.models import Charter
from tests import grounds, make, people
from tests.trust import harness
from tests.trust import site as sites

pytestmark = pytest.mark.no_cover  # every line runs here, as in test_nasty.py

# Rights are the same on both databases; on the second one a few roles show that they hold there.
_FEW = ("anonymous", "member", "office", "minute_taker")
ON_SERVER = bool(os.environ.get("LOTSE_TEST_DATABASE_URL"))
ROLES = _FEW if ON_SERVER else harness.ROLES
# What reading may touch: sessions and counters, the note when a token was last used.
TOUCHED = ("accounts_session", "accounts_knowndevice", "accounts_apitoken", "core_limitcounter")


@pytest.fixture(scope="class")
def walk(
    django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[harness.Walk]:
    """The site, prepared once for all roles."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock():
        grounds.put_away()
    with django_db_blocker.unblock(), media, transaction.atomic():
        yield harness.Walk(sites.build())
        transaction.set_rollback(True)


def test_every_url_has_a_row_and_every_row_a_url() -> None:
    assert sorted(harness.table()) == sorted(sites.all_names())


def test_the_table_knows_every_role() -> None:
    for name, row in harness.table().items():
        assert tuple(row) == harness.COLUMNS, name
        assert not [cell for cell in row.values() if "5" in (cell[:1], *_hundreds(cell))], name


def _hundreds(cell: str) -> list[str]:
    return [status[:1] for status in cell.split("/") if status.isdigit()]


class TestEveryUrl:
    """One prepared site for all roles, gone with the class."""

    @pytest.mark.django_db
    @pytest.mark.parametrize("role", ROLES)
    def test_status_of_every_url(self, walk: harness.Walk, role: str) -> None:
        """The table holds GET, POST and where there is one PATCH per role; others are refused."""
        wrong = []
        for name, row in harness.table().items():
            url = walk.site.url(name)
            found = walk.cell(role, name, url)
            if found != row[role]:
                wrong.append(f"{role} {name}: {found}, not {row[role]}")
            wrong += walk.others(role, name, url)
        assert wrong == []


def fingerprint() -> str:
    """A hash over all tables but those reading may touch."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.table_names(cursor)):
            if name not in TOUCHED:
                cursor.execute(f'SELECT * FROM "{name}"')
                for row in sorted(str(row) for row in cursor.fetchall()):
                    digest.update(row.encode())
    return digest.hexdigest()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["office"] if ON_SERVER else ["editor", "editor_a", "operator"])
def test_reading_changes_nothing(site: sites.Site, browser: Any, role: str) -> None:
    client = browser(role)
    wrong = []
    before = fingerprint()
    for name in sites.all_names():
        make.body(client.get(site.url(name)))
        after = fingerprint()
        if after != before:
            wrong.append(name)
        before = after
    assert wrong == []


@pytest.mark.django_db
def test_reading_after_a_deadline_changes_nothing(site: sites.Site, browser: Any) -> None:
    """What the clock has brought about is written by its job, not by who reads next."""
    Charter.objects.update(silence_basis="Geschäftsordnung § 7")
    ended = clock.now() - timedelta(minutes=5)
    ObjectionPeriod.objects.update(
        opens_at=ended - timedelta(days=14), closes_at=ended, legal_basis="Geschäftsordnung § 7"
    )
    Objection.objects.update(state=Objection.State.DECLINED, answered_at=ended)
    client = browser("minute_taker")
    assert "wird eingetragen" in client.get(site.url("bodies:minutes")).content.decode()
    before = fingerprint()
    for name in sites.all_names():
        if name.startswith("bodies:"):
            make.body(client.get(site.url(name)))
    assert fingerprint() == before


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["editor", "office"])
def test_forms_need_their_token(
    site: sites.Site, browser: Any, client_class: Any, role: str
) -> None:
    client = browser(role, enforce_csrf_checks=True)
    before = fingerprint()
    for name, row in harness.table().items():
        if row[role].split("/")[1] in ("405", "404") or name.startswith("api:"):
            continue
        response = client.post(site.url(name), {"_key": "k" * 20})
        assert response.status_code == 403, name
        assert "zu lange offen" in response.content.decode(), name
    assert fingerprint() == before


@pytest.mark.django_db
def test_the_api_takes_no_cookie(site: sites.Site) -> None:
    """No page of another site can call the API in somebody's name (T15)."""
    client = people.sign_in(site_client(), site.cast["office"])
    for name in ("api:organisations", "api:measures", "api:organisation", "api:measure"):
        assert client.get(site.url(name)).status_code == 401, name
    response = client.post(site.url("api:measures"), "{}", content_type="application/json")
    assert response.status_code == 401


def site_client() -> Any:
    from django.test import Client

    return Client(enforce_csrf_checks=True)
