"""Messages after a redirect travel in a signed cookie: a visitor needs no session for them."""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


class Storage(CookieStorage):
    """The cookie storage under a name that fits `__Host-` cookies (T30)."""

    cookie_name = settings.MESSAGE_COOKIE_NAME

    def _update_cookie(self, encoded_data: str, response: Any) -> None:
        if encoded_data:
            response.set_cookie(
                self.cookie_name,
                encoded_data,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        else:
            response.delete_cookie(self.cookie_name, samesite="Lax")
            response.cookies[self.cookie_name]["secure"] = settings.SESSION_COOKIE_SECURE
