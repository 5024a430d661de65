"""Consents: given, withdrawn, asked for. What holds is read at the moment it is needed, so a
withdrawal takes effect at the next request (GDPR art. 7, product rule 2, T59)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.hooks import Hook
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Consent, Network, Person
from lotse.foundation.parties.privacy import purposes
from lotse.foundation.parties.privacy.retention import alive

# (person, purpose, channel): for rooms that keep copies of what is shown, such as the search.
changed: Hook[Callable[[int, str, str], None]] = Hook("parties.consent_changed")


def _for_network(network: Network | int | None) -> Q:
    """A consent holds in the network it was given to; without network it holds everywhere."""
    key = network.pk if isinstance(network, Network) else network
    return Q(network=None) | (Q(network=key) if key is not None else Q(pk__in=()))


def holds(person: int, purpose: str, channel: str, network: Network | int | None = None) -> bool:
    """Whether the person says yes to this now. One query."""
    return (
        Consent.objects.filter(_for_network(network))
        .filter(person=person, purpose=purpose, channel=channel, withdrawn_at=None)
        .filter(person__erased_at=None, person__restricted_at=None)
        .exists()
    )


def people_with_consent(purpose: str, channel: str, network: Network | int | None = None) -> Q:
    """People who say yes to this now, as a condition on `Person`: for lists, search and feeds.

    Neither erased people are among them nor those whose data are restricted (GDPR art. 18).
    """
    given = Consent.objects.filter(_for_network(network)).filter(
        person=OuterRef("pk"), purpose=purpose, channel=channel, withdrawn_at=None
    )
    return Q(Exists(given), erased_at=None, restricted_at=None)


@transaction.atomic
def give(
    person: Person,
    purpose: str,
    channel: str,
    *,
    actor: Actor,
    network: Network | None,
    lang: str = "de",
    key: str = "",
) -> Consent:
    """The person says yes. A second yes changes nothing. Raises NotAllowed for anybody else,
    Refused for what cannot be consented to."""
    require("parties.person.own", actor, person)
    return _give(person, purpose, channel, actor=actor, network=network, lang=lang, key=key)


@transaction.atomic
def record_given(
    person: Person,
    purpose: str,
    channel: str,
    *,
    actor: Actor,
    network: Network | None,
    source: str,
    on: date,
    lang: str = "de",
    key: str = "",
) -> Consent:
    """The office records a yes it has on paper. `source` says where it can be proved.

    Raises NotAllowed, Refused without source, with a day to come, or for a person who decides
    on the own page.
    """
    require("parties.person.protect", actor, person)
    if actor.person == person.pk:
        raise NotAllowed("parties.person.protect")
    source = text.clean_line(source)
    if not source:
        raise Refused(_("Bitte nennen Sie, womit sich die Einwilligung belegen lässt, zum Beispiel "
                        "den Ort des unterschriebenen Bogens."))  # fmt: skip
    if on > clock.today():
        raise Refused(_("Der Tag der Einwilligung liegt in der Zukunft."))
    given_at = timezone.make_aware(datetime.combine(on, time(12)))
    return _give(
        person, purpose, channel, actor=actor, network=network, lang=lang, key=key,
        source=source[:160], given_at=min(given_at, clock.now()),
    )  # fmt: skip


def _give(
    person: Person, purpose: str, channel: str, *, actor: Actor, network: Network | None,
    lang: str, key: str, source: str = "", given_at: datetime | None = None,
) -> Consent:  # fmt: skip
    found = purposes.find(purpose, channel)
    if found is None:
        raise Refused(_("Dazu lässt sich hier keine Einwilligung geben."))
    # Locked, so that two yeses at once leave one row.
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.erased_at is not None:
        raise Refused(_("Die Angaben dieser Person sind gelöscht."))
    claim = once.claim(key or once.new_key(), scope=f"parties.consent:{person.uuid}")
    rows = Consent.objects.filter(person=person, purpose=purpose, channel=channel)
    present = rows.filter(network=network, withdrawn_at=None).first()
    if present is not None or claim.repeated:
        return present or rows.order_by("-pk")[0]
    consent = Consent.objects.create(
        person=person,
        network=network,
        purpose=purpose,
        channel=channel,
        wording=text.pick(found.wording, lang),
        wording_version=found.version,
        lang=text.language_of(found.wording, lang),
        given_at=given_at or clock.now(),
        given_by=actor.ref,
        source=source,
    )
    claim.remember(str(consent.uuid))
    _done("parties.consent.given", consent, actor)
    return consent


@transaction.atomic
def withdraw(consent: Consent, *, actor: Actor) -> None:
    """Ends a consent at once, as easily as it was given (GDPR art. 7(3)). Withdrawn stays
    withdrawn. The office may do it for the person. Raises NotAllowed, Conflict."""
    if actor.person != consent.person.pk:
        require("parties.person.protect", actor, consent.person)
    if consent.withdrawn_at is not None:
        return
    update_versioned(
        consent, expected=consent.version, withdrawn_at=clock.now(), withdrawn_by=actor.ref
    )
    _done("parties.consent.withdrawn", consent, actor)


def _done(code: str, consent: Consent, actor: Actor) -> None:
    actionlog.record(
        code,
        consent,
        actor=actor,
        after={"purpose": consent.purpose, "channel": consent.channel},
        subject=consent.person.uuid,
    )
    for react in changed:
        react(consent.person.pk, consent.purpose, consent.channel)


@dataclass(frozen=True)
class Choice:
    """One thing to say yes or no to, and what holds now."""

    purpose: str
    channel: str
    title: str
    place: str
    wording: str
    lang: str
    uuid: str
    since: str
    newer: bool


def choices(person: Person, network: Network | None, lang: str) -> list[dict[str, Any]]:
    """All purposes with their channels and what the person said, for the own page. One query."""
    given = {
        (one.purpose, one.channel): one
        for one in Consent.objects.filter(_for_network(network)).filter(
            person=person, withdrawn_at=None
        )
    }
    groups = []
    for purpose in purposes.all_purposes():
        rows = []
        for channel in purpose.channels:
            held = given.get((purpose.key, channel))
            rows.append(_choice(purpose, channel, held, lang))
        groups.append({"title": purpose.title, "wording": text.pick(purpose.wording, lang),
                       "lang": text.language_of(purpose.wording, lang), "rows": rows})  # fmt: skip
    return groups


def _choice(purpose: purposes.Purpose, channel: str, held: Consent | None, lang: str) -> Choice:
    return Choice(
        purpose=purpose.key,
        channel=channel,
        title=str(purpose.title),
        place=str(purposes.CHANNELS[channel]),
        wording=held.wording if held else text.pick(purpose.wording, lang),
        lang=held.lang if held else text.language_of(purpose.wording, lang),
        uuid=str(held.uuid) if held else "",
        since=_day(held.given_at) if held else "",
        newer=bool(held and held.wording_version != purpose.version),
    )


def history(person: Person) -> list[dict[str, Any]]:
    """Every consent ever given, newest first, with wording, by whom, until when. One query."""
    titles = {one.key: str(one.title) for one in purposes.all_purposes()}
    own = f"account:{person.account.uuid}" if person.account else ""
    rows = alive(Consent.objects.filter(person=person)).order_by("-given_at", "-pk")
    return [
        {
            "title": titles.get(one.purpose, one.purpose),
            "place": str(purposes.CHANNELS.get(one.channel, one.channel)),
            "wording": one.wording,
            "lang": one.lang,
            "given": _day(one.given_at),
            "by": (
                _("von der Person selbst")
                if one.given_by == own
                else _("von der Geschäftsstelle eingetragen")
            ),
            "source": one.source,
            "withdrawn": _day(one.withdrawn_at) if one.withdrawn_at else "",
        }
        for one in rows
    ]  # fmt: skip


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d.%m.%Y}"
