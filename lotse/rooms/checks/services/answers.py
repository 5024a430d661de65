"""Answering a checkpoint: drafts, submits, ratings after a measure."""

from dataclasses import asdict, dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction

from lotse.foundation.core import actionlog, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict
from lotse.rooms.checks.models import Answer, Assessment, Rating
from lotse.rooms.checks.services.assessments import authorise

# As many drafts of one page may be under way at the same moment as its submit.
_MOST_ATTEMPTS = 10


@dataclass(frozen=True)
class AnswerInput:
    """What a page sends for one checkpoint; ids are checked by the form against the revision."""

    level: str = ""
    note: str = ""
    marks: dict[str, str] = field(default_factory=dict)
    own_examples: list[str] = field(default_factory=list)


def save_answer(
    assessment: Assessment,
    *,
    actor: Actor,
    checkpoint: str,
    data: AnswerInput,
    expected: int,
    key: str,
    draft: bool = False,
) -> Answer | None:
    """Saves one answer; at most six queries, whatever the length of the check.

    `expected` is the version the page showed (0 for none). A page's own drafts carry the same
    `key` and never conflict with it; a draft that arrives after its page was submitted is
    dropped (None); a submit sent twice is worked on once, but one with other content (the person
    went back and changed it) is saved. Raises Conflict with the stored answer when another page
    saved in between, NotAllowed.
    """
    authorise(assessment, actor)
    page = _Page(assessment, actor, checkpoint, data, expected, key, draft)
    for _attempt in range(_MOST_ATTEMPTS):
        try:
            return _save(page)
        except Conflict as conflict:
            if conflict.current is None or conflict.current.saved_by != key:
                raise
            # Lost against a draft or the submit of the same page at the same moment: once more.
            lost = conflict
    raise lost


@dataclass(frozen=True)
class _Page:
    """One open page and what it sends."""

    assessment: Assessment
    actor: Actor
    checkpoint: str
    data: AnswerInput
    expected: int
    key: str
    draft: bool

    @property
    def scope(self) -> str:
        return f"checks.answer:{self.assessment.uuid}:{self.checkpoint}"


@transaction.atomic
def _save(page: _Page) -> Answer | None:
    again = not page.draft and once.claim(page.key, scope=page.scope).repeated
    found = Answer.objects.filter(assessment=page.assessment, checkpoint=page.checkpoint)
    answer = found.first()
    if again and (answer is None or _content(answer) == page.data):
        return None  # sent twice
    # Asked after the answer was read: a submit in between fails the version check below.
    if page.draft and once.is_finished(page.key, scope=page.scope):
        return None
    if answer is None:
        return _create(page)
    if answer.version != page.expected and answer.saved_by != page.key:
        raise Conflict(answer)
    return _change(answer, page)


def _create(page: _Page) -> Answer:
    answer = Answer(
        assessment=page.assessment,
        checkpoint=page.checkpoint,
        saved_by=page.key,
        **asdict(page.data),
    )
    try:
        with transaction.atomic():
            answer.save(force_insert=True)
    except IntegrityError:
        stored = Answer.objects.get(assessment=page.assessment, checkpoint=page.checkpoint)
        raise Conflict(stored) from None
    _rate(page.assessment, page.checkpoint, "", page.data.level)
    _log(answer, page, AnswerInput())
    return answer


def _content(answer: Answer) -> AnswerInput:
    return AnswerInput(answer.level, answer.note, answer.marks, answer.own_examples)


def _change(answer: Answer, page: _Page) -> Answer:
    before = _content(answer)
    first_of_page = answer.saved_by != page.key
    if before == page.data:
        if first_of_page:
            update_versioned(answer, expected=answer.version, saved_by=page.key)
        return answer
    update_versioned(answer, expected=answer.version, saved_by=page.key, **asdict(page.data))
    _rate(page.assessment, answer.checkpoint, before.level, page.data.level)
    if first_of_page or not page.draft or before.level != page.data.level:
        _log(answer, page, before)
    return answer


def _rate(
    assessment: Assessment, checkpoint: str, before: str, level: str, measure: UUID | None = None
) -> None:
    if level and level != before:
        Rating.objects.create(
            assessment=assessment, checkpoint=checkpoint, level=level, measure_uuid=measure
        )


def _log(answer: Answer, page: _Page, before: AnswerInput) -> None:
    """The level before and after, and which texts changed. Never the texts: drafts would keep in
    the log what a person deleted before submitting."""
    old, new = asdict(before), asdict(page.data)
    changed = [name for name, value in new.items() if old[name] != value]
    actionlog.record(
        "checks.answer.saved",
        answer,
        actor=page.actor,
        before={"level": before.level},
        after={"level": page.data.level, "changed": changed},
        subject=page.assessment.uuid,
    )


@transaction.atomic
def rate_again(
    assessment: Assessment, *, actor: Actor, checkpoint: str, level: str, measure: UUID
) -> str:
    """A new rating of a checkpoint after a measure was done; returns the level before."""
    authorise(assessment, actor)
    answer, _created = Answer.objects.get_or_create(assessment=assessment, checkpoint=checkpoint)
    before = answer.level
    update_versioned(answer, expected=answer.version, level=level, saved_by="")
    Rating.objects.create(
        assessment=assessment, checkpoint=checkpoint, level=level, measure_uuid=measure
    )
    actionlog.record(
        "checks.answer.rated_again",
        answer,
        actor=actor,
        before={"level": before},
        after={"level": level},
        subject=assessment.uuid,
    )
    return before
