"""Inviting to a meeting, telling of changes, answers (S1-02, S2-01).

The personal link of whoever is invited is a keyed hash of the attendance's uuid: database and
outbox hold only its SHA-256 (rulings 19). Whether it still opens anything is worked out when it is
used. A browser that opened it holds the uuid of the attendance among its keys.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from lotse.foundation.core import actionlog, clock, keys, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.mail.files import File
from lotse.foundation.core.permissions import require
from lotse.rooms.bodies import mails_inviting as mails
from lotse.rooms.bodies.models import Attendance, Meeting
from lotse.rooms.bodies.queries import addressees
from lotse.rooms.bodies.queries.addressees import Reach, Seated
from lotse.rooms.bodies.queries.agenda import agenda_of, flat
from lotse.rooms.bodies.queries.meetings import count_words, papers_of
from lotse.rooms.bodies.services.live import touch

Part, Reply, State = Attendance.Part, Attendance.Reply, Meeting.State
_PURPOSE = b"lotse.bodies.reply"
MOST = 400


def check_form(mode: str, rights_statement: str) -> None:
    """Raises Refused for an online or hybrid meeting that does not say how rights are exercised:
    the invitation has to (§ 32 Abs. 2 BGB)."""
    if mode != Meeting.Mode.ON_SITE and not rights_statement.strip():
        raise Refused(
            _("Zu einer Sitzung online oder in beiden Formen lässt sich erst einladen, wenn dort "
              "steht, wie Mitglieder ihre Rechte elektronisch ausüben (§ 32 Abs. 2 BGB).")
        )  # fmt: skip


def warnings_for(meeting: Meeting, *, has_items: bool) -> list[str]:
    """What whoever invites should know; nothing of it hinders. No query with the charter loaded."""
    found = []
    charter = getattr(meeting.body, "charter", None)
    if charter is not None and charter.invitation_days:
        left = (timezone.localdate(meeting.starts_at) - clock.today()).days
        if left < charter.invitation_days:
            found.append(
                ngettext(
                    "Bis zur Sitzung ist es noch %(n)s Tag, die Einladungsfrist des Gremiums sind "
                    "%(days)s Tage.",
                    "Bis zur Sitzung sind es noch %(n)s Tage, die Einladungsfrist des Gremiums "
                    "sind %(days)s Tage.",
                    max(left, 0),
                ) % {"n": max(left, 0), "days": charter.invitation_days}
            )  # fmt: skip
    if not has_items:
        found.append(_("Die Tagesordnung ist noch leer."))
    if meeting.mode != Meeting.Mode.ON_SITE and not meeting.link:
        found.append(_("Der Link zur Teilnahme fehlt noch."))
    if meeting.mode != Meeting.Mode.ONLINE and not meeting.place:
        found.append(_("Der Ort fehlt noch."))
    return found


@transaction.atomic
def invite(meeting: Meeting, *, actor: Actor, expected: int, key: str = "") -> int:
    """Invites everybody with a place in the body today and the guests; a second time only who is
    new. Returns how many.

    Raises NotAllowed, Conflict, Refused for a meeting that has begun or is past, was called off or
    does not say how rights are exercised, and where there is nobody to invite.
    """
    require("bodies.meeting.run", actor, meeting)
    if meeting.state not in (State.PLANNED, State.INVITED):
        raise Refused(_("Diese Sitzung hat schon begonnen oder ist abgesagt."))
    if meeting.starts_at <= clock.now():
        raise Refused(_("Der Beginn liegt in der Vergangenheit. Bitte prüfen Sie den Termin."))
    check_form(meeting.mode, meeting.rights_statement)
    claim = once.claim(key or once.new_key(), scope=f"bodies.invite:{meeting.uuid}")
    if claim.repeated:
        return int(claim.answer)
    now = clock.now()
    update_versioned(meeting, expected=expected, state=State.INVITED,
                     invited_at=meeting.invited_at or now)  # fmt: skip
    held = set(meeting.attendances.exclude(person=None).values_list("person_id", flat=True))
    for seated in addressees.seated_of(meeting):
        if seated.person.pk not in held:
            _attend(meeting, seated)
    fresh = list(meeting.attendances.filter(invited_at=None).select_related("stands_for"))
    if not fresh and not held:
        raise Refused(_("Es gibt niemanden einzuladen. Besetzen Sie zuerst die Mandate."))
    send_invitations(meeting, fresh)
    actionlog.record(
        "bodies.meeting.invited", meeting, actor=actor, subject=meeting.body.uuid,
        after={"invited": len(fresh)},
    )  # fmt: skip
    touch(meeting.pk)
    claim.remember(len(fresh))
    return len(fresh)


def _attend(meeting: Meeting, seated: Seated) -> None:
    Attendance.objects.create(
        meeting=meeting, person=seated.person, name=text.shorten(seated.person.name, 200),
        part=seated.part, organisation=seated.organisation, mandate_id=seated.mandate,
    )  # fmt: skip


def send_invitations(meeting: Meeting, rows: list[Attendance], *, what: str = "einladung") -> None:
    """Writes the invitation to these people, each with their own link."""
    reach = addressees.reach_all(rows)
    letter = letter_of(meeting, reach.values())
    now = clock.now()
    for row in rows:
        row.invited_at = row.invited_at or now
        row.token_hash = keys.digest_of(_token(row))
        Attendance.objects.filter(pk=row.pk).update(
            invited_at=row.invited_at, token_hash=row.token_hash
        )
        if reach[row.pk].address:
            mails.send_invitation(letter, row, reach[row.pk], what=what)


def letter_of(
    meeting: Meeting, reach: Iterable[Reach] = (), *, note: str = "", papers: bool = True
) -> mails.Letter:
    """What the mails of one act have in common; the agenda is drawn once for each language. Two
    queries, and those of the paper."""
    points = flat(agenda_of(meeting))
    agenda = [" ".join(filter(None, (point.number and f"{point.number}.", point.item.title)))
              for point in points]  # fmt: skip
    found = papers_of(meeting)
    files = {lang: [_agenda_file(meeting, lang)] for lang in {one.lang for one in reach}} if (
        papers and points) else {}  # fmt: skip
    return mails.Letter(
        meeting, agenda, papers=count_words(found) if found else "", note=note, files=files
    )


def _agenda_file(meeting: Meeting, lang: str) -> File:
    from lotse.rooms.bodies.exports.agenda import agenda_pdf  # draws papers: only when one is sent

    with override(lang):
        name = _("tagesordnung.pdf")
    return File(name, "application/pdf", agenda_pdf(meeting, lang=lang))


@transaction.atomic
def add_guest(
    meeting: Meeting, *, actor: Actor, name: str, email: str, organisation: str = "", key: str = ""
) -> Attendance:
    """Adds a guest; after the invitation it goes out at once.

    Raises NotAllowed, Refused for an address that is invited, without a name, and after the
    beginning.
    """
    require("bodies.meeting.run", actor, meeting)
    if meeting.state not in (State.PLANNED, State.INVITED):
        raise Refused(_("Diese Sitzung hat schon begonnen oder ist abgesagt."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.guest:{meeting.uuid}")
    if claim.repeated:
        return Attendance.objects.get(uuid=claim.answer)
    name, email = text.clean_line(name), text.clean_line(email)
    if not name:
        raise Refused(_("Bitte nennen Sie den Namen des Gastes."))
    if email and meeting.attendances.filter(email__iexact=email).exists():
        raise Refused(_("Diese Adresse ist schon eingeladen."))
    if meeting.attendances.count() >= MOST:
        raise Refused(_("Mehr als %(most)s Eingeladene sind nicht vorgesehen.") % {"most": MOST})
    guest = Attendance.objects.create(
        meeting=meeting, name=text.shorten(name, 200), email=email, part=Part.GUEST,
        organisation=text.shorten(text.clean_line(organisation), 200),
    )  # fmt: skip
    if meeting.state == State.INVITED:
        raise_sequence(meeting)
        send_invitations(meeting, [guest])
    log("bodies.guest.added", guest, actor, after={"part": guest.part})
    claim.remember(str(guest.uuid))
    return guest


@transaction.atomic
def remove_guest(guest: Attendance, *, actor: Actor, expected: int) -> None:
    """Takes a guest off the list again; one who was invited is told. Raises NotAllowed, Conflict,
    Refused for members and after the beginning."""
    meeting = guest.meeting
    require("bodies.meeting.run", actor, meeting)
    if guest.part != Part.GUEST or guest.mandate_id is not None:
        raise Refused(_("Entfernen lassen sich hier nur Gäste dieser Sitzung."))
    if meeting.state not in (State.PLANNED, State.INVITED):
        raise Refused(_("Diese Sitzung hat schon begonnen oder ist abgesagt."))
    update_versioned(guest, expected=expected)
    log("bodies.guest.removed", guest, actor, before={"part": guest.part})
    release(guest)


@transaction.atomic
def invite_again(row: Attendance, *, actor: Actor, email: str = "", key: str = "") -> None:
    """Sends the invitation to one person once more, a guest's to another address if one is given.

    Raises NotAllowed, Refused where there is no address or nothing to invite to.
    """
    meeting = row.meeting
    require("bodies.meeting.run", actor, meeting)
    if meeting.state != State.INVITED or row.invited_at is None:
        raise Refused(_("Zu dieser Sitzung ist nicht eingeladen."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.again:{row.uuid}")
    if claim.repeated:
        return
    email = text.clean_line(email)
    if email and row.person_id is None:
        update_versioned(row, expected=row.version, email=email)
    if not addressees.reach_all([row])[row.pk].address:
        raise Refused(_("Für diese Person ist keine Adresse bekannt."))
    send_invitations(meeting, [row], what=f"erneut-{once.new_key()}")
    log("bodies.attendance.again", row, actor)
    claim.remember(True)


def send_update(meeting: Meeting, *, note: str = "", moved: bool = False) -> int:
    """Tells everybody who is invited of what holds now; call inside the transaction of the change,
    after the sequence was raised."""
    invited = meeting.attendances.exclude(invited_at=None).select_related("stands_for")
    rows = addressees.still_in(meeting, invited)
    reach = addressees.reach_all(rows)
    letter = letter_of(meeting, reach.values(), note=note)
    what = f"stand-{meeting.sequence}"
    told = [row for row in rows if reach[row.pk].address]
    for row in told:
        mails.send_change(letter, row, reach[row.pk], what=what, moved=moved)
    return len(told)


@transaction.atomic
def tell(meeting: Meeting, *, actor: Actor, expected: int, note: str, key: str = "") -> int:
    """Sends the agenda as it is now to everybody who is invited; returns how many mails.

    Raises NotAllowed, Conflict, Refused before the invitation and after the beginning.
    """
    require("bodies.meeting.run", actor, meeting)
    if meeting.state != State.INVITED:
        raise Refused(_("Zu dieser Sitzung ist nicht eingeladen."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.tell:{meeting.uuid}")
    if claim.repeated:
        return int(claim.answer)
    update_versioned(meeting, expected=expected, sequence=meeting.sequence + 1)
    count = send_update(meeting, note=text.shorten(text.clean(note), 2000))
    actionlog.record(
        "bodies.meeting.told", meeting, actor=actor, subject=meeting.body.uuid,
        after={"mails": count},
    )  # fmt: skip
    claim.remember(count)
    return count


def send_cancellation(meeting: Meeting) -> None:
    """Tells everybody who is invited that the meeting does not take place."""
    rows = list(meeting.attendances.exclude(invited_at=None))
    reach = addressees.reach_all(rows)
    letter = mails.Letter(meeting)
    for row in rows:
        if reach[row.pk].address:
            mails.send_cancellation(letter, row, reach[row.pk], what=f"absage-{meeting.sequence}")


def release(row: Attendance) -> None:
    """Takes somebody off the list, out of their calendar, and tells them."""
    meeting = row.meeting
    reach = addressees.reach_all([row])[row.pk]
    if row.invited_at and reach.address:
        raise_sequence(meeting)
        mails.send_release(mails.Letter(meeting), row, reach)
    row.delete()


def raise_sequence(meeting: Meeting) -> None:
    """What one calendar is told must be newer than all before; the version stays, so that nobody's
    form goes stale by it."""
    Meeting.objects.filter(pk=meeting.pk).update(sequence=F("sequence") + 1)
    meeting.refresh_from_db(fields=["sequence"])


def _token(row: Attendance) -> str:
    return keys.token_of(_PURPOSE, row.uuid.bytes)


def address_of(ref: str) -> str | None:
    """The address in the mail of an attendance, by its uuid; None once it is gone or was made with
    a secret key that is gone. One query."""
    found = (
        Attendance.objects.select_related("meeting__body__network")
        .filter(uuid=ref).exclude(token_hash="").first()
    )  # fmt: skip
    if found is None:
        return None
    token = keys.token_with(found.token_hash, _PURPOSE, UUID(ref).bytes)
    if not token:
        return None
    network = found.meeting.body.network
    return mails.base_url(network) + reverse("bodies:reply-open", args=[token])


def find(token: str) -> Attendance | None:
    """Who is invited by this link. One query."""
    return Attendance.objects.filter(token_hash=keys.digest_of(token)).first()


def log(code: str, row: Attendance, actor: Actor, **values: Any) -> None:
    """One line of the action log about somebody who is invited."""
    subject = row.person.uuid if row.person is not None else row.meeting.body.uuid
    actionlog.record(code, row, actor=actor, subject=subject, **values)
    touch(row.meeting_id)
