"""The room's part of the demo network: bodies, three years of meetings, matters through them.

The past is written as it would have been: straight rows with past dates. Minutes are compiled from
them by the same code as any other.
"""

from collections.abc import Callable
from typing import Any

import yaml
from django.conf import settings

from lotse.foundation.core.actor import Actor
from lotse.foundation.matters.models import Matter
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Body, Network
from lotse.rooms.bodies.demo import bodies, meetings
from lotse.rooms.bodies.demo.names import Names
from lotse.rooms.bodies.models import Appointment, Attribution


def load(data: dict[str, Any], say: Callable[[str], None]) -> None:
    """Brings the bodies of the demo to the state of the file; repeatable."""
    network = Network.objects.filter(is_demo=True).first()
    if network is None or Body.objects.filter(network=network, is_demo=True).exists():
        return
    with (settings.CONTENT_DIR / "demo" / "bodies.yaml").open("rb") as file:
        content = dict(yaml.safe_load(file))
    names = Names(network)
    bodies.load(content, names)
    meetings.load(content, names)
    bodies.load_between(content, names)
    say(f"{len(content['bodies'])} Gremien, {len(content['meetings'])} Sitzungen")


def remove(actor: Actor) -> int:
    """Deletes the examples of the room; returns how many bodies there were."""
    Measure.objects.filter(network__is_demo=True, origin_type__startswith="bodies.").delete()
    Matter.objects.filter(network__is_demo=True).delete()
    Appointment.objects.filter(network__is_demo=True).delete()
    found = Body.objects.filter(network__is_demo=True)
    count = found.count()
    found.delete()
    Attribution.objects.filter(network__is_demo=True).delete()
    return count
