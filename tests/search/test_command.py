"""`lotse search`: one JSON document, the audiences, the networks, wrong use; and the box."""

import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from lotse.foundation.core import search
from lotse.foundation.core.actor import ANONYMOUS, COMMAND, Actor, Grant, Seat
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.viewing import viewer_of
from tests import make

pytestmark = pytest.mark.django_db


def doc(title: str, **fields: Any) -> search.Doc:
    values: dict[str, Any] = {"kind": "topic", "ref": uuid4(), "lang": "*", "url": "/x/"}
    return search.Doc(title=title, **values | fields)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("search", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def asked(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


@pytest.fixture
def tree() -> dict[str, Network]:
    top = make.network(name="Netz Mitte", hosts=["mitte.example"])
    below = Network.objects.create(name="Netz Nord", parent=top)
    deep = Network.objects.create(name="Netz Nordost", parent=below, state="resting")
    ended = Network.objects.create(name="Netz Alt", parent=top, state="ended")
    other = Network.objects.create(name="Netz Fremd")
    found = {"top": top, "below": below, "deep": deep, "ended": ended, "other": other}
    for name, network in found.items():
        search.put([
            doc(f"Mediation {name}", network=network.uuid, key=f"k-{name}"),
            doc(f"Mediation {name} intern", network=network.uuid,
                audience=search.MEMBERS | search.OFFICE,
                key=f"k-{name}-m"),
            doc(f"Mediation {name} Büro", network=network.uuid, audience=search.OFFICE,
                key=f"k-{name}-o"),
        ])  # fmt: skip
    return found


class TestCommand:
    def test_keys_in_order_and_all_that_is_said(self) -> None:
        search.put([doc("Haus", key="k-2", body="Mediation"), doc("Mediation", key="k-1")])
        search.put([doc("Anna Zimmermann", names=True)])
        found = asked("Mediation Zimmermnan Xqzzyw")
        assert set(found) == {"query", "words", "left_out", "corrected", "total", "full", "capped",
                              "keys", "hits", "facets"}  # fmt: skip
        assert found["left_out"]
        assert found["corrected"] == [{"typed": "Zimmermnan", "used": "Zimmermann"}]
        found = asked("Mediation")
        assert found["keys"] == ["k-1", "k-2"]
        assert found["hits"][0]["why"] == [{"place": "title", "word": "Mediation"}]
        assert found["facets"]["kind"] == {"topic": 2}
        assert (found["query"], found["total"], found["capped"]) == ("Mediation", 2, False)

    def test_without_a_key_of_its_own_the_uuid(self) -> None:
        ref = uuid4()
        search.put([doc("Mediation", ref=ref)])
        assert asked("Mediation")["keys"] == [str(ref)]

    def test_whose_eyes(self, tree: dict[str, Network]) -> None:
        seen = {who: asked("Mediation", "--as", who)["total"]
                for who in ("web", "members", "office")}  # fmt: skip
        assert seen == {"web": 4, "members": 8, "office": 12}
        assert asked("Mediation")["total"] == 12

    def test_one_network_with_those_below(self, tree: dict[str, Network]) -> None:
        for named in ("Netz Mitte", "netz mitte", str(tree["top"].uuid)):
            keys = asked("Mediation", "--network", named, "--as", "web")["keys"]
            assert set(keys) == {"k-top", "k-below", "k-deep"}
        assert asked("Mediation", "--network", "Netz Alt")["keys"] == []

    def test_choices_kinds_and_limit(self) -> None:
        search.put([doc(f"Mediation {n}", facets=[("topic", f"t{n % 2}")]) for n in range(6)])
        assert asked("Mediation", "--choose", "topic=t1")["total"] == 3
        both = ("--choose", "topic=t1", "--choose", "topic=t0")
        assert asked("Mediation", *both)["total"] == 6
        assert asked("Mediation", "--kind", "check")["total"] == 0
        assert len(asked("Mediation", "--limit", "2")["hits"]) == 2
        assert len(asked()["hits"]) == 6

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["x", "--kind", "unknown"], "unknown"),
            (["x", "--choose", "unknown=1"], "unknown"),
            (["x", "--choose", "topic"], "MERKMAL=WERT"),
            (["x", "--network", "Gibt es nicht"], "Gibt es nicht"),
            (["x", "--limit", "0"], "1 bis 1000"),
            (["x", "--limit", "²"], "1 bis 1000"),
        ],
    )
    def test_wrong_use_is_said(self, arguments: list[str], said: str) -> None:
        with pytest.raises(CommandError, match=said):
            run(*arguments)

    def test_in_words(self) -> None:
        search.put([doc("Mediation im Betrieb", summary="x", url="/themen/")])
        text = run("Mediation Xqzzyw")
        assert "Treffer: 1" in text
        assert "Xqzzyw" in text
        assert "Mediation im Betrieb" in text
        assert "Treffer: 0" in run("Xqzzyw")

    def test_anew(self) -> None:
        from lotse.foundation.topics.services import load_topics

        load_topics()
        before = asked("Mediation")["total"]
        search.drop_kind("topic")
        assert asked("Mediation", "--reindex")["total"] == before > 0


class TestViewer:
    def keys(self, actor: Actor, network: Network | None) -> set[str]:
        found = search.find("Mediation", lang="de", viewer=viewer_of(actor, network), per_page=99)
        return {hit.key for hit in found.hits}

    def test_everybody_sees_what_is_public_here_and_below(self, tree: dict[str, Network]) -> None:
        assert self.keys(ANONYMOUS, tree["top"]) == {"k-top", "k-below", "k-deep"}
        assert self.keys(ANONYMOUS, tree["below"]) == {"k-below", "k-deep"}
        assert self.keys(ANONYMOUS, tree["ended"]) == set()
        assert self.keys(ANONYMOUS, None) == set()

    def test_members_where_they_belong(self, tree: dict[str, Network]) -> None:
        member = Actor("account", seats=frozenset([Seat(1, tree["below"].pk)]))
        assert self.keys(member, tree["top"]) == {"k-top", "k-below", "k-below-m", "k-deep"}

    @pytest.mark.parametrize("role", ["office", "coordinator", "auditor"])
    def test_the_office_in_its_network(self, tree: dict[str, Network], role: str) -> None:
        office = Actor("account", grants=frozenset([Grant(role, tree["top"].pk)]))
        assert self.keys(office, tree["top"]) == {"k-top", "k-top-m", "k-top-o", "k-below",
                                                  "k-deep"}  # fmt: skip

    def test_a_role_in_one_thing_makes_no_office(self, tree: dict[str, Network]) -> None:
        held = Grant("office", tree["top"].pk, held_in=uuid4())
        chair = Actor("account", grants=frozenset([held]))
        assert "k-top-o" not in self.keys(chair, tree["top"])

    def test_whoever_operates_sees_all_of_it(self, tree: dict[str, Network]) -> None:
        assert len(self.keys(COMMAND, tree["top"])) == 9

    def test_one_query(self, tree: dict[str, Network], count_queries: Any) -> None:
        for n in range(3):
            Network.objects.create(name=f"Netz {n}", parent=tree["deep"])
            with count_queries() as queries:
                viewer_of(ANONYMOUS, tree["top"])
            assert queries.count == 1

    def test_a_ring_of_networks_ends(self, tree: dict[str, Network]) -> None:
        Network.objects.filter(pk=tree["top"].pk).update(parent=tree["deep"])
        assert self.keys(ANONYMOUS, tree["top"]) == {"k-top", "k-below", "k-deep"}

    def test_names_of_networks_for_the_facet(self, tree: dict[str, Network]) -> None:
        from lotse.foundation.parties.search_facets import network_labels

        found = search.find("", lang="de", viewer=viewer_of(ANONYMOUS, tree["top"]))
        names = network_labels(found.facets["network"], "de")
        assert list(names.values()) == ["Netz Mitte", "Netz Nord", "Netz Nordost"]


def test_the_box_shows_no_members_pages_to_strangers(tree: dict[str, Network], client: Any) -> None:
    page = client.get("/suche/", {"q": "Mediation"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "Mediation top" in text
    assert "intern" not in text
    assert "Mediation other" not in text
