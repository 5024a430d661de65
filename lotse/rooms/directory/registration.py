"""What entries register: the search with its facets, what they follow, data protection."""

from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import hooks
from lotse.foundation.parties.privacy import consents, coverage, fields
from lotse.rooms.directory import demo, facets, privacy, searching
from lotse.rooms.directory.services import base_data, entries


def register() -> None:
    """Called once when the programs start."""
    hooks.search_kinds.register(
        hooks.SearchKind("organisation", _("Organisation"), searching.reindex_all), order=10
    )
    # All three are indexed with the first.
    hooks.search_kinds.register(hooks.SearchKind("person", _("Person"), lambda: 0), order=20)
    hooks.search_kinds.register(hooks.SearchKind("service", _("Leistung"), lambda: 0), order=30)
    facets.register()
    hooks.demo_loaders.register(demo.load, order=40)
    hooks.demo_removers.register(demo.remove)
    hooks.organisation_changed.register(entries.follow_base_data)
    hooks.person_changed.register(searching.follow_person)
    consents.changed.register(searching.follow_consent)
    hooks.personal_data.register(privacy.DATA)
    coverage.NOT_PERSONAL.update(privacy.NOT_PERSONAL)
    fields.NAMES.update(privacy.FIELD_NAMES)
    hooks.merged.register(privacy.take_over)
    hooks.daily_jobs.register(
        hooks.DailyJob("directory.clock", _("Suche im Verzeichnis: was die Uhr geändert hat"),
                       searching.follow_clock)
    )  # fmt: skip
    hooks.daily_jobs.register(
        hooks.DailyJob("directory.base_data", _("Stammdaten: was nach einer Ankündigung gilt"),
                       base_data.follow_effective)
    )  # fmt: skip
