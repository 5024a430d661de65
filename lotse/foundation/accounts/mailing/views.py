"""The page behind "Abbestellen": what a mail's token switches off, without signing in (RFC 8058).

Reading it changes nothing, because mail scanners open every link. The token is the right to do
it, so the form carries no other and is exempt from the CSRF check: mail programs post it too.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lotse.foundation.core import hooks, mail
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.mail import Wish
from lotse.foundation.core.mail.letter import letterhead_of
from lotse.foundation.core.models import MailChoice, OutboxMail


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
