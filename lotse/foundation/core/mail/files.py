"""Files of mails: text such as a calendar entry stands in the mail's row, the rest is kept once."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lotse.foundation.core import clock, text
from lotse.foundation.core.models import MailFile, OutboxMail

MOST_BYTES = 5 * 1024**2


@dataclass(frozen=True)
class File:
    """A file to send along. One of type `text/calendar; method=REQUEST` is offered by mail
    programs as an appointment, too."""

    name: str
    media_type: str
    content: bytes

    @property
    def is_text(self) -> bool:
        return self.media_type.startswith("text/")


def keep(
    files: Iterable[File], kept: dict[File, dict[str, str]] | None = None
) -> list[dict[str, str]]:
    """The files as the row of a mail holds them. One query for each that is not text; none for
    those in `kept`, which remembers them from mail to mail.

    Raises ValueError above 5 MB together.
    """
    given = list(files)
    if sum(len(file.content) for file in given) > MOST_BYTES:
        raise ValueError("files of one mail are 5 MB at most")
    return [_kept(file, {} if kept is None else kept) for file in given]


def _kept(file: File, kept: dict[File, dict[str, str]]) -> dict[str, str]:
    entry = {"name": text.clean_line(file.name), "type": file.media_type}
    if file.is_text:
        return entry | {"text": file.content.decode()}
    if file not in kept:
        digest = hashlib.sha256(file.content).hexdigest()
        # Of what is kept already only the day is written: nothing of 400 mails is read back.
        if not MailFile.objects.filter(sha256=digest).update(used_at=clock.now()):
            MailFile.objects.get_or_create(sha256=digest, defaults={"content": file.content})
        kept[file] = entry | {"sha256": digest}
    return kept[file]


def files_of(mail: OutboxMail) -> Iterator[File]:
    """The files of a mail; one that is gone is left out. One query where some are not text."""
    wanted = [entry["sha256"] for entry in mail.files if "sha256" in entry]
    found: dict[str, Any] = {}
    if wanted:
        rows = MailFile.objects.filter(sha256__in=wanted).values_list("sha256", "content")
        found = {digest: bytes(content) for digest, content in rows}
    for entry in mail.files:
        content = entry["text"].encode() if "text" in entry else found.get(entry["sha256"])
        if content is not None:
            yield File(entry["name"], entry["type"], content)


def delete_old(days: int) -> int:
    """Deletes files that no mail of the last days carries; returns how many."""
    border = clock.now() - timedelta(days=days)
    return MailFile.objects.filter(used_at__lt=border).delete()[0]
