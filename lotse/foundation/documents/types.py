"""Which files may be handed in: by content, not by what the name claims (T24)."""

import re
import struct
import zipfile
import zlib
from io import BytesIO

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = _OFFICE + "wordprocessingml.document"
XLSX = _OFFICE + "spreadsheetml.sheet"
PPTX = _OFFICE + "presentationml.presentation"
ODT, ODS = ("application/vnd.oasis.opendocument." + kind for kind in ("text", "spreadsheet"))
ENDINGS = {PDF: "pdf", PNG: "png", JPEG: "jpg", DOCX: "docx", XLSX: "xlsx", PPTX: "pptx",
           ODT: "odt", ODS: "ods", "text/plain": "txt"}  # fmt: skip
_MAIN_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
# What reading a damaged or hostile archive may raise.
_DAMAGED = (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError, EOFError,
            zlib.error, struct.error)  # fmt: skip
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2000


def media_type_of(content: bytes) -> str:
    """The type by content, or an empty string for a type that is not taken.

    Office files are looked into without unpacking them: names and declared sizes suffice to
    refuse a bomb (T25).
    """
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"PK\x03\x04"):
        return _office_type(content)
    return "text/plain" if _is_text(content) else ""


def _office_type(content: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > MOST_UNPACKED:
                return ""
            names = {part.filename for part in parts}
            for name, kind in _MAIN_PARTS.items():
                if name in names:
                    return kind
            first = parts[0] if parts else None
            if first and first.filename == "mimetype" and first.file_size < 200:
                declared = archive.read(first).decode("ascii", "replace")
                return declared if declared in (ODT, ODS) else ""
    except _DAMAGED:
        return ""
    return ""


def _is_text(content: bytes) -> bool:
    try:
        decoded = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    # A text that a browser could take for a page is not taken.
    markup = re.search(r"<\s*(?:!doctype|html|script|svg|\?xml)", decoded[:4096], re.IGNORECASE)
    return bool(decoded.strip()) and "\0" not in decoded and not markup


def without_metadata(content: bytes, media_type: str) -> bytes:
    """JPEG and PNG without EXIF, comments and text blocks: no place, no name (ASVS 14.2.8)."""
    if media_type == JPEG:
        return _jpeg_without_metadata(content)
    if media_type == PNG:
        return _png_without_metadata(content)
    return content


def _jpeg_without_metadata(content: bytes) -> bytes:
    """The first picture alone: segments that may tell of people and places go, and so does
    whatever follows its end (a second picture has its own metadata)."""
    out, position = bytearray(content[:2]), 2
    while position + 2 <= len(content):
        if content[position] != 0xFF:
            # Picture data runs to the next marker; FF 00 and restart marks belong to it.
            end = _next_marker(content, position)
            out += content[position:end]
            position = end
            continue
        marker = content[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
        elif marker == 0xD9:
            return bytes(out + content[position : position + 2])
        else:
            length = int.from_bytes(content[position + 2 : position + 4], "big")
            # APP1..APP15 and comments go; APP0 (JFIF), APP2 (colour), APP14 (Adobe) are needed.
            dropped = marker == 0xFE or (0xE1 <= marker <= 0xEF and marker not in (0xE2, 0xEE))
            if not dropped:
                out += content[position : position + 2 + length]
            position += 2 + max(length, 2)
    return bytes(out)


def _next_marker(content: bytes, position: int) -> int:
    while True:
        position = content.find(b"\xff", position)
        if position < 0 or position + 1 >= len(content):
            return len(content)
        if content[position + 1] not in (0x00, *range(0xD0, 0xD8)):
            return position
        position += 2


def _png_without_metadata(content: bytes) -> bytes:
    out, position = bytearray(content[:8]), 8
    while position + 12 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        kind = content[position + 4 : position + 8]
        end = position + 12 + length
        if kind not in (b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"):
            out += content[position:end]
        position = end
    return bytes(out)
