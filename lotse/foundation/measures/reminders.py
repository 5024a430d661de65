"""Reminders: 30, 7 and 1 days before a measure is due, and each week it is late; every four weeks
of one that the network agreed on without a date (S1-10).

One mail a day and person with everything in it. What was reminded of is remembered at the measure,
in the transaction that writes the last mail about it: a worker killed in between loses none and
doubles none. Who is told about what is worked out in `audience`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from lotse.foundation.core import clock, mail
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.measures import audience, links
from lotse.foundation.measures.models import Helper, Measure
from lotse.foundation.measures.permissions import still_seated
from lotse.foundation.parties.models import Absence, Network, Person
from lotse.foundation.parties.standing import holds_on

CODE = "measures.reminder"
DAYS_BEFORE = (30, 7, 1)
WEEK = 7
UNDATED_DAYS = 28
# A worker that stood still for a weekend catches up; a measure made late is not chased.
CATCH_UP = 3


@dataclass(frozen=True)
class Item:
    """One measure to be reminded of; `absent` is the person for whom somebody stands in."""

    pk: int
    uuid: UUID
    title: str
    due_on: date | None
    organisation: str
    absent: str = ""


@dataclass
class Batch:
    """All that one person is told on one day."""

    person: int
    person_uuid: UUID
    address: str
    lang: str
    network: int | None
    items: list[Item] = field(default_factory=list)
    # Measures about which no later mail of this run tells: their memory is written with this one.
    last_about: list[int] = field(default_factory=list)

    def once(self, day: date) -> str:
        """The name under which the mail is written once."""
        return f"{CODE}:{self.person_uuid}:{day.isoformat()}"


def last_reminder(due_on: date, day: date) -> date | None:
    """The latest day up to `day` on which a measure due on `due_on` is to be reminded of."""
    late = (day - due_on).days
    if late >= 1:
        return due_on + timedelta(days=1 + (late - 1) // WEEK * WEEK)
    reached = [due_on - timedelta(days=n) for n in DAYS_BEFORE if -late <= n]
    return max(reached, default=None)


def last_chase(agreed_on: date, day: date) -> date | None:
    """The latest day up to `day` on which a measure without a date is to be reminded of."""
    times = (day - agreed_on).days // UNDATED_DAYS
    return agreed_on + timedelta(days=times * UNDATED_DAYS) if times >= 1 else None


def is_due(
    due_on: date | None, reminded_on: date | None, day: date, agreed_on: date | None = None
) -> bool:
    """Whether to remind now: the day came at most three days ago, and nothing was said since.

    Without a date it counts from the day it was agreed on.
    """
    reached = None
    if due_on is not None:
        reached = last_reminder(due_on, day)
    elif agreed_on is not None:
        reached = last_chase(agreed_on, day)
    if reached is None or (day - reached).days > CATCH_UP:
        return False
    return reminded_on is None or reminded_on < reached


def due_for_reminder(day: date) -> list[Batch]:
    """Who is to be reminded of what on this day. Three queries, whatever the number, and one each
    for those who help, for bodies and for partners who owe an answer.

    Only people who can be reached: with an account that is not suspended and a verified address,
    neither erased nor restricted (GDPR art. 18). For somebody who is away the deputy is told.
    """
    dated = Q(due_on__lte=day + timedelta(days=max(DAYS_BEFORE)))
    found = Measure.objects.filter(
        dated | Q(due_on=None, network__isnull=False), status__in=Measure.ACTIVE
    )
    rows = [
        row
        for row in _stored(found)
        if is_due(row["due_on"], row["reminded_on"], day, timezone.localdate(row["created_at"]))
    ]
    return batches_of(rows, day)


def _stored(found: QuerySet[Measure]) -> Any:
    return found.order_by(F("due_on").asc(nulls_last=True), "id").values(
        "pk",
        "uuid",
        "title",
        "due_on",
        "reminded_on",
        "created_at",
        "person",
        "organisation",
        "whole",
        seated=ExpressionWrapper(still_seated(), output_field=BooleanField()),
        helped=Exists(Helper.objects.filter(measure=OuterRef("pk"))),
        body_uuid=F("body__uuid"),
        body_name=F("body__name"),
        organisation_name=F("organisation__name"),
        of=F("network"),
        by=F("organisation__network"),
    )


def batches_of(rows: list[dict[str, Any]], day: date) -> list[Batch]:
    """What each person is told about these measures on this day."""
    if not rows:
        return []
    owners = audience.of(rows, day)
    everybody = {person for those in owners.values() for person in those}
    deputies = _deputies(everybody, day)
    people = _people(everybody | set(deputies.values()))
    batches: dict[int, Batch] = {}
    last: dict[int, Batch] = {}
    for row in rows:
        for owner in owners[row["pk"]]:
            told = deputies.get(owner, owner)
            if owner not in people:
                continue
            if told not in people:
                told = owner
            batch = batches.setdefault(told, _batch(told, people[told], row))
            if all(item.pk != row["pk"] for item in batch.items[-1:]):
                batch.items.append(_item(row, "" if told == owner else people[owner]["name"]))
    for batch in batches.values():
        last |= {item.pk: batch for item in batch.items}
    for key, batch in last.items():
        batch.last_about.append(key)
    return list(batches.values())


def _item(row: dict[str, Any], absent: str) -> Item:
    return Item(
        pk=row["pk"],
        uuid=row["uuid"],
        title=row["title"],
        due_on=row["due_on"],
        organisation=row["organisation_name"] or row["body_name"] or "",
        absent=absent,
    )


def _deputies(people: Iterable[int], day: date) -> dict[int, int]:
    """person -> deputy for those who are away; the arrangement made last counts."""
    found = Absence.objects.filter(holds_on(day), person__in=people).order_by("pk")
    return dict(found.values_list("person", "deputy"))


def _people(keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Those of these people who may be written to, with address and name. One query."""
    verified = EmailAddress.objects.filter(user=OuterRef("account"), verified=True)
    found = Person.objects.filter(
        pk__in=keys, account__is_active=True, erased_at=None, restricted_at=None
    ).annotate(address=Subquery(verified.order_by("-primary", "pk").values("email")[:1]))
    return {
        person.pk: {
            "uuid": person.uuid,
            "name": person.name,
            "lang": person.lang,
            "home": person.home_id,
            "address": person.address,
        }
        for person in found
        if person.address
    }


def _batch(key: int, person: dict[str, Any], row: dict[str, Any]) -> Batch:
    return Batch(
        person=key,
        person_uuid=person["uuid"],
        address=person["address"],
        lang=person["lang"],
        network=person["home"] or row["of"] or row["by"],
    )


def send_due() -> int:
    """The daily job: writes the mails of today; returns how many. Running twice writes none twice.

    One transaction per person: mail and memory together (T46).
    """
    day = clock.today()
    batches = due_for_reminder(day)
    looks = Network.objects.in_bulk({batch.network for batch in batches if batch.network})
    count = 0
    for batch in batches:
        with transaction.atomic():
            count += _remind(batch, looks.get(batch.network or 0), day)
    return count


def _remind(batch: Batch, network: Network | None, day: date) -> bool:
    """Writes the mail of one person unless it was written; whether it was written now."""
    if OutboxMail.objects.filter(once=batch.once(day)).exists():
        return False  # one mail a day: what came due since is said tomorrow
    untold = Q(reminded_on=None) | Q(reminded_on__lt=day)
    measures = Measure.objects.filter(untold, pk__in=batch.last_about)
    # The memory first: of two workers the second waits here and then finds nothing left to say.
    # About what others are told after this person, the name of the mail keeps it from doubling.
    if batch.last_about and not measures.update(reminded_on=day):
        return False
    write(batch, network, day)
    return True


@transaction.atomic
def remind_now(measures: QuerySet[Measure], day: date) -> int:
    """Mails to everybody who takes care of these, because a person asked for it; who got a mail of
    reminders today gets none. Returns how many mails were written. Callers authorise."""
    batches = batches_of(list(_stored(measures.filter(status__in=Measure.ACTIVE))), day)
    looks = Network.objects.in_bulk({batch.network for batch in batches if batch.network})
    told = {batch.once(day) for batch in batches}
    before = set(OutboxMail.objects.filter(once__in=told).values_list("once", flat=True))
    wanted = [batch for batch in batches if batch.once(day) not in before]
    for batch in wanted:
        write(batch, looks.get(batch.network or 0), day)
    named = {item.pk for batch in wanted for item in batch.items}
    Measure.objects.filter(pk__in=named).update(reminded_on=day)
    return len(wanted)


def write(batch: Batch, network: Network | None, day: date) -> None:
    """The mail of one person."""
    with override(batch.lang):
        mail.send(
            code=CODE,
            mail_class=OutboxMail.Class.DUTY,
            address=batch.address,
            lang=batch.lang,
            network=network,
            subject=_subject(batch, day),
            reason=_("Sie erhalten diese Mail, weil Sie für diese Maßnahmen zuständig sind."),
            body=list(_body(batch, day)),
            person_uuid=batch.person_uuid,
            once=batch.once(day),
        )


def sample(network: Network, lang: str) -> None:
    """Such a mail with invented measures, for the desk."""
    day, week = clock.today(), timedelta(days=WEEK)
    items = [
        Item(0, UUID(int=1), _("Erstes Treffen vorbereiten"), day - week, ""),
        Item(0, UUID(int=2), _("Ansprechperson benennen"), day + week, "Muster e. V."),
    ]
    address = "kim.muster@verein.example"
    write(Batch(0, UUID(int=0), address, lang, None, items), network, day)


def _subject(batch: Batch, day: date) -> str:
    late = sum(1 for item in batch.items if item.due_on is not None and item.due_on < day)
    n = len(batch.items)
    if all(item.due_on is None for item in batch.items):
        text = ngettext("%(n)s Maßnahme ohne Termin", "%(n)s Maßnahmen ohne Termin", n)
    elif late == n:
        text = ngettext("%(n)s Maßnahme ist überfällig", "%(n)s Maßnahmen sind überfällig", n)
    elif late:
        return _("%(n)s Maßnahmen, davon %(late)s überfällig") % {"n": n, "late": late}
    else:
        text = ngettext("%(n)s Maßnahme wird fällig", "%(n)s Maßnahmen werden fällig", n)
    return text % {"n": n}


def _body(batch: Batch, day: date) -> Iterable[mail.Block]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in batch.items:
        groups[_group(item.due_on, day)].append(item)
    for title, items in groups.items():
        yield mail.Heading(title)
        for item in items:
            yield mail.Link(_line(item), links.page_of(item.uuid))
    yield _("Etwas ist erledigt oder dauert länger? Tragen Sie es auf der Seite der Maßnahme ein.")
    yield mail.Link(_("Alles auf einen Blick: Heute"), links.today())


def _group(due_on: date | None, day: date) -> str:
    if due_on is None:
        return _("Ohne Termin")
    days = (due_on - day).days
    if days < 0:
        return _("Überfällig")
    if days == 0:
        return _("Heute fällig")
    if days == 1:
        return _("Morgen fällig")
    if days <= WEEK:
        return _("In den nächsten 7 Tagen fällig")
    if days <= max(DAYS_BEFORE):
        return _("In den nächsten 30 Tagen fällig")
    return _("Später fällig")


def _line(item: Item) -> str:
    parts = [item.title]
    if item.due_on is not None:
        parts.append(_("bis %(day)s") % {"day": date_format(item.due_on, "SHORT_DATE_FORMAT")})
    if item.organisation:
        parts.append(_("für %(name)s") % {"name": item.organisation})
    if item.absent:
        parts.append(_("in Vertretung für %(name)s") % {"name": item.absent})
    return " · ".join(parts)
