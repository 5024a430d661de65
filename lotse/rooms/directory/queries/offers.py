"""What the filters offer where too much was found to be counted."""

from lotse.foundation.parties.models import Organisation
from lotse.foundation.topics.models import Region, Topic
from lotse.rooms.directory.content import choices


def offered(lang: str) -> dict[str, list[str]]:
    """Facet -> values that can be chosen, without counts. Two queries."""
    states = Region.objects.filter(kind=Region.Kind.STATE)
    topics = Topic.objects.filter(retired_at=None, parent=None)
    return {
        "kind": ["organisation", "person", "service"],
        "topic": list(topics.values_list("code", flat=True)),
        "region": list(states.values_list("key", flat=True)),
        "target": list(choices.TARGET_GROUPS),
        "okind": list(Organisation.Kind.values),
        "size": list(choices.SIZES),
        "sector": [letter.lower() for letter in choices.sectors(lang)],
        "form": list(choices.SERVICE_FORMS),
        "language": list(choices.LANGUAGES),
    }
