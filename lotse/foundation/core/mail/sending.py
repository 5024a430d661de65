"""Sending what is due: claim, hand over, mark. One mail at a time is between claim and mark.

A worker that is killed leaves at most that one in SENDING; it becomes UNCLEAR as soon as the
worker's life lock is gone, and nobody but a person sends it again (T47).
"""

import logging
import threading
import uuid as uuid_lib
from datetime import timedelta
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, QuerySet

from lotse.foundation.core import clock, hooks, text, workers
from lotse.foundation.core.mail import choices, letter
from lotse.foundation.core.mail.files import files_of
from lotse.foundation.core.mail.letter import Gone
from lotse.foundation.core.mail.line import Line, Outcome, Trouble
from lotse.foundation.core.models import DeadAddress, MailChoice, OutboxMail
from lotse.foundation.core.tasks import RETRY_AFTER_MINUTES

logger = logging.getLogger("lotse.mail")
Class, State = OutboxMail.Class, OutboxMail.State
BATCH = 20
CODES = "accounts.code."  # mail with a code that opens something
EMPTY: dict[str, Any] = {"text": "", "html": "", "files": []}
INTERRUPTED = "Der Dienst endete während des Sendens."


def deliver_due(worker_id: str = "", *, stop: threading.Event | None = None) -> int:
    """Sends all mail that is due; returns how many were accepted. Never inside a transaction.

    Ends early when `stop` is set or the mail server cannot be reached. Without a `worker_id` the
    call holds a life lock of its own, as a worker does.
    """
    if worker_id:
        return _deliver(worker_id, stop)
    lock = workers.LifeLock(f"m-{uuid_lib.uuid4().hex[:12]}")
    lock.take()
    try:
        return _deliver(lock.worker_id, stop)
    finally:
        lock.release()


def _deliver(worker_id: str, stop: threading.Event | None) -> int:
    accepted = 0
    line = Line()
    look = _Looks()
    try:
        while keys := _due():
            for key in keys:
                if stop is not None and stop.is_set():
                    return accepted
                mail = _claim(key, worker_id)
                if mail is None:
                    continue
                outcome = _send(mail, line, look)
                if outcome is Outcome.LINE:
                    return accepted
                accepted += outcome is None
    finally:
        line.close()
    return accepted


def _due() -> list[int]:
    """Keys of what is due, security first: nobody waits for a code behind a thousand news."""
    due = OutboxMail.objects.filter(state=State.QUEUED, due_at__lte=clock.now())
    keys = due.order_by("due_at", "pk").values_list("pk", flat=True)
    return list(keys.filter(mail_class=Class.SECURITY)[:BATCH]) or list(keys[:BATCH])


def _claim(key: int, worker_id: str) -> OutboxMail | None:
    """Takes one mail for this worker, stored before it goes; None if another has it."""
    with transaction.atomic():
        won = OutboxMail.objects.filter(pk=key, state=State.QUEUED).update(
            state=State.SENDING,
            claimed_by=worker_id,
            claimed_at=clock.now(),
            attempts=F("attempts") + 1,
        )
        return OutboxMail.objects.get(pk=key) if won else None


def _send(mail: OutboxMail, line: Line, look: "_Looks") -> Outcome | None:
    """Sends a claimed mail and marks it; None when the server took it."""
    if error := _unwanted(mail):
        state = State.STOPPED if error == choices.UNWANTED else State.FAILED
        _mark(mail, state, error)
        return Outcome.NEVER
    try:
        line.carry(_message(mail, look.name_of(mail.network_uuid)))
    except Gone:
        _mark(mail, State.STOPPED, "Der Anlass ist gelöscht.")
        return Outcome.NEVER
    except Trouble as trouble:
        _mark_trouble(mail, trouble)
        return trouble.outcome
    except Exception as fault:
        # Its words may quote the mail, so the log holds the kind of fault only (T32).
        logger.error("Mail %s ließ sich nicht senden: %s", mail.uuid, type(fault).__name__)
        _mark_trouble(mail, Trouble(Outcome.LATER, type(fault).__name__))
        return Outcome.LATER
    _mark(mail, State.SENT, "")
    return None


def _unwanted(mail: OutboxMail) -> str:
    """Why a claimed mail must not go: the address died or chose otherwise since. 2 queries."""
    if choices.is_dead(mail.address, mail.mail_class):
        return choices.UNREACHABLE
    choice = choices.choice_of(mail.address, mail.network_uuid, mail.code, mail.mail_class)
    return choices.UNWANTED if choice == MailChoice.Choice.OFF else ""


def _mark(mail: OutboxMail, state: str, error: str) -> None:
    changes = {"state": state, "error": error, "updated_at": clock.now()}
    if state == State.SENT:
        changes["sent_at"] = clock.now()
    if _is_over(mail, state):
        changes |= EMPTY
    _own(mail).update(**changes)


def _is_over(mail: OutboxMail, state: str) -> bool:
    """Whether nobody needs the text any more. A mail that failed may be sent again by a person; a
    code may not, it is asked for anew."""
    if mail.code.startswith(CODES):
        return True
    return state in (State.SENT, State.STOPPED) and is_private(mail.code, mail.mail_class)


def _own(mail: OutboxMail) -> QuerySet[OutboxMail]:
    """The row as long as it is this worker's; also if it was taken for dead meanwhile."""
    return OutboxMail.objects.filter(
        pk=mail.pk, claimed_by=mail.claimed_by, state__in=[State.SENDING, State.UNCLEAR]
    )


def _mark_trouble(mail: OutboxMail, trouble: Trouble) -> None:
    if trouble.outcome is Outcome.UNCLEAR:
        _mark(mail, State.UNCLEAR, trouble.said)
        return
    if trouble.outcome is Outcome.NEVER or mail.attempts > len(RETRY_AFTER_MINUTES):
        _mark(mail, State.FAILED, trouble.said)
        if trouble.no_such_address:
            bury(mail.address, trouble.said)
        return
    minutes = RETRY_AFTER_MINUTES[mail.attempts - 1]
    _own(mail).update(
        state=State.QUEUED,
        error=trouble.said,
        claimed_by="",
        due_at=clock.now() + timedelta(minutes=minutes),
        updated_at=clock.now(),
    )


def bury(address: str, reason: str) -> None:
    """Notes that mail to an address comes back for good; security mail is tried all the same."""
    DeadAddress.objects.get_or_create(
        address=address.lower(), defaults={"reason": text.shorten(reason, 300)}
    )


def is_private(code: str, mail_class: str) -> bool:
    """Whether the text is emptied as soon as the mail is sent or stopped."""
    return mail_class == Class.SECURITY or any(
        kind.private and kind.code == code for kind in hooks.mail_kinds
    )


def mark_unclear(worker_id: str = "") -> int:
    """Marks what a dead worker was sending; returns how many. A living worker's is left.

    With `worker_id` the caller says of itself that it is sending nothing.
    """
    marked = 0
    sending = OutboxMail.objects.filter(state=State.SENDING)
    for name in sending.order_by().values_list("claimed_by", flat=True).distinct():
        if name != worker_id and workers.is_alive(name):
            continue
        found = OutboxMail.objects.filter(state=State.SENDING, claimed_by=name)
        changes = {"state": State.UNCLEAR, "error": INTERRUPTED, "updated_at": clock.now()}
        marked += found.filter(code__startswith=CODES).update(**changes, **EMPTY)
        marked += found.update(**changes)
    return marked


class _Looks:
    """Names of networks, asked once per batch."""

    def __init__(self) -> None:
        self._names: dict[UUID | None, str] = {}

    def name_of(self, network: UUID | None) -> str:
        if network not in self._names:
            self._names[network] = text.clean_line(letter.letterhead_of(network).name)
        return self._names[network]


def message_id(mail: UUID) -> str:
    """The Message-ID of a mail: the same at every attempt, and what a bounce is known by."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<lotse.{mail}@{host}>"


def _message(mail: OutboxMail, name: str) -> EmailMultiAlternatives:
    _own_name, sender = parseaddr(settings.MAIL_FROM)
    headers = {"Message-ID": message_id(mail.uuid), "Auto-Submitted": "auto-generated"}
    if mail.mail_class == Class.NEWS:
        url = choices.switch_url(mail.address, mail.network_uuid, mail.code)
        headers["List-Unsubscribe"] = f"<{url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        subject=text.clean_line(mail.subject),
        body=letter.reveal(mail.text, html=False),
        from_email=formataddr((name, sender)),
        to=[mail.address],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=headers,
    )
    if mail.html:
        message.attach_alternative(letter.reveal(mail.html, html=True), "text/html")
    for file in files_of(mail):
        if file.media_type.startswith("text/calendar"):
            # As another form of the same mail, programs offer to take the appointment over.
            message.attach_alternative(file.content.decode(), file.media_type)
        message.attach(file.name, file.content, file.media_type.partition(";")[0])
    return message
