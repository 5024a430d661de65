"""What stands around every paper, PDF or Word file: title, language, head and foot."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lotse.foundation.core.text import shorten

REGIONS = {"de": "DE", "en": "GB"}


def frame(title: str, *, running: str, lang: str, network: str, moment: datetime) -> dict[str, Any]:
    """The frame as plain data; call inside `translation.override(lang)`."""
    day = timezone.localdate(moment)
    return {
        "title": title,
        # These stand on every page: on one line.
        "running": shorten(running, 80),
        "author": "Lotse",
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "lang": lang,
        "region": REGIONS.get(lang),
        "network": shorten(network, 60),
        "foot": _("Stand: %(day)s") % {"day": date_format(day, "SHORT_DATE_FORMAT")},
        "page": _("Seite {page} von {pages}"),
    }
