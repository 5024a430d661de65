"""Host names of networks: what is one, whose it is, and that nobody locks themselves out."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.queries import network_for
from lotse.foundation.parties.services import hosts, networks
from tests import make
from tests import people as cast_of


class TestNames:
    @pytest.mark.parametrize(("given", "name"), [
        ("Netz.Auental.Example", "netz.auental.example"),
        (" netz.example. ", "netz.example"),
        ("localhost", "localhost"),
        ("müller.example", "xn--mller-kva.example"),
        ("MÜLLER.example", "xn--mller-kva.example"),
        ("mu\u0308ller.example", "xn--mller-kva.example"),
        ("xn--mller-kva.example", "xn--mller-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),  # not strasse: that is another name
        ("netz。example", "netz.example"),
        ("a-1.b2", "a-1.b2"),
        ("ｎｅｔｚ.example", "netz.example"),
    ])  # fmt: skip
    def test_stored_as_browsers_send_them(self, given: str, name: str) -> None:
        assert hosts.host_name(given) == name
        assert hosts.host_name(hosts.readable(name)) == name

    @pytest.mark.parametrize("given", [
        "", ".", "https://netz.example", "netz.example/", "netz.example:8000", "a b.example",
        "-netz.example", "netz-.example", "netz..example", "*.example", "127.0.0.1", "[::1]",
        "1.2.3.0x4", "a_b.example", "x" * 64 + ".example", ("a" * 60 + ".") * 5 + "example",
        "xn--.example", "xn--netz-.example", "xn--MÜLLER", "netz\u200d.example",
        "n\u202eetz.example", "ab--cd.example", "\u0301a.example", "netz@example",
        "<b>.example", "😀.example", "netz\0",
    ])  # fmt: skip
    def test_anything_else_is_refused(self, given: str) -> None:
        with pytest.raises(Refused, match="kein Hostname"):
            hosts.host_name(given)

    @pytest.mark.parametrize("host", [
        "xn--0.example", "xn--.example", "xn--ü.example", "xn--99999999999.example", "XN--0.test",
        "xn--netz-.example", "xn--a-ecp.ru--x", "netz.example:8000",
    ])  # fmt: skip
    def test_what_stands_for_no_name_is_shown_as_it_is(self, host: str) -> None:
        assert hosts.readable(host) == host
        assert hosts.readable(f"xn--mller-kva.{host}") == f"müller.{host}"


@pytest.mark.django_db
def test_names_of_earlier_versions_are_read_as_asked_for() -> None:
    """With capitals or a port they never matched; what another network shows stays there."""
    first, second = make.network(), make.network(name="Zweites", hosts=["zwei.example"])
    Network.objects.filter(pk=first.pk).update(
        hosts=[" Eins.Example:8000", "eins.example.", "ZWEI.example", "xn--0.example"]
    )
    import_module("lotse.foundation.parties.migrations.0007_plain_hosts").read_as_asked(apps, None)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.hosts, second.hosts) == (["eins.example", "xn--0.example"], ["zwei.example"])
    cast = cast_of.cast(first)
    page = cast.client("operator").get(f"/betrieb/adressen/{first.uuid}/")
    assert "xn--0.example" in page.content.decode()


@pytest.mark.django_db
class TestSetting:
    @pytest.fixture
    def two(self) -> tuple[Network, Network]:
        return make.network(), make.network(name="Zweites", hosts=["zwei.example"])

    def set(self, network: Network, *names: str, **options: Any) -> list[str]:
        network.refresh_from_db()
        options = {"actor": COMMAND, "expected": network.version, **options}
        return hosts.set_hosts(network, hosts=names, **options)

    def test_set_shown_and_logged(self, two: tuple[Network, Network]) -> None:
        assert self.set(two[1], "Drei.example", "zwei.example", "drei.example.") == [
            "drei.example", "zwei.example"]  # fmt: skip
        assert network_for("drei.example") == two[1]
        line = LogEntry.objects.get(code="parties.network.hosts_set")
        assert (line.before, line.after) == (
            {"hosts": ["zwei.example"]}, {"hosts": ["drei.example", "zwei.example"]})  # fmt: skip

    def test_one_name_shows_one_network(self, two: tuple[Network, Network]) -> None:
        with pytest.raises(Refused, match="zeigt schon das Netzwerk „Zweites“"):
            self.set(two[0], "eins.example", "ZWEI.example")
        Network.objects.filter(pk=two[1].pk).update(state="resting")
        with pytest.raises(Refused, match="zeigt schon"):
            self.set(two[0], "zwei.example")
        assert self.set(two[1], "zwei.example") == ["zwei.example"]

    def test_all_faults_at_once(self, two: tuple[Network, Network]) -> None:
        with pytest.raises(Refused) as refused:
            self.set(two[0], "a b", "http://x", "zwei.example")
        assert len(refused.value.messages) == 3
        with pytest.raises(Refused, match="höchstens 20"):
            self.set(two[0], *(f"h{n}.example" for n in range(21)))

    @pytest.mark.parametrize(("place", "names", "here"), [
        (1, ["drei.example"], "zwei.example"),  # gives its own name away
        (1, ["zwei.example", "eins.example"], "eins.example"),  # takes that of the default
    ])  # fmt: skip
    def test_nobody_locks_themselves_out(
        self, two: tuple[Network, Network], place: int, names: list[str], here: str
    ) -> None:
        with pytest.raises(Refused, match=f"gerade unter {here}"):
            self.set(two[place], *names, here=here)
        assert Network.objects.get(pk=two[1].pk).hosts == ["zwei.example"]

    def test_from_elsewhere_it_goes(self, two: tuple[Network, Network]) -> None:
        assert self.set(two[1], "drei.example", here="eins.example") == ["drei.example"]
        assert self.set(two[0], "eins.example", here="eins.example") == ["eins.example"]

    def test_versions_and_rights(self, two: tuple[Network, Network]) -> None:
        cast = cast_of.cast(two[0])
        with pytest.raises(Conflict):
            self.set(two[0], "eins.example", expected=99)
        for role in ("office", "coordinator", "anonymous"):
            with pytest.raises(NotAllowed):
                self.set(two[0], "eins.example", actor=cast.actor(role))
        with pytest.raises(NotAllowed):
            networks.change_network(two[0], actor=cast.actor("office"), hosts=["eins.example"],
                                    expected=two[0].version)  # fmt: skip
        assert self.set(two[0], "eins.example", actor=cast.actor("operator")) == ["eins.example"]

    def test_the_command_is_held_to_it_too(self, two: tuple[Network, Network]) -> None:
        with pytest.raises(Refused):
            networks.change_network(two[0], actor=COMMAND, expected=two[0].version,
                                    hosts=["zwei.example"])  # fmt: skip
        with pytest.raises(Refused):
            make.network(name="Drittes", hosts=["zwei.example"])

    @pytest.mark.parametrize("host", ["zwei.example", "ZWEI.example:8000", "zwei.example."])
    def test_a_host_shows_its_network(
        self, two: tuple[Network, Network], client: Any, settings: Any, host: str
    ) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        assert "Zweites" in client.get("/", headers={"host": host}).content.decode()
        other = client.get("/", headers={"host": "sonst.example"}).content.decode()
        assert "Zweites" not in other
