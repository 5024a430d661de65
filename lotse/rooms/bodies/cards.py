"""What meetings bring to "Heute": invitations to answer, what comes next."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Card
from lotse.rooms.bodies import wall
from lotse.rooms.bodies.models import Attendance, Meeting
from lotse.rooms.bodies.permissions import INSIDE
from lotse.rooms.bodies.queries.addressees import is_guest
from lotse.rooms.bodies.queries.meetings import is_asked, where_words

AHEAD_DAYS = 60
MOST = 30


def cards_of(actor: Actor) -> list[Card]:
    """Invitations that wait for an answer, and meetings of the next two months. One query."""
    if actor.person is None:
        return []
    now = clock.now()
    rows = (
        Attendance.objects.filter(
            person=actor.person, meeting__ends_at__gt=now,
            meeting__state__in=(Meeting.State.INVITED, Meeting.State.RUNNING),
            meeting__starts_at__lt=now + timedelta(days=365),
        )
        .exclude(invited_at=None)
        .select_related("meeting__body")
        .order_by("meeting__starts_at", "pk")[:MOST]
    )  # fmt: skip
    held = actor.things_as(*INSIDE)
    mine = [row for row in rows if is_guest(row) or row.meeting.body.uuid in held]
    return [card for row in mine if (card := _card(row))]


def _card(row: Attendance) -> Card | None:
    meeting = row.meeting
    day = timezone.localdate(meeting.starts_at)
    if is_asked(row) and row.reply == Attendance.Reply.NONE:
        return Card(
            group="waiting",
            title=_("Einladung beantworten: %(name)s") % {"name": meeting.title},
            url=reverse("bodies:reply", args=[meeting.uuid]), text=_when(meeting), due_on=day,
            actor_for=row.organisation,
        )  # fmt: skip
    near = day <= clock.today() + timedelta(days=AHEAD_DAYS)
    if not near or row.reply in (Attendance.Reply.NO, Attendance.Reply.DEPUTY) or not is_asked(row):
        return None
    return Card(
        group="next", title=meeting.title, url=reverse("bodies:meeting", args=[meeting.uuid]),
        text=_when(meeting), due_on=day, actor_for=row.organisation,
    )  # fmt: skip


def _when(meeting: Meeting) -> str:
    time = _("%(time)s Uhr") % {"time": wall.clock_words(meeting.starts_at)}
    return " · ".join(filter(None, (meeting.body.name, time, where_words(meeting))))
