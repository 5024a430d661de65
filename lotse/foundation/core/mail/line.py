"""The line to the mail server: one connection for many mails, and what a refusal means.

A mail may count as refused only as long as the server cannot have taken it: once its last line
went out and no answer comes, nobody knows, and it is `UNCLEAR` rather than sent twice (RFC 5321
4.5.3.2.6 names the case).
"""

import re
import smtplib
from email.generator import BytesGenerator
from enum import Enum
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from lotse.foundation.core import text

AFTER_DATA_SECONDS = 60  # servers scan a mail before they answer
MAILS_PER_CONNECTION = 100  # many servers close after that many
MOST_IN_A_LINE = 990  # RFC 5322 2.1.1 ends at 998
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
# RFC 3463: no such mailbox, no such domain, bad syntax, moved, null MX.
NO_SUCH_ADDRESS = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")


class Outcome(Enum):
    """What to do with a mail that was not accepted."""

    LATER = "later"
    NEVER = "never"
    UNCLEAR = "unclear"
    LINE = "line"


class Trouble(Exception):
    """A mail was not accepted. `status` is the enhanced code (RFC 3463) if the server gave one."""

    def __init__(self, outcome: Outcome, said: str, status: str = "") -> None:
        super().__init__(outcome.value)
        self.outcome = outcome
        self.said = text.shorten(text.clean_line(said), 280)
        self.status = status

    @property
    def no_such_address(self) -> bool:
        return self.status in NO_SUCH_ADDRESS


class Line:
    """Opens at the first mail, stays open, opens anew when the server hung up in between."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        self._carried = 0

    def carry(self, message: EmailMessage) -> None:
        """Hands one mail over. Raises Trouble."""
        if not isinstance(self._backend, EmailBackend):
            self._backend.send_messages([message])
            return
        if self._carried >= MAILS_PER_CONNECTION:
            self.close()
        try:
            self._carry(message)
        except Trouble as trouble:
            # A connection that rested may have been closed: that says nothing about this mail.
            if trouble.outcome is not Outcome.LINE or not self._carried:
                raise
            self.close()
            self._carry(message)

    def close(self) -> None:
        """Says goodbye, without complaint from a server that is gone."""
        self._carried = 0
        if not isinstance(self._backend, EmailBackend):
            self._backend.close()
            return
        server, self._backend.connection = self._backend.connection, None
        if server is not None:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _carry(self, message: EmailMessage) -> None:
        handed = False
        try:
            self._backend.open()
            server = self._backend.connection
            raw = _raw(message)
            self._envelope(server, message, len(raw))
            code, answer = server.docmd("data")
            if code != 354:
                raise _refused(code, answer, of_address=False)
            server.send(_dotted(raw))
            handed = True
            code, answer = self._patiently(server)
            if code != 250:
                raise _refused(code, answer, of_address=True)
        except Trouble as trouble:
            if trouble.outcome is Outcome.LINE:
                self._drop()
            else:
                self._reset()
            raise
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            outcome = Outcome.UNCLEAR if handed else Outcome.LINE
            raise Trouble(outcome, _said(error)) from None
        self._carried += 1

    def _envelope(self, server: smtplib.SMTP, message: EmailMessage, size: int) -> None:
        encoding = str(settings.DEFAULT_CHARSET)
        server.ehlo_or_helo_if_needed()
        sized = server.does_esmtp and server.has_extn("size")
        options = [f"size={size}"] if sized else []
        code, answer = server.mail(sanitize_address(message.from_email, encoding), options)
        if code != 250:
            # The sender is ours and the same for all mail, so this one is not to blame.
            trouble = _refused(code, answer, of_address=False)
            raise Trouble(Outcome.LINE, trouble.said)
        (address,) = message.recipients()
        code, answer = server.rcpt(sanitize_address(address, encoding))
        if code not in (250, 251):
            raise _refused(code, answer, of_address=True)

    def _patiently(self, server: smtplib.SMTP) -> tuple[int, bytes]:
        usual = server.sock.gettimeout() if server.sock else None
        if server.sock:
            server.sock.settimeout(AFTER_DATA_SECONDS)
        answer = server.getreply()
        if server.sock:
            server.sock.settimeout(usual)
        return answer

    def _reset(self) -> None:
        try:
            self._backend.connection.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        server, self._backend.connection = self._backend.connection, None
        if server is not None:
            server.close()


def _refused(code: int, answer: bytes, *, of_address: bool) -> Trouble:
    said = answer.decode("utf-8", "replace")
    found = _ENHANCED.match(said)
    status = found[1] if found else ""
    if code == 421 or code < 0:
        return Trouble(Outcome.LINE, f"{code} {said}", status)
    if 500 <= code < 600 and of_address:
        return Trouble(Outcome.NEVER, f"{code} {said}", status)
    return Trouble(Outcome.LATER, f"{code} {said}", status)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
        return f"{error.smtp_code} {words}"
    return f"{type(error).__name__}: {error}"


def _raw(message: EmailMessage) -> bytes:
    """The mail as bytes. Addresses in headers stay in one piece: programs trip over folded ones."""
    out = BytesIO()
    generator = BytesGenerator(out, mangle_from_=False, maxheaderlen=MOST_IN_A_LINE)
    generator.flatten(message.message(), linesep="\r\n")
    return out.getvalue()


def _dotted(raw: bytes) -> bytes:
    """The mail as DATA wants it: lines that begin with a dot get another, a dot ends it."""
    quoted = re.sub(rb"(?m)^\.", b"..", raw)
    return quoted + (b"" if quoted.endswith(b"\r\n") else b"\r\n") + b".\r\n"
