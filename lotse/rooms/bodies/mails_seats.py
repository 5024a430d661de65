"""The mail that tells a person what it holds in a body now: an office, a seat, a deputy's place.

A duty of the role (rulings 12). Commands and the system write none: who loads a hundred seats from
a file does not send a hundred mails.
"""

from datetime import date

from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from lotse.foundation.core import clock, hooks, mail
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.links import base_url
from lotse.foundation.parties.models import Body, Network, Person, RoleGrant
from lotse.foundation.parties.standing import demands_second_factor
from lotse.foundation.ui.listing import shown
from lotse.rooms.bodies.models import Holder

GIVEN = hooks.MailKind(
    "bodies.seat.given", gettext_lazy("Amt oder Mandat in einem Gremium"), mail_class="duty"
)
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def tell_office(grant: RoleGrant, body: Body, *, actor: Actor) -> None:
    """Tells who chairs or takes minutes now, and that a second factor is wanted where it is."""
    if _is_told(grant.person, actor):
        with override(grant.person.lang):
            what = _("%(role)s im Gremium „%(body)s“") % {
                "role": grant.get_role_display(), "body": body.name
            }  # fmt: skip
        _send(body, grant.person, what, grant.starts_on, grant.role)


def tell_holder(holder: Holder, body: Body, *, actor: Actor) -> None:
    """Tells who sits on a seat now, or stands in."""
    if not _is_told(holder.person, actor):
        return
    organisation = holder.mandate.organisation
    with override(holder.person.lang):
        words = {"body": body.name, "organisation": organisation.name if organisation else ""}
        if holder.part == Holder.Part.DEPUTY:
            what = _("Stellvertretung für %(organisation)s im Gremium „%(body)s“") % words
        elif organisation:
            what = _("Mandat für %(organisation)s im Gremium „%(body)s“") % words
        else:
            what = _("Mandat im Gremium „%(body)s“") % words
    _send(body, holder.person, what, holder.starts_on, RoleGrant.Role.DELEGATE)


def _is_told(person: Person, actor: Actor) -> bool:
    """People with an address, of what others did."""
    return bool(_address(person)) and not actor.trusted and actor.person != person.pk


def _address(person: Person) -> str:
    return person.account.email if person.account else person.email


def _send(body: Body, person: Person, what: str, starts_on: date, role: str) -> None:
    account, network = person.account, body.network
    lacks = demands_second_factor(role, network.mfa_roles) and not (
        account and Authenticator.objects.filter(user=account, type__in=_FACTORS).exists()
    )
    with override(person.lang):
        from_day = shown(starts_on)
        blocks: list[mail.Block] = [
            _("Guten Tag %(name)s,") % {"name": person.name},
            _("Sie haben jetzt: %(what)s. Das gilt ab %(day)s.") % {"what": what, "day": from_day}
            if starts_on <= clock.today()
            else _("Sie haben bald: %(what)s. Das gilt ab %(day)s.")
            % {"what": what, "day": from_day},
        ]  # fmt: skip
        if account is None:
            blocks.append(_("Sie haben noch kein Konto. Die Geschäftsstelle lädt Sie dazu ein."))
        if lacks:
            blocks.append(_("Dieses Amt verlangt einen zweiten Faktor, zum Beispiel eine App oder "
                            "einen Passkey. Ohne ihn gilt es nicht. Lotse fragt Sie beim Anmelden "
                            "danach."))  # fmt: skip
        blocks += [
            mail.Link(_("Gremium ansehen"), reverse("bodies:body", args=[body.uuid])),
            _("Stimmt das nicht? Dann antworten Sie auf diese Mail."),
        ]
        mail.send(
            code=GIVEN.code, mail_class=OutboxMail.Class.DUTY, address=_address(person),
            lang=person.lang, network=network, base_url=base_url(network),
            person_uuid=person.uuid, reply_to=network.contact_email, subject=what, body=blocks,
            reason=_("Sie erhalten diese Mail, weil Ihnen jemand ein Amt oder ein Mandat in einem "
                     "Gremium gegeben hat."),
        )  # fmt: skip


def sample(network: Network, lang: str) -> None:
    """Such a mail with example data, for the desk."""
    with override(lang):
        body = Body(network=network, name=_("Rat der Beispielregion"))
        person = Person(first_name="Kim", last_name="Muster", lang=lang, email="kim@verein.example")
        what = _("%(role)s im Gremium „%(body)s“") % {
            "role": RoleGrant.Role.MINUTE_TAKER.label, "body": body.name
        }  # fmt: skip
    _send(body, person, what, clock.today(), RoleGrant.Role.MINUTE_TAKER)


SAMPLE = hooks.MailSample(GIVEN.code, sample)
