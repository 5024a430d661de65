from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartiesConfig(AppConfig):
    name = "lotse.foundation.parties"
    label = "parties"

    def ready(self) -> None:
        from lotse.foundation.core import hooks
        from lotse.foundation.parties import (
            actions,
            demo_people,
            doctor,
            factor_mails,
            mail_samples,
            mails,
            permissions,  # noqa: F401  registers rules
            search_facets,
            standing,
        )
        from lotse.foundation.parties import hooks as joined
        from lotse.foundation.parties.privacy import registration
        from lotse.foundation.parties.services import closings, invitations, networks, topic_uses

        hooks.standing.register(standing.stand)
        hooks.doctor.register(doctor.look)
        hooks.needs_second_factor.register(standing.needs_second_factor)
        hooks.factor_notices.register(joined.waiting_reset)
        hooks.signed_in.register(joined.give_person, order=10)
        hooks.demo_loaders.register(demo_people.load, order=20)
        hooks.daily_jobs.register(
            hooks.DailyJob(
                "parties.reports", _("Alte Meldungen löschen"), networks.delete_old_reports
            )
        )
        hooks.daily_jobs.register(
            hooks.DailyJob(
                "parties.invitations", _("Alte Einladungen löschen"), invitations.delete_old
            )
        )
        hooks.mail_kinds.register(mails.REPORT)
        hooks.mail_kinds.register(mails.INVITATION)
        hooks.mail_kinds.register(mails.UNBACKED)
        hooks.mail_kinds.register(factor_mails.ASKED)
        hooks.mail_kinds.register(factor_mails.DONE)
        hooks.mail_kinds.register(factor_mails.WITHDRAWN)
        hooks.mail_secrets.register(hooks.MailSecret(mails.INVITATION.code, invitations.address_of))
        hooks.letterheads.register(mails.letterhead)
        hooks.mail_closings.register(closings.closing_of)
        for sample in mail_samples.SAMPLES:
            hooks.mail_samples.register(sample)
        hooks.topic_uses.register(
            hooks.TopicUse(_("Organisationen"), topic_uses.count, topic_uses.move)
        )
        registration.register()
        search_facets.register()
        hooks.action_names.register(actions.NAMES)
