"""Own dates in a calendar program: as a file, and by a secret link that can be withdrawn."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lotse.foundation.accounts.models import ApiToken
from lotse.foundation.core import clock
from tests import make, people
from tests.surfaces.test_today import add, page

pytestmark = pytest.mark.django_db
NEXT = timedelta(days=20)


@pytest.fixture
def cast(common_cast: people.Cast) -> people.Cast:
    return common_cast


class TestCalendar:
    def feed(self, client: Client) -> str:
        html = client.post("/heute/kalender/").content.decode()
        return "/heute/zugang/" + html.partition("/heute/zugang/")[2].partition("<")[0]

    def test_a_file_of_own_dates(self, cast: people.Cast) -> None:
        add(cast["member"], 3, title="Blatt schreiben", control_on=clock.today() + NEXT)
        add(cast["editor_b"], 3, title="Von anderen")
        response = cast.client("member").get("/heute/termine.ics")
        text = make.body(response).decode()
        assert response["Content-Type"].startswith("text/calendar")
        assert "Fällig: Blatt schreiben" in text
        assert "Ergebnis prüfen: Blatt schreiben" in text
        assert "Von anderen" not in text

    def test_a_secret_link_read_without_signing_in(self, cast: people.Cast, client: Client) -> None:
        add(cast["member"], 3, title="Blatt schreiben")
        mine = cast.client("member")
        path = self.feed(mine)
        assert "Blatt schreiben" in make.body(client.get(path)).decode()
        assert path.split("/")[3] not in str(list(ApiToken.objects.values()))
        assert path not in page(mine, "/heute/kalender/")

    def test_a_new_link_ends_the_old_and_withdrawing_ends_all(
        self, cast: people.Cast, client: Client
    ) -> None:
        mine = cast.client("member")
        old, new = self.feed(mine), self.feed(mine)
        assert client.get(old).status_code == 404
        assert client.get(new).status_code == 200
        assert mine.post("/heute/kalender/", {"withdraw": "1"}).status_code == 302
        assert client.get(new).status_code == 404

    def test_other_keys_and_suspended_accounts_open_nothing(
        self, cast: people.Cast, client: Client
    ) -> None:
        from lotse.foundation.accounts.services import tokens

        _token, secret = tokens.create_token(
            cast["member"].account, name="API", scopes=["measures:read"], days=9, strong=False
        )
        assert client.get(f"/heute/zugang/{secret}/termine.ics").status_code == 404
        assert client.get("/heute/zugang/erfunden/termine.ics").status_code == 404
        path = self.feed(cast.client("member"))
        type(cast["member"].account).objects.filter(person=cast["member"]).update(is_active=False)
        assert client.get(path).status_code == 404

    def test_guessing_is_limited(self, client: Client, settings: Any) -> None:
        make.network()
        settings.LIMITS = settings.LIMITS | {"api.failed": (2, 60)}
        answers = [client.get("/heute/zugang/erfunden/termine.ics").status_code for _n in range(4)]
        assert answers == [404, 404, 429, 429]
