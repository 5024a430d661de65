"""Mails about a lost second factor: class security, to the owner, whoever acts."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import hooks, mail
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import FactorReset

ASKED = hooks.MailKind(
    "parties.factors.asked", gettext_lazy("Zurücksetzen des zweiten Faktors beantragt"),
    private=True,
)  # fmt: skip
DONE = hooks.MailKind(
    "parties.factors.reset", gettext_lazy("Zweiter Faktor zurückgesetzt"), private=True
)


def asked(reset: FactorReset) -> None:
    """The request has come in: somebody who did not want it can still say so."""
    with override(reset.person.lang):
        body: list[mail.Block] = [
            _("Guten Tag,"),
            _("jemand von der Geschäftsstelle oder vom Betrieb hat beantragt, den zweiten Faktor "
              "Ihres Kontos zu entfernen: App, Passkeys und Ersatzcodes. Das geht erst, wenn eine "
              "zweite Person zustimmt."),
            _("Haben Sie nicht darum gebeten? Dann antworten Sie bitte sofort der "
              "Geschäftsstelle."),
        ]  # fmt: skip
        _send(ASKED.code, reset, _("Ihr zweiter Faktor soll entfernt werden"), body)


def done(reset: FactorReset) -> None:
    """It is done, and what to do next."""
    with override(reset.person.lang):
        body: list[mail.Block] = [
            _("Guten Tag,"),
            _("App, Passkeys und Ersatzcodes Ihres Kontos sind entfernt, und Sie sind überall "
              "abgemeldet. Zwei Personen der Geschäftsstelle oder des Betriebs haben das "
              "veranlasst."),
            _("Melden Sie sich mit Passwort oder mit einem Code per Mail an, und richten Sie "
              "gleich einen neuen zweiten Faktor ein."),
            mail.Link(_("Zur Anmeldung"), reverse("account_login")),
            _("Haben Sie nicht darum gebeten? Dann ändern Sie Ihr Passwort, und antworten Sie "
              "bitte sofort der Geschäftsstelle."),
        ]  # fmt: skip
        _send(DONE.code, reset, _("Ihr zweiter Faktor ist entfernt"), body)


def _send(code: str, reset: FactorReset, subject: str, body: list[mail.Block]) -> None:
    person = reset.person
    if person.account is None:
        return
    mail.send(
        code=code,
        mail_class=OutboxMail.Class.SECURITY,
        address=person.account.email,
        lang=person.lang,
        subject=subject,
        reason=_("Sie erhalten diese Mail, weil es um die Sicherheit Ihres Kontos geht."),
        body=body,
        network=reset.network,
        reply_to=reset.network.contact_email if reset.network else "",
        person_uuid=person.uuid,
        once=f"{code}:{reset.uuid}",
    )
