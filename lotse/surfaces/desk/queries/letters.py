"""What a kind of mail looks like when it arrives, with example data and the network's words."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import override

from lotse.foundation.core import hooks, mail
from lotse.foundation.core.mail.letter import veil
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Network

LANGUAGES = ("de", "en")


@dataclass(frozen=True)
class Letter:
    """One mail in one language. `own` says that it comes in the network's name."""

    lang: str
    subject: str
    text: str
    html: str
    mail_class: str
    own: bool


def letter_of(
    network: Network, code: str, lang: str, *, closing: str | None = None
) -> Letter | None:
    """The mail as it arrives, with `closing` instead of the stored line if given; None where no
    example can be made. Nothing is stored."""
    sample = next((one for one in hooks.mail_samples if one.code == code), None)
    if sample is None:
        return None
    with override(lang), mail.drafting(closing) as drafts:
        sample.write(network, lang)
    found = next((one for one in drafts.mails if one.code == code), None)
    return _letter(found) if found is not None else None


def _letter(found: OutboxMail) -> Letter:
    example = f"{settings.BASE_URL}/beispiel/"
    title = str(OutboxMail.Class(found.mail_class).label)
    return Letter(found.lang, found.subject, veil(found.text, example), veil(found.html, example),
                  title, found.network_uuid is not None)  # fmt: skip


def letters_of(network: Network, code: str) -> list[Letter]:
    """The mail in every language it is written in; some are for the office and German only."""
    found = (letter_of(network, code, lang) for lang in LANGUAGES)
    return list({one.lang: one for one in found if one is not None}.values())


def kind_of(code: str) -> hooks.MailKind | None:
    """The kind of mail by its code."""
    return next((kind for kind in hooks.mail_kinds if kind.code == code), None)
