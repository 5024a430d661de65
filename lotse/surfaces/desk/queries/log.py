"""Named reads of the action log: names are looked up when it is read, the log holds none."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Network, Organisation, Person
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.topics.models import Topic
from lotse.rooms.directory.models import Application, Entry

_TEXT = CharField()


def entries_for(actor: Actor) -> QuerySet[LogEntry]:
    """Lines of the log the actor may read, newest first."""
    return alive(visible("desk.log.view", actor, LogEntry.objects.all())).order_by("-at", "-pk")


def since(rows: QuerySet[LogEntry], day: str) -> QuerySet[LogEntry]:
    return rows.filter(at__gte=_begin(date.fromisoformat(day)))


def until(rows: QuerySet[LogEntry], day: str) -> QuerySet[LogEntry]:
    return rows.filter(at__lt=_begin(date.fromisoformat(day) + timedelta(days=1)))


def _begin(day: date) -> datetime:
    """Midnight in Europe/Berlin."""
    return timezone.make_aware(datetime.combine(day, time.min))


def by_actor(rows: QuerySet[LogEntry], words: str) -> QuerySet[LogEntry]:
    """Lines of people whose name holds the words, or of commands and the system by their name."""
    people = Person.objects.filter(account__isnull=False).filter(
        Q(last_name__icontains=words) | Q(first_name__icontains=words)
    )
    refs = people.values(ref=Concat(Value("account:"), F("account__uuid"), output_field=_TEXT))
    found: list[str] = [f"account:{_uuid(row['ref'])}" for row in refs[:200]]
    kind = {"befehl": "command", "system": "system", "gast": "guest"}.get(words.casefold(), words)
    return rows.filter(Q(actor__in=found) | Q(actor=kind))


def _uuid(ref: str) -> str:
    """SQLite keeps uuids without hyphens."""
    return str(UUID(ref.partition(":")[2]))


def by_action(rows: QuerySet[LogEntry], words: str) -> QuerySet[LogEntry]:
    """Lines whose action is called so on the screen, or whose code holds the words."""
    return rows.filter(Q(code__in=actionlog.codes_like(words)) | Q(code__icontains=words))


def by_object(rows: QuerySet[LogEntry], value: str) -> QuerySet[LogEntry]:
    """Lines about one thing, by its uuid; by the beginning of its kind otherwise."""
    try:
        return rows.filter(object_uuid=UUID(value))
    except ValueError:
        kinds = Q(object_type__in=actionlog.codes_like(value))
        return rows.filter(kinds | Q(object_type__icontains=value))


def names_in(entries: Sequence[LogEntry]) -> dict[tuple[str, str], str]:
    """Names of actors ("a") and objects ("o") that still exist, by (kind, uuid). One query."""
    actors = {
        UUID(entry.actor.partition(":")[2]) for entry in entries
        if entry.actor.startswith("account:")
    }  # fmt: skip
    objects = {entry.object_uuid for entry in entries}
    person = Concat(F("first_name"), Value(" "), F("last_name"), output_field=_TEXT)
    people = Person.objects.filter(erased_at=None)
    found = _named(people.filter(account__uuid__in=actors), "a", "account__uuid", person).union(
        _named(people.filter(uuid__in=objects), "o", "uuid", person),
        _named(Organisation.objects.filter(uuid__in=objects), "o", "uuid", F("name")),
        _named(Network.objects.filter(uuid__in=objects), "o", "uuid", F("name")),
        _named(Topic.objects.filter(uuid__in=objects), "o", "uuid", KT("name__de")),
        _named(
            Entry.objects.filter(uuid__in=objects, person=None),
            "o",
            "uuid",
            KeyTextTransform("name", "latest__content"),
        ),
        _named(Application.objects.filter(uuid__in=objects), "o", "uuid", F("name")),
    )
    return {(kind, str(uuid)): name.strip() for kind, uuid, name in found}


def _named(rows: Any, kind: str, uuid: str, name: Any) -> Any:
    return rows.annotate(
        log_kind=Value(kind, output_field=_TEXT),
        log_uuid=F(uuid),
        log_name=Concat(name, Value(""), output_field=_TEXT),
    ).values_list("log_kind", "log_uuid", "log_name").order_by()  # fmt: skip


def actor_name(entry: LogEntry, names: dict[tuple[str, str], str]) -> str:
    """Who did it, in words."""
    kind, _colon, uuid = entry.actor.partition(":")
    if kind == "account":
        return names.get(("a", uuid), _("jemand, den es nicht mehr gibt"))
    words = {"command": _("Befehl"), "system": _("System"), "guest": _("Gast"),
             "letter": _("über einen Link aus einer Mail")}  # fmt: skip
    return words.get(kind, kind)


def object_name(entry: LogEntry, names: dict[tuple[str, str], str]) -> str:
    """The thing by its name, else what kind of thing it is."""
    return names.get(("o", str(entry.object_uuid))) or actionlog.name(entry.object_type)
