"""The mail by which a message reaches somebody whose address the writer does not see."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import hooks, mail, text
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Network, Person

# Private: its text is emptied as soon as it is sent. Nobody but the two reads it.
MESSAGE = hooks.MailKind(
    "directory.message", gettext_lazy("Nachricht über das Verzeichnis"), private=True,
    mail_class="duty",
)  # fmt: skip


def send_message(
    *,
    network: Network,
    address: str,
    person: Person | None,
    about: str,
    name: str,
    email: str,
    subject: str,
    message: str,
    known: bool,
) -> OutboxMail:
    """Writes the mail. `known` says that the writer was signed in, `about` whose entry it is."""
    lang = person.lang if person else "de"
    with override(lang):
        who = {"name": name, "email": email, "about": about, "network": network.name}
        greeting = _("Guten Tag %(name)s,") % {"name": person.name} if person else _("Guten Tag,")
        body: list[mail.Block] = [
            greeting,
            _("%(name)s (%(email)s) schreibt Ihnen zum Steckbrief „%(about)s“:") % who,
            mail.Heading(subject),
            message,
            _("Wenn Sie antworten, geht Ihre Antwort an %(email)s. Erst dann sieht %(name)s Ihre "
              "Adresse.") % who,
        ]  # fmt: skip
        if not known:
            body.append(_("Name und Adresse sind eigene Angaben, ohne Anmeldung. Prüfen Sie, wem "
                          "Sie antworten."))  # fmt: skip
        reason = _("Sie erhalten diese Mail, weil dieser Steckbrief im Verzeichnis steht und "
                   "Nachrichten an Sie weitergeleitet werden.")  # fmt: skip
        line = _("Nachricht über das Verzeichnis: %(subject)s") % {"subject": subject}
    return mail.send(
        code=MESSAGE.code,
        mail_class=OutboxMail.Class.DUTY,
        address=address,
        lang=lang,
        network=network,
        person_uuid=person.uuid if person else None,
        reply_to=email,
        subject=text.clean_line(line),
        body=body,
        reason=reason,
    )


def sample(network: Network, lang: str) -> None:
    """Such a mail with example data, for the desk."""
    with override(lang):
        send_message(
            network=network,
            address="kim.muster@verein.example",
            person=Person(first_name="Kim", last_name="Muster", lang=lang),
            about="Kim Muster",
            name="Robin Beispiel",
            email="robin@betrieb.example",
            subject=_("Ein Vortrag für unsere Auszubildenden"),
            message=_("Wir suchen jemanden, der im Mai von der eigenen Ausbildung erzählt."),
            known=True,
        )
