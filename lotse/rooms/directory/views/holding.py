"""What a letter is about, for the browser that opened its link."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Network
from lotse.rooms.directory.content.deadlines import deadline_words
from lotse.rooms.directory.models import Announcement, Entry, Letter
from lotse.rooms.directory.services import announcing, letters


@dataclass(frozen=True)
class Held:
    """What somebody is asked about: by a link (with its letter) or signed in."""

    entry: Entry
    actor: Actor
    letter: Letter | None = None
    announcement: Announcement | None = None

    @cached_property
    def asked(self) -> Announcement:
        """The announcement of a page that is about one."""
        if self.announcement is None:
            raise Http404
        return self.announcement

    @property
    def here(self) -> str:
        """The address of the page."""
        if self.letter is not None:
            return reverse("directory:letter", args=[self.letter.uuid])
        name = "announcement" if self.announcement is not None else "confirm"
        return reverse(f"directory:{name}", args=[self.entry.uuid])

    @property
    def change_url(self) -> str:
        """Where something is changed: who is signed in does it where they always do."""
        if self.letter is not None:
            return reverse("directory:letter-change", args=[self.letter.uuid])
        return reverse("directory:edit", args=[self.entry.uuid])

    @property
    def is_open(self) -> bool:
        """Whether an answer is still to be given."""
        if self.letter is not None and self.letter.used_at is not None:
            return False
        return self.announcement is None or announcing.is_running(self.announcement)


class Over(Exception):
    """The link no longer opens anything; `why` says so on the page."""

    def __init__(self, why: str, network: Network) -> None:
        super().__init__(why)
        self.why = why
        self.network = network


def gone(
    request: HttpRequest, network: Network | None, *, why: str = "", status: int = 410
) -> HttpResponse:
    """One page for links that open nothing, with what can be done."""
    context = {"why": why, "network": network, "unknown": status == 404}
    return render(request, "directory/letter_gone.html", context, status=status)


def held_by(request: HttpRequest, uuid: UUID) -> Held:
    """What the letter is about, for the browser that opened its link. Raises Http404 for any other
    browser, Over where it no longer holds. At most four queries."""
    if uuid not in actor_in(request).keys:
        raise Http404
    rows = Letter.objects.select_related(
        "entry__network", "entry__organisation", "entry__latest__template", "person__account",
        "announcement__revision",
    )  # fmt: skip
    letter = rows.filter(uuid=uuid).first()
    if letter is None:
        raise Http404
    entry = letter.entry
    if letter.expires_at <= clock.now():
        raise Over(_expired(letter), entry.network)
    if entry.archived_at is not None or entry.network.state == Network.State.ENDED:
        raise Over(_("Den Steckbrief gibt es so nicht mehr."), entry.network)
    holder = letters.holder_of(letter)
    if holder is None:
        raise Over(_("Sie sprechen nicht mehr für diesen Steckbrief."), entry.network)
    if letter.announcement is not None:
        letter.announcement.entry = entry
    return Held(entry, holder, letter, letter.announcement)


def _expired(letter: Letter) -> str:
    announcement = letter.announcement
    if announcement is None or announcement.state != Announcement.State.OPEN:
        return _("Der Link ist abgelaufen.")
    return _("Die Frist endete am %(until)s. Weil niemand widersprochen hat, sind die Angaben "
             "veröffentlicht.") % {"until": deadline_words(announcement.deadline)}  # fmt: skip


def answered() -> str:
    return _("Gerade hat jemand anders geantwortet. Die erste Antwort gilt.")
