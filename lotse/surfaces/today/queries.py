"""What "Heute" shows: the cards of all rooms, sorted into four groups."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from lotse.foundation.core import clock, hooks
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Card
from lotse.foundation.parties.models import Invitation
from lotse.foundation.parties.services import invitations

ONLY_ME = "ich"
GROUPS = ("due", "waiting", "unfinished", "next")


@dataclass(frozen=True)
class Row:
    """One line, ready to be shown."""

    title: str
    url: str
    text: str
    day: str
    late: bool
    actor_for: str


@dataclass(frozen=True)
class Section:
    """One group with its heading."""

    key: str
    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Choice:
    """One way to narrow the page: for whom one acts."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Today:
    """The page."""

    sections: list[Section]
    choices: list[Choice]
    chosen: str
    more: int


def today_of(actor: Actor, wanted: str = "") -> Today:
    """All cards of the actor, narrowed to one organisation or to what is the person's alone.

    One query per room that has something to say, however many cards.
    """
    cards = [card for provide in hooks.cards for card in provide(actor)]
    names = sorted({card.actor_for for card in cards if card.actor_for})
    alone = any(not card.actor_for for card in cards)
    if wanted and wanted not in ([ONLY_ME, *names]):
        wanted = ""
    shown = [card for card in cards if not wanted or wanted == (card.actor_for or ONLY_ME)]
    choices = []
    if len(names) + alone > 1:
        values = [("", _("alle")), *([(ONLY_ME, _("für mich"))] if alone else [])]
        values += [(name, name) for name in names]
        choices = [Choice(value, label, value == wanted) for value, label in values]
    sections = [section for key in GROUPS if (section := _section(key, shown)).rows]
    return Today(sections, choices, wanted, len(cards) - len(shown))


def _section(key: str, cards: Iterable[Card]) -> Section:
    titles = {
        "due": _("Fällig"),
        "waiting": _("Wartet auf mich"),
        "unfinished": _("Angefangen"),
        "next": _("Als Nächstes"),
    }
    found = [card for card in cards if card.group == key]
    # Without a date last; what a room put first stays first among equals.
    found.sort(key=lambda card: (card.due_on is None, card.due_on or date.max))
    return Section(key, titles[key], [_row(card) for card in found])


def _row(card: Card) -> Row:
    return Row(
        title=card.title,
        url=card.url,
        text=card.text,
        day=_day(card),
        late=card.late,
        actor_for=card.actor_for,
    )


def _day(card: Card) -> str:
    if card.due_on is None:
        return ""
    day = date_format(card.due_on, "SHORT_DATE_FORMAT")
    if card.late:
        return _("überfällig seit %(day)s") % {"day": day}
    if card.group not in ("due", "next"):
        return _("seit %(day)s") % {"day": day} if card.due_on <= clock.today() else day
    if card.due_on == clock.today():
        return _("heute")
    if card.due_on == clock.today() + timedelta(days=1):
        return _("morgen")
    return _("bis %(day)s") % {"day": day}


def day_line() -> str:
    """Today's date in words: Samstag, 21. November 2026."""
    today = clock.today()
    return f"{capfirst(date_format(today, 'l'))}, {date_format(today, 'DATE_FORMAT')}"


def invitation_cards(actor: Actor) -> list[Card]:
    """Open invitations to the address of the account; it was verified, so the link may be shown.
    One query."""
    if not actor.label or actor.person is None:
        return []
    found = Invitation.objects.filter(
        email__iexact=actor.label,
        accepted_at=None,
        revoked_at=None,
        expires_at__gt=clock.now(),
    ).select_related("network", "organisation")
    return [
        Card(
            group="waiting",
            title=_("Einladung annehmen: %(name)s")
            % {"name": invitation.organisation.name if invitation.organisation
               else invitation.network.name},
            url=path,
            text=_("gilt bis %(day)s")
            % {"day": date_format(invitation.expires_at, "SHORT_DATE_FORMAT")},
        )
        for invitation in found.order_by("expires_at", "pk")[:20]
        if (path := invitations.path_of(invitation))
    ]  # fmt: skip
