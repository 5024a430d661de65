"""Named reads of topics."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from lotse.foundation.core import hooks
from lotse.foundation.topics.models import Topic

CONTENT = ("parent", "name", "summary", "synonyms", "position")


def content_of(topic: Topic) -> dict[str, object]:
    """What the content says of a topic, as it stands now; the group by its code."""
    held = {name: getattr(topic, name) for name in CONTENT}
    return held | {"parent": topic.parent.code if topic.parent else None}


def in_order(topics: Iterable[Topic]) -> list[Topic]:
    """Groups, each with its topics behind it, whatever their places were given in."""

    def place(topic: Topic) -> tuple[int, int, bool, int, int]:
        group = topic.parent or topic
        return group.position, group.pk, topic.parent is not None, topic.position, topic.pk

    return sorted(topics, key=place)


def origin_of(topic: Topic) -> str:
    """Where a topic comes from, in words."""
    if topic.is_own:
        return _("hier angelegt")
    return _("mitgeliefert, hier geändert") if is_changed(topic) else _("mitgeliefert")


def is_changed(topic: Topic) -> bool:
    """Whether the desk made it say something else than the content does."""
    now = content_of(topic)
    return any(topic.shipped.get(name, value) != value for name, value in now.items())


def uses_of(topic: Topic) -> list[tuple[str, int]]:
    """What hangs on a topic: (what, how much), without what there is none of. A query for each
    kind of use."""
    found = [(str(use.title), use.count(topic.pk)) for use in hooks.topic_uses]
    return [(title, count) for title, count in found if count]
