"""The desk through its pages: who gets in, and what the lists show."""

import io
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.services import invitations, networks
from tests import make
from tests import people as cast_of
from tests.surfaces.desk.conftest import page

pytestmark = pytest.mark.django_db
LISTS = ("start", "organisations", "people", "roles", "rules", "pages", "checks", "topics",
         "mail-texts", "daily", "tasks", "log", "basket", "space", "reports",
         "invitations", "outbox")  # fmt: skip
EXPORTED = ("organisations", "people", "roles", "rules", "log", "reports", "invitations", "checks",
            "topics", "mail-texts")  # fmt: skip
READERS = ("office", "coordinator", "auditor", "operator")
OTHERS = ("registered", "member", "editor_a", "adviser", "former", "foreign_office")


class TestGettingIn:
    @pytest.mark.parametrize("role", READERS)
    def test_readers_see_every_page(self, cast: cast_of.Cast, role: str) -> None:
        make.check()
        client = cast.client(role)
        for name in LISTS:
            assert page(client, name).count("<h1") == 1

    @pytest.mark.parametrize("role", OTHERS)
    def test_others_do_not(self, cast: cast_of.Cast, role: str) -> None:
        client = cast.client(role)
        for name in LISTS:
            assert client.get(reverse(f"desk:{name}")).status_code == 403, name

    def test_a_guest_is_sent_to_the_sign_in(self, cast: cast_of.Cast, client: Any) -> None:
        url = reverse("desk:people")
        response = client.get(url)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))
        assert client.post(reverse("desk:grant")).status_code == 403

    def test_without_the_second_factor_the_desk_is_closed(self, cast: cast_of.Cast) -> None:
        client = cast.client("office", strong=False)
        assert client.get(reverse("desk:start")).status_code in (302, 403)

    def test_the_menu_shows_the_desk_to_those_who_may(self, cast: cast_of.Cast) -> None:
        url = reverse("desk:start")
        assert f'href="{url}"' in cast.client("auditor").get("/").content.decode()
        assert f'href="{url}"' not in cast.client("member").get("/").content.decode()

    @pytest.mark.parametrize(
        "name",
        ["setup", "periods", "organisation-new", "invite", "grant", "examples", "check-import",
         "supports"],
    )  # fmt: skip
    def test_reading_is_not_writing(self, cast: cast_of.Cast, name: str) -> None:
        assert cast.client("auditor").get(reverse(f"desk:{name}")).status_code == 403

    @pytest.mark.parametrize("name", ["examples", "check-import", "supports"])
    def test_some_pages_are_the_operators(self, cast: cast_of.Cast, name: str) -> None:
        assert cast.client("office").get(reverse(f"desk:{name}")).status_code == 403
        page(cast.client("operator"), name)


class TestLists:
    @pytest.mark.parametrize("name", [name for name in LISTS if name not in ("start", "space")])
    def test_a_list_costs_at_most_8_queries(
        self, cast: cast_of.Cast, count_queries: Any, name: str
    ) -> None:
        client = cast.client("office")
        page(client, name)
        counts = []
        for rows in (1, 2):
            for n in range(rows):
                _one_more(cast, f"{rows}{n}")
            with count_queries() as queries:
                page(client, name)
            counts.append(queries.count)
        assert counts[0] <= 8, counts
        assert counts[0] == counts[1]

    def test_the_start_page_costs_at_most_12(self, cast: cast_of.Cast, count_queries: Any) -> None:
        client = cast.client("office")
        page(client, "start")
        with count_queries() as queries:
            page(client, "start")
        assert queries.count <= 12, queries.counted

    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    @pytest.mark.parametrize("name", EXPORTED)
    def test_every_list_is_a_file(self, cast: cast_of.Cast, name: str, ending: str) -> None:
        response = cast.client("office").get(reverse(f"desk:{name}") + f"?als={ending}")
        assert response.status_code == 200
        assert response["Content-Disposition"].startswith("attachment")
        assert response.content

    def test_no_cell_is_a_formula(self, cast: cast_of.Cast) -> None:
        """T27."""
        nasty = '=HYPERLINK("http://x.example")'
        cast_of.organisation(cast.network, nasty)
        client = cast.client("office")
        content = client.get(reverse("desk:organisations") + "?als=xlsx").content
        cells = [c for row in openpyxl.load_workbook(io.BytesIO(content)).active for c in row]
        assert [c.data_type for c in cells if c.value == nasty] == ["s"]
        text = client.get(reverse("desk:organisations") + "?als=csv").content.decode("utf-8-sig")
        assert "\"'=HYPERLINK" in text

    def test_the_print_view_has_all_rows(self, cast: cast_of.Cast) -> None:
        for n in range(60):
            cast_of.organisation(cast.network, f"Verein {n:02}")
        client = cast.client("office")
        assert "Verein 59" not in page(client, "organisations")
        assert "Verein 59" in page(client, "organisations", query="?seite=2")
        assert "Verein 59" in page(client, "organisations", query="?als=druck")

    @pytest.mark.parametrize("query", ["?seite=0", "?seite=99999999999", "?seite=x", "?als=exe",
                                       "?suche=%00", "?art=nichts", "?von=gestern"])  # fmt: skip
    def test_odd_addresses_are_pages(self, cast: cast_of.Cast, query: str) -> None:
        client = cast.client("office")
        for name in ("organisations", "people", "log", "outbox"):
            page(client, name, query=query)

    def test_search_and_filter(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        body = page(client, "people", query="?suche=edda")
        assert "Ahrens, Edda" in body
        assert "Brandt, Enno" not in body
        assert "Ahrens, Edda" in page(client, "people", query="?suche=editor-a@")
        assert "Sperr, Sven" in page(client, "people", query="?konto=gesperrt")
        assert "Ahrens, Edda" not in page(client, "people", query="?rolle=office")
        assert "Brandt GmbH" in page(client, "organisations", query="?zustand=ansprechperson")
        assert "Brandt GmbH" not in page(client, "organisations", query="?zustand=bearbeitung")

    def test_the_list_of_people_holds_no_addresses(self, cast: cast_of.Cast) -> None:
        """T08: contact data is for the page of one person."""
        client = cast.client("office")
        assert "@beispiel.test" not in page(client, "people")
        csv = client.get(reverse("desk:people") + "?als=csv").content.decode("utf-8-sig")
        assert "@beispiel.test" not in csv

    def test_another_networks_people_are_not_there(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        assert "Fremd, Fiete" not in page(client, "people")
        url = reverse("desk:person", args=[cast["foreign_office"].uuid])
        assert client.get(url).status_code == 404


def _one_more(cast: cast_of.Cast, mark: str) -> None:
    """One more row for every list."""
    organisation = cast_of.organisation(cast.network, f"Verein {mark}")
    invitations.invite(cast.network, actor=cast.actor("office"), email=f"neu{mark}@beispiel.test",
                       organisation=organisation)  # fmt: skip
    someone = cast_of.person(f"Nora Neu{mark}", email=f"nora{mark}@beispiel.test")
    cast_of.people.add_seat(someone, organisation, actor=COMMAND, is_contact=True)
    cast_of.roles.grant_role(
        someone, "adviser", actor=cast.actor("office"), network=cast.network, reason="Neu"
    )
    networks.report_barrier(cast.network, actor=COMMAND, key=once.new_key(), page="/",
                            body="Zu klein", reply_to="")  # fmt: skip
