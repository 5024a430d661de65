"""What the clock has brought about is written down: once a day, for all minutes."""

import logging

from lotse.rooms.bodies.models import Minutes
from lotse.rooms.bodies.services import minutes as services

logger = logging.getLogger("lotse.jobs")


def settle_due() -> int:
    """Adopts all minutes whose period has run out in silence; returns how many. Bears running
    twice; each in a transaction of its own. One that cannot be written does not keep back the
    others; its fault is raised at the end, so that the job is tried again."""
    fault, count = None, 0
    for one in Minutes.objects.filter(state__in=services.OUT).order_by("pk"):
        try:
            count += services.settle(one)
        except Exception as found:
            logger.exception("Das Protokoll %s ist nicht als genehmigt eingetragen.", one.uuid)
            fault = found
    if fault is not None:
        raise fault
    return count
