"""Pictures: drawn anew, small, without anything else in the file (T26)."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.rooms.directory.models import Picture
from lotse.rooms.directory.services import pictures


def drawn(kind="PNG", size=(1200, 400), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, "#336699").save(out, kind, **options)
    return out.getvalue()


def upload(raw, name="bild.png"):
    return SimpleUploadedFile(name, raw)


def opened(picture):
    return Image.open(io.BytesIO(bytes(picture.content)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_it_is_made_small(cast, entry_a, kind):
    picture = pictures.keep_picture(
        entry_a, upload(drawn(kind), "ist-egal.exe"), actor=cast.actor("editor_a")
    )
    assert (picture.width, picture.height, picture.media_type) == (800, 267, "image/jpeg")
    assert opened(picture).format == "JPEG"


def test_see_through_pictures_stay_so(cast, entry_a):
    picture = pictures.keep_picture(
        entry_a, upload(drawn(mode="RGBA", size=(90, 30))), actor=cast.actor("editor_a")
    )
    assert picture.media_type == "image/png"
    assert opened(picture).mode == "RGBA"


def test_it_is_turned_and_loses_what_the_camera_wrote(cast, entry_a):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "Geheime Kamera"
    exif.get_ifd(0x8825)[1] = "N"
    raw = drawn("JPEG", exif=exif, comment=b"Geheimer Ort")
    picture = pictures.keep_picture(entry_a, upload(raw), actor=cast.actor("editor_a"))
    assert (picture.width, picture.height) == (267, 800)
    assert not opened(picture).getexif()
    assert b"Geheim" not in bytes(picture.content)


@pytest.mark.parametrize(
    "raw",
    [b"", b"kein bild", b"<svg xmlns='http://www.w3.org/2000/svg'/>", drawn("GIF"),
     drawn()[:200], b"\x89PNG\r\n\x1a\n" + b"\0" * 500, b"x" * (pictures.MOST_BYTES + 1)],
)  # fmt: skip
def test_what_is_no_picture_is_refused(cast, entry_a, raw):
    with pytest.raises(Refused):
        pictures.keep_picture(entry_a, upload(raw), actor=cast.actor("editor_a"))
    assert not Picture.objects.exists()


def test_a_bomb_is_refused_before_it_is_unpacked(cast, entry_a):
    raw = drawn(size=(9000, 9000), mode="1")
    assert len(raw) < 100_000
    with pytest.raises(Refused, match="Bildpunkte"):
        pictures.keep_picture(entry_a, upload(raw), actor=cast.actor("editor_a"))


def test_only_who_edits_may(cast, entry_a):
    for role in ("anonymous", "member", "editor_b", "coordinator"):
        with pytest.raises(NotAllowed):
            pictures.keep_picture(entry_a, upload(drawn()), actor=cast.actor(role))


def test_unused_ones_do_not_pile_up(cast, entry_a, monkeypatch):
    monkeypatch.setattr(pictures, "KEPT", 3)
    for _time in range(8):
        pictures.keep_picture(entry_a, upload(drawn(size=(9, 9))), actor=cast.actor("editor_a"))
    assert Picture.objects.filter(entry=entry_a).count() <= 3
