from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChecksConfig(AppConfig):
    name = "lotse.rooms.checks"
    label = "checks"

    def ready(self) -> None:
        from lotse.foundation.core import hooks
        from lotse.rooms.checks import actions, demo, mails, permissions, privacy, services  # noqa: F401  registers rules
        from lotse.rooms.checks import hooks as joined
        from lotse.rooms.checks.queries import today

        hooks.doors.register(joined.door, order=10)
        hooks.menu.register(joined.menu, order=20)
        hooks.search_kinds.register(
            hooks.SearchKind("check", _("Check"), services.library.reindex_checks)
        )
        hooks.search_kinds.register(hooks.SearchKind("checkpoint", _("Checkpunkt"), lambda: 0))
        hooks.daily_jobs.register(
            hooks.DailyJob(
                "checks.expired",
                _("Abgelaufene Bewertungen löschen"),
                services.assessments.delete_expired,
            )
        )
        hooks.personal_data.register(privacy.DATA)
        hooks.mail_kinds.register(mails.LINK)
        hooks.mail_samples.register(hooks.MailSample(mails.LINK.code, mails.sample))
        hooks.mail_secrets.register(mails.SECRET)
        hooks.demo_loaders.register(demo.load, order=50)
        hooks.cards.register(today.cards_of, order=20)
        hooks.origin_rights.register(today.ORIGIN)
        hooks.demo_removers.register(demo.remove)
        hooks.signed_in.register(joined.claim)
        hooks.merged.register(services.sharing.take_over)
        hooks.handed_over.register(services.sharing.hand_over)
        hooks.demo_links.register(demo.say_links, order=50)
        hooks.action_names.register(actions.NAMES)
