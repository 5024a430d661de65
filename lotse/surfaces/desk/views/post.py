"""The outbox: what was sent, what failed, what is unclear, and sending it again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lotse.foundation.core import mail
from lotse.foundation.core.mail.letter import body_of, veil
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build, shown
from lotse.surfaces.desk.access import Desk, at_desk
from lotse.surfaces.desk.frame import Link, list_page
from lotse.surfaces.desk.queries import mails
from lotse.surfaces.desk.views.detail import detail_page


@require_safe
@at_desk()
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Mails of the network, newest first."""
    titles = mails.titles()

    def rows(items: Any) -> list[Row]:
        return [
            {
                "subject": Cell(_subject(one, titles), reverse("desk:mail", args=[one.uuid])),
                "to": one.address,
                "kind": titles.get(one.code, one.code),
                "state": Cell(str(one.get_state_display()), note=one.error,
                              tone=mails.TONES.get(one.state, "")),
                "at": one.sent_at or one.created_at,
            }
            for one in items
        ]  # fmt: skip

    listing = build(
        request,
        title=_("Postausgang"),
        columns=[Column("subject", _("Betreff")), Column("to", _("An")), Column("kind", _("Art")),
                 Column("state", _("Stand")), Column("at", _("Zeit"))],
        source=mails.of_network(desk.network, desk.actor),
        rows=rows,
        search=lambda rows, words: rows.filter(address__icontains=words),
        filters=[
            Filter("stand", _("Stand"), _narrow,
                   [("sorge", _("braucht jemanden")), *OutboxMail.State.choices]),
            Filter("art", _("Art"), lambda rows, v: rows.filter(code=v),
                   sorted(titles.items(), key=lambda pair: pair[1])),
        ],
        export=False,
        empty=_("Hier steht jede Mail, die das Netzwerk sendet."),
    )  # fmt: skip
    intro = _("Die Suche findet Adressen. Texte von Mails mit geheimen Links oder Codes stehen "
              "nirgends.")  # fmt: skip
    return list_page(request, desk, listing, intro=intro)


def _narrow(rows: Any, state: str) -> Any:
    return rows.filter(state__in=mails.NEEDS_CARE) if state == "sorge" else rows.filter(state=state)


def _subject(mail: OutboxMail, titles: Mapping[str, str]) -> str:
    """The subject; of what one person writes to another only what kind of mail it is."""
    return titles[mail.code] if mail.code in mails.between_two() else mail.subject


@require_safe
@at_desk()
def detail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One mail: where it stands and what that means. The text of security mail is not shown."""
    found = get_visible("mail.view", desk.actor, uuid, alive(OutboxMail.objects.all()))
    may = has("mail.manage", desk.actor, found)
    is_private = found.mail_class == OutboxMail.Class.SECURITY or found.code in mails.private()
    is_message = found.code in mails.between_two()
    body = "" if is_private or is_message else body_of(found.text) or found.text
    facts = [
        (_("Stand"), found.get_state_display()),
        (_("An"), found.address),
        (_("Art"), mails.titles().get(found.code, found.code)),
        (_("Klasse"), found.get_mail_class_display()),
        (_("Geschrieben"), shown(found.created_at)),
        (_("Gesendet"), shown(found.sent_at)),
        (_("Versuche"), found.attempts),
        (_("Meldung des Servers"), found.error),
        (_("Anhänge"), ", ".join(file["name"] for file in found.files)),
    ]
    kind = {"good": "success", "bad": "danger", "warn": "warning"}.get(
        mails.TONES.get(OutboxMail.State(found.state), ""), "info"
    )
    posts = []
    if may and found.state in mails.NEEDS_CARE:
        posts.append(Link(_("Erneut senden"), reverse("desk:mail-again", args=[uuid])))
    return detail_page(
        request, desk, title=_subject(found, mails.titles()),
        back=Link(_("Postausgang"), reverse("desk:outbox")), facts=facts, posts=posts,
        version=found.version, template="desk/mail.html", is_private=is_private,
        body=veil(body, _("(persönlicher Link, hier nicht gezeigt)")), is_message=is_message,
        notes=[(kind, str(found.get_state_display()), mails.meaning(found.state))],
    )  # fmt: skip


@require_POST
@at_desk()
def again(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Sends it once more, because a person decided so."""
    found = get_visible("mail.manage", desk.actor, uuid, alive(OutboxMail.objects.all()))
    mail.resend(found, actor=desk.actor, expected=version_in(request))
    messages.success(request, _("Die Mail wartet wieder auf den Versand."))
    return redirect("desk:mail", uuid)
