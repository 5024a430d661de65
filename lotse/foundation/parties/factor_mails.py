"""Mails about a lost second factor: class security, to the owner, whoever acts."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import hooks, mail
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import FactorReset, Network

ASKED = hooks.MailKind(
    "parties.factors.asked", gettext_lazy("Zurücksetzen des zweiten Faktors beantragt"),
    private=True,
)  # fmt: skip
WITHDRAWN = hooks.MailKind(
    "parties.factors.withdrawn", gettext_lazy("Zurücksetzen des zweiten Faktors beendet"),
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
            _("Haben Sie nicht darum gebeten? Dann melden Sie sich mit Ihrem zweiten Faktor an "
              "und beenden den Antrag selbst:"),
            mail.Link(_("Antrag ansehen und beenden"), reverse("mfa_index")),
            _call(reset),
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
            _("Haben Sie nicht darum gebeten? Dann ändern Sie Ihr Passwort."),
            _call(reset),
        ]  # fmt: skip
        _send(DONE.code, reset, _("Ihr zweiter Faktor ist entfernt"), body)


def withdrawn(reset: FactorReset) -> None:
    """The request is over, and nothing was removed; whoever ended it."""
    with override(reset.person.lang):
        body: list[mail.Block] = [
            _("Guten Tag,"),
            _("der Antrag, den zweiten Faktor Ihres Kontos zu entfernen, ist beendet. Es wurde "
              "nichts entfernt: App, Passkeys und Ersatzcodes gelten weiter."),
            _("Kommt Ihnen das seltsam vor?"),
            _call(reset),
        ]  # fmt: skip
        _send(WITHDRAWN.code, reset, _("Ihr zweiter Faktor bleibt"), body)


def _call(reset: FactorReset) -> str:
    """Whom to tell: an answer needs an address to go to."""
    if _reply_to(reset):
        return _("Antworten Sie bitte sofort auf diese Mail; die Antwort geht an die "
                 "Geschäftsstelle.")  # fmt: skip
    return _("Rufen Sie bitte sofort die Geschäftsstelle oder den Betrieb an.")


def _reply_to(reset: FactorReset) -> str:
    """The network's contact; for an operator, who belongs to none, that of the default network."""
    if reset.network is not None and reset.network.contact_email:
        return reset.network.contact_email
    held = Network.objects.filter(is_default=True).values_list("contact_email", flat=True)
    return held.first() or ""


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
        reply_to=_reply_to(reset),
        person_uuid=person.uuid,
        once=f"{code}:{reset.uuid}",
    )
