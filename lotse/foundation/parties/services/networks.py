"""Every write to networks, their pages and reports."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, logs, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties import colours, mails
from lotse.foundation.parties.models import Network, NetworkPage, Report
from lotse.foundation.parties.privacy import periods
from lotse.foundation.parties.services import hosts

LOGO_MOST_BYTES = 200 * 1024
_LOGO_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@transaction.atomic
def create_network(*, actor: Actor, name: str, **fields: Any) -> Network:
    """A new network; the first one is the default. Raises NotAllowed."""
    if not actor.trusted:
        raise NotAllowed("parties.network.create")
    first = not Network.objects.filter(is_default=True).exists()
    if fields.get("hosts"):
        fields["hosts"] = hosts.checked_hosts(None, fields["hosts"])
    network = Network.objects.create(
        name=text.clean_line(name), is_default=fields.pop("is_default", first), **fields
    )
    actionlog.record("parties.network.created", network, actor=actor, after={"name": network.name})
    return network


@transaction.atomic
def change_network(network: Network, *, actor: Actor, expected: int, **changes: Any) -> None:
    """Changes name, carrier, hosts, accent and so on.

    Raises NotAllowed, also for hosts where it is not the operator, Conflict, and Refused for hosts
    as `set_hosts` and for an accent colour that is hard to read, with the nearest readable one in
    the message (WCAG 1.4.3).
    """
    _may_edit(network, actor)
    if "hosts" in changes:
        hosts.may_set(actor)
        changes["hosts"] = hosts.checked_hosts(network, changes["hosts"])
    _check_second_factor(network, actor, changes)
    if changes.get("accent"):
        changes["accent"] = readable_accent(changes["accent"])
    if changes.get("contact_email"):
        _check_address(changes["contact_email"])
    before = {name: getattr(network, name) for name in changes}
    update_versioned(network, expected=expected, **changes)
    actionlog.record(
        "parties.network.changed", network, actor=actor, before=before, after=dict(changes)
    )


def _check_second_factor(network: Network, actor: Actor, changes: dict[str, Any]) -> None:
    """Whether the operator needs a second factor is the operator's to decide, not an office's."""
    if "mfa_roles" not in changes or actor.operates:
        return
    operator = "operator"
    if (operator in changes["mfa_roles"]) != (operator in network.mfa_roles):
        raise NotAllowed("parties.network.edit")


def _check_address(value: str) -> None:
    try:
        validate_email(value)
    except ValidationError:
        raise Refused(
            _("Diese E-Mail-Adresse ist nicht vollständig: %(value)s") % {"value": value}
        ) from None


def readable_accent(value: str) -> str:
    """The colour in lower case; raises Refused where text in it would be hard to read."""
    rgb = colours.parse(value.strip())
    if rgb is None:
        raise Refused(_("Die Farbe muss so aussehen: #2044aa."))
    best = colours.on_light(rgb)
    if best != rgb:
        raise Refused(
            _(
                "%(colour)s ist auf hellem Grund schlecht lesbar. "
                "Die nächste lesbare Farbe: %(best)s"
            )
            % {"colour": value, "best": colours.as_hex(best)}
        )
    return colours.as_hex(rgb)


@transaction.atomic
def set_logo(network: Network, *, actor: Actor, content: bytes) -> None:
    """Sets the logo: PNG or JPEG by content, at most 200 kB. Raises NotAllowed, Refused."""
    _may_edit(network, actor)
    kind = next((k for head, k in _LOGO_TYPES.items() if content.startswith(head)), "")
    if not kind or len(content) > LOGO_MOST_BYTES:
        raise Refused(_("Das Logo muss ein PNG oder JPEG mit höchstens 200 kB sein."))
    update_versioned(network, expected=network.version, logo=content, logo_type=kind)
    actionlog.record("parties.network.logo_set", network, actor=actor, after={"type": kind})


@transaction.atomic
def set_page(
    network: Network, *, actor: Actor, kind: str, lang: str, body: str, expected: int | None = None
) -> NetworkPage:
    """Writes one page (about, imprint, privacy, accessibility) in one language, in Markdown.

    `expected` is the version the text was read at, 0 for none yet. Raises NotAllowed, Refused,
    Conflict.
    """
    _may_edit(network, actor)
    if kind not in NetworkPage.Kind.values:
        raise Refused(_("Diese Seite gibt es nicht: %(kind)s") % {"kind": kind})
    body = text.clean(body)
    if len(body) > 50_000:
        raise Refused(_("Der Text ist zu lang: höchstens 50.000 Zeichen."))
    page, created = NetworkPage.objects.get_or_create(
        network=network, kind=kind, lang=lang, defaults={"body": body}
    )
    before = page.body
    if expected is not None and expected != (0 if created else page.version):
        raise Conflict(page)
    if before != body:
        update_versioned(page, expected=page.version, body=body)
    actionlog.record(
        "parties.page.set", page, actor=actor, before={"body": before}, after={"body": body}
    )
    return page


def _may_edit(network: Network, actor: Actor) -> None:
    require("parties.network.edit", actor, network)


def delete_old_reports() -> int:
    """Deletes reports when their network's time is over; returns how many (retention)."""
    over = periods.overdue("parties.reports", "created_at", clock.now())
    return Report.objects.filter(over).delete()[0]


@transaction.atomic
def report_barrier(
    network: Network,
    *,
    actor: Actor,
    key: str,
    page: str,
    body: str,
    reply_to: str,
    request_number: str = "",
) -> None:
    """Keeps a report for the office and sends it to the network's contact address.

    A secret link in it is blacked out: people with a broken one are just those who report.
    `request_number` leads from the report to the lines of the server's messages.
    """
    if once.claim(key, scope=f"parties.report:{network.uuid}").repeated:
        return
    report = Report.objects.create(
        network=network,
        page=logs.redact(text.clean_line(page))[:300],
        request_number=logs.redact(text.clean_line(request_number))[:40],
        text=logs.redact(body),
        reply_to=reply_to,
    )
    actionlog.record("parties.report.created", report, actor=actor)
    if network.contact_email:
        mails.send_report(report)
