"""What a service may answer instead of doing its work; `middleware.Refusals` maps it to HTTP."""

from typing import Any


class Refused(Exception):
    """Understood but wrong (422): `messages` say what and what to do, in the user's language."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


class Conflict(Exception):
    """Somebody else saved in between (409): `current` is the object as it stands now."""

    def __init__(self, current: Any = None) -> None:
        super().__init__("version conflict")
        self.current = current


class InProgress(Exception):
    """The same request is being worked on at this moment (409 with Retry-After)."""

    retry_after = 1


class TooMany(Exception):
    """Too many attempts (429); `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


class NotAllowed(Exception):
    """Known to the actor, but not allowed (403)."""
