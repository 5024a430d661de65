"""The closing line a network adds to a kind of mail; placeholders are checked when it is saved."""

from collections.abc import Mapping
from string import Formatter
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, hooks, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import MailClosing, Network

LENGTH = 300
LANGUAGES = ("de", "en")
PLACEHOLDERS = ("netzwerk", "traeger", "kontakt")


def closing_of(network: UUID, code: str, lang: str) -> str:
    """The finished line for a mail; empty where there is none, or where what it names is missing
    by now. One query."""
    row = (
        MailClosing.objects.filter(network__uuid=network, code=code)
        .values_list("words", "network__name", "network__carrier", "network__contact_email")
        .first()
    )
    if row is None:
        return ""
    words, *given = row
    values = dict(zip(PLACEHOLDERS, given, strict=True))
    try:
        return filled(words.get(lang, ""), values)
    except Refused:
        return ""


def values_of(network: Network) -> dict[str, str]:
    """What the placeholders stand for in this network."""
    return dict(zip(PLACEHOLDERS, (network.name, network.carrier, network.contact_email),
                    strict=True))  # fmt: skip


def filled(line: str, values: Mapping[str, str]) -> str:
    """The line with its placeholders filled. Raises Refused for a brace that is not closed, a name
    there is not, and one for which nothing is entered."""
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        parts = list(Formatter().parse(line))
    except ValueError:
        raise Refused(
            _("Eine geschweifte Klammer ist nicht geschlossen oder steht allein. Platzhalter sind: "
              "%(known)s.") % {"known": known}
        ) from None  # fmt: skip
    found = []
    for words, name, spec, conversion in parts:
        found.append(words)
        if name is None:
            continue
        if name not in PLACEHOLDERS or spec or conversion:
            wrong = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            raise Refused(
                _("Den Platzhalter {%(name)s} gibt es nicht. Möglich sind: %(known)s.")
                % {"name": text.shorten(wrong, 40), "known": known}
            )
        if not values.get(name):
            raise Refused(
                _("Für {%(name)s} ist in der Einrichtung nichts eingetragen. Tragen Sie es dort "
                  "ein, oder lassen Sie den Platzhalter weg.") % {"name": name}
            )  # fmt: skip
        found.append(values[name])
    return text.clean_line("".join(found))


@transaction.atomic
def set_closing(
    network: Network, *, actor: Actor, code: str, words: Mapping[str, str], expected: int
) -> None:
    """Sets the closing line of a kind of mail; an empty one takes it away in that language.

    `expected` is the version the lines were read at, 0 for none yet. Raises NotAllowed, Conflict,
    and Refused for an unknown kind of mail, a line that is too long, a broken placeholder.
    """
    require("parties.network.edit", actor, network)
    if code not in {kind.code for kind in hooks.mail_kinds}:
        raise Refused(_("Diese Mail gibt es nicht: %(code)s") % {"code": code[:80]})
    lines = checked(network, words)
    if not lines and not expected and not MailClosing.objects.filter(network=network, code=code):
        return
    closing, created = MailClosing.objects.get_or_create(
        network=network, code=code, defaults={"words": lines}
    )
    if expected != (0 if created else closing.version):
        raise Conflict(closing)
    before = {} if created else closing.words
    if not created:
        update_versioned(closing, expected=expected, words=lines)
    actionlog.record(
        "parties.closing.set", closing, actor=actor,
        before={"words": before}, after={"code": code, "words": lines},
    )  # fmt: skip


def checked(network: Network, words: Mapping[str, str]) -> dict[str, str]:
    """The cleaned lines by language. Raises Refused with all that is wrong."""
    lines, faults = {}, []
    for lang in LANGUAGES:
        line = text.clean_line(words.get(lang, ""))
        if len(line) > LENGTH:
            faults.append(_("Bitte kürzen Sie die Schlusszeile auf %(most)s Zeichen.")
                          % {"most": LENGTH})  # fmt: skip
        elif line:
            try:
                filled(line, values_of(network))
            except Refused as refusal:
                faults += refusal.messages
            lines[lang] = line
    if faults:
        raise Refused(*dict.fromkeys(faults))
    return lines
