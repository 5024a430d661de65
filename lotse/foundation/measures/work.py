"""What people do with measures they take care of, wherever those come from."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core import actionlog, clock, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.measures import evidence, services
from lotse.foundation.measures.models import Helper, Measure, ProgressNote
from lotse.foundation.parties.models import Affiliation, Body
from lotse.foundation.parties.standing import holds_on

_EDIT = "measures.measure.edit"


@transaction.atomic
def report_state(
    measure: Measure,
    *,
    actor: Actor,
    key: str,
    expected: int,
    status: str,
    delay_reason: str,
    answer: str = "",
) -> None:
    """How it stands, why it is late, and an answer as a note. Raises NotAllowed, Conflict, Refused
    for a late measure of the network that stays open without a reason (X-07)."""
    require(_EDIT, actor, measure)
    still_open = status in Measure.ACTIVE
    if still_open and measure.owes_reason(clock.today()) and not delay_reason.strip():
        raise Refused(_("Die Maßnahme ist überfällig. Bitte schreiben Sie, warum."))
    if once.claim(key, scope=f"measures.state:{measure.uuid}").repeated:
        return
    services.change_measure(
        measure,
        actor=actor,
        expected=expected,
        changes={"status": status, "delay_reason": delay_reason},
    )
    if answer:
        services.add_note(measure, actor=actor, text=answer)


@transaction.atomic
def add_note(measure: Measure, *, actor: Actor, key: str, text: str) -> None:
    """A progress note in the person's name; the same form sent twice adds one."""
    require(_EDIT, actor, measure)
    if not once.claim(key, scope=f"measures.note:{measure.uuid}").repeated:
        services.add_note(measure, actor=actor, text=text)


@transaction.atomic
def add_evidence(measure: Measure, *, actor: Actor, key: str, upload: "UploadedFile[Any]") -> None:
    """A file that shows what was done. Raises NotAllowed, Refused."""
    require(_EDIT, actor, measure)
    if not once.claim(key, scope=f"measures.evidence:{measure.uuid}").repeated:
        evidence.keep(measure, upload, actor=actor)


@transaction.atomic
def delete_evidence(measure: Measure, *, actor: Actor, document: UUID) -> None:
    """Deletes one file. Raises NotAllowed."""
    require(_EDIT, actor, measure)
    evidence.drop(measure, document, actor=actor)


@transaction.atomic
def confirm_control(measure: Measure, *, actor: Actor, key: str, expected: int) -> None:
    """The result was looked at: it is no longer asked for. Raises NotAllowed, Conflict, Refused."""
    require(_EDIT, actor, measure)
    if measure.control_on is None:
        raise Refused(_("Für diese Maßnahme ist keine Prüfung vorgesehen."))
    if once.claim(key, scope=f"measures.control:{measure.uuid}").repeated:
        return
    update_versioned(measure, expected=expected, controlled_on=clock.today())
    actionlog.record(
        "measures.measure.controlled", measure, actor=actor, subject=measure.origin_uuid
    )


@transaction.atomic
def hand_over(person: int, successor: int, organisation: int) -> int:
    """Somebody leaves an organisation: what is still to be done for it is the successor's.

    Measures without organisation go along once the person has no seat left anywhere (T05). Returns
    how many were handed over.
    """
    here = Q(organisation=organisation)
    seated = Affiliation.objects.filter(holds_on(clock.today()), person=person)
    if not seated.exists():
        here |= Q(organisation=None)
    own = Measure.objects.filter(here, person=person, status__in=Measure.ACTIVE)
    count = own.update(person=successor, version=F("version") + 1)
    controlled = Measure.objects.filter(here, controller_person=person, controlled_on=None).exclude(
        status__in=[Measure.Status.DROPPED, Measure.Status.PARKED]
    )
    _move_helpers(Helper.objects.filter(here, person=person), successor)
    return count + controlled.update(controller_person=successor, version=F("version") + 1)


def _move_helpers(rows: QuerySet[Helper], to: int) -> None:
    """Somebody else helps instead; nobody helps twice with the same measure."""
    there = Helper.objects.filter(person=to, measure=OuterRef("measure"))
    rows.filter(Exists(there) | Q(measure__person=to)).delete()
    rows.update(person=to)


@transaction.atomic
def take_over(keep: int, other: int) -> None:
    """Two people are one: the measures of the second are the first one's."""
    for field in ("person", "controller_person"):
        Measure.objects.filter(**{field: other}).update(**{field: keep}, version=F("version") + 1)
    ProgressNote.objects.filter(person=other).update(person=keep)
    _move_helpers(Helper.objects.filter(person=other), keep)


def orphans(network: int) -> list[str]:
    """Open measures of a network whose person can no longer take care (erased, without account,
    or without a seat in the organisation the measure is for), or whose body ended. Two queries.

    A measure of the network itself is named; of any other only the organisation and how many: the
    office does not read the plans of others.
    """
    seat = Affiliation.objects.filter(
        holds_on(clock.today()),
        person=OuterRef("person"),
        organisation=OuterRef("organisation"),
    )
    gone = Q(person__account=None) | Q(person__account__is_active=False)
    gone |= Q(person__erased_at__isnull=False)
    gone |= Q(organisation__isnull=False) & Q(~Exists(seat))
    gone = Q(person__isnull=False) & gone | Q(body__state=Body.State.ENDED)
    open_ = Measure.objects.filter(gone, status__in=Measure.ACTIVE)
    own = open_.filter(network=network).order_by("due_on", "id").values_list("title", flat=True)
    lines = [_("Maßnahme „%(title)s“ ohne erreichbare Person") % {"title": title} for title in own]
    of_others = (
        open_.filter(network=None)
        .filter(Q(organisation__network=network) | Q(organisation=None, person__home=network))
        .values("organisation__name")
        .annotate(n=Count("pk"))
        .order_by("organisation__name")
    )
    for row in of_others:
        lines.append(
            ngettext(
                "%(name)s: %(n)s Maßnahme ohne erreichbare Person",
                "%(name)s: %(n)s Maßnahmen ohne erreichbare Person",
                row["n"],
            )
            % {"name": row["organisation__name"] or _("Ohne Organisation"), "n": row["n"]}
        )
    return lines
