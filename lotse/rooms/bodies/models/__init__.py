"""Tables of the room: bodies and seats, meetings, what they bring about, their minutes."""

from lotse.rooms.bodies.models.between import Appointment, Idea
from lotse.rooms.bodies.models.bodies import Charter, Commission, Happening, Holder, Mandate
from lotse.rooms.bodies.models.meetings import (
    AgendaItem,
    Annex,
    AnnexVersion,
    Attendance,
    Meeting,
    Presence,
    Presenter,
    SpeakRequest,
)
from lotse.rooms.bodies.models.minutes import Attribution, Minutes, MinutesRevision
from lotse.rooms.bodies.models.notes import NoteBlock, NoteVersion
from lotse.rooms.bodies.models.outcomes import (
    GroupCluster,
    GroupResult,
    GroupTable,
    JointAdoption,
    Outcome,
)

__all__ = [
    "AgendaItem", "Annex", "AnnexVersion", "Appointment", "Attendance", "Attribution", "Charter",
    "Commission", "GroupCluster", "GroupResult", "GroupTable", "Happening", "Holder", "Idea",
    "JointAdoption", "Mandate", "Meeting", "Minutes", "MinutesRevision", "NoteBlock",
    "NoteVersion", "Outcome", "Presence", "Presenter", "SpeakRequest",
]  # fmt: skip
