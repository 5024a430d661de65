"""Until when something may be written to a meeting: from its beginning until its minutes go out."""

from django.utils.translation import gettext as _

from lotse.foundation.core.errors import Refused
from lotse.rooms.bodies.models import Meeting, Minutes
from lotse.rooms.bodies.services.locking import hold

OPEN = (Meeting.State.RUNNING, Meeting.State.HELD)


def is_open(meeting: Meeting) -> bool:
    """Whether outcomes and notes may still be written. One query for a meeting that has begun."""
    return meeting.state in OPEN and not _is_out(meeting)


def check_open(meeting: Meeting) -> None:
    """Raises Refused, in words, before the meeting and once its minutes were sent out. What it says
    holds until the transaction ends."""
    hold(meeting)
    if meeting.state == Meeting.State.CANCELLED:
        raise Refused(_("Diese Sitzung ist abgesagt."))
    if meeting.state not in OPEN:
        raise Refused(_("Die Sitzung hat noch nicht begonnen. Starten Sie sie zuerst."))
    _check_not_out(meeting)


def check_preparing(meeting: Meeting) -> None:
    """The same for what is prepared before the meeting begins."""
    hold(meeting)
    if meeting.state == Meeting.State.CANCELLED:
        raise Refused(_("Diese Sitzung ist abgesagt."))
    _check_not_out(meeting)


def _check_not_out(meeting: Meeting) -> None:
    if _is_out(meeting):
        raise Refused(
            _("Das Protokoll ist schon verschickt. Was darin nicht stimmt, wird als Einwand oder "
              "Berichtigung aufgenommen.")
        )  # fmt: skip


def _is_out(meeting: Meeting) -> bool:
    sent = Minutes.objects.filter(meeting=meeting.pk).exclude(state=Minutes.State.DRAFT)
    return sent.exists()
