"""Mail of networks: their look, reports to their office, and who may see the outbox."""

from uuid import UUID

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import hooks, mail
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import EVERYBODY, NOBODY, rule
from lotse.foundation.parties.models import Invitation, Network, Report

REPORT = hooks.MailKind("parties.report", gettext_lazy("Gemeldete Barrieren und Fehler"))
UNBACKED = hooks.MailKind("parties.invitation.unbacked", gettext_lazy("Einladung gilt nicht mehr"))
INVITATION = hooks.MailKind("parties.invitation", gettext_lazy("Einladung"), private=True)


def letterhead(uuid: UUID) -> mail.Letterhead | None:
    """Name and colour of a network for its mails. One query."""
    found = Network.objects.filter(uuid=uuid).values_list("name", "accent").first()
    return mail.Letterhead(uuid, *found) if found else None


def send_report(report: Report) -> None:
    """Writes the mail about a report to the network's contact address."""
    with override("de"):
        subject = _("Barriere oder Fehler gemeldet: %(page)s") % {"page": report.page or "/"}
        where = _("Seite: %(page)s") % {"page": report.page or "–"}
        said = _("Vorgangsnummer: %(number)s") % {"number": report.request_number}
        number = [said] if report.request_number else []
        reason = _("Sie erhalten diese Mail, weil dies die Kontaktadresse des Netzwerks ist.")
    mail.send(
        code=REPORT.code,
        mail_class=OutboxMail.Class.DUTY,
        address=report.network.contact_email,
        reply_to=report.reply_to,
        lang="de",
        network=report.network,
        subject=subject,
        body=[where, *number, report.text],
        reason=reason,
        once=f"parties.report:{report.uuid}",
    )


@rule(
    "mail.view",
    model=OutboxMail,
    title=gettext_lazy("Postausgang ansehen"),
    sentence=gettext_lazy(
        "Mails eines Netzwerks sehen Geschäftsstelle und Revision, alle anderen der Betrieb."
    ),
)
def view_mail(actor: Actor) -> Q:
    return _of_networks(actor, "office", "auditor")


@rule(
    "mail.manage",
    model=OutboxMail,
    title=gettext_lazy("Mail erneut senden"),
    sentence=gettext_lazy(
        "Was unklar oder nicht zustellbar ist, sendet die Geschäftsstelle erneut, sonst der "
        "Betrieb."
    ),
    known_by="mail.view",
)
def manage_mail(actor: Actor) -> Q:
    return _of_networks(actor, "office")


def _of_networks(actor: Actor, *roles: str) -> Q:
    if actor.operates:
        return EVERYBODY
    held = actor.networks_as(*roles)
    if not held:
        return NOBODY
    return Q(network_uuid__in=Network.objects.filter(pk__in=held).values("uuid"))


def send_invitation(invitation: Invitation, *, lang: str) -> OutboxMail:
    """The invitation with its one-use link; the text is gone from the outbox once it is sent."""
    network = invitation.network
    with override(lang):
        day = date_format(localtime(invitation.expires_at), "DATE_FORMAT")
        what = (
            _("Sie sind eingeladen, für %(organisation)s im %(network)s mitzuarbeiten.")
            % {"organisation": invitation.organisation.name, "network": network.name}
            if invitation.organisation
            else _("Sie sind eingeladen, im %(network)s mitzuarbeiten.") % {"network": network.name}
        )
        body: list[mail.Block] = [_("Guten Tag,"), what]
        if invitation.role:
            body.append(_("Ihre Rolle: %(role)s") % {"role": invitation.get_role_display()})
        if invitation.message:
            body.append(invitation.message)
        link = mail.secret(INVITATION.code, str(invitation.uuid))
        body.append(mail.Link(_("Einladung ansehen"), link))
        body.append(
            _("Die Einladung gilt bis zum %(day)s, nur einmal und nur für Ihre Adresse.")
            % {"day": day}
        )
        return mail.send(
            code=INVITATION.code,
            mail_class=OutboxMail.Class.SECURITY,
            address=invitation.email,
            lang=lang,
            subject=_("Einladung: %(network)s") % {"network": network.name},
            reason=_("Sie erhalten diese Mail, weil jemand Sie eingeladen hat. Kennen Sie das "
                     "Netzwerk nicht, brauchen Sie nichts zu tun."),
            body=body,
            network=network,
        )  # fmt: skip


def send_unbacked(invitation: Invitation) -> None:
    """Tells the office, once for each sending, that an invitation was opened in vain."""
    network = invitation.network
    if not network.contact_email:
        return
    with override("de"):
        body: list[mail.Block] = [
            _("Jemand wollte eine Einladung annehmen: %(address)s.")
            % {"address": invitation.email},
            _("Wer sie gesendet hat, darf das inzwischen nicht mehr: Rolle oder Sitz sind "
              "beendet. Die Einladung wurde deshalb nicht angenommen."),
            _("Soll die Person dazukommen, senden Sie die Einladung selbst noch einmal: "
              "Verwaltung, Einladungen, die Adresse wählen, „Erneut senden“. Sonst ziehen Sie "
              "sie dort zurück."),
        ]  # fmt: skip
        mail.send(
            code=UNBACKED.code,
            mail_class=OutboxMail.Class.DUTY,
            address=network.contact_email,
            lang="de",
            network=network,
            subject=_("Eine Einladung gilt nicht mehr"),
            body=body,
            reason=_("Sie erhalten diese Mail, weil dies die Kontaktadresse des Netzwerks ist."),
            once=f"{UNBACKED.code}:{invitation.uuid}:{invitation.version}",
        )
