from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TopicsConfig(AppConfig):
    name = "lotse.foundation.topics"
    label = "topics"

    def ready(self) -> None:
        from lotse.foundation.core.hooks import SearchKind, search_kinds
        from lotse.foundation.topics import services

        search_kinds.register(SearchKind("topic", _("Thema"), services.reindex_topics))
