"""Which mails somebody gets: the page of the account, and the one behind "Abbestellen".

The latter is what a mail's token switches off, without signing in (RFC 8058).

Reading it changes nothing, because mail scanners open every link. The token is the right to do
it, so the form carries no other and is exempt from the CSRF check: mail programs post it too.
"""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lotse.foundation.accounts import letters
from lotse.foundation.accounts.mailing.forms import GENERAL, MailsForm
from lotse.foundation.accounts.mailing.queries import choices_for, got_by, senders_of
from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.services import mailing
from lotse.foundation.core import hooks, mail
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.mail import Wish
from lotse.foundation.core.mail.letter import letterhead_of
from lotse.foundation.core.models import ALL_NETWORKS, MailChoice, OutboxMail


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def choice(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the choice; a POST keeps one, `off` unless it names another. Always 200."""
    wish = mail.read_token(token)
    if wish is None:
        raise Http404
    saved = request.method == "POST"
    if saved:
        wanted = request.POST.get("choice", MailChoice.Choice.OFF)
        if wanted == "none":
            mail.choose(Wish(wish.address, wish.network, ""), choice=MailChoice.Choice.OFF)
        elif wanted in MailChoice.Choice.values:
            mail.choose(wish, choice=wanted)
        else:
            raise Refused(_("Diese Auswahl gibt es nicht."))
    network = letterhead_of(wish.network)
    current = mail.choice_of(wish.address, wish.network, wish.code, OutboxMail.Class.NEWS)
    context = {
        "saved": saved,
        "current": current,
        "said": _said(current),
        "address": wish.address,
        "title": _title(wish.code),
        "sender": network.name,
        "is_one_kind": bool(wish.code),
    }
    answer = render(request, "mailing/choice.html", context)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def own(request: HttpRequest) -> HttpResponse:
    """Which mails the signed-in person gets, for one sender at a time."""
    account = cast(Account, request.user)
    got = got_by(account.email)
    senders = senders_of(account.email, letters.network_of(request), got)
    wanted = request.GET.get("absender", "") or str(senders[0].uuid)
    sender = next((one for one in senders if str(one.uuid) == wanted), None)
    if sender is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = MailsForm(data, choices=choices_for(account.email, sender, got))
    if data is not None and form.is_valid():
        mailing.choose_own(
            account, network=sender.uuid, news=form.cleaned_data[GENERAL], kinds=form.chosen()
        )
        messages.success(request, _("Ihre Auswahl ist gespeichert."))
        return redirect(request.get_full_path())
    context = {
        "form": form,
        "address": account.email,
        "sender": sender,
        "others": [one for one in senders if one is not sender],
        "for_all": sender.uuid == ALL_NETWORKS and len(senders) > 1,
    }
    return render(request, "mailing/own.html", context, status=200 if data is None else 422)


def _title(code: str) -> str:
    if not code:
        return _("Alle Neuigkeiten")
    return next((str(kind.title) for kind in hooks.mail_kinds if kind.code == code), "")


def _said(current: str) -> str:
    return {
        MailChoice.Choice.EACH: _("Sie erhalten diese Mails einzeln."),
        MailChoice.Choice.DIGEST: _("Sie erhalten diese Mails einmal am Tag gesammelt."),
        MailChoice.Choice.OFF: _("Sie erhalten diese Mails nicht mehr."),
    }[MailChoice.Choice(current)]
