"""What a mail looks like: text and HTML from the same blocks, in the network's look.

Blocks hold plain words only. HTML comes from them through an escaping template, the text by
joining them, so neither can say more than the other, and nothing in a name is ever run (T17, T19).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import gettext as _

from lotse.foundation.core import hooks, text

SIGNATURE = "\n\n-- \n"  # user text has no blank at the end of a line, so it cannot imitate this
# Control characters never survive `text.clean`, so user text cannot imitate a mark either.
_MARK = re.compile("\x02([a-z_.]+):([^\x02\x03]{1,200})\x03")
_ACCENT = re.compile(r"#[0-9a-fA-F]{6}")
_PLAIN_ACCENT = "#2c3e8f"
_WEB = ("https://", "http://")


class Look(Protocol):
    """What a mail needs to know of a network; `parties.Network` is one."""

    @property
    def uuid(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def accent(self) -> str: ...


@dataclass(frozen=True)
class Letterhead:
    """A `Look` without a network behind it."""

    uuid: UUID
    name: str
    accent: str = ""


@dataclass(frozen=True)
class Link:
    """A link on a line of its own; `url` is absolute, a path of this installation or `secret`."""

    label: str
    url: str


@dataclass(frozen=True)
class Heading:
    """A heading inside a mail."""

    text: str


Block = str | Link | Heading


def secret(name: str, ref: str) -> str:
    """Stands in a link for an address that is worked out when the mail is sent.

    The outbox then never holds it. `name` is that of a `hooks.MailSecret`, `ref` what it needs.
    """
    mark = f"\x02{name}:{ref}\x03"
    if not _MARK.fullmatch(mark):
        raise ValueError("not the name or reference of a secret")
    return mark


class Gone(Exception):
    """What a secret stood for is no longer there: the mail is not sent."""


def reveal(content: str, *, html: bool) -> str:
    """The content with every secret in its place. Raises Gone."""

    def found(match: re.Match[str]) -> str:
        known = {entry.name: entry.resolve for entry in hooks.mail_secrets}
        value = known[match[1]](match[2])
        if value is None:
            raise Gone
        return escape(value) if html else value

    return _MARK.sub(found, content)


def veil(content: str, example: str) -> str:
    """The content with an example address in the place of every secret."""
    return _MARK.sub(lambda _match: example, content)


def letterhead_of(network: UUID | None) -> Look:
    """The look of a network by its uuid; Lotse's own where there is none. One query."""
    if network is not None:
        for provide in hooks.letterheads:
            if found := provide(network):
                return found  # type: ignore[no-any-return]  # a Look, registered as such
        return Letterhead(network, PLAIN.name)
    return PLAIN


PLAIN = Letterhead(UUID(int=0), "Lotse")


def blocks_of(source: str, base_url: str) -> list[Block]:
    """Plain text as blocks: paragraphs between empty lines; a line before an own address links."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.clean(source)):
        head, _sep, last = paragraph.rpartition("\n")
        if head and last.startswith(f"{base_url}/") and " " not in last and "\n" not in head:
            blocks.append(Link(head, last))
        elif paragraph:
            blocks.append(paragraph)
    return blocks


def clean(blocks: Sequence[Block], base_url: str) -> list[Block]:
    """The blocks with cleaned words and full addresses. Raises ValueError for another scheme."""
    cleaned: list[Block] = []
    for block in blocks:
        if isinstance(block, Link):
            cleaned.append(Link(text.clean_line(block.label), _address(block.url, base_url)))
        elif isinstance(block, Heading):
            cleaned.append(Heading(text.clean_line(block.text)))
        elif paragraph := text.clean(str(block)):
            cleaned.append(paragraph)
    return cleaned


def _address(url: str, base_url: str) -> str:
    if _MARK.fullmatch(url):
        return url
    line = text.clean_line(url)
    full = base_url + line if line.startswith("/") and not line.startswith("//") else line
    if not full.startswith(_WEB) or " " in full:
        raise ValueError("a link in a mail must lead to a page")
    return full


def as_text(blocks: Sequence[Block], network: Look, reason: str, switch: str) -> str:
    """The mail as plain text; what comes after the signature mark is the footer."""
    parts = []
    for block in blocks:
        if isinstance(block, Link):
            parts.append(f"{block.label}\n{block.url}" if block.label else block.url)
        else:
            parts.append(block.text if isinstance(block, Heading) else block)
    footer = [text.clean_line(network.name), reason]
    if switch:
        footer.append(f"{_('Abbestellen oder ändern:')} {switch}")
    return "\n\n".join(parts) + SIGNATURE + "\n".join(line for line in footer if line) + "\n"


def body_of(mail_text: str) -> str:
    """A written mail's text without its footer."""
    return mail_text.rpartition(SIGNATURE)[0]


def as_html(
    blocks: Sequence[Block], network: Look, subject: str, lang: str, reason: str, switch: str
) -> str:
    """The mail as HTML, every word escaped; styles stand inline because mail programs ask it."""
    rows = [
        {
            "kind": type(block).__name__.lower() if not isinstance(block, str) else "text",
            "text": block.label if isinstance(block, Link) else getattr(block, "text", block),
            "url": block.url if isinstance(block, Link) else "",
        }
        for block in blocks
    ]
    accent = network.accent if _ACCENT.fullmatch(network.accent or "") else _PLAIN_ACCENT
    context = {
        "rows": rows,
        "name": text.clean_line(network.name),
        "accent": accent,
        "subject": subject,
        "lang": lang,
        "reason": reason,
        "switch": switch,
        "base_url": settings.BASE_URL,
    }
    return render_to_string("ui/mail/letter.html", context)
