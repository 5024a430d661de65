"""Mail with a one-time link: an announcement, its end, and the yearly question.

All are duties of a role (rulings 12): they reach who speaks for an organisation, or the person a
Steckbrief is about. The link is worked out at sending, so the outbox never holds it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from lotse.foundation.core import clock, hooks, mail
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.links import base_url
from lotse.foundation.parties.models import Network, Organisation
from lotse.rooms.directory.content.deadlines import deadline_words, end_of
from lotse.rooms.directory.models import Announcement, Channel, Entry, Letter, Revision
from lotse.rooms.directory.services import letters
from lotse.rooms.directory.services.letters import Recipient

ANNOUNCED = hooks.MailKind(
    "directory.announcement", gettext_lazy("Angekündigte Veröffentlichung"), mail_class="duty"
)
REMINDED = hooks.MailKind(
    "directory.announcement.reminder",
    gettext_lazy("Erinnerung an eine Ankündigung"),
    mail_class="duty",
)
WITHDRAWN = hooks.MailKind(
    "directory.announcement.withdrawn",
    gettext_lazy("Ankündigung zurückgezogen"),
    mail_class="duty",
)
ANSWERED = hooks.MailKind(
    "directory.announcement.answered", gettext_lazy("Antwort auf eine Ankündigung")
)
CONFIRMATION = hooks.MailKind(
    "directory.confirmation", gettext_lazy("Jährliche Frage: Stimmt noch alles?"), mail_class="duty"
)
KINDS = (ANNOUNCED, REMINDED, WITHDRAWN, ANSWERED, CONFIRMATION)
SECRET = hooks.MailSecret(letters.MAIL_SECRET, letters.address_of)
FIRST, HALF_TIME, LAST_DAYS = "first", "half", "last"


def name_of(entry: Entry) -> str:
    """What an entry is called in a mail or on a card: by its latest content; a person's own
    Steckbrief is called so. The entry comes with latest and organisation."""
    if entry.kind == Entry.Kind.PERSON:
        return _("Ihr persönlicher Steckbrief")
    content = entry.latest.content if entry.latest else {}
    named = str(content.get("name", ""))
    return named or (entry.organisation.name if entry.organisation else "")


def channels_words(channels: Sequence[str]) -> str:
    """`öffentlich im Netz, im Netzwerk`."""
    return ", ".join(str(Channel(channel).label) for channel in channels)


def send_announcement(
    announcement: Announcement, letter: Letter, to: Recipient, *, stage: str
) -> OutboxMail:
    """What is announced, where, until when, and the link to answer. Each stage once per letter."""
    entry = announcement.entry
    kind = ANNOUNCED if stage == FIRST else REMINDED
    with override(to.lang):
        until = deadline_words(announcement.deadline)
        subject = (
            _("Bitte prüfen bis %(until)s: %(name)s")
            if stage == FIRST
            else _("Erinnerung, noch bis %(until)s: %(name)s")
        ) % {"until": until, "name": name_of(entry)}
        return mail.send(
            code=kind.code,
            mail_class=OutboxMail.Class.DUTY,
            address=to.address,
            lang=to.lang,
            network=entry.network,
            base_url=base_url(entry.network),
            subject=subject,
            body=list(_announced(announcement, letter, to)),
            reason=_why(to, entry),
            reply_to=entry.network.contact_email,
            person_uuid=to.person_uuid,
            once=name_of_mail(letter, stage),
        )


def _announced(announcement: Announcement, letter: Letter, to: Recipient) -> Iterator[mail.Block]:
    entry = announcement.entry
    until = deadline_words(announcement.deadline)
    yield _greeting(to)
    yield _(
        "die Geschäftsstelle von %(network)s möchte diese Angaben veröffentlichen: „%(name)s“."
    ) % {
        "network": entry.network.name,
        "name": name_of(entry),
    }
    yield _("Wo: %(channels)s") % {"channels": channels_words(announcement.channels)}
    if announcement.note:
        yield announcement.note
    yield mail.Link(_("Angaben ansehen und antworten"), _link(letter))
    yield _("Sie können zustimmen, etwas ändern oder widersprechen. Das geht bis %(until)s.") % {
        "until": until
    }
    yield _(
        "Wenn bis dahin niemand aus Ihrer Organisation widerspricht, sind die Angaben danach "
        "veröffentlicht. Auch dann können Sie sie jederzeit ändern oder zurückziehen."
    )
    yield _("Der Link gilt nur für Sie. Bitte geben Sie ihn nicht weiter.")


def name_of_mail(letter: Letter, stage: str) -> str:
    """Under which a mail about an announcement is written once."""
    return f"{ANNOUNCED.code}:{letter.uuid}:{stage}"


def was_written(name: str) -> bool:
    """Whether a mail that is written once was. One query."""
    return OutboxMail.objects.filter(once=name).exists()


def _greeting(to: Recipient) -> str:
    return _("Guten Tag %(name)s,") % {"name": to.name} if to.name else _("Guten Tag,")


def _link(letter: Letter) -> str:
    return mail.secret(letters.MAIL_SECRET, str(letter.uuid))


def _why(to: Recipient, entry: Entry) -> str:
    if entry.kind == Entry.Kind.PERSON:
        return _("Sie erhalten diese Mail, weil der Steckbrief von Ihnen handelt.")
    name = entry.organisation.name if entry.organisation else ""
    if to.person is None:
        return _("Sie erhalten diese Mail, weil %(name)s diese Adresse als eigene nennt.") % {
            "name": name
        }
    return _("Sie erhalten diese Mail, weil Sie für %(name)s eingetragen sind.") % {"name": name}


def send_withdrawn(announcement: Announcement, letter: Letter) -> None:
    """Nothing is left to do: told to whoever was asked."""
    entry = announcement.entry
    person = letter.person
    lang = person.lang if person else "de"
    to = Recipient(letter.address, lang, person.pk if person else None,
                   person.uuid if person else None, person.name if person else "")  # fmt: skip
    with override(lang):
        mail.send(
            code=WITHDRAWN.code,
            mail_class=OutboxMail.Class.DUTY,
            address=to.address,
            lang=lang,
            network=entry.network,
            subject=_("Zurückgezogen: %(name)s") % {"name": name_of(entry)},
            body=[
                _greeting(to),
                _("die Geschäftsstelle hat ihre Ankündigung zu „%(name)s“ zurückgezogen.")
                % {"name": name_of(entry)},
                _("Die angekündigten Angaben werden nicht veröffentlicht. Sie brauchen nichts "
                  "zu tun."),
            ],
            reason=_why(to, entry),
            reply_to=entry.network.contact_email,
            person_uuid=to.person_uuid,
            once=f"{WITHDRAWN.code}:{letter.uuid}",
        )  # fmt: skip


def send_answer(announcement: Announcement, *, published: bool = False) -> None:
    """Tells the office that somebody objected or changed the text; nothing without its address."""
    entry = announcement.entry
    network = entry.network
    if not network.contact_email:
        return
    with override("de"):
        objected = announcement.state == Announcement.State.OBJECTED
        name = {"name": name_of(entry)}
        mail.send(
            code=ANSWERED.code,
            mail_class=OutboxMail.Class.DUTY,
            address=network.contact_email,
            lang="de",
            network=network,
            subject=(_("Widersprochen: %(name)s") if objected else _("Geändert: %(name)s")) % name,
            body=_answer(announcement, name, objected=objected, published=published),
            reason=_("Sie erhalten diese Mail, weil dies die Kontaktadresse des Netzwerks ist."),
            once=f"{ANSWERED.code}:{announcement.uuid}",
        )


def _answer(
    announcement: Announcement, name: dict[str, str], *, objected: bool, published: bool
) -> list[mail.Block]:
    if objected:
        told = _("Der Ankündigung zu „%(name)s“ wurde widersprochen. Es wird nichts "
                 "veröffentlicht; was vorher zu lesen war, bleibt.")  # fmt: skip
    elif published:
        told = _("Die angekündigten Angaben zu „%(name)s“ wurden geändert und veröffentlicht.")
    else:
        told = _("Die angekündigten Angaben zu „%(name)s“ wurden geändert. Die neue Fassung ist "
                 "noch nicht veröffentlicht. Sie können sie ankündigen.")  # fmt: skip
    body: list[mail.Block] = [told % name]
    if announcement.answer_note:
        body += [mail.Heading(_("Der Grund")), announcement.answer_note]
    return body


@dataclass(frozen=True)
class Question:
    """One entry somebody is asked about, with the letter that carries the link."""

    entry: Entry
    letter: Letter


def send_questions(
    to: Recipient, questions: Sequence[Question], network: Network, *, once: str, again: bool
) -> OutboxMail:
    """Whether everything is still true: one mail for all entries of one organisation or person."""
    first = questions[0].entry
    with override(to.lang):
        n = len(questions)
        subject = (
            _("Erinnerung: Stimmt noch alles? %(name)s") if again
            else _("Stimmt noch alles? %(name)s")
        ) % {"name": name_of(first)}  # fmt: skip
        return mail.send(
            code=CONFIRMATION.code,
            mail_class=OutboxMail.Class.DUTY,
            address=to.address,
            lang=to.lang,
            network=network,
            base_url=base_url(network),
            subject=subject,
            body=[
                _greeting(to),
                ngettext(
                    "seit einem Jahr hat niemand bestätigt, dass dieser Steckbrief noch stimmt. "
                    "Bitte sehen Sie ihn an; bestätigen geht mit einem Klick.",
                    "seit einem Jahr hat niemand bestätigt, dass diese Steckbriefe noch stimmen. "
                    "Bitte sehen Sie sie an; bestätigen geht mit einem Klick.",
                    n,
                ),
                *[mail.Link(_line(one.entry), _link(one.letter)) for one in questions],
                _("Ohne Bestätigung steht nach 14 Monaten am Eintrag, seit wann er nicht bestätigt "
                  "ist. Nach 18 Monaten schlagen wir ihn nicht mehr vor. Gelöscht wird nichts."),
            ],
            reason=_why(to, first),
            reply_to=network.contact_email,
            person_uuid=to.person_uuid,
            once=once,
        )  # fmt: skip


def _line(entry: Entry) -> str:
    day = date_format(localtime(entry.assured_at), "SHORT_DATE_FORMAT")
    return _("%(name)s, zuletzt bestätigt am %(day)s") % {"name": name_of(entry), "day": day}


_EXAMPLE = "kim.muster@verein.example"


def _example(network: Network) -> tuple[Entry, Recipient]:
    organisation = Organisation(network=network, name="Verein Muster e. V.")
    entry = Entry(network=network, kind=Entry.Kind.ORGANISATION, organisation=organisation)
    entry.assured_at = clock.now() - timedelta(days=366)
    entry.latest = Revision(entry=entry, content={"name": organisation.name})
    to = Recipient(_EXAMPLE, person=0, person_uuid=UUID(int=0),
                   name="Kim Muster")  # fmt: skip
    return entry, to


def _running(network: Network, lang: str) -> tuple[Announcement, Letter, Recipient]:
    entry, to = _example(network)
    with override(lang):
        note = _("So möchten wir Sie in der neuen Broschüre zeigen.")
    announcement = Announcement(
        entry=entry,
        channels=[Channel.WEB, Channel.BROCHURE],
        note=note,
        deadline=end_of(clock.today() + timedelta(days=28)),
    )
    return (
        announcement,
        Letter(entry=entry, address=to.address),
        Recipient(to.address, lang, to.person, to.person_uuid, to.name),
    )


def _sample_first(network: Network, lang: str) -> None:
    send_announcement(*_running(network, lang), stage=FIRST)


def _sample_reminder(network: Network, lang: str) -> None:
    send_announcement(*_running(network, lang), stage=LAST_DAYS)


def _sample_withdrawn(network: Network, lang: str) -> None:
    announcement, letter, _to = _running(network, lang)
    send_withdrawn(announcement, letter)


def _sample_answer(network: Network, lang: str) -> None:
    contact = network.contact_email or _EXAMPLE
    office = Network(
        uuid=network.uuid, name=network.name, accent=network.accent, contact_email=contact
    )
    announcement, _letter, _to = _running(office, "de")
    announcement.state = Announcement.State.OBJECTED
    announcement.answer_note = _("Die Sprechzeiten stimmen nicht mehr.")
    send_answer(announcement)


def _sample_question(network: Network, lang: str) -> None:
    announcement, letter, to = _running(network, lang)
    question = Question(announcement.entry, letter)
    send_questions(to, [question], network, once="", again=False)


SAMPLES = (
    hooks.MailSample(ANNOUNCED.code, _sample_first),
    hooks.MailSample(REMINDED.code, _sample_reminder),
    hooks.MailSample(WITHDRAWN.code, _sample_withdrawn),
    hooks.MailSample(ANSWERED.code, _sample_answer),
    hooks.MailSample(CONFIRMATION.code, _sample_question),
)
