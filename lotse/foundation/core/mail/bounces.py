"""Delivery reports (RFC 3464): which of our mails came back for good.

Reports are written by strangers: whatever is in one, reading it must not fail, and nothing but our
own Message-ID and a status is taken from it.
"""

import logging
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from uuid import UUID

from django.db import transaction

from lotse.foundation.core import clock, text
from lotse.foundation.core.mail.line import NO_SUCH_ADDRESS
from lotse.foundation.core.mail.sending import CODES, EMPTY, bury
from lotse.foundation.core.models import OutboxMail

logger = logging.getLogger("lotse.mail")
MOST_BYTES = 1024 * 1024  # a report comes before the mail it is about
State = OutboxMail.State
_OURS = re.compile(r"<lotse\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# Statuses that mean the address as such: also a mailbox that was closed, a domain without a server.
_DEAD = (*NO_SUCH_ADDRESS, "5.2.1", "5.4.4")


@dataclass(frozen=True)
class Bounce:
    """A mail of ours that was not delivered for good."""

    mail: UUID
    status: str
    said: str


def read_report(raw: bytes) -> Bounce | None:
    """The bounce in a message; None for everything else, soft and broken ones included."""
    try:
        return _read(message_from_bytes(raw[:MOST_BYTES]))
    except Exception as fault:
        logger.warning("Ein Zustellbericht ist nicht lesbar: %s", type(fault).__name__)
        return None


def _read(message: Message) -> Bounce | None:
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    status, said, mail = "", "", None
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status" and not status:
            status, said = _failure(part)
        elif kind == "text/rfc822-headers" and mail is None:
            mail = _mail_of(message_from_bytes(_bytes(part)))
        elif kind == "message/rfc822" and mail is None and part.is_multipart():
            mail = _mail_of(part.get_payload(0))  # type: ignore[arg-type]  # a list by `is_multipart`
    if mail is None or not status:
        return None
    return Bounce(mail, status, text.shorten(text.clean_line(said), 280))


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _failure(part: Message) -> tuple[str, str]:
    """(status, words) of the first recipient who failed for good; empty if none did."""
    fields = part.get_payload()
    for block in fields if isinstance(fields, list) else []:
        if not isinstance(block, Message):
            continue
        found = _STATUS.search(str(block.get("Status", "")))
        action = str(block.get("Action", "")).strip().lower()
        if action == "failed" and found and found[0].startswith("5."):
            return found[0], f"{found[0]} {block.get('Diagnostic-Code', '')}"
    return "", ""


def _mail_of(original: Message) -> UUID | None:
    found = _OURS.search(str(original.get("Message-ID", "")))
    return UUID(found[1]) if found else None


@transaction.atomic
def note(bounce: Bounce) -> bool:
    """Marks the mail as bounced and its address as dead; True if that was news."""
    mail = OutboxMail.objects.filter(uuid=bounce.mail).first()
    if mail is None:
        return False
    changes = {"state": State.BOUNCED, "error": bounce.said, "updated_at": clock.now()}
    if mail.code.startswith(CODES):
        changes |= EMPTY
    sent = OutboxMail.objects.filter(pk=mail.pk, state__in=[State.SENT, State.UNCLEAR])
    marked = sent.update(**changes)
    if marked and bounce.status in _DEAD:
        bury(mail.address, bounce.said)
    return bool(marked)
