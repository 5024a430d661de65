"""Saved searches: kept by a person, looked at once a day as that person would (issue "Search").

The first look is silent, and only hits with all words count: a search that widens itself would
tell of what nobody asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, search, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network, Person
from lotse.foundation.parties.standing import stand
from lotse.foundation.parties.viewing import viewer_of
from lotse.foundation.ui.finding import KIND, QUESTION_LENGTH
from lotse.rooms.directory import mails_searches
from lotse.rooms.directory.models import SavedSearch

KINDS = ("organisation", "person", "service")
MOST_SEARCHES = 20
# Beyond this a search is no watch on something but the whole directory: it is kept, without mails.
MOST_HITS = 1000
NAME_LENGTH = 120


@dataclass(frozen=True)
class Looked:
    """What a saved search finds now."""

    hits: Sequence[search.Hit]
    is_too_wide: bool = False

    @property
    def refs(self) -> list[str]:
        return list(dict.fromkeys(hit.ref.hex for hit in self.hits))


def watcher_of(actor: Actor, network: Network) -> search.Viewer:
    """What the person is told of: what readers see, no drafts, whoever looks after them."""
    seen = viewer_of(actor, network).networks
    return search.Viewer(
        {one: search.WEB if bits == search.WEB else search.MEMBERS for one, bits in seen.items()}
    )


def look(saved: SavedSearch, viewer: search.Viewer, *, lang: str) -> Looked:
    """All that somebody sees of it now. The queries of `search.find`."""
    chosen = dict(saved.chosen)
    kinds = [one for one in chosen.pop(KIND, ()) if one in KINDS] or KINDS
    found = search.find(
        saved.question, lang=lang, viewer=viewer, kinds=kinds, chosen=chosen,
        per_page=MOST_HITS, order="name",
    )  # fmt: skip
    if found.capped or found.total > MOST_HITS:
        return Looked((), is_too_wide=True)
    return Looked([hit for hit in found.hits if not hit.missing])


@transaction.atomic
def save_search(
    network: Network,
    *,
    actor: Actor,
    name: str,
    question: str,
    chosen: Mapping[str, Sequence[str]],
    lang: str = "de",
    key: str = "",
) -> SavedSearch:
    """Keeps a search for the person who acts; the same one again gives the first.

    Mails are on where it is narrow enough. Raises NotAllowed for a visitor, Refused for more than
    20.
    """
    if actor.person is None:
        raise NotAllowed("directory.search.own")
    claim = once.claim(key or once.new_key(), scope=f"directory.search:{actor.person_uuid}")
    own = SavedSearch.objects.select_for_update().filter(person=actor.person)
    asked = text.clean_line(question)[:QUESTION_LENGTH]
    picked = {str(one): sorted(values) for one, values in chosen.items() if values}
    rows = list(own.select_related("network"))
    for one in rows:
        if one.network == network and (one.question, one.chosen) == (asked, picked):
            return one
    if claim.repeated:
        raise Refused(_("Diese Suche wurde inzwischen gelöscht."))
    if len(rows) >= MOST_SEARCHES:
        raise Refused(_("Sie haben schon %(n)s Suchen gespeichert. Löschen Sie zuerst eine davon.")
                      % {"n": MOST_SEARCHES})  # fmt: skip
    saved = SavedSearch(
        person=Person.objects.get(pk=actor.person),
        network=network,
        name=_named(name, asked),
        question=asked,
        chosen=picked,
    )
    first = look(saved, watcher_of(actor, network), lang=lang)
    saved.seen, saved.notify = first.refs, not first.is_too_wide
    saved.save(force_insert=True)
    _log("directory.search.saved", saved, actor)
    return saved


def _named(name: str, question: str) -> str:
    return text.shorten(text.clean_line(name) or question or _("Alle Einträge"), NAME_LENGTH)


@transaction.atomic
def change_search(
    saved: SavedSearch, *, actor: Actor, expected: int, name: str, notify: bool, lang: str = "de"
) -> None:
    """Another name, mails on or off; switched on, it starts anew without telling what came in
    between. Raises NotAllowed, Conflict, Refused for a search that finds too much for mails."""
    require("directory.search.own", actor, saved)
    changes: dict[str, Any] = {"name": _named(name, saved.question), "notify": notify}
    if notify and not saved.notify:
        now = look(saved, watcher_of(actor, saved.network), lang=lang)
        if now.is_too_wide:
            raise Refused(
                _("Diese Suche findet mehr als %(n)s Einträge. Für Mails muss sie enger sein.")
                % {"n": MOST_HITS}
            )
        changes |= {"seen": now.refs, "looked_at": clock.now()}
    update_versioned(saved, expected=expected, **changes)
    _log("directory.search.changed", saved, actor)


@transaction.atomic
def delete_search(saved: SavedSearch, *, actor: Actor) -> None:
    """Deletes it for good; that it was there stays in the log, without content. Raises
    NotAllowed."""
    require("directory.search.own", actor, saved)
    _log("directory.search.deleted", saved, actor)
    SavedSearch.objects.filter(pk=saved.pk).delete()


def _log(code: str, saved: SavedSearch, actor: Actor) -> None:
    # Never what was searched for: questions say much about a person.
    actionlog.record(
        code,
        saved,
        actor=actor,
        after={"notify": saved.notify},
        subject=saved.person.uuid,
    )


@dataclass
class News:
    """What one person is told on one day about one network."""

    person: Person
    network: Network
    address: str
    found: list[tuple[SavedSearch, list[search.Hit]]] = field(default_factory=list)


def send_new() -> int:
    """The daily job: looks at each search as its person would and mails what is new; returns how
    many mails were written. Running twice writes none twice. One transaction per person.

    Suspended, restricted and erased people are not written to, nor is anything looked at for them.
    """
    rows = (
        SavedSearch.objects.filter(
            notify=True, network__state=Network.State.ACTIVE, person__account__is_active=True,
            person__erased_at=None, person__restricted_at=None,
        )
        .select_related("person__account", "network")
        .order_by("person", "network", "pk")
    )  # fmt: skip
    written = 0
    for _pair, group in groupby(
        rows.iterator(chunk_size=200), lambda one: (one.person_id, one.network_id)
    ):
        written += _tell(list(group))
    return written


def _whose(saved: SavedSearch) -> tuple[int, int]:
    return saved.person_id, saved.network_id


def _tell(own: list[SavedSearch]) -> bool:
    """Looks at the searches of one person in one network; whether a mail was written."""
    person, network = own[0].person, own[0].network
    address = mails_searches.address_of(person)
    if not address or mails_searches.was_written(person, network):
        return False
    # Without a second factor: a mail never tells what only the office sees.
    account = person.account
    actor = stand(Actor("account", uuid=account.uuid), account=account, strong=False)  # type: ignore[union-attr]  # it has one
    viewer = watcher_of(actor, network)
    news = News(person, network, address)
    with transaction.atomic():
        for saved in own:
            new = _remember(saved, look(saved, viewer, lang=person.lang))
            if new:
                news.found.append((saved, new))
        if news.found:
            mails_searches.send(news.person, news.network, news.address, news.found)
    return bool(news.found)


def _remember(saved: SavedSearch, now: Looked) -> list[search.Hit]:
    """The hits nobody was told of, remembered before they are told: of two workers the second
    finds nothing left to say."""
    if now.is_too_wide:
        return []
    seen = set(saved.seen)
    new = _first_of_each(hit for hit in now.hits if hit.ref.hex not in seen)
    # What went away and comes back is not new: it stays remembered, as far as there is room.
    gone = [ref for ref in saved.seen if ref not in set(now.refs)]
    rows = SavedSearch.objects.filter(pk=saved.pk, looked_at=saved.looked_at)
    won = rows.update(seen=[*now.refs, *gone[:MOST_HITS]], looked_at=clock.now())
    return new if won else []


def _first_of_each(hits: Iterable[search.Hit]) -> list[search.Hit]:
    return list({hit.ref: hit for hit in hits}.values())
