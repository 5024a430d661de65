"""Named reads of bodies: the register, and what the page of one shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import german_key
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Body, Network, RoleGrant
from lotse.foundation.parties.standing import demands_second_factor
from lotse.rooms.bodies.models import Charter, Commission, Happening, Mandate, Meeting
from lotse.rooms.bodies.permissions import holds_now, not_over
from lotse.rooms.bodies.queries.members import no_name, withheld_from

_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
MOST_MEETINGS = 60
MOST_HISTORY = 30


@dataclass(frozen=True)
class BodyRow:
    """A body in the register, `depth` steps below the top."""

    uuid: UUID
    name: str
    short_name: str
    kind: str
    kind_label: str
    state: str
    state_label: str
    decides: bool
    above: str
    depth: int
    next_at: datetime | None
    seats: int


def register_of(network: Network, actor: Actor) -> list[BodyRow]:
    """Bodies the actor may know: parents before their children, each level by name. Of meetings
    that are none of theirs, people learn the day once these are called. One query."""
    rows = Body.objects.filter(network=network).select_related("charter")
    own = visible("bodies.meeting.view", actor, Meeting.objects.filter(pk=OuterRef("pk")))
    ahead = Meeting.objects.filter(
        Q(Exists(own)) | ~Q(state=Meeting.State.PLANNED),
        body=OuterRef("pk"), ends_at__gte=clock.now(),
    ).exclude(state=Meeting.State.CANCELLED)  # fmt: skip
    held = Mandate.objects.filter(holds_now(), body=OuterRef("pk")).exclude(kind=Mandate.Kind.GUEST)
    found = visible("bodies.body.view", actor, rows).annotate(
        next_at=Subquery(
            ahead.order_by().values("body").annotate(at=Min("starts_at")).values("at")
        ),
        seats=Subquery(held.order_by().values("body").annotate(n=Count("pk")).values("n")),
    )
    return _as_tree(list(found))


def _as_tree(bodies: list[Any]) -> list[BodyRow]:
    known = {one.pk for one in bodies}
    below: dict[int | None, list[Any]] = {}
    for one in sorted(bodies, key=lambda one: german_key(one.name)):
        below.setdefault(one.parent_id if one.parent_id in known else None, []).append(one)
    rows: list[BodyRow] = []

    def add(parent: int | None, above: str, depth: int) -> None:
        for one in below.pop(parent, []):
            rows.append(_row(one, above, depth))
            add(one.pk, one.name, depth + 1)

    add(None, "", 0)
    return rows


def _row(one: Any, above: str, depth: int) -> BodyRow:
    return BodyRow(
        one.uuid, one.name, one.short_name, one.kind, str(one.get_kind_display()), one.state,
        str(one.get_state_display()), one.charter.decides, above, depth, one.next_at,
        one.seats or 0,
    )  # fmt: skip


def rules_of(charter: Charter) -> list[str]:
    """The rules of a body as sentences. No query."""
    sentences = [
        _("Das Gremium fasst Beschlüsse.") if charter.decides
        else _("Das Gremium berät. Es fasst keine Beschlüsse."),
        _quorum(charter),
    ]  # fmt: skip
    if charter.decides:
        sentences += _voting(charter)
    days = charter.invitation_days
    sentences.append(ngettext("Eingeladen wird mindestens %(n)s Tag vor der Sitzung.",
                              "Eingeladen wird mindestens %(n)s Tage vor der Sitzung.", days)
                     % {"n": days})  # fmt: skip
    days = charter.objection_days
    sentences.append(ngettext("Einwände zum Protokoll sind %(n)s Tag lang möglich.",
                              "Einwände zum Protokoll sind %(n)s Tage lang möglich.", days)
                     % {"n": days})  # fmt: skip
    sentences.append(_LEVELS[Charter.Level(charter.level)]())
    if charter.is_open:
        sentences.append(_("Das Gremium ist offen: Wer zum Netzwerk gehört, kann beitreten."))
    return sentences


_LEVELS = {
    Charter.Level.PUBLIC: lambda: _("Protokolle lesen alle, sobald sie veröffentlicht sind."),
    Charter.Level.NETWORK: lambda: _("Protokolle liest, wer zum Netzwerk gehört."),
    Charter.Level.BODY: lambda: _("Protokolle lesen nur die Mitglieder des Gremiums."),
}


def _quorum(charter: Charter) -> str:
    value = charter.quorum_value
    if charter.quorum == Charter.Quorum.SHARE and value == 50:
        return _("Beschlussfähig ist das Gremium, wenn mehr als die Hälfte der Mandate mit Stimme "
                 "vertreten ist.")  # fmt: skip
    if charter.quorum == Charter.Quorum.SHARE:
        return _("Beschlussfähig ist das Gremium, wenn mindestens %(n)s Prozent der Mandate mit "
                 "Stimme vertreten sind.") % {"n": value}  # fmt: skip
    if charter.quorum == Charter.Quorum.COUNT:
        return ngettext(
            "Beschlussfähig ist das Gremium, wenn mindestens %(n)s Mandat mit Stimme vertreten "
            "ist.",
            "Beschlussfähig ist das Gremium, wenn mindestens %(n)s Mandate mit Stimme vertreten "
            "sind.", value,
        ) % {"n": value}  # fmt: skip
    return _("Für die Beschlussfähigkeit gibt es keine Mindestzahl.")


def _voting(charter: Charter) -> list[str]:
    kind = Charter.Majority
    majority = {
        kind.SIMPLE: _("Angenommen ist, was mehr Ja- als Nein-Stimmen hat."),
        kind.ABSOLUTE: _("Angenommen ist, wofür mehr als die Hälfte der anwesenden Stimmen ist."),
        kind.TWO_THIRDS: _("Angenommen ist, wofür zwei Drittel der abgegebenen Stimmen sind."),
        kind.THREE_QUARTERS: _("Angenommen ist, wofür drei Viertel der abgegebenen Stimmen sind."),
        kind.CONSENSUS: _("Angenommen ist, wogegen niemand stimmt."),
    }[kind(charter.majority)]
    sentences = [
        majority,
        _("Enthaltungen zählen als abgegebene Stimmen.") if charter.abstentions_count
        else _("Enthaltungen zählen nicht."),
        _("Beschlüsse im Umlauf sind erlaubt.") if charter.circular_votes
        else _("Beschlüsse im Umlauf gibt es nicht."),
    ]  # fmt: skip
    if charter.silence_basis:
        sentences.append(_("Schweigen gilt als Zustimmung nach dieser Regel: %(rule)s")
                         % {"rule": charter.silence_basis})  # fmt: skip
    else:
        sentences.append(_("Schweigen gilt nicht als Zustimmung."))
    return sentences


@dataclass(frozen=True)
class Office:
    """Who chairs or takes minutes, and what still lacks for it."""

    grant: UUID
    role: str
    person: str
    person_uuid: UUID
    starts_on: date
    ends_on: date | None
    has_account: bool
    lacks_factor: bool

    @property
    def is_later(self) -> bool:
        """Whether it begins on a day to come."""
        return self.starts_on > clock.today()


def offices_of(body: Body, actor: Actor) -> list[Office]:
    """Offices of now and later, the chair first, with the names the actor may read. One query, one
    more where somebody's data are restricted; `body` comes with its network."""
    factors = Authenticator.objects.filter(
        user=OuterRef("person__account"), type__in=_FACTORS
    )  # fmt: skip
    rows: Any = (
        RoleGrant.objects.filter(
            not_over(), held_in_uuid=body.uuid,
            role__in=(RoleGrant.Role.CHAIR, RoleGrant.Role.MINUTE_TAKER), ended_at=None,
        )
        .select_related("person")
        .annotate(has_factor=Exists(factors))
        .order_by("role", "starts_on", "pk")
    )  # fmt: skip
    restricted = {one.person_id for one in rows if one.person.restricted_at is not None}
    withheld = withheld_from(actor, body, restricted)
    return [
        Office(
            one.uuid, str(one.get_role_display()),
            no_name() if one.person_id in withheld else one.person.name, one.person.uuid,
            one.starts_on, one.ends_on, one.person.account_id is not None,
            demands_second_factor(one.role, body.network.mfa_roles) and not one.has_factor,
        )
        for one in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class MeetingLine:
    """A meeting on the page of its body."""

    uuid: UUID
    title: str
    starts_at: datetime
    state: str
    state_label: str
    url: str


def meetings_of(
    body: Body, address: Callable[[UUID], str]
) -> tuple[list[MeetingLine], list[MeetingLine]]:
    """(those ahead, the next first; those behind, the last first). One query."""
    rows = body.meetings.order_by("-starts_at", "-pk").values_list(
        "uuid", "title", "starts_at", "state", "ends_at"
    )[:MOST_MEETINGS]
    ahead: list[MeetingLine] = []
    behind: list[MeetingLine] = []
    now = clock.now()
    for uuid, title, starts_at, state, ends_at in rows:
        line = MeetingLine(uuid, title, starts_at, state, str(Meeting.State(state).label),
                           address(uuid))  # fmt: skip
        over = state == Meeting.State.HELD or ends_at < now
        (behind if over else ahead).append(line)
    return ahead[::-1], behind


def next_date_of(body: Body) -> datetime | None:
    """When it meets next, once that meeting is called: all that people outside read of its
    meetings, as in the calendar. One query."""
    return (
        body.meetings.filter(ends_at__gte=clock.now())
        .exclude(state__in=(Meeting.State.CANCELLED, Meeting.State.PLANNED))
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )


def relatives_of(body: Body, actor: Actor) -> tuple[Body | None, list[Body]]:
    """(the body above, those below by name), as far as the actor may know them. One query."""
    near = Body.objects.filter(Q(parent=body) | Q(pk=body.parent_id))
    found = list(visible("bodies.body.view", actor, near))
    above = next((one for one in found if one.pk == body.parent_id), None)
    below = [one for one in found if one.pk != body.parent_id]
    return above, sorted(below, key=lambda one: german_key(one.name))


def commissions_of(body: Body, actor: Actor) -> list[Commission]:
    """Running ones first, then the latest; `given_by` only where the actor may know that body. One
    query."""
    running = Commission.objects.filter(pk=OuterRef("pk"), state=Commission.State.RUNNING)
    giver = visible("bodies.body.view", actor, Body.objects.filter(pk=OuterRef("given_by")))
    rows: list[Any] = list(
        body.commissions.select_related("given_by")
        .annotate(running=Exists(running), giver_known=Exists(giver))
        .order_by("-running", "-given_on", "-pk")
    )
    for one in rows:
        if not one.giver_known:
            one.given_by = None
    return rows


def history_of(body: Body) -> Iterable[Happening]:
    """The latest lines of its history. One query."""
    return body.happenings.order_by("-on", "-pk")[:MOST_HISTORY]
