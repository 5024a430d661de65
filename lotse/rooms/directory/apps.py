from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "lotse.rooms.directory"
    label = "directory"

    def ready(self) -> None:
        from lotse.foundation.core import hooks
        from lotse.rooms.directory import (
            actions,
            permissions,  # noqa: F401  registers rules
            registration,
            registration_edit,
            registration_joining,
            registration_letters,
            registration_pages,
        )

        hooks.action_names.register(actions.NAMES)
        registration.register()
        registration_edit.register()
        registration_joining.register()
        registration_letters.register()
        registration_pages.register()
