"""Two entries that are one person become one."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.accounts.services import accounts
from lotse.foundation.core import actionlog, hooks, records
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import ALL_NETWORKS
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Consent,
    Erasure,
    Invitation,
    Person,
    RoleGrant,
)
from lotse.foundation.parties.services.reach import require_reach

# What points to a person, by the name a page shows for it.
_HELD: tuple[tuple[Any, str, Any], ...] = (
    (Affiliation, "person", "Sitze in Organisationen"),
    (RoleGrant, "person", "Rollen"),
    (Absence, "person", "Vertretungen"),
    (Absence, "deputy", "Vertretungen für andere"),
    (Consent, "person", "Einwilligungen"),
    (Invitation, "accepted_by", "angenommene Einladungen"),
)


@dataclass(frozen=True)
class Move:
    """How many rows of one kind would go over."""

    title: str
    count: int


def preview(keep: Person, other: Person) -> list[Move]:
    """What a merge would move, without doing it. Six queries."""
    titles = {
        "Sitze in Organisationen": _("Sitze in Organisationen"),
        "Rollen": _("Rollen"),
        "Vertretungen": _("Vertretungen"),
        "Vertretungen für andere": _("Vertretungen für andere"),
        "Einwilligungen": _("Einwilligungen"),
        "angenommene Einladungen": _("angenommene Einladungen"),
    }
    return [
        Move(titles[title], model.objects.filter(**{field: other}).count())
        for model, field, title in _HELD
    ]


@transaction.atomic
def merge(keep: Person, other: Person, *, actor: Actor) -> None:
    """Everything of `other` becomes that of `keep`; `other` stays as an empty pointer.

    With two accounts the first stays open and the second is closed; with one, it stays. Rooms move
    theirs by `hooks.merged`. Raises NotAllowed (nobody merges the own entry with another: it would
    be taking roles by the own hand; two accounts become one only by the operator), and Refused,
    also while one of both is restricted or to be erased: the merge would undo either.
    """
    _may_merge(keep, other, actor)
    if keep.pk == other.pk:
        raise Refused(_("Bitte wählen Sie zwei verschiedene Personen."))
    if any(person.merged_into is not None or person.erased_at for person in (keep, other)):
        raise Refused(_("Eine der beiden Personen ist schon zusammengeführt oder gelöscht."))
    _check_protected(keep, other)
    Absence.objects.filter(person=keep, deputy=other).delete()
    Absence.objects.filter(person=other, deputy=keep).delete()
    for model, field, _title in _HELD:
        model.objects.filter(**{field: other}).update(**{field: keep})
    Affiliation.objects.filter(successor=other).update(successor=keep)
    for take_over in hooks.merged:
        take_over(keep.pk, other.pk)
    _one_account(keep, other, actor)
    missing = {
        name: getattr(other, name)
        for name in ("first_name", "title", "phone", "email", "home")
        if getattr(other, name) and not getattr(keep, name)
    }
    if missing:
        update_versioned(keep, expected=keep.version, **missing)
    update_versioned(other, expected=other.version, merged_into=keep)
    chain = keep.home.uuid if keep.home else ALL_NETWORKS
    records.append(
        chain, action="parties.person.merged", obj=keep, actor=actor,
        payload={"person": str(keep.uuid), "other": str(other.uuid)},
    )  # fmt: skip
    actionlog.record(
        "parties.person.merged", keep, actor=actor,
        after={"other": str(other.uuid)}, subject=keep.uuid,
    )  # fmt: skip


def _one_account(keep: Person, other: Person, actor: Actor) -> None:
    """One way in: the account of `keep`, which takes the addresses of the other, else that of
    `other`."""
    account = other.account
    if account is None:
        return
    update_versioned(other, expected=other.version, account=None)
    if keep.account is None:
        update_versioned(keep, expected=keep.version, account=account)
    else:
        accounts.merge(keep.account, account, actor, langs=(keep.lang, other.lang))


def _may_merge(keep: Person, other: Person, actor: Actor) -> None:
    if actor.trusted:
        return
    if actor.person in (keep.pk, other.pk):
        raise NotAllowed("parties.person.merge")
    for person in (keep, other):
        require("parties.person.edit", actor, person)
    if actor.is_operator:
        return
    # Whoever is merged gets the other's roles and seats: only within what the actor may give.
    for person in (keep, other):
        require_reach(person, actor, "parties.person.merge")
    # An account is a way in to everything behind it: an office must not close or redirect one.
    if keep.account is not None and other.account is not None:
        raise NotAllowed("parties.person.merge")


def _check_protected(keep: Person, other: Person) -> None:
    """Locks both rows, as asking for an erasure does, so that neither overtakes the other."""
    pair = Person.objects.select_for_update().filter(pk__in=[keep.pk, other.pk]).order_by("pk")
    restricted = any(person.restricted_at is not None for person in pair)
    under_way = Erasure.objects.filter(
        person__in=[keep, other], state__in=(Erasure.State.ASKED, Erasure.State.CONFIRMED)
    )
    if restricted:
        raise Refused(_("Für eine der beiden Personen ist die Verarbeitung eingeschränkt. Heben "
                        "Sie die Einschränkung zuerst auf."))  # fmt: skip
    if under_way.exists():
        raise Refused(_("Für eine der beiden Personen ist eine Löschung beantragt. Schließen Sie "
                        "den Antrag zuerst ab."))  # fmt: skip
