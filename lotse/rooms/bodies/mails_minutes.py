"""Mails about minutes: to those who were present, to who objected, to the members on adoption. All
are duties of a role (rulings 12); the personal link is worked out at sending."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import clock, hooks, keys, mail
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.links import base_url
from lotse.foundation.parties.models import Body, Network
from lotse.foundation.procedures.models import Objection, ObjectionPeriod
from lotse.foundation.procedures.services import last_day
from lotse.rooms.bodies.models import Attendance, Meeting, Minutes, MinutesRevision
from lotse.rooms.bodies.queries import addressees
from lotse.rooms.bodies.queries.addressees import Reach
from lotse.rooms.bodies.queries.minutes import resolved

DUTY = OutboxMail.Class.DUTY
CIRCULATED = hooks.MailKind(
    "bodies.minutes.circulated", gettext_lazy("Protokoll mit Frist für Einwände"), mail_class="duty"
)
CORRECTED = hooks.MailKind(
    "bodies.minutes.corrected", gettext_lazy("Berichtigtes Protokoll"), mail_class="duty"
)
ANSWERED = hooks.MailKind(
    "bodies.minutes.answered", gettext_lazy("Antwort auf einen Einwand"), mail_class="duty"
)
ADOPTED = hooks.MailKind(
    "bodies.minutes.adopted", gettext_lazy("Genehmigtes Protokoll"), mail_class="duty"
)
AMENDED = hooks.MailKind(
    "bodies.minutes.amended", gettext_lazy("Berichtigung eines genehmigten Protokolls"),
    mail_class="duty",
)  # fmt: skip
KINDS = (CIRCULATED, CORRECTED, ANSWERED, ADOPTED, AMENDED)
LINK_NAME = "bodies.objection"
_PURPOSE = b"bodies.objection"


def link_token(period: UUID, attendance: UUID) -> str:
    """The secret of one person's link in one period: nothing of it is stored."""
    return keys.token_of(_PURPOSE, period.bytes + attendance.bytes)


def is_token(token: str, period: UUID, attendance: UUID) -> bool:
    """Whether the secret is this person's in this period, made with a key of the installation."""
    about = period.bytes + attendance.bytes
    return keys.token_with(keys.digest_of(token), _PURPOSE, about) is not None


def _resolve(ref: str) -> str | None:
    """The address behind a personal link; None once the period is over or nobody is there."""
    first, _sep, second = ref.partition(":")
    period = ObjectionPeriod.objects.filter(uuid=first).first()
    row = Attendance.objects.filter(uuid=second).select_related("meeting__body__network").first()
    if period is None or row is None or period.state_at() != ObjectionPeriod.State.RUNNING:
        return None
    token = link_token(period.uuid, row.uuid)
    path = reverse("bodies:objection-open", args=[row.uuid, token])
    return base_url(row.meeting.body.network) + path


SECRET = hooks.MailSecret(LINK_NAME, _resolve)


def present_of(meeting: Meeting) -> list[tuple[Attendance, Reach]]:
    """Those who were present and where they are written to; without an address they cannot be.
    Two queries."""
    rows = list(
        Attendance.objects.filter(meeting=meeting, presences__isnull=False)
        .distinct().order_by("name", "pk")
    )  # fmt: skip
    reach = addressees.reach_all(rows)
    return [(row, reach[row.pk]) for row in rows]


def send_circulated(minutes: Minutes, period: ObjectionPeriod, revision: MinutesRevision) -> int:
    """The minutes, with the list of those present, to everybody who was (S2-22); returns how many
    mails."""
    return _to_present(
        minutes, period, present_of(minutes.meeting), files=[_paper(minutes, revision)]
    )


def send_corrected(
    minutes: Minutes, period: ObjectionPeriod, reason: str, revision: MinutesRevision
) -> int:
    """The corrected minutes to everybody who was present, with what changed and the new date."""
    files = [_paper(minutes, revision)]
    return _to_present(minutes, period, present_of(minutes.meeting), reason, files=files)


def _paper(minutes: Minutes, revision: MinutesRevision) -> mail.File:
    """The revision as the PDF that those inside the body get. About 0.15 s."""
    from lotse.rooms.bodies.exports.minutes import minutes_pdf

    content = json.loads(revision.content)
    paper = minutes_pdf(
        resolved(content, content["lang"]), moment=revision.at, lang=content["lang"],
        state=revision.state, number=revision.number, sha256=revision.sha256,
    )  # fmt: skip
    name = slugify(minutes.meeting.title)[:60]
    return mail.File(f"protokoll-{name}.pdf", "application/pdf", paper)


def _to_present(
    minutes: Minutes, period: ObjectionPeriod, to: Iterable[tuple[Attendance, Reach]],
    reason: str = "", *, files: Sequence[mail.File] = (),
) -> int:  # fmt: skip
    kind = CORRECTED if reason else CIRCULATED
    posts = []
    for row, reach in to:
        if not reach.address:
            continue
        with override(reach.lang):
            subject = _("Berichtigtes Protokoll: %(what)s") if reason else _("Protokoll: %(what)s")
            posts.append(_post(
                kind, minutes.meeting, reach, subject=subject % {"what": _name(minutes.meeting)},
                body=list(_to_object(minutes, period, row, reason)),
                why=_("Sie erhalten diese Mail, weil Sie in dieser Sitzung anwesend waren."),
                name=f"{period.uuid.hex}:{row.uuid.hex}", files=files,
            ))  # fmt: skip
    mail.send_all(posts)
    return len(posts)


def _to_object(
    minutes: Minutes, period: ObjectionPeriod, row: Attendance, reason: str
) -> Iterator[mail.Block]:
    yield _("Guten Tag,")
    if reason:
        yield _("das Protokoll der Sitzung ist berichtigt. Was anders ist: %(reason)s") % {
            "reason": reason
        }
    else:
        yield _("das Protokoll der Sitzung liegt vor.")
    yield _(
        "Stimmt etwas nicht, erheben Sie bis zum %(day)s Einwand. Dieser Tag zählt noch mit."
    ) % {"day": day_words(period)}
    if period.legal_basis:
        yield _("Liegt dann kein Einwand vor, gilt das Protokoll als genehmigt. So sagt es die "
                "Regel: %(rule)s") % {"rule": period.legal_basis}  # fmt: skip
    else:
        yield _("Über die Genehmigung entscheidet die nächste Sitzung.")
    secret = mail.secret(LINK_NAME, f"{period.uuid}:{row.uuid}")
    yield mail.Link(_("Protokoll lesen und Einwand erheben"), secret)


def day_words(period: ObjectionPeriod) -> str:
    """The last day for objections, as people write it."""
    return date_format(last_day(period), "SHORT_DATE_FORMAT")


def send_answer(minutes: Minutes, objection: Objection) -> bool:
    """Tells who objected what came of it; whether there is somebody to tell."""
    reach = _objector(objection)
    if reach is None or not reach.address:
        return False
    with override(reach.lang):
        body: list[mail.Block] = [
            _("Guten Tag,"),
            _("Ihr Einwand gegen das Protokoll wird übernommen.")
            if objection.state == Objection.State.ACCEPTED
            else _("Ihr Einwand gegen das Protokoll wird nicht übernommen."),
            _("Die Antwort:"), objection.answer,
            _page(minutes),
        ]  # fmt: skip
        post = _post(
            ANSWERED, minutes.meeting, reach, body=body,
            subject=_("Antwort auf Ihren Einwand: %(what)s") % {"what": _name(minutes.meeting)},
            why=_("Sie erhalten diese Mail, weil Sie gegen das Protokoll Einwand erhoben haben."),
            name=f"{objection.uuid.hex}:{objection.version}",
        )  # fmt: skip
    mail.send_all([post])
    return True


def _objector(objection: Objection) -> Reach | None:
    """By their account, else by the place on the list whose link they used."""
    if objection.person_id is not None:
        return addressees.reach_of([objection.person_id]).get(objection.person_id)
    kind, _sep, key = objection.by.partition(":")
    row = Attendance.objects.filter(uuid=key).first() if kind == "link" else None
    return addressees.reach_all([row])[row.pk] if row else None


def send_adopted(minutes: Minutes, revision: MinutesRevision, head: str) -> int:
    """To the members: adopted, how, and the head of the record chain, so that many keep it."""
    return _to_members(ADOPTED, minutes, revision, head, members_of(minutes.meeting))


def send_amended(minutes: Minutes, revision: MinutesRevision, head: str) -> int:
    """To the members: adopted minutes have a marked correction."""
    return _to_members(AMENDED, minutes, revision, head, members_of(minutes.meeting))


def members_of(meeting: Meeting) -> list[Reach]:
    """Everybody with a place in the body today who can be written to. Three queries."""
    people = [one.person.pk for one in addressees.seated_of(meeting)]
    reach = addressees.reach_of(people)
    return [reach[pk] for pk in people if pk in reach and reach[pk].address]


def _to_members(
    kind: hooks.MailKind, minutes: Minutes, revision: MinutesRevision, head: str,
    members: Iterable[Reach],
) -> int:  # fmt: skip
    posts = []
    for reach in members:
        with override(reach.lang):
            subject = (_("Genehmigtes Protokoll: %(what)s") if kind is ADOPTED
                       else _("Berichtigung zum Protokoll: %(what)s"))  # fmt: skip
            body: list[mail.Block] = [_("Guten Tag,"), _what(kind, minutes, revision),
                                      _page(minutes), *_kept(revision, head)]  # fmt: skip
            posts.append(_post(
                kind, minutes.meeting, reach, body=body,
                subject=subject % {"what": _name(minutes.meeting)},
                why=_("Sie erhalten diese Mail, weil Sie zu diesem Gremium gehören: %(name)s")
                % {"name": minutes.meeting.body.name},
                name=f"{revision.uuid.hex}:{reach.person_uuid}",
            ))  # fmt: skip
    mail.send_all(posts)
    return len(posts)


def _what(kind: hooks.MailKind, minutes: Minutes, revision: MinutesRevision) -> str:
    if kind is AMENDED:
        return _("das genehmigte Protokoll hat eine Berichtigung. Der Grund: %(reason)s") % {
            "reason": revision.reason
        }
    if minutes.adopted_by == Minutes.AdoptedBy.DEADLINE:
        return _("das Protokoll ist genehmigt: bis zum Ende der Frist blieb kein Einwand offen.")
    return _("das Protokoll ist in einer späteren Sitzung genehmigt.")


def _kept(revision: MinutesRevision, head: str) -> Iterator[mail.Block]:
    yield mail.Heading(_("Bitte heben Sie diese Mail auf"))
    yield _("Mit diesen Zeichen lässt sich später belegen, dass nichts geändert wurde.")
    yield _("Prüfsumme des Protokolls: %(sum)s") % {"sum": revision.sha256}
    yield _("Kopf der Beurkundungen: %(head)s") % {"head": head}


def _page(minutes: Minutes) -> mail.Link:
    return mail.Link(_("Protokoll ansehen"), reverse("bodies:minutes", args=[minutes.meeting.uuid]))


def _name(meeting: Meeting) -> str:
    day = date_format(timezone.localtime(meeting.starts_at), "SHORT_DATE_FORMAT")
    return f"{meeting.body.name}, {meeting.title}, {day}"


def _post(
    kind: hooks.MailKind, meeting: Meeting, reach: Reach, *, subject: str,
    body: Sequence[mail.Block], why: str, name: str, files: Sequence[mail.File] = (),
) -> mail.Post:  # fmt: skip
    network = meeting.body.network
    return mail.Post(
        code=kind.code, mail_class=DUTY, address=reach.address, lang=reach.lang, network=network,
        base_url=base_url(network), reply_to=network.contact_email, subject=subject, body=body,
        reason=why, person_uuid=reach.person_uuid, once=f"{kind.code}:{name}",
        files=files,
    )  # fmt: skip


def _example(network: Any, lang: str) -> tuple[Minutes, ObjectionPeriod, Reach]:
    """Invented minutes for the desk's examples; nothing is stored."""
    body = Body(network=network, name=_("Rat des Netzwerks"))
    meeting = Meeting(body=body, title=_("Frühjahrssitzung"), starts_at=clock.now())
    period = ObjectionPeriod(network=network, closes_at=_in_days(14), legal_basis=_("Ordnung § 7"))
    reach = Reach("kim.muster@verein.example", lang, "Kim Muster", uuid4())
    return Minutes(meeting=meeting, adopted_by="deadline"), period, reach


def _in_days(number: int) -> datetime:
    return clock.now() + timedelta(days=number)


def _sample_period(network: Network, lang: str, reason: str = "") -> None:
    minutes, period, reach = _example(network, lang)
    _to_present(minutes, period, [(Attendance(name="Kim Muster"), reach)], reason)


def _sample_members(kind: hooks.MailKind, network: Network, lang: str) -> None:
    minutes, _period, reach = _example(network, lang)
    revision = MinutesRevision(reason=_("Zahl der Stimmen"), sha256="0" * 64)
    _to_members(kind, minutes, revision, "12:" + "0" * 64, [reach])


def _sample_answer(network: Network, lang: str) -> None:
    minutes, _period, reach = _example(network, lang)
    body: list[mail.Block] = [_("Ihr Einwand gegen das Protokoll wird übernommen."), _page(minutes)]
    mail.send_all([_post(
        ANSWERED, minutes.meeting, reach, body=body,
        subject=_("Antwort auf Ihren Einwand: %(what)s") % {"what": _name(minutes.meeting)},
        why=_("Sie erhalten diese Mail, weil Sie gegen das Protokoll Einwand erhoben haben."),
        name="example",
    )])  # fmt: skip


SAMPLES = (
    hooks.MailSample(CIRCULATED.code, _sample_period),
    hooks.MailSample(
        CORRECTED.code, lambda network, lang: _sample_period(network, lang, _("Zahl der Stimmen"))
    ),
    hooks.MailSample(ANSWERED.code, _sample_answer),
    hooks.MailSample(ADOPTED.code, lambda network, lang: _sample_members(ADOPTED, network, lang)),
    hooks.MailSample(AMENDED.code, lambda network, lang: _sample_members(AMENDED, network, lang)),
)
