from django.apps import AppConfig


class BodiesConfig(AppConfig):
    name = "lotse.rooms.bodies"
    label = "bodies"

    def ready(self) -> None:
        from lotse.rooms.bodies import registration

        registration.register()
