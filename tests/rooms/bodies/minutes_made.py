"""A meeting that is over, with everything minutes are made of; all invented."""

from datetime import timedelta
from typing import Any

from lotse.foundation.core import clock
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents.models import Document
from lotse.foundation.measures.models import Helper, Measure
from lotse.foundation.parties.models import Body
from lotse.foundation.procedures.models import ObjectionPeriod
from lotse.rooms.bodies.models import (
    Annex,
    AnnexVersion,
    Attendance,
    Attribution,
    Charter,
    GroupCluster,
    GroupResult,
    GroupTable,
    JointAdoption,
    Mandate,
    Meeting,
    Minutes,
    NoteBlock,
    Outcome,
    Presence,
    Presenter,
)
from lotse.rooms.bodies.services import minutes as services
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of

RULE = "Geschäftsordnung § 7: Schweigen gilt als Zustimmung"


def held(cast: Cast, **values: Any) -> Meeting:
    """Yesterday's meeting: chair and voter were there, an item with a decision, one with notes."""
    begin = clock.now().replace(microsecond=0) - timedelta(days=1)
    end = begin + timedelta(hours=2)
    meeting = meeting_of(cast.council, **({
        "starts_at": begin, "ends_at": end, "state": Meeting.State.HELD, "opened_at": begin,
        "closed_at": end, "moderation": "Corinna Leiter, Kim Muster", "minute_takers": "Kim Muster",
        "minutes_kind": Meeting.MinutesKind.DISCUSSION,
    } | values))  # fmt: skip
    present(meeting, cast, "voter", Mandate.objects.get(body=cast.council))
    present(meeting, cast, "chair")
    decided = item_of(meeting)
    Presenter.objects.create(item=decided, person=cast["chair"], name=cast["chair"].name)
    speaker = Attribution.objects.create(
        network=cast.network, person=cast["voter"], name="Volker Stimm", organisation="Brandt GmbH"
    )
    outcome = Outcome.objects.create(
        item=decided, kind="decision", text="Der Betrieb wird aufgenommen.", number="1/1",
        result="adopted", method="hands", yes=1, no=0, abstain=0, speaker=speaker,
    )  # fmt: skip
    Measure.objects.create(
        origin_type=Ref.to(outcome).type, origin_uuid=outcome.uuid, title="Willkommen schreiben",
        person=cast["voter"], network=cast.network,
    )  # fmt: skip
    talked = item_of(meeting, "Ansprache von Betrieben", kind="discussion")
    NoteBlock.objects.create(item=talked, text="Besuche helfen mehr als Briefe.")
    return meeting


def everything(cast: Cast, meeting: Meeting, number: int) -> None:
    """So many more of each thing minutes are made of; the first annex is still to follow."""
    decision = Outcome.objects.filter(item__meeting=meeting).order_by("pk")[0]
    measure = Measure.objects.get(origin_uuid=decision.uuid)
    work = item_of(meeting, "Tische", kind="group_work")
    for n in range(number):
        Presenter.objects.create(item=work, name=f"Rede {n}", position=number - n)
        NoteBlock.objects.create(item=work, text=f"Notiz {n}")
        JointAdoption.objects.create(outcome=decision, words=f"Rat {n}")
        Helper.objects.create(measure=measure, person=cast["chair"], organisation=cast.org_a)
        bundle = GroupCluster.objects.create(item=work, title=f"Bündel {n}", position=n)
        table = GroupTable.objects.create(item=work, number=n + 1, question="Wie?")
        GroupResult.objects.create(table=table, text="später", cluster=None, rank=None)
        GroupResult.objects.create(table=table, text=f"So {n}", cluster=bundle, rank=n + 1)
        annex = Annex.objects.create(
            meeting=meeting, number=meeting.annexes.count() + 1, title=f"Plan {n}"
        )
        for version in (1, 2) if n else ():
            document = Document.objects.create(
                owner_type="bodies.annex", owner_uuid=annex.uuid, subject_uuid=annex.uuid,
                title=f"plan-{n}-{version}.pdf", media_type="application/pdf", size=1,
                sha256=str(version) * 64,
            )  # fmt: skip
            AnnexVersion.objects.create(
                annex=annex, number=version, document=document, by="command"
            )


def present(meeting: Meeting, cast: Cast, role: str, mandate: Mandate | None = None) -> Attendance:
    """Somebody of the cast was there from the beginning to the end."""
    row = Attendance.objects.create(
        meeting=meeting, person=cast[role], name=cast[role].name, mandate=mandate,
        organisation=mandate.organisation.name if mandate and mandate.organisation else "",
        invited_at=meeting.starts_at,
    )  # fmt: skip
    Presence.objects.create(
        attendance=row, from_at=meeting.opened_at or meeting.starts_at, to_at=meeting.closed_at,
        by="command",
    )  # fmt: skip
    return row


def with_rule(body: Body, **values: Any) -> None:
    """The body's rules let silence count."""
    values = {"silence_basis": RULE} | values
    Charter.objects.filter(body=body).update(**values)
    body.charter.refresh_from_db()


def circulated(cast: Cast, meeting: Meeting | None = None) -> Minutes:
    """The minutes of a held meeting, sent round."""
    minutes = services.begin(meeting or held(cast))
    services.circulate(minutes, actor=cast.actor("minute_taker"), expected=minutes.version)
    return fresh(minutes)


def fresh(minutes: Minutes) -> Minutes:
    """The minutes as they are stored."""
    return Minutes.objects.select_related("meeting__body__charter", "meeting__body__network").get(
        pk=minutes.pk
    )


def adopted(cast: Cast, meeting: Meeting | None = None) -> Minutes:
    """Minutes that a later meeting adopted."""
    minutes = circulated(cast, meeting)
    later = later_meeting(minutes.meeting)
    services.adopt_minutes(
        minutes, actor=cast.actor("minute_taker"), expected=minutes.version, meeting=later
    )
    return fresh(minutes)


def later_meeting(meeting: Meeting, **values: Any) -> Meeting:
    """The next meeting of the same body, in progress."""
    return meeting_of(
        meeting.body, **({
            "title": "Herbstsitzung", "number": 2, "state": Meeting.State.RUNNING,
            "starts_at": meeting.starts_at + timedelta(hours=20),
            "ends_at": meeting.ends_at + timedelta(hours=20),
        } | values),
    )  # fmt: skip


def period_of(minutes: Minutes) -> ObjectionPeriod:
    """The latest time for objections."""
    return ObjectionPeriod.objects.filter(subject_uuid=minutes.uuid).order_by("-pk")[0]


def run_out(minutes: Minutes) -> None:
    """The time for objections lies behind us."""
    ObjectionPeriod.objects.filter(pk=period_of(minutes).pk).update(
        opens_at=clock.now() - timedelta(days=15), closes_at=clock.now() - timedelta(minutes=5)
    )
