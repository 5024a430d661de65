"""The core's own daily work: what is old goes. Rooms add theirs by `hooks.daily_jobs`."""

from datetime import timedelta

from django.core.management import call_command
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock, hooks, jobs, workers
from lotse.foundation.core.hooks import DailyJob
from lotse.foundation.core.mail import choices, postbox, upkeep
from lotse.foundation.core.models import FirstAnswer, LimitCounter


def forget_first_answers() -> int:
    """Deletes answers to forms that are older than a day."""
    yesterday = clock.now() - timedelta(days=1)
    return FirstAnswer.objects.filter(created_at__lt=yesterday).delete()[0]


def forget_counters() -> int:
    """Deletes counters of limits whose time is over."""
    return LimitCounter.objects.filter(window_ends__lt=clock.now()).delete()[0]


def forget_tasks() -> int:
    """Deletes finished tasks after a day, failed ones after two weeks."""
    call_command(
        "prune_db_task_results", queue_name="*", min_age_days=1, failed_min_age_days=14, verbosity=0
    )
    return 0


def forget_sessions() -> int:
    """Deletes sessions that are over."""
    call_command("clearsessions")
    return 0


JOBS = (
    DailyJob("core.first_answers", _("Alte Formularschlüssel löschen"), forget_first_answers, 2),
    DailyJob("core.limits", _("Abgelaufene Zähler löschen"), forget_counters, 2),
    DailyJob("core.worker_locks", _("Sperren beendeter Dienste aufräumen"), workers.clear_locks, 2),
    DailyJob("core.tasks", _("Erledigte Aufgaben im Hintergrund löschen"), forget_tasks, 2),
    DailyJob("core.sessions", _("Abgelaufene Sitzungen löschen"), forget_sessions, 2),
    DailyJob("core.job_runs", _("Alte Läufe regelmäßiger Arbeiten löschen"), jobs.forget_old, 2),
    DailyJob("core.mail_texts", _("Texte alter Mails löschen"), upkeep.empty_old_texts, 2),
    DailyJob("core.bounces", _("Zustellberichte lesen"), postbox.read_configured, 6),
    DailyJob("core.digests", _("Sammelmails schreiben"), upkeep.send_digests, 7),
)


def register() -> None:
    """Puts the core's jobs and its own kind of mail into the lists; called when apps are ready."""
    for job in JOBS:
        hooks.daily_jobs.register(job, order=10)
    hooks.mail_kinds.register(_DIGEST)
    hooks.mail_samples.register(hooks.MailSample(_DIGEST.code, upkeep.sample_digest))


_DIGEST = hooks.MailKind(choices.DIGEST, _("Sammelmail mit Neuigkeiten"))
