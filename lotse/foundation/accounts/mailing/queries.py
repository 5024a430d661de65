"""What a signed-in person may choose about mails: senders, kinds of mail, and what holds now."""

from dataclasses import dataclass
from uuid import UUID

from lotse.foundation.core import hooks, mail
from lotse.foundation.core.mail.choices import DIGEST, SAME
from lotse.foundation.core.mail.letter import PLAIN, Look, letterhead_of
from lotse.foundation.core.models import ALL_NETWORKS, MailChoice, OutboxMail

Class = OutboxMail.Class
CHOSEN = (str(Class.NEWS), str(Class.DUTY))


@dataclass(frozen=True)
class Kind:
    """One kind of mail with what holds for it; `own` is SAME where all news decide."""

    code: str
    title: str
    mail_class: str
    own: str

    @property
    def field(self) -> str:
        """Its name in the form."""
        return "mail-" + self.code.replace(".", "-")


@dataclass(frozen=True)
class Choices:
    """What holds for mails of one sender to one address."""

    sender: Look
    general: str
    kinds: list[Kind]

    def of(self, mail_class: str) -> list[Kind]:
        """The kinds of one class."""
        return [kind for kind in self.kinds if kind.mail_class == mail_class]


Got = list[tuple[UUID | None, str, str]]


def got_by(address: str) -> Got:
    """(network, code, class) of the mails to this address that can be chosen. One query."""
    found = OutboxMail.objects.filter(address__iexact=address, mail_class__in=CHOSEN)
    return list(found.order_by("code").values_list("network_uuid", "code", "mail_class").distinct())


def senders_of(address: str, here: Look | None, got: Got) -> list[Look]:
    """Who sends to this address: the network of this host, and others it got mail from or chose
    about. One query, and one for each other sender; there are few."""
    found = {network for network, _code, _class in got}
    chosen = MailChoice.objects.filter(address=address.lower())
    found |= set(chosen.values_list("network_uuid", flat=True).distinct())
    own = here.uuid if here is not None else ALL_NETWORKS
    others = {uuid or ALL_NETWORKS for uuid in found} - {own}
    looks = sorted((_look(uuid) for uuid in others), key=lambda look: look.name.casefold())
    return [here or PLAIN, *looks]


def _look(uuid: UUID) -> Look:
    return PLAIN if uuid == ALL_NETWORKS else letterhead_of(uuid)


def choices_for(address: str, sender: Look, got: Got) -> Choices:
    """What holds now, for all kinds that are registered to be chosen or came before. One query.

    Titles come from the registered kinds; a kind that is no longer registered is left out.
    """
    known = {kind.code: kind for kind in hooks.mail_kinds if kind.code != DIGEST}
    classes = {code: kind.mail_class for code, kind in known.items() if kind.mail_class in CHOSEN}
    classes = {code: mail_class for _network, code, mail_class in got} | classes
    classes = {code: name for code, name in classes.items() if code in known}
    held = mail.choices_of(address, sender.uuid, {"": str(Class.NEWS), **classes})
    general = held.pop("")
    kinds = [
        Kind(code, str(known[code].title), classes[code], _own(choice, classes[code], general))
        for code, choice in held.items()
    ]
    return Choices(sender, general, sorted(kinds, key=lambda kind: kind.title.casefold()))


def _own(choice: str, mail_class: str, general: str) -> str:
    """News follow what was chosen for all of them; a duty stands for itself and is not gathered."""
    if mail_class == Class.NEWS:
        return SAME if choice == general else choice
    return str(MailChoice.Choice.OFF if choice == MailChoice.Choice.OFF else MailChoice.Choice.EACH)
