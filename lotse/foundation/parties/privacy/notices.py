"""Mails about erasure and access: class security, their text is emptied once sent."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import hooks, mail
from lotse.foundation.core.mail import Link
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Erasure, Network, Person

RECEIPT = "privacy.receipt"
KINDS = (
    hooks.MailKind("privacy.given", gettext_lazy("Auskunft erteilt"), private=True),
    hooks.MailKind("privacy.asked", gettext_lazy("Löschung beantragt"), private=True),
    hooks.MailKind("privacy.waiting", gettext_lazy("Löschung angekündigt"), private=True),
    hooks.MailKind(RECEIPT, gettext_lazy("Bestätigung der Löschung"), private=True),
)


def address_of(person: Person) -> str:
    """Where a mail reaches the person: the account's address, else the one on file."""
    return person.account.email if person.account else person.email


def given(person: Person, network: Network | None) -> None:
    """Somebody who handles requests has downloaded what is stored about the person."""
    address = address_of(person)
    if not address:
        return
    with override(person.lang):
        body: list[mail.Block] = [
            _("Eine Auskunft über Ihre Daten wurde heruntergeladen, von der Geschäftsstelle oder "
              "vom Betrieb. Sie enthält Angaben zu Ihrer Person und zu Ihrem Zugang."),
            _("Haben Sie nicht darum gebeten, antworten Sie bitte der Geschäftsstelle."),
            Link(_("Eigene Daten"), reverse("privacy:own")),
        ]  # fmt: skip
        mail.send(
            code="privacy.given",
            mail_class=OutboxMail.Class.SECURITY,
            address=address,
            lang=person.lang,
            subject=_("Auskunft über Ihre Daten"),
            reason=_("Sie erhalten diese Mail, weil es um Auskunft über Ihre Daten geht."),
            body=body,
            network=network,
            person_uuid=person.uuid,
        )


def asked(erasure: Erasure, person: Person, *, by_person: bool) -> None:
    """The request has come in, and how it is taken back."""
    with override(person.lang):
        subject = _("Ihre Daten sollen gelöscht werden")
        said = (
            _("Sie haben beantragt, dass Ihre Daten gelöscht werden.")
            if by_person
            else _("Die Geschäftsstelle hat beantragt, dass Ihre Daten gelöscht werden.")
        )
        body: list[mail.Block] = [
            said,
            _("Eine zweite Person prüft und bestätigt den Antrag. Bis dahin lässt er sich "
              "zurücknehmen:"),
            Link(_("Antrag ansehen"), reverse("privacy:erase")),
        ]  # fmt: skip
        _send("privacy.asked", erasure, person, subject, body)


def waiting(erasure: Erasure, person: Person, *, until: str) -> None:
    """Nobody else can confirm, so the person has 72 hours to object (rulings 24)."""
    with override(person.lang):
        subject = _("Ihre Daten werden in drei Tagen gelöscht")
        body: list[mail.Block] = [
            _("Der Antrag auf Löschung Ihrer Daten ist bestätigt. Es gibt hier keine zweite "
              "Person, die ihn prüfen kann. Deshalb wird bis zum %(until)s gewartet.")
            % {"until": until},
            _("Ist das nicht gewollt, nehmen Sie den Antrag zurück oder antworten Sie der "
              "Geschäftsstelle."),
            Link(_("Antrag ansehen"), reverse("privacy:erase")),
        ]  # fmt: skip
        _send("privacy.waiting", erasure, person, subject, body)


def receipt(
    address: str, lang: str, network: Network | None, *, gone: list[str], stays: list[str]
) -> None:
    """What was erased, what stays and why. Sent without any link to the person's key."""
    if not address:
        return
    with override(lang):
        body: list[mail.Block] = [_("Ihre Daten sind gelöscht. Ihr Zugang ist beendet."), *gone]
        if stays:
            body += [_("Das bleibt ohne Ihren Namen:"), *stays]
        body.append(_("Sicherungskopien enden nach 30 Tagen. Diese Adresse wird nach dem Versand "
                      "dieser Nachricht gelöscht."))  # fmt: skip
        mail.send(
            code=RECEIPT,
            mail_class=OutboxMail.Class.SECURITY,
            address=address,
            lang=lang,
            subject=_("Ihre Daten sind gelöscht"),
            reason=_reason(),
            body=body,
            network=network,
        )


def _send(
    code: str, erasure: Erasure, person: Person, subject: str, body: list[mail.Block]
) -> None:
    address = address_of(person)
    if not address:
        return
    mail.send(
        code=code,
        mail_class=OutboxMail.Class.SECURITY,
        address=address,
        lang=person.lang,
        subject=subject,
        reason=_reason(),
        body=body,
        network=erasure.network,
        person_uuid=person.uuid,
        once=f"{code}:{erasure.uuid}:{erasure.version}",
    )


def _reason() -> str:
    return _("Sie erhalten diese Mail, weil es um die Löschung Ihrer Daten geht.")
