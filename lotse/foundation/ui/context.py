"""What every page needs: menu, language, network, the path for the language switch."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from lotse.foundation.core import hooks, logs, once

OTHER = {"de": ("en", "English"), "en": ("de", "Deutsch")}


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of all templates. Queries: none, unless the template shows the network (one)."""
    language = (translation.get_language() or "de")[:2]
    other, other_name = OTHER.get(language, OTHER["en"])
    # A request refused before its account was worked out (400) has no menu.
    known = hasattr(request, "actor")
    menu = hooks.menu if known else ()
    footer = hooks.footer if known else ()
    entries = [entry for provide in menu if (entry := provide(request))]
    signed_in, name = _who(request)
    return {
        "user_signed_in": signed_in,
        "user_name": name,
        "language": language,
        "other_language": other,
        "other_language_name": other_name,
        "network": getattr(request, "network", None),
        "menu": [(entry, request.path.startswith(entry.prefix)) for entry in entries],
        # Asked only by pages that have a foot.
        "footer": lambda: [entry for provide in footer if (entry := provide(request))],
        "new_key": once.new_key,
        "request_number": logs.request_id.get(),
        "here": request.get_full_path() if request.method == "GET" else request.path,
    }


def _who(request: HttpRequest) -> tuple[bool, str]:
    """Whether somebody is signed in, and as whom. No query: a browser without a session is asked
    nothing, and a session brings account and person along."""
    user = getattr(request, "user", None)
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or user is None:
        return False, ""
    if not user.is_authenticated:
        return False, ""
    person = getattr(user, "person", None)
    return True, person.name if person is not None else _("Mein Konto")
