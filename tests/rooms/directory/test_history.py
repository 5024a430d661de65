"""The history of a Steckbrief: revisions, differences word by word, going back."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.topics.models import Topic
from lotse.rooms.directory.content.differences import changes_between
from lotse.rooms.directory.content.labels import Labels
from lotse.rooms.directory.models import Entry, Publication
from lotse.rooms.directory.services import entries, publishing
from tests import make
from tests.people import Cast

pytestmark = pytest.mark.django_db
LABELS = Labels("de", {"ausbildung": "Ausbildung", "ehrenamt": "Ehrenamt"}, {})


def marked(kind: str, old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """Field -> the text with marks: +added+, -removed-."""
    sign = {"kept": "", "added": "+", "removed": "-"}
    return {
        one.key: "|".join(
            "".join(f"{sign[part.kind]}{part.text}{sign[part.kind]}" for part in line)
            for line in one.lines
        )
        for one in changes_between(kind, old, new, LABELS)
    }


def test_texts_are_compared_word_by_word() -> None:
    found = marked("organisation", {"offers": "Wir kommen in den Betrieb."},
                   {"offers": "Wir kommen gern in jeden Betrieb."})  # fmt: skip
    assert found == {"offers": "Wir kommen +gern +in -den- +jeden+ Betrieb."}


def test_lists_say_what_came_and_what_went() -> None:
    found = marked("organisation", {"topics": ["ausbildung"], "portfolio": ["A", "B"]},
                   {"topics": ["ehrenamt"], "portfolio": ["B", "C"]})  # fmt: skip
    assert found == {"topics": "+Ehrenamt+|-Ausbildung-", "portfolio": "B|+C+|-A-"}


def test_another_order_of_what_is_ticked_is_no_change() -> None:
    assert not marked("organisation", {"topics": ["ausbildung", "ehrenamt"]},
                      {"topics": ["ehrenamt", "ausbildung"]})  # fmt: skip


def test_new_and_gone_fields_say_so() -> None:
    changes = changes_between("organisation", {"fees": "frei"}, {"seek": "Räume"}, LABELS)
    assert [(one.key, one.kind) for one in changes] == [("fees", "removed"), ("seek", "added")]


@pytest.mark.parametrize(
    ("kind", "old", "new", "lines"),
    [
        ("organisation", {"logo": "a"}, {"logo": "b"}, "+ein anderes Bild+|-ein Bild-"),
        ("organisation", {"public_benefit_on": "2025-02-03"}, {}, "-03.02.2025-"),
        ("service", {"reply_hours": 48}, {"reply_hours": 24}, "-48- +24+"),
        ("service", {"name_en": "Advice"}, {"name_en": "Help"}, "-Advice- +Help+"),
        ("organisation", {"adviser_groups": [{"text": "Beratung", "count": 2}]},
         {"adviser_groups": [{"text": "Beratung", "count": None}]}, "+Beratung+|-Beratung: 2-"),
    ],
)  # fmt: skip
def test_every_kind_of_value_has_words(
    kind: str, old: dict[str, Any], new: dict[str, Any], lines: str
) -> None:
    assert list(marked(kind, old, new).values()) == [lines]


def test_a_very_long_text_is_compared_by_lines() -> None:
    old = "\n".join(["eins " * 500, "zwei " * 500, "drei " * 500])
    found = marked("organisation", {"offers": old}, {"offers": old.replace("zwei", "vier")})
    assert found["offers"].count("|") == 3


@pytest.fixture
def entry(cast: Cast) -> Entry:
    found = make.entry(cast.org_a, offers="Wir hören zu.")
    save(found, cast.actor("editor_a"), offers="Wir hören gut zu.", reason="Ein Wort")
    save(found, cast.actor("office"), offers="Wir hören sehr gut zu.")
    return Entry.objects.select_related("latest").get(pk=found.pk)


def save(entry: Entry, actor: Any, *, reason: str = "", **content: Any) -> None:
    entry.refresh_from_db()
    assert entry.latest is not None
    entries.save(entry, actor=actor, expected=entry.version, reason=reason,
                 content={**entry.latest.content, **content})  # fmt: skip


def text(client: Any, name: str, entry: Entry, *args: Any, query: str = "") -> str:
    response = client.get(reverse(f"directory:{name}", args=[entry.uuid, *args]) + query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_list_says_who_when_why(cast: Cast, entry: Entry) -> None:
    publishing.publish(entry, actor=cast.actor("editor_a"), channels=["web"],
                       expected=entry.version)  # fmt: skip
    found = text(cast.client("editor_a"), "history", entry)
    assert "Edda Ahrens" in found
    assert "Ein Wort" in found
    assert found.count("im Auftrag eingetragen") >= 1
    assert "Freigegeben: öffentlich im Netz" in found
    assert found.index("Fassung 4") < found.index("Fassung 3</a>")


def test_the_difference_is_marked_in_words(cast: Cast, entry: Entry) -> None:
    found = text(cast.client("editor_a"), "diff", entry, query="?alt=3&neu=4")
    assert "<ins>" in found
    assert "hinzugefügt:" in found
    assert "sehr" in found
    # The other way round is the same comparison.
    assert "Was sich von Fassung 3 zu 4" in text(
        cast.client("editor_a"), "diff", entry, query="?alt=4&neu=3"
    )
    assert "Beide Fassungen sagen dasselbe." in text(
        cast.client("editor_a"), "diff", entry, query="?alt=4&neu=4"
    )


@pytest.mark.parametrize("query", ["", "?alt=1", "?alt=1&neu=99", "?alt=x&neu=2", "?alt=-1&neu=2",
                                   "?alt=1&neu=99999999999999999999"])  # fmt: skip
def test_there_is_no_such_difference(cast: Cast, entry: Entry, query: str) -> None:
    path = reverse("directory:diff", args=[entry.uuid]) + query
    assert cast.client("editor_a").get(path).status_code == 404


def test_what_a_person_typed_is_never_markup(cast: Cast, entry: Entry) -> None:
    save(entry, cast.actor("editor_a"), offers="<script>alert(1)</script> <b>fett</b>")
    for name, query in (("diff", "?alt=4&neu=5"), ("preview", "")):
        found = text(cast.client("editor_a"), name, entry, query=query)
        assert "<script>alert" not in found
        assert "&lt;script&gt;" in found
        assert "<b>fett" not in found


def test_going_back_is_a_new_revision_and_shows_nobody(cast: Cast, entry: Entry) -> None:
    client = cast.client("editor_a")
    assert "Wir hören gut zu." in text(client, "revision", entry, 3)
    path = reverse("directory:restore", args=[entry.uuid, 3])
    key = once.new_key()
    for _time in range(2):
        assert client.post(path, {"version": entry.version, "_key": key}).status_code == 302
    entry.refresh_from_db()
    assert entry.latest is not None
    assert (entry.latest.number, entry.latest.content["offers"]) == (5, "Wir hören gut zu.")
    assert entry.latest.reason == "Fassung 3 wiederhergestellt"
    assert not Publication.objects.exists()


def test_going_back_never_overwrites_what_came_in_between(cast: Cast, entry: Entry) -> None:
    shown = entry.version
    save(entry, COMMAND, offers="Ganz neu")
    path = reverse("directory:restore", args=[entry.uuid, 3])
    response = cast.client("editor_a").post(path, {"version": shown}, follow=True)
    assert "Inzwischen wurde etwas anderes gespeichert." in response.content.decode()
    entry.refresh_from_db()
    assert entry.latest is not None
    assert entry.latest.content["offers"] == "Ganz neu"


def test_what_no_longer_holds_goes_to_the_form(cast: Cast, entry: Entry) -> None:
    Topic.objects.filter(code="ausbildung").update(retired_at="2026-01-01T00:00Z")
    path = reverse("directory:restore", args=[entry.uuid, 3])
    response = cast.client("editor_a").post(path, {"version": entry.version}, follow=True)
    found = response.content.decode()
    assert "Einiges daraus gilt nicht mehr." in found
    assert "Wir hören gut zu." in found
    assert "Ausbildung (abgelöst)" in found


def test_readers_have_no_business_here(cast: Cast, entry: Entry) -> None:
    client = cast.client("auditor")
    assert "wiederherstellen" not in text(client, "revision", entry, 3)
    path = reverse("directory:restore", args=[entry.uuid, 3])
    assert client.post(path, {"version": entry.version}).status_code == 403
    assert cast.client("editor_b").post(path, {"version": entry.version}).status_code == 404
    gone = reverse("directory:restore", args=[entry.uuid, 99])
    assert cast.client("editor_a").post(gone, {"version": entry.version}).status_code == 404


@pytest.mark.parametrize("n", [1, 3])
def test_the_number_of_queries_does_not_grow(
    cast: Cast, entry: Entry, count_queries: Any, n: int
) -> None:
    for number in range(n):
        save(entry, cast.actor("editor_a"), offers=f"Fassung {number}")
    client = cast.client("editor_a")
    with count_queries() as queries:
        text(client, "history", entry)
    assert queries.count <= 8, queries.counted
    with count_queries() as queries:
        text(client, "diff", entry, query="?alt=1&neu=4")
    assert queries.count <= 12, queries.counted
