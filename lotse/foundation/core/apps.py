from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "lotse.foundation.core"
    label = "core"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate
        from django.utils.translation import gettext_lazy as _

        from lotse.foundation.core import actions, collation, hooks, housekeeping, trash
        from lotse.foundation.core.search import facets, upgrade

        collation.register()
        housekeeping.register()
        facets.register()
        post_migrate.connect(upgrade.fill_empty, sender=self)
        job = hooks.DailyJob("core.trash", _("Papierkorb leeren"), trash.empty_expired, 2)
        hooks.daily_jobs.register(job, order=10)
        hooks.action_names.register(actions.NAMES)
