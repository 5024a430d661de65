"""A lost second factor through the pages of the desk."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from lotse.foundation.accounts import reauth
from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Absence, FactorReset
from lotse.foundation.parties.services import factor_resets, roles
from tests import people as cast_of

pytestmark = pytest.mark.django_db
TOLD = {"reason": "Telefon verloren", "identity": "Rückruf"}


@pytest.fixture
def cast(common_cast: cast_of.Cast) -> cast_of.Cast:
    cast = common_cast
    cast.people["office_2"] = cast_of.person("Gero Stelle")
    roles.grant_role(
        cast["office_2"], "office", actor=COMMAND, network=cast.network, reason="Prüfung"
    )
    for role in ("office_2", "member", "editor_a", "editor_b"):
        cast_of.second_factor(cast[role])
    return cast


def url(name: str, *args: Any) -> str:
    return reverse(f"desk:factor-reset{name}", args=args)


def ask(cast: cast_of.Cast, whom: str = "member", by: str = "office") -> FactorReset:
    return factor_resets.ask(cast[whom], actor=cast.actor(by), network=cast.network, **TOLD)


def page(client: Any, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return str(response.content.decode())


def test_from_the_person_to_the_end(cast: cast_of.Cast) -> None:
    first, second = cast.client("office"), cast.client("office_2")
    start = url("-ask", cast["member"].uuid)
    assert start in page(first, reverse("desk:person", args=[cast["member"].uuid]))
    assert "Prüfen Sie zuerst, wer fragt" in page(first, start)
    response = first.post(start, {"_key": once.new_key(), **TOLD})
    reset = FactorReset.objects.get()
    assert response["Location"] == url("", reset.uuid)
    body = page(first, url("", reset.uuid))
    assert "wartet auf eine zweite Person" in body
    assert url("-confirm", reset.uuid) not in body
    assert first.get(start)["Location"] == url("", reset.uuid)

    assert "1 Antrag zum zweiten Faktor wartet" in page(second, reverse("desk:start"))
    assert "Mats Behrens" in page(second, url("s") + "?stand=offen")
    body = page(second, url("", reset.uuid))
    assert all(said in body for said in ("Telefon verloren", "Rückruf", "Gesa Stelle"))
    assert url("-confirm", reset.uuid) in body
    assert "nicht rückgängig" in page(second, url("-confirm", reset.uuid))
    unsure = second.post(url("-confirm", reset.uuid), {"version": reset.version})
    assert unsure.status_code == 422
    sure = {"_key": once.new_key(), "version": reset.version, "sure": "on"}
    assert second.post(url("-confirm", reset.uuid), sure).status_code == 302
    assert not Authenticator.objects.filter(user=cast["member"].account).exists()
    body = page(second, url("", reset.uuid))
    assert "ausgeführt" in body
    assert "Gero Stelle" in body
    assert "Antrag zum zweiten Faktor wartet" not in page(second, reverse("desk:start"))


def test_whoever_asked_is_refused_in_words(cast: cast_of.Cast) -> None:
    reset = ask(cast)
    sure = {"_key": once.new_key(), "version": reset.version, "sure": "on"}
    response = cast.client("office").post(url("-confirm", reset.uuid), sure)
    assert response.status_code == 422
    assert "bestätigt ihn nicht selbst" in response.content.decode()


def test_refused_forms_keep_what_was_typed(cast: cast_of.Cast) -> None:
    client = cast.client("office")
    path = url("-ask", cast["member"].uuid)
    response = client.post(path, {"reason": "Telefon <b>weg</b>", "identity": ""})
    assert response.status_code == 422
    assert "Telefon &lt;b&gt;weg&lt;/b&gt;" in response.content.decode()
    assert client.post(path, {**TOLD, "reason": "x" * 301}).status_code == 422
    response = client.post(url("-ask", cast["registered"].uuid), TOLD)
    assert response.status_code == 404, "not in this network"
    response = client.post(url("-ask", cast["former"].uuid), TOLD)
    assert response.status_code == 422
    assert "keinen zweiten Faktor" in response.content.decode()
    assert not FactorReset.objects.exists()


def test_the_second_person_refuses(cast: cast_of.Cast) -> None:
    reset = ask(cast)
    client = cast.client("office_2")
    assert "Antrag ablehnen" in page(client, url("", reset.uuid))
    assert "Antrag zurückziehen" in page(cast.client("office"), url("", reset.uuid))
    stale = client.post(url("-withdraw", reset.uuid), {"version": 99})
    assert stale.status_code == 409
    assert client.post(url("-withdraw", reset.uuid), {"version": 1}).status_code == 302
    assert "zurückgezogen" in page(client, url("", reset.uuid))


def test_a_lapsed_one_says_so(cast: cast_of.Cast) -> None:
    reset = ask(cast)
    FactorReset.objects.update(lapses_at=clock.now())
    client = cast.client("office_2")
    assert "ist verfallen" in page(client, url("", reset.uuid))
    assert "verfallen" in page(client, url("s"))
    assert "Mats Behrens" not in page(client, url("s") + "?stand=offen")
    sure = {"version": reset.version, "sure": "on"}
    assert client.post(url("-confirm", reset.uuid), sure).status_code == 422


def test_an_operators_request_is_the_operators(cast: cast_of.Cast) -> None:
    for role, name in (("operator_2", "Bo Trieb"), ("operator_3", "Bea Trieb")):
        cast.people[role] = cast_of.person(name)
        roles.grant_role(
            cast[role], "operator", actor=COMMAND, network=cast.network, reason="Prüfung"
        )
    reset = ask(cast, "operator", "operator_2")
    assert "Bente Trieb" not in page(cast.client("office"), url("s"))
    assert cast.client("office").get(url("", reset.uuid)).status_code == 404
    assert "1 Antrag zum zweiten Faktor wartet" not in page(
        cast.client("office"), reverse("desk:start")
    )
    assert "Bente Trieb" in page(cast.client("operator_2"), url("s"))
    for role, waits in (("operator", False), ("operator_2", False), ("operator_3", True)):
        start = page(cast.client(role), reverse("desk:start"))
        assert ("1 Antrag zum zweiten Faktor wartet" in start) == waits, role


@pytest.mark.parametrize("role", ["coordinator", "auditor", "adviser", "member", "foreign_office"])
def test_others_do_not_get_in(cast: cast_of.Cast, role: str) -> None:
    reset = ask(cast)
    client = cast.client(role)
    for path in (url("s"), url("", reset.uuid), url("-confirm", reset.uuid),
                 url("-ask", cast["member"].uuid)):  # fmt: skip
        assert client.get(path).status_code in (403, 404), path
        assert client.post(path).status_code in (403, 404, 405), path


def test_it_asks_who_is_there(cast: cast_of.Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    reset = ask(cast)
    client = cast.client("office_2")
    monkeypatch.setattr(reauth, "recent", lambda request: False)
    for path in (url("-confirm", reset.uuid), url("-ask", cast["member"].uuid)):
        response = client.post(path, {"version": reset.version, "sure": "on", **TOLD})
        assert response.status_code == 302
        assert "/konto/pruefen/" in response["Location"]
    reset.refresh_from_db()
    assert reset.state == "asked"


def test_lists_cost_the_same_for_one_and_three(cast: cast_of.Cast, count_queries: Any) -> None:
    client = cast.client("office_2")
    reset = ask(cast)
    counts = []
    for more in ((), ("editor_a", "editor_b")):
        for role in more:
            ask(cast, role)
        page(client, url("s"))
        with count_queries() as queries:
            page(client, url("s"))
        counts.append(queries.count)
    assert counts[0] == counts[1] <= 8
    with count_queries() as queries:
        page(client, url("", reset.uuid))
    assert queries.count <= 13, queries.counted


def test_a_request_out_of_sight_is_named_not_missing(cast: cast_of.Cast) -> None:
    ask(cast)
    FactorReset.objects.update(network=cast.other)
    response = cast.client("office_2").get(url("-ask", cast["member"].uuid))
    assert response.status_code == 422
    assert "wartet schon ein Antrag" in response.content.decode()


def test_whoever_asked_is_not_reminded(cast: cast_of.Cast) -> None:
    ask(cast)
    assert "zum zweiten Faktor wartet" not in page(cast.client("office"), reverse("desk:start"))
    assert "zum zweiten Faktor wartet" in page(cast.client("office_2"), reverse("desk:start"))


def test_a_deputy_reads_why_and_may_refuse(cast: cast_of.Cast) -> None:
    reset, today = ask(cast), clock.today()
    Absence.objects.create(
        person=cast["office_2"], deputy=cast["registered"], starts_on=today, ends_on=today
    )
    client = cast.client("registered")
    body = page(client, url("", reset.uuid))
    assert "eine Vertretung genügt nicht" in body
    assert url("-confirm", reset.uuid) not in body
    assert "Antrag ablehnen" in body
    sure = {"_key": once.new_key(), "version": reset.version, "sure": "on"}
    assert client.post(url("-confirm", reset.uuid), sure).status_code == 422
