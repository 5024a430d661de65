"""How long what is kept, and the daily work that ends it (ASVS 14.2.7, T59).

`alive` gives a page the rows whose time is not over by the clock: what is overdue is gone at the
next request, whether or not the daily work has run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.accounts.models import Session
from lotse.foundation.core import clock, housekeeping, trash
from lotse.foundation.core.models import JobRun, LogEntry, OutboxMail, TrashItem
from lotse.foundation.parties.models import (
    Consent,
    Erasure,
    FactorReset,
    Invitation,
    Network,
    Report,
    SupportSession,
)
from lotse.foundation.parties.privacy import periods
from lotse.foundation.parties.privacy.notices import RECEIPT
from lotse.foundation.parties.services import invitations, networks

_Row = TypeVar("_Row", bound=Model)
# Registered beside their services; here they are shown with the others.
KNOWN_JOBS = ("parties.reports", "parties.invitations", "core.sessions", "core.trash")
SECURITY = "accounts."  # codes of the security log: sign-ins, devices, factors, tokens
ACCOUNTS = "accounts.account."  # but who made, merged or suspended an account is an act


@dataclass(frozen=True)
class Retention:
    """One class of data: `overdue` says by the clock which rows have had their time."""

    key: str
    title: Any
    span: Callable[[], str]
    model: type[Model]
    overdue: Callable[..., Q]
    run: Callable[[], int]


def _days(count: int) -> str:
    return _("%(count)s Tage") % {"count": count}


def _years(count: int) -> str:
    return _("%(count)s Jahre") % {"count": count}


def _ago(now: datetime, *, days: int = 0, years: int = 0) -> datetime:
    return now - timedelta(days=days + years * 365.25)


def _reports(now: datetime, network: Network | None = None) -> Q:
    return periods.overdue("parties.reports", "created_at", now, network)


def _invitations(now: datetime, network: Network | None = None) -> Q:
    return periods.overdue("parties.invitations", "expires_at", now, network)


def _mails(now: datetime, network: Network | None = None) -> Q:
    """Done mails when their network's time is over; a receipt of an erasure once it is sent."""
    done = Q(state__in=(OutboxMail.State.SENT, OutboxMail.State.FAILED,
                        OutboxMail.State.BOUNCED, OutboxMail.State.STOPPED,
                        OutboxMail.State.UNCLEAR))  # fmt: skip
    old = periods.overdue("core.mails", "created_at", now, network)
    receipt = Q(code=RECEIPT, sent_at__lt=_ago(now, days=1))
    return (done & old) | receipt


def _log(now: datetime) -> Q:
    """Lines that still lead to somebody or hold content."""
    old = Q(at__lt=_ago(now, years=settings.LOG_RETENTION_YEARS))
    return old & (Q(actor__contains=":") | Q(before__isnull=False) | Q(after__isnull=False))


def _security(now: datetime) -> Q:
    old = Q(at__lt=_ago(now, days=settings.SECURITY_LOG_DAYS))
    acts = Q(code__startswith=ACCOUNTS)
    return old & Q(code__startswith=SECURITY) & ~acts


def _consents(now: datetime) -> Q:
    return Q(withdrawn_at__lt=_ago(now, years=settings.CONSENT_PROOF_YEARS))


def _erasures(now: datetime) -> Q:
    border = _ago(now, years=settings.CONSENT_PROOF_YEARS)
    return Q(done_at__lt=border) | Q(state=Erasure.State.WITHDRAWN, updated_at__lt=border)


def _ended(now: datetime) -> Q:
    return Q(expires_at__lt=now)


def _support(now: datetime) -> Q:
    return Q(ends_at__lt=_ago(now, days=365))


def _resets(now: datetime) -> Q:
    return Q(asked_at__lt=_ago(now, days=365))


def _delete(model: type[Model], overdue: Callable[..., Q]) -> int:
    return model._default_manager.filter(overdue(clock.now())).delete()[0]


def delete_mails() -> int:
    """Deletes mails that are done and old; returns how many."""
    return _delete(OutboxMail, _mails)


def delete_security_log() -> int:
    """Deletes lines about sign-ins and devices after 90 days; returns how many."""
    return _delete(LogEntry, _security)


def pseudonymise_log() -> int:
    """Takes actor and content out of old lines of the action log; returns how many."""
    return LogEntry.objects.filter(_log(clock.now())).update(
        actor="former", before=None, after=None
    )


def delete_consents() -> int:
    """Deletes consents three years after they were withdrawn; returns how many."""
    return _delete(Consent, _consents)


def delete_erasures() -> int:
    """Deletes the proof of an erasure after three years; returns how many."""
    return _delete(Erasure, _erasures)


def delete_support() -> int:
    """Deletes support sessions after a year; returns how many."""
    return _delete(SupportSession, _support)


def delete_resets() -> int:
    """Deletes requests about second factors after a year; returns how many."""
    return _delete(FactorReset, _resets)


CLASSES = [
    Retention("core.sessions", gettext_lazy("Sitzungen von Browsern"),
              lambda: _("höchstens %(count)s Tage") % {"count": 30}, Session, _ended,
              housekeeping.forget_sessions),
    Retention("core.trash", gettext_lazy("Papierkorb"), lambda: _days(trash.DAYS), TrashItem,
              _ended, trash.empty_expired),
    Retention("parties.reports", gettext_lazy("Gemeldete Barrieren"),
              lambda: _days(settings.REPORT_RETENTION_DAYS), Report, _reports,
              networks.delete_old_reports),
    Retention("parties.invitations", gettext_lazy("Einladungen nach ihrem Ablauf"),
              lambda: _days(180), Invitation, _invitations,
              invitations.delete_old),
    Retention("parties.consents", gettext_lazy("Einwilligungen nach dem Widerruf"),
              lambda: _years(settings.CONSENT_PROOF_YEARS), Consent, _consents, delete_consents),
    Retention("parties.erasures", gettext_lazy("Nachweise von Löschungen"),
              lambda: _years(settings.CONSENT_PROOF_YEARS), Erasure, _erasures, delete_erasures),
    Retention("parties.support", gettext_lazy("Sitzungen zur Unterstützung"),
              lambda: _days(365), SupportSession, _support, delete_support),
    Retention("parties.factor_resets", gettext_lazy("Anträge zum zweiten Faktor"),
              lambda: _days(365), FactorReset, _resets, delete_resets),
    Retention("core.mails", gettext_lazy("Mails im Postausgang (Text: 30 Tage)"),
              lambda: _days(settings.MAIL_RETENTION_DAYS), OutboxMail, _mails, delete_mails),
    Retention("core.log", gettext_lazy("Protokoll, danach ohne Namen und Inhalt"),
              lambda: _years(settings.LOG_RETENTION_YEARS), LogEntry, _log, pseudonymise_log),
    Retention("core.security", gettext_lazy("Protokoll der Anmeldungen"),
              lambda: _days(settings.SECURITY_LOG_DAYS), LogEntry, _security,
              delete_security_log),
]  # fmt: skip


def alive(rows: QuerySet[_Row], network: Network | None = None) -> QuerySet[_Row]:
    """The rows whose time is not over; rows of a table without a limit as they are.

    At most one query, for what networks decided; none where all rows are of `network` or of none.
    """
    now = clock.now()
    for one in CLASSES:
        if one.model is rows.model:
            own = (network,) if network is not None and one.key in periods.PERIODS else ()
            rows = rows.exclude(one.overdue(now, *own))
    return rows


def overview(network: Network | None = None) -> list[dict[str, Any]]:
    """What is kept how long in this network, and what the last run removed. One query."""
    runs: dict[str, JobRun] = {}
    names = [job_name(one) for one in CLASSES]
    for run in JobRun.objects.filter(name__in=names).order_by("due_on", "pk"):
        runs[run.name] = run
    rows = []
    for one in CLASSES:
        run_ = runs.get(job_name(one))
        done = run_.ended_at if run_ is not None and run_.ok else None
        rows.append({
            "title": str(one.title),
            "span": _span(one, network),
            "ran": f"{timezone.localtime(done):%d.%m.%Y}" if done else _("noch nie"),
            "count": run_.count if run_ is not None and done else 0,
        })  # fmt: skip
    return rows


def _span(one: Retention, network: Network | None) -> str:
    return _days(periods.days_of(one.key, network)) if one.key in periods.PERIODS else one.span()


def job_name(one: Retention) -> str:
    """Under which name its daily work stands in the list of tasks."""
    return one.key if one.key in KNOWN_JOBS else f"retention.{one.key}"
