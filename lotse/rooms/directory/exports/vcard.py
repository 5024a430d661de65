"""A contact card (vCard 4.0, RFC 6350) of what the page shows, no more."""

from lotse.foundation.core import text
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries.pages import Page

VCARD = "text/vcard; charset=utf-8"
_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n"})
_LINE = 75


def card_of(page: Page, *, url: str) -> bytes:
    """The card as a file."""
    contact = page.contact
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"UID:urn:uuid:{page.uuid}", f"FN:{_plain(page.title)}"]
    if page.kind == Entry.Kind.PERSON:
        lines.append("KIND:individual")
        for seat in page.seats[:1]:
            if seat.title:
                lines.append(f"ORG:{_plain(seat.title)}")
            if seat.text:
                lines.append(f"TITLE:{_plain(seat.text)}")
    else:
        lines += ["KIND:org", f"ORG:{_plain(page.carrier.title if page.carrier else page.title)}"]
    if contact.email:
        lines.append(f"EMAIL;TYPE=work:{_plain(contact.email)}")
    if contact.phone:
        lines.append(f"TEL;TYPE=work:{_plain(contact.phone)}")
    if contact.street or contact.place:
        parts = (contact.street, contact.city, "", contact.postal_code, "")
        lines.append(f"ADR;TYPE=work:;;{';'.join(map(_plain, parts))}")
    if contact.website:
        lines.append(f"URL:{text.clean_line(contact.website)}")
    lines += [f"SOURCE:{url}", "END:VCARD"]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _plain(value: str) -> str:
    return text.clean_line(value).translate(_ESCAPED)


def _folded(line: str) -> str:
    """Lines of at most 75 bytes; the next begins with a blank, no character is cut."""
    parts: list[str] = []
    held = ""
    for sign in line:
        if len((held + sign).encode()) > _LINE - (1 if parts else 0):
            parts.append(held)
            held = ""
        held += sign
    return "\r\n ".join([*parts, held])
