"""Papers of a meeting: numbers, versions, what is to follow, who may read them (S1-22, S4-02)."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.documents.models import Document
from lotse.rooms.bodies.models import AgendaItem, Annex, Meeting, Outcome
from lotse.rooms.bodies.services import papers
from tests import make
from tests.people import ROLES, Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.preparing import page, post

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\nfirst"


def file(name: str = "Übersicht.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def annex_of(meeting: Meeting, title: str = "Übersicht", *, there: bool = True) -> Annex:
    return papers.add_annex(meeting, actor=COMMAND, title=title, upload=file() if there else None)


def numbers(meeting: Meeting) -> dict[str, int]:
    return dict(meeting.annexes.values_list("title", "number"))


class TestPapers:
    def test_numbered_by_themselves_and_counted(self, cast: Cast, meeting: Meeting) -> None:
        item = item_of(meeting, "Aufnahme")
        sent = {"title": "Übersicht", "item": str(item.uuid), "sent_before": "on"}
        assert post(cast, "minute_taker", "papers", meeting, file=file(), **sent).status_code == 302
        for title in ("Zahlen", "Karte"):
            post(cast, "office", "papers", meeting, title=title, file=file())
        post(cast, "office", "papers", meeting, title="Gutachten")
        assert numbers(meeting) == {"Übersicht": 1, "Zahlen": 2, "Karte": 3, "Gutachten": 4}
        shown = page(cast, "voter", "meeting", meeting)
        for words in ("3 von 4 Anlagen liegen vor", "Anlage 4: Gutachten", "wird nachgeliefert",
                      "zu TOP 1"):  # fmt: skip
            assert words in shown, words
        assert "vorab versandt" in page(cast, "office", "papers", meeting)
        document = Document.objects.order_by("pk")[0]
        assert (document.subject_uuid, document.owner_type) == (meeting.uuid, "bodies.annex")

    def test_versions_stay_readable(self, cast: Cast, meeting: Meeting) -> None:
        annex = annex_of(meeting, there=False)
        for n in (1, 2):
            answer = post(cast, "office", "paper-version", annex,
                          file=file(content=PDF + str(n).encode()), note=f"Stand {n}")  # fmt: skip
            assert answer.status_code == 302
        shown = page(cast, "voter", "paper", annex)
        for words in ("Fassung 1", "Fassung 2", "Stand 1", "Stand 2", "neueste"):
            assert words in shown, words
        for n in (1, 2):
            path = reverse("bodies:paper-file", args=[annex.uuid, n])
            assert make.body(cast.client("voter").get(path)) == PDF + str(n).encode()
        assert cast.client("voter").get(
            reverse("bodies:paper-file", args=[annex.uuid, 3])
        ).status_code == 404  # fmt: skip

    def test_twice_sent_is_once(self, cast: Cast, meeting: Meeting) -> None:
        key = once.new_key()
        for _time in range(2):
            annex = papers.add_annex(meeting, actor=COMMAND, title="Eins", upload=file(), key=key)
        for _time in range(2):
            papers.add_version(annex, file(), actor=COMMAND, key=key)
        assert (Annex.objects.count(), annex.versions.count()) == (1, 2)
        assert Document.objects.count() == 2

    def test_what_is_no_paper(self, cast: Cast, meeting: Meeting) -> None:
        for content, said in ((b"", "Die Datei ist leer."),
                              (b"MZ\x90\x00\x03", "Diese Art von Datei")):  # fmt: skip
            answer = post(cast, "office", "papers", meeting, title="Programm",
                          file=file("a.exe", content))  # fmt: skip
            shown = answer.content.decode()
            assert answer.status_code == 422
            assert 'value="Programm"' in shown
            assert said in shown
        assert post(cast, "office", "papers", meeting, title="").status_code == 422
        assert not Annex.objects.exists()
        annex = annex_of(meeting)
        assert post(cast, "office", "paper-version", annex).status_code == 422
        foreign = item_of(meeting_of(meeting.body, number=2))
        with pytest.raises(Refused):
            papers.add_annex(meeting, actor=COMMAND, title="Falsch", item=foreign)

    def test_renumbering_keeps_what_refers_to_them(
        self, cast: Cast, meeting: Meeting, item: AgendaItem
    ) -> None:
        one, two, three = (annex_of(meeting, name) for name in ("A", "B", "C"))
        outcome = Outcome.objects.create(item=item, kind="note", text="Siehe Anlage", annex=three)
        assert post(cast, "chair", "paper-move", three, go="up").status_code == 302
        assert numbers(meeting) == {"A": 1, "C": 2, "B": 3}
        outcome.refresh_from_db()
        assert outcome.annex == three
        post(cast, "chair", "paper-move", two, go="down")
        post(cast, "chair", "paper-move", one, go="up")
        assert numbers(meeting) == {"A": 1, "C": 2, "B": 3}
        key = once.new_key()
        for _time in range(2):
            papers.move_annex(one, actor=COMMAND, up=False, key=key)
        assert numbers(meeting) == {"C": 1, "A": 2, "B": 3}

    def test_removed_with_its_files(self, cast: Cast, meeting: Meeting) -> None:
        one, _two = annex_of(meeting, "A"), annex_of(meeting, "B")
        stale = cast.client("office").post(
            reverse("bodies:paper-remove", args=[one.uuid]), {"version": "9"}
        )
        assert stale.status_code == 409
        assert post(cast, "office", "paper-remove", one).status_code == 302
        assert numbers(meeting) == {"B": 1}
        assert Document.objects.count() == 1
        Meeting.objects.filter(pk=meeting.pk).update(state="held")
        refused = post(cast, "office", "paper-remove", Annex.objects.get())
        assert refused.status_code == 422
        assert "gehören nun zu ihren Akten" in refused.content.decode()

    def test_changed_by_two(self, cast: Cast, meeting: Meeting) -> None:
        annex = annex_of(meeting)
        papers.change_annex(annex, actor=COMMAND, expected=1, title="Zuerst", item=None,
                            sent_before=True)  # fmt: skip
        path = reverse("bodies:paper-edit", args=[annex.uuid])
        answer = cast.client("office").post(path, {"version": "1", "title": "Danach"})
        shown = answer.content.decode()
        assert answer.status_code == 409
        assert "Zuerst" in shown
        assert "Danach" in shown
        assert cast.client("office").post(
            path, {"version": "2", "title": "Danach"}
        ).status_code == 302  # fmt: skip
        annex.refresh_from_db()
        assert (annex.title, annex.sent_before) == ("Danach", False)


class TestRights:
    def test_who_reads_and_who_changes(self, cast: Cast, meeting: Meeting) -> None:
        annex = annex_of(meeting)
        seen = {"chair", "minute_taker", "voter", "office", "auditor", "operator"}
        path = reverse("bodies:paper-file", args=[annex.uuid, 1])
        for role in ROLES:
            answer = cast.client(role).get(path)
            status = answer.status_code
            make.body(answer)
            expected = 200 if role in seen else 302 if role in ("anonymous", "suspended") else 404
            assert status == expected, role
        with pytest.raises(NotAllowed):
            papers.add_annex(meeting, actor=cast.actor("voter"), title="Meins")
        assert post(cast, "voter", "papers", meeting, title="Meins").status_code == 403
        assert post(cast, "member", "paper-remove", annex).status_code == 404
        assert numbers(meeting) == {"Übersicht": 1}

    def test_queries(self, cast: Cast, meeting: Meeting, count_queries: Any) -> None:
        counts = []
        client = cast.client("office")
        for many in (1, 3):
            while meeting.annexes.count() < many:
                annex_of(meeting, f"Anlage {meeting.annexes.count()}")
            client.get(reverse("bodies:papers", args=[meeting.uuid]))
            with count_queries() as queries:
                client.get(reverse("bodies:papers", args=[meeting.uuid]))
            counts.append(queries.count)
        assert len(set(counts)) == 1
        assert counts[0] <= 12
