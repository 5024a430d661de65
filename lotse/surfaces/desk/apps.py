from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "lotse.surfaces.desk"
    label = "desk"

    def ready(self) -> None:
        from lotse.foundation.core import hooks
        from lotse.surfaces.desk import hooks as joined
        from lotse.surfaces.desk import permissions  # noqa: F401  registers rules
        from lotse.surfaces.desk.queries import needs

        hooks.menu.register(joined.menu, order=800)
        hooks.cards.register(needs.cards_of, order=40)
        for kind in joined.MAILS:
            hooks.mail_kinds.register(kind)
