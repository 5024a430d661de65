from django.apps import AppConfig
from django.utils.translation import gettext as _


class TodayConfig(AppConfig):
    name = "lotse.surfaces.today"
    label = "today"

    def ready(self) -> None:
        from django.http import HttpRequest
        from django.urls import reverse

        from lotse.foundation.core.hooks import MenuEntry, cards, menu
        from lotse.surfaces.today.queries import invitation_cards

        def today(request: HttpRequest) -> MenuEntry | None:
            if not request.user.is_authenticated:
                return None
            url = reverse("today:today")
            return MenuEntry(title=_("Heute"), url=url, prefix=url)

        menu.register(today, order=5)
        cards.register(invitation_cards, order=30)
