"""`request.network`: which network this host name shows."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from lotse.foundation.parties.here import host_in
from lotse.foundation.parties.queries import network_for


class CurrentNetwork:
    """Worked out when first asked for; an answer without page costs no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = host_in(request)
        request.network = SimpleLazyObject(lambda: network_for(host))  # type: ignore[attr-defined]
        return self.get_response(request)
