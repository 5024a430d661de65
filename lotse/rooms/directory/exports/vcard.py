"""A contact card (vCard 4.0, RFC 6350) of what the page shows, no more."""

from lotse.foundation.core import text, vcard
from lotse.foundation.core.vcard import plain
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries.pages import Page


def card_of(page: Page, *, url: str) -> bytes:
    """The card as a file."""
    contact = page.contact
    lines = [f"UID:urn:uuid:{page.uuid}", f"FN:{plain(page.title)}"]
    if page.kind == Entry.Kind.PERSON:
        lines.append("KIND:individual")
        for seat in page.seats[:1]:
            if seat.title:
                lines.append(f"ORG:{plain(seat.title)}")
            if seat.text:
                lines.append(f"TITLE:{plain(seat.text)}")
    else:
        lines += ["KIND:org", f"ORG:{plain(page.carrier.title if page.carrier else page.title)}"]
    if contact.email:
        lines.append(f"EMAIL;TYPE=work:{plain(contact.email)}")
    if contact.phone:
        lines.append(f"TEL;TYPE=work:{plain(contact.phone)}")
    if contact.street or contact.place:
        parts = (contact.street, contact.city, "", contact.postal_code, "")
        lines.append(f"ADR;TYPE=work:;;{vcard.compound(*parts)}")
    if contact.website:
        lines.append(f"URL:{text.clean_line(contact.website)}")
    lines.append(f"SOURCE:{url}")
    return vcard.card(lines).encode()
