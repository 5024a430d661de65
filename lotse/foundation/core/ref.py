"""A reference to an object of another app: type code and uuid; the owner's app resolves it."""

from dataclasses import dataclass
from uuid import UUID

from lotse.foundation.core.models import Entity


@dataclass(frozen=True)
class Ref:
    """`Ref("checks.assessment", uuid)`: holds no import and no foreign key (architecture)."""

    type: str
    uuid: UUID

    @classmethod
    def to(cls, obj: Entity) -> "Ref":
        return cls(obj._meta.label_lower, obj.uuid)
