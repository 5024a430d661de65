from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "lotse.foundation.accounts"
    label = "accounts"

    def ready(self) -> None:
        from lotse.foundation.accounts import actions, mail_samples
        from lotse.foundation.accounts.services import rekey, upkeep
        from lotse.foundation.core import hooks

        hooks.daily_jobs.register(
            hooks.DailyJob(
                "accounts.upkeep", _("Alte Geräte und Schlüssel löschen"), upkeep.delete_old
            )
        )
        hooks.daily_jobs.register(
            hooks.DailyJob(
                "accounts.rekey", _("Auf den neuen geheimen Schlüssel umstellen"), rekey.daily
            )
        )
        hooks.action_names.register(actions.NAMES)
        mail_samples.register()
