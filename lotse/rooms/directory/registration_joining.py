"""What joining and templates register when the apps are loaded."""

from lotse.foundation.core import hooks
from lotse.rooms.directory import mails_joining, measures_joining, privacy_joining
from lotse.rooms.directory.queries import templates


def register() -> None:
    """Kinds of mail with their examples, the rights over measures of welcome, the period of
    applications."""
    for kind in mails_joining.KINDS:
        hooks.mail_kinds.register(kind)
    for sample in mails_joining.SAMPLES:
        hooks.mail_samples.register(sample)
    hooks.origin_rights.register(measures_joining.ORIGIN)
    hooks.cards.register(templates.cards_of, order=35)
    privacy_joining.register()
