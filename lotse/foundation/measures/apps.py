from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    name = "lotse.foundation.measures"
    label = "measures"

    def ready(self) -> None:
        from lotse.foundation.core import hooks
        from lotse.foundation.measures import (
            actions,
            basket,
            cards,
            permissions,  # noqa: F401  registers rules
            privacy,
            reminders,
            work,
        )

        basket.register()
        hooks.cards.register(cards.cards_of, order=10)
        hooks.personal_data.register(privacy.DATA, order=500)
        hooks.merged.register(work.take_over)
        hooks.handed_over.register(work.hand_over)
        hooks.orphans.register(work.orphans)
        hooks.mail_kinds.register(
            hooks.MailKind(reminders.CODE, _("Erinnerungen an Maßnahmen"), mail_class="duty")
        )
        hooks.mail_samples.register(hooks.MailSample(reminders.CODE, reminders.sample))
        hooks.daily_jobs.register(
            hooks.DailyJob(
                "measures.reminders", _("Erinnerungen an Maßnahmen"), reminders.send_due, hour=6
            )
        )
        hooks.action_names.register(actions.NAMES)
