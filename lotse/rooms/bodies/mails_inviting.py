"""Mail around a meeting: invitation, changes, cancellation, reminder (S2-01). All are duties of a
role (rulings 12), with the entry for the calendar; the personal link is worked out at sending."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import clock, hooks, ical, mail
from lotse.foundation.core.mail.files import File
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.links import base_url
from lotse.foundation.parties.models import Body, Network
from lotse.rooms.bodies.models import Attendance, Meeting
from lotse.rooms.bodies.queries import addressees
from lotse.rooms.bodies.queries.addressees import Reach
from lotse.rooms.bodies.queries.meetings import is_asked, number_words, when_words, where_words

DUTY = OutboxMail.Class.DUTY
INVITED = hooks.MailKind(
    "bodies.meeting.invitation", gettext_lazy("Einladung zu einer Sitzung"), mail_class="duty"
)
CHANGED = hooks.MailKind(
    "bodies.meeting.changed", gettext_lazy("Änderung einer Sitzung"), mail_class="duty"
)
CANCELLED = hooks.MailKind(
    "bodies.meeting.cancelled", gettext_lazy("Absage einer Sitzung"), mail_class="duty"
)
REMINDED = hooks.MailKind(
    "bodies.meeting.reminder", gettext_lazy("Erinnerung an eine Einladung"), mail_class="duty"
)
KINDS = (INVITED, CHANGED, CANCELLED, REMINDED)
REPLY_SECRET = "bodies.reply"  # noqa: S105  the name of a hook


@dataclass(frozen=True)
class Letter:
    """What all mails of one act have in common."""

    meeting: Meeting
    agenda: Sequence[str] = ()
    papers: str = ""
    note: str = ""
    files: Mapping[str, Sequence[File]] = field(default_factory=dict)
    # The entry for calendars in each language, and the one that takes it out of a single calendar.
    entries: dict[tuple[str, bool], ical.Invitation] = field(default_factory=dict)


def host_of_calendars() -> str:
    """What stands behind the @ of a UID: the same for a meeting wherever its entry is read."""
    return urlsplit(str(settings.BASE_URL)).hostname or "lotse"


def entry_of(meeting: Meeting) -> ical.MeetingEvent:
    """The meeting as calendars keep it; without the link to take part, which the mail has."""
    url = base_url(meeting.body.network) + reverse("bodies:meeting", args=[meeting.uuid])
    named = ", ".join(filter(None, (number_words(meeting), meeting.title)))
    return ical.MeetingEvent(
        uid=meeting.uuid, starts_at=meeting.starts_at, ends_at=meeting.ends_at,
        title=f"{meeting.body.name}: {named}", place=where_words(meeting), url=url,
        sequence=meeting.sequence, cancelled=meeting.state == Meeting.State.CANCELLED,
    )  # fmt: skip


def _calendar_file(letter: Letter, to: Reach, *, said: str = "", gone: bool = False) -> File:
    """The entry for one person; `gone` takes it out of their calendar alone. Call inside
    `override` of their language."""
    key = (to.lang, gone)
    if key not in letter.entries:
        letter.entries[key] = _invitation(letter.meeting, gone=gone)
    entry = letter.entries[key]
    content = entry.to(ical.Address(to.address, to.name), answer=said)
    return File("sitzung.ics", f"text/calendar; method={entry.method}", content)


def _invitation(meeting: Meeting, *, gone: bool) -> ical.Invitation:
    entry = entry_of(meeting)
    if gone:
        entry = replace(entry, cancelled=True)
    network = meeting.body.network
    sender = network.contact_email or parseaddr(str(settings.DEFAULT_FROM_EMAIL))[1]
    return ical.Invitation(
        entry, host=host_of_calendars(), organizer=ical.Address(sender, network.name)
    )


def _post(
    kind: hooks.MailKind, letter: Letter, row: Attendance, to: Reach, *, subject: str,
    body: Sequence[mail.Block], what: str, files: Sequence[File],
) -> mail.Post:  # fmt: skip
    meeting = letter.meeting
    network = meeting.body.network
    return mail.Post(
        code=kind.code, mail_class=DUTY, address=to.address, lang=to.lang, network=network,
        base_url=base_url(network), subject=subject, body=body, reason=_why(meeting, row),
        reply_to=network.contact_email, person_uuid=to.person_uuid, files=files,
        once=addressees.mail_name(meeting, row, what) if row.pk else "",
    )  # fmt: skip


def _why(meeting: Meeting, row: Attendance) -> str:
    if row.part == Attendance.Part.GUEST:
        return _("Sie erhalten diese Mail, weil Sie als Gast eingeladen sind.")
    return _("Sie erhalten diese Mail, weil Sie zu diesem Gremium gehören: %(name)s") % {
        "name": meeting.body.name
    }


def _facts(letter: Letter) -> Iterator[mail.Block]:
    """When, where, how; and how rights are exercised (§ 32 (2) BGB)."""
    meeting = letter.meeting
    yield _("Wann: %(when)s") % {"when": when_words(meeting)}
    if where := where_words(meeting):
        yield _("Wo: %(where)s") % {"where": where}
    if meeting.mode != Meeting.Mode.ON_SITE:
        if meeting.link.startswith(("https://", "http://")) and " " not in meeting.link:
            yield mail.Link(_("Online teilnehmen"), meeting.link)
        elif meeting.link:
            yield _("Online teilnehmen: %(link)s") % {"link": meeting.link}
        if meeting.rights_statement:
            yield mail.Heading(_("So üben Sie Ihre Rechte elektronisch aus"))
            yield meeting.rights_statement


def _name(meeting: Meeting) -> str:
    return ", ".join(filter(None, (meeting.body.name, number_words(meeting), meeting.title)))


def _greeting(to: Reach) -> str:
    return _("Guten Tag %(name)s,") % {"name": to.name} if to.name else _("Guten Tag,")


def _reply(row: Attendance) -> str:
    return mail.secret(REPLY_SECRET, str(row.uuid))


def _agenda(letter: Letter) -> Iterator[mail.Block]:
    if letter.agenda:
        yield mail.Heading(_("Tagesordnung"))
        yield "\n".join(letter.agenda)
    if letter.papers:
        yield letter.papers


def _ask(row: Attendance) -> Iterator[mail.Block]:
    if is_asked(row):
        yield mail.Link(_("Zusagen, absagen oder Vertretung nennen"), _reply(row))
        yield _("Der Link gilt nur für Sie. Ihre Antwort können Sie bis zur Sitzung ändern.")
    else:
        yield _("Sie erhalten die Einladung zur Kenntnis, weil Sie ein Mandat vertreten. Eine "
                "Antwort ist nicht nötig.")  # fmt: skip
        yield mail.Link(_("Sitzung ansehen"), _reply(row))


def _stands_in(row: Attendance) -> Iterator[mail.Block]:
    if row.stands_for is not None:
        yield _("Sie vertreten %(name)s.") % {"name": row.stands_for.name}


def invitation(letter: Letter, row: Attendance, to: Reach, *, what: str = "einladung") -> mail.Post:
    """Invites one person, with agenda and calendar entry; deputies are told."""
    meeting = letter.meeting
    with override(to.lang):
        subject = _("Einladung: %(name)s am %(when)s") % {
            "name": _name(meeting), "when": when_words(meeting)
        }  # fmt: skip
        body: list[mail.Block] = [_greeting(to)]
        body += _stands_in(row)
        body.append(meeting.intro or _("wir laden Sie herzlich zu dieser Sitzung ein."))
        body += [*_facts(letter), *_ask(row), *_agenda(letter)]
        files = [_calendar_file(letter, to), *letter.files.get(to.lang, ())]
        return _post(INVITED, letter, row, to, subject=subject, body=body, what=what, files=files)


def change(letter: Letter, row: Attendance, to: Reach, *, what: str, moved: bool) -> mail.Post:
    """Tells one person of another date, place or form; their calendar follows."""
    meeting = letter.meeting
    with override(to.lang):
        subject = _("Neuer Termin: %(name)s") if moved else _("Geändert: %(name)s")
        body: list[mail.Block] = [_greeting(to)]
        body.append(
            _("für diese Sitzung gilt ein neuer Termin. Bitte antworten Sie noch einmal.")
            if moved and is_asked(row)
            else _("zu dieser Sitzung hat sich etwas geändert. Jetzt gilt:")
        )
        if letter.note:
            body.append(letter.note)
        body += [*_facts(letter), *_ask(row), *_agenda(letter)]
        files = [_calendar_file(letter, to, said=_said(row)), *letter.files.get(to.lang, ())]
        subject %= {"name": _name(meeting)}
        return _post(CHANGED, letter, row, to, subject=subject, body=body, what=what, files=files)


def _said(row: Attendance) -> str:
    said = {Attendance.Reply.YES: "accepted", Attendance.Reply.NO: "declined",
            Attendance.Reply.DEPUTY: "declined"}  # fmt: skip
    return said.get(Attendance.Reply(row.reply), "")


def cancellation(letter: Letter, row: Attendance, to: Reach, *, what: str) -> mail.Post:
    """Tells one person that the meeting does not take place."""
    meeting = letter.meeting
    with override(to.lang):
        return _post(
            CANCELLED, letter, row, to, what=what, files=[_calendar_file(letter, to)],
            subject=_("Abgesagt: %(name)s") % {"name": _name(meeting)},
            body=[
                _greeting(to),
                _("diese Sitzung findet nicht statt: %(when)s") % {"when": when_words(meeting)},
                _("Grund: %(reason)s") % {"reason": meeting.cancel_reason},
                _("Der Eintrag in Ihrem Kalender wird mit dieser Mail abgesagt."),
            ],
        )  # fmt: skip


def release(letter: Letter, row: Attendance, to: Reach, *, what: str = "entfaellt") -> mail.Post:
    """Tells somebody who was to stand in, or is invited no longer, that they need not come."""
    meeting = letter.meeting
    with override(to.lang):
        return _post(
            CANCELLED, letter, row, to, what=what,
            files=[_calendar_file(letter, to, gone=True)],
            subject=_("Sie werden nicht mehr erwartet: %(name)s") % {"name": _name(meeting)},
            body=[
                _greeting(to),
                _("Ihre Teilnahme an dieser Sitzung ist nicht mehr nötig: %(when)s")
                % {"when": when_words(meeting)},
                _("Die Sitzung selbst findet statt. Sie brauchen nichts zu tun."),
            ],
        )  # fmt: skip


def reminder(letter: Letter, row: Attendance, to: Reach, *, what: str) -> mail.Post:
    """Asks once more whoever has not answered."""
    meeting = letter.meeting
    with override(to.lang):
        return _post(
            REMINDED, letter, row, to, what=what, files=(),
            subject=_("Erinnerung: %(name)s am %(when)s")
            % {"name": _name(meeting), "when": when_words(meeting)},
            body=[
                _greeting(to),
                _("zu dieser Sitzung fehlt noch Ihre Antwort. Sie hilft bei der Planung."),
                *_facts(letter), *_ask(row),
            ],
        )  # fmt: skip


def _sample(network: Network, lang: str) -> tuple[Letter, Attendance, Reach]:
    begin = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=21)
    with override(lang):
        body = Body(network=network, name=_("Rat der Beispielregion"))
        meeting = Meeting(
            body=body, title=_("Frühjahrssitzung"), number=1, starts_at=begin,
            ends_at=begin + timedelta(hours=3), place=_("Haus der Wirtschaft"),
            cancel_reason=_("Der Saal ist gesperrt."),
        )  # fmt: skip
        agenda = [_("1. Begrüßung"), _("2. Bericht aus den Regionen")]
    row = Attendance(meeting=meeting, name="Kim Muster", invited_at=clock.now())
    to = Reach("kim.muster@verein.example", lang, "Kim Muster", UUID(int=0))
    return Letter(meeting, agenda), row, to


def _sample_invited(network: Network, lang: str) -> None:
    mail.send_all([invitation(*_sample(network, lang))])


def _sample_changed(network: Network, lang: str) -> None:
    mail.send_all([change(*_sample(network, lang), what="", moved=False)])


def _sample_cancelled(network: Network, lang: str) -> None:
    mail.send_all([cancellation(*_sample(network, lang), what="")])


def _sample_reminded(network: Network, lang: str) -> None:
    mail.send_all([reminder(*_sample(network, lang), what="")])


SAMPLES = (
    hooks.MailSample(INVITED.code, _sample_invited),
    hooks.MailSample(CHANGED.code, _sample_changed),
    hooks.MailSample(CANCELLED.code, _sample_cancelled),
    hooks.MailSample(REMINDED.code, _sample_reminded),
)
