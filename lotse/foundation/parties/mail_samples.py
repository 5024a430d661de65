"""Example data for the mails of networks: the desk shows them as they arrive. Nothing is stored,
and everybody in them is invented."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import MailSample
from lotse.foundation.parties import factor_mails, mails
from lotse.foundation.parties.models import (
    Erasure,
    FactorReset,
    Invitation,
    Network,
    Organisation,
    Person,
    Report,
    SupportSession,
)
from lotse.foundation.parties.privacy import notices
from lotse.foundation.parties.services import office, support
from lotse.foundation.ui.listing import shown

ADDRESS = "kim.muster@verein.example"


def _person(lang: str) -> Person:
    account = Account(email=ADDRESS)
    return Person(first_name="Kim", last_name="Muster", email=ADDRESS, lang=lang, account=account)


def _report(network: Network, lang: str) -> None:
    office_of = Network(uuid=network.uuid, name=network.name, accent=network.accent,
                        contact_email=network.contact_email or ADDRESS)  # fmt: skip
    words = _("Ich komme mit der Tastatur nicht zum Knopf „Weiter“.")
    mails.send_report(Report(network=office_of, page="/checks/", text=words))


def _invitation(network: Network, lang: str) -> None:
    mails.send_invitation(_invited(network), lang=lang)


def _unbacked(network: Network, lang: str) -> None:
    mails.send_unbacked(_invited(network))


def _invited(network: Network) -> Invitation:
    sender = Network(uuid=network.uuid, name=network.name, accent=network.accent,
                     contact_email=network.contact_email or ADDRESS)  # fmt: skip
    return Invitation(
        network=sender, organisation=Organisation(name="Verein Muster e. V."), email=ADDRESS,
        expires_at=clock.now() + timedelta(days=14),
        message=_("Wir freuen uns, wenn Sie dabei sind."),
    )  # fmt: skip


def _test(network: Network, lang: str) -> None:
    office.send_test_mail(network, actor=Actor("system", label=ADDRESS))


def _support(network: Network, lang: str) -> None:
    operator = Person(first_name="Toni", last_name="Beispiel")
    reason = _("Sie finden einen Check nicht wieder.")
    now = clock.now()
    session = SupportSession(operator=operator, person=_person(lang), reason=reason, ends_at=now)
    support.tell(session, network)


def _factors_asked(network: Network, lang: str) -> None:
    factor_mails.asked(FactorReset(person=_person(lang), network=network))


def _factors_reset(network: Network, lang: str) -> None:
    factor_mails.done(FactorReset(person=_person(lang), network=network))


def _factors_withdrawn(network: Network, lang: str) -> None:
    factor_mails.withdrawn(FactorReset(person=_person(lang), network=network))


def _given(network: Network, lang: str) -> None:
    notices.given(_person(lang), network)


def _asked(network: Network, lang: str) -> None:
    notices.asked(Erasure(network=network), _person(lang), by_person=True)


def _waiting(network: Network, lang: str) -> None:
    until = shown(clock.now() + timedelta(hours=72))
    notices.waiting(Erasure(network=network), _person(lang), until=until)


def _receipt(network: Network, lang: str) -> None:
    gone, stays = [_("Name und Adresse")], [_("Das Protokoll")]
    notices.receipt(ADDRESS, lang, network, gone=gone, stays=stays)


def _samples(**given: Any) -> tuple[MailSample, ...]:
    return tuple(MailSample(code.replace("_", "."), write) for code, write in given.items())


SAMPLES = _samples(
    parties_report=_report,
    parties_invitation=_invitation,
    parties_invitation_unbacked=_unbacked,
    parties_test=_test,
    parties_support=_support,
    parties_factors_asked=_factors_asked,
    parties_factors_reset=_factors_reset,
    parties_factors_withdrawn=_factors_withdrawn,
    privacy_given=_given,
    privacy_asked=_asked,
    privacy_waiting=_waiting,
    privacy_receipt=_receipt,
)
