"""Logos and photos: drawn anew at taking in, so that nothing else is stored with them (T26)."""

from io import BytesIO
from threading import Lock
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.rooms.directory.models import Entry, Picture

MOST_BYTES = 8 * 1024 * 1024
# A JPEG is unpacked at the size it is needed in, the others whole.
MOST_PIXELS = {"JPEG": 40_000_000, "PNG": 12_000_000, "WEBP": 12_000_000}
MOST_EDGE = 12_000
EDGE = 800
KEPT = 20  # pictures of one entry: what earlier revisions show is kept, within reason
_FORMATS = tuple(MOST_PIXELS)
_JPEG = ("JPEG", "MPO")  # what many phones write: a JPEG with another one behind it
# One at a time in each process: several big pictures at once would fill its memory.
_drawing = Lock()


def keep_picture(entry: Entry, upload: File[bytes], *, actor: Actor) -> Picture:
    """The picture as it is shown: turned the right way, at most 800 pixels, without metadata.

    Nothing shows it before a revision names it. Raises NotAllowed, and Refused for what is no
    PNG, JPEG or WebP by its content, for more than 8 MB, too many pixels, too long an edge.
    """
    require("directory.entry.edit", actor, entry)
    if (upload.size or 0) > MOST_BYTES:
        raise Refused(_("Das Bild ist zu groß. Erlaubt sind 8 MB."))
    content, media_type, (width, height) = drawn_anew(upload.read(MOST_BYTES + 1))
    # Drawn before: SQLite would let nobody else write meanwhile.
    with transaction.atomic():
        _drop_unused(entry)
        return Picture.objects.create(
            entry=entry, content=content, media_type=media_type, width=width, height=height
        )


def drawn_anew(raw: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """(content, media type, size) of a picture drawn from its pixels alone. Raises Refused."""
    if len(raw) > MOST_BYTES:
        raise Refused(_("Das Bild ist zu groß. Erlaubt sind 8 MB."))
    with _drawing:
        return _stored(*_small(raw))


def _small(raw: bytes) -> tuple[Any, bool]:
    """The picture at its size and the right way up, and whether one sees through it."""
    # Late: few requests take in a picture.
    from PIL import Image, ImageOps

    try:
        # Reads the head only; nothing is unpacked before the size it declares is allowed.
        picture: Any = Image.open(BytesIO(raw), formats=_FORMATS)
        _check_size(picture)
        if picture.format in _JPEG:
            picture.draft("RGB", (2 * EDGE, 2 * EDGE))
        # Small before it is turned, for turning makes a copy.
        picture.thumbnail((EDGE, EDGE))
        picture = ImageOps.exif_transpose(picture)
        clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        picture = picture.convert("RGBA" if clear else "RGB")
    except Refused:
        raise
    except Exception as fault:  # what a broken file raises is open: OSError, ValueError, struct ...
        raise Refused(
            _("Dieses Bild ist nicht lesbar. Möglich sind PNG, JPEG und WebP.")
        ) from fault
    return picture, clear


def _check_size(picture: Any) -> None:
    if max(picture.size) > MOST_EDGE:
        raise Refused(_("Das Bild ist zu lang oder zu breit. Erlaubt sind 12.000 Bildpunkte je "
                        "Seite."))  # fmt: skip
    if (
        picture.width * picture.height
        > MOST_PIXELS["JPEG" if picture.format in _JPEG else picture.format]
    ):
        raise Refused(_("Das Bild hat zu viele Bildpunkte. Erlaubt sind 12 Millionen, bei JPEG "
                        "40 Millionen."))  # fmt: skip


def _stored(picture: Any, clear: bool) -> tuple[bytes, str, tuple[int, int]]:
    from PIL import Image

    # A new picture of the same pixels: profiles, comments, places stay behind.
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = BytesIO()
    if clear:
        bare.save(out, "PNG", optimize=True)
    else:
        bare.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue(), "image/png" if clear else "image/jpeg", bare.size


def _drop_unused(entry: Entry) -> None:
    """Deletes pictures of the entry that no revision names, the oldest first, when there are
    many. At most three queries."""
    held = list(Picture.objects.filter(entry=entry).order_by("pk").values_list("pk", "uuid"))
    if len(held) < KEPT:
        return
    named = {
        value
        for content in entry.revisions.values_list("content", flat=True)
        for value in (content.get("logo"), content.get("photo"))
    }
    unused = [pk for pk, uuid in held if str(uuid) not in named]
    Picture.objects.filter(pk__in=unused).delete()
    if len(held) - len(unused) >= KEPT * 5:
        raise Refused(_("Dieser Steckbrief hat schon sehr viele Bilder."))
