"""Writes to live notes: each save says which revision it was made from, and loses nothing."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.rooms.bodies.content.merging import Marks, merge
from lotse.rooms.bodies.models import AgendaItem, NoteBlock, NoteVersion
from lotse.rooms.bodies.services.writing import check_open

SAVED, MERGED, CONFLICT = "saved", "merged", "conflict"
MOST = 100_000


@dataclass(frozen=True)
class Saved:
    """What became of a save.

    `text` belongs to `revision`. `sent` is the revision that holds what was sent, so that what was
    typed meanwhile can be saved on top of it. After a conflict the block is as it was: `text` then
    shows both, to be saved by the person who looked at it.
    """

    state: str
    revision: int
    sent: int
    text: str


@transaction.atomic
def save_note(
    item: AgendaItem, *, actor: Actor, words: str, base: int, shared: bool = True, key: str = ""
) -> Saved:
    """Saves a block of notes: the shared one of the item, or the actor's own.

    `base` is the revision that `words` were made from. What others saved since is merged by line
    (rulings 20); what was sent is kept as a version in any case (T37). Raises NotAllowed, Refused
    where notes are closed or too long. Up to ten queries.
    """
    require("bodies.meeting.run", actor, item.meeting)
    check_open(item.meeting)
    words = tidy(words)
    if len(words) > MOST:
        raise Refused(
            _("Mehr als 100.000 Zeichen fasst eine Mitschrift nicht. Ihr Text steht noch im Feld: "
              "schreiben Sie bitte bei einem anderen Punkt weiter.")
        )  # fmt: skip
    claim = once.claim(key or once.new_key(), scope=f"bodies.note:{item.uuid}:{actor.ref}")
    block = _block(item, None if shared else actor.person)
    if claim.repeated:
        return _again(block, words, base, claim.answer)
    saved = _save(block, words, base, actor)
    claim.remember([saved.state, saved.revision, saved.sent])
    return saved


def _again(block: NoteBlock, words: str, base: int, answer: list[Any]) -> Saved:
    """The first answer; its text is worked out again, so that it is not kept twice."""
    state, revision, sent = answer
    stored = _text_at(block, revision)
    if state == CONFLICT:
        stored = merge(_text_at(block, base), stored, words, _marks()).text
    return Saved(state, revision, sent, stored)


def tidy(words: str) -> str:
    """Cleaned as all text is, but blanks and empty lines stay: somebody is still writing."""
    lines = words.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # The bars keep the ends of a line from being taken off.
    return "\n".join(text.clean(f"|{line}|")[1:-1] for line in lines)


def _block(item: AgendaItem, person: int | None) -> NoteBlock:
    """The block, locked; made where there is none."""
    rows = NoteBlock.objects.select_for_update().filter(item=item, person=person).order_by("pk")
    block = rows.first()
    if block is None:
        # Two first saves at once: the second waits here and finds the block of the first.
        AgendaItem.objects.select_for_update().get(pk=item.pk)
        block = rows.first() or NoteBlock.objects.create(item=item, person_id=person)
    return block


def _save(block: NoteBlock, words: str, base: int, actor: Actor) -> Saved:
    begun_from = _text_at(block, base)
    merged = merge(begun_from, block.text, words, _marks())
    number, new = block.revision, []
    sent = number if words == block.text else base
    if words not in (block.text, begun_from):
        sent = number + 1
        new.append((words, False))
    stored = block.text if merged.conflicts else merged.text
    if new and stored != words:
        new.append((stored, True))
    if new:
        NoteVersion.objects.bulk_create(
            NoteVersion(block=block, number=number + n, text=kept, merged=is_merged,
                        person_id=actor.person)
            for n, (kept, is_merged) in enumerate(new, start=1)
        )  # fmt: skip
        number += len(new)
        update_versioned(block, expected=block.version, text=stored, revision=number)
        actionlog.record(
            "bodies.notes.saved", block, actor=actor, subject=block.item.meeting.body.uuid,
            after={"revision": number, "conflicts": merged.conflicts},
        )  # fmt: skip
    if merged.conflicts:
        return Saved(CONFLICT, number, sent, merged.text)
    return Saved(SAVED if merged.text == words else MERGED, number, sent, merged.text)


def _text_at(block: NoteBlock, number: int) -> str:
    """What the block said at a revision; nothing for one that never was."""
    if number == block.revision:
        return block.text
    rows = NoteVersion.objects.filter(block=block, number=number)
    return next(iter(rows.values_list("text", flat=True)), "")


def _marks() -> Marks:
    return Marks(
        begin=_("=== Zwei Fassungen, bitte eine streichen. Fassung 1: ==="),
        between=_("=== Fassung 2: ==="),
        end=_("=== Ende der zwei Fassungen ==="),
    )
