"""Networks: host, brand, pages, reports; and what may not be done."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from lotse.foundation.core import clock
from lotse.foundation.core.actor import ANONYMOUS, COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.mail import deliver_due
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties import colours
from lotse.foundation.parties.models import Network, NetworkPage, Report
from lotse.foundation.parties.queries import network_for, page_of
from lotse.foundation.parties.services import networks
from tests import make

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.mark.django_db
class TestNetwork:
    def test_the_host_decides_else_the_default(self) -> None:
        first = make.network()
        second = make.network(name="Zweites", hosts=["zwei.example"])
        assert network_for("zwei.example") == second
        assert network_for("irgendwo.example") == first

    def test_only_trusted_actors_write(self) -> None:
        network = make.network()
        with pytest.raises(NotAllowed):
            networks.create_network(actor=ANONYMOUS, name="X")
        with pytest.raises(NotAllowed):
            networks.change_network(network, actor=ANONYMOUS, expected=1, carrier="X")

    def test_a_change_is_logged_with_before_and_after(self) -> None:
        network = make.network()
        networks.change_network(network, actor=COMMAND, expected=1, carrier="Neu")
        entry = LogEntry.objects.get(code="parties.network.changed")
        assert entry.before == {"carrier": "Stiftung Beispiel"}
        assert entry.after == {"carrier": "Neu"}
        with pytest.raises(Conflict):
            networks.change_network(network, actor=COMMAND, expected=1, carrier="Alt")

    def test_a_pale_accent_is_refused_with_a_better_one(self) -> None:
        network = make.network()
        with pytest.raises(Refused) as refusal:
            networks.change_network(network, actor=COMMAND, expected=1, accent="#ffcc00")
        better = refusal.value.messages[0].rsplit(" ", 1)[1]
        networks.change_network(network, actor=COMMAND, expected=1, accent=better)
        assert network.accent == better

    @pytest.mark.parametrize("accent", ["red", "#12", "#ggffee", "url(x)", "#2044aa;}"])
    def test_an_accent_is_a_colour(self, accent: str) -> None:
        with pytest.raises(Refused):
            networks.readable_accent(accent)

    def test_the_brand_is_a_cacheable_style_sheet(self, client) -> None:
        network = make.network()
        assert client.get(reverse("parties:brand", args=[network.uuid])).status_code == 404
        networks.change_network(network, actor=COMMAND, expected=1, accent="#7a1f5c")
        assert network.brand_css in client.get("/").content.decode()
        response = client.get(network.brand_css)
        assert "immutable" in response["Cache-Control"]
        assert response["Content-Type"] == "text/css"
        assert "#7a1f5c" in response.content.decode()

    def test_a_logo_is_known_by_its_content(self, client) -> None:
        network = make.network()
        for bad in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PNG + b"0" * 300_000, b""):
            with pytest.raises(Refused):
                networks.set_logo(network, actor=COMMAND, content=bad)
        networks.set_logo(network, actor=COMMAND, content=PNG)
        response = client.get(network.logo_url)
        assert response["Content-Type"] == "image/png"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_the_style_sheet_is_readable_for_every_colour(rgb) -> None:
    light, dark = colours.on_light(rgb), colours.on_dark(rgb)
    assert colours.contrast(light, colours.WHITE) >= colours.CONTRAST
    assert colours.contrast(dark, colours.BLACK) >= colours.CONTRAST
    assert colours.as_hex(light) in colours.style_sheet(colours.as_hex(rgb))


@pytest.mark.django_db
class TestPages:
    def test_own_text_else_the_shipped_one(self) -> None:
        network = make.network()
        shipped, lang = page_of(network, "privacy", "en")
        assert len(shipped) > 500
        assert lang == "en"
        networks.set_page(network, actor=COMMAND, kind="about", lang="de", body="## Wir\n\nHallo")
        assert page_of(network, "about", "en") == ("## Wir\n\nHallo", "de")

    def test_unknown_kind_and_too_long_are_refused(self) -> None:
        network = make.network()
        with pytest.raises(Refused):
            networks.set_page(network, actor=COMMAND, kind="x", lang="de", body="a")
        with pytest.raises(Refused):
            networks.set_page(network, actor=COMMAND, kind="about", lang="de", body="a" * 50_001)
        assert NetworkPage.objects.count() == 0

    def test_the_page_shows_it_in_its_own_language(self, client) -> None:
        network = make.network()
        body = "## Wir\n\n<script>x</script> [weg](javascript:1)"
        networks.set_page(network, actor=COMMAND, kind="about", lang="de", body=body)
        html = client.get("/ueber-uns/", headers={"accept-language": "en"}).content.decode()
        assert 'lang="de"' in html
        assert "<script>x" not in html
        assert "javascript:1" not in html.replace("(javascript:1)", "")


@pytest.mark.django_db
class TestReports:
    def test_a_report_is_kept_and_mailed(self, client) -> None:
        make.network()
        data = {"text": "Der Knopf fehlt.", "page": "/checks/", "reply_to": "v@verein.example"}
        response = client.post("/barriere-melden/", data)
        assert response.status_code == 302
        report = Report.objects.get()
        assert report.text == "Der Knopf fehlt."
        deliver_due()
        assert mail.outbox[0].to == ["buero@netzwerk.example"]
        assert mail.outbox[0].reply_to == ["v@verein.example"]

    def test_twice_sent_is_kept_once_and_secrets_are_blacked_out(self, client) -> None:
        make.network()
        form = {"_key": "r" * 20, "text": "Der Link /checks/zugang/abcDEF-123/ geht nicht"}
        form["page"] = "/checks/zugang/abcDEF-123/"
        for _ in range(2):
            client.post("/barriere-melden/", form)
        assert "abcDEF" not in str(Report.objects.values().get())
        assert deliver_due() == 1
        assert "abcDEF" not in str(mail.outbox[0].message())
        page = client.get("/barriere-melden/?seite=/checks/zugang/abcDEF-123/").content.decode()
        assert 'value="/checks/zugang/[…]' in page

    def test_no_header_can_be_smuggled_in(self, client) -> None:
        make.network()
        page = "/x\r\nBcc: boese@example.org"
        client.post("/barriere-melden/", {"text": "x", "page": page, "reply_to": ""})
        deliver_due()
        message = mail.outbox[0].message()
        assert message["Bcc"] is None
        assert mail.outbox[0].recipients() == ["buero@netzwerk.example"]

    def test_bad_input_comes_back_filled_in(self, client) -> None:
        make.network()
        response = client.post("/barriere-melden/", {"text": "", "reply_to": "kein@"})
        assert response.status_code == 422
        html = response.content.decode()
        assert 'value="kein@"' in html
        assert Report.objects.count() == 0

    def test_there_is_a_limit(self, client, settings) -> None:
        make.network()
        settings.LIMITS = {**settings.LIMITS, "parties.report": (2, 60)}
        codes = [client.post("/barriere-melden/", {"text": "x"}).status_code for _ in range(3)]
        assert codes == [302, 302, 429]


@pytest.mark.django_db
class TestCommands:
    def test_the_first_network_needs_a_name(self) -> None:
        with pytest.raises(CommandError):
            call_command("setnetwork")
        with pytest.raises(CommandError):
            call_command("setnetwork", name="Halb", accent="#eeeeee")
        assert not Network.objects.exists()
        call_command("setnetwork", name="Netz", accent="#2044aa", host=["netz.example"])
        network = Network.objects.get()
        assert (network.name, network.accent, network.hosts) == (
            "Netz",
            "#2044aa",
            ["netz.example"],
        )
        with pytest.raises(CommandError, match="lesbar"):
            call_command("setnetwork", accent="#eeeeee")
        with pytest.raises(CommandError, match="E-Mail"):
            call_command("setnetwork", contact_email="kein")
        with pytest.raises(CommandError, match="gibtesnicht"):
            call_command("setnetwork", logo=Path("/gibtesnicht.png"))
        call_command("setnetwork", new=True, name="Zweites")
        assert Network.objects.count() == 2

    def test_reports_are_listed_and_go_after_a_year(self, capsys) -> None:
        network = make.network()
        for text, age in (("Neues", 10), ("Altes", 400)):
            created = clock.now() - timedelta(days=age)
            Report.objects.create(network=network, text=text, created_at=created)
        assert networks.delete_old_reports() == 1
        call_command("listreports")
        assert "Neues" in capsys.readouterr().out
        call_command("listreports", json=True)
        assert '"text": "Neues"' in capsys.readouterr().out

    def test_a_page_from_a_file(self, tmp_path, capsys) -> None:
        make.network()
        file = tmp_path / "wir.md"
        file.write_text("## Wir")
        call_command("setpage", "about", str(file))
        call_command("setpage", "about")
        assert "## Wir" in capsys.readouterr().out
