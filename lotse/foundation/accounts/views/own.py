"""The account's own pages: overview, sessions, keys for programs."""

from typing import Any, cast
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.accounts import reauth
from lotse.foundation.accounts.forms.own import TokenForm
from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.queries import factors_of, sessions_of, tokens_of
from lotse.foundation.accounts.services import sessions, tokens
from lotse.foundation.accounts.strength import is_strong


def _url(name: str) -> str:
    """The address of a page that another part may bring; empty while it does not."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _row(request: HttpRequest) -> Any:
    return getattr(request.session, "row", None)


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Mein Konto: name, address, password, second factor, sessions, keys, own data."""
    account = cast(Account, request.user)
    person = getattr(account, "person", None)
    addresses = EmailAddress.objects.filter(user_id=request.user.pk, verified=True)
    factors = factors_of(request.user)
    context = {
        "name": person.name if person else "",
        "addresses": [a.email for a in addresses.order_by("-primary", "email")]
        or [request.user.get_username()],
        "has_password": account.has_usable_password(),
        "factors": factors,
        "sessions": len(sessions_of(request.user, _row(request))),
        "tokens": len(tokens_of(request.user)),
        "profile_url": _url("parties:own"),
        "entries_url": _url("directory:own"),
        "searches_url": _url("directory:searches"),
        "mail_url": _url("mailing:own"),
        "data_url": _url("privacy:own"),
    }
    return render(request, "account/overview.html", context)


@require_safe
@login_required
def session_list(request: HttpRequest) -> HttpResponse:
    """Where the account is signed in."""
    rows = sessions_of(request.user, _row(request))
    return render(request, "account/sessions.html", {"rows": rows, "others": len(rows) > 1})


@require_POST
@login_required
def end_session(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ends one session; the browser behind it is signed out at its next request."""
    sessions.end_session(request.user, uuid=uuid)
    messages.success(request, _("Die Anmeldung auf diesem Gerät ist beendet."))
    return redirect("accounts:sessions")


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    """Ends all sessions but this one."""
    row = _row(request)
    sessions.end_others(request.user, keep=row.uuid if row else None)
    messages.success(request, _("Alle anderen Sitzungen sind beendet."))
    return redirect("accounts:sessions")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauth.required
def token_list(request: HttpRequest) -> HttpResponse:
    """Keys for programs: a new one is shown once, right after it was made."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        _token, secret = tokens.create_token(
            request.user,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            days=form.cleaned_data["days"],
            strong=is_strong(request),
        )
        form = TokenForm()
    context = {"rows": tokens_of(request.user), "form": form, "secret": secret}
    status = 422 if form.is_bound else 200
    return render(request, "account/tokens.html", context, status=status)


@require_POST
@login_required
def revoke_token(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes a key back."""
    tokens.revoke_token(request.user, uuid=uuid)
    messages.success(request, _("Der Schlüssel ist zurückgezogen."))
    return redirect("accounts:tokens")
