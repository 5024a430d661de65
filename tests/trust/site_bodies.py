"""What is behind the addresses of bodies: one of everything, for tests that walk all addresses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.models import Knot, Matter, Step
from lotse.foundation.measures import services as measures
from lotse.foundation.procedures.models import Objection, ObjectionPeriod
from lotse.rooms.bodies.models import (
    AgendaItem,
    Annex,
    Appointment,
    Attendance,
    Attribution,
    Commission,
    GroupCluster,
    GroupResult,
    GroupTable,
    Holder,
    Idea,
    JointAdoption,
    Mandate,
    Meeting,
    Minutes,
    MinutesRevision,
    NoteBlock,
    Outcome,
    Presence,
    Presenter,
    SpeakRequest,
)
from tests import people


def first(model: Any, **wanted: Any) -> Callable[[Any], Any]:
    """The uuid of the first such object."""

    def uuid(site: Any) -> Any:
        return model.objects.filter(**wanted).order_by("pk").values_list("uuid", flat=True)[0]

    return uuid


# URL name (or namespace) -> argument -> what stands there. One line for each new address.
SPECIAL: dict[str, dict[str, Callable[[Any], Any]]] = {
    "bodies:": {"uuid": lambda site: site.cast.council.uuid},
    "bodies:body": {"uuid": lambda site: site.cast.council.uuid},
}


def build(cast: people.Cast) -> None:
    """The council's running meeting with one of everything; its minutes are circulated."""
    council, now = cast.council, clock.now()
    office = cast.actor("office")
    Commission.objects.create(body=council, title="Leitlinien entwerfen", given_by=council)
    meeting = Meeting.objects.create(
        body=council, number=1, title="Frühjahrssitzung", starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=2), state=Meeting.State.RUNNING, invited_at=now,
        opened_at=now, place="Haus der Wirtschaft", live=3,
    )  # fmt: skip
    item = AgendaItem.objects.create(
        meeting=meeting, position=1, title="Aufnahme neuer Partner", kind="decision",
        proposal="Der Betrieb wird aufgenommen.", state="running", started_at=now,
    )  # fmt: skip
    work = AgendaItem.objects.create(
        meeting=meeting, position=2, title="Wie erreichen wir Betriebe?", kind="group_work"
    )
    Meeting.objects.filter(pk=meeting.pk).update(current=item)
    Presenter.objects.create(item=item, name="Corinna Leiter")
    Annex.objects.create(meeting=meeting, item=item, number=1, title="Übersicht")
    voter = Attendance.objects.create(
        meeting=meeting, mandate=Mandate.objects.get(body=council), person=cast["voter"],
        name="Volker Stimm", organisation="Brandt GmbH", invited_at=now, token_hash="0" * 64,
    )  # fmt: skip
    Presence.objects.create(attendance=voter, by=office.ref)
    SpeakRequest.objects.create(meeting=meeting, item=item, attendance=voter)
    NoteBlock.objects.create(item=item, person=cast["minute_taker"], text="Kurze Aussprache.")
    spoke = Attribution.objects.create(
        network=cast.network, person=cast["voter"], name="Volker Stimm", organisation="Brandt GmbH"
    )
    decision = Outcome.objects.create(
        item=item, kind="decision", text="Der Betrieb wird aufgenommen.", number="1/1",
        result="adopted", method="unanimous",
    )  # fmt: skip
    JointAdoption.objects.create(outcome=decision, body=council)
    Outcome.objects.create(item=item, kind="question", text="Ab wann?", speaker=spoke)
    Outcome.objects.create(item=item, kind="parked", text="Der Beitrag", trigger="Haushalt")
    table = GroupTable.objects.create(item=work, number=1, question="Was hilft?")
    cluster = GroupCluster.objects.create(item=work, title="Ansprache")
    GroupResult.objects.create(table=table, cluster=cluster, text="Besuche vor Ort", rank=1)
    minutes = Minutes.objects.create(meeting=meeting, state="circulated", circulated_at=now)
    MinutesRevision.objects.create(
        minutes=minutes, number=1, state="circulated", content="{}", sha256="0" * 64, by=office.ref
    )
    period = ObjectionPeriod.objects.create(
        network=cast.network, subject_type=Ref.to(minutes).type, subject_uuid=minutes.uuid,
        closes_at=now + timedelta(days=14),
    )  # fmt: skip
    Objection.objects.create(
        period=period, text="Bitte den Namen ergänzen.", person=cast["voter"],
        by=cast.actor("voter").ref,
    )  # fmt: skip
    Idea.objects.create(body=council, title="Nachwuchs", proposer=spoke)
    appointment = Appointment.objects.create(
        network=cast.network, title="Besuch im Betrieb", made_by=office.ref,
        starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=3, hours=2),
    )  # fmt: skip
    appointment.organisations.add(cast.org_a)
    measure = measures.create_measure(
        actor=COMMAND, origin=Ref.to(decision), title="Willkommen schreiben", body=council,
        network=cast.network,
    )  # fmt: skip
    matter = Matter.objects.create(network=cast.network, title="Neue Partner")
    Knot.objects.create(
        matter=matter, ref_type=Ref.to(measure).type, ref_uuid=measure.uuid, added_by=office.ref
    )
    Step.objects.create(matter=matter, title="Entwurf", who="Arbeitsgruppe")
    assert Holder.objects.filter(mandate__body=council).exists()
