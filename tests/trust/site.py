"""Every address of the site with one prepared object behind each, for tests that walk them all.

A new URL with arguments needs one line: in `VALUES` for an argument name that always means the same
thing, in `SPECIAL` for a URL (or all of a namespace, as `desk:`) where it means another. What is
behind them is prepared in `build`, with the cast of `tests/people.py` in `site.cast`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND, READ
from lotse.foundation.core.models import OutboxMail, TrashItem
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents.models import Document
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Erasure,
    FactorReset,
    Invitation,
    Report,
    RoleGrant,
)
from lotse.foundation.parties.privacy import erasure
from lotse.foundation.parties.services import factor_resets, invitations, roles
from lotse.foundation.parties.services import networks as parties
from lotse.foundation.topics.models import Topic
from lotse.rooms.checks.models import Answer, Assessment, Check, Share
from lotse.rooms.checks.services import assessments, sharing
from lotse.rooms.directory.models import (
    Announcement,
    Application,
    Entry,
    Letter,
    OfficeNote,
    Picture,
    SavedSearch,
    Template,
)
from lotse.rooms.directory.services import announcing, notes, templates
from tests import make, people
from tests.trust import site_bodies


@dataclass(frozen=True)
class Site:
    """The prepared objects."""

    check: Check
    assessment: Assessment
    earlier: Assessment
    measure: Measure
    document: Document
    network: Any
    cast: people.Cast
    share: Share
    erasure: Erasure
    entry: Entry
    announced: Entry

    def url(self, name: str) -> str:
        """The address of a named page."""
        return reverse(name, kwargs=self.arguments(name))

    def arguments(self, name: str) -> dict[str, Any]:
        """Arguments of a named pattern; one without a line in `VALUES` fails."""
        space = name.partition(":")[0] + ":"
        values = {**VALUES, **SPECIAL.get(space, {}), **SPECIAL.get(name, {})}
        return {key: values[key](self) for key in all_names()[name]}


def first(model: Any, **wanted: Any) -> Callable[[Site], Any]:
    """The uuid of the first such object, or of none where the site has none."""

    def uuid(site: Site) -> Any:
        found = model.objects.filter(**wanted).order_by("pk").values_list("uuid", flat=True)
        return next(iter(found), UUID("00000000-0000-4000-8000-000000000000"))

    return uuid


VALUES: dict[str, Callable[[Site], Any]] = {
    "token": lambda site: "x" * 43,
    "number": lambda site: 1,
    "measure": lambda site: site.measure.uuid,
    "document": lambda site: site.document.uuid,
    "other": lambda site: site.earlier.uuid,
    "uuid": lambda site: site.assessment.uuid,
    "share": lambda site: site.share.uuid,
    "person": lambda site: site.cast["member"].uuid,
    "organisation": lambda site: site.cast.org_a.uuid,
    "rest": lambda site: "gibt/es/nicht",
    "key": lambda site: "x" * 20,
    "uidb36": lambda site: "1",
    "pk": lambda site: 1,
    "code": lambda site: "parties.report",
    "lang": lambda site: "de",
}
SPECIAL: dict[str, dict[str, Callable[[Site], Any]]] = {
    "checks:check": {"uuid": lambda site: site.check.uuid},
    "checks:paper-form": {"uuid": lambda site: site.check.uuid},
    "parties:": {"uuid": lambda site: site.network.uuid},
    "privacy:person": {"uuid": lambda site: site.cast["member"].uuid},
    "privacy:erasure": {"uuid": lambda site: site.erasure.uuid},
    "today:": {"uuid": lambda site: site.measure.uuid},
    "desk:": {"uuid": lambda site: site.cast["member"].uuid},
    "desk:page": {"kind": lambda site: "imprint", "lang": lambda site: "de"},
    "desk:organisation": {"uuid": lambda site: site.cast.org_a.uuid},
    "desk:organisation-edit": {"uuid": lambda site: site.cast.org_a.uuid},
    "desk:seat-new": {"uuid": lambda site: site.cast.org_a.uuid},
    "desk:seat": {"uuid": first(Affiliation)},
    "desk:seat-end": {"uuid": first(Affiliation)},
    "desk:absence-end": {"uuid": first(Absence)},
    "desk:factor-reset": {"uuid": first(FactorReset)},
    "desk:factor-reset-confirm": {"uuid": first(FactorReset)},
    "desk:factor-reset-withdraw": {"uuid": first(FactorReset)},
    "desk:invitation": {"uuid": first(Invitation)},
    "desk:invitation-again": {"uuid": first(Invitation)},
    "desk:invitation-revoke": {"uuid": first(Invitation)},
    "desk:grant-end": {"uuid": first(RoleGrant, role="adviser")},
    "desk:check": {"uuid": lambda site: site.check.uuid},
    "desk:check-publish": {"uuid": lambda site: site.check.uuid},
    "desk:check-withdraw": {"uuid": lambda site: site.check.uuid},
    "desk:topic": {"uuid": first(Topic)},
    "desk:topic-edit": {"uuid": first(Topic)},
    "desk:topic-retire": {"uuid": first(Topic)},
    "desk:topic-back": {"uuid": first(Topic)},
    "desk:hosts-edit": {"uuid": lambda site: site.network.uuid},
    "desk:mail": {"uuid": first(OutboxMail)},
    "desk:mail-again": {"uuid": first(OutboxMail)},
    "desk:task": {"task": lambda site: UUID("00000000-0000-4000-8000-000000000000")},
    "desk:basket-item": {"uuid": first(TrashItem)},
    "desk:report": {"uuid": first(Report)},
    "api:network": {"uuid": lambda site: site.network.uuid},
    "api:organisation": {"uuid": lambda site: site.cast.org_a.uuid},
    "api:check": {"uuid": lambda site: site.check.uuid},
    "api:check-content": {"uuid": lambda site: site.check.uuid},
    "api:measure": {"uuid": lambda site: site.measure.uuid},
    # Of organisation A, public; the draft of B is announced; the person's is the member's.
    "api:entry": {"uuid": lambda site: site.entry.uuid},
    "directory:": {"uuid": lambda site: site.entry.uuid},
    "directory:announcement": {"uuid": lambda site: site.announced.uuid},
    "directory:own-organisation-new": {"uuid": lambda site: site.cast.org_a.uuid},
    "directory:message": {"uuid": first(Entry, kind="person")},
    "directory:consent": {"uuid": first(Entry, kind="person")},
    "directory:withdraw-all": {"uuid": first(Entry, kind="person")},
    "directory:archive": {"uuid": first(Entry, kind="service")},
    "directory:picture": {"uuid": first(Picture)},
    "directory:letter": {"uuid": first(Letter)},
    "directory:letter-change": {"uuid": first(Letter)},
    "directory:search": {"uuid": first(SavedSearch)},
    "directory:search-delete": {"uuid": first(SavedSearch)},
    "directory:template": {"uuid": first(Template, state="consultation")},
    "desk:entry": {"uuid": lambda site: site.entry.uuid},
    "desk:entry-announce": {"uuid": lambda site: site.entry.uuid},
    "desk:entry-flags": {"uuid": lambda site: site.entry.uuid},
    "desk:entry-archive": {"uuid": lambda site: site.entry.uuid},
    "desk:entry-back": {"uuid": first(Entry, kind="service")},
    "desk:entry-note": {"uuid": lambda site: site.entry.uuid},
    "desk:entry-note-delete": {"uuid": first(OfficeNote)},
    "desk:announcement": {"uuid": first(Announcement)},
    "desk:announcement-withdraw": {"uuid": first(Announcement)},
    "desk:application": {"uuid": first(Application)},
    "desk:application-check": {"uuid": first(Application)},
    "desk:application-accept": {"uuid": first(Application)},
    "desk:application-decline": {"uuid": first(Application)},
    "desk:application-withdraw": {"uuid": first(Application)},
    "desk:template": {"uuid": first(Template, state="consultation")},
    "desk:template-edit": {"uuid": first(Template, state="draft")},
    "desk:template-send": {"uuid": first(Template, state="draft")},
    "desk:template-back": {"uuid": first(Template, state="consultation")},
    "desk:template-adopt": {"uuid": first(Template, state="consultation")},
    **site_bodies.SPECIAL,
}


@cache
def all_names() -> dict[str, list[str]]:
    """name -> arguments of every URL pattern of the product."""
    found: dict[str, list[str]] = {}

    def walk(patterns: Any, namespace: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = pattern.namespace
                walk(pattern.url_patterns, f"{inner}:" if inner else namespace)
            elif isinstance(pattern, URLPattern):
                assert pattern.name, f"{pattern.pattern} has no name"
                found[namespace + pattern.name] = list(pattern.pattern.converters)

    walk(get_resolver().url_patterns, "")
    return found


def build() -> Site:
    """A network with the cast, one check, two rounds, a measure and a file.

    The rounds belong to organisation A (so `editor_a` edits them) and are shared with the adviser
    to read; `member` takes care of the measure.
    """
    network = make.network(accent="#2044aa")
    cast = people.cast(network)
    parties.set_logo(network, actor=COMMAND, content=b"\x89PNG\r\n\x1a\n" + b"\0" * 9)
    check = make.check()
    Topic.objects.create(code="ausbildung", name={"de": "Ausbildung", "en": "Apprenticeships"})
    earlier = make.assessment(check)
    assessment = assessments.start_next_round(earlier, actor=COMMAND, key="n" * 20)
    for point in ("nutzen", "planen"):
        Answer.objects.create(assessment=assessment, checkpoint=point, level="urgent")
    sharing.give_to_organisation(assessment, cast.org_a, actor=COMMAND, expected=assessment.version)
    earlier.refresh_from_db()
    share = sharing.share(assessment, cast["adviser"], READ, actor=COMMAND, key="s" * 20)
    measure = measures.create_measure(
        actor=COMMAND, origin=Ref.to(assessment), title="Ein Blatt schreiben", part="planen",
        person_id=cast["member"].pk, due_on=clock.today(),
    )  # fmt: skip
    invitations.invite(
        network, actor=COMMAND, email="neu@beispiel.test", organisation=cast.org_a, may_edit=True
    )
    roles.set_absence(
        cast["former"], cast["adviser"], actor=COMMAND,
        starts_on=clock.today(), ends_on=clock.today(),
    )  # fmt: skip
    parties.report_barrier(
        network, actor=COMMAND, key="r" * 20, page="/", body="Ich finde den Knopf nicht.",
        reply_to="",
    )  # fmt: skip
    document = Document.objects.create(
        owner_type=Ref.to(measure).type, owner_uuid=measure.uuid, subject_uuid=assessment.uuid,
        title="Nachweis.pdf", media_type="application/pdf", size=9, sha256="0" * 64,
    )  # fmt: skip
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    default_storage.save(document.stored_name, ContentFile(b"%PDF-1.7\n"))
    asked = erasure.ask(cast["former"], actor=cast.actor("former"), network=network)
    factor_resets.ask(cast["adviser"], actor=COMMAND, network=network, reason="Telefon verloren",
                      identity="war persönlich da")  # fmt: skip
    entry, announced = _directory(network, cast)
    site_bodies.build(cast)
    return Site(check, assessment, earlier, measure, document, network, cast, share, asked, entry,
                announced)  # fmt: skip


def _directory(network: Any, cast: people.Cast) -> tuple[Entry, Entry]:
    """Entries in three states, and what hangs on them: a picture, a note, a letter, templates, an
    application, a kept search."""
    where = {"topics": ["ausbildung"], "regions": []}
    entry = make.entry(cast.org_a, channels=("web", "members"), **where)
    make.entry(cast.org_a, service=True, topics=["ausbildung"])
    make.entry(cast["member"], channels=("web", "members"), topics=["ausbildung"])
    draft = make.entry(cast.org_b, **where)
    announcing.announce(draft, actor=COMMAND, channels=["web"], days=28)
    Picture.objects.create(entry=entry, content=b"\x89PNG\r\n", media_type="image/png", width=1,
                           height=1)  # fmt: skip
    notes.add_note(entry, actor=COMMAND, words="Ruft gern vormittags an.")
    sent = templates.draft_template(network, actor=COMMAND, kind="organisation")
    templates.send_template(sent, actor=COMMAND, expected=sent.version)
    templates.draft_template(network, actor=COMMAND, kind="person")
    Application.objects.create(
        network=network, name="Kulturhaus Beispiel", kind="nonprofit", last_name="Neu",
        email="neu@kulturhaus.example", offers="Ein Saal.",
    )  # fmt: skip
    SavedSearch.objects.create(
        network=network, person=cast["member"], name="Ausbildung", question="Ausbildung"
    )
    return entry, draft


def with_patch() -> frozenset[str]:
    """Names of URLs that take PATCH: those of the API that say so."""
    return frozenset({"api:measure"})
