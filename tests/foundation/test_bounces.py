"""Delivery reports: ours are noted once, everything else is left, nothing hostile crashes it."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from lotse.foundation.core.mail import bounces, postbox, sending
from lotse.foundation.core.models import DeadAddress, OutboxMail
from tests.foundation.test_mail import DUTY, state, write

pytestmark = pytest.mark.django_db

REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mail.example
To: lotse@localhost
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you ...

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} User unknown

--b
Content-Type: {kind}

Message-ID: {message_id}
Subject: Neues
From: lotse@localhost

text
--b--
"""


def report(found: OutboxMail | None, **fields: str) -> bytes:
    """A delivery report as Postfix writes one."""
    values = {
        "address": found.address if found else "x@y.example",
        "message_id": sending.message_id(found.uuid if found else uuid4()),
        "action": "failed",
        "status": "5.1.1",
        "kind": "message/rfc822",
        **fields,
    }
    return REPORT.format(**values).encode()


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def gone() -> OutboxMail:
    """A mail that was sent."""
    found = write(DUTY)
    OutboxMail.objects.update(state="sent")
    return found


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_hard_bounce_is_noted_once(maildir: Path, gone: OutboxMail, kind: str, capsys) -> None:
    (maildir / "new" / "1.host").write_bytes(report(gone, kind=kind))
    call_command("readbounces", maildir=str(maildir))
    assert capsys.readouterr().out.endswith(": 1\n")
    assert state(gone) == "bounced"
    assert "User unknown" in gone.error
    assert DeadAddress.objects.get().address == gone.address
    assert [file.name for file in (maildir / "cur").iterdir()] == ["1.host:2,S"]
    call_command("readbounces", maildir=str(maildir))
    assert capsys.readouterr().out.endswith(": 0\n")
    (maildir / "new" / "2.host").write_bytes(report(gone, kind=kind))
    assert postbox.read_maildir(maildir) == 0
    assert DeadAddress.objects.count() == 1


@pytest.mark.parametrize(("code", "kept"), [("accounts.code.login", False), ("test.news", True)])
def test_a_code_that_came_back_is_emptied(gone: OutboxMail, code: str, kept: bool) -> None:
    """T32."""
    OutboxMail.objects.update(code=code, state="unclear")
    found = bounces.read_report(report(gone))
    assert found is not None
    assert bounces.note(found)
    assert state(gone) == "bounced"
    assert (bool(gone.text), bool(gone.html)) == (kept, kept)


def test_a_refusal_that_is_not_about_the_address_kills_no_address(
    maildir: Path, gone: OutboxMail
) -> None:
    (maildir / "new" / "1").write_bytes(report(gone, status="5.7.1"))
    assert postbox.read_maildir(maildir) == 1
    assert state(gone) == "bounced"
    assert not DeadAddress.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"status": "4.4.1", "action": "delayed"}, {"status": "4.2.2"}, {"action": "delivered"},
     {"status": "2.0.0"}, {"message_id": "<other@mail.example>"}, {"status": ""},
     {"kind": "text/plain"}, {"message_id": f"<lotse.{uuid4()}@localhost>"}],
)  # fmt: skip
def test_soft_and_foreign_ones_are_left(
    maildir: Path, gone: OutboxMail, fields: dict[str, str]
) -> None:
    (maildir / "new" / "1").write_bytes(report(gone, **fields))
    assert postbox.read_maildir(maildir) == 0
    assert state(gone) == "sent"


def test_mail_of_people_stays_unseen(maildir: Path, gone: OutboxMail) -> None:
    raw = f"Subject: Re: Neues\nIn-Reply-To: {sending.message_id(gone.uuid)}\n\nDanke".encode()
    (maildir / "new" / "1").write_bytes(raw)
    assert postbox.read_maildir(maildir) == 0
    assert (maildir / "new" / "1").exists()


def test_what_waits_is_not_changed(gone: OutboxMail) -> None:
    OutboxMail.objects.update(state="queued")
    found = bounces.read_report(report(gone))
    assert found is not None
    assert not bounces.note(found)
    assert state(gone) == "queued"


HOSTILE = [
    b"",
    b"\0" * 1000,
    b"Content-Type: multipart/report; boundary=\n\n",
    b"Content-Type: multipart/report; boundary=b\n\n--b\n" * 500,
    b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n--b--",
    b"Content-Type: multipart/report; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\nStatus: =?utf-8?b?////?=\n\n--b--",
    b"Content-Type: multipart/report; charset=nonsense; boundary=b\n\n--b\n"
    b"Content-Type: text/rfc822-headers; charset=x\n"
    b"Content-Transfer-Encoding: base64\n\n!!!\n--b--",
    b"".join(b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (n, n)
             for n in range(3000)),
    report(None) + b"x" * 10_000_000,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_input_never_crashes(maildir: Path, gone: OutboxMail, number: int) -> None:
    (maildir / "new" / "1").write_bytes(HOSTILE[number])
    (maildir / "new" / "2").write_bytes(report(gone))
    assert postbox.read_maildir(maildir) == 1
    assert state(gone) == "bounced"


@given(st.binary(max_size=300), st.integers(0, len(REPORT)))
def test_any_damage_is_survived(noise: bytes, place: int) -> None:
    raw = report(None)
    bounces.read_report(raw[:place] + noise + raw[place:])


class Imap:
    """As much of an IMAP server as is asked."""

    seen: list[str] = []
    mails: dict[str, bytes] = {}

    def __init__(self, host: str, port: int, **options: Any) -> None:
        assert (host, port) == ("imap.example", 993)

    def login(self, name: str, password: str) -> None:
        if password != "ge/heim":
            raise postbox.imaplib.IMAP4.error("LOGIN failed for ge/heim")

    def select(self, box: str) -> tuple[str, list[bytes]]:
        return ("OK" if box == '"INBOX"' else "NO"), [b"1"]

    def uid(self, command: str, *arguments: str) -> tuple[str, list[Any]]:
        if command == "SEARCH":
            unseen = [name for name in self.mails if name not in self.seen]
            return "OK", [" ".join(unseen).encode()]
        if command == "FETCH":
            return "OK", [(b"1 (UID 1 BODY[] {9}", self.mails[arguments[0]]), b")"]
        self.seen.append(arguments[0])
        return "OK", []

    def logout(self) -> None:
        pass


@pytest.fixture
def imap(monkeypatch: pytest.MonkeyPatch) -> type[Imap]:
    monkeypatch.setattr(Imap, "seen", [])
    monkeypatch.setattr(Imap, "mails", {})
    monkeypatch.setattr(postbox.imaplib, "IMAP4_SSL", Imap)
    return Imap


def test_a_mailbox_over_imap(imap: Any, gone: OutboxMail, tmp_path: Path, settings: Any) -> None:
    imap.mails |= {"1": report(gone), "2": b"Subject: Hallo\n\nx"}
    file = tmp_path / "imap"
    file.write_text("imaps://lotse:ge%2Fheim@imap.example/INBOX\n")
    call_command("readbounces", imap=str(file))
    assert state(gone) == "bounced"
    assert imap.seen == ["1"]
    settings.BOUNCE_IMAP_URL = file.read_text().strip()
    assert postbox.read_configured() == 0


@pytest.mark.parametrize(
    "url",
    ["imaps://lotse:falsch@imap.example/", "https://imap.example/", "imaps:///INBOX",
     "imaps://lotse:ge%2Fheim@imap.example/Fehlt"],
)  # fmt: skip
def test_a_wrong_mailbox_is_said_without_its_password(imap: Any, tmp_path: Path, url: str) -> None:
    file = tmp_path / "imap"
    file.write_text(url)
    with pytest.raises(CommandError) as refusal:
        call_command("readbounces", imap=str(file))
    assert "heim" not in str(refusal.value)
    assert "falsch" not in str(refusal.value)


def test_a_wrong_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Kein Maildir"):
        call_command("readbounces", maildir=str(tmp_path))


def test_the_daily_job_reads_what_is_set(maildir: Path, gone: OutboxMail, settings: Any) -> None:
    assert postbox.read_configured() == 0
    settings.BOUNCE_MAILDIR = str(maildir)
    (maildir / "cur" / "1:2,F").write_bytes(report(gone))
    assert postbox.read_configured() == 1
    assert (maildir / "cur" / "1:2,FS").exists()
