"""Three classes of mail, what an address wants of them, switches and digests (RFC 8058)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as sent
from django.test import Client

from lotse.foundation.core import clock, mail
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.mail import Letterhead, Link, upkeep
from lotse.foundation.core.models import ALL_NETWORKS, DeadAddress, LogEntry, MailChoice, OutboxMail
from tests import make
from tests.foundation.test_mail import DUTY, LOOK, NEWS, SECURITY, delivered, state, write

pytestmark = pytest.mark.django_db


class TestClasses:
    def test_a_dead_address_gets_security_mail_only(self) -> None:
        DeadAddress.objects.create(address="lea.muster@verein.example")
        found = [write(kind, address="Lea.Muster@verein.example") for kind in (NEWS, DUTY)]
        assert [one.state for one in found] == ["failed", "failed"]
        assert found[0].error == "Adresse nicht erreichbar"
        assert write(SECURITY).state == "queued"
        assert mail.deliver_due() == 1

    def test_what_died_or_was_switched_off_while_waiting_is_not_sent(self) -> None:
        dead, off = write(DUTY, address="tot@verein.example"), write(DUTY)
        DeadAddress.objects.create(address="tot@verein.example")
        mail.choose(mail.Wish(off.address, LOOK.uuid, off.code), choice="off")
        assert mail.deliver_due() == 0
        assert (state(dead), state(off)) == ("failed", "stopped")
        assert sent.outbox == []

    def test_a_duty_switched_off_shows_as_not_reached(self) -> None:
        mail.choose(mail.Wish("lea.muster@verein.example", LOOK.uuid, "test.duty"), choice="off")
        found = write(DUTY, code="test.duty")
        assert (found.state, found.error) == ("stopped", "abbestellt")
        assert write(DUTY, code="test.other").state == "queued"
        assert write(SECURITY, code="test.duty").state == "queued"

    def test_all_news_off_leaves_duties(self) -> None:
        mail.choose(mail.Wish("lea.muster@verein.example", LOOK.uuid, ""), choice="off")
        assert write().state == "stopped"
        assert write(DUTY).state == "queued"
        assert write(network=Letterhead(uuid4(), "Anderes")).state == "queued"

    def test_the_nearest_choice_counts(self) -> None:
        address = "lea.muster@verein.example"
        mail.choose(mail.Wish(address, ALL_NETWORKS, ""), choice="off")
        mail.choose(mail.Wish(address, LOOK.uuid, "test.news"), choice="each")
        assert write().state == "queued"
        assert write(code="test.more").state == "stopped"
        mail.choose(mail.Wish(address, LOOK.uuid, ""), choice="off")
        assert write().state == "stopped", "all news off takes single choices away"

    def test_an_unknown_class_is_a_fault(self) -> None:
        with pytest.raises(ValueError, match="class"):
            write("urgent")

    def test_once_is_written_once(self) -> None:
        first = write(once="reminder:1")
        assert write(once="reminder:1") == first
        assert OutboxMail.objects.count() == 1
        assert write() != write()

    def test_the_log_says_that_it_was_written_not_to_whom(self) -> None:
        write(actor=COMMAND)
        line = LogEntry.objects.get(code="core.mail.written")
        assert line.after == {"code": "test.news"}

    def test_writing_costs_a_fixed_number_of_queries(self, count_queries: Any) -> None:
        with count_queries() as queries:
            write(once="x", actor=COMMAND)
        assert queries.count <= 6


class TestSwitchingOff:
    @pytest.fixture
    def url(self) -> str:
        wish = mail.Wish("lea.muster@verein.example", LOOK.uuid, "test.news")
        return f"/konto/abbestellen/{mail.token_of(wish)}/"

    def test_looking_changes_nothing(self, client: Client, url: str) -> None:
        waiting = write()
        for method in (client.get, client.head):
            response = method(url)
            assert response.status_code == 200
            assert response["Referrer-Policy"] == "no-referrer"
        assert MailChoice.objects.count() == 0
        assert state(waiting) == "queued"
        assert "lea.muster@verein.example" in client.get(url).content.decode()

    def test_one_click_from_a_mail_program(self, url: str) -> None:
        waiting, duty = write(), write(DUTY)
        other = write(address="b@verein.example")
        program = Client(enforce_csrf_checks=True)
        for _ in range(2):
            response = program.post(url, {"List-Unsubscribe": "One-Click"})
            assert response.status_code == 200
            assert "nicht mehr" in response.content.decode()
        assert (state(waiting), waiting.error) == ("stopped", "abbestellt")
        assert (state(duty), state(other)) == ("queued", "queued")
        assert MailChoice.objects.get().choice == "off"
        assert not program.cookies.get("lotse")
        assert write().state == "stopped"

    @pytest.mark.parametrize(("choice", "then"), [("each", "queued"), ("digest", "held")])
    def test_the_same_token_switches_on_again(
        self, client: Client, url: str, choice: str, then: str
    ) -> None:
        client.post(url)
        assert client.post(url, {"choice": choice}).status_code == 200
        assert write().state == then

    def test_all_news_of_the_network(self, client: Client, url: str) -> None:
        assert client.post(url, {"choice": "none"}).status_code == 200
        assert write(code="test.more").state == "stopped"
        assert "nicht mehr" in client.get(url).content.decode()

    def test_an_unknown_choice_is_refused(self, client: Client, url: str) -> None:
        assert client.post(url, {"choice": "x"}).status_code == 422
        with pytest.raises(Refused):
            mail.choose(mail.Wish("a@b.example", LOOK.uuid, "x"), choice="x")
        assert MailChoice.objects.count() == 0

    def test_no_token_but_ours_is_taken(self, client: Client, url: str, settings: Any) -> None:
        token = url.split("/")[3]
        other = mail.token_of(mail.Wish("b@verein.example", LOOK.uuid, "test.news"))
        mixed = other.partition(".")[0] + "." + token.partition(".")[2]
        for wrong in ("x" * 43, mixed, token[:-1], token + "x", "x" * 5000, ".", "ä", "%00"):
            for method in (client.get, client.post):
                assert method(f"/konto/abbestellen/{wrong}/").status_code == 404, wrong
        settings.SECRET_KEY = "another"
        assert client.get(url).status_code == 404

    def test_the_token_survives_any_address(self) -> None:
        for address in ("A.B+c@Verein.Example", "x" * 60 + "@" + "y" * 60 + ".example"):
            wish = mail.Wish(address.lower(), LOOK.uuid, "c" * 80)
            assert mail.read_token(mail.token_of(mail.Wish(address, LOOK.uuid, "c" * 80))) == wish


class TestDigest:
    def test_one_mail_a_day_for_an_address_and_a_network(self) -> None:
        network = make.network(name="Netzwerk A")
        for address in ("a@verein.example", "b@verein.example"):
            mail.choose(mail.Wish(address, ALL_NETWORKS, ""), choice="digest")
        for number in (1, 2):
            write(address="a@verein.example", network=network, subject=f"Nachricht {number}",
                  body=[f"Inhalt {number}", Link("Lesen", f"/x/{number}/")])  # fmt: skip
        write(address="b@verein.example", network=network)
        write(address="a@verein.example", network=None)
        assert mail.deliver_due() == 0
        assert upkeep.send_digests() == 3
        assert upkeep.send_digests() == 0
        assert mail.deliver_due() == 3
        (message,) = [m for m in sent.outbox if "2 Neuigkeiten" in m.subject]
        assert message.subject == "Netzwerk A: 2 Neuigkeiten"
        assert message.message()["List-Unsubscribe-Post"]
        text = str(message.body)
        html = str(message.alternatives[0].content)
        for words in ("Nachricht 1", "Inhalt 1", "Nachricht 2", "Inhalt 2", "/x/2/"):
            assert words in text
            assert words in html
        assert text.count("Abbestellen") == 1
        assert not OutboxMail.objects.exclude(state="sent").exists()

    def test_its_switch_is_the_one_for_all_news(self, client: Client) -> None:
        for code in ("test.news", "test.more"):
            wish = mail.Wish("lea.muster@verein.example", LOOK.uuid, code)
            mail.choose(wish, choice="digest")
            write(code=code)
        assert upkeep.send_digests() == 1
        assert mail.deliver_due() == 1
        url = delivered()["List-Unsubscribe"].strip(" <>").removeprefix("http://localhost:8000")
        page = client.get(url).content.decode()
        assert "Alle Neuigkeiten" in page
        assert "dieses Absenders" not in page
        later = write()
        assert later.state == "held"
        client.post(url, {"List-Unsubscribe": "One-Click"})
        assert state(later) == "stopped"
        assert write().state == write(code="test.more").state == "stopped"

    def test_what_could_not_go_is_not_called_sent(self) -> None:
        mail.choose(mail.Wish("lea.muster@verein.example", LOOK.uuid, ""), choice="digest")
        held = write()
        DeadAddress.objects.create(address="lea.muster@verein.example")
        upkeep.send_digests()
        assert (state(held), held.error, held.sent_at) == (
            "failed", "Adresse nicht erreichbar", None
        )  # fmt: skip

    def test_what_comes_later_waits_for_the_next_day(self, monkeypatch: Any) -> None:
        mail.choose(mail.Wish("lea.muster@verein.example", LOOK.uuid, ""), choice="digest")
        write()
        assert upkeep.send_digests() == 1
        late = write()
        assert upkeep.send_digests() == 0
        assert state(late) == "held"
        tomorrow = clock.now() + timedelta(days=1)
        monkeypatch.setattr(clock, "now", lambda: tomorrow)
        assert upkeep.send_digests() == 1
