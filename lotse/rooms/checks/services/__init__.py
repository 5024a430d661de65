"""Every write of the room: the library of checks, assessments, answers, secret links."""

from lotse.rooms.checks.services import answers, assessments, library, links, plan, sharing

__all__ = ["answers", "assessments", "library", "links", "plan", "sharing"]
