"""Which host name shows which network: the operator's to decide (rulings 4)."""

import re
import unicodedata
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network

MOST_HOSTS = 20
_MOST, _MOST_LABEL = 253, 63
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_LETTERS = ("Ll", "Lo", "Lm", "Mn", "Mc", "Nd")  # after small letters; RFC 5892 2.1
_DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})


def host_name(value: str) -> str:
    """The name as browsers send it: small letters, umlauts as punycode, without final dot.

    Raises Refused for anything that is not a plain host name: an address of a page, a port, a
    number as of a machine, a wildcard.
    """
    name = unicodedata.normalize("NFKC", value.strip().translate(_DOTS)).lower().removesuffix(".")
    said = _("„%(value)s“ ist kein Hostname. Bitte so: netz.auental.example, ohne https://, ohne "
             "Port und ohne Schrägstrich.") % {"value": value.strip()[:80]}  # fmt: skip
    labels = name.split(".")
    try:
        labels = [_ascii(label) for label in labels]
    except ValueError:
        raise Refused(said) from None
    name = ".".join(labels)
    # A last part of digits only is an address of a machine (RFC 3696 2).
    if len(name) > _MOST or labels[-1].isdigit() or labels[-1].startswith("0x"):
        raise Refused(said)
    return name


def _ascii(label: str) -> str:
    """One part of a name in ASCII. Raises ValueError.

    By hand, for Python's own codec still follows IDNA 2003 and makes "straße" into "strasse",
    which is another name by now.
    """
    if label.startswith("xn--"):
        plain = label[4:].encode("ascii").decode("punycode")
        if plain.isascii() or _ascii(plain) != label:
            raise ValueError(label)
        return label
    if not label.isascii():
        whole = unicodedata.normalize("NFKC", label) == label and label == label.lower()
        kinds = (unicodedata.category(char) in _LETTERS or char == "-" for char in label)
        if not whole or not all(kinds) or unicodedata.category(label[0]).startswith("M"):
            raise ValueError(label)
        label = f"xn--{label.encode('punycode').decode('ascii')}"
    elif label[2:4] == "--":
        raise ValueError(label)
    if len(label) > _MOST_LABEL or not _LABEL.fullmatch(label):
        raise ValueError(label)
    return label


def readable(host: str) -> str:
    """The name as people write it: punycode turned back, where it stands for a name."""
    return ".".join(_letters(label) for label in host.split("."))


def _letters(label: str) -> str:
    # Names stored in earlier versions, and what a browser asks for, nobody checked.
    try:
        known = label.startswith("xn--") and _ascii(label) == label
    except ValueError:
        return label
    return label[4:].encode("ascii").decode("punycode") if known else label


@transaction.atomic
def set_hosts(
    network: Network, *, actor: Actor, expected: int, hosts: Sequence[str], here: str = ""
) -> list[str]:
    """Sets the host names of a network, the first of them for links in mails; returns them.

    `here` is the name under which the actor works: it must show the same network afterwards, so
    that nobody locks themselves out. Raises NotAllowed, Conflict, and Refused with every name that
    is none or belongs to another network.
    """
    require("parties.network.set_hosts", actor, network)
    wanted = checked_hosts(network, hosts)
    if here:
        _keep_here(network, wanted, here)
    before = {"hosts": network.hosts}
    update_versioned(network, expected=expected, hosts=wanted)
    actionlog.record(
        "parties.network.hosts_set", network, actor=actor, before=before, after={"hosts": wanted}
    )
    return wanted


def checked_hosts(network: Network | None, hosts: Sequence[str]) -> list[str]:
    """The names in their stored form, each once. Raises Refused with all that is wrong.

    Holds the networks until the end of the transaction: two of them cannot take one name at once.
    """
    found: list[str] = []
    faults: list[str] = []
    for value in hosts:
        try:
            found.append(host_name(value))
        except Refused as refusal:
            faults += refusal.messages
    found = list(dict.fromkeys(found))
    if len(found) > MOST_HOSTS:
        faults.append(_("Ein Netzwerk hat höchstens %(most)s Adressen.") % {"most": MOST_HOSTS})
    for other in _held():
        if network is not None and other.pk == network.pk:
            continue
        faults += [
            _("%(host)s zeigt schon das Netzwerk „%(name)s“.")
            % {"host": readable(host), "name": other.name}
            for host in found
            if host in other.hosts
        ]
    if faults:
        raise Refused(*faults)
    return found


def _held() -> list[Network]:
    rows = Network.objects.select_for_update().order_by("pk")
    return list(rows.only("pk", "name", "hosts", "state", "is_default"))


def _keep_here(network: Network, wanted: list[str], here: str) -> None:
    networks = _held()
    default = next((one.pk for one in networks if one.is_default), None)

    def shown(changed: bool) -> int | None:
        for one in networks:
            held = wanted if changed and one.pk == network.pk else one.hosts
            if here in held:
                return one.pk
        return default

    if shown(changed=False) != shown(changed=True):
        raise Refused(
            _(
                "Sie arbeiten gerade unter %(host)s. Danach zeigte diese Adresse ein anderes "
                "Netzwerk oder keines. Melden Sie sich unter einer anderen Adresse an, und ändern "
                "Sie es dort."
            )
            % {"host": readable(here)}
        )


def may_set(actor: Actor) -> None:
    """Raises NotAllowed for anybody but the operator and commands."""
    if not actor.operates:
        raise NotAllowed("parties.network.set_hosts")
