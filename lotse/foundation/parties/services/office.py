"""Small acts of the office: a report is done, the own mail is tried, the examples go."""

from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, guards, hooks, mail
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network, Organisation, Person, Report

TEST_MAIL = "parties.test"


@transaction.atomic
def finish_report(report: Report, *, actor: Actor, expected: int, done: bool = True) -> None:
    """Marks a report as done, or open again. Raises NotAllowed, Conflict."""
    require("parties.network.edit", actor, report.network)
    update_versioned(report, expected=expected, done_at=clock.now() if done else None)
    actionlog.record(
        "parties.report.done" if done else "parties.report.reopened", report, actor=actor
    )


@transaction.atomic
def send_test_mail(network: Network, *, actor: Actor) -> OutboxMail:
    """One mail to oneself; its row in the outbox tells what came of it. Raises NotAllowed."""
    require("parties.network.edit", actor, network)
    person = Person.objects.filter(pk=actor.person or 0).first()
    address = actor.label or (person.email if person else "")
    return mail.send(
        code=TEST_MAIL,
        mail_class=OutboxMail.Class.SECURITY,
        address=address,
        lang=(get_language() or "de")[:2],
        network=network,
        person_uuid=person.uuid if person else None,
        subject=_("Probe-Mail: %(network)s") % {"network": network.name},
        body=[_("Diese Mail ist angekommen. So sehen Mails Ihres Netzwerks aus.")],
        reason=_("Sie erhalten diese Mail, weil Sie eine Probe-Mail angefordert haben."),
        actor=actor,
    )


def demo_counts() -> dict[str, int]:
    """How much of the examples there is. Two queries, and those of the rooms."""
    return {
        "organisations": Organisation.objects.filter(is_demo=True).count(),
        "people": Person.objects.filter(is_demo=True).count(),
    }


@transaction.atomic
def remove_demo(network: Network, *, actor: Actor) -> dict[str, int]:
    """Deletes all examples: what rooms made, people with their accounts, organisations, networks.

    The network of this house stays, as its own from now on: its name and pages are kept. Only the
    operator, who must not be an example. Raises NotAllowed, Refused.
    """
    require("parties.demo.remove", actor, network)
    people = Person.objects.filter(is_demo=True)
    if people.filter(pk=actor.person or 0).exists():
        raise Refused(_("Sie sind selbst mit einem Beispielkonto angemeldet. Legen Sie zuerst ein "
                        "eigenes an: lotse createoperator."))  # fmt: skip
    with guards.removing():
        removed = _remove_all(people, network, actor)
    for kept in Network.objects.filter(is_demo=True):
        update_versioned(kept, expected=kept.version, is_demo=False)
    actionlog.record("parties.demo.removed", network, actor=actor, after=dict(removed))
    return removed


def _remove_all(people: Any, network: Network, actor: Actor) -> dict[str, int]:
    """All examples but this house's network; what went, by kind."""
    removed: dict[str, int] = {"rooms": sum(remove(actor) for remove in hooks.demo_removers)}
    accounts = [person.account for person in people.select_related("account") if person.account]
    removed["people"] = _delete(people)
    for account in accounts:
        account.delete()
    removed["organisations"] = _delete(Organisation.objects.filter(is_demo=True))
    others = Network.objects.filter(is_demo=True, is_default=False).exclude(pk=network.pk)
    removed["networks"] = _delete(others)
    return removed


def _delete(rows: Any) -> int:
    """Deletes rows with what hangs on them; how many there were."""
    count: int = rows.count()
    rows.delete()
    return count
