"""Lost second factor: one asks, another confirms, then it is taken off (trust.md 2: four eyes).

Always two people: where an office has only one, the operator is the other. There is no wait that
replaces the second one, for behind the account may lie whole networks.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.services import factors
from lotse.foundation.core import actionlog, clock, once, records, text
from lotse.foundation.core.actor import ANONYMOUS, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import ALL_NETWORKS
from lotse.foundation.core.permissions import require
from lotse.foundation.parties import factor_mails
from lotse.foundation.parties.models import FactorReset, Network, Person, RoleGrant
from lotse.foundation.parties.privacy.erasure import network_of
from lotse.foundation.parties.services import four_eyes
from lotse.foundation.parties.services.reach import require_reach
from lotse.foundation.parties.standing import stand

LAPSE = timedelta(days=7)
CODE = "parties.person.reset_factors"
State = FactorReset.State


def is_open() -> Q:
    """Requests that can still be confirmed, by the clock."""
    return Q(state=State.ASKED, lapses_at__gt=clock.now())


def open_of(person: Person | int) -> FactorReset | None:
    """The request that waits for its second person, if any. One query."""
    return FactorReset.objects.filter(is_open(), person=person).order_by("-pk").first()


@transaction.atomic
def ask(
    person: Person,
    *,
    actor: Actor,
    network: Network | None,
    reason: str,
    identity: str,
    key: str = "",
) -> FactorReset:
    """Asks to take every second factor off a person's account; the person is told by mail.

    `identity` says how it was made sure that the person asked for it. Lapses after seven days.
    Raises NotAllowed (never for oneself; an office only for people within its reach, so never for
    an operator), Refused without reason, identity, open account, second factor, or while another
    request waits.
    """
    _require_handler(person, actor)
    reason, identity = text.clean_line(reason), text.clean_line(identity)
    if not reason or not identity:
        raise Refused(_("Bitte nennen Sie den Grund, und wie Sie geprüft haben, wer fragt."))
    locked = Person.objects.select_for_update().get(pk=person.pk)
    account = _account_of(locked)
    claim = once.claim(key or once.new_key(), scope=f"parties.factors:{person.uuid}")
    if claim.repeated:
        return FactorReset.objects.get(uuid=claim.answer)
    if open_of(locked) is not None:
        raise Refused(waits_already())
    if not factors.has_factors(account):
        raise Refused(_("Dieses Konto hat keinen zweiten Faktor."))
    reset = FactorReset.objects.create(
        person=locked,
        network=_deciding(locked, network),
        reason=reason[:300],
        identity=identity[:300],
        asked_by=actor.ref,
        lapses_at=clock.now() + LAPSE,
    )
    claim.remember(str(reset.uuid))
    actionlog.record("parties.factors.asked", reset, actor=actor, subject=person.uuid)
    factor_mails.asked(reset)
    return reset


def waits_already() -> str:
    """What is said while another request waits."""
    return _("Für dieses Konto wartet schon ein Antrag auf eine zweite Person.")


def _deciding(person: Person, network: Network | None) -> Network | None:
    """Whose office decides; none for an operator, so that only operators see the request."""
    grants = RoleGrant.objects.filter(person=person, role=RoleGrant.Role.OPERATOR, ended_at=None)
    return None if grants.exists() else network_of(person, network)


@transaction.atomic
def withdraw(reset: FactorReset, *, actor: Actor, expected: int) -> None:
    """Ends a request without doing it: whoever asked, or somebody else of them who doubts it. The
    owner is told.

    Raises NotAllowed, Conflict, Refused for one that is over.
    """
    _require_handler(reset.person, actor)
    _end(reset, actor, expected)


@transaction.atomic
def stop(reset: FactorReset, *, actor: Actor, strong: bool) -> None:
    """The owner of the account ends a request nobody should have made, from a session with a
    second factor (`strong`): who has shown one has not lost it. Raises NotAllowed, Conflict,
    Refused for one that is over."""
    if actor.trusted or actor.person != reset.person.pk or not strong:
        raise NotAllowed(CODE)
    _end(reset, actor, reset.version)


def _end(reset: FactorReset, actor: Actor, expected: int) -> None:
    _check_open(reset)
    update_versioned(reset, expected=expected, state=State.WITHDRAWN)
    actionlog.record("parties.factors.withdrawn", reset, actor=actor, subject=reset.person.uuid)
    factor_mails.withdrawn(reset)


@transaction.atomic
def confirm(reset: FactorReset, *, actor: Actor, expected: int) -> None:
    """The second person confirms: app, passkeys and recovery codes go, all sessions end, the
    person is told, log and record chain name both.

    Raises NotAllowed (never the person itself, and only with the rights of whoever may ask),
    Conflict, Refused for whoever asked or is tied to them (`four_eyes`), for a request that is
    over, if whoever asked may not ask any more (T05), and if the account was signed in to with its
    second factor since. The record names no reason: it would outlive the request's year.
    """
    person = Person.objects.select_for_update().get(pk=reset.person.pk)
    _require_handler(person, actor)
    _check_open(reset)
    if reset.asked_by == actor.ref:
        raise Refused(_("Wer einen Antrag stellt, bestätigt ihn nicht selbst. Bitten Sie eine "
                        "zweite Person der Geschäftsstelle oder den Betrieb."))  # fmt: skip
    if not _asker_still_may(reset, person):
        raise Refused(_("Wer den Antrag gestellt hat, darf das inzwischen nicht mehr. Ziehen Sie "
                        "ihn zurück, und stellen Sie ihn neu."))  # fmt: skip
    if not is_second(reset, actor):
        raise Refused(four_eyes.not_second())
    account = _account_of(person)
    if factors.shown_since(account, reset.asked_at):
        raise Refused(_("Seit dem Antrag hat sich jemand mit dem zweiten Faktor dieses Kontos "
                        "angemeldet. Er ist also nicht verloren. Fragen Sie die Person, und "
                        "ziehen Sie den Antrag zurück."))  # fmt: skip
    update_versioned(
        reset, expected=expected, state=State.DONE, confirmed_by=actor.ref, done_at=clock.now()
    )
    factors.remove_all(account, actor=actor)
    actionlog.record("parties.factors.reset", reset, actor=actor, subject=person.uuid)
    factor_mails.done(reset)
    records.append(
        person.home.uuid if person.home else ALL_NETWORKS,
        action="parties.factors.reset", obj=person, actor=actor,
        payload={"person": str(person.uuid), "asked_by": reset.asked_by},
    )  # fmt: skip


def may_withdraw(reset: FactorReset, actor: Actor) -> bool:
    """Whether this actor could end the request now. Four queries at most."""
    is_over = reset.state != State.ASKED or reset.has_lapsed
    return not is_over and _may_handle(reset.person, actor)


def may_confirm(reset: FactorReset, actor: Actor) -> bool:
    """Whether this actor is a second person who reaches the account."""
    return may_withdraw(reset, actor) and is_second(reset, actor)


def is_second(reset: FactorReset, actor: Actor) -> bool:
    """Whether this actor is really somebody else than whoever asked."""
    return four_eyes.is_second(
        actor, reset.asked_by, reset.asked_at, network=reset.network, about=reset.person
    )


def _require_handler(person: Person, actor: Actor) -> None:
    if not actor.trusted and actor.person == person.pk:
        raise NotAllowed(CODE)
    require(CODE, actor, person)
    require_reach(person, actor, CODE)


def _may_handle(person: Person, actor: Actor) -> bool:
    try:
        _require_handler(person, actor)
    except NotAllowed:
        return False
    return True


def _asker_still_may(reset: FactorReset, person: Person) -> bool:
    """Roles end: a request lives no longer than the right to make it."""
    kind, _colon, uuid = reset.asked_by.partition(":")
    if kind != "account":
        return _may_handle(person, Actor(kind))
    account = Account.objects.select_related("person").filter(uuid=uuid, is_active=True).first()
    asker = ANONYMOUS
    if account is not None:
        asker = stand(Actor(kind, uuid=account.uuid), account=account, strong=True)
    return _may_handle(person, asker)


def _account_of(person: Person) -> Account:
    account: Account | None = person.account
    if account is None or not account.is_active:
        raise Refused(_("Diese Person hat kein offenes Konto."))
    return account


def _check_open(reset: FactorReset) -> None:
    if reset.state != State.ASKED:
        raise Refused(_("Dieser Antrag ist schon abgeschlossen."))
    if reset.has_lapsed:
        raise Refused(_("Dieser Antrag ist nach sieben Tagen verfallen. Stellen Sie ihn neu."))
