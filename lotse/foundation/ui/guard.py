"""Pages for people with an account, without losing what somebody wrote whose session ended."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Fields of a form that nobody types.
NOT_TYPED = frozenset({"csrfmiddlewaretoken", "version", "go", "logo-now", "photo-now"})


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for people with an account. Whose session ended while they wrote gets back what was
    typed, instead of a page to sign in that loses it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method != "POST":
            return redirect_to_login(request.get_full_path())
        typed = [
            value[:20_000]
            for key, values in request.POST.lists()
            if not key.startswith("_") and key not in NOT_TYPED
            for value in values
            if len(value.strip()) > 8
        ]
        return render(request, "ui/locked_out.html", {"texts": typed}, status=403)

    return guarded
