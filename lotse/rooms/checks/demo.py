"""The room's part of the demo network: finished and running assessments with measures."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND, EDIT, READ, Actor
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.foundation.parties.models import Affiliation, Network, Organisation, Person
from lotse.rooms.checks.content import Checkpoint, view_of
from lotse.rooms.checks.models import Answer, Assessment, Check, Rating, Share
from lotse.rooms.checks.services import assessments, links


def _uuid(*parts: str) -> UUID:
    return uuid5(NAMESPACE_URL, "urn:lotse:demo:" + ":".join(parts))


def load(data: dict[str, Any], say: Callable[[str], None]) -> None:
    """Loads the assessments of the demo anew; says the secret link of each.

    The past is written as it would have been: straight rows with past dates, no services.
    """
    for old in Assessment.objects.filter(is_demo=True):
        assessments.delete_assessment(old, actor=COMMAND)
    network = Network.objects.filter(is_demo=True).first()
    organisations = {o.uuid: o for o in Organisation.objects.filter(is_demo=True)}
    made: dict[str, Assessment] = {}
    for item in data["assessments"]:
        organisation = organisations.get(_uuid("organisation", item["organisation"]))
        made[item["key"]] = _assessment(item, network, organisation, made)
    _share_with_adviser()
    say_links(say)


def remove(actor: Actor) -> int:
    """Deletes the examples of the room; returns how many assessments there were."""
    found = list(Assessment.objects.filter(is_demo=True))
    for old in found:
        assessments.delete_assessment(old, actor=COMMAND)
    return len(found)


def _editor_of(organisation: Organisation | None) -> Person | None:
    """The demo person who edits the organisation."""
    seats = Affiliation.objects.filter(
        organisation=organisation, may_edit=True, ends_on=None, person__is_demo=True
    ).exclude(person__account__is_active=False)
    seat = seats.select_related("person").order_by("-is_contact", "pk").first()
    return seat.person if seat and organisation else None


def _share_with_adviser() -> None:
    """The adviser of the demo sees one assessment: the newest that belongs to somebody."""
    adviser = Person.objects.filter(is_demo=True, grants__role="adviser").first()
    newest = Assessment.objects.filter(is_demo=True).exclude(owner=None).order_by("-round").first()
    if adviser is not None and newest is not None:
        Share.objects.get_or_create(
            series=newest.series, person=adviser, ended_at=None, defaults={"level": READ}
        )


def say_links(say: Callable[[str], None]) -> None:
    """Says the secret link of each demo assessment."""
    for assessment in Assessment.objects.filter(is_demo=True).order_by(
        "organisation_name", "round"
    ):
        token = links.tokens_of(assessment)[EDIT]
        url = settings.BASE_URL + reverse("checks:open", args=[token])
        say(f"{assessment.organisation_name}, Runde {assessment.round}: {url}")


def _assessment(
    item: dict[str, Any],
    network: Network | None,
    organisation: Organisation | None,
    made: dict[str, Assessment],
) -> Assessment:
    check = Check.objects.select_related("current").get(code=item["check"])
    started = clock.now() - timedelta(days=item["started_days_ago"])
    previous = made.get(item.get("previous") or "")
    unit = item.get("unit", "")
    assessment = Assessment.objects.create(
        uuid=_uuid("assessment", item["key"]),
        network=network,
        revision=check.published,
        organisation=organisation,
        owner=_editor_of(organisation),
        organisation_name=organisation.name if organisation else item["organisation"],
        scope=Assessment.Scope.TEAM if unit else Assessment.Scope.ORGANISATION,
        unit=unit,
        previous=previous,
        series=previous.series if previous else _uuid("series", item["key"]),
        round=previous.round + 1 if previous else 1,
        started_at=started,
        created_at=started,
        is_demo=True,
    )
    view = view_of(check.published, "de")
    for offset, (point, answer) in enumerate(item["answers"].items()):
        _answer(assessment, point, answer, started + timedelta(minutes=4 * offset))
    for position, measure in enumerate(item.get("measures", [])):
        _measure(assessment, item["key"], position, measure, view.checkpoint(measure["checkpoint"]))
    return assessment


def _answer(assessment: Assessment, point: str, item: dict[str, Any], at: Any) -> None:
    Answer.objects.create(
        assessment=assessment,
        checkpoint=point,
        level=item.get("level", ""),
        note=item.get("note", ""),
        marks=item.get("marks", {}),
        own_examples=item.get("own", []),
        created_at=at,
    )
    if item.get("level"):
        Rating.objects.create(assessment=assessment, checkpoint=point, level=item["level"], at=at)


def _measure(
    assessment: Assessment,
    key: str,
    position: int,
    item: dict[str, Any],
    point: Checkpoint | None,
) -> None:
    today = clock.today()

    def day(name: str, sign: int = 1) -> Any:
        value = item.get(name)
        return None if value is None else today + sign * timedelta(days=value)

    measure = Measure.objects.create(
        uuid=_uuid("measure", key, str(position)),
        origin_type=Ref.to(assessment).type,
        origin_uuid=assessment.uuid,
        origin_part=point.id if point else "",
        suggestion=item.get("suggested") or "",
        title=item["title"],
        reason=item.get("why") or "",
        responsible=item.get("who") or "",
        organisation=assessment.organisation,
        person=assessment.owner if position % 2 == 0 else None,
        due_on=day("due_days"),
        urgency=item.get("urgency", Measure.Urgency.NORMAL),
        status=item["status"],
        delay_reason=item.get("delay_reason") or "",
        controller=item.get("controller") or "",
        control_on=day("control_days"),
        done_on=day("done_days_ago", -1),
        level_before=item.get("level_before") or "",
        level_after=item.get("level_after") or "",
        rated_at=clock.now() if item.get("level_after") else None,
        created_at=assessment.started_at,
    )
    for note in item.get("notes", []):
        ProgressNote.objects.create(
            measure=measure,
            at=clock.now() - timedelta(days=note["days_ago"]),
            author=note.get("who", ""),
            text=note["text"],
        )
