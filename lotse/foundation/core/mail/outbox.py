"""Writing to the outbox: one row in the transaction of the act that causes the mail."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.core import actionlog, clock, hooks, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.mail import choices, letter
from lotse.foundation.core.mail.files import File, keep
from lotse.foundation.core.mail.letter import Block, Look
from lotse.foundation.core.models import DeadAddress, MailChoice, OutboxMail
from lotse.foundation.core.permissions import require

Class, State = OutboxMail.Class, OutboxMail.State


@dataclass
class Drafts:
    """What `send` would have written; `closing` stands for the stored closing line if given."""

    mails: list[OutboxMail] = field(default_factory=list)
    closing: str | None = None


_drafts: ContextVar[Drafts | None] = ContextVar("lotse_mail_drafts", default=None)


@contextmanager
def drafting(closing: str | None = None) -> Iterator[Drafts]:
    """Inside, `send` stores nothing: the desk shows what would arrive, written by the same hand."""
    drafts = Drafts(closing=closing)
    token = _drafts.set(drafts)
    try:
        yield drafts
    finally:
        _drafts.reset(token)


def send(
    *,
    code: str,
    mail_class: str,
    address: str,
    lang: str,
    subject: str,
    reason: str,
    body: Sequence[Block] = (),
    template: str = "",
    context: Mapping[str, Any] | None = None,
    network: Look | None = None,
    base_url: str = "",
    person_uuid: UUID | None = None,
    reply_to: str = "",
    once: str = "",
    actor: Actor | None = None,
    files: Sequence[File] = (),
) -> OutboxMail:
    """Writes one mail to the outbox; a rollback of the caller removes it. At most 6 queries, and
    one for each file.

    `body` are blocks, or `template` is a plain-text template that gives them. `mail_class` is
    security, duty or news; `reason` completes the footer ("Sie erhalten diese Mail, weil ...").
    With `once` a second call with the same name writes nothing and returns the first mail. What the
    address does not want is kept as STOPPED, a digest's part as HELD, what goes to a dead address
    as FAILED. The network's closing line for this code ends the text, except in a digest's part.
    Raises Refused for an address that is none (T20), ValueError for a wrong class.
    """
    if mail_class not in Class.values:
        raise ValueError(f"not a class of mail: {mail_class}")
    to, answer_to = _checked(address), _checked(reply_to) if reply_to else ""
    look = network or letter.PLAIN
    base = base_url or str(settings.BASE_URL)
    line = text.shorten(text.clean_line(subject), 300)
    drafts = _drafts.get()
    state, error = State.QUEUED.value, ""
    if drafts is None:
        state, error = _first_state(to, network.uuid if network else None, code, mail_class)
    with override(lang):
        because = text.shorten(text.clean_line(reason), 300)
        switch = ""
        if mail_class == Class.NEWS:
            switch = choices.switch_url(to, network.uuid if network else None, code)
        source = list(body)
        if template:
            # Plain words: HTML is made of the result and escapes it, once.
            rendered = get_template(template).template.render(  # type: ignore[attr-defined]  # Django's own engine
                _plain_context(context or {})
            )
            source += letter.blocks_of(rendered, base)
        if state != State.HELD:
            source.append(_closing(drafts, network, code, lang))
        blocks = letter.clean(source, base)
        plain = letter.as_text(blocks, look, because, switch)
        html = letter.as_html(blocks, look, line, lang, because, switch)
    values: dict[str, Any] = {
        "network_uuid": network.uuid if network else None,
        "code": code,
        "mail_class": mail_class,
        "address": to,
        "person_uuid": person_uuid,
        "reply_to": answer_to,
        "lang": lang,
        "subject": line,
        "text": plain,
        "html": html,
        "reason": because,
        "state": state,
        "error": error,
    }
    if drafts is not None:
        drafts.mails.append(OutboxMail(**values))
        return drafts.mails[-1]
    if files:
        values["files"] = keep(files)
    if once:
        mail, made = OutboxMail.objects.get_or_create(once=once, defaults=values)
    else:
        mail, made = OutboxMail.objects.create(**values), True
    if made and actor is not None:
        actionlog.record("core.mail.written", mail, actor=actor, after={"code": code})
    return mail


def _closing(drafts: Drafts | None, network: Look | None, code: str, lang: str) -> str:
    """What the network says at the end of such mails; empty for nothing. One query."""
    if drafts is not None and drafts.closing is not None:
        return drafts.closing
    if network is None:
        return ""
    found = (provide(network.uuid, code, lang) for provide in hooks.mail_closings)
    return next((words for words in found if words), "")


def _plain_context(context: Mapping[str, Any]) -> Any:
    from django.template import Context

    return Context(dict(context), autoescape=False)


def _checked(address: str) -> str:
    """One address on one line. Raises Refused: no line break can reach a header."""
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(
            _("Diese E-Mail-Adresse ist nicht vollständig: %(value)s")
            % {"value": text.clean_line(address)}
        ) from None
    return address


def _first_state(address: str, network: UUID | None, code: str, mail_class: str) -> tuple[str, str]:
    if choices.is_dead(address, mail_class):
        return State.FAILED, choices.UNREACHABLE
    choice = choices.choice_of(address, network, code, mail_class)
    if choice == MailChoice.Choice.OFF:
        return State.STOPPED, choices.UNWANTED
    if choice == MailChoice.Choice.DIGEST and mail_class == Class.NEWS:
        return State.HELD, ""
    return State.QUEUED, ""


_AGAIN = (State.UNCLEAR, State.FAILED, State.BOUNCED)


@transaction.atomic
def resend(mail: OutboxMail, *, actor: Actor, expected: int | None = None) -> None:
    """Sends a mail that failed, came back or is unclear once more, because a person decided so.

    The Message-ID stays, so most mail programs show an unclear one once. An address that counted
    as dead is tried again. Raises NotAllowed, Conflict, and Refused where there is nothing to
    send: the text was removed, or the address does not want it.
    """
    require("mail.manage", actor, mail)
    if mail.state not in _AGAIN:
        raise Refused(
            _("Erneut senden lässt sich nur, was unklar, nicht zustellbar oder zurückgekommen ist.")
        )
    if not mail.text:
        raise Refused(_("Der Text dieser Mail ist schon gelöscht. Bitte lösen Sie sie neu aus."))
    choice = choices.choice_of(mail.address, mail.network_uuid, mail.code, mail.mail_class)
    if choice == MailChoice.Choice.OFF:
        raise Refused(_("Diese Adresse hat solche Mails abbestellt."))
    before = {"state": mail.state}
    DeadAddress.objects.filter(address=mail.address.lower()).delete()
    update_versioned(
        mail,
        expected=mail.version if expected is None else expected,
        state=State.QUEUED,
        attempts=0,
        error="",
        claimed_by="",
        due_at=clock.now(),
    )
    actionlog.record(
        "core.mail.resent", mail, actor=actor, before=before, after={"state": mail.state}
    )
