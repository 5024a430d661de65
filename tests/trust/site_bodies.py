"""What is behind the addresses of bodies: one of everything, for tests that walk all addresses."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from lotse.foundation.core import clock, records
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.models import Knot, Matter, Step
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import RoleGrant
from lotse.foundation.procedures.models import Objection, ObjectionPeriod
from lotse.rooms.bodies.content.minutes import compile_minutes
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
from lotse.rooms.bodies.services import papers
from tests import people


def first(model: Any, **wanted: Any) -> Callable[[Any], Any]:
    """The uuid of the first such object."""

    def uuid(site: Any) -> Any:
        return model.objects.filter(**wanted).order_by("pk").values_list("uuid", flat=True)[0]

    return uuid


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("Übersicht.pdf", b"%PDF-1.7\n%%EOF\n")


# URL name (or namespace) -> argument -> what stands there. One line for each new address.
SPECIAL: dict[str, dict[str, Callable[[Any], Any]]] = {
    "bodies:": {"uuid": lambda site: site.cast.council.uuid},
    "bodies:matter": {"uuid": first(Matter)},
    "bodies:matter-edit": {"uuid": first(Matter)},
    "bodies:matter-state": {"uuid": first(Matter)},
    "bodies:matter-untie": {"uuid": first(Matter)},
    "bodies:matter-merge": {"uuid": first(Matter)},
    "bodies:matter-split": {"uuid": first(Matter)},
    "bodies:matter-step-new": {"uuid": first(Matter)},
    "bodies:matter-step": {"uuid": first(Step)},
    "bodies:matter-step-move": {"uuid": first(Step)},
    "bodies:idea": {"uuid": first(Idea)},
    "bodies:idea-edit": {"uuid": first(Idea)},
    "bodies:appointment": {"uuid": first(Appointment)},
    "bodies:appointment-edit": {"uuid": first(Appointment)},
    "bodies:appointment-cancel": {"uuid": first(Appointment)},
    "bodies:appointment-file": {"uuid": first(Appointment)},
    "bodies:body": {"uuid": lambda site: site.cast.council.uuid},
    "bodies:office-end": {
        "uuid": lambda site: site.cast.council.uuid,
        "grant": first(RoleGrant, role="chair"),
    },
    "bodies:commission": {
        "uuid": lambda site: site.cast.council.uuid,
        "commission": first(Commission),
    },
    "bodies:mandate": {"uuid": first(Mandate)},
    "bodies:mandate-edit": {"uuid": first(Mandate)},
    "bodies:mandate-end": {"uuid": first(Mandate)},
    "bodies:mandate-fill": {"uuid": first(Mandate)},
    "bodies:holder-end": {"uuid": first(Mandate), "holder": first(Holder)},
    "bodies:holder-move": {"uuid": first(Mandate), "holder": first(Holder)},
    "bodies:meeting": {"uuid": first(Meeting)},
    "bodies:meeting-edit": {"uuid": first(Meeting)},
    "bodies:meeting-postpone": {"uuid": first(Meeting)},
    "bodies:meeting-cancel": {"uuid": first(Meeting)},
    "bodies:meeting-ics": {"uuid": first(Meeting)},
    "bodies:agenda": {"uuid": first(Meeting)},
    "bodies:agenda-add": {"uuid": first(Meeting)},
    "bodies:agenda-take": {"uuid": first(Meeting)},
    "bodies:papers": {"uuid": first(Meeting)},
    "bodies:invitation": {"uuid": first(Meeting)},
    "bodies:guest-add": {"uuid": first(Meeting)},
    "bodies:reply": {"uuid": first(Meeting)},
    "bodies:agenda-item": {"uuid": first(AgendaItem)},
    "bodies:agenda-move": {"uuid": first(AgendaItem)},
    "bodies:agenda-remove": {"uuid": first(AgendaItem)},
    "bodies:notes": {"uuid": first(AgendaItem)},
    "bodies:notes-state": {"uuid": first(AgendaItem)},
    "bodies:outcomes": {"uuid": first(AgendaItem)},
    "bodies:outcome-new": {"uuid": first(AgendaItem), "kind": lambda _site: "note"},
    "bodies:outcome": {"uuid": first(Outcome)},
    "bodies:outcome-move": {"uuid": first(Outcome)},
    "bodies:outcome-delete": {"uuid": first(Outcome)},
    "bodies:outcome-adoptions": {"uuid": first(Outcome)},
    "bodies:adoption-day": {"uuid": first(JointAdoption)},
    "bodies:adoption-remove": {"uuid": first(JointAdoption)},
    "bodies:group": {"uuid": first(AgendaItem, kind="group_work")},
    "bodies:group-table-new": {"uuid": first(AgendaItem, kind="group_work")},
    "bodies:group-cluster-new": {"uuid": first(AgendaItem, kind="group_work")},
    "bodies:group-sort": {"uuid": first(AgendaItem, kind="group_work")},
    "bodies:group-table": {"uuid": first(GroupTable)},
    "bodies:group-table-change": {"uuid": first(GroupTable)},
    "bodies:group-table-delete": {"uuid": first(GroupTable)},
    "bodies:group-result": {"uuid": first(GroupResult)},
    "bodies:group-result-rank": {"uuid": first(GroupResult)},
    "bodies:group-result-delete": {"uuid": first(GroupResult)},
    "bodies:group-result-measure": {"uuid": first(GroupResult)},
    "bodies:group-cluster": {"uuid": first(GroupCluster)},
    "bodies:group-cluster-delete": {"uuid": first(GroupCluster)},
    "bodies:group-cluster-measure": {"uuid": first(GroupCluster)},
    "bodies:paper": {"uuid": first(Annex)},
    "bodies:paper-version": {"uuid": first(Annex)},
    "bodies:paper-edit": {"uuid": first(Annex)},
    "bodies:paper-move": {"uuid": first(Annex)},
    "bodies:paper-remove": {"uuid": first(Annex)},
    "bodies:paper-file": {"uuid": first(Annex), "number": lambda _site: 1},
    "bodies:guest-remove": {"uuid": first(Attendance)},
    "bodies:invite-again": {"uuid": first(Attendance)},
    "bodies:reply-for": {"uuid": first(Attendance)},
    "bodies:reply-link": {"uuid": first(Attendance)},
    "bodies:reply-open": {"token": lambda _site: "x" * 43},
    "bodies:reply-paper": {"uuid": first(Attendance), "number": lambda _site: 1},
    "bodies:minutes": {"uuid": first(Meeting)},
    "bodies:minutes-head": {"uuid": first(Meeting)},
    "bodies:minutes-circulate": {"uuid": first(Meeting)},
    "bodies:minutes-correct": {"uuid": first(Meeting)},
    "bodies:minutes-adopt": {"uuid": first(Meeting)},
    "bodies:minutes-publish": {"uuid": first(Meeting)},
    "bodies:minutes-amend": {"uuid": first(Meeting)},
    "bodies:minutes-object": {"uuid": first(Meeting)},
    "bodies:minutes-revisions": {"uuid": first(Meeting)},
    "bodies:minutes-diff": {"uuid": first(Meeting)},
    "bodies:minutes-revision": {"uuid": first(Meeting), "number": lambda _site: 1},
    "bodies:minutes-pdf": {"uuid": first(Meeting)},
    "bodies:minutes-docx": {"uuid": first(Meeting)},
    "bodies:objection-answer": {"uuid": first(Objection)},
    "bodies:objection-withdraw": {"uuid": first(Objection)},
    "bodies:objection-open": {"uuid": first(Attendance), "token": lambda _site: "x" * 43},
    "bodies:cockpit": {"uuid": first(Meeting)},
    "bodies:start": {"uuid": first(Meeting)},
    "bodies:next-item": {"uuid": first(Meeting)},
    "bodies:call-item": {"uuid": first(Meeting)},
    "bodies:postpone-item": {"uuid": first(Meeting)},
    "bodies:finish": {"uuid": first(Meeting)},
    "bodies:reopen": {"uuid": first(Meeting)},
    "bodies:live": {"uuid": first(Meeting)},
    "bodies:here": {"uuid": first(Meeting)},
    "bodies:speak": {"uuid": first(Meeting)},
    "bodies:projector": {"uuid": first(Meeting)},
    "bodies:live-state": {"uuid": first(Meeting)},
    "bodies:presence": {"uuid": first(Meeting)},
    "bodies:presence-guest": {"uuid": first(Meeting)},
    "bodies:presence-deputy": {"uuid": first(Meeting)},
    "bodies:presence-unnamed": {"uuid": first(Meeting)},
    "bodies:check-in-code": {"uuid": first(Meeting)},
    "bodies:presence-edit": {"uuid": first(Attendance)},
    "bodies:speaker": {"uuid": first(SpeakRequest)},
    "bodies:check-in": {"code": lambda site: Meeting.objects.get().check_in_code},
    "bodies:agenda-pdf": {"uuid": first(Meeting)},
    "bodies:agenda-docx": {"uuid": first(Meeting)},
    "bodies:sign-in-pdf": {"uuid": first(Meeting)},
    "bodies:badges-pdf": {"uuid": first(Meeting)},
    "bodies:participants-pdf": {"uuid": first(Meeting)},
    "bodies:members-pdf": {"uuid": lambda site: site.cast.council.uuid},
    "bodies:measures": {"uuid": lambda site: site.cast.council.uuid},
    "bodies:measure": {"uuid": first(Measure, body__isnull=False)},
    "bodies:measure-edit": {"uuid": first(Measure, body__isnull=False)},
    "bodies:measure-share": {"uuid": first(Measure, body__isnull=False)},
    "bodies:measure-remind": {"uuid": first(Measure, body__isnull=False)},
    "bodies:workload-of": {"uuid": lambda site: site.cast.council.uuid},
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
    annex = Annex.objects.create(meeting=meeting, item=item, number=1, title="Übersicht")
    papers.add_version(annex, _file(), actor=COMMAND)
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
    content = records.canonical(compile_minutes(minutes, "de"))
    MinutesRevision.objects.create(
        minutes=minutes, number=1, state="circulated", content=content.decode(),
        sha256=hashlib.sha256(content).hexdigest(), by=office.ref,
    )  # fmt: skip
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
