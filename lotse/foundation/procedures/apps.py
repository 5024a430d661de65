from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "lotse.foundation.procedures"
    label = "procedures"

    def ready(self) -> None:
        from lotse.foundation.procedures import registration

        registration.register()
