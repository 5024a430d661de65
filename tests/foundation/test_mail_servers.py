"""Mail servers that refuse, delay, hang up and hang: one bad recipient stops nobody (T47)."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_string, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from lotse.foundation.core import clock, mail
from lotse.foundation.core.mail import line
from lotse.foundation.core.models import DeadAddress, OutboxMail
from lotse.foundation.core.tasks import RETRY_AFTER_MINUTES
from tests import make
from tests.foundation.test_mail import DUTY, SECURITY, state, write

pytestmark = pytest.mark.django_db
LOCAL = "127.0.0.1"


class Handler:
    """A mail server whose answers a test chooses, per recipient or for all."""

    def __init__(self) -> None:
        self.rcpt: dict[str, str] = {}
        self.data: dict[str, str] = {}
        self.sender = "250 OK"
        self.seconds: dict[str, float] = {}
        self.taken: list[tuple[str, bytes]] = []
        self.connections = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, host: str,
                          answers: list[str]) -> list[str]:  # fmt: skip
        self.connections += 1
        await self._wait("EHLO")
        session.host_name = host
        return answers

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str,
                          options: Any) -> str:  # fmt: skip
        if self.sender.startswith("421 once"):
            self.sender = "250 OK"
            return "421 4.4.2 too many mails on this connection"
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str,
                          options: Any) -> str:  # fmt: skip
        await self._wait("RCPT")
        envelope.rcpt_tos.append(address)
        return self.rcpt.get(address, "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        (address,) = envelope.rcpt_tos
        answer = self.data.get(address, "250 OK")
        if answer.startswith("250"):
            self.taken.append((address, envelope.content))
        await self._wait("DATA")
        return answer

    async def _wait(self, place: str) -> None:
        import asyncio

        await asyncio.sleep(self.seconds.get(place, 0))


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handler]:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port = probe.getsockname()[1]
    handler = Handler()
    controller = Controller(handler, hostname=LOCAL, port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = LOCAL, port
    settings.EMAIL_TIMEOUT = 0.7
    monkeypatch.setattr(line, "AFTER_DATA_SECONDS", 0.7)
    try:
        yield handler
    finally:
        controller.stop()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`later(minutes)` moves the clock on."""
    real = clock.now
    passed = [0.0]
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=passed[0]))

    def move(minutes: float) -> None:
        passed[0] += minutes

    return move


def test_one_connection_carries_many(server: Handler) -> None:
    for number in range(5):
        write(address=f"a{number}@verein.example", body=[".\n..\n.Punkt", "Ende"])
    assert mail.deliver_due() == 5
    assert server.connections == 1
    assert b"Ende" in server.taken[0][1]
    assert b"\n.Punkt" in server.taken[0][1].replace(b"\r", b"") or b"base64" in server.taken[0][1]


def test_addresses_in_headers_stay_in_one_piece(server: Handler, settings: Any) -> None:
    settings.BASE_URL = "https://" + "lotse." * 12 + "example"
    write("news", address="l" * 60 + "@" + "verein." * 20 + "example", subject="Grüße " * 49)
    assert mail.deliver_due() == 1
    raw = server.taken[0][1].decode()
    assert re.search(r"(?m)^Message-ID: <lotse\.[0-9a-f-]{36}@lotse\.", raw)
    assert re.search(r"(?m)^List-Unsubscribe: <https://lotse\.[^\s>]+/>\r?$", raw)
    assert max(map(len, raw.split("\r\n"))) < 998
    assert message_from_string(raw, policy=policy.default)["Subject"] == ("Grüße " * 49).strip()


def test_one_bad_of_four_hundred_stops_nobody(server: Handler) -> None:
    server.rcpt["a200@verein.example"] = "550 5.1.1 no such user"
    for number in range(400):
        write(address=f"a{number}@verein.example", subject="x", body=["x"])
    assert mail.deliver_due() == 399
    assert len({address for address, _content in server.taken}) == len(server.taken) == 399
    bad = OutboxMail.objects.get(state="failed")
    assert (bad.address, bad.attempts) == ("a200@verein.example", 1)
    assert bad.error == "550 5.1.1 no such user"
    assert [dead.address for dead in DeadAddress.objects.all()] == ["a200@verein.example"]
    assert mail.deliver_due() == 0


@pytest.mark.parametrize(
    ("answer", "dead"),
    [("550 5.1.1 unknown", True), ("550 5.1.2 no such domain", True), ("550 5.1.10 null", True),
     ("554 5.7.1 blocked", False), ("550 unknown", False), ("552 5.2.2 full", False),
     ("553 5.1.8 bad sender", False)],
)  # fmt: skip
@pytest.mark.parametrize("place", ["rcpt", "data"])
def test_a_refusal_for_good(server: Handler, place: str, answer: str, dead: bool) -> None:
    found = write(DUTY)
    getattr(server, place)[found.address] = answer
    assert mail.deliver_due() == 0
    assert state(found) == "failed"
    assert found.error == answer
    assert DeadAddress.objects.exists() is dead
    assert server.taken == []


@pytest.mark.parametrize("place", ["rcpt", "data"])
def test_a_refusal_for_now_waits_longer_each_time(server: Handler, later: Any, place: str) -> None:
    found, other = write(), write(address="b@verein.example")
    getattr(server, place)[found.address] = "451 4.7.1 greylisted"
    assert mail.deliver_due() == 1
    assert state(other) == "sent"
    for attempt, minutes in enumerate(RETRY_AFTER_MINUTES, start=1):
        assert (state(found), found.attempts) == ("queued", attempt)
        later(minutes - 0.5)
        assert mail.deliver_due() == 0
        assert state(found) == "queued"
        assert found.attempts == attempt
        later(0.6)
        mail.deliver_due()
    assert (state(found), found.attempts) == ("failed", 6)
    assert "greylisted" in found.error
    assert not DeadAddress.objects.exists()


def test_it_arrives_when_the_server_takes_it_later(server: Handler, later: Any) -> None:
    found = write()
    server.rcpt[found.address] = "451 4.7.1 greylisted"
    mail.deliver_due()
    server.rcpt.clear()
    later(1.1)
    assert mail.deliver_due() == 1
    assert (state(found), found.error) == ("sent", "")


def test_nobody_listens(server: Handler, settings: Any, later: Any) -> None:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        settings.EMAIL_PORT = probe.getsockname()[1]
    first, second = write(), write()
    assert mail.deliver_due() == 0
    assert (state(first), first.attempts) == ("queued", 1)
    assert "ConnectionRefusedError" in first.error
    assert (state(second), second.attempts) == ("queued", 0), "one failure does for all"


@pytest.mark.parametrize("place", ["EHLO", "RCPT"])
def test_a_server_that_hangs_before_it_has_the_mail(
    server: Handler, place: str, later: Any
) -> None:
    found = write()
    server.seconds[place] = 8
    began = time.monotonic()
    assert mail.deliver_due() == 0
    assert time.monotonic() - began < 6
    assert (state(found), found.attempts) == ("queued", 1)
    server.seconds.clear()
    later(1.1)
    assert mail.deliver_due() == 1
    assert len(server.taken) == 1


def test_a_server_that_hangs_with_the_mail_is_unclear_never_twice(
    server: Handler, later: Any
) -> None:
    found = write()
    server.seconds["DATA"] = 3
    assert mail.deliver_due() == 0
    assert state(found) == "unclear"
    server.seconds.clear()
    later(1000)
    assert mail.deliver_due() == 0
    assert len(server.taken) == 1


def test_a_server_that_hangs_up_between_is_called_again(server: Handler) -> None:
    first, second = write(), write(address="b@verein.example")
    real = Handler.handle_DATA

    async def then_hang_up(self: Handler, *arguments: Any) -> str:
        answer = await real(self, *arguments)
        self.sender = "421 once" if len(self.taken) == 1 else "250 OK"
        return answer

    server.handle_DATA = then_hang_up.__get__(server)  # type: ignore[method-assign]  # the handler of this test
    assert mail.deliver_due() == 2
    assert (state(first), state(second)) == ("sent", "sent")
    assert server.connections == 2
    assert second.attempts == 1


def test_a_refused_sender_blames_no_mail(server: Handler) -> None:
    server.sender = "550 5.7.1 you may not send"
    found = write()
    assert mail.deliver_due() == 0
    assert state(found) == "queued"
    assert not DeadAddress.objects.exists()


def test_a_mail_that_cannot_be_built_blocks_nobody(
    server: Handler, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    poison, other = write(SECURITY, subject="geheim"), write()
    OutboxMail.objects.filter(pk=poison.pk).update(text="\x02unbekannt:x\x03")
    assert mail.deliver_due() == 1
    assert (state(poison), state(other)) == ("queued", "sent")
    assert poison.error == "KeyError"
    assert "KeyError" in caplog.text
    assert "geheim" not in caplog.text


def test_the_page_waits_for_no_mail_server(server: Handler) -> None:
    server.seconds["EHLO"] = 5
    make.network()
    form = {"text": "Der Knopf fehlt.", "page": "/", "reply_to": ""}
    assert Client().post("/barriere-melden/", form).status_code == 302
    assert OutboxMail.objects.get().state == "queued"
    assert server.connections == 0


def test_a_stop_ends_between_two_mails(server: Handler) -> None:
    import threading

    stop = threading.Event()
    stop.set()
    write()
    assert mail.deliver_due(stop=stop) == 0
    assert OutboxMail.objects.get().state == "queued"
