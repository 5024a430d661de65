"""Mail about new hits of saved searches: news, so one click switches it off."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from lotse.foundation.core import clock, hooks, mail
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.search import Hit
from lotse.foundation.parties.links import base_url
from lotse.foundation.parties.models import Network, Person
from lotse.foundation.ui.finding import Wish
from lotse.rooms.directory.models import SavedSearch

KIND = hooks.MailKind(
    "directory.search", gettext_lazy("Neue Treffer zu gespeicherten Suchen"), mail_class="news"
)
# More would be no mail but a list: the rest is a link away.
SHOWN = 10


def address_of(person: Person) -> str:
    """The verified address of the person's account, else nothing. One query."""
    found = EmailAddress.objects.filter(user=person.account, verified=True)
    return found.order_by("-primary", "pk").values_list("email", flat=True).first() or ""


def link_of(saved: SavedSearch) -> str:
    """The address of the find page with this search."""
    return Wish(saved.question, saved.chosen).link(reverse("directory:find"))


def _once(person: Person, network: Network) -> str:
    return f"{KIND.code}:{person.uuid}:{network.uuid}:{clock.today().isoformat()}"


def was_written(person: Person, network: Network) -> bool:
    """Whether the mail of today was written: what comes later is told tomorrow. One query."""
    return OutboxMail.objects.filter(once=_once(person, network)).exists()


def send(
    person: Person,
    network: Network,
    address: str,
    found: Sequence[tuple[SavedSearch, Sequence[Hit]]],
) -> OutboxMail:
    """One mail a day with the new hits of all searches of a person in a network."""
    n = sum(len(hits) for _saved, hits in found)
    with override(person.lang):
        subject = ngettext(
            "%(n)s neuer Treffer zu Ihrer Suche", "%(n)s neue Treffer zu Ihren Suchen", n
        ) % {"n": n}
        return mail.send(
            code=KIND.code,
            mail_class=OutboxMail.Class.NEWS,
            address=address,
            lang=person.lang,
            network=network,
            base_url=base_url(network),
            subject=subject,
            reason=_("Sie erhalten diese Mail, weil Sie eine Suche mit Mails bei neuen Treffern "
                     "gespeichert haben."),
            body=list(_body(found)),
            person_uuid=person.uuid,
            once=_once(person, network),
        )  # fmt: skip


def _body(found: Sequence[tuple[SavedSearch, Sequence[Hit]]]) -> Iterator[mail.Block]:
    for saved, hits in found:
        yield mail.Heading(saved.name)
        for hit in hits[:SHOWN]:
            yield mail.Link(f"{hit.title} · {hit.kind_title}", hit.url)
        more = len(hits) - SHOWN
        if more > 0:
            yield ngettext("Dazu %(n)s weiterer Treffer.", "Dazu %(n)s weitere Treffer.",
                           more) % {"n": more}  # fmt: skip
        yield mail.Link(_("Alle Treffer ansehen"), link_of(saved))
    yield mail.Link(_("Gespeicherte Suchen ändern"), reverse("directory:searches"))


def sample(network: Network, lang: str) -> None:
    """Such a mail with invented hits, for the desk."""
    person = Person(first_name="Kim", last_name="Muster", lang=lang)
    with override(lang):
        saved = SavedSearch(name=_("Ausbildung in der Region"), question=_("Ausbildung"))
        kind, title = _("Organisation"), _("Werkstatt Muster e. V.")
        url = reverse("directory:find")
        hit = Hit("organisation", kind, UUID(int=1), title, "", url, lang)
    send(person, network, "kim.muster@verein.example", [(saved, [hit])])
