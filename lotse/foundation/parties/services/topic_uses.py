"""Topics of organisations, as the app of the topics asks about them."""

from lotse.foundation.parties.models import Organisation


def count(topic: int) -> int:
    """How many organisations have the topic. One query."""
    return Organisation.topics.through.objects.filter(topic=topic).count()


def move(topic: int, successor: int) -> int:
    """Hangs the organisations of one topic on another; returns how many it were.

    An organisation may have the other one already, or take it at this moment. Four queries.
    """
    links = Organisation.topics.through.objects
    rows = links.select_for_update().filter(topic=topic).order_by("pk")
    held = dict(rows.values_list("pk", "organisation"))
    new = [links.model(organisation_id=one, topic_id=successor) for one in held.values()]
    links.bulk_create(new, ignore_conflicts=True)
    links.filter(pk__in=held).delete()
    return len(held)
