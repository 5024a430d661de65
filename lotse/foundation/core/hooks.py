"""Hooks: how a room joins pages of others without being imported by them.

A room registers in its `apps.py`; a surface asks all that are registered. Order is the order of
`INSTALLED_APPS`, or by the `order` given.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from lotse.foundation.core.actor import Actor

T = TypeVar("T")


class Hook(Generic[T]):
    """One named place where rooms can join."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._entries: list[tuple[int, T]] = []

    def register(self, entry: T, *, order: int = 100) -> T:
        if all(entry is not known for _, known in self._entries):
            self._entries.append((order, entry))
            self._entries.sort(key=lambda pair: pair[0])
        return entry

    def __iter__(self) -> Iterator[T]:
        return (entry for _, entry in self._entries)


@dataclass(frozen=True)
class Door:
    """A way in on the front page: one of few, each with what happens behind it."""

    title: str
    text: str
    url: str


@dataclass(frozen=True)
class MenuEntry:
    """An entry of the menu; `prefix` marks it as current."""

    title: str
    url: str
    prefix: str


@dataclass(frozen=True)
class SearchKind:
    """A kind of thing the box finds: its key in the index, its name, how to index all anew."""

    key: str
    title: Any
    reindex: Callable[[], int]


Tokens = set[tuple[str, str]]
Tally = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class SearchFacet:
    """A way to narrow hits down. Documents carry (key, value) pairs, values of [a-z0-9_.-].

    `labels(values, lang)` names values in the order of display. `covers(value)` are the pairs any
    of which satisfies the choice of a value, by default the value itself. `tally(counts)` makes
    the counts of the values of this facet out of the counts of all pairs, by default the plain
    ones: it must equal what the choice finds. `settle()` prepares, once for each writing, what
    brings the pairs of one document into the form that `tally` counts on. `above(values)`
    names the value under which each stands in the filter; one it does not name stands alone.
    """

    key: str
    title: Any
    labels: Callable[[Iterable[str], str], dict[str, str]]
    covers: Callable[[str], list[tuple[str, str]]] | None = None
    tally: Callable[[Tally], dict[str, int]] | None = None
    settle: Callable[[], Callable[[Tokens], Tokens]] | None = None
    above: Callable[[Iterable[str]], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Card:
    """One thing on "Heute": `group` is due, waiting, unfinished or next; `url` leads to it."""

    group: str
    title: str
    url: str
    text: str = ""
    due_on: date | None = None
    late: bool = False
    actor_for: str = ""


@dataclass(frozen=True)
class PersonalData:
    """How an app takes part in data protection (GDPR art. 15, 17, 20, 30).

    `export` returns JSON-ready data about the person by their key, `preview` what an erasure would
    remove, pseudonymise or keep (with reason), `erase` does it; the texts fill the register:
    `subjects` are whose data these are, `recipients` who gets them.
    """

    name: str
    title: Any
    purpose: Any
    legal_basis: Any
    retention: Any
    models: tuple[str, ...]
    export: Callable[[int], dict[str, Any]]
    preview: Callable[[int], list[dict[str, Any]]]
    erase: Callable[[int, Actor], dict[str, Any]]
    subjects: Any = ""
    recipients: Any = ""


@dataclass(frozen=True)
class OriginRights:
    """What a room lets people do with measures that come from its things of one type.

    `view` and `edit` build a `Q` over measures; `page` gives the address of a measure in the room
    from the uuids of its origin and of itself.
    """

    type: str
    title: Any
    view: Callable[[Actor], Q]
    edit: Callable[[Actor], Q]
    page: Callable[[UUID, UUID], str]


@dataclass(frozen=True)
class DailyJob:
    """Scheduled work: `hour` is the earliest hour of the day (Europe/Berlin) it runs at."""

    name: str
    title: Any
    run: Callable[[], int]
    hour: int = 3


@dataclass(frozen=True)
class MailKind:
    """A kind of mail by its code: `title` is what people switch off. The text of a `private` kind
    (a code, a link) is emptied as soon as it is sent, as that of all security mail is. With a
    `mail_class` of news or duty everybody chooses about it on the page of the own mails; without
    one only those who got such a mail."""

    code: str
    title: Any
    private: bool = False
    mail_class: str = ""


@dataclass(frozen=True)
class MailSample:
    """How a mail of this code looks: `write` sends one with example data, for a network and a
    language. It is called inside `mail.drafting` only, and must store nothing itself."""

    code: str
    write: Callable[[Any, str], object]


@dataclass(frozen=True)
class Notice:
    """What waits about somebody's account, with a button that ends it; none without a `url`."""

    title: str
    text: str
    button: str = ""
    url: str = ""


@dataclass(frozen=True)
class MailSecret:
    """An address that only the sent mail holds: `resolve` works it out, None where it is gone."""

    name: str
    resolve: Callable[[str], str | None]


@dataclass(frozen=True)
class Finding:
    """One thing `lotse doctor` looked at: `state` is missing, check or ok; `todo` what to do."""

    what: str
    state: str
    todo: str = ""


@dataclass(frozen=True)
class TopicUse:
    """What hangs on topics, by their keys: `count` says how much hangs on one, `move` hangs it on
    another and says how much that was."""

    title: Any
    count: Callable[[int], int]
    move: Callable[[int, int], int]


@dataclass(frozen=True)
class NamedFiles:
    """A column whose values name files: `name` makes the stored name of a value (UUIDs come as 32
    hex digits). A backup holds every file that one of its rows names."""

    table: str
    column: str
    name: Callable[[str], str]


@dataclass(frozen=True)
class RecordCheck:
    """Whether what a record of the chain is about still says the same: `check` gets the uuid of the
    object and the payload, and answers with what is wrong, or nothing."""

    action: str
    check: Callable[[UUID, Mapping[str, Any]], str]


doors: Hook[Callable[[HttpRequest], Door | None]] = Hook("home.door")
menu: Hook[Callable[[HttpRequest], MenuEntry | None]] = Hook("ui.menu")
footer: Hook[Callable[[HttpRequest], MenuEntry | None]] = Hook("ui.footer")
search_kinds: Hook[SearchKind] = Hook("search.kind")
search_concepts: Hook[Callable[[], Iterable[tuple[str, list[str]]]]] = Hook("search.concepts")
search_facets: Hook[SearchFacet] = Hook("search.facet")
demo_loaders: Hook[Callable[[dict[str, Any], Callable[[str], None]], None]] = Hook("demo.loader")
demo_links: Hook[Callable[[Callable[[str], None]], None]] = Hook("demo.links")
demo_removers: Hook[Callable[[Actor], int]] = Hook("demo.remover")
daily_jobs: Hook[DailyJob] = Hook("worker.daily")
mail_kinds: Hook[MailKind] = Hook("mail.kind")
mail_secrets: Hook[MailSecret] = Hook("mail.secret")
letterheads: Hook[Callable[[UUID], Any]] = Hook("mail.letterhead")
mail_samples: Hook[MailSample] = Hook("mail.sample")
mail_closings: Hook[Callable[[UUID, str, str], str]] = Hook("mail.closing")
topic_uses: Hook[TopicUse] = Hook("topics.use")
standing: Hook[Callable[..., Actor]] = Hook("accounts.standing")
cards: Hook[Callable[[Actor], list[Card]]] = Hook("today.card")
# Entries of `core.ical` for the own calendar: by a link that is never strong (today.feeds).
calendar_events: Hook[Callable[[Actor], Iterable[Any]]] = Hook("today.calendar_event")
personal_data: Hook[PersonalData] = Hook("privacy.data")
needs_second_factor: Hook[Callable[[Any], bool]] = Hook("accounts.needs_second_factor")
factor_notices: Hook[Callable[[HttpRequest], Notice | None]] = Hook("accounts.factor_notice")
signed_in: Hook[Callable[[HttpRequest, Actor], None]] = Hook("accounts.signed_in")
origin_rights: Hook[OriginRights] = Hook("measures.origin")
merged: Hook[Callable[[int, int], None]] = Hook("parties.merged")
orphans: Hook[Callable[[int], list[str]]] = Hook("parties.orphans")
handed_over: Hook[Callable[[int, int, int], int]] = Hook("parties.handed_over")
person_changed: Hook[Callable[[int], None]] = Hook("parties.person_changed")
organisation_changed: Hook[Callable[[int, Actor], None]] = Hook("parties.organisation_changed")
after_restore: Hook[Callable[[], int]] = Hook("backup.after_restore")
named_files: Hook[NamedFiles] = Hook("backup.named_files")
action_names: Hook[dict[str, Any]] = Hook("core.action_names")
doctor: Hook[Callable[[], list[Finding]]] = Hook("core.doctor")
record_checks: Hook[RecordCheck] = Hook("core.record_check")
