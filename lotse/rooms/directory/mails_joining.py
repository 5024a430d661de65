"""Mails of joining: to the office, to the applicant; and of templates, to the partners."""

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import clock, hooks, mail
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.links import base_url
from lotse.foundation.parties.models import Network
from lotse.rooms.directory.content.deadlines import deadline_words
from lotse.rooms.directory.models import Application, Template
from lotse.rooms.directory.services.letters import Recipient

DUTY = OutboxMail.Class.DUTY
RECEIVED = hooks.MailKind("directory.application", gettext_lazy("Bewerbung eingegangen"))
RECEIPT = hooks.MailKind(
    "directory.application.receipt", gettext_lazy("Eingang einer Bewerbung bestätigt")
)
DECLINED = hooks.MailKind("directory.application.declined", gettext_lazy("Bewerbung abgelehnt"))
TEMPLATE = hooks.MailKind(
    "directory.template.sent", gettext_lazy("Vorlage zur Abstimmung"), mail_class=DUTY
)
KINDS = (RECEIVED, RECEIPT, DECLINED, TEMPLATE)


def tell_office(application: Application) -> None:
    """Tells the network's contact address that an application came in; what it says is read at
    the desk, behind the second factor."""
    network = application.network
    if not network.contact_email:
        return
    with override("de"):
        body: list[mail.Block] = [
            _("Eine Organisation möchte Partner werden: %(name)s.") % {"name": application.name},
            mail.Link(_("Bewerbung ansehen"), reverse("desk:application", args=[application.uuid])),
        ]
        mail.send(
            code=RECEIVED.code, mail_class=DUTY, address=network.contact_email, lang="de",
            network=network, base_url=base_url(network),
            subject=_("Neue Bewerbung: %(name)s") % {"name": application.name}, body=body,
            reason=_("Sie erhalten diese Mail, weil dies die Kontaktadresse des Netzwerks ist."),
            once=f"{RECEIVED.code}:{application.uuid}",
        )  # fmt: skip


def send_receipt(application: Application) -> None:
    """Thanks, and says what comes next. Nothing that was typed is in it: whoever entered somebody
    else's address sends them no words of their own."""
    network = application.network
    with override(application.lang):
        body: list[mail.Block] = [
            _("Guten Tag,"),
            _("Ihre Bewerbung beim %(network)s ist angekommen. Die Geschäftsstelle prüft sie und "
              "meldet sich bei Ihnen.") % {"network": network.name},
            _("Möchten Sie die Bewerbung zurückziehen oder etwas ergänzen? Dann antworten Sie auf "
              "diese Mail.") if network.contact_email
            else _("Möchten Sie die Bewerbung zurückziehen oder etwas ergänzen? Dann melden Sie "
                   "sich bei der Geschäftsstelle."),
            mail.Link(_("Was mit Ihren Angaben geschieht"), reverse("home:privacy")),
        ]  # fmt: skip
        _to_applicant(
            application, RECEIPT.code, _("Ihre Bewerbung ist angekommen"), body,
            _("Sie erhalten diese Mail, weil jemand mit dieser Adresse eine Bewerbung gesendet "
              "hat. Waren Sie das nicht, brauchen Sie nichts zu tun."),
        )  # fmt: skip


def send_decline(application: Application) -> None:
    """The office's own words to the applicant."""
    network = application.network
    with override(application.lang):
        body: list[mail.Block] = [
            _("Guten Tag,"),
            _("das %(network)s kann Ihre Organisation zurzeit nicht aufnehmen. Die "
              "Geschäftsstelle schreibt dazu:") % {"network": network.name},
            application.decision_note,
        ]  # fmt: skip
        _to_applicant(
            application, DECLINED.code, _("Zu Ihrer Bewerbung"), body,
            _("Sie erhalten diese Mail, weil Sie sich um die Aufnahme beworben haben."),
        )  # fmt: skip


def _to_applicant(
    application: Application, code: str, subject: str, body: list[mail.Block], reason: str
) -> None:
    network = application.network
    mail.send(
        code=code, mail_class=DUTY, address=application.email, lang=application.lang,
        network=network, base_url=base_url(network), reply_to=network.contact_email,
        subject=subject, body=body, reason=reason, once=f"{code}:{application.uuid}",
    )  # fmt: skip


def send_template(template: Template, people: Iterable[Recipient]) -> int:
    """Asks people who may speak for a partner about a new version; returns how many mails."""
    network, count = template.network, 0
    for to in people:
        with override(to.lang):
            body: list[mail.Block] = [
                _("Guten Tag,"),
                _("die Vorlage für Steckbriefe soll sich ändern: %(kind)s, Fassung %(number)s.")
                % {"kind": template.get_kind_display(), "number": template.number},
                _("Bitte sagen Sie bis zum %(day)s, ob Ihre Organisation einverstanden ist.")
                % {"day": _day(template)},
                mail.Link(
                    _("Vorlage ansehen und antworten"),
                    reverse("directory:template", args=[template.uuid]),
                ),
            ]
            mail.send(
                code=TEMPLATE.code, mail_class=DUTY, address=to.address, lang=to.lang,
                network=network, base_url=base_url(network), reply_to=network.contact_email,
                subject=_("Neue Vorlage für Steckbriefe"), body=body, person_uuid=to.person_uuid,
                reason=_("Sie erhalten diese Mail, weil Sie im Netzwerk für eine Organisation "
                         "sprechen."),
                once=f"{TEMPLATE.code}:{template.uuid}:{template.version}:{to.person_uuid}",
            )  # fmt: skip
        count += 1
    return count


def _day(template: Template) -> str:
    return deadline_words(template.deadline or clock.now())


def _application(network: Network, lang: str) -> Application:
    """An invented one, for the desk's examples; nothing is stored."""
    sender = Network(uuid=network.uuid, name=network.name, accent=network.accent,
                     is_default=network.is_default, hosts=network.hosts,
                     contact_email=network.contact_email or "kontakt@verein.example")  # fmt: skip
    return Application(
        network=sender, name="Verein Muster e. V.", email="kim.muster@verein.example", lang=lang,
        decision_note=_("Zurzeit nehmen wir nur Organisationen aus unserer Region auf."),
    )  # fmt: skip


def _sample_template(network: Network, lang: str) -> None:
    template = Template(network=network, kind="organisation", number=2,
                        deadline=clock.now() + timedelta(days=28))  # fmt: skip
    send_template(template, [Recipient("kim.muster@verein.example", lang, name="Kim Muster")])


SAMPLES = (
    hooks.MailSample(RECEIVED.code, lambda network, lang: tell_office(_application(network, lang))),
    hooks.MailSample(RECEIPT.code, lambda network, lang: send_receipt(_application(network, lang))),
    hooks.MailSample(
        DECLINED.code, lambda network, lang: send_decline(_application(network, lang))
    ),
    hooks.MailSample(TEMPLATE.code, _sample_template),
)
