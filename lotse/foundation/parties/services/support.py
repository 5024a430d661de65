"""The operator looks at Lotse as another person sees it: for a short time, with a reason, told."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.core import actionlog, clock, mail, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Network, Person, RoleGrant, SupportSession

MOST_MINUTES = 30


@transaction.atomic
def start_support(
    person: Person, *, actor: Actor, reason: str, minutes: int, network: Network | None
) -> SupportSession:
    """Begins a support session; an earlier one of the same operator ends.

    It only reads, whatever the person may do. The person is told by mail at once. Raises
    NotAllowed for anybody but the operator and for looking as another operator, Refused without
    reason or for more than 30 minutes.
    """
    operator = Person.objects.filter(pk=actor.person or 0).first() if actor.is_operator else None
    if operator is None or operator.pk == person.pk:
        raise NotAllowed("parties.support.start")
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: die Person liest ihn."))
    if not 1 <= minutes <= MOST_MINUTES:
        raise Refused(_("Eine Sitzung zur Unterstützung dauert höchstens 30 Minuten."))
    if person.account is None or not person.account.is_active:
        raise Refused(_("Diese Person hat kein offenes Konto."))
    operators = RoleGrant.objects.filter(role=RoleGrant.Role.OPERATOR, ended_at=None)
    if operators.filter(person=person).exists():
        raise NotAllowed("parties.support.start")
    now = clock.now()
    for running in SupportSession.objects.filter(operator=operator, ended_at=None, ends_at__gt=now):
        update_versioned(running, expected=running.version, ended_at=now)
    session = SupportSession.objects.create(
        operator=operator,
        person=person,
        reason=reason[:300],
        starts_at=now,
        ends_at=now + timedelta(minutes=minutes),
    )
    actionlog.record(
        "parties.support.started", session, actor=actor,
        after={"minutes": minutes}, subject=person.uuid,
    )  # fmt: skip
    tell(session, network)
    return session


def tell(session: SupportSession, network: Network | None) -> None:
    """Writes the mail to the person the operator looks as."""
    person = session.person
    if person.account is None:
        return
    with override(person.lang):
        mail.send(
            code="parties.support",
            mail_class=OutboxMail.Class.SECURITY,
            address=person.account.email,
            lang=person.lang,
            network=network,
            person_uuid=person.uuid,
            subject=_("Der Betrieb sieht sich Lotse mit Ihrem Zugang an"),
            body=[
                _("Für höchstens 30 Minuten sieht der Betrieb die Seiten so, wie Sie sie sehen. "
                  "Ändern kann er dabei nichts."),
                _("Wer: %(name)s") % {"name": session.operator.name},
                _("Grund: %(reason)s") % {"reason": session.reason},
                mail.Link(_("Alle Sitzungen zur Unterstützung"), reverse("parties:support")),
            ],
            reason=_("Sie erhalten diese Mail, weil der Betrieb mit Ihrem Zugang liest."),
        )  # fmt: skip


def running_support(uuid: str, operator: int) -> SupportSession | None:
    """The session as it runs now, or None: ended, run out, or of somebody else. One query."""
    return (
        SupportSession.objects.select_related("person__account")
        .filter(uuid=uuid, operator=operator, ended_at=None, ends_at__gt=clock.now())
        .filter(person__account__is_active=True, person__erased_at=None)
        .first()
    )


@transaction.atomic
def end_support(session: SupportSession, *, actor: Actor) -> None:
    """Ends a session; again changes nothing. Raises NotAllowed for anybody but its operator."""
    if actor.person != session.operator.pk and not actor.trusted:
        raise NotAllowed("parties.support.end")
    if session.ended_at is not None:
        return
    update_versioned(session, expected=session.version, ended_at=clock.now())
    actionlog.record("parties.support.ended", session, actor=actor, subject=session.person.uuid)
