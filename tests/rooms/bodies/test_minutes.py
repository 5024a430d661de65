"""Minutes from the draft to the published paper (S1-24, S2-01, S4-17, S4-18; rulings 5, 6)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock, records
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import ChainRecord, MailFile, OutboxMail
from lotse.foundation.parties.models import Consent
from lotse.rooms.bodies.content.minutes import compile_minutes
from lotse.rooms.bodies.models import Charter, Meeting, Minutes, MinutesRevision, Outcome
from lotse.rooms.bodies.queries.minutes import PURPOSE, resolved
from lotse.rooms.bodies.services import minutes as services
from lotse.rooms.bodies.services.rewording import Wording
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of
from tests.rooms.bodies.minutes_made import (
    adopted,
    circulated,
    everything,
    fresh,
    held,
    later_meeting,
    period_of,
    run_out,
    with_rule,
)

NAMES = ("Volker Stimm", "Corinna Leiter", "Kim Muster")


def page(meeting: Meeting, name: str = "minutes", *rest: Any) -> str:
    return reverse(f"bodies:{name}", args=[meeting.uuid, *rest])


def form_of(client: Any, url: str, **values: Any) -> Any:
    """Sends the form of a page as the browser does: with its hidden fields."""
    shown = client.get(url)
    assert shown.status_code == 200, shown.status_code
    hidden = {"version": shown.context["version"], "_key": shown.context["key"]}
    return client.post(url, {k: v for k, v in (hidden | values).items() if v is not None})


class TestContent:
    def test_canonical_minutes_hold_no_name(self, cast: Cast) -> None:
        minutes = circulated(cast)
        text = services.latest(minutes).content
        assert not [name for name in NAMES if name in text]
        content = json.loads(text)
        assert content["format"] == "lotse-minutes/1"
        assert len(content["present"]) == 2
        assert len(content["meeting"]["moderation"]) == 2
        assert content["meeting"]["moderation"][1] == content["meeting"]["minute_takers"][0]
        assert records.canonical(content).decode() == text

    def test_names_come_back_when_it_is_read(self, cast: Cast) -> None:
        content = resolved(json.loads(services.latest(circulated(cast)).content), "de")
        assert [one["words"] for one in content["meeting"]["moderation"]] == [
            "Corinna Leiter", "Kim Muster"
        ]  # fmt: skip
        outcome = content["items"][0]["outcomes"][0]
        assert outcome["speaker"]["words"] == "Volker Stimm (Brandt GmbH)"
        assert [one["words"] for one in outcome["measures"][0]["who"]] == ["Volker Stimm"]
        assert {one["attribution"]["name"] for one in content["present"]} == {
            "Volker Stimm", "Corinna Leiter"
        }  # fmt: skip

    def test_moments_carry_the_offset_of_berlin(self, cast: Cast) -> None:
        meeting = held(cast)
        for day, offset in ((175, "+02:00"), (15, "+01:00")):
            Meeting.objects.filter(pk=meeting.pk).update(
                starts_at=clock.now().replace(month=1, day=1, hour=12) + timedelta(days=day)
            )
            meeting.refresh_from_db()
            content = compile_minutes(services.begin(meeting), "de")
            assert content["meeting"]["starts_at"].endswith(offset)

    def test_notes_stand_only_in_minutes_with_discussion(self, cast: Cast) -> None:
        meeting = held(cast)
        assert "Besuche helfen" in json.dumps(compile_minutes(services.begin(meeting), "de"))
        meeting.minutes_kind = Meeting.MinutesKind.RESULTS
        found = json.dumps(compile_minutes(services.begin(meeting), "de"))
        assert "Besuche helfen" not in found
        assert "aufgenommen" in found

    def test_the_draft_stores_no_name(self, cast: Cast) -> None:
        from lotse.rooms.bodies.models import Attribution

        meeting = held(cast)
        before = Attribution.objects.count()
        response = cast.client("minute_taker").get(page(meeting))
        assert response.status_code == 200
        assert "Kim Muster" in response.content.decode()
        assert Attribution.objects.count() == before
        assert not Minutes.objects.exists()


class TestPage:
    def test_the_draft_is_for_who_runs_the_meeting(self, cast: Cast) -> None:
        meeting = held(cast)
        for role, status in (("minute_taker", 200), ("office", 200), ("voter", 404),
                             ("registered", 404), ("anonymous", 404)):  # fmt: skip
            assert cast.client(role).get(page(meeting)).status_code == status, role
        services.begin(meeting)
        assert cast.client("voter").get(page(meeting)).status_code == 404

    def test_members_read_what_was_sent_and_nobody_else(self, cast: Cast) -> None:
        meeting = circulated(cast).meeting
        for role, status in (("voter", 200), ("chair", 200), ("member", 404), ("anonymous", 404)):
            assert cast.client(role).get(page(meeting)).status_code == status, role

    def test_what_is_sent_is_not_offered_for_changing(self, cast: Cast) -> None:
        meeting = held(cast)
        shown = reverse("bodies:meeting", args=[meeting.uuid])
        changes = [reverse(f"bodies:{name}", args=[meeting.uuid])
                   for name in ("meeting-edit", "agenda", "reopen")]  # fmt: skip
        for sent in (False, True):
            if sent:
                circulated(cast, meeting)
            page_ = cast.client("minute_taker").get(shown).content.decode()
            assert [f'href="{one}"' in page_ for one in changes] == [not sent] * 3
            assert reverse("bodies:papers", args=[meeting.uuid]) in page_  # some follow later

    def test_after_sending_the_page_shows_the_revision(self, cast: Cast) -> None:
        meeting = circulated(cast).meeting
        Outcome.objects.update(text="Etwas anderes.")
        shown = cast.client("voter").get(page(meeting)).content.decode()
        assert "Der Betrieb wird aufgenommen." in shown
        assert "Etwas anderes." not in shown

    @pytest.mark.parametrize("number", [1, 3])
    def test_queries(self, cast: Cast, count_queries: Any, number: int) -> None:
        meeting = held(cast)
        for n in range(number - 1):
            item = item_of(meeting, f"Punkt {n}")
            Outcome.objects.create(item=item, kind="decision", text="Ja.", number=f"1/{n + 2}")
        everything(cast, meeting, number)
        client = cast.client("minute_taker")
        client.get(page(meeting))
        with count_queries() as queries:
            client.get(page(meeting))
        assert queries.count <= 12
        circulated(cast, meeting)
        with count_queries() as queries:
            client.get(page(meeting))
        assert queries.count <= 12

    def test_the_head_is_edited_in_place(self, cast: Cast) -> None:
        meeting, client = held(cast), cast.client("minute_taker")
        url = page(meeting, "minutes-head")
        answer = form_of(client, url, minutes_kind="results", moderation="Robin Beispiel",
                         minute_takers="", next_dates="Im März")  # fmt: skip
        assert answer.status_code == 302
        shown = client.get(page(meeting)).content.decode()
        assert "Robin Beispiel" in shown
        assert "Im März" in shown
        stale = client.post(page(meeting, "minutes-head"), {
            "minutes_kind": "results", "moderation": "Wer anders", "minute_takers": "",
            "next_dates": "", "version": "1",
        })  # fmt: skip
        assert stale.status_code == 409
        assert "Robin Beispiel" in stale.content.decode()
        assert "Wer anders" in stale.content.decode()


class TestCirculate:
    def test_mail_goes_to_those_present_with_the_last_day(self, cast: Cast) -> None:
        meeting = held(cast)
        answer = form_of(cast.client("minute_taker"), page(meeting, "minutes-circulate"))
        assert answer.status_code == 302
        mails = OutboxMail.objects.filter(code="bodies.minutes.circulated")
        assert {one.files[0]["name"].rpartition(".")[2] for one in mails} == {"pdf"}
        assert MailFile.objects.count() == 1  # kept once for all
        assert {mail.address for mail in mails} == {
            "voter@beispiel.test", "chair@beispiel.test"
        }  # fmt: skip
        assert all(mail.mail_class == "duty" for mail in mails)
        day = clock.today() + timedelta(days=14)
        assert f"{day:%d.%m.%Y}" in mails[0].text
        minutes = Minutes.objects.get(meeting=meeting)
        assert (minutes.state, minutes.version) == ("circulated", 2)

    def test_not_before_the_meeting_is_over_nor_twice(self, cast: Cast) -> None:
        meeting = held(cast, state=Meeting.State.RUNNING)
        minutes = services.begin(meeting)
        actor = cast.actor("minute_taker")
        with pytest.raises(Refused, match="nicht beendet"):
            services.circulate(minutes, actor=actor, expected=1)
        Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.HELD)
        first = services.circulate(minutes, actor=actor, expected=1, key="k" * 20)
        assert services.circulate(minutes, actor=actor, expected=1, key="k" * 20) == first
        with pytest.raises(Conflict):
            services.circulate(minutes, actor=actor, expected=1)
        with pytest.raises(Refused):
            services.circulate(fresh(minutes), actor=actor, expected=2)
        assert MinutesRevision.objects.count() == 1

    @pytest.mark.parametrize("role", ["voter", "registered", "auditor", "foreign_office"])
    def test_only_who_runs_the_meeting(self, cast: Cast, role: str) -> None:
        minutes = services.begin(held(cast))
        with pytest.raises(NotAllowed):
            services.circulate(minutes, actor=cast.actor(role), expected=1)


class TestAdoption:
    def test_silence_adopts_where_a_rule_says_so(self, cast: Cast) -> None:
        with_rule(cast.council)
        minutes = circulated(cast)
        assert not services.settle(minutes)
        run_out(minutes)
        closes = period_of(minutes).closes_at
        assert services.settle(minutes)
        minutes = fresh(minutes)
        assert (minutes.state, minutes.adopted_by) == ("adopted", "deadline")
        assert minutes.adopted_at == closes
        assert not services.settle(minutes)
        assert MinutesRevision.objects.filter(minutes=minutes).count() == 2
        shown = cast.client("voter").get(page(minutes.meeting)).content.decode()
        assert "genehmigt" in shown

    def test_the_daily_job_writes_it_once(self, cast: Cast) -> None:
        from lotse.rooms.bodies.services.settling import settle_due

        with_rule(cast.council)
        minutes = circulated(cast)
        run_out(minutes)
        assert (settle_due(), settle_due()) == (1, 0)
        assert fresh(minutes).state == "adopted"

    def test_without_a_rule_silence_says_nothing(self, cast: Cast) -> None:
        minutes = circulated(cast)
        run_out(minutes)
        assert not services.settle(minutes)
        shown = cast.client("minute_taker").get(page(minutes.meeting)).content.decode()
        assert "entscheidet die nächste Sitzung" in shown
        assert fresh(minutes).state == "circulated"

    def test_a_later_meeting_adopts(self, cast: Cast) -> None:
        minutes = circulated(cast)
        later = later_meeting(minutes.meeting)
        before = services.latest(minutes).content
        answer = form_of(cast.client("minute_taker"), page(minutes.meeting, "minutes-adopt"),
                         meeting=str(later.uuid))  # fmt: skip
        assert answer.status_code == 302
        minutes = fresh(minutes)
        assert (minutes.state, minutes.adopted_in) == ("adopted", later)
        after = json.loads(services.latest(minutes).content)
        assert after.pop("adopted") == {
            "on": clock.today().isoformat(), "by": "meeting", "in": "Herbstsitzung"
        }  # fmt: skip
        assert after | {"adopted": None} == json.loads(before)

    @pytest.mark.parametrize("values", [{"state": "planned"}, {"days": -9}])
    def test_no_meeting_that_cannot_adopt(self, cast: Cast, values: dict[str, Any]) -> None:
        minutes = circulated(cast)
        days = values.pop("days", None)
        if days:
            values["starts_at"] = minutes.meeting.starts_at + timedelta(days=days)
        later = later_meeting(minutes.meeting, **values)
        with pytest.raises(Refused):
            services.adopt_minutes(minutes, actor=cast.actor("chair"), expected=2, meeting=later)
        shown = cast.client("minute_taker").get(page(minutes.meeting, "minutes-adopt"))
        assert str(later.uuid) not in shown.content.decode()

    def test_the_members_keep_the_head_of_the_chain(self, cast: Cast) -> None:
        minutes = adopted(cast)
        mails = OutboxMail.objects.filter(code="bodies.minutes.adopted")
        assert {"voter@beispiel.test", "chair@beispiel.test"} <= {one.address for one in mails}
        head = records.head_of(cast.network.uuid)
        assert all(head in mail.text for mail in mails)
        assert all(services.latest(minutes).sha256 in mail.text for mail in mails)
        actions = list(ChainRecord.objects.filter(chain=cast.network.uuid).order_by("seq")
                       .values_list("action", flat=True))  # fmt: skip
        assert actions[-2:] == ["bodies.decision.adopted", "bodies.minutes.adopted"]


class TestPublish:
    @pytest.mark.parametrize(
        ("rule", "allowed"),
        [("public", ["public", "network", "body"]), ("network", ["network", "body"]),
         ("body", ["body"])],
    )  # fmt: skip
    def test_no_wider_than_the_body(self, cast: Cast, rule: str, allowed: list[str]) -> None:
        with_rule(cast.council, level=rule)
        for level in Charter.Level.values:
            minutes = adopted(cast, held(cast, number=None))
            actor = cast.actor("office")
            if level in allowed:
                services.publish(minutes, actor=actor, expected=minutes.version, level=level)
                assert fresh(minutes).level == level
            else:
                with pytest.raises(Refused):
                    services.publish(minutes, actor=actor, expected=minutes.version, level=level)

    def test_outsiders_read_names_only_with_consent(self, cast: Cast) -> None:
        with_rule(cast.council, level="public")
        minutes = adopted(cast)
        address = page(minutes.meeting)
        assert cast.client("anonymous").get(address).status_code == 404
        form_of(cast.client("office"), page(minutes.meeting, "minutes-publish"), level="public")
        shown = cast.client("anonymous").get(address).content.decode()
        assert "Der Betrieb wird aufgenommen." in shown
        assert "Vertretung Brandt GmbH" in shown
        assert not [name for name in NAMES if name in shown]
        assert "Wer teilgenommen hat" not in shown
        _consent(cast, "voter", "web")
        shown = cast.client("anonymous").get(address).content.decode()
        assert "Volker Stimm" in shown
        assert "Corinna Leiter" not in shown
        assert "Corinna Leiter" in cast.client("voter").get(address).content.decode()

    def test_the_network_reads_what_is_open_to_it(self, cast: Cast) -> None:
        with_rule(cast.council, level="network")
        minutes = adopted(cast)
        services.publish(minutes, actor=cast.actor("chair"), expected=minutes.version,
                         level="network")  # fmt: skip
        _consent(cast, "voter", "members")
        address = page(minutes.meeting)
        shown = cast.client("member").get(address).content.decode()
        assert "Volker Stimm" in shown
        assert "Corinna Leiter" not in shown
        assert cast.client("anonymous").get(address).status_code == 404
        for name in ("minutes-revisions", "minutes-object"):
            assert cast.client("member").get(page(minutes.meeting, name)).status_code == 404


def _consent(cast: Cast, role: str, channel: str) -> None:
    Consent.objects.create(
        person=cast[role], network=cast.network, purpose=PURPOSE, channel=channel, wording="Ja",
        wording_version="1", given_by="command",
    )  # fmt: skip


class TestAfterAdoption:
    def test_a_correction_is_marked_and_changes_nothing_else(self, cast: Cast) -> None:
        minutes = adopted(cast)
        before = json.loads(services.latest(minutes).content)
        answer = form_of(cast.client("minute_taker"), page(minutes.meeting, "minutes-amend"),
                         item="1", words="Es waren 2 Ja.", reason="Zählfehler")  # fmt: skip
        assert answer.status_code == 302
        after = json.loads(services.latest(minutes).content)
        assert after.pop("corrections") == [
            {"on": clock.today().isoformat(), "item": "1", "reason": "Zählfehler",
             "text": "Es waren 2 Ja."}
        ]  # fmt: skip
        assert after | {"corrections": []} == before
        assert fresh(minutes).state == "adopted"
        shown = cast.client("voter").get(page(minutes.meeting)).content.decode()
        assert "Zählfehler" in shown
        assert "Der Betrieb wird aufgenommen." in shown

    def test_neither_sent_nor_reworded_again(self, cast: Cast) -> None:
        minutes = adopted(cast)
        actor, version = cast.actor("office"), minutes.version
        with pytest.raises(Refused):
            services.correct(minutes, actor=actor, expected=version, wording=Wording(), reason="x")
        with pytest.raises(Refused):
            services.circulate(minutes, actor=actor, expected=version)
        with pytest.raises(Refused):
            services.change_head(minutes.meeting, actor=actor, expected=minutes.meeting.version,
                                 moderation="x")  # fmt: skip
