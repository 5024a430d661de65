"""Writing to the outbox: one row in the transaction of the act that causes the mail."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, kw_only=True)
class Post:
    """One mail that is to be written, as `send` takes it."""

    code: str
    mail_class: str
    address: str
    lang: str
    subject: str
    reason: str
    body: Sequence[Block] = ()
    template: str = ""
    context: Mapping[str, Any] | None = None
    network: Look | None = None
    base_url: str = ""
    person_uuid: UUID | None = None
    reply_to: str = ""
    once: str = ""
    files: Sequence[File] = ()

    @property
    def network_uuid(self) -> UUID | None:
        return self.network.uuid if self.network else None


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
    post = Post(
        code=code, mail_class=mail_class, address=address, lang=lang, subject=subject,
        reason=reason, body=body, template=template, context=context, network=network,
        base_url=base_url, person_uuid=person_uuid, reply_to=reply_to, once=once, files=files,
    )  # fmt: skip
    _check(post)
    drafts = _drafts.get()
    if drafts is not None:
        return _draft(drafts, post)
    values = _written(post, _first_state(post), _closing)
    if files:
        values["files"] = keep(files)
    if once:
        mail, made = OutboxMail.objects.get_or_create(once=once, defaults=values)
    else:
        mail, made = OutboxMail.objects.create(**values), True
    if made and actor is not None:
        actionlog.record("core.mail.written", mail, actor=actor, after={"code": code})
    return mail


def send_all(posts: Iterable[Post]) -> int:
    """Writes many mails at once, each as `send` would; returns how many are new. Call inside the
    transaction of the act.

    However many there are: for each kind of mail in each network two queries and, for each
    language, the one for its closing line; one for the names, up to three for each different file
    that is not text; then one INSERT, on SQLite one for each 40 mails. Raises as `send`, and then
    writes none.
    """
    found = list(posts)
    for post in found:
        _check(post)
    drafts = _drafts.get()
    if drafts is not None:
        return len([_draft(drafts, post) for post in found])
    known = _known(found)
    new: list[Post] = []
    for post in found:
        if post.once not in known:
            new.append(post)
            known |= {post.once} - {""}
    state_of, closing = _states(new), _closings()
    kept: dict[File, dict[str, str]] = {}
    rows: list[OutboxMail] = []
    for post in new:
        values = _written(post, state_of(post), closing) | {"files": keep(post.files, kept)}
        if post.once:
            values["once"] = post.once
        rows.append(OutboxMail(**values))
    # Of a name that somebody else wrote this moment theirs stays, as with `send`.
    OutboxMail.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _known(posts: Iterable[Post]) -> set[str]:
    names = [post.once for post in posts if post.once]
    if not names:
        return set()
    return set(OutboxMail.objects.filter(once__in=names).values_list("once", flat=True))


def _check(post: Post) -> None:
    if post.mail_class not in Class.values:
        raise ValueError(f"not a class of mail: {post.mail_class}")
    _check_address(post.address)
    if post.reply_to:
        _check_address(post.reply_to)


def _draft(drafts: Drafts, post: Post) -> OutboxMail:
    """What would be written; nothing is asked of the database but the stored closing line."""

    def closing(network: Look | None, code: str, lang: str) -> str:
        return _closing(network, code, lang) if drafts.closing is None else drafts.closing

    drafts.mails.append(OutboxMail(**_written(post, (State.QUEUED.value, ""), closing)))
    return drafts.mails[-1]


Closing = Callable[[Look | None, str, str], str]


def _written(post: Post, begins: tuple[str, str], closing: Closing) -> dict[str, Any]:
    """The values of the row; `begins` is its state with the reason for it."""
    state, error = begins
    look = post.network or letter.PLAIN
    line = text.shorten(text.clean_line(post.subject), 300)
    with override(post.lang):
        because = text.shorten(text.clean_line(post.reason), 300)
        switch = ""
        if post.mail_class == Class.NEWS:
            switch = choices.switch_url(post.address, post.network_uuid, post.code)
        words = "" if state == State.HELD else closing(post.network, post.code, post.lang)
        blocks = _blocks(post, words)
        plain = letter.as_text(blocks, look, because, switch)
        html = letter.as_html(blocks, look, line, post.lang, because, switch)
    return {
        "network_uuid": post.network_uuid,
        "code": post.code,
        "mail_class": post.mail_class,
        "address": post.address,
        "person_uuid": post.person_uuid,
        "reply_to": post.reply_to,
        "lang": post.lang,
        "subject": line,
        "text": plain,
        "html": html,
        "reason": because,
        "state": state,
        "error": error,
    }


def _blocks(post: Post, closing: str) -> list[Block]:
    base = post.base_url or str(settings.BASE_URL)
    source = list(post.body)
    if post.template:
        # Plain words: HTML is made of the result and escapes it, once.
        rendered = get_template(post.template).template.render(  # type: ignore[attr-defined]  # Django's own engine
            _plain_context(post.context or {})
        )
        source += letter.blocks_of(rendered, base)
    return letter.clean([*source, closing], base)


def _closing(network: Look | None, code: str, lang: str) -> str:
    """What the network says at the end of such mails; empty for nothing. One query."""
    if network is None:
        return ""
    found = (provide(network.uuid, code, lang) for provide in hooks.mail_closings)
    return next((words for words in found if words), "")


def _closings() -> Closing:
    """The same, asked once for each kind of mail in a language."""
    found: dict[tuple[UUID | None, str, str], str] = {}

    def closing(network: Look | None, code: str, lang: str) -> str:
        key = (network.uuid if network else None, code, lang)
        if key not in found:
            found[key] = _closing(network, code, lang)
        return found[key]

    return closing


def _plain_context(context: Mapping[str, Any]) -> Any:
    from django.template import Context

    return Context(dict(context), autoescape=False)


def _check_address(address: str) -> None:
    """One address on one line. Raises Refused: no line break can reach a header."""
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(
            _("Diese E-Mail-Adresse ist nicht vollständig: %(value)s")
            % {"value": text.clean_line(address)}
        ) from None


def _first_state(post: Post) -> tuple[str, str]:
    if choices.is_dead(post.address, post.mail_class):
        return _begins(True, "", post.mail_class)
    choice = choices.choice_of(post.address, post.network_uuid, post.code, post.mail_class)
    return _begins(False, choice, post.mail_class)


def _states(posts: Iterable[Post]) -> Callable[[Post], tuple[str, str]]:
    """In what state each of the mails begins. Two queries for each kind of mail in a network."""
    groups: dict[tuple[UUID | None, str, str], list[str]] = {}
    for post in posts:
        key = (post.network_uuid, post.code, post.mail_class)
        groups.setdefault(key, []).append(post.address)
    asked = {
        key: (choices.dead_among(to, key[2]), choices.choices_for(to, *key))
        for key, to in groups.items()
    }

    def state_of(post: Post) -> tuple[str, str]:
        dead, chosen = asked[post.network_uuid, post.code, post.mail_class]
        address = post.address.lower()
        return _begins(address in dead, chosen.get(address, ""), post.mail_class)

    return state_of


def _begins(is_dead: bool, choice: str, mail_class: str) -> tuple[str, str]:
    if is_dead:
        return State.FAILED, choices.UNREACHABLE
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
