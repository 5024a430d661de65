"""Odd input and limits: nothing breaks, nobody's inbox is filled, and erasure takes names along."""

import io
import logging
import sys
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from lotse.foundation.core import logs, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import OutboxMail, SearchDoc, SearchText
from lotse.rooms.directory import privacy
from lotse.rooms.directory.models import Announcement, Application, Entry, OfficeNote, Revision
from lotse.rooms.directory.services import (
    announcing,
    applications,
    editing,
    entries,
    joining,
    notes,
    pictures,
)
from tests import make
from tests.people import Cast

LONG = "ﷺ" * 60  # each stands for fifteen letters


def rename(cast: Cast, name: str) -> Entry:
    entry = make.entry(cast.org_a, channels=("web",))
    content = {**entry.latest.content, "name": name}
    editing.save_and_publish(entry, actor=cast.actor("editor_a"), expected=entry.version,
                             content=content, channels=["web"])  # fmt: skip
    return entry


@pytest.mark.parametrize("name", ["𝒜hrens", "ﷺ" * 200, "ÄÖÜ" * 60, "Ⅻ", "x" * 200])
def test_odd_names_can_be_saved(cast: Cast, name: str) -> None:
    entry = rename(cast, name)
    letter = SearchDoc.objects.filter(ref=entry.uuid).values_list("facets", flat=True)[0]
    kept = [part for part in letter.split() if part.startswith("letter=")]
    assert len(kept) == 1
    assert kept[0][7:] in "0abcdefghijklmnopqrstuvwxyz"
    words = SearchText.objects.get(doc__ref=entry.uuid, doc__facets=letter).title_words.split()
    assert max(map(len, words)) <= 60
    page = Client().get("/verzeichnis/", {"q": name})
    assert page.status_code == 200
    # No word of a language is longer: such a one is kept, but not looked for.
    assert len(name) > 60 or str(entry.uuid) in make.body(page).decode()


@pytest.mark.parametrize("question", [LONG, "𝒜𝒷𝒸𝒹", "ﷺ" * 80, "ß" * 300])
def test_odd_questions_are_answered(cast: Cast, question: str) -> None:
    make.entry(cast.org_a, channels=("web",))
    client = Client()
    for path in ("/verzeichnis/", "/suche/", reverse("directory:suggest")):
        assert client.get(path, {"q": question}).status_code == 200


@pytest.mark.parametrize("form", [logs.Line(), logs.JsonLine()])
def test_faults_of_the_database_are_logged_without_words(db: Any, form: logging.Formatter) -> None:
    try:
        try:
            with connection.cursor() as cursor:
                cursor.execute('SELECT "geheimefrage" FROM nirgends')
        except DatabaseError as fault:
            inner = fault
            raise RuntimeError("beim Suchen") from fault
    except RuntimeError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "Mist: %s", (inner,), sys.exc_info())
    logs.Redact().filter(record)
    said = form.format(record)
    assert "nirgends" not in said.replace("FROM nirgends')", "")  # the line of code itself
    assert "beim Suchen" in said
    assert ("42P01" if connection.vendor == "postgresql" else "OperationalError") in said


def raw(kind: str, size: tuple[int, int], mode: str = "L", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("picture", "words"),
    [(raw("PNG", (4100, 3000)), "12 Millionen"), (raw("WEBP", (4100, 3000)), "12 Millionen"),
     (raw("PNG", (12_001, 10)), "zu lang"), (raw("JPEG", (10, 12_001)), "zu lang")],
)  # fmt: skip
def test_big_pictures_are_refused_before_they_are_unpacked(
    picture: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image.Image, "thumbnail", lambda *_args: pytest.fail("unpacked"))
    with pytest.raises(Refused, match=words):
        pictures.drawn_anew(picture)


def test_a_photo_with_another_one_behind_it_is_a_photo() -> None:
    more = Image.new("RGB", (400, 300))
    both = raw("MPO", (4200, 3000), "RGB", save_all=True, append_images=[more])
    assert pictures.drawn_anew(both)[1:] == ("image/jpeg", (800, 571))


def write_to(entry: Entry, number: int) -> Any:
    form = {"_key": once.new_key(), "name": "A", "email": f"a{number}@betrieb.example",
            "subject": "Hallo", "message": "Mein langer Text"}  # fmt: skip
    client = Client(REMOTE_ADDR=f"198.51.100.{number}")
    return client.post(reverse("directory:message", args=[entry.uuid]), form)


def test_one_inbox_is_not_filled_from_many_addresses(cast: Cast, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "directory.message.to": (2, 86400)}
    entry = make.entry(cast["member"], channels=("web",))
    answers = [write_to(entry, number) for number in range(4)]
    assert [one.status_code for one in answers] == [302, 302, 429, 429]
    page = make.body(answers[-1]).decode()
    assert "schon viele Nachrichten" in page
    assert "Mein langer Text" in page
    assert OutboxMail.objects.filter(code="directory.message").count() == 2
    other = make.entry(cast["editor_a"], channels=("web",))
    assert write_to(other, 9).status_code == 302


def applied(cast: Cast, **fields: Any) -> Application:
    held = {"name": "Werkhof e. V.", "kind": "nonprofit", "last_name": "Muster",
            "offers": "Anleitung", "email": "hof@werkhof.example", **fields}  # fmt: skip
    return joining.apply(cast.network, actor=cast.actor("anonymous"), key=once.new_key(),
                         lang="de", **held)  # fmt: skip


@pytest.mark.parametrize(
    ("website", "kept"),
    [("www.werkhof.example", "https://www.werkhof.example"), ("", ""),
     ("https://werkhof.example/a b", "https://werkhof.example/a%20b")],
)  # fmt: skip
def test_what_was_taken_in_can_be_accepted(cast: Cast, website: str, kept: str) -> None:
    application = applied(cast, website=website, name="\u202eWerk\u0000hof  e. V.", city=" Köln\n ")
    assert (application.website, application.city) == (kept, "Köln")
    organisation = applications.accept_application(
        application, actor=cast.actor("office"), expected=application.version
    )
    assert organisation.name == "Werkhof e. V."


@pytest.mark.parametrize(
    "wrong",
    [{"website": "https://localhost"}, {"website": 'https://a@b.example/"<b>'},
     {"website": "https://"}, {"postal_code": "123"}],
)  # fmt: skip
def test_what_cannot_be_accepted_is_not_taken_in(cast: Cast, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        applied(cast, **wrong)
    form = {"_key": once.new_key(), "name": "Hof", "kind": "nonprofit", "city": "Köln",
            "offers": "Anleitung", "last_name": "M", "email": "h@werkhof.example"}  # fmt: skip
    answer = Client().post(reverse("directory:join"), form | wrong)
    assert answer.status_code == 422
    assert not Application.objects.exists()


def test_an_erased_name_is_gone_from_words_about_the_organisation(cast: Cast) -> None:
    name, other = cast["editor_a"].name, "Wer anders Beispiel"
    entry = make.entry(cast.org_a, channels=("web",))
    entries.save(entry, actor=cast.actor("office"), expected=entry.version,
                 content={**entry.latest.content, "fees": "keine"},
                 reason=f"{name} wollte das")  # fmt: skip
    entry.refresh_from_db()
    announcing.announce(entry, actor=cast.actor("office"), channels=["members"],
                        note=f"Liebe {name}, bitte")  # fmt: skip
    notes.add_note(entry, actor=cast.actor("office"), words=f"{name} ist gut erreichbar")
    notes.add_note(entry, actor=cast.actor("office"), words=f"{other} auch")
    mine = privacy.export(cast["editor_a"].pk)["notes_naming"]
    assert [note["text"] for note in mine] == [f"{name} ist gut erreichbar"]
    privacy.erase(cast["editor_a"].pk, COMMAND)
    held = [*Revision.objects.filter(entry=entry).values_list("reason", flat=True),
            *Announcement.objects.values_list("note", flat=True),
            *OfficeNote.objects.values_list("text", flat=True)]  # fmt: skip
    assert not [text for text in held if name in text]
    assert f"{other} auch" in held
    assert "[entfernt] ist gut erreichbar" in held
