"""A consent that was withdrawn holds everywhere at the next request (T59).

The ways to meet a person stand in `meeting.py`. The pages are compared as well with those of before
anything was published: no word, no count and no letter of the alphabet may tell that there was
somebody.
"""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lotse.foundation.core import once, search
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Consent, Person
from lotse.foundation.parties.privacy import consents
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory.models import Channel, Entry
from lotse.rooms.directory.queries import reading
from lotse.rooms.directory.services import pictures, publishing, searches
from tests import make
from tests.people import Cast
from tests.rooms.directory.meeting import (
    MAIL,
    NAME,
    PHONE,
    PLACES,
    READERS,
    WORD,
    Reader,
    met,
)

pytestmark = pytest.mark.django_db
ALL = ("web", "members", "brochure")


def _photo() -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (40, 60), "teal").save(file, "JPEG")
    return SimpleUploadedFile("foto.jpg", file.getvalue())


@pytest.fixture
def around(cast: Cast) -> Cast:
    """What stays: the organisation the person works for with a service, and its rival."""
    make.entry(cast.org_a, channels=ALL)
    make.entry(cast.org_a, service=True, channels=ALL)
    make.entry(cast.org_b, channels=ALL)
    return cast


@pytest.fixture
def draft(around: Cast) -> Entry:
    """The person's entry, with a photo, before any consent."""
    Person.objects.filter(pk=around["member"].pk).update(phone=PHONE)
    made = make.entry(around["member"])
    photo = pictures.keep_picture(made, _photo(), actor=COMMAND)
    return make.entry(
        around["member"], competences=[WORD], topics=["gesundheit"], regions=["05315"],
        photo=str(photo.uuid),
    )  # fmt: skip


@pytest.fixture
def readers(around: Cast, draft: Entry) -> dict[str, Reader]:
    """A visitor and a member of another organisation."""
    held = searches.save_search(
        around.network, actor=around.actor("editor_b"), name="", question=WORD, chosen={},
        key=once.new_key(),
    )  # fmt: skip
    photo = str(draft.latest.content["photo"])  # type: ignore[union-attr]  # it has one
    return {one: Reader(around, one, draft, held, photo) for one in READERS}


def give(cast: Cast, channel: str, *purposes: str) -> None:
    for purpose in purposes:
        consents.give(
            cast["member"], purpose, channel, actor=cast.actor("member"), network=cast.network
        )


def take(cast: Cast, channel: str, purpose: str = "profile") -> None:
    held = Consent.objects.get(
        person=cast["member"], purpose=purpose, channel=channel, withdrawn_at=None
    )
    consents.withdraw(held, actor=cast.actor("member"))


@pytest.fixture
def public(around: Cast, draft: Entry) -> Entry:
    """Let through everywhere, with every consent."""
    for channel in ALL:
        give(around, channel, "profile", "photo")
        if channel != "brochure":
            give(around, channel, "contact")
    draft.refresh_from_db()
    publishing.publish(draft, actor=around.actor("member"), channels=ALL, expected=draft.version)
    return draft


def in_brochure(cast: Cast, entry: Entry) -> bool:
    found = reading.readable(Channel.BROCHURE, cast.network)
    return bool(found.filter(pk=entry.pk).exists())


def test_gone_from_one_channel_after_the_other(
    around: Cast, readers: dict[str, Reader], public: Entry
) -> None:
    everywhere, web, members = set(PLACES), readers["web"], readers["members"]
    assert everywhere - met(web) == set()
    assert everywhere - met(members) == set()
    assert in_brochure(around, public)
    take(around, "web")
    assert met(web) == set()
    assert everywhere - met(members) == set()
    take(around, "members")
    assert met(members) == set()
    assert in_brochure(around, public)
    take(around, "brochure")
    assert not in_brochure(around, public)
    for channel in ALL:
        give(around, channel, "profile")
    assert everywhere - met(web) == set()
    assert everywhere - met(members) == set()
    assert in_brochure(around, public)


@pytest.mark.parametrize("how", ["restricted", "erased", "archived", "unpublished"])
def test_nor_is_anything_left_of_who_is_gone_otherwise(
    around: Cast, readers: dict[str, Reader], public: Entry, how: str
) -> None:
    person, now = around["member"], public.created_at
    if how in ("restricted", "erased"):
        Person.objects.filter(pk=person.pk).update(**{f"{how}_at": now})
        parties.tell_of(person.pk)
    elif how == "archived":
        from lotse.rooms.directory.services import entries

        public.refresh_from_db()
        entries.archive(public, actor=COMMAND, expected=public.version)
    else:
        for channel in ALL:
            public.refresh_from_db()
            publishing.unpublish(
                public, actor=around.actor("member"), channel=channel, expected=public.version
            )
    assert met(readers["web"]) == set()
    assert met(readers["members"]) == set()
    assert not in_brochure(around, public)


_SECRETS = re.compile(
    r'name="(?:csrfmiddlewaretoken|_key)" value="[^"]*"|Vorgangsnummer \w+|vorgang=\w+'
)
PATHS = (
    "", "?q=Behrens", "?q=Behrnes", f"?q={WORD}", f"?q={WORD}+Beratung", "?q=Gesundheit",
    "?kind=person", "?topic=gesundheit", "?region=05315", "?region=05", "?als=druck", "?als=csv",
    "a-z/", "a-z/?letter=b", "themen/", "karte/", "karte/?land=05", f"karte/?q={WORD}",
    "vorschlaege/?q=Be", "vorschlaege/?q=Ma", "../suche/?q=Behrens", f"../suche/?q={WORD}",
)  # fmt: skip


def pages(reader: Reader) -> dict[str, tuple[int, str]]:
    """What this reader is shown, without what is drawn by lot for each page."""
    found = {}
    for path in (*PATHS, *(f"{reader.entry.uuid}/{end}" for end in ("", "kontakt.vcf"))):
        response = reader.browser.get(f"/verzeichnis/{path}".replace("/verzeichnis/../", "/"))
        found[path] = (response.status_code, _SECRETS.sub("", make.body(response).decode()))
    found["api"] = (200, reader.listed())
    return found


def seen(reader: Reader) -> dict[str, tuple[int, str]]:
    """The same with the pages of those the person works for."""
    beside = {one: _SECRETS.sub("", reader.beside(one)) for one in ("organisation", "service")}
    return pages(reader) | {one: (200, text) for one, text in beside.items()}


@pytest.mark.parametrize("channel", READERS)
def test_pages_are_as_if_there_had_never_been_anybody(
    around: Cast, readers: dict[str, Reader], draft: Entry, channel: str
) -> None:
    """Counts, letters, corrections and reasons included; the files and the list of the API, too."""
    reader = readers[channel]
    before = seen(reader)
    assert not any(NAME in text for _status, text in before.values())
    for one in ("web", "members"):
        give(around, one, "profile", "photo", "contact")
    draft.refresh_from_db()
    publishing.publish(draft, actor=around.actor("member"), channels=["web", "members"],
                       expected=draft.version)  # fmt: skip
    public = seen(reader)
    same = {path for path in before if before[path] == public[path]}
    # The rarest word is left out first, whether anybody says it or not.
    assert same == {"service", f"?q={WORD}+Beratung"}
    take(around, "web")
    take(around, "members")
    after = seen(reader)
    assert {path: text for path, text in after.items() if text != before[path]} == {}


class TestPhotoAndContact:
    """Each purpose is withdrawn for itself."""

    @pytest.mark.parametrize("channel", READERS)
    def test_the_photo_goes_alone(
        self, around: Cast, readers: dict[str, Reader], public: Entry, channel: str
    ) -> None:
        reader = readers[channel]
        address = f"/verzeichnis/bild/{reader.photo}/"
        assert address in reader.page(f"{public.uuid}/")
        assert reader.picture() in (200, 304)
        for one in ("web", "members"):
            take(around, one, "photo")
        assert address not in reader.page(f"{public.uuid}/")
        # A browser that holds the picture is told no as well.
        assert reader.picture() == 404
        shown = reader.program.get(f"/api/v1/entries/{public.uuid}").content.decode()
        assert reader.photo not in shown
        assert NAME in shown
        assert reading.person_facts(public, "brochure").photo is not None
        take(around, "brochure", "photo")
        assert reading.person_facts(public, "brochure").photo is None

    @pytest.mark.parametrize("channel", READERS)
    def test_ways_to_reach_go_alone(
        self, around: Cast, readers: dict[str, Reader], public: Entry, channel: str
    ) -> None:
        reader = readers[channel]

        def told() -> list[str]:
            return [reader.page(f"{public.uuid}/{end}") for end in ("", "kontakt.vcf")]

        assert all(MAIL in text and PHONE in text for text in told())
        for one in ("web", "members"):
            take(around, one, "contact")
        assert not any(MAIL in text or PHONE in text for text in told())
        assert reader.status("nachricht/") == 200  # a message still arrives, without the address
        assert MAIL not in reader.page(f"{public.uuid}/nachricht/")

    def test_lists_never_hold_them(self, readers: dict[str, Reader], public: Entry) -> None:
        """With every consent, too (T08)."""
        for reader in readers.values():
            for path, (_status, text) in pages(reader).items():
                if not path.startswith(str(public.uuid)):
                    assert MAIL not in text, path
                    assert PHONE not in text, path
            assert MAIL not in reader.workbook()
            shown = reader.program.get(f"/api/v1/entries/{public.uuid}").content.decode()
            assert NAME in shown
            assert MAIL not in shown
            assert PHONE not in shown


def test_one_click_on_the_own_page_is_enough(
    around: Cast, readers: dict[str, Reader], public: Entry
) -> None:
    client = around.client("member")
    held = Consent.objects.get(person=around["member"], purpose="profile", channel="web")
    path = f"/verzeichnis/{public.uuid}/stand/einwilligung/"
    sent = {"_key": once.new_key(), "withdraw": str(held.uuid)}
    assert client.post(path, sent).status_code == 302
    assert met(readers["web"]) == set()


def test_the_index_holds_no_row_for_readers(around: Cast, public: Entry) -> None:
    """Not hidden by a filter: what was withdrawn is not there to be found."""
    from lotse.foundation.core.models import SearchDoc

    readers = search.WEB | search.MEMBERS
    rows = SearchDoc.objects.filter(ref=public.uuid)
    assert any(row.audience & readers for row in rows)
    take(around, "web")
    take(around, "members")
    assert not any(row.audience & readers for row in rows.all())


@pytest.mark.parametrize("channel", READERS)
def test_an_organisation_that_withdraws_is_not_named_with_its_people(
    around: Cast, readers: dict[str, Reader], public: Entry, channel: str
) -> None:
    """Neither on their lines in lists nor as a word that finds them."""
    of, reader = Entry.objects.get(organisation=around.org_a, kind="organisation"), readers[channel]
    assert reader.names(q="Ahrens hilft")
    for one in ("web", "members"):
        of.refresh_from_db()
        publishing.unpublish(of, actor=COMMAND, channel=one, expected=of.version)
    for path, (_status, text) in pages(reader).items():
        assert "Ahrens hilft" not in text, path
    assert not reader.names(q="Ahrens hilft")
    assert reader.names(q="Behrens")
