"""Mail with the secret link. The link is worked out at sending, so the outbox never holds it."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import hooks, mail, text
from lotse.foundation.core.actor import EDIT
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.links import base_url
from lotse.foundation.parties.models import Network
from lotse.rooms.checks.content import view_of
from lotse.rooms.checks.models import Assessment, CheckRevision
from lotse.rooms.checks.services import links

LINK = hooks.MailKind("checks.link", gettext_lazy("Link zu einem Check"), private=True)


def send_link(assessment: Assessment, *, level: str, address: str, lang: str) -> None:
    """Writes the mail with one secret link."""
    with override(lang):
        title = view_of(assessment.revision, lang).title
        purpose = (
            _("Mit diesem Link lesen und bearbeiten Sie Ihre Bewertung:")
            if level == EDIT
            else _("Mit diesem Link lesen Sie die Bewertung, ohne sie zu ändern:")
        )
        care = _(
            "Wer den Link hat, kommt hinein. Geben Sie ihn nur an Menschen weiter, die ihn "
            "brauchen. Ihre Eingaben werden %(months)s Monate nach dem letzten Öffnen gelöscht."
        )
        reason = _(
            "Sie erhalten diese Nachricht, weil jemand auf %(host)s Ihre Adresse für diesen Link "
            "eingegeben hat."
        )
        subject = _("Ihr Link zum Check „%(title)s“") % {"title": title}
        body: list[mail.Block] = [
            _("Guten Tag,"),
            purpose,
            mail.Link("", mail.secret(SECRET.name, f"{assessment.uuid}:{level}")),
            care % {"months": settings.GUEST_RETENTION_MONTHS},
        ]
    mail.send(
        code=LINK.code,
        mail_class=OutboxMail.Class.SECURITY,
        address=address,
        lang=lang,
        network=assessment.network,
        base_url=base_url(assessment.network),
        subject=text.clean_line(subject),
        body=body,
        reason=reason % {"host": settings.BASE_URL},
    )


def sample(network: Network, lang: str) -> None:
    """Such a mail about the first check there is, for the desk; none without a check."""
    revision = CheckRevision.objects.defer("content").order_by("pk").first()
    if revision is not None:
        about = Assessment(revision=revision, network=network)
        send_link(about, level=EDIT, address="kim.muster@verein.example", lang=lang)


def _resolve(ref: str) -> str | None:
    uuid, _sep, level = ref.partition(":")
    found = Assessment.objects.select_related("network").filter(uuid=UUID(uuid)).first()
    if found is None:
        return None
    return base_url(found.network) + reverse("checks:open", args=[links.tokens_of(found)[level]])


SECRET = hooks.MailSecret("checks.link", _resolve)
