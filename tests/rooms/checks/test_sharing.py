"""Whose an assessment is: claiming, giving to an organisation, sharing with one person."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core.actor import COMMAND, EDIT, READ
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import visible
from lotse.rooms.checks.models import Assessment, Share
from lotse.rooms.checks.services import assessments, links, sharing
from tests import make
from tests import people as cast_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(common_cast: cast_of.Cast) -> cast_of.Cast:
    return common_cast


@pytest.fixture
def check() -> Any:
    return make.check()


def seen_by(cast: cast_of.Cast, role: str) -> list[Assessment]:
    return list(visible("checks.assessment.view", cast.actor(role), Assessment.objects.all()))


def url(name: str, assessment: Assessment, *more: Any) -> str:
    return reverse(f"checks:{name}", args=[assessment.uuid, *more])


@pytest.fixture
def owned(cast: cast_of.Cast, check: Any) -> Assessment:
    """An assessment of editor A, for organisation A."""
    return assessments.start_assessment(
        check, actor=cast.actor("editor_a"), key="s" * 20, network=cast.network,
        organisation=cast.org_a,
    )  # fmt: skip


class TestWhoSees:
    def test_only_the_owner_the_editors_and_those_it_is_shared_with(self, cast, owned) -> None:
        may = {role for role in cast_of.ROLES if seen_by(cast, role)}
        assert may == {"editor_a"}
        sharing.share(owned, cast["adviser"], READ, actor=cast.actor("editor_a"), key="k" * 20)
        assert {role for role in cast_of.ROLES if seen_by(cast, role)} == {"editor_a", "adviser"}

    def test_not_even_office_and_operator(self, cast, owned) -> None:
        client = cast.client("office")
        assert client.get(url("result", owned)).status_code == 404
        assert cast.client("operator").get(url("result", owned)).status_code == 404

    def test_a_share_to_read_reads(self, cast, owned) -> None:
        sharing.share(owned, cast["adviser"], READ, actor=cast.actor("editor_a"), key="k" * 20)
        client = cast.client("adviser")
        assert client.get(url("result", owned)).status_code == 200
        assert client.get(url("checkpoint", owned, 1)).status_code == 403
        assert client.get(url("sharing", owned)).status_code == 403

    def test_a_share_to_edit_edits_and_shares_no_further(self, cast, owned) -> None:
        sharing.share(owned, cast["adviser"], EDIT, actor=cast.actor("editor_a"), key="k" * 20)
        client = cast.client("adviser")
        answer = client.post(url("checkpoint", owned, 1), make.answer_form())
        assert answer.status_code == 302
        assert client.get(url("sharing", owned)).status_code == 403
        with pytest.raises(NotAllowed):
            sharing.share(owned, cast["member"], READ, actor=cast.actor("adviser"), key="l" * 20)

    def test_an_ended_share_opens_nothing_at_the_next_request(self, cast, owned) -> None:
        """T05."""
        sharing.share(owned, cast["adviser"], EDIT, actor=cast.actor("editor_a"), key="k" * 20)
        client = cast.client("adviser")
        assert client.get(url("result", owned)).status_code == 200
        sharing.end_share(owned, Share.objects.get(), actor=cast.actor("editor_a"))
        assert client.get(url("result", owned)).status_code == 404

    def test_who_may_only_edit_gives_out_no_link_and_deletes_nothing(self, cast, owned) -> None:
        """A link would outlive the share."""
        sharing.share(owned, cast["adviser"], EDIT, actor=cast.actor("editor_a"), key="k" * 20)
        client = cast.client("adviser")
        for name in ("links", "delete"):
            assert client.get(url(name, owned)).status_code == 403
        for name in ("link-renew", "link-mail", "delete"):
            form = {"level": "edit", "address": "x@y.test", "confirm": "on"}
            assert client.post(url(name, owned), form).status_code == 403
        for act in (
            lambda actor: assessments.delete_assessment(owned, actor=actor),
            lambda actor: links.renew_link(owned, EDIT, actor=actor, key="r" * 20),
        ):
            with pytest.raises(NotAllowed):
                act(cast.actor("adviser"))
        answer = client.post(url("checkpoint", owned, 1), make.answer_form(go="pause"))
        assert answer["Location"] == url("result", owned)

    def test_ending_a_share_to_edit_replaces_the_links(self, cast, owned) -> None:
        share = sharing.share(
            owned, cast["adviser"], EDIT, actor=cast.actor("editor_a"), key="k" * 20
        )
        browser = make.open_as(Client(), owned)  # as if the adviser had kept a link
        assert browser.get(url("result", owned)).status_code == 200
        sharing.end_share(owned, share, actor=cast.actor("editor_a"))
        assert browser.get(url("result", owned)).status_code == 404

    def test_the_owner_who_left_the_organisation_is_out(self, cast, owned) -> None:
        """T05: what belongs to the organisation stays there."""
        from lotse.foundation.parties.models import Affiliation
        from lotse.foundation.parties.services import people

        seat = Affiliation.objects.get(person=cast["editor_a"])
        people.end_seat(seat, actor=COMMAND, expected=seat.version)
        assert seen_by(cast, "editor_a") == []

    def test_who_leaves_the_organisation_sees_no_more(self, cast, owned, check) -> None:
        from lotse.foundation.parties.models import Affiliation
        from lotse.foundation.parties.services import people

        people.add_seat(cast["registered"], cast.org_a, actor=COMMAND, may_edit=True)
        assert seen_by(cast, "registered") == [owned]
        seat = Affiliation.objects.get(person=cast["registered"])
        people.end_seat(seat, actor=COMMAND, expected=seat.version)
        assert seen_by(cast, "registered") == []

    def test_the_next_round_belongs_to_the_same(self, cast, owned) -> None:
        following = assessments.start_next_round(owned, actor=cast.actor("editor_a"), key="n" * 20)
        assert following.owner == owned.owner
        assert following.organisation == owned.organisation


class TestClaiming:
    def test_what_a_visitor_began_is_claimed_at_sign_in(self, cast, check) -> None:
        client = Client()
        start = {"_key": "v" * 20, "scope": "organisation"}
        client.post(reverse("checks:check", args=[check.uuid]), start)
        begun = Assessment.objects.get()
        assert begun.owner is None
        form = {"login": cast["registered"].email, "password": cast_of.PASSWORD}
        answer = client.post(reverse("account_login"), form)
        assert answer.status_code == 302
        begun.refresh_from_db()
        assert begun.owner == cast["registered"]
        other = cast.client("registered")
        assert other.get(url("result", begun)).status_code == 200

    def test_what_was_only_opened_by_link_is_not(self, cast, check) -> None:
        foreign = make.assessment(check)
        client = make.open_as(Client(), foreign)
        client.post(
            reverse("account_login"),
            {"login": cast["adviser"].email, "password": cast_of.PASSWORD},
        )
        foreign.refresh_from_db()
        assert foreign.owner is None

    def test_by_the_button(self, cast, check) -> None:
        found = make.assessment(check)
        client = make.open_as(cast.client("registered"), found)
        assert "In mein Konto übernehmen" in client.get(url("result", found)).content.decode()
        assert client.post(url("claim", found)).status_code == 302
        found.refresh_from_db()
        assert found.owner == cast["registered"]
        assert client.post(url("claim", found)).status_code == 302  # twice is the same

    def test_a_reader_and_a_visitor_claim_nothing(self, cast, check) -> None:
        found = make.assessment(check)
        assert make.open_as(cast.client("registered"), found, READ).post(
            url("claim", found)
        ).status_code == 403  # fmt: skip
        assert make.open_as(Client(), found).post(url("claim", found)).status_code == 403

    def test_what_belongs_to_somebody_stays_theirs(self, cast, owned) -> None:
        client = make.open_as(cast.client("editor_b"), owned)
        assert "In mein Konto" not in client.get(url("result", owned)).content.decode()
        answer = client.post(url("claim", owned))
        assert answer.status_code == 422
        owned.refresh_from_db()
        assert owned.owner == cast["editor_a"]

    def test_an_organisation_cannot_give_back_what_has_no_owner(self, cast, owned) -> None:
        Assessment.objects.update(owner=None)
        owned.refresh_from_db()
        with pytest.raises(Refused):
            sharing.give_to_organisation(owned, None, actor=COMMAND, expected=owned.version)

    def test_claimed_assessments_do_not_end_with_the_guests(self, cast, owned, check) -> None:
        from datetime import timedelta

        from lotse.foundation.core import clock

        guest = make.assessment(check)
        long_ago = clock.today() - timedelta(days=24 * 31)
        Assessment.objects.update(opened_on=long_ago)
        assert assessments.delete_expired() == 1
        assert not Assessment.objects.filter(pk=guest.pk).exists()
        assert Assessment.objects.filter(pk=owned.pk).exists()


class TestPages:
    def test_sharing_with_an_adviser_by_the_page(self, cast, owned) -> None:
        client = cast.client("editor_a")
        page = client.get(url("sharing", owned)).content.decode()
        assert cast["adviser"].name in page
        assert cast["editor_b"].name not in page
        form = {"person": str(cast["adviser"].uuid), "level": "read"}
        assert client.post(url("share", owned), form).status_code == 302
        assert "liest" in client.get(url("sharing", owned)).content.decode()
        share = Share.objects.get()
        assert client.post(url("share-end", owned, share.uuid)).status_code == 302
        assert seen_by(cast, "adviser") == []

    @pytest.mark.parametrize("person", ["", "nonsense", "editor_b"])
    def test_with_nobody_else(self, cast, owned, person) -> None:
        chosen = str(cast[person].uuid) if person == "editor_b" else person
        answer = cast.client("editor_a").post(
            url("share", owned), {"person": chosen, "level": "read"}
        )
        assert answer.status_code == 422
        assert not Share.objects.exists()

    def test_starting_for_the_own_organisation(self, cast, check) -> None:
        client = cast.client("editor_a")
        address = reverse("checks:check", args=[check.uuid])
        assert cast.org_a.name in client.get(address).content.decode()
        form = {"_key": "o" * 20, "scope": "organisation", "organisation": str(cast.org_a.uuid)}
        assert client.post(address, form).status_code == 302
        made = Assessment.objects.get()
        assert (made.organisation, made.owner) == (cast.org_a, cast["editor_a"])
        assert made.organisation_name == cast.org_a.name

    def test_not_for_another_organisation(self, cast, check) -> None:
        client = cast.client("editor_a")
        form = {"_key": "o" * 20, "scope": "organisation", "organisation": str(cast.org_b.uuid)}
        answer = client.post(reverse("checks:check", args=[check.uuid]), form)
        assert answer.status_code == 422
        assert not Assessment.objects.exists()

    def test_giving_and_taking_back(self, cast, owned) -> None:
        client = cast.client("editor_a")
        form = {"organisation": "", "version": str(owned.version)}
        assert client.post(url("give", owned), form).status_code == 302
        owned.refresh_from_db()
        assert owned.organisation is None
        assert client.post(url("give", owned), form).status_code == 409  # an old page
        foreign = {"organisation": str(cast.org_b.uuid), "version": str(owned.version)}
        assert client.post(url("give", owned), foreign).status_code == 404

    def test_the_list_shows_what_is_mine(self, cast, owned, count_queries) -> None:
        client = cast.client("editor_a")
        client.get(reverse("checks:list"))  # the session remembers this minute
        counts = []
        for number in (1, 3):
            while Assessment.objects.count() < number:
                assessments.start_assessment(
                    owned.revision.check_ref, actor=cast.actor("editor_a"),
                    key=f"more-{Assessment.objects.count()}-{'x' * 16}", network=cast.network,
                )  # fmt: skip
            with count_queries() as queries:
                answer = client.get(reverse("checks:list"))
            assert answer.content.decode().count("/checks/bewertung/") >= number
            counts.append(queries.count)
        assert counts[0] == counts[1] <= 8


class TestSupportSession:
    def test_shows_no_secret_that_goes_on_working(self, cast, owned) -> None:
        """The operator reads as the person does, and leaves with nothing."""
        from lotse.foundation.parties.services.support import start_support
        from lotse.foundation.parties.support_view import NAME

        running = start_support(
            cast["editor_a"], actor=cast.actor("operator"), reason="Frage am Telefon", minutes=10,
            network=cast.network,
        )  # fmt: skip
        client = cast.client("operator")
        session = client.session
        session[NAME] = str(running.uuid)
        session.save()
        assert client.get(url("result", owned)).status_code == 200
        assert client.get(url("links", owned)).status_code == 403
        token = links.tokens_of(owned)[EDIT]
        assert client.get(reverse("checks:open", args=[token])).status_code == 403
        assert client.get(reverse("today:calendar")).status_code == 403
