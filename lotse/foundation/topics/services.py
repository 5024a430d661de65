"""Loading topics and regions from `content/`; both are data, not code."""

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.urls import reverse

from lotse.foundation.core import actionlog, search, text
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.search import concepts
from lotse.foundation.topics.models import Region, Topic
from lotse.foundation.topics.queries import content_of

LANGUAGES = ("de", "en")


def _read(name: str) -> Any:
    with Path(settings.CONTENT_DIR / name).open("rb") as file:
        return yaml.safe_load(file)


def _uuid(kind: str, code: str) -> UUID:
    """The same uuid on every installation: exchange formats can refer to a topic or region."""
    return uuid5(NAMESPACE_URL, f"urn:lotse:{kind}:{code}")


@transaction.atomic
def load_topics() -> int:
    """Brings the topics to the state of `content/topics.yaml`; repeatable. Returns how many.

    What was changed at the desk since the last load is kept, value by value; what was retired
    stays so, and what the desk made itself is left alone.
    """
    count, before = 0, _state()
    for group in _read("topics.yaml")["topics"]:
        parent = _put_topic(group, None, count)
        count += 1
        for item in group.get("topics", []):
            _put_topic(item, parent, count)
            count += 1
    # Other texts are indexed by the words of the topics, too.
    if before[0] and before != _state():
        concepts.changed()
    concepts.forget()
    reindex_topics()
    return count


def _state() -> tuple[int, int]:
    """How many topics there are, and how often they were changed. One query."""
    found = Topic.objects.aggregate(count=Count("pk"), versions=Sum("version"))
    return found["count"], found["versions"] or 0


def _put_topic(item: dict[str, Any], parent: Topic | None, position: int) -> Topic:
    group = parent.parent or parent if parent else None
    shipped: dict[str, Any] = {
        "parent": group.code if group else None,
        "name": item["name"],
        "summary": item.get("summary", {}),
        "synonyms": item.get("synonyms", {}),
        "position": position,
    }
    found = Topic.objects.select_related("parent").filter(code=item["code"]).first()
    if found is None:
        # A group that was retired here is not wanted: neither is what comes new into it.
        retired_at = group.retired_at if group else None
        uuid, values = _uuid("topic", item["code"]), shipped | {"parent": group}
        return Topic.objects.create(
            code=item["code"], uuid=uuid, shipped=shipped, retired_at=retired_at, **values
        )
    if not found.is_own:
        _follow_content(found, shipped, group)
    return found


def _follow_content(topic: Topic, shipped: dict[str, Any], group: Topic | None) -> None:
    """Takes over what the content says anew, where the desk did not say otherwise."""
    now = content_of(topic)
    changed = {
        name: value
        for name, value in shipped.items()
        if value != now[name] and now[name] == topic.shipped.get(name, now[name])
    }
    if "parent" in changed and not _may_go_below(topic, group):
        del changed["parent"]
    if not changed and topic.shipped == shipped:
        return
    values = changed | ({"parent": group} if "parent" in changed else {})
    update_versioned(topic, expected=topic.version, shipped=shipped, **values)
    if changed:
        before = {name: now[name] for name in changed}
        actionlog.record("topics.topic.loaded", topic, actor=COMMAND, before=before, after=changed)


def _may_go_below(topic: Topic, group: Topic | None) -> bool:
    return group is None or (group.retired_at is None and not topic.topics.exists())


def reindex_topics() -> int:
    """Puts all topics that are in use into the search, in both languages."""
    search.drop_kind("topic")
    topics = Topic.objects.filter(retired_at=None).prefetch_related("replaced")
    return search.put(doc for topic in topics for doc in docs_of(topic))


def docs_of(topic: Topic) -> list[search.Doc]:
    """The words of a topic that was retired go on leading to its successor."""
    return [
        search.Doc(
            kind="topic",
            ref=topic.uuid,
            lang=lang,
            title=text.pick(topic.name, lang),
            summary=text.pick(topic.summary, lang),
            words=" ".join([
                *topic.synonyms.get(lang, []),
                *(word for old in topic.replaced.all()
                  for word in (text.pick(old.name, lang), *old.synonyms.get(lang, []))),
            ]),
            facets=[("topic", topic.code)],
            key=topic.code,
            url=f"{reverse('home:topics')}#{topic.code}",
        )
        for lang in LANGUAGES
    ]  # fmt: skip


@transaction.atomic
def load_regions() -> int:
    """Brings the regions to the state of `content/regions.yaml`; repeatable. Returns how many.

    Raises Refused when the file does not hold 16 Länder, 294 Kreise and 106 kreisfreie Städte.
    """
    data = _read("regions.yaml")
    faults = region_faults(data)
    if faults:
        raise Refused(*faults)
    rows = [data["country"], *data["states"], *data["districts"]]
    existing = dict(Region.objects.values_list("key", "pk"))
    keep = [row["key"] for row in rows]
    new = [_region(row) for row in rows if row["key"] not in existing]
    Region.objects.bulk_create(new)
    keys = dict(Region.objects.values_list("key", "pk"))
    changed = []
    for row in rows:
        region = _region(row)
        region.pk = keys[row["key"]]
        region.parent_id = keys.get(_parent_key(row["key"]))
        changed.append(region)
    Region.objects.bulk_update(changed, ["name", "name_en", "kind", "parent"])
    Region.objects.exclude(key__in=keep).delete()
    return len(rows)


def _region(row: dict[str, str]) -> Region:
    return Region(
        uuid=_uuid("region", row["key"]),
        key=row["key"],
        name=row["name"],
        name_en=row.get("name_en", ""),
        kind=row["kind"],
    )


def _parent_key(key: str) -> str:
    return {5: key[:2], 2: "00" if key != "00" else ""}.get(len(key), "")


def region_faults(data: dict[str, Any]) -> list[str]:
    """What is wrong with the file of regions, in words; empty for nothing."""
    states, districts = data["states"], data["districts"]
    kinds = [row["kind"] for row in districts]
    counts = (len(states), kinds.count("kreis"), kinds.count("stadt"))
    faults = []
    if counts != (16, 294, 106):
        faults.append(f"16 Länder, 294 Landkreise, 106 Städte erwartet, gefunden: {counts}")
    keys = [row["key"] for row in districts]
    known = {row["key"] for row in states}
    if len(set(keys)) != len(keys):
        faults.append("Ein Schlüssel kommt doppelt vor.")
    faults += [
        f"Schlüssel {key}: fünf Ziffern, davon die ersten zwei ein Land."
        for key in keys
        if not (len(key) == 5 and key.isascii() and key.isdigit() and key[:2] in known)
    ]
    return faults
