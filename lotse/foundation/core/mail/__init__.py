"""Mail: written to the outbox in the transaction of its act, sent by the worker (T47).

`send` and `send_all` write, `deliver_due` sends what is due, `resend` is the desk's button. No
other part of the product speaks to a mail server.
"""

from lotse.foundation.core.mail.choices import (
    Wish,
    choice_of,
    choices_of,
    choose,
    choose_all,
    read_token,
    token_of,
)
from lotse.foundation.core.mail.files import File
from lotse.foundation.core.mail.folder import FolderBackend
from lotse.foundation.core.mail.letter import Block, Heading, Letterhead, Link, Look, secret
from lotse.foundation.core.mail.outbox import Post, drafting, resend, send, send_all
from lotse.foundation.core.mail.sending import deliver_due, mark_unclear

__all__ = [
    "Block",
    "File",
    "FolderBackend",
    "Heading",
    "Letterhead",
    "Link",
    "Look",
    "Post",
    "Wish",
    "choice_of",
    "choices_of",
    "choose",
    "choose_all",
    "deliver_due",
    "drafting",
    "mark_unclear",
    "read_token",
    "resend",
    "secret",
    "send",
    "send_all",
    "token_of",
]
