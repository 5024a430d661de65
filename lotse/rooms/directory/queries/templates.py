"""Reads about templates: the one that holds, its fields one by one, answers, who is asked."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.hooks import Card
from lotse.foundation.parties.models import Affiliation, Network, Organisation, Person
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.directory.content.deadlines import last_day
from lotse.rooms.directory.content.fields import Field, fields_of
from lotse.rooms.directory.models import Entry, Template, TemplateAnswer

ASKED = "directory:templates:asked"
KINDS = tuple(Entry.Kind)
PENDING = (Template.State.DRAFT, Template.State.CONSULTATION)


@dataclass(frozen=True)
class Used:
    """One field as a template has it."""

    field: Field
    use: bool
    required: bool
    hint: dict[str, str]

    @property
    def key(self) -> str:
        return self.field.key


def adopted_template(network: Network | int, kind: str) -> Template | None:
    """The template that holds for a kind of entry; None where the list of fields itself does.
    One query."""
    return Template.objects.filter(
        network=network, kind=kind, state=Template.State.ADOPTED
    ).order_by("-number").first()  # fmt: skip


def adopted_templates(network: Network | int) -> dict[str, Template]:
    """The same for all kinds. One query."""
    found = Template.objects.filter(network=network, state=Template.State.ADOPTED)
    return {one.kind: one for one in found.order_by("number")}


def used_fields(kind: str, template: Template | None) -> list[Used]:
    """All fields there are, as the template has them; what it does not mention is as in the list
    of fields. No query."""
    asked: dict[str, Any] = template.fields if template else {}
    found = []
    for one in fields_of(kind):
        rule = asked.get(one.key, {})
        use = bool(rule.get("use", True)) or always_used(kind, one.key)
        required = use and bool(rule.get("required", one.required))
        found.append(Used(one, use, required, dict(rule.get("hint") or {})))
    return found


def always_used(kind: str, key: str) -> bool:
    """Fields without which there is no name or kind: no template can leave them out."""
    return key in {"organisation": ("name", "kind"), "service": ("name",)}.get(kind, ())


def required_keys(kind: str, template: Template | None) -> list[str]:
    """Keys of the fields an entry needs to be complete. No query."""
    return [one.key for one in used_fields(kind, template) if one.required]


@dataclass(frozen=True)
class Change:
    """What a new version does with one field, with the field's name: of "added", "dropped",
    "required", "optional", "hint" what is true; of the introduction "intro", without a name."""

    what: tuple[str, ...]
    title: str = ""


def changes_of(kind: str, now: Template | None, new: Template) -> list[Change]:
    """How a new version differs from the one that holds, field by field. No query."""
    before = {one.key: one for one in used_fields(kind, now)}
    found = []
    if _words(new.intro) != _words(now.intro if now else {}):
        found.append(Change(("intro",)))
    for one in used_fields(kind, new):
        if what := _change(before[one.key], one):
            found.append(Change(what, str(one.field.title)))
    return found


def _change(old: Used, new: Used) -> tuple[str, ...]:
    if not new.use:
        return ("dropped",) if old.use else ()
    found = [] if old.use else ["added"]
    # Of a field that is new only that it is required says something.
    if new.required != old.required:
        found.append("required" if new.required else "optional")
    if _words(new.hint) != _words(old.hint):
        found.append("hint")
    return tuple(found)


def _words(said: dict[str, str]) -> dict[str, str]:
    return {lang: words for lang, words in said.items() if words}


def spokespeople(network: Network) -> QuerySet[Person]:
    """Everybody with an open account who may represent or publish for an organisation of the
    network today: who is asked about a template."""
    seats = Affiliation.objects.filter(
        holds_on(clock.today()), Q(may_represent=True) | Q(may_publish=True),
        person=OuterRef("pk"), organisation__network=network,
    )  # fmt: skip
    return Person.objects.filter(Exists(seats), account__is_active=True, erased_at=None).order_by(
        "pk"
    )


def asked_organisations(network: Network) -> QuerySet[Organisation]:
    """Organisations that somebody can answer for today."""
    seats = Affiliation.objects.filter(
        holds_on(clock.today()), Q(may_represent=True) | Q(may_publish=True),
        organisation=OuterRef("pk"), person__account__is_active=True,
    )  # fmt: skip
    return Organisation.objects.filter(Exists(seats), network=network).order_by(
        InOrder("name"), "pk"
    )


def silent_organisations(network: Network) -> QuerySet[Organisation]:
    """Organisations of the network that nobody can answer for today."""
    able = asked_organisations(network).order_by().values("pk")
    return Organisation.objects.filter(network=network).exclude(pk__in=able)


def own_organisations(actor: Actor, network: Network) -> QuerySet[Organisation]:
    """Organisations of the network the actor may answer for."""
    held = actor.organisations(represent=True) | actor.organisations(publish=True)
    return Organisation.objects.filter(pk__in=held, network=network).order_by(InOrder("name"), "pk")


def speakers_for(actor: Actor, network: Network) -> list[tuple[str, str]]:
    """(organisation, person) who may answer for the organisations the actor belongs to. One
    query."""
    own = actor.organisations()
    if not own:
        return []
    seats = Affiliation.objects.filter(
        holds_on(clock.today()), Q(may_represent=True) | Q(may_publish=True),
        organisation__in=own, organisation__network=network, person__account__is_active=True,
        person__erased_at=None,
    ).select_related("organisation", "person")  # fmt: skip
    held = {(one.organisation.name, one.person.name) for one in seats}
    return sorted(held, key=lambda pair: (pair[0].casefold(), pair[1].casefold()))


def _is_anything_asked() -> bool:
    """Whether any version is put to partners. One query a minute: every "Heute" asks."""
    found: bool | None = cache.get(ASKED)
    if found is None:
        found = Template.objects.filter(state=Template.State.CONSULTATION).exists()
        cache.set(ASKED, found, 60)
    return found


def cards_of(actor: Actor) -> list[Card]:
    """New versions of templates that one of the actor's organisations has not answered yet. One
    query for those who may answer, none for others and while no version is put to anybody."""
    held = actor.organisations(represent=True) | actor.organisations(publish=True)
    if actor.person is None or not held or not _is_anything_asked():
        return []
    given = TemplateAnswer.objects.filter(
        template=OuterRef(OuterRef("pk")), organisation=OuterRef("pk")
    )
    silent = Organisation.objects.filter(
        ~Exists(given), pk__in=held, network=OuterRef("network")
    )  # fmt: skip
    rows = Template.objects.filter(
        Exists(silent), state=Template.State.CONSULTATION, deadline__gt=clock.now(),
        network__state=Network.State.ACTIVE,
    ).order_by("deadline", "pk")  # fmt: skip
    return [
        Card(
            group="waiting",
            title=_("Neue Vorlage für Steckbriefe: Sind Sie einverstanden?"),
            url=reverse("directory:template", args=[one.uuid]),
            text=_("%(kind)s, Fassung %(number)s")
            % {"kind": one.get_kind_display(), "number": one.number},
            due_on=last_day(one.deadline) if one.deadline else None,
        )
        for one in rows
    ]
