"""Reminders of announcements that wait for an answer: at half time, and three days before (S1-14).

Nothing has to be remembered: each mail has a name under which it is written once, and the days are
told from the announcement itself, so a worker that stood still catches up.
"""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from lotse.foundation.core import clock
from lotse.foundation.parties.models import Network
from lotse.rooms.directory import mails
from lotse.rooms.directory.content.deadlines import last_day
from lotse.rooms.directory.models import Announcement
from lotse.rooms.directory.services import announcing, letters

LAST_DAYS = 3
MOST = 2000


def stage_on(announcement: Announcement, day: date) -> str:
    """Which reminder is to be out by this day; empty before half time and once it is over."""
    begun = timezone.localdate(announcement.created_at)
    end = last_day(announcement.deadline)
    if not begun < day <= end:
        return ""
    if day >= end - timedelta(days=LAST_DAYS):
        return mails.LAST_DAYS
    return mails.HALF_TIME if day >= begun + (end - begun) / 2 else ""


def send_due() -> int:
    """The daily job; returns how many mails were written. Running twice writes none twice. Who came
    to speak for the organisation since gets a letter of their own; a network at rest sends none."""
    now, day = clock.now(), clock.today()
    running = (
        Announcement.objects.select_related(
            "entry__network", "entry__organisation", "entry__latest"
        )
        .filter(state=Announcement.State.OPEN, deadline__gt=now)
        .filter(entry__network__state=Network.State.ACTIVE, entry__archived_at=None)
        .order_by("deadline", "pk")[:MOST]
    )
    due = [(one, stage) for one in running if (stage := stage_on(one, day))]
    told = letters.recipients_of({one.entry.organisation_id or 0 for one, _stage in due})
    sent = 0
    for announcement, stage in due:
        recipients = told[announcement.entry.organisation_id or 0]
        with transaction.atomic():
            sent += announcing.write_letters(announcement, recipients, stage=stage)
    return sent
