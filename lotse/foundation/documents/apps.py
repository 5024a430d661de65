from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "lotse.foundation.documents"
    label = "documents"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from lotse.foundation.core import hooks
        from lotse.foundation.core.hooks import DailyJob, NamedFiles, daily_jobs, named_files
        from lotse.foundation.documents import actions, models, services

        title = _("Dateien ohne Eintrag löschen")
        daily_jobs.register(DailyJob("documents.orphans", title, services.delete_orphans))
        named_files.register(NamedFiles("documents_document", "uuid", models.stored_name))
        hooks.action_names.register(actions.NAMES)
