"""Inviting: who, with what words and calendar entry, by which link they answer, who is reminded
and who was not reached (S1-02, S2-01)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outgoing
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import clock, mail, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import DeadAddress, OutboxMail
from lotse.foundation.parties.models import Body, Person
from lotse.rooms.bodies.models import Annex, Attendance, Charter, Mandate, Meeting
from lotse.rooms.bodies.services import inviting, mandates, meetings, papers, replying
from tests import make
from tests.people import ROLES, Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.preparing import (
    attendance,
    deputy_of,
    entry_in,
    invite,
    link_in,
    mail_to,
    mails,
    opened,
    page,
    post,
    send,
)
from tests.rooms.bodies.test_papers import file

pytestmark = pytest.mark.django_db
VOTER, GUEST, STAND_IN = "voter@beispiel.test", "gast@haus.example", "vera@haus.example"


def guest_of(meeting: Meeting, name: str = "Gerda Gast", email: str = GUEST) -> Attendance:
    meeting.refresh_from_db()
    return inviting.add_guest(
        meeting, actor=COMMAND, name=name, email=email, organisation="Haus Beispiel"
    )


class TestInviting:
    def test_everybody_with_a_place_and_guests(self, cast: Cast, meeting: Meeting) -> None:
        item_of(meeting, "Begrüßung")
        deputy_of(cast, meeting.body, email="dana@beispiel.test")
        guest_of(meeting)
        shown = page(cast, "office", "invitation", meeting)
        for words in ("Volker Stimm", "Dana Vertretung", "Gerda Gast", "Jetzt einladen",
                      "Vorschau der Einladung", "Einladung: Rat der Beispielregion", "Begrüßung",
                      "Guten Tag Kim Muster"):  # fmt: skip
            assert words in shown, words
        assert not OutboxMail.objects.filter(code__startswith="bodies.meeting.").exists()
        answer = post(cast, "office", "invitation", meeting, go="invite")
        assert answer.status_code == 302
        meeting.refresh_from_db()
        assert (meeting.state, meeting.invited_at is not None) == ("invited", True)
        parts = dict(Attendance.objects.values_list("name", "part"))
        assert parts == {
            "Volker Stimm": "member", "Corinna Leiter": "member", "Mika Schreiber": "staff",
            "Dana Vertretung": "deputy", "Gerda Gast": "guest",
        }  # fmt: skip
        assert len(mails()) == 5

    def test_the_mail(self, cast: Cast, meeting: Meeting) -> None:
        Meeting.objects.filter(pk=meeting.pk).update(
            starts_at=datetime(2027, 3, 28, 8, 0, tzinfo=UTC),
            ends_at=datetime(2027, 3, 28, 10, 0, tzinfo=UTC), intro="Es geht um viel.",
        )  # fmt: skip
        item_of(meeting, "Begrüßung")
        Annex.objects.create(meeting=meeting, number=1, title="Übersicht")
        invite(cast, meeting)
        sent = mail_to(VOTER)
        for words in ("Guten Tag Volker Stimm,", "Es geht um viel.", "1. Begrüßung",
                      "Wann: Sonntag, 28.03.2027, 10:00–12:00 Uhr", "Wo: Haus der Wirtschaft",
                      "Zusagen, absagen oder Vertretung nennen",
                      "0 von 1 Anlage liegt vor"):  # fmt: skip
            assert words in sent.text, words
        assert (sent.mail_class, sent.reply_to) == ("duty", "buero@netzwerk.example")
        assert "/zugang/" not in sent.text + sent.html, "the outbox holds no secret (T20)"
        method, event = entry_in(sent)
        assert (method, int(event["sequence"])) == ("REQUEST", 0)
        assert event["dtstart"].dt.isoformat() == "2027-03-28T10:00:00+02:00"
        assert str(event["attendee"]) == f"mailto:{VOTER}"
        assert [one["name"] for one in sent.files] == ["sitzung.ics", "tagesordnung.pdf"]
        assert mail.deliver_due() == 3
        told = next(one for one in outgoing.outbox if one.to == [VOTER])
        assert f"{link_in(sent)}" in told.body

    def test_the_same_form_twice_invites_once(self, cast: Cast, meeting: Meeting) -> None:
        key, client = once.new_key(), cast.client("office")
        path = reverse("bodies:invitation", args=[meeting.uuid])
        for _time in range(2):
            answer = client.post(path, {"_key": key, "version": "1", "go": "invite"})
            assert answer.status_code == 302
        assert len(mails()) == Attendance.objects.count() == 3

    def test_a_second_time_only_who_is_new(self, cast: Cast, meeting: Meeting) -> None:
        assert invite(cast, meeting) == 3
        deputy_of(cast, meeting.body)
        assert invite(cast, meeting) == 1
        assert invite(cast, meeting) == 0
        assert len(mails()) == 4

    def test_online_only_with_a_word_on_rights(self, cast: Cast, meeting: Meeting) -> None:
        Meeting.objects.filter(pk=meeting.pk).update(mode="hybrid", link="https://x.example/rat")
        shown = page(cast, "office", "invitation", meeting)
        assert "§ 32 Abs. 2 BGB" in shown
        assert "Jetzt einladen" not in shown
        assert "§ 32 Abs. 2 BGB" in page(cast, "office", "meeting-edit", meeting)
        refused = post(cast, "office", "invitation", meeting, go="invite")
        assert refused.status_code == 422
        assert mails() == []
        Meeting.objects.filter(pk=meeting.pk).update(rights_statement="Per Handzeichen im Bild.")
        invite(cast, meeting)
        text = mail_to(VOTER).text
        assert "Per Handzeichen im Bild." in text
        assert "https://x.example/rat" in text
        with pytest.raises(Refused):
            meetings.change_meeting(
                meeting, actor=COMMAND, expected=meeting.version, rights_statement=" "
            )

    def test_a_short_period_warns_and_does_not_refuse(self, cast: Cast, council: Body) -> None:
        begin = clock.now() + timedelta(days=3)
        soon = meeting_of(council, starts_at=begin, ends_at=begin + timedelta(hours=2))
        Charter.objects.filter(body=council).update(invitation_days=21)
        shown = page(cast, "office", "invitation", soon)
        assert "die Einladungsfrist des Gremiums sind 21 Tage." in shown
        assert "Die Tagesordnung ist noch leer." in shown
        assert invite(cast, soon) == 3

    def test_refused_or_stale_nothing_is_sent(self, cast: Cast, meeting: Meeting) -> None:
        with pytest.raises(Conflict):
            invite(cast, meeting, expected=9)
        stale = cast.client("office").post(
            reverse("bodies:invitation", args=[meeting.uuid]), {"version": "9", "go": "invite"}
        )
        assert stale.status_code == 409
        for state in ("running", "held", "cancelled"):
            Meeting.objects.filter(pk=meeting.pk).update(state=state)
            meeting.refresh_from_db()
            with pytest.raises(Refused):
                invite(cast, meeting)
        past = meeting_of(meeting.body, number=2, starts_at=clock.now() - timedelta(days=1),
                          ends_at=clock.now())  # fmt: skip
        with pytest.raises(Refused):
            invite(cast, past)
        with pytest.raises(NotAllowed):
            invite(cast, meeting_of(meeting.body, number=3), actor=cast.actor("voter"))
        assert mails() == []

    def test_who_was_not_reached_is_listed(self, cast: Cast, meeting: Meeting) -> None:
        Person.objects.filter(pk=cast["chair"].pk).update(account=None, email="")
        DeadAddress.objects.create(address=VOTER)
        mail.choose(
            mail.Wish("minute-taker@beispiel.test", cast.network.uuid,
                      "bodies.meeting.invitation"), choice="off",
        )  # fmt: skip
        guest_of(meeting)
        invite(cast, meeting)
        shown = page(cast, "office", "invitation", meeting)
        part = shown[shown.index("nicht-erreicht") : shown.index('class="columns"')]
        for words in ("Corinna Leiter", "keine E-Mail-Adresse bekannt", "Volker Stimm",
                      "nicht zustellbar", "Mika Schreiber", "abbestellt"):  # fmt: skip
            assert words in part, words
        assert "Gerda Gast" not in part
        DeadAddress.objects.all().delete()
        post(cast, "office", "invite-again", attendance(cast, meeting))
        shown = page(cast, "office", "invitation", meeting)
        part = shown[shown.index("nicht-erreicht") : shown.index('class="columns"')]
        assert "Volker Stimm" not in part

    def test_telling_everybody(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        item_of(meeting, "Nachgemeldet")
        answer = post(cast, "office", "invitation", meeting, go="tell", note="Ein TOP kam dazu.")
        assert answer.status_code == 302
        sent = mail_to(VOTER, "changed")
        assert "Ein TOP kam dazu." in sent.text
        assert "1. Nachgemeldet" in sent.text
        assert int(entry_in(sent)[1]["sequence"]) == 1

    def test_queries(self, cast: Cast, meeting: Meeting, count_queries: Any) -> None:
        client, path = cast.client("office"), reverse("bodies:invitation", args=[meeting.uuid])
        for is_invited in (False, True):
            counts = []
            for n in range(3):
                guest_of(meeting, f"Gast {n}", f"gast{n}-{is_invited}@haus.example")
                client.get(path)
                with count_queries() as queries:
                    assert client.get(path).status_code == 200
                counts.append(queries.count)
            assert len(set(counts)) == 1
            assert counts[0] <= 12, "\n".join(queries.counted)
            invite(cast, meeting)


class TestGuests:
    def test_added_and_taken_off(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        sent = {"name": "Gerda Gast", "email": GUEST, "organisation": "Haus"}
        assert post(cast, "chair", "guest-add", meeting, **sent).status_code == 302
        assert "weil Sie als Gast eingeladen sind" in mail_to(GUEST).text
        twice = post(cast, "chair", "guest-add", meeting, **sent)
        assert twice.status_code == 422
        assert "Diese Adresse ist schon eingeladen." in twice.content.decode()
        wrong = post(cast, "chair", "guest-add", meeting, name="Ohne Adresse", email="gast")
        assert wrong.status_code == 422
        assert 'value="Ohne Adresse"' in wrong.content.decode()
        guest = Attendance.objects.get(email=GUEST)
        assert post(cast, "office", "guest-remove", guest).status_code == 302
        method, event = entry_in(mail_to(GUEST, "cancelled"))
        assert method == "CANCEL"
        assert int(event["sequence"]) > int(entry_in(mail_to(GUEST))[1]["sequence"])
        assert not Attendance.objects.filter(email=GUEST).exists()
        member = attendance(cast, meeting)
        assert post(cast, "office", "guest-remove", member).status_code == 422

    def test_by_link_agenda_and_papers_without_an_account(
        self, cast: Cast, meeting: Meeting, count_queries: Any
    ) -> None:
        item_of(meeting, "Aufnahme neuer Partner", goal="Entscheiden")
        papers.add_annex(meeting, actor=COMMAND, title="Übersicht", upload=file())
        papers.add_annex(meeting, actor=COMMAND, title="Gutachten")
        guest_of(meeting)
        invite(cast, meeting)
        browser = Client()
        here = opened(browser, mail_to(GUEST))
        with count_queries() as queries:
            shown = browser.get(here).content.decode()
        assert queries.count <= 12, "\n".join(queries.counted)
        for words in ("Gerda Gast, Sie sind eingeladen.", "Aufnahme neuer Partner", "Entscheiden",
                      "Anlage 1: Übersicht", "wird nachgeliefert"):  # fmt: skip
            assert words in shown, words
        assert "Jemand vertritt mich" not in shown
        assert make.body(browser.get(f"{here}anlage/1/")).startswith(b"%PDF")
        assert browser.get(f"{here}anlage/2/").status_code == 404
        assert Client().get(f"{here}anlage/1/").status_code == 404
        assert browser.get(reverse("bodies:meeting", args=[meeting.uuid])).status_code == 302


class TestLink:
    def test_opening_answers_nothing(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        browser = Client()
        here = opened(browser, mail_to(VOTER))
        assert browser.get(here).status_code == 200
        assert attendance(cast, meeting).reply == "none"
        assert Client().get(here).status_code == 404
        assert Client().post(here, {"reply": "yes", "version": "1"}).status_code == 404

    def test_answered_and_changed(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        browser, row = Client(), attendance(cast, meeting)
        here = opened(browser, mail_to(VOTER))
        assert send(browser, here, row, reply="no", note="Urlaub").status_code == 302
        row.refresh_from_db()
        assert (row.reply, row.excused, row.reply_note) == ("no", True, "Urlaub")
        assert send(browser, here, row, reply="yes").status_code == 302
        row.refresh_from_db()
        assert (row.reply, row.excused, row.reply_note) == ("yes", False, "")
        stale = browser.post(here, {"reply": "no", "note": "Doch nicht", "version": "1"})
        assert stale.status_code == 409
        assert 'value="Doch nicht"' in stale.content.decode()
        for wrong in ("", "vielleicht"):
            assert send(browser, here, row, reply=wrong).status_code == 422

    def test_a_wrong_link_has_a_page_and_a_limit(self, cast: Cast, settings: Any) -> None:
        settings.LIMITS = {**settings.LIMITS, "parties.invitation.failed": (2, 600)}
        wrong = reverse("bodies:reply-open", args=["x" * 43])
        answers = [Client().get(wrong) for _n in range(3)]
        assert [one.status_code for one in answers] == [404, 404, 429]
        assert "Dieser Link öffnet nichts" in answers[0].content.decode()

    def test_a_seat_that_ended_takes_the_link_with_it(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        browser, seat = Client(), Mandate.objects.get()
        here = opened(browser, mail_to(VOTER))
        mandates.end_mandate(seat, actor=COMMAND, expected=seat.version, reason="Ausgetreten")
        assert browser.get(here).status_code == 410
        row = attendance(cast, meeting)
        assert send(browser, here, row, reply="yes").status_code == 410
        assert attendance(cast, meeting).reply == "none"

    def test_somebody_suspended_is_out(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        browser = Client()
        here = opened(browser, mail_to(VOTER))
        account = cast["voter"].account
        assert account is not None
        type(account).objects.filter(pk=account.pk).update(is_active=False)
        assert browser.get(here).status_code == 410

    def test_over_or_called_off_takes_no_answers(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        browser, row = Client(), attendance(cast, meeting)
        here = opened(browser, mail_to(VOTER))
        meetings.cancel(meeting, actor=COMMAND, expected=meeting.version, reason="Saal gesperrt")
        assert "Saal gesperrt" in browser.get(here).content.decode()
        refused = send(browser, here, row, reply="yes")
        assert refused.status_code == 422
        row.refresh_from_db()
        assert row.reply == "none"


class TestAnswering:
    def test_who_may(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        row = attendance(cast, meeting)
        running = {"chair", "minute_taker", "office", "operator"}
        for role in ROLES:
            row.refresh_from_db()
            values: dict[str, Any] = {"expected": row.version, "reply": "yes"}
            if role in running | {"voter"}:
                replying.answer(row, actor=cast.actor(role), **values)
            else:
                with pytest.raises(NotAllowed):
                    replying.answer(row, actor=cast.actor(role), **values)
        assert post(cast, "office", "reply", meeting, reply="no").status_code == 404
        assert post(cast, "voter", "reply-for", row, reply="no").status_code == 403
        assert post(cast, "office", "reply-for", row, reply="no").status_code == 302
        row.refresh_from_db()
        assert (row.reply, row.excused) == ("no", True)

    def test_signed_in(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        row = attendance(cast, meeting)
        client, path = cast.client("voter"), reverse("bodies:reply", args=[meeting.uuid])
        assert send(client, path, row, reply="yes").status_code == 302
        assert "Sie kommen." in page(cast, "voter", "meeting", meeting)
        assert "1 kommt" in page(cast, "voter", "meeting", meeting)

    def test_one_of_the_deputies_comes(self, cast: Cast, meeting: Meeting) -> None:
        holder = deputy_of(cast, meeting.body, email="dana@beispiel.test")
        invite(cast, meeting)
        told = mail_to("dana@beispiel.test")
        assert "zur Kenntnis" in told.text
        row = attendance(cast, meeting)
        with pytest.raises(Refused):
            deputy = Attendance.objects.get(person=holder.person)
            replying.answer(deputy, actor=COMMAND, expected=deputy.version, reply="yes")
        client, path = cast.client("voter"), reverse("bodies:reply", args=[meeting.uuid])
        assert "Dana Vertretung" in client.get(path).content.decode()
        both = send(client, path, row, reply="deputy", deputy=str(holder.uuid), deputy_name="Vera")
        assert both.status_code == 422
        for _time in range(2):
            answer = send(client, path, row, reply="deputy", deputy=str(holder.uuid))
            assert answer.status_code == 302
        deputy = Attendance.objects.get(person=holder.person)
        assert (deputy.stands_for, deputy.mandate) == (row, row.mandate)
        asked = [one for one in mails() if one.address == "dana@beispiel.test"]
        assert len(asked) == 2, "told, then asked once"
        assert "Sie vertreten Volker Stimm." in asked[-1].text
        send(client, path, row, reply="yes")
        deputy.refresh_from_db()
        assert deputy.stands_for is None

    def test_somebody_named_comes(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        row = attendance(cast, meeting)
        client, path = cast.client("voter"), reverse("bodies:reply", args=[meeting.uuid])
        missing = send(client, path, row, reply="deputy", deputy_name="Vera Ersatz")
        assert missing.status_code == 422
        assert 'value="Vera Ersatz"' in missing.content.decode()
        sent = {"reply": "deputy", "deputy_name": "Vera Ersatz", "deputy_email": STAND_IN}
        for _time in range(2):
            assert send(client, path, row, **sent).status_code == 302
        stand_in = Attendance.objects.get(email=STAND_IN)
        assert (stand_in.stands_for, stand_in.part, stand_in.organisation) == (
            row, "deputy", "Brandt GmbH"
        )  # fmt: skip
        browser = Client()
        here = opened(browser, mail_to(STAND_IN))
        assert "Sie vertreten Volker Stimm." in browser.get(here).content.decode()
        assert send(browser, here, stand_in, reply="yes").status_code == 302
        assert "Vera Ersatz" in client.get(path).content.decode()
        send(client, path, row, reply="yes")
        assert not Attendance.objects.filter(email=STAND_IN).exists()
        assert entry_in(mail_to(STAND_IN, "cancelled"))[0] == "CANCEL"
        assert browser.get(here).status_code == 404
