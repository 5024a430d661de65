from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TopicsConfig(AppConfig):
    name = "lotse.foundation.topics"
    label = "topics"

    def ready(self) -> None:
        from lotse.foundation.core import hooks
        from lotse.foundation.topics import (
            actions,
            concepts,
            facets,
            permissions,  # noqa: F401  registers rules
            services,
        )

        hooks.search_kinds.register(hooks.SearchKind("topic", _("Thema"), services.reindex_topics))
        facets.register()
        hooks.search_concepts.register(concepts.concepts_of_topics)
        hooks.action_names.register(actions.NAMES)
