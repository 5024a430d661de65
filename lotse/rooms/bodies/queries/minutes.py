"""Minutes as they are read: names put in, the state as the clock says, revisions in their order.

Resolved minutes are canonical minutes in which each attribution is a `who`: a dict of `name`,
`organisation` and `words` ("Kim Muster (Beispiel gGmbH)"). `moderation`, `minute_takers`,
`moderators`, `excused` and `absent` are lists of them, `speaker` and `stands_for` one or None,
`attribution` of those present, of presenters and of each line of `signatures` and `distribution`
one (None for an organisation without a name, then
`words` says which), `who` of a measure a list of them. `outside` says that the reader stands
outside the body: then nobody is listed as present, and names stand only with consent. A decision
that a later one took the place of says so as `replaced_by`: its `number` and `day`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.parties.models import Person
from lotse.foundation.parties.privacy import consents
from lotse.foundation.parties.privacy.identity import FORMER
from lotse.rooms.bodies.content import closing
from lotse.rooms.bodies.models import Attribution, Charter, Minutes, Outcome

PURPOSE = "bodies.minutes"
Json = dict[str, Any]
Who = dict[str, str]
STATE, LEVEL = Minutes.State, Charter.Level
_LISTS = ("moderation", "minute_takers", "moderators", "excused", "absent")
_SINGLE = ("speaker", "stands_for", "attribution")
# What outside of the body nobody needs and may name people.
_INSIDE_ONLY = ("distribution", "signatures", "next_dates")


def resolved(
    content: Json, lang: str, *, public: bool = False, channel: str = "web",
    known: Mapping[str, Attribution] | None = None, restricted: Iterable[int] = (),
    withhold: Callable[[set[int]], set[int]] = set,
) -> Json:  # fmt: skip
    """The content of a revision with names. One query, one more with decisions, one with `public`.

    `public` is how those outside the body read it: without the list of those present, and with
    names only of people who consent to `channel`, else "Vertretung [Organisation]" (rulings 6).
    `known` are attributions of a draft that are not stored yet, `restricted` people in it whose
    data are restricted; nothing has replaced what it says. `withhold` says of such people, by key,
    who stays unnamed to the reader, too: without it all (GDPR art. 18).
    """
    rows = {key: Attribution(uuid=key, name=line)
            for key, line in closing.old_lines(content).items()}  # fmt: skip
    content = closing.with_keys(content)
    rows |= known or {}
    keys = set(_keys_in(content))
    missing = [key for key in keys if key not in (known or {})]
    if missing:
        stored = Attribution.objects.filter(uuid__in=missing).select_related("person")
        rows |= {str(one.uuid): one for one in stored}
        restricted = {*restricted, *_restricted(stored)}
    withheld = withhold(set(restricted))
    agreed = _consenting(rows.values(), channel) if public else frozenset()
    with override(lang):
        names = {key: _who(rows.get(key), public, agreed, withheld) for key in keys}
        found: Json = _put(content, names)
    if known is None:
        _mark_replaced(found, public=public, channel=channel)
    found["outside"] = public
    if public:
        found |= {"present": [], "excused": [], "absent": [], "unnamed": 0}
        found |= dict.fromkeys(_INSIDE_ONLY, "")
    return found


def _keys_in(value: Any) -> Iterable[str]:
    """The uuids of all attributions the content names."""
    if isinstance(value, list):
        for part in value:
            yield from _keys_in(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name in _LISTS:
                yield from part
            elif name in _SINGLE:
                if part:
                    yield part
            else:
                yield from _keys_in(part)


def _put(value: Any, names: Mapping[str, Who]) -> Any:
    if isinstance(value, list):
        return [_put(part, names) for part in value]
    if not isinstance(value, dict):
        return value
    found: Json = {}
    for name, part in value.items():
        if name in _LISTS:
            found[name] = [names[key] for key in part]
        elif name in _SINGLE:
            found[name] = names[part] if part else None
        elif name == "who" and isinstance(part, list):
            found[name] = [
                names[one["attribution"]] if "attribution" in one
                else {"name": "", "organisation": one["words"], "words": one["words"]}
                for one in part
            ]  # fmt: skip
        else:
            found[name] = _put(part, names)
    return found


def _mark_replaced(content: Json, *, public: bool, channel: str) -> None:
    """Says which decisions do not stand any more. Whoever stands outside learns it only from
    minutes they may read. One query where there are decisions."""
    decisions = {UUID(one["uuid"]): one for one in _outcomes_in(content.get("items", []))
                 if one["kind"] == Outcome.Kind.DECISION}  # fmt: skip
    if not decisions:
        return
    later = Outcome.objects.filter(replaces__uuid__in=decisions, result=Outcome.Result.ADOPTED)
    minutes = "item__meeting__minutes__"
    if public:
        levels = {"members": (LEVEL.PUBLIC, LEVEL.NETWORK)}.get(channel, (LEVEL.PUBLIC,))
        later = later.filter(**{f"{minutes}state": STATE.PUBLISHED, f"{minutes}level__in": levels})
    else:
        later = later.exclude(**{f"{minutes}state": STATE.DRAFT}).exclude(
            item__meeting__minutes=None
        )
    rows = later.values_list("replaces__uuid", "number", "item__meeting__starts_at")
    for uuid, number, begin in rows.order_by("pk"):
        day = f"{timezone.localdate(begin):%d.%m.%Y}"
        decisions[uuid]["replaced_by"] = {"number": number, "day": day}


def _outcomes_in(items: Iterable[Json]) -> Iterable[Json]:
    for item in items:
        yield from item["outcomes"]
        yield from _outcomes_in(item["items"])


def _consenting(rows: Iterable[Attribution], channel: str) -> frozenset[int]:
    rows = list(rows)
    people = {one.person_id for one in rows if one.person_id}
    if not people:
        return frozenset()
    yes = consents.people_with_consent(PURPOSE, channel, rows[0].network_id)
    return frozenset(Person.objects.filter(yes, pk__in=people).values_list("pk", flat=True))


def _restricted(rows: Iterable[Attribution]) -> Iterable[int]:
    people = [one.person for one in rows if one.person is not None]
    return (one.pk for one in people if one.restricted_at is not None)


def _who(
    row: Attribution | None, public: bool, agreed: frozenset[int], withheld: set[int]
) -> Who:  # fmt: skip
    if row is None or row.name == FORMER:
        name, organisation = _("ehemalige Person"), row.organisation if row else ""
    else:
        name, organisation = row.name, row.organisation
        if row.person_id in withheld or (public and row.person_id not in agreed):
            hidden = _("Vertretung %(organisation)s") % {"organisation": organisation}
            words = hidden if organisation else _("Person ohne Namensnennung")
            return {"name": words, "organisation": organisation, "words": words}
    words = f"{name} ({organisation})" if organisation else name
    return {"name": name, "organisation": organisation, "words": words}
