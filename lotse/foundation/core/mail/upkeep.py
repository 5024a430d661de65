"""Daily work on the outbox: digests, and texts that were kept long enough."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from lotse.foundation.core import clock
from lotse.foundation.core.mail import choices, files, letter
from lotse.foundation.core.mail.letter import Block, Heading
from lotse.foundation.core.mail.outbox import send
from lotse.foundation.core.models import OutboxMail

TEXT_DAYS = 30
State = OutboxMail.State
_DONE = (State.SENT, State.FAILED, State.BOUNCED, State.STOPPED, State.UNCLEAR)


def empty_old_texts() -> int:
    """Empties text, HTML and files of mail that is done and older than 30 days; returns how
    many."""
    files.delete_old(TEXT_DAYS)
    border = clock.now() - timedelta(days=TEXT_DAYS)
    old = OutboxMail.objects.filter(created_at__lt=border, state__in=_DONE).exclude(text="")
    return old.update(text="", html="", files=[])


def send_digests() -> int:
    """Writes one mail a day for each address and network out of all that are held for it.

    Returns how many digests. A second run on the same day writes none.
    """
    held = OutboxMail.objects.filter(state=State.HELD).order_by("address", "network_uuid", "pk")
    groups = held.values_list("address", "network_uuid").order_by("address", "network_uuid")
    by_reader = groupby(groups.distinct(), key=lambda pair: (pair[0].lower(), pair[1]))
    return sum(_send_digest(address, network) for (address, network), _same in by_reader)


def _send_digest(address: str, network: UUID | None) -> bool:
    day = clock.today().isoformat()
    digest = hashlib.sha256(f"{address}|{network}".encode()).hexdigest()[:40]
    once = f"digest:{day}:{digest}"
    with transaction.atomic():
        if OutboxMail.objects.filter(once=once).exists():
            return False
        held = OutboxMail.objects.filter(
            state=State.HELD, address__iexact=address, network_uuid=network
        )
        parts = list(held.order_by("pk"))
        if not parts:
            return False
        mail = _write(parts, letter.letterhead_of(network) if network else None, once)
        waits = mail.state in (State.HELD, State.QUEUED)
        if mail.state == State.HELD:  # "all news as a digest" holds for the digest itself too
            OutboxMail.objects.filter(pk=mail.pk).update(state=State.QUEUED)
        done = OutboxMail.objects.filter(pk__in=[part.pk for part in parts], state=State.HELD)
        done.update(
            state=State.SENT if waits else mail.state,
            error=mail.error,
            sent_at=clock.now() if waits else None,
            claimed_by=f"digest{mail.uuid.hex}",
            updated_at=clock.now(),
        )
    return True


def _write(parts: list[OutboxMail], look: letter.Look | None, once: str) -> OutboxMail:
    lang = parts[-1].lang
    with override(lang):
        subject = ngettext("%(count)d Neuigkeit", "%(count)d Neuigkeiten", len(parts)) % {
            "count": len(parts)
        }
        reason = _("Sie erhalten diese Mail, weil Sie Neuigkeiten einmal am Tag lesen möchten.")
    return send(
        code=choices.DIGEST,
        mail_class=OutboxMail.Class.NEWS,
        address=parts[-1].address,
        lang=lang,
        subject=f"{(look or letter.PLAIN).name}: {subject}",
        reason=reason,
        body=list(_blocks(parts)),
        network=look,
        once=once,
        person_uuid=parts[-1].person_uuid,
    )


def sample_digest(network: letter.Look, lang: str) -> None:
    """A digest of two invented pieces of news, for the desk."""
    words = {
        _("Neuer Check"): _("Der Check „Kooperation mit Betrieben“ ist da."),
        _("Treffen am Donnerstag"): _("Wir beginnen um 18 Uhr."),
    }
    parts = [
        OutboxMail(address="kim.muster@verein.example", lang=lang, subject=subject,
                   text=letter.as_text([body], network, "", ""))
        for subject, body in words.items()
    ]  # fmt: skip
    _write(parts, network, "")


def _blocks(parts: Iterable[OutboxMail]) -> Iterable[Block]:
    for part in parts:
        yield Heading(part.subject)
        yield from letter.blocks_of(letter.body_of(part.text), str(settings.BASE_URL))
