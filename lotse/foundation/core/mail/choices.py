"""What an address wants to get, and the token with which it says so without signing in.

The token carries address, network and kind of mail under a keyed hash, so no table of tokens is
needed and none can be read off (RFC 8058).
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import ALL_NETWORKS, DeadAddress, MailChoice, OutboxMail

DIGEST = "core.digest"
SAME = "same"
_SALT = "lotse.mail.choice"
_MOST = 900


@dataclass(frozen=True)
class Wish:
    """Whose mail of which kind in which network a token is about."""

    address: str
    network: UUID
    code: str


def token_of(wish: Wish) -> str:
    """The token of a wish, URL-safe; the same each time."""
    raw = wish.network.bytes + f"{wish.code}\n{wish.address.lower()}".encode()
    packed = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return signing.Signer(salt=_SALT, sep=".").sign(packed)


def read_token(token: str) -> Wish | None:
    """What a token says, or None if it is not one of ours."""
    if len(token) > _MOST:
        return None
    try:
        packed = signing.Signer(salt=_SALT, sep=".").unsign(token)
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        code, _sep, address = raw[16:].decode().partition("\n")
    except (signing.BadSignature, binascii.Error, UnicodeDecodeError):
        return None
    return Wish(address, UUID(bytes=raw[:16]), code)


def switch_url(address: str, network: UUID | None, code: str) -> str:
    """The page on which a mail is switched off; its host is the configured one (T16).

    A digest is made of all kinds of news, so its switch is the one for all.
    """
    wish = Wish(address, network or ALL_NETWORKS, "" if code == DIGEST else code)
    return str(settings.BASE_URL) + reverse("mailing:choice", args=[token_of(wish)])


def choice_of(address: str, network: UUID | None, code: str, mail_class: str) -> str:
    """What the address chose for this kind of mail; the nearest choice counts. One query.

    Security mail has no switch. A duty is switched off by its own code only, never by "all news".
    """
    if mail_class == OutboxMail.Class.SECURITY:
        return str(MailChoice.Choice.EACH)
    codes = _codes(code, mail_class)
    return _nearest(_stored(address, network).filter(code__in=codes))


def _codes(code: str, mail_class: str) -> list[str]:
    """Under which codes a choice for such mail may stand."""
    return ["", code] if mail_class == OutboxMail.Class.NEWS else [code]


def choices_for(
    addresses: Iterable[str], network: UUID | None, code: str, mail_class: str
) -> dict[str, str]:
    """`choice_of` for many addresses at once, by the address in small letters; who is not named
    has none. One query, none for security mail."""
    if mail_class == OutboxMail.Class.SECURITY:
        return {}
    rows = MailChoice.objects.filter(
        address__in={address.lower() for address in addresses},
        network_uuid__in={ALL_NETWORKS, network or ALL_NETWORKS},
        code__in=_codes(code, mail_class),
    )
    found: dict[str, list[MailChoice]] = {}
    for row in rows:
        found.setdefault(row.address, []).append(row)
    return {address: _nearest(stored) for address, stored in found.items()}


def choices_of(address: str, network: UUID | None, kinds: Mapping[str, str]) -> dict[str, str]:
    """The same for many kinds at once: code to class of mail in, code to choice out; the code ""
    is all news. One query."""
    found = list(_stored(address, network))
    return {
        code: _nearest(
            one
            for one in found
            if one.code == code or (one.code == "" and mail_class == OutboxMail.Class.NEWS)
        )
        for code, mail_class in kinds.items()
    }


def _stored(address: str, network: UUID | None) -> QuerySet[MailChoice]:
    networks = {ALL_NETWORKS, network or ALL_NETWORKS}
    return MailChoice.objects.filter(address=address.lower(), network_uuid__in=networks)


def _nearest(found: Iterable[MailChoice]) -> str:
    nearest = sorted(found, key=lambda c: (c.network_uuid != ALL_NETWORKS, c.code != ""))
    return nearest[-1].choice if nearest else str(MailChoice.Choice.EACH)


@transaction.atomic
def choose(wish: Wish, *, choice: str) -> None:
    """Keeps a choice; the same one again changes nothing. Raises Refused for an unknown one.

    With `off`, news of this kind that still wait are stopped. An empty code means all news of the
    network and takes earlier choices for single kinds of news away.
    """
    if choice not in MailChoice.Choice.values:
        raise Refused("choice")
    address = wish.address.lower()
    if not wish.code:
        MailChoice.objects.filter(address=address, network_uuid=wish.network).exclude(
            code=""
        ).filter(code__in=_news_codes(address)).delete()
    MailChoice.objects.update_or_create(
        address=address,
        network_uuid=wish.network,
        code=wish.code,
        defaults={"choice": choice, "changed_at": clock.now()},
    )
    if choice == MailChoice.Choice.OFF:
        _stop_unwanted(address, wish.network)


@transaction.atomic
def choose_all(address: str, network: UUID, *, news: str, kinds: Mapping[str, str]) -> None:
    """Keeps all that an address wants of one network: `news` for all of them, `kinds` by code.

    A kind chosen as SAME follows the choice for all news. What waits and is no longer wanted is
    stopped. Raises Refused for an unknown choice.
    """
    if not {news, *kinds.values()} - {SAME} <= set(MailChoice.Choice.values) or news == SAME:
        raise Refused("choice")
    now, own = clock.now(), address.lower()
    follows = [code for code, choice in kinds.items() if choice == SAME]
    MailChoice.objects.filter(address=own, network_uuid=network, code__in=follows).delete()
    for code, choice in {"": news, **kinds}.items():
        if choice != SAME:
            MailChoice.objects.update_or_create(
                address=own,
                network_uuid=network,
                code=code,
                defaults={"choice": choice, "changed_at": now},
            )
    _stop_unwanted(address, network)


def _stop_unwanted(address: str, network: UUID) -> None:
    """What waits goes only if it is still wanted; a part of a digest is not asked about again.

    The choice for all networks reaches the mails of each that has no nearer one.
    """
    waiting = OutboxMail.objects.filter(
        address__iexact=address,
        mail_class=OutboxMail.Class.NEWS,
        state__in=[OutboxMail.State.HELD, OutboxMail.State.QUEUED],
    )
    if network != ALL_NETWORKS:
        waiting = waiting.filter(network_uuid=network)
    codes: dict[UUID | None, list[str]] = {}
    for sender, code in waiting.order_by().values_list("network_uuid", "code").distinct():
        codes.setdefault(sender, []).append(code)
    for sender, own in codes.items():
        wanted = choices_of(address, sender, dict.fromkeys(own, str(OutboxMail.Class.NEWS)))
        off = [code for code, choice in wanted.items() if choice == MailChoice.Choice.OFF]
        waiting.filter(network_uuid=sender, code__in=off).update(
            state=OutboxMail.State.STOPPED, error=UNWANTED, updated_at=clock.now()
        )


UNWANTED = "abbestellt"
UNREACHABLE = "Adresse nicht erreichbar"


def _news_codes(address: str) -> list[str]:
    news = OutboxMail.objects.filter(address__iexact=address, mail_class=OutboxMail.Class.NEWS)
    return list(news.order_by("code").values_list("code", flat=True).distinct())


def is_dead(address: str, mail_class: str) -> bool:
    """Whether mail to this address came back for good; security mail is tried anyway."""
    if mail_class == OutboxMail.Class.SECURITY:
        return False
    return DeadAddress.objects.filter(address=address.lower()).exists()


def dead_among(addresses: Iterable[str], mail_class: str) -> set[str]:
    """Those of the addresses to which mail came back for good, in small letters. One query, none
    for security mail."""
    if mail_class == OutboxMail.Class.SECURITY:
        return set()
    asked = {address.lower() for address in addresses}
    rows = DeadAddress.objects.filter(address__in=asked)
    return set(rows.values_list("address", flat=True))
