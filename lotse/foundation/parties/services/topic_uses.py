"""Topics of organisations, as the app of the topics asks about them."""

from lotse.foundation.parties.models import Organisation


def count(topic: int) -> int:
    """How many organisations have the topic. One query."""
    return Organisation.topics.through.objects.filter(topic=topic).count()


def move(topic: int, successor: int) -> int:
    """Hangs the organisations of one topic on another; returns how many it were."""
    through = Organisation.topics.through
    rows = through.objects.filter(topic=topic)
    count = rows.count()
    have = through.objects.filter(topic=successor).values_list("organisation", flat=True)
    rows.filter(organisation__in=list(have)).delete()
    rows.update(topic=successor)
    return count
