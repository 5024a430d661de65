"""What an organisation's entry and its base data both say.

The desk changes base data, and the entry gets a revision; a revision that is let through writes the
base data, for other rooms show them to all members (of an entry of which nothing was ever let
through every save does). Each side does nothing where the other says the same already, so neither
can start a loop.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from lotse.foundation.core import actionlog, clock
from lotse.foundation.core.actor import SYSTEM, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.parties.models import Organisation
from lotse.rooms.directory.content.known import Known
from lotse.rooms.directory.models import Entry, Publication

TEXTS = ("name", "short_name", "kind", "function", "postal_code", "city", "website")


def content_of(organisation: Organisation) -> dict[str, Any]:
    """The base data in the words of an entry. One query for the topics."""
    content: dict[str, Any] = {key: value for key in TEXTS if (value := getattr(organisation, key))}
    topics = list(organisation.topics.values_list("code", flat=True))
    if topics:
        content["topics"] = topics
    if organisation.region is not None:
        content["regions"] = [organisation.region.key]
    return content


def taken_over(
    held: Mapping[str, Any], base: Mapping[str, Any], said: Mapping[str, Any]
) -> dict[str, Any]:
    """The content of an entry with what changed in the base data: where they say something else
    than `said`, the content they were last brought to. A draft keeps its other changes. The region
    of the base data is the first of those served; topics keep their order where they are the
    same."""
    content = dict(held)
    for key in TEXTS:
        if base.get(key, "") != said.get(key, ""):
            content[key] = base.get(key, "")
    if set(base.get("topics", ())) != set(said.get("topics", ())):
        content["topics"] = list(base.get("topics", ()))
    if base.get("regions", [])[:1] != list(said.get("regions", ()))[:1]:
        first = base.get("regions", [])[:1]
        content["regions"] = [*first, *(k for k in held.get("regions", ()) if k not in first)]
    return {key: value for key, value in content.items() if value}


def let_through(entry: Entry) -> dict[str, Any] | None:
    """The content the base data follow: what took effect last in any channel and has not ended;
    None where nothing ever was. One query."""
    now = clock.now()
    rows = entry.publications.filter(effective_at__lte=now).select_related("revision")
    newest = list(rows.order_by("-effective_at", "-pk")[:10])
    open_ones = [one for one in newest if one.ended_at is None or one.ended_at > now]
    return next((dict(one.revision.content) for one in [*open_ones, *newest]), None)


def follow_effective() -> int:
    """Daily: base data follow what took effect by the clock since yesterday; returns how many
    changed."""
    now = clock.now()
    rows = Publication.objects.filter(
        effective_at__lte=now, effective_at__gt=now - timedelta(days=2),
        entry__kind=Entry.Kind.ORGANISATION, via=Publication.Via.ANNOUNCED,
    )  # fmt: skip
    found = Entry.objects.filter(pk__in=rows.values("entry")).select_related("organisation")
    count = 0
    for entry in found:
        content = let_through(entry)
        if content is not None and entry.organisation is not None:
            count += write(entry.organisation, content, actor=SYSTEM)
    return count


@transaction.atomic
def write(organisation: Organisation, content: Mapping[str, Any], *, actor: Actor) -> bool:
    """Brings the base data to what the entry says; whether anything was different.

    Two queries where nothing is. The right was asked for by the caller.
    """
    wanted: dict[str, Any] = {key: content.get(key, "") for key in TEXTS}
    held: dict[str, Any] = {key: getattr(organisation, key) for key in TEXTS}
    region = organisation.region
    first = next(iter(content.get("regions", ())), "")
    known = Known()
    if first != (region.key if region else ""):
        held["region"], wanted["region"] = region, known.regions([first]).get(first)
    changes = {key: value for key, value in wanted.items() if value != held[key]}
    if changes:
        update_versioned(organisation, expected=organisation.version, **changes)
    codes = set(organisation.topics.values_list("code", flat=True))
    if codes != set(content.get("topics", ())):
        organisation.topics.set(known.topics_of(content))
        changes["topics"] = sorted(content.get("topics", ()))
        held["topics"] = sorted(codes)
    if changes:
        actionlog.record(
            "parties.organisation.changed",
            organisation,
            actor=actor,
            before={key: _plain(held[key]) for key in changes},
            after={key: _plain(value) for key, value in changes.items()},
        )
    return bool(changes)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | list | None) else str(value)
