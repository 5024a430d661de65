"""The invited person's way in: the link once, then an address without it (T06, rulings 19)."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.accounts import signin
from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.services import accounts
from lotse.foundation.core import clock, limits
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Invitation, Person
from lotse.foundation.parties.services import invitations, people

SESSION = "invitation"


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Keeps the invitation in the session and leads on to an address without the secret.

    A wrong link counts against the limit of this address and is answered like any unknown page.
    """
    found = invitations.find(token)
    if found is None:
        limits.hit("parties.invitation.failed", limits.address_of(request))
        raise Http404
    request.session[SESSION] = str(found.uuid)
    response = redirect("parties:invitation-accept")
    response.status_code = 303
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _held(request: HttpRequest) -> Invitation:
    """The open invitation of this browser, else 404."""
    found = (
        Invitation.objects.select_related("network", "organisation")
        .filter(accepted_at=None, revoked_at=None, expires_at__gt=clock.now())
        .filter(uuid=UUID(request.session.get(SESSION, str(UUID(int=0)))))
        .first()
    )
    if found is None:
        _forget(request)
        raise Http404
    return found


def _forget(request: HttpRequest) -> None:
    request.session.pop(SESSION, None)


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Who invites, to what, until when; and the button to accept, after signing in."""
    invitation = _held(request)
    user = request.user
    address = _address(user, invitation) if isinstance(user, Account) else ""
    faults: list[str] = []
    if request.method == "POST":
        try:
            if not isinstance(user, Account):
                return _come_in(request, invitation)
            person = people.person_of(user)
            invitations.accept(invitation, actor=actor_in(request), person=person, address=address)
        except Refused as refusal:
            faults = list(refusal.messages)
        except Conflict:
            faults = [_("Diese Einladung wurde gerade angenommen oder zurückgezogen.")]
        else:
            _forget(request)
            messages.success(request, _("Willkommen. Ihre Einladung ist angenommen."))
            return redirect(settings.LOGIN_REDIRECT_URL)
    context = {
        "invitation": invitation,
        "inviter": _inviter(invitation),
        "rights": _rights(invitation),
        "fits": address.lower() == invitation.email,
        "address": address,
        "faults": faults,
        "sign_in": _sign_in(),
        "is_known": _is_known(invitation),
        "is_here": network_in(request) == invitation.network,
    }
    return render(request, "parties/invitation.html", context, status=422 if faults else 200)


def _is_known(invitation: Invitation) -> bool:
    """Whether the invited address already signs in here; only its own mailbox learns that."""
    return Account.objects.filter(email__iexact=invitation.email).exists()


def _come_in(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Somebody new: the mailed link proves the address, so the account is made at once, also where
    registration is closed. Who has an account signs in to it."""
    if _is_known(invitation):
        return redirect(_sign_in())
    invitations.require_backed(invitation)
    account = accounts.account_for_invited(invitation.email)
    here = reverse("parties:invitation-accept")
    return signin.start(request, account, method="invitation", redirect_url=here)


def _address(account: Account, invitation: Invitation) -> str:
    """The verified address that fits, else the account's main one if it is verified."""
    held = EmailAddress.objects.filter(user=account, verified=True).values_list("email", flat=True)
    verified = [email.lower() for email in held]
    if invitation.email in verified:
        return invitation.email
    return verified[0] if verified else ""


def _to(name: str) -> str:
    """A page of the accounts that leads back here; empty where it is not offered."""
    try:
        return f"{reverse(name)}?next={reverse('parties:invitation-accept')}"
    except NoReverseMatch:
        return ""


def _sign_in() -> str:
    return _to("account_login") or "/"


def _inviter(invitation: Invitation) -> str:
    """The name of who invites; empty for a command."""
    kind, _colon, uuid = invitation.invited_by.partition(":")
    if kind != "account":
        return ""
    person = Person.objects.filter(account__uuid=uuid, erased_at=None).first()
    return person.name if person else ""


def _rights(invitation: Invitation) -> list[str]:
    names = {
        "may_edit": _("die Angaben der Organisation bearbeiten"),
        "may_publish": _("für die Organisation veröffentlichen"),
        "may_represent": _("die Organisation vertreten"),
    }
    return [title for name, title in names.items() if getattr(invitation, name)]
