"""What the clock has brought about is written down: once a day, for all minutes."""

from lotse.rooms.bodies.models import Minutes
from lotse.rooms.bodies.services import minutes as services


def settle_due() -> int:
    """Adopts all minutes whose period has run out in silence; returns how many. Bears running
    twice; each in a transaction of its own."""
    waiting = Minutes.objects.filter(state__in=services.OUT).order_by("pk")
    return sum(services.settle(one) for one in waiting)
