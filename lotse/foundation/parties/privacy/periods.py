"""How many days a network keeps what Lotse leaves it to decide, within limits with their reason.

Everything else has one period for the installation: proofs the law asks for, and what no network
owns (sessions, logs).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core import actionlog
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network

CHANGED = "parties.network.retention_set"


@dataclass(frozen=True)
class Period:
    """What a network may decide about one class of data. `network` is the field of its rows that
    names their network, `by` the field of the network that stands there."""

    key: str
    title: Any
    usual: Callable[[], int]
    least: int
    most: int
    why: Any
    network: str = "network"
    by: str = "pk"


PERIODS = {
    one.key: one
    for one in (
        Period(
            "parties.reports", gettext_lazy("Gemeldete Barrieren"),
            lambda: int(settings.REPORT_RETENTION_DAYS), 30, 730,
            gettext_lazy("Mindestens so lange, wie Sie zum Beheben und Antworten brauchen; danach "
                         "ist der Zweck erreicht (Art. 5 Abs. 1 Buchst. e DSGVO)."),
        ),
        Period(
            "parties.invitations", gettext_lazy("Einladungen nach ihrem Ablauf"), lambda: 180,
            30, 365,
            gettext_lazy("Sie zeigen, wer wen wozu eingeladen hat; für Rückfragen genügt ein Jahr "
                         "(Art. 5 Abs. 1 Buchst. e und Abs. 2 DSGVO)."),
        ),
        Period(
            "core.mails", gettext_lazy("Mails im Postausgang"),
            lambda: int(settings.MAIL_RETENTION_DAYS), 30, 365,
            gettext_lazy("Empfänger und Betreff, um eine Zustellung zu klären; der Text ist immer "
                         "nach 30 Tagen fort (Art. 5 Abs. 1 Buchst. c und e DSGVO)."),
            network="network_uuid", by="uuid",
        ),
    )
}  # fmt: skip


def days_of(key: str, network: Network | None) -> int:
    """How many days this network keeps the class. No query."""
    period = PERIODS[key]
    own = network.retention.get(key) if network is not None else None
    return own if isinstance(own, int) else period.usual()


def overdue(key: str, field: str, now: datetime, network: Network | None = None) -> Q:
    """Rows whose `field` lies before what their network decided, or before the usual.

    One query; none where all rows are of `network`, or of no network.
    """
    period = PERIODS[key]
    kept: Iterable[tuple[Any, Any]]
    if network is None:
        kept = Network.objects.values_list(period.by, "retention")
    else:
        kept = [(getattr(network, period.by), network.retention)]
    own = {one: days for one, chosen in kept if isinstance(days := chosen.get(key), int)}
    others = ~Q(**{f"{period.network}__in": list(own)}) if own else Q()
    found = others & _before(field, now, period.usual())
    for one, days in own.items():
        found |= Q(**{period.network: one}) & _before(field, now, days)
    return found


def _before(field: str, now: datetime, days: int) -> Q:
    return Q(**{f"{field}__lt": now - timedelta(days=days)})


@transaction.atomic
def set_periods(network: Network, *, actor: Actor, expected: int, days: Mapping[str, int]) -> None:
    """What the network keeps how long from now on; the usual number is not stored, so that it
    follows the installation. What is overdue by it is gone at the next request.

    Raises NotAllowed, Conflict, and Refused for a class that is not the network's to decide or a
    number outside its limits.
    """
    require("parties.network.protect", actor, network)
    for key, count in days.items():
        period = PERIODS.get(key)
        if period is None:
            raise Refused(_("Diese Frist legt nicht das Netzwerk fest: %(key)s") % {"key": key})
        if not period.least <= count <= period.most:
            raise Refused(
                _("%(title)s: Bitte nennen Sie %(least)s bis %(most)s Tage.")
                % {"title": period.title, "least": period.least, "most": period.most}
            )
    before = {key: days_of(key, network) for key in days}
    kept = {**network.retention, **days}
    # A class that an earlier version knew is let go.
    own = {
        key: kept[key] for key, one in PERIODS.items() if kept.get(key, one.usual()) != one.usual()
    }
    changed = {key: count for key, count in days.items() if count != before[key]}
    update_versioned(network, expected=expected, retention=own)
    if changed:
        actionlog.record(
            "parties.network.retention_set", network, actor=actor,
            before={key: before[key] for key in changed}, after=changed,
        )  # fmt: skip
