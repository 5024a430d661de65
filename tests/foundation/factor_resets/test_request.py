"""The request itself: its words, its seven days, and what is gone afterwards."""

from datetime import timedelta

import pytest
from django.db import transaction

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import FactorReset, SupportSession
from lotse.foundation.parties.privacy import erasure
from lotse.foundation.parties.services import factor_resets, merging, suspension
from tests import people as cast_of
from tests.foundation.factor_resets.conftest import ask, confirm, has_factor

pytestmark = pytest.mark.django_db


class TestRequest:
    @pytest.mark.parametrize("field", ["reason", "identity"])
    @pytest.mark.parametrize("value", ["", "  ", "\t\n"])
    def test_why_and_how_checked_are_needed(
        self, cast: cast_of.Cast, field: str, value: str
    ) -> None:
        with pytest.raises(Refused):
            ask(cast, **{field: value})

    def test_only_what_is_there(self, cast: cast_of.Cast) -> None:
        with pytest.raises(Refused, match="keinen zweiten Faktor"):
            ask(cast, "editor_a")
        with pytest.raises(Refused, match="kein offenes Konto"):
            ask(cast, "suspended")

    def test_one_at_a_time_and_the_same_form_once(self, cast: cast_of.Cast) -> None:
        reset = ask(cast, key="k" * 20)
        assert ask(cast, key="k" * 20) == reset
        with pytest.raises(Refused, match="wartet schon"):
            ask(cast, by="office_2")
        assert FactorReset.objects.count() == 1

    def test_it_lapses_after_seven_days(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        assert reset.lapses_at - reset.asked_at == pytest.approx(
            timedelta(days=7), abs=timedelta(seconds=5)
        )
        FactorReset.objects.update(lapses_at=clock.now())
        reset.refresh_from_db()
        with pytest.raises(Refused, match="verfallen"):
            confirm(reset, cast)
        assert not factor_resets.may_confirm(reset, cast.actor("office_2"))
        assert factor_resets.open_of(cast["member"]) is None
        confirm(ask(cast, by="office_2"), cast, "office")
        assert not has_factor(cast["member"])

    def test_an_account_closed_meanwhile_stays_as_it_is(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        suspension.suspend(cast["member"], actor=cast.actor("office"), reason="x")
        with pytest.raises(Refused, match="kein offenes Konto"):
            confirm(reset, cast)
        assert has_factor(cast["member"])


class TestPersonalData:
    def test_the_person_gets_it_without_names(self, cast: cast_of.Cast) -> None:
        from lotse.foundation.parties.privacy import parties_data

        confirm(ask(cast), cast)
        (found,) = parties_data.export(cast["member"].pk)["factor_resets"]
        assert found["reason"] == "Telefon verloren"
        assert (found["asked_by"], found["confirmed_by"]) == ("eine andere Person",) * 2

    def test_an_erasure_ends_it_and_takes_the_words(self, cast: cast_of.Cast) -> None:
        ask(cast)
        with transaction.atomic():
            erasure.erase_person(cast["member"], COMMAND)
        reset = FactorReset.objects.get()
        assert (reset.state, reset.reason, reset.identity) == ("withdrawn", "", "")

    def test_rows_of_merged_entries_count_too(self, cast: cast_of.Cast) -> None:
        from lotse.foundation.parties.privacy import parties_data

        reset = ask(cast)
        keep, now = cast_of.person("Mats Zwo", account=False, home=cast.network), clock.now()
        for operator, person in ((cast["operator"], cast["member"]),
                                 (cast["member"], cast["editor_b"])):  # fmt: skip
            SupportSession.objects.create(
                operator=operator, person=person, reason="Geheim", ends_at=now
            )
        before = parties_data.preview(cast["member"].pk)
        merging.merge(keep, cast["member"], actor=COMMAND)
        found = parties_data.export(keep.pk)
        assert [len(found[name]) for name in ("factor_resets", "support_sessions",
                                              "support_given")] == [1, 1, 1]  # fmt: skip
        for what in ("Anträge zum zweiten Faktor", "Sitzungen zur Unterstützung"):
            counts = [[line["count"] for line in lines if line["what"] == what]
                      for lines in (before, parties_data.preview(keep.pk))]  # fmt: skip
            assert counts[0] == counts[1] != []
        keep.refresh_from_db()
        with transaction.atomic():
            erasure.erase_person(keep, COMMAND)
        old, reset = reset, FactorReset.objects.get()
        assert (reset.state, reset.reason, reset.identity) == ("withdrawn", "", "")
        assert reset.version > old.version
        assert not SupportSession.objects.exclude(reason="").exists()
