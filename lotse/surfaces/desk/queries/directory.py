"""Named reads of the desk about Steckbriefe: which ones, in what state, what they lack."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Consent, Network, Person
from lotse.foundation.parties.privacy.retention import alive
from lotse.rooms.directory.content import freshness
from lotse.rooms.directory.content.cleaning import missing_fields
from lotse.rooms.directory.content.fields import Field
from lotse.rooms.directory.models import (
    Announcement,
    Application,
    Channel,
    Entry,
    Template,
)
from lotse.rooms.directory.permissions import let_through
from lotse.rooms.directory.queries import own
from lotse.rooms.directory.queries.templates import adopted_templates, required_keys
from lotse.surfaces.desk.queries import needs

ARCHIVED, INCOMPLETE = "archiviert", "unvollstaendig"


def entries_of(network: Network, actor: Actor, *, archived: bool = False) -> QuerySet[Entry]:
    """Entries of the network that the actor may read at the desk, by the name of whose they are."""
    rows = Entry.objects.filter(network=network, archived_at__isnull=not archived)
    return (
        visible("directory.entry.view", actor, rows)
        .select_related("organisation", "person", "latest")
        .order_by(InOrder(Coalesce("organisation__name", "person__last_name")), "kind", "pk")
    )


def named(rows: QuerySet[Entry], words: str) -> QuerySet[Entry]:
    """Entries in whose name, or that of their organisation, every word is found."""
    for word in words.split()[:6]:
        rows = rows.filter(
            Q(latest__content__name__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(person__last_name__icontains=word)
            | Q(person__first_name__icontains=word)
        )
    return rows


def incomplete(network: Network) -> Q:
    """Entries that lack what the template of their kind needs. One query for the templates."""
    templates = adopted_templates(network)
    found = Q(latest=None)
    for kind in Entry.Kind.values:
        needed = required_keys(kind, templates.get(kind))
        if needed:
            # What is empty is not stored, so a key that is there is a value.
            found |= Q(kind=kind) & ~Q(latest__content__has_keys=needed)
    return found


def in_state(rows: QuerySet[Entry], state: str, network: Network) -> QuerySet[Entry]:
    """Entries in a state of the list; unknown ones narrow nothing. One query for what the
    templates need, where that is asked."""
    wanted = incomplete(network) if state == INCOMPLETE else needs.state_q(state)
    return rows if wanted is None else rows.filter(wanted)


def numbers_of(network: Network, actor: Actor, states: Iterable[str]) -> dict[str, int]:
    """State -> how many entries of the list are in it; of incomplete ones not, which would need
    another query on every page. One query."""
    wanted = {state: held for state in states if (held := needs.state_q(state)) is not None}
    counting = {state: Count("pk", filter=Q(archived_at=None) & held)
                for state, held in wanted.items()}  # fmt: skip
    counting[ARCHIVED] = Count("pk", filter=Q(archived_at__isnull=False))
    rows = visible("directory.entry.view", actor, Entry.objects.filter(network=network))
    return rows.order_by().aggregate(**counting)


@dataclass(frozen=True)
class Marks:
    """What is known of one entry besides its own row."""

    seen: tuple[str, ...] = ()
    is_published: bool = False
    is_announced: bool = False
    is_consented: bool = False
    is_objected: bool = False
    template: Template | None = None


def marked(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """The rows with all that `marks_in` needs, in their own query."""
    now = clock.now()
    objected = needs.objections(now).filter(entry=OuterRef("pk"))
    rules = Template.objects.filter(
        network=OuterRef("network"), kind=OuterRef("kind"), state=Template.State.ADOPTED
    ).order_by("-number")
    seen = {f"on_{channel}": Case(When(let_through(channel), then=Value(True)),
                                  default=Value(False)) for channel in Channel}  # fmt: skip
    return rows.annotate(
        published=Exists(needs.held(now)), announced=Exists(needs.running(now)),
        consented=_consented(), objected=Exists(objected),
        rules=Subquery(rules.values("fields")[:1]), **seen,
    )  # fmt: skip


def _consented() -> Exists:
    """Whether the person agrees to be shown anywhere at all."""
    return Exists(Consent.objects.filter(
        Q(network=None) | Q(network=OuterRef("network")), person=OuterRef("person"),
        purpose=own.CONSENTED, channel__in=Channel.values, withdrawn_at=None,
    ))  # fmt: skip


def marks_in(row: Any) -> Marks:
    """The marks of an entry that is `marked`. No query."""
    # Without a row of its own a template is what the list of fields says.
    template = Template(fields=row.rules) if row.rules else None
    seen = tuple(str(channel.label) for channel in Channel if getattr(row, f"on_{channel}"))
    return Marks(seen, row.published, row.announced, row.consented, row.objected, template)


def missing_of(entry: Entry, marks: Marks) -> list[Field]:
    """What an entry lacks until it is complete. No query."""
    content = entry.latest.content if entry.latest else {}
    return missing_fields(entry.kind, content, marks.template)


def state_words(entry: Entry, marks: Marks) -> tuple[str, str]:
    """(words, tone): the most urgent thing about one entry. No query."""
    if entry.archived_at is not None:
        return _("archiviert"), "muted"
    if marks.is_announced:
        return _("angekündigt"), ""
    if marks.is_objected:
        return _("widersprochen"), "warn"
    if entry.person is not None and not marks.is_consented:
        return _("wartet auf Einwilligung"), "warn"
    if not marks.is_published:
        return _("nicht veröffentlicht"), "warn"
    if not marks.seen:
        return _("zurzeit nicht zu sehen"), "warn"
    fresh = freshness.freshness_of(entry, clock.now())
    if fresh != freshness.FRESH:
        return str(freshness.LABELS[fresh]), "warn"
    if missing_of(entry, marks):
        return _("unvollständig"), "warn"
    return _("in Ordnung"), ""


def people_without_entry(people: QuerySet[Person], network: Network) -> QuerySet[Person]:
    """Those of the people who have no entry in the network."""
    have = Entry.objects.filter(person=OuterRef("pk"), network=network)
    return people.exclude(Exists(have))


def last_announcement(entry: Entry) -> Announcement | None:
    """The newest announcement of an entry, however it ended. One query."""
    return (
        entry.announcements.select_related("revision")
        .defer("revision__content")
        .order_by("-created_at", "-pk")
        .first()
    )


def applications_of(network: Network, actor: Actor) -> QuerySet[Application]:
    """Applications the actor handles, open ones first, then the newest."""
    found = visible(
        "directory.application.manage", actor, Application.objects.filter(network=network)
    )
    return alive(found, network).order_by("-created_at", "-pk")
