"""Writes to papers of a meeting: numbered by themselves, with every version kept (S1-08, S1-22,
S4-02)."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents import services as documents
from lotse.rooms.bodies.models import AgendaItem, Annex, AnnexVersion, Meeting, Outcome
from lotse.rooms.bodies.services.live import touch
from lotse.rooms.bodies.services.meetings import require_open

MOST = 99
# Numbers are unique: what changes place waits up here.
_ASIDE = 30_000


@transaction.atomic
def add_annex(
    meeting: Meeting, *, actor: Actor, title: str, item: AgendaItem | None = None,
    sent_before: bool = False, upload: "UploadedFile[Any] | None" = None, key: str = "",
) -> Annex:  # fmt: skip
    """A new paper with the next number; without a file it is still to follow.

    Raises NotAllowed, Refused for an item of another meeting and what `keep_upload` refuses.
    """
    require("bodies.meeting.run", actor, meeting)
    require_open(meeting)
    _check_item(meeting, item)
    claim = once.claim(key or once.new_key(), scope=f"bodies.annex:{meeting.uuid}")
    if claim.repeated:
        return Annex.objects.get(uuid=claim.answer)
    _lock(meeting)
    last = meeting.annexes.aggregate(last=Max("number"))["last"] or 0
    if last >= MOST:
        raise Refused(_("Mehr als %(most)s Anlagen sind nicht vorgesehen.") % {"most": MOST})
    annex = Annex.objects.create(
        meeting=meeting, item=item, number=last + 1, sent_before=sent_before,
        title=text.shorten(text.clean_line(title), 200),
    )  # fmt: skip
    if upload is not None:
        _keep(annex, upload, actor=actor, note="")
    _log("bodies.annex.added", annex, actor, after={"number": annex.number, "title": annex.title})
    claim.remember(str(annex.uuid))
    return annex


@transaction.atomic
def add_version(
    annex: Annex, upload: "UploadedFile[Any]", *, actor: Actor, note: str = "", key: str = ""
) -> AnnexVersion:
    """Another version of a paper; earlier ones stay readable. Raises as `add_annex`."""
    meeting = annex.meeting
    require("bodies.meeting.run", actor, meeting)
    require_open(meeting)
    claim = once.claim(key or once.new_key(), scope=f"bodies.annexversion:{annex.uuid}")
    if claim.repeated:
        return AnnexVersion.objects.get(uuid=claim.answer)
    _lock(meeting)
    version = _keep(annex, upload, actor=actor, note=note)
    _log("bodies.annex.version", annex, actor, after={"version": version.number})
    claim.remember(str(version.uuid))
    return version


def _keep(annex: Annex, upload: "UploadedFile[Any]", *, actor: Actor, note: str) -> AnnexVersion:
    document = documents.keep_upload(
        upload, owner=Ref.to(annex), subject=annex.meeting.uuid, actor=actor
    )
    last = annex.versions.aggregate(last=Max("number"))["last"] or 0
    return AnnexVersion.objects.create(
        annex=annex, number=last + 1, document=document, by=actor.ref,
        note=text.shorten(text.clean_line(note), 200),
    )  # fmt: skip


@transaction.atomic
def change_annex(
    annex: Annex, *, actor: Actor, expected: int, title: str, item: AgendaItem | None,
    sent_before: bool,
) -> None:  # fmt: skip
    """Changes what a paper is called and where it belongs. Raises NotAllowed, Conflict, Refused."""
    require("bodies.meeting.run", actor, annex.meeting)
    require_open(annex.meeting)
    _check_item(annex.meeting, item)
    before = {"title": annex.title, "sent_before": annex.sent_before}
    update_versioned(annex, expected=expected, item=item, sent_before=sent_before,
                     title=text.shorten(text.clean_line(title), 200))  # fmt: skip
    after = {"title": annex.title, "sent_before": annex.sent_before}
    _log("bodies.annex.changed", annex, actor, before=before, after=after)


@transaction.atomic
def move_annex(annex: Annex, *, actor: Actor, up: bool, key: str = "") -> None:
    """Changes the numbers of a paper and its neighbour; what refers to them goes along. The same
    form sent again moves nothing. Raises NotAllowed, Refused."""
    require("bodies.meeting.run", actor, annex.meeting)
    require_open(annex.meeting)
    if once.claim(key or once.new_key(), scope=f"bodies.annexmove:{annex.uuid}").repeated:
        return
    _lock(annex.meeting)
    rows = list(annex.meeting.annexes.order_by("number"))
    at = next(place for place, row in enumerate(rows) if row.pk == annex.pk)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(rows):
        return
    rows[at], rows[other] = rows[other], rows[at]
    _renumber(rows)
    _log("bodies.annex.moved", annex, actor, after={"up": up})


@transaction.atomic
def remove_annex(annex: Annex, *, actor: Actor, expected: int) -> None:
    """Takes a paper out with its files; those behind it move up.

    Raises NotAllowed, Conflict, and Refused after the meeting or where an outcome names it.
    """
    meeting = annex.meeting
    require("bodies.meeting.run", actor, meeting)
    require_open(meeting)
    if annex.version != expected:
        raise Conflict(Annex.objects.filter(pk=annex.pk).first())
    held = meeting.state in (Meeting.State.RUNNING, Meeting.State.HELD)
    if held and annex.versions.exists():
        raise Refused(_("Die Sitzung hat begonnen: Unterlagen gehören nun zu ihren Akten."))
    _lock(meeting)
    if Outcome.objects.filter(annex=annex).exists():
        raise Refused(_("Ein Ergebnis der Sitzung nennt diese Anlage. Ändern Sie zuerst dieses."))
    files = [version.document for version in annex.versions.select_related("document")]
    _log("bodies.annex.removed", annex, actor, before={"title": annex.title})
    annex.versions.all().delete()
    for document in files:
        documents.delete_document(document, actor=actor)
    annex.delete()
    _renumber(list(meeting.annexes.order_by("number")))


def _renumber(rows: list[Annex]) -> None:
    changed = [(row, n) for n, row in enumerate(rows, start=1) if row.number != n]
    for row, number in changed:
        Annex.objects.filter(pk=row.pk).update(number=_ASIDE + number)
    for row, number in changed:
        Annex.objects.filter(pk=row.pk).update(number=number)


def _check_item(meeting: Meeting, item: AgendaItem | None) -> None:
    if item is not None and item.meeting_id != meeting.pk:
        raise Refused(_("Dieser Punkt gehört zu einer anderen Sitzung."))


def _lock(meeting: Meeting) -> None:
    Meeting.objects.select_for_update().get(pk=meeting.pk)


def _log(code: str, annex: Annex, actor: Actor, **values: Any) -> None:
    actionlog.record(code, annex, actor=actor, subject=annex.meeting.body.uuid, **values)
    touch(annex.meeting_id)
