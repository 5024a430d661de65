"""Agenda, lists and badges on paper: who gets them, what they say, accessible and harmless."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf
import pytest
from django.urls import reverse

from lotse.foundation.core import clock, pdf
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.documents.models import Document
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.exports import agenda, lists
from lotse.rooms.bodies.models import (
    AgendaItem,
    Annex,
    AnnexVersion,
    Attendance,
    Charter,
    Holder,
    Mandate,
    Meeting,
    Presence,
    Presenter,
)
from lotse.rooms.bodies.services import mandates
from tests import people
from tests.papers import (
    assert_accessible,
    assert_inside,
    assert_word_file,
    text_in,
    words_of,
)
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.checks.report_sample import LONG_WORD, NASTY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_warnings")]
OF_MEETING = ["agenda-pdf", "sign-in-pdf", "badges-pdf", "participants-pdf"]
BEGIN = datetime(2026, 3, 18, 12, tzinfo=UTC)


def there(meeting: Meeting, name: str, organisation: str = "", **values: Any) -> Attendance:
    return Attendance.objects.create(
        meeting=meeting, name=name, organisation=organisation, **values
    )


def printed(text: str) -> str:
    """As a paper shows it, in one line."""
    return " ".join(pdf.printable(text).split())


@pytest.fixture
def full(council: Body, cast: Cast) -> Meeting:
    """A hybrid meeting with all that an agenda can hold."""
    Charter.objects.filter(body=council).update(
        letterhead="Rat der Beispielregion\nMarktweg 4", footer="Ein Gremium des Netzwerks"
    )
    council.refresh_from_db()
    meeting = meeting_of(
        council, number=5, starts_at=BEGIN, ends_at=BEGIN + timedelta(hours=4), mode="hybrid",
        address="Marktweg 4", room="Saal", link="https://treffen.example/rat", host=cast.org_a,
        host_words="Team Empfang", moderation="Alma Wiese", minute_takers="Emil Hafen",
        series="Große Runde", intro="Wir freuen uns auf Sie.\n\n- Bitte sagen Sie zu.",
        rights_statement="Sie stimmen im Raum oder über den Link ab.", state="invited",
    )  # fmt: skip
    item_of(meeting, "Begrüßung", kind="information", minutes_planned=10)
    news = item_of(meeting, "Neues aus den Regionen", kind="information", minutes_planned=5)
    part = item_of(meeting, "Nordtal", kind="information", parent=news, minutes_planned=20)
    Presenter.objects.create(
        item=part, name="Benno Kranich", organisation="Kammer Nordtal", subject="Messe im Mai"
    )
    item_of(meeting, "Mittagspause", kind="break", minutes_planned=30)
    decide = item_of(
        meeting, "Leitlinien", kind="decision", goal="Die Leitlinien gelten.",
        questions="Was fehlt noch?", proposal="Die Leitlinien werden beschlossen.",
    )  # fmt: skip
    annexes(meeting, decide)
    return meeting


def annexes(meeting: Meeting, item: AgendaItem) -> None:
    """Two papers, one of them still to follow."""
    Annex.objects.create(meeting=meeting, item=item, number=1, title="Übersicht der Betriebe")
    there = Annex.objects.create(
        meeting=meeting, item=item, number=2, title="Leitlinien, Entwurf", sent_before=True
    )
    for number in (1, 2):
        document = Document.objects.create(
            owner_type="bodies.annex", owner_uuid=there.uuid, subject_uuid=there.uuid,
            title="leitlinien.pdf", media_type="application/pdf", size=1, sha256="0" * 64,
        )  # fmt: skip
        AnnexVersion.objects.create(annex=there, number=number, document=document, by="x")


SAID = [
    "Einladung · Rat der Beispielregion · 5. Sitzung", "Frühjahrssitzung", "Marktweg 4",
    "Mittwoch, 18. März 2026", "13:00 bis 17:00 Uhr", "vor Ort und online",
    "Haus der Wirtschaft, Marktweg 4, Saal", "https://treffen.example/rat",
    "Ahrens hilft e. V., Team Empfang", "Alma Wiese", "Emil Hafen", "Große Runde",
    "Wir freuen uns auf Sie.", "Bitte sagen Sie zu.", "So üben Sie Ihre Rechte elektronisch aus",
    "Sie stimmen im Raum oder über den Link ab.", "13:10 Uhr", "Nordtal",
    "Benno Kranich (Kammer Nordtal): Messe im Mai", "13:30 Uhr", "Mittagspause", "14:00 Uhr",
    "Die Leitlinien gelten.", "Was fehlt noch?", "Beschlussvorschlag",
    "Die Leitlinien werden beschlossen.", "Anlage 1, 2", "Anlagen (2)", "Übersicht der Betriebe",
    "wird nachgeliefert", "vorab versandt, Fassung 2",
]  # fmt: skip


class TestAgenda:
    def test_pdf_says_everything(self, full: Meeting) -> None:
        content = agenda.agenda_pdf(full, lang="de")
        squeezed = words_of(content).replace(" ", "")
        assert [said for said in SAID if said.replace(" ", "") not in squeezed] == []
        for said in ("Mitschrift: Emil Hafen", "Seite 1 von", "Ein Gremium des Netzwerks"):
            assert said in words_of(content)
        assert "Entwurf ·" not in words_of(content)

    def test_word_file_says_the_same(self, full: Meeting) -> None:
        document = assert_word_file(agenda.agenda_docx(full, lang="de"), "Tagesordnung")
        squeezed = text_in(document).replace(" ", "")
        assert [said for said in SAID if said.replace(" ", "") not in squeezed] == []

    @pytest.mark.parametrize("lang", ["de", "en"])
    def test_is_accessible(self, full: Meeting, lang: str) -> None:
        title = {"de": "Tagesordnung", "en": "Frühjahrssitzung"}[lang]
        assert_accessible(agenda.agenda_pdf(full, lang=lang), title, lang=lang)
        assert_word_file(agenda.agenda_docx(full, lang=lang), title, lang=lang)

    def test_numbers_leave_breaks_out(self, full: Meeting) -> None:
        points = agenda.agenda(full, lang="de")["items"]
        assert [each["number"] for each in points] == ["1", "2", "2.1", "", "3"]

    def test_before_the_invitation_it_is_a_draft(self, meeting: Meeting) -> None:
        content = agenda.agenda_pdf(meeting, lang="de")
        assert "Entwurf" in words_of(content)
        assert "Die Tagesordnung folgt." in words_of(content)
        assert_accessible(content, "Entwurf · Tagesordnung", tables=False)

    def test_a_cancelled_meeting_says_so(self, council: Body) -> None:
        gone = meeting_of(council, state="cancelled", cancel_reason="Sturm")
        assert "Diese Sitzung ist abgesagt. Grund: Sturm" in words_of(
            agenda.agenda_pdf(gone, lang="de")
        )

    def test_summer_time(self, council: Body) -> None:
        """The clock goes forward during this meeting (T49)."""
        night = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
        meeting = meeting_of(council, starts_at=night, ends_at=night + timedelta(hours=1))
        assert "01:30 bis 03:30 Uhr" in words_of(agenda.agenda_pdf(meeting, lang="de"))

    def test_nothing_typed_can_break_it(self, council: Body) -> None:
        """All nasty texts at once: a paper takes a tenth of a second, and none stops it."""
        texts = [text.replace("\x00", "") for text in NASTY.values()]
        everything, lines = "\n\n".join(texts), [text[:80] for text in texts]
        Charter.objects.filter(body=council).update(letterhead=everything, footer=lines[0])
        council.refresh_from_db()
        fields = ("title", "place", "address", "room", "link", "host_words", "moderation",
                  "minute_takers", "series")  # fmt: skip
        meeting = meeting_of(council, intro=everything, rights_statement=everything,
                             **dict(zip(fields, lines, strict=False)))  # fmt: skip
        for number, (text, line) in enumerate(zip(texts, lines, strict=True), 1):
            item = item_of(meeting, line, goal=text, questions=text, proposal=text)
            Presenter.objects.create(item=item, name=line, organisation=line, subject=line)
            Annex.objects.create(meeting=meeting, item=item, number=number, title=line)
            there(meeting, line, line)
        found = words_of(agenda.agenda_pdf(meeting, lang="de"))
        assert [text for text in texts if printed(text) not in found] == []
        assert_word_file(agenda.agenda_docx(meeting, lang="de"), "")
        for make in (lists.sign_in_sheet_pdf, lists.badges_pdf, lists.participants_pdf):
            found = words_of(make(meeting))
            first = [printed(line).split()[0][:12] for line in lines]
            assert [word for word in first if word not in found] == []

    def test_long_words_stay_on_the_page(self, council: Body) -> None:
        meeting = meeting_of(council, title=LONG_WORD[:200], intro=LONG_WORD[:900])
        item_of(meeting, LONG_WORD[:200], proposal=LONG_WORD[:900])
        there(meeting, LONG_WORD[:200], LONG_WORD[:200])
        assert_inside(agenda.agenda_pdf(meeting, lang="de"))
        assert_inside(lists.sign_in_sheet_pdf(meeting))
        assert_inside(lists.badges_pdf(meeting), 42)

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries(self, council: Body, count_queries: Any, count: int) -> None:
        meeting = meeting_of(council)
        for number in range(1, count + 1):
            item = item_of(meeting, f"Punkt {number}")
            Presenter.objects.create(item=item, name="Alma Wiese")
            Annex.objects.create(meeting=meeting, item=item, number=number, title="Papier")
        loaded = Meeting.objects.select_related("body__charter", "body__network", "host").get()
        with count_queries() as queries:
            agenda.agenda_pdf(loaded, lang="de")
        assert queries.count == 4


class TestLists:
    def test_sign_in_sheet_has_rows_by_organisation_and_room_for_others(
        self, meeting: Meeting
    ) -> None:
        there(meeting, "Zora Berg", "Amt")
        there(meeting, "Alma Wiese", "Werk")
        there(meeting, "Nein Danke", "Werk", reply="no")
        there(meeting, "Krank Gemeldet", "Werk", excused=True)
        away = there(meeting, "Ida Kranich", "Kammer", reply="deputy")
        there(meeting, "Benno Kranich", "Kammer", part="deputy", stands_for=away)
        content = lists.sign_in_sheet_pdf(meeting)
        text = words_of(content)
        names = ["Zora Berg", "Benno Kranich", "Alma Wiese"]
        places = [text.index(name) for name in names]
        assert places == sorted(places)
        for absent in ("Nein Danke", "Krank Gemeldet", "Ida Kranich"):
            assert absent not in text
        assert "Unterschrift" in text
        assert_accessible(content, "Unterschriftenliste: Frühjahrssitzung")

    def test_a_deputy_nobody_named_keeps_the_row(self, meeting: Meeting) -> None:
        there(meeting, "Ida Kranich", "Kammer", reply="deputy")
        assert "Kammer" in words_of(lists.sign_in_sheet_pdf(meeting))

    @pytest.mark.parametrize(("count", "pages"), [(0, 1), (3, 1), (10, 1), (11, 2)])
    def test_badges_come_ten_on_a_sheet(self, meeting: Meeting, count: int, pages: int) -> None:
        for number in range(count):
            there(meeting, f"Person {number}", "Kammer Nordtal")
        content = lists.badges_pdf(meeting)
        text = words_of(content)
        assert text.count("Kammer Nordtal") == count
        assert_accessible(content, "Namensschilder: Frühjahrssitzung", tables=False)
        with pikepdf.open(io.BytesIO(content)) as paper:
            assert len(paper.pages) == pages

    def test_participants_before_the_meeting_by_answer(self, meeting: Meeting) -> None:
        there(meeting, "Alma Wiese", "Stiftung", reply="yes")
        there(meeting, "Emil Hafen", "Amt")
        there(meeting, "Nora Nein", "Werk", reply="no")
        content = lists.participants_pdf(meeting)
        text = words_of(content)
        places = [text.index(said) for said in (
            "Zugesagt (1)", "Alma Wiese", "Noch keine Antwort (1)", "Emil Hafen",
            "Kommen nicht (1)", "Nora Nein",
        )]  # fmt: skip
        assert places == sorted(places)
        assert_accessible(content, "Wer teilnimmt: Frühjahrssitzung")

    def test_participants_of_a_held_meeting_with_their_times(self, council: Body) -> None:
        meeting = meeting_of(
            council, starts_at=BEGIN, ends_at=BEGIN + timedelta(hours=4), state="held",
            unnamed_count=3,
        )  # fmt: skip
        away = there(meeting, "Ida Kranich", "Kammer")
        stood = there(meeting, "Benno Kranich", "Kammer", part="deputy", stands_for=away)
        there(meeting, "Krank Gemeldet", "Werk", excused=True)
        there(meeting, "Fehlt Eben", "Werk")
        there(meeting, "Gast Fern", "Werk", part="guest")
        for hours in (0, 2):
            Presence.objects.create(
                attendance=stood, from_at=BEGIN + timedelta(hours=hours),
                to_at=BEGIN + timedelta(hours=hours + 1), by="x",
            )  # fmt: skip
        text = words_of(lists.participants_pdf(meeting))
        for said in ("Anwesend (1)", "für Ida", "13:00 bis 14:00 Uhr", "15:00 bis 16:00 Uhr",
                     "Entschuldigt (1)", "Abwesend (1)", "Dazu 3 ohne Namen."):  # fmt: skip
            assert said in text
        missing = text[text.index("Abwesend") :]
        assert "Fehlt Eben" in missing
        assert "Gast Fern" not in text

    def test_nobody_yet(self, meeting: Meeting) -> None:
        content = lists.participants_pdf(meeting)
        assert "Noch steht niemand auf der Liste." in words_of(content)
        assert_accessible(content, "Wer teilnimmt", tables=False)

    def test_members_are_in_alphabetical_order(self, cast: Cast, council: Body) -> None:
        seat = mandates.create_mandate(council, actor=COMMAND, organisation=cast.org_a)
        guest = people.organisation(cast.network, "Zentrum Gast")
        mandates.create_mandate(council, actor=COMMAND, kind="guest", organisation=guest)
        mandates.seat_person(seat, cast["member"], actor=COMMAND)
        mandates.seat_person(seat, cast["editor_a"], actor=COMMAND, part="deputy")
        gone = mandates.create_mandate(council, actor=COMMAND)
        Mandate.objects.filter(pk=gone.pk).update(
            starts_on=clock.today() - timedelta(days=9), ends_on=clock.today() - timedelta(days=1)
        )
        content = lists.members_pdf(council)
        text = words_of(content)
        places = [text.index(said) for said in ("Ahrens", "Brandt GmbH", "Zentrum Gast")]
        assert places == sorted(places)
        for said in ("Mats Behrens", "Edda Ahrens", "Volker Stimm", "mit Stimme", "ohne Stimme",
                     "ständiger Gast", "unbesetzt"):  # fmt: skip
            assert said in text
        assert Holder.objects.count() == 3
        assert_accessible(content, f"Mitglieder: {council.name}")

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries(self, cast: Cast, council: Body, count_queries: Any, count: int) -> None:
        meeting = meeting_of(council, state="held")
        for number in range(count):
            Presence.objects.create(attendance=there(meeting, f"Person {number}"), by="x")
            mandates.create_mandate(
                council, actor=COMMAND,
                organisation=people.organisation(cast.network, f"Partner {number}"),
            )  # fmt: skip
        loaded = Meeting.objects.select_related("body__charter", "body__network").get()
        for make, most in ((lists.sign_in_sheet_pdf, 1), (lists.badges_pdf, 1),
                           (lists.participants_pdf, 2)):  # fmt: skip
            with count_queries() as queries:
                make(loaded)
            assert queries.count == most
        with count_queries() as queries:
            lists.members_pdf(loaded.body)
        assert queries.count == 2


class TestPages:
    @pytest.mark.parametrize("name", OF_MEETING)
    def test_chair_takes_a_paper_away(self, cast: Cast, meeting: Meeting, name: str) -> None:
        answer = cast.client("chair").get(reverse(f"bodies:{name}", args=[meeting.uuid]))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Cache-Control"] == "no-store"
        assert f"-rat-{clock.today() + timedelta(days=21):%Y}" in answer["Content-Disposition"]
        assert answer.content.startswith(b"%PDF-1.7")

    def test_word_file(self, cast: Cast, meeting: Meeting) -> None:
        item_of(meeting)
        answer = cast.client("voter").get(reverse("bodies:agenda-docx", args=[meeting.uuid]))
        assert_word_file(answer.content, "Tagesordnung")
        assert ".docx" in answer["Content-Disposition"]

    def test_members_list(self, cast: Cast, council: Body) -> None:
        answer = cast.client("voter").get(reverse("bodies:members-pdf", args=[council.uuid]))
        assert answer.status_code == 200
        assert "mitglieder-rat-" in answer["Content-Disposition"]
        assert "Volker Stimm" in words_of(answer.content)

    def test_english_page_english_paper(self, cast: Cast, meeting: Meeting) -> None:
        item_of(meeting)
        url = reverse("bodies:agenda-pdf", args=[meeting.uuid])
        answer = cast.client("chair").get(url, headers={"accept-language": "en"})
        assert_accessible(answer.content, "Frühjahrssitzung", lang="en")

    @pytest.mark.parametrize(
        ("role", "agenda", "inside", "run"),
        [("voter", 200, 200, 403), ("auditor", 200, 200, 403), ("member", 404, 404, 404),
         ("foreign_office", 404, 404, 404), ("anonymous", 302, 302, 302)],
    )  # fmt: skip
    def test_who_gets_what(
        self, cast: Cast, meeting: Meeting, role: str, agenda: int, inside: int, run: int
    ) -> None:
        client = cast.client(role)
        wanted = {"agenda-pdf": agenda, "agenda-docx": agenda, "participants-pdf": inside,
                  "sign-in-pdf": run, "badges-pdf": run}  # fmt: skip
        found = {
            name: client.get(reverse(f"bodies:{name}", args=[meeting.uuid])).status_code
            for name in wanted
        }
        assert found == wanted

    def test_an_invited_guest_reads_the_agenda_but_no_list(
        self, cast: Cast, meeting: Meeting
    ) -> None:
        there(meeting, "Rieke Neumann", person=cast["registered"], invited_at=clock.now(),
              part="guest")  # fmt: skip
        client = cast.client("registered")
        codes = [
            client.get(reverse(f"bodies:{name}", args=[meeting.uuid])).status_code
            for name in OF_MEETING
        ]
        assert codes == [200, 403, 403, 403]

    def test_papers_are_read_only(self, cast: Cast, meeting: Meeting) -> None:
        for name in OF_MEETING:
            answer = cast.client("chair").post(reverse(f"bodies:{name}", args=[meeting.uuid]))
            assert answer.status_code == 405

    @pytest.mark.parametrize("name", [*OF_MEETING, "agenda-docx"])
    def test_pages_keep_to_twelve_queries(
        self, cast: Cast, meeting: Meeting, count_queries: Any, name: str
    ) -> None:
        client = cast.client("voter" if name.startswith(("agenda", "part")) else "chair")
        with count_queries() as queries:
            client.get(reverse(f"bodies:{name}", args=[meeting.uuid]))
        assert queries.count <= 12
