"""T03: what is refused on one way is refused on all.

An act that can be done in several ways joins T03 by one entry in `ACTS`: its rule, the object, and
every way to do it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from lotse.foundation.core import once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Conflict, NotAllowed
from lotse.foundation.core.permissions import has
from lotse.foundation.parties.services import invitations, roles
from lotse.foundation.parties.services import people as people_services
from lotse.rooms.directory.models import Publication
from lotse.rooms.directory.services import announcing, entries, notes, publishing
from tests.trust import site as sites
from tests.trust.reach.kinds import ROLES

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Act:
    """Something a right allows, and all the ways to do it: each says whether it happened."""

    code: str
    on: Callable[[sites.Site], Any]
    ways: dict[str, Callable[[sites.Site, str, Any], bool]]


def _posted(name: str, /, **data: Any) -> Callable[[sites.Site, str, Any], bool]:
    def way(site: sites.Site, role: str, client: Any) -> bool:
        values = {key: value(site) if callable(value) else value for key, value in data.items()}
        response = client.post(site.url(name), {"_key": once.new_key(), **values})
        return bool(response.status_code == 302 and "/konto/" not in response.url)

    return way


def _api(method: str, path: Callable[[sites.Site], str], data: Any) -> Any:
    def way(site: sites.Site, role: str, client: Any) -> bool:
        response = getattr(client, method)(
            "/api/v1/" + path(site), data(site), content_type="application/json",
            headers={"if-match": "*"},
        )  # fmt: skip
        assert response.status_code in (200, 201, 401, 403, 404), response.content
        return bool(response.status_code < 300)

    return way


def _service(act: Callable[[sites.Site, Actor], Any]) -> Any:
    def way(site: sites.Site, role: str, client: Any) -> bool:
        try:
            act(site, site.cast.actor(role))
        except (NotAllowed, Conflict):
            return False
        return True

    return way


def _published(name: str, /, **data: Any) -> Callable[[sites.Site, str, Any], bool]:
    """Whether something was let through, whatever the page said."""
    post = _posted(name, **data)

    def way(site: sites.Site, role: str, client: Any) -> bool:
        before = Publication.objects.count()
        post(site, role, client)
        return Publication.objects.count() > before

    return way


_ENTRY = {"name": "Neu", "kind": "nonprofit", "version": lambda site: str(site.entry.version)}
_MEASURE = {"title": "Neu", "urgency": "2", "status": "open",
            "version": lambda site: str(site.measure.version)}  # fmt: skip
ACTS = {
    "new measure": Act("checks.assessment.edit", lambda site: site.assessment, {
        "page": _posted("checks:measure-new", title="Neu", urgency="2"),
        "API": _api("post", lambda site: "measures",
                    lambda site: {"assessment": str(site.assessment.uuid), "title": "Neu"}),
    }),
    "change a measure": Act("checks.assessment.edit", lambda site: site.assessment, {
        "page": _posted("checks:measure", **_MEASURE),
        "API": _api("patch", lambda site: f"measures/{site.measure.uuid}",
                    lambda site: {"title": "Neu"}),
    }),
    "report on a measure": Act("measures.measure.edit", lambda site: site.measure, {
        "page": _posted("today:measure", status="running",
                        version=lambda site: str(site.measure.version)),
        "API": _api("patch", lambda site: f"measures/{site.measure.uuid}",
                    lambda site: {"status": "running"}),
    }),
    "bring somebody into an organisation": Act(
        "parties.organisation.edit", lambda site: site.cast.org_a, {
        "seat": _service(lambda site, actor: people_services.add_seat(
            site.cast["registered"], site.cast.org_a, actor=actor, may_edit=True)),
        "invitation": _service(lambda site, actor: invitations.invite(
            site.network, actor=actor, email="neu@beispiel.test",
            organisation=site.cast.org_a, may_edit=True)),
    }),
    "give a role": Act("parties.role.grant", lambda site: site.network, {
        "grant": _service(lambda site, actor: roles.grant_role(
            site.cast["registered"], "adviser", actor=actor, network=site.network, reason="G")),
        "invitation": _service(lambda site, actor: invitations.invite(
            site.network, actor=actor, email="neu@beispiel.test", role="adviser", reason="G")),
        "invitation to a seat": _service(lambda site, actor: invitations.invite(
            site.network, actor=actor, email="neu@beispiel.test", role="adviser", reason="G",
            organisation=site.cast.org_a)),
    }),
    "change an organisation": Act("parties.organisation.edit", lambda site: site.cast.org_a, {
        "service": _service(lambda site, actor: people_services.change_organisation(
            site.cast.org_a, actor=actor, expected=site.cast.org_a.version, city="Ort")),
    }),
    "write an entry": Act("directory.entry.edit", lambda site: site.entry, {
        "page": _posted("directory:edit", go="save", **_ENTRY),
        "service": _service(lambda site, actor: entries.save(
            site.entry, actor=actor, expected=site.entry.version,
            content={"name": "Neu", "kind": "nonprofit"})),
        "old revision": _posted("directory:restore", version=_ENTRY["version"]),
        "new service": _posted("directory:service-new", go="save", name="Neu", version="0"),
        "new service by service": _service(lambda site, actor: entries.create_service(
            site.cast.org_a, actor=actor, content={"name": "Neu"})),
    }),
    "let an entry through": Act("directory.entry.publish", lambda site: site.entry, {
        "state": _published("directory:publish", channel="brochure", version=_ENTRY["version"],
                            revision=lambda site: str(site.entry.latest.uuid)),
        "form": _published("directory:edit", go="publish", channels="brochure", **_ENTRY),
        "service": _service(lambda site, actor: publishing.publish(
            site.entry, actor=actor, channels=["brochure"], expected=site.entry.version)),
        "withdraw": _service(lambda site, actor: publishing.unpublish(
            site.entry, actor=actor, channel="web", expected=site.entry.version)),
        "withdraw by page": _posted("directory:unpublish", channel="web",
                                    version=_ENTRY["version"]),
    }),
    "look after an entry": Act("directory.entry.manage", lambda site: site.entry, {
        "announce": _posted("desk:entry-announce", channels="brochure", days="28"),
        "announce by service": _service(lambda site, actor: announcing.announce(
            site.entry, actor=actor, channels=["brochure"])),
        "note": _service(lambda site, actor: notes.add_note(site.entry, actor=actor, words="N")),
        "mark": _service(lambda site, actor: entries.set_flags(
            site.entry, actor=actor, expected=site.entry.version, is_pilot=True,
            is_lighthouse=False)),
        "archive": _service(lambda site, actor: entries.archive(
            site.entry, actor=actor, expected=site.entry.version)),
    }),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS.values(), ids=list(ACTS))
def test_all_ways_agree(site: sites.Site, browser: Any, act: Act) -> None:
    outcomes = set()
    for role in ROLES:
        allowed = has(act.code, site.cast.actor(role), act.on(site))
        outcomes.add(allowed)
        client = browser(role)
        for name, way in act.ways.items():
            untouched = transaction.savepoint()
            assert way(site, role, client) is allowed, (role, name)
            transaction.savepoint_rollback(untouched)
            site.measure.refresh_from_db()
            site.cast.org_a.refresh_from_db()
            site.entry.refresh_from_db()
    assert outcomes == {True, False}
