"""Seats in organisations, and who sees which people."""

from datetime import date
from typing import Any

import pytest

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import has, visible
from lotse.foundation.parties.models import Affiliation, Organisation, Person
from lotse.foundation.parties.services import people

pytestmark = pytest.mark.django_db


def names(found: Any) -> set[str]:
    return {person.last_name for person in found}


class TestSeats:
    def test_an_editor_gives_seats_in_the_own_organisation_only(self, cast) -> None:
        actor = cast.actor("editor_a")
        people.add_seat(cast["registered"], cast.org_a, actor=actor, may_edit=True)
        assert cast.actor("registered").organisations(edit=True) == {cast.org_a.pk}
        with pytest.raises(NotAllowed):
            people.add_seat(cast["registered"], cast.org_b, actor=actor)
        with pytest.raises(NotAllowed):
            people.add_seat(cast["registered"], cast.org_a, actor=cast.actor("member"))

    def test_ending_holds_at_the_next_request(self, cast) -> None:
        """T05."""
        seat = Affiliation.objects.get(person=cast["editor_a"])
        people.end_seat(seat, actor=cast.actor("office"), expected=seat.version)
        assert cast.actor("editor_a").seats == frozenset()

    def test_a_successor_takes_over_rights(self, cast) -> None:
        seat = Affiliation.objects.get(person=cast["editor_a"])
        people.end_seat(
            seat, actor=cast.actor("office"), expected=seat.version, successor=cast["member"]
        )
        assert cast.actor("member").organisations(edit=True, represent=True) == {cast.org_a.pk}
        assert cast.actor("editor_a").seats == frozenset()

    def test_a_successor_without_seat_gets_one(self, cast) -> None:
        seat = Affiliation.objects.get(person=cast["editor_b"])
        people.end_seat(seat, actor=COMMAND, expected=seat.version, successor=cast["registered"])
        assert cast.actor("registered").organisations(edit=True) == {cast.org_b.pk}

    def test_nobody_succeeds_themselves_and_a_reversed_span_is_refused(self, cast) -> None:
        seat = Affiliation.objects.get(person=cast["editor_b"])
        with pytest.raises(Refused):
            people.end_seat(seat, actor=COMMAND, expected=seat.version, successor=cast["editor_b"])
        seat.refresh_from_db()
        with pytest.raises(Refused):
            people.change_seat(seat, actor=COMMAND, expected=seat.version, ends_on=date(2001, 1, 1))


class TestVisibility:
    @pytest.mark.parametrize(
        ("role", "sees"),
        [
            ("anonymous", set()),
            ("registered", {"Neumann"}),
            ("member", {"Behrens"}),
            ("editor_a", {"Behrens", "Ahrens", "Sperr"}),
            ("editor_b", {"Brandt"}),
            ("adviser", {"Rat"}),
        ],
    )
    def test_who_sees_which_people(self, cast, role, sees) -> None:
        """T08: no mass enumeration of the directory."""
        rows = visible("parties.person.view", cast.actor(role), Person.objects.all())
        assert names(rows) == sees

    @pytest.mark.parametrize("role", ["office", "coordinator", "auditor"])
    def test_the_office_sees_the_people_of_its_network(self, cast, role) -> None:
        rows = names(visible("parties.person.view", cast.actor(role), Person.objects.all()))
        assert {"Behrens", "Ahrens", "Brandt", "Einst"} <= rows
        assert "Fremd" not in rows

    def test_a_list_costs_one_query(self, cast, django_assert_num_queries) -> None:
        actor = cast.actor("office")
        with django_assert_num_queries(1):
            list(visible("parties.person.view", actor, Person.objects.all()))

    def test_organisations(self, cast) -> None:
        def seen(role: str) -> set[str]:
            rows = visible("parties.organisation.view", cast.actor(role),
                           Organisation.objects.all())  # fmt: skip
            return {row.name for row in rows}

        both = {cast.org_a.name, cast.org_b.name}
        assert seen("member") == seen("office") == seen("adviser") == both
        assert seen("anonymous") == seen("registered") == seen("former") == set()
        assert seen("foreign_office") == set()

    def test_who_edits_whom(self, cast) -> None:
        may = {
            role: has("parties.person.edit", cast.actor(role), cast["editor_a"])
            for role in ("editor_a", "office", "coordinator", "auditor", "member", "editor_b")
        }
        assert may == {
            "editor_a": True, "office": True, "coordinator": False, "auditor": False,
            "member": False, "editor_b": False,
        }  # fmt: skip
