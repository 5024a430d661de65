"""Inviting to a meeting, telling of changes (S1-02, S2-01).

The agenda is drawn before the transaction of an act and the mails of all who are invited are
written at once, so that with 400 of them others wait a second for the lock.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core import actionlog, clock, mail, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.rooms.bodies import mails_inviting as mails
from lotse.rooms.bodies.models import Attendance, Meeting
from lotse.rooms.bodies.queries import addressees
from lotse.rooms.bodies.queries.addressees import Reach, Seated
from lotse.rooms.bodies.queries.agenda import agenda_of, flat
from lotse.rooms.bodies.queries.meetings import count_words, papers_of
from lotse.rooms.bodies.services import reply_links
from lotse.rooms.bodies.services.agenda_paper import Paper, draw_ahead, files_of
from lotse.rooms.bodies.services.live import touch
from lotse.rooms.bodies.services.locking import hold

Part, Reply, State = Attendance.Part, Attendance.Reply, Meeting.State
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


def take_up(meeting: Meeting) -> None:
    """Locks the meeting until the transaction ends and takes over what it says now: mails are made
    of it. For acts that do not ask for a version of the meeting. Two queries."""
    hold(meeting)
    own = [one.name for one in Meeting._meta.concrete_fields if not one.is_relation]
    meeting.refresh_from_db(fields=own)


def invite(meeting: Meeting, *, actor: Actor, expected: int, key: str = "") -> int:
    """Invites everybody with a place in the body today and the guests; a second time only who is
    new. Returns how many. In two languages twelve queries before the transaction and 28 in it; on
    SQLite one more for each 66 people, each 40 mails and each 249 links.

    Raises NotAllowed, Conflict, Refused for a meeting that has begun or is past, was called off or
    does not say how rights are exercised, and where there is nobody to invite.
    """
    _require_inviting(meeting, actor)
    key, paper = key or once.new_key(), None
    if expected == meeting.version and not once.is_finished(key, scope=_invites(meeting)):
        rows = list(meeting.attendances.filter(invited_at=None))
        people = [one.person.pk for one in addressees.seated_of(meeting)]
        to = [*addressees.reach_of(people).values(), *addressees.reach_all(rows).values()]
        paper = draw_ahead(meeting, langs_of(to), state=State.INVITED)
    return _invite(meeting, paper, actor=actor, expected=expected, key=key)


def _require_inviting(meeting: Meeting, actor: Actor) -> None:
    require("bodies.meeting.run", actor, meeting)
    if meeting.state not in (State.PLANNED, State.INVITED):
        raise Refused(_("Diese Sitzung hat schon begonnen oder ist abgesagt."))
    if meeting.starts_at <= clock.now():
        raise Refused(_("Der Beginn liegt in der Vergangenheit. Bitte prüfen Sie den Termin."))
    check_form(meeting.mode, meeting.rights_statement)


def _invites(meeting: Meeting) -> str:
    return f"bodies.invite:{meeting.uuid}"


@transaction.atomic
def _invite(meeting: Meeting, paper: Paper | None, *, actor: Actor, expected: int, key: str) -> int:
    hold(meeting)
    _require_inviting(meeting, actor)
    claim = once.claim(key, scope=_invites(meeting))
    if claim.repeated:
        return int(claim.answer)
    was_invited = meeting.invited_at is not None
    update_versioned(meeting, expected=expected, state=State.INVITED,
                     invited_at=meeting.invited_at or clock.now())  # fmt: skip
    held = set(meeting.attendances.exclude(person=None).values_list("person_id", flat=True))
    seated = [one for one in addressees.seated_of(meeting) if one.person.pk not in held]
    # Whoever else puts somebody on the list this moment, they stay there once.
    Attendance.objects.bulk_create([_attending(meeting, one) for one in seated],
                                   ignore_conflicts=True)  # fmt: skip
    fresh = list(meeting.attendances.filter(invited_at=None).select_related("stands_for"))
    if not fresh and not held:
        raise Refused(_("Es gibt niemanden einzuladen. Besetzen Sie zuerst die Mandate."))
    if was_invited and fresh:
        raise_sequence(meeting)  # somebody may have been taken off the list and come back
    send_invitations(meeting, fresh, paper=paper)
    actionlog.record(
        "bodies.meeting.invited", meeting, actor=actor, subject=meeting.body.uuid,
        after={"invited": len(fresh)},
    )  # fmt: skip
    touch(meeting.pk)
    claim.remember(len(fresh))
    return len(fresh)


def _attending(meeting: Meeting, seated: Seated) -> Attendance:
    return Attendance(
        meeting=meeting, person=seated.person, name=text.shorten(seated.person.name, 200),
        part=seated.part, organisation=seated.organisation, mandate_id=seated.mandate,
    )  # fmt: skip


def langs_of(reach: Iterable[Reach]) -> set[str]:
    """The languages of those who can be written to."""
    return {one.lang for one in reach if one.address}


def send_invitations(
    meeting: Meeting, rows: list[Attendance], *, what: str = "einladung",
    paper: Paper | None = None,
) -> None:  # fmt: skip
    """Writes the invitation to these people, each with their own link; call with the meeting
    locked. In two languages up to 18 queries, and on SQLite more as for `invite`."""
    reach = addressees.reach_all(rows)
    letter = letter_of(meeting, reach.values(), paper=paper)
    now = clock.now()
    for row in rows:
        row.invited_at = row.invited_at or now
        row.token_hash = reply_links.digest_of(row)
    Attendance.objects.bulk_update(rows, ["invited_at", "token_hash"])
    mail.send_all(mails.invitation(letter, row, reach[row.pk], what=what)
                  for row in rows if reach[row.pk].address)  # fmt: skip


def letter_of(
    meeting: Meeting, reach: Iterable[Reach] = (), *, note: str = "", papers: bool = True,
    paper: Paper | None = None,
) -> mails.Letter:  # fmt: skip
    """What the mails of one act have in common, with the agenda once for each language. Two
    queries, and those of the paper."""
    points = flat(agenda_of(meeting))
    agenda = [" ".join(filter(None, (point.number and f"{point.number}.", point.item.title)))
              for point in points]  # fmt: skip
    found = papers_of(meeting)
    files = files_of(meeting, langs_of(reach), paper) if papers and points else {}
    return mails.Letter(
        meeting, agenda, papers=count_words(found) if found else "", note=note, files=files
    )


def add_guest(
    meeting: Meeting, *, actor: Actor, name: str, email: str, organisation: str = "", key: str = ""
) -> Attendance:
    """Adds a guest; after the invitation it goes out at once.

    Raises NotAllowed, Refused for an address that is invited, without a name, and after the
    beginning.
    """
    require("bodies.meeting.run", actor, meeting)
    paper = (
        draw_ahead(meeting, langs_of([Reach(email)])) if meeting.state == State.INVITED else None
    )
    return _add_guest(meeting, paper, text.clean_line(name), text.clean_line(email), actor=actor,
                      organisation=text.clean_line(organisation), key=key)  # fmt: skip


@transaction.atomic
def _add_guest(
    meeting: Meeting, paper: Paper | None, name: str, email: str, *, actor: Actor,
    organisation: str, key: str,
) -> Attendance:  # fmt: skip
    take_up(meeting)
    if meeting.state not in (State.PLANNED, State.INVITED):
        raise Refused(_("Diese Sitzung hat schon begonnen oder ist abgesagt."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.guest:{meeting.uuid}")
    if claim.repeated:
        return Attendance.objects.get(uuid=claim.answer)
    if not name:
        raise Refused(_("Bitte nennen Sie den Namen des Gastes."))
    if email and meeting.attendances.filter(email__iexact=email).exists():
        raise Refused(_("Diese Adresse ist schon eingeladen."))
    if meeting.attendances.count() >= MOST:
        raise Refused(_("Mehr als %(most)s Eingeladene sind nicht vorgesehen.") % {"most": MOST})
    guest = Attendance.objects.create(
        meeting=meeting, name=text.shorten(name, 200), email=email, part=Part.GUEST,
        organisation=text.shorten(organisation, 200),
    )  # fmt: skip
    if meeting.state == State.INVITED:
        raise_sequence(meeting)
        send_invitations(meeting, [guest], paper=paper)
    log("bodies.guest.added", guest, actor, after={"part": guest.part})
    claim.remember(str(guest.uuid))
    return guest


@transaction.atomic
def remove_guest(guest: Attendance, *, actor: Actor, expected: int) -> None:
    """Takes a guest off the list again; one who was invited is told. Raises NotAllowed, Conflict,
    Refused for members and after the beginning."""
    meeting = guest.meeting
    require("bodies.meeting.run", actor, meeting)
    take_up(meeting)
    if guest.part != Part.GUEST or guest.mandate_id is not None:
        raise Refused(_("Entfernen lassen sich hier nur Gäste dieser Sitzung."))
    if meeting.state not in (State.PLANNED, State.INVITED):
        raise Refused(_("Diese Sitzung hat schon begonnen oder ist abgesagt."))
    update_versioned(guest, expected=expected)
    log("bodies.guest.removed", guest, actor, before={"part": guest.part})
    release(guest)


def invite_again(row: Attendance, *, actor: Actor, email: str = "", key: str = "") -> None:
    """Sends the invitation to one person once more, a guest's to another address if one is given.

    Raises NotAllowed, Refused where there is no address or nothing to invite to.
    """
    require("bodies.meeting.run", actor, row.meeting)
    paper = None
    if row.meeting.state == State.INVITED:
        paper = draw_ahead(row.meeting, langs_of(addressees.reach_all([row]).values()))
    _invite_again(row, paper, actor=actor, email=text.clean_line(email), key=key)


@transaction.atomic
def _invite_again(
    row: Attendance, paper: Paper | None, *, actor: Actor, email: str, key: str
) -> None:
    meeting = row.meeting
    take_up(meeting)
    if meeting.state != State.INVITED or row.invited_at is None:
        raise Refused(_("Zu dieser Sitzung ist nicht eingeladen."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.again:{row.uuid}")
    if claim.repeated:
        return
    if email and row.person_id is None:
        update_versioned(row, expected=row.version, email=email)
    if not addressees.reach_all([row])[row.pk].address:
        raise Refused(_("Für diese Person ist keine Adresse bekannt."))
    send_invitations(meeting, [row], what=f"erneut-{once.new_key()}", paper=paper)
    log("bodies.attendance.again", row, actor)
    claim.remember(True)


def draw_for_invited(meeting: Meeting, **changes: Any) -> Paper:
    """The agenda for everybody who is invited, as it will be with the changes; before the
    transaction of the change. Eight queries for one language, three for each other."""
    return draw_ahead(meeting, langs_of(_told(meeting)[1].values()), **changes)


def _told(meeting: Meeting) -> tuple[list[Attendance], dict[int, Reach]]:
    """Who is invited and still comes, and where they are written to. Four queries."""
    invited = meeting.attendances.exclude(invited_at=None).select_related("stands_for")
    rows = addressees.still_in(meeting, invited)
    return rows, addressees.reach_all(rows)


def send_update(
    meeting: Meeting, *, note: str = "", moved: bool = False, paper: Paper | None = None
) -> int:
    """Tells everybody who is invited of what holds now; call inside the transaction of the change,
    after the sequence was raised. In two languages up to 18 queries, and on SQLite one more for
    each 40 mails."""
    rows, reach = _told(meeting)
    letter = letter_of(meeting, reach.values(), note=note, paper=paper)
    what = f"stand-{meeting.sequence}"
    told = [row for row in rows if reach[row.pk].address]
    mail.send_all(mails.change(letter, row, reach[row.pk], what=what, moved=moved) for row in told)
    return len(told)


def tell(meeting: Meeting, *, actor: Actor, expected: int, note: str, key: str = "") -> int:
    """Sends the agenda as it is now to everybody who is invited; returns how many mails.

    Raises NotAllowed, Conflict, Refused before the invitation and after the beginning.
    """
    _require_telling(meeting, actor)
    key, paper = key or once.new_key(), None
    if expected == meeting.version and not once.is_finished(key, scope=_tells(meeting)):
        paper = draw_for_invited(meeting)
    return _tell(meeting, paper, actor=actor, expected=expected, note=note, key=key)


def _require_telling(meeting: Meeting, actor: Actor) -> None:
    require("bodies.meeting.run", actor, meeting)
    if meeting.state != State.INVITED:
        raise Refused(_("Zu dieser Sitzung ist nicht eingeladen."))


def _tells(meeting: Meeting) -> str:
    return f"bodies.tell:{meeting.uuid}"


@transaction.atomic
def _tell(
    meeting: Meeting, paper: Paper | None, *, actor: Actor, expected: int, note: str, key: str
) -> int:
    hold(meeting)
    _require_telling(meeting, actor)
    claim = once.claim(key, scope=_tells(meeting))
    if claim.repeated:
        return int(claim.answer)
    update_versioned(meeting, expected=expected)
    raise_sequence(meeting)
    count = send_update(meeting, note=text.shorten(text.clean(note), 2000), paper=paper)
    actionlog.record(
        "bodies.meeting.told", meeting, actor=actor, subject=meeting.body.uuid,
        after={"mails": count},
    )  # fmt: skip
    claim.remember(count)
    return count


def send_cancellation(meeting: Meeting) -> None:
    """Tells everybody who is invited that the meeting does not take place. In two languages eight
    queries, and on SQLite one more for each 40 mails."""
    rows = list(meeting.attendances.exclude(invited_at=None))
    reach = addressees.reach_all(rows)
    letter, what = mails.Letter(meeting), f"absage-{meeting.sequence}"
    mail.send_all(mails.cancellation(letter, row, reach[row.pk], what=what)
                  for row in rows if reach[row.pk].address)  # fmt: skip


def release(row: Attendance) -> None:
    """Takes somebody off the list, out of their calendar, and tells them."""
    meeting = row.meeting
    reach = addressees.reach_all([row])[row.pk]
    if row.invited_at and reach.address:
        raise_sequence(meeting)
        mail.send_all([mails.release(mails.Letter(meeting), row, reach)])
    row.delete()


def raise_sequence(meeting: Meeting) -> None:
    """What one calendar is told must be newer than all before, so the database counts: what was
    read of it may be old. The version stays, so that nobody's form goes stale by it. Two
    queries."""
    Meeting.objects.filter(pk=meeting.pk).update(sequence=F("sequence") + 1)
    meeting.refresh_from_db(fields=["sequence"])


def log(code: str, row: Attendance, actor: Actor, **values: Any) -> None:
    """One line of the action log about somebody who is invited."""
    subject = row.person.uuid if row.person is not None else row.meeting.body.uuid
    actionlog.record(code, row, actor=actor, subject=subject, **values)
    touch(row.meeting_id)
