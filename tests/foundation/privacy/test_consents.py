"""Consents given and withdrawn, and what a restriction hides."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Consent, Person
from lotse.foundation.parties.privacy import consents, purposes, restriction
from tests.foundation.privacy.conftest import give

RULE = "parties.person.view"


class TestConsents:
    def test_a_yes_holds_for_its_purpose_channel_and_network_only(self, cast) -> None:
        person = cast["member"].pk
        assert not consents.holds(person, "profile", "web", cast.network)
        give(cast)
        assert consents.holds(person, "profile", "web", cast.network)
        assert not consents.holds(person, "profile", "members", cast.network)
        assert not consents.holds(person, "photo", "web", cast.network)
        assert not consents.holds(person, "profile", "web", cast.other)
        assert not consents.holds(person, "profile", "web", None)
        shown = Person.objects.filter(consents.people_with_consent("profile", "web", cast.network))
        assert list(shown) == [cast["member"]]

    def test_withdrawn_is_gone_at_once_and_kept_as_proof(self, cast) -> None:
        """T59."""
        consent = give(cast)
        heard: list[Any] = []
        react = consents.changed.register(lambda *args: heard.append(args))
        try:
            consents.withdraw(consent, actor=cast.actor("member"))
        finally:
            consents.changed._entries.remove((100, react))
        assert heard == [(cast["member"].pk, "profile", "web")]
        assert not consents.holds(cast["member"].pk, "profile", "web", cast.network)
        shown = consents.people_with_consent("profile", "web", cast.network)
        assert not Person.objects.filter(shown).exists()
        kept = Consent.objects.get()
        assert kept.wording == purposes.find("profile", "web").wording["de"]
        assert kept.withdrawn_by == cast.actor("member").ref
        again = give(cast)
        assert again != consent
        codes = list(
            LogEntry.objects.filter(code__startswith="parties.consent").values_list("code")
        )
        assert len(codes) == 3

    def test_a_second_yes_changes_nothing_and_english_is_kept(self, cast) -> None:
        first = give(cast, lang="en")
        assert give(cast) == first
        assert first.lang == "en"
        assert first.wording.startswith("My name")

    def test_nobody_says_yes_for_somebody_else(self, cast) -> None:
        for role in ("editor_a", "office", "operator"):
            with pytest.raises(NotAllowed):
                consents.give(
                    cast["member"], "photo", "web", actor=cast.actor(role), network=cast.network
                )
        with pytest.raises(NotAllowed):
            consents.withdraw(give(cast), actor=cast.actor("editor_a"))

    def test_the_office_records_paper_with_its_proof(self, cast) -> None:
        def record(role: str = "office", **fields: Any) -> Consent:
            values = {"source": "Bogen, Ordner 3", "on": clock.today() - timedelta(days=9)}
            return consents.record_given(
                cast["member"], "photo", "brochure", actor=cast.actor(role),
                network=cast.network, **(values | fields),
            )  # fmt: skip

        with pytest.raises(Refused):
            record(source=" ")
        with pytest.raises(Refused):
            record(on=clock.today() + timedelta(days=1))
        for role in ("foreign_office", "coordinator", "editor_a"):
            with pytest.raises(NotAllowed):
                record(role)
        consent = record()
        assert consent.source == "Bogen, Ordner 3"
        assert consent.given_at.date() == clock.today() - timedelta(days=9)
        assert consents.holds(cast["member"].pk, "photo", "brochure", cast.network)
        consents.withdraw(consent, actor=cast.actor("office"))

    @pytest.mark.parametrize(("purpose", "channel"), [("x", "web"), ("newsletter", "web")])
    def test_what_cannot_be_consented_to_is_refused(self, cast, purpose, channel) -> None:
        with pytest.raises(Refused):
            consents.give(
                cast["member"], purpose, channel, actor=cast.actor("member"), network=cast.network
            )

    def test_a_room_adds_a_purpose_with_both_languages(self) -> None:
        wording = {"de": "Ja", "en": "Yes"}
        with pytest.raises(ValueError, match="twice"):
            purposes.register(purposes.Purpose("photo", "x", ("web",), wording, "1"))
        with pytest.raises(ValueError, match="English"):
            purposes.register(purposes.Purpose("new", "x", ("web",), {"de": "Ja"}, "1"))
        with pytest.raises(ValueError, match="channel"):
            purposes.register(purposes.Purpose("new", "x", ("radio",), wording, "1"))
        for one in purposes.all_purposes():
            assert all(one.wording.values())

    def test_the_page_gives_and_takes_back(self, cast, count_queries) -> None:
        client = cast.client("member")
        page = reverse("privacy:consents")
        assert client.post(page, {"give": "profile:web"}).status_code == 302
        consent = Consent.objects.get()
        html = client.get(page).content.decode()
        assert str(consent.uuid) in html
        other = cast.client("editor_a")
        assert other.post(page, {"withdraw": str(consent.uuid)}).status_code == 404
        for bad in ({"give": "x"}, {"withdraw": "x"}, {}):
            assert client.post(page, bad).status_code == 404
        with count_queries() as one:
            client.get(page)
        client.post(page, {"give": "photo:web"})
        client.post(page, {"give": "contact:web"})
        with count_queries() as three:
            client.get(page)
        assert one.count == three.count <= 12
        client.post(page, {"withdraw": str(consent.uuid)})
        assert not consents.holds(cast["member"].pk, "profile", "web", cast.network)
        assert "widerrufen am" in client.get(page).content.decode()


class TestRestriction:
    def test_only_the_office_and_the_person_see_it(self, cast) -> None:
        person = cast["member"]
        give(cast)
        seen_by = ("member", "office", "coordinator", "auditor", "editor_a")

        def who() -> list[str]:
            found = Person.objects.filter(pk=person.pk)
            return [role for role in seen_by
                    if visible(RULE, cast.actor(role), found).exists()]  # fmt: skip

        assert who() == list(seen_by)
        with pytest.raises(NotAllowed):
            restriction.restrict(
                person, actor=cast.actor("editor_a"), expected=person.version, reason="x"
            )
        with pytest.raises(Refused):
            restriction.restrict(
                person, actor=cast.actor("office"), expected=person.version, reason=" "
            )
        restriction.restrict(
            person, actor=cast.actor("office"), expected=person.version, reason="Streit"
        )
        assert who() == ["member", "office"]
        assert not consents.holds(person.pk, "profile", "web", cast.network)
        restriction.lift(
            person, actor=cast.actor("office"), expected=person.version, reason="Geklärt"
        )
        assert who() == list(seen_by)
        assert consents.holds(person.pk, "profile", "web", cast.network)
