"""Named reads of the outbox for the desk."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from lotse.foundation.core import hooks
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.parties.services.office import TEST_MAIL
from lotse.foundation.ui.listing import shown
from lotse.rooms.directory.mails_message import MESSAGE

State = OutboxMail.State
TONES = {
    State.SENT: "good", State.UNCLEAR: "warn", State.FAILED: "bad", State.BOUNCED: "bad",
    State.STOPPED: "muted", State.HELD: "muted",
}  # fmt: skip
NEEDS_CARE = (State.UNCLEAR, State.FAILED, State.BOUNCED)


def of_network(network: Network, actor: Actor) -> QuerySet[OutboxMail]:
    """Mails of the network the actor may see; for the operator those of no network too. The text
    is left out: lists do not need it."""
    of = Q(network_uuid=network.uuid)
    if actor.is_operator:
        of |= Q(network_uuid=None)
    found = alive(visible("mail.view", actor, OutboxMail.objects.filter(of)), network)
    return found.defer("text", "html", "files").order_by("-created_at", "-pk")


def counts(network: Network, actor: Actor) -> dict[str, int]:
    """How many mails need somebody, by state. One query."""
    found = of_network(network, actor).filter(state__in=NEEDS_CARE).order_by()
    return dict(found.values_list("state").annotate(n=Count("pk")))


def meaning(state: str) -> str:
    """What a state means, and what to do."""
    words = {
        State.HELD: _("Wartet auf die Sammelmail des Tages."),
        State.QUEUED: _("Geht mit dem nächsten Lauf hinaus. Dauert es, läuft vielleicht kein "
                        "Hintergrunddienst."),
        State.SENDING: _("Wird gerade übergeben."),
        State.SENT: _("Der Mailserver hat sie angenommen."),
        State.UNCLEAR: _("Beim Senden brach der Dienst ab. Ob sie hinausging, weiß niemand; von "
                         "selbst wird sie nicht wiederholt. Fragen Sie nach, oder senden Sie sie "
                         "erneut."),
        State.FAILED: _("Der Mailserver hat sie abgelehnt oder war zu lange nicht erreichbar. "
                        "Prüfen Sie die Adresse, dann senden Sie sie erneut."),
        State.BOUNCED: _("Sie kam zurück: Die Adresse gibt es vermutlich nicht mehr."),
        State.STOPPED: _("Die Person hat solche Mails abbestellt. Erreichen Sie sie auf anderem "
                         "Weg."),
    }  # fmt: skip
    return words.get(State(state), "")


def titles() -> dict[str, str]:
    """Kinds of mail by their code."""
    return {kind.code: str(kind.title) for kind in hooks.mail_kinds}


def last_test(actor: Actor) -> dict[str, Any] | None:
    """What became of the last test mail of this person. One query."""
    found = (
        OutboxMail.objects.filter(code=TEST_MAIL, address__iexact=actor.label or "-")
        .only("state", "error", "created_at")
        .order_by("-pk")
        .first()
    )
    if found is None:
        return None
    why = f"{meaning(found.state)} {found.error}".strip()
    return {"at": shown(found.created_at), "state": str(found.get_state_display()), "why": why}


def between_two() -> set[str]:
    """Codes of mails that one person writes to another: neither subject nor text is shown."""
    return {MESSAGE.code}


def private() -> set[str]:
    """Codes of mails whose text nobody reads here."""
    return {kind.code for kind in hooks.mail_kinds if kind.private}
