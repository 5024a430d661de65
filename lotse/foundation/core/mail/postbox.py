"""Where delivery reports arrive: a Maildir, or a mailbox asked over IMAP.

Only unseen reports are read and marked as seen; every other mail stays as it is.
"""

import contextlib
import imaplib
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from lotse.foundation.core.mail import bounces

MOST = 5000
SECONDS = 20
_FLAGS = ":2,"


class BadPlace(Exception):
    """The Maildir or mailbox is not there or cannot be opened; the words say which and why."""


def read_configured() -> int:
    """Reads what the settings name, for the daily job; returns how many bounces are new."""
    found = 0
    if settings.BOUNCE_MAILDIR:
        found += read_maildir(Path(settings.BOUNCE_MAILDIR))
    if settings.BOUNCE_IMAP_URL:
        found += read_imap(settings.BOUNCE_IMAP_URL)
    return found


def read_maildir(folder: Path) -> int:
    """Reads the unseen reports of a Maildir; returns how many bounces are new. Raises BadPlace."""
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        raise BadPlace(f"Kein Maildir: {folder}")
    found = 0
    for file in _unseen(folder):
        with contextlib.suppress(FileNotFoundError):  # another reader took it
            with file.open("rb") as content:
                report = bounces.read_report(content.read(bounces.MOST_BYTES))
            if report is not None:
                found += bounces.note(report)
                _mark_seen(folder, file)
    return found


def _unseen(folder: Path) -> Iterator[Path]:
    files = [*(folder / "new").iterdir(), *(folder / "cur").iterdir()]
    unseen = (file for file in sorted(files) if "S" not in file.name.partition(_FLAGS)[2])
    return (file for file, _number in zip(unseen, range(MOST), strict=False) if file.is_file())


def _mark_seen(folder: Path, file: Path) -> None:
    name, _sep, flags = file.name.partition(_FLAGS)
    file.rename(folder / "cur" / (name + _FLAGS + "".join(sorted({*flags, "S"}))))


def read_imap(url: str) -> int:
    """Reads the unseen reports of `imaps://user:password@host:port/INBOX` (or `imap://`).

    Returns how many bounces are new. Raises BadPlace; its words never hold the password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname:
        raise BadPlace("Die Adresse muss mit imaps:// oder imap:// beginnen.")
    box = unquote(parts.path.lstrip("/")) or "INBOX"
    try:
        server = _connect(parts.scheme, parts.hostname, parts.port)
        try:
            server.login(unquote(parts.username or ""), unquote(parts.password or ""))
            state, _answer = server.select(f'"{box}"')
            if state != "OK":
                raise BadPlace(f"Das Postfach {box} gibt es nicht.")
            return _read_selected(server)
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                server.logout()
    except (OSError, imaplib.IMAP4.error) as error:
        raise BadPlace(f"{parts.hostname}: {type(error).__name__}") from None


def _connect(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imaps":
        safe = ssl.create_default_context()
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=safe, timeout=SECONDS)
    return imaplib.IMAP4(host, port or 143, timeout=SECONDS)


def _read_selected(server: imaplib.IMAP4) -> int:
    found = 0
    _state, answer = server.uid("SEARCH", "UNSEEN", "HEADER", "Content-Type", '"multipart/report"')
    numbers = answer[0].split() if answer and answer[0] else []
    for number in numbers[:MOST]:
        name = number.decode()
        _state, parts = server.uid("FETCH", name, f"(BODY.PEEK[]<0.{bounces.MOST_BYTES}>)")
        for part in parts or []:
            report = bounces.read_report(part[1]) if isinstance(part, tuple) else None
            if report is not None:
                found += bounces.note(report)
                server.uid("STORE", name, "+FLAGS", "(\\Seen)")
    return found
