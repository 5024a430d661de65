from django.apps import AppConfig
from django.utils.translation import gettext as _


class HomeConfig(AppConfig):
    name = "lotse.surfaces.home"
    label = "home"

    def ready(self) -> None:
        from django.urls import reverse

        from lotse.foundation.core.hooks import MenuEntry, menu

        def about(request: object) -> MenuEntry:
            url = reverse("home:about")
            return MenuEntry(title=_("Über uns"), url=url, prefix=url)

        menu.register(about, order=900)
