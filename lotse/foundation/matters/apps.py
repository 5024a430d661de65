from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "lotse.foundation.matters"
    label = "matters"

    def ready(self) -> None:
        from lotse.foundation.matters import registration

        registration.register()
