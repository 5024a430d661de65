"""The erasure ledger: which erasures a restored backup has to repeat (T50, T58).

A file beside the database and outside every backup, so that a backup from before an erasure does
not bring the person back. It holds a keyed hash of the person's key and the day: nobody can be
read out of it. The key stands in its first line, made once and independent of the secret key.
"""

import fcntl
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from uuid import UUID

from django.conf import settings

from lotse.foundation.core import clock

HEAD = "lotse-erasures/1"


def path() -> Path:
    return Path(settings.DATA_DIR) / "erasures.log"


def add(person: UUID) -> None:
    """Appends one line and returns when it is on the disk. Raises OSError."""
    file = path()
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a+", encoding="ascii") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        out.seek(0)
        head = out.readline().split()
        if not head:
            head = [HEAD, secrets.token_hex(32)]
            out.write(" ".join(head) + "\n")
        out.write(f"{clock.today().isoformat()} {_hash(head[1], person)}\n")
        out.flush()
        os.fsync(out.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name of a new file, too
    finally:
        os.close(folder)


def contains(people: list[UUID]) -> set[UUID]:
    """Which of these people the ledger says are erased. A line cut short by a crash is skipped."""
    if not path().exists():
        return set()
    lines = path().read_text(encoding="ascii", errors="replace").splitlines()
    head = lines[0].split() if lines else []
    if len(head) != 2 or head[0] != HEAD:
        return set()
    known = {parts[1] for line in lines[1:] if len(parts := line.split()) == 2}
    return {person for person in people if _hash(head[1], person) in known}


def count() -> int:
    """How many erasures it holds."""
    if not path().exists():
        return 0
    return max(0, len(path().read_text(encoding="ascii", errors="replace").splitlines()) - 1)


def _hash(key: str, person: UUID) -> str:
    return hmac.new(bytes.fromhex(key), person.bytes, hashlib.sha256).hexdigest()
