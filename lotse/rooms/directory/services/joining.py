"""How partners join: the rules of a network, and the application anybody may send (X-01)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network, Organisation
from lotse.foundation.parties.privacy import periods
from lotse.foundation.topics.models import Region, Topic
from lotse.rooms.directory import mails_joining
from lotse.rooms.directory.content.cleaning import Faulty, clean_content
from lotse.rooms.directory.models import Application, Joining
from lotse.rooms.directory.queries.joining import rules_of

KEPT = "directory.applications"  # the period after which a decided application goes
LANGUAGES = ("de", "en")
MOST_CRITERIA, CRITERION_LENGTH = 20, 300
MOST_WELCOME, WELCOME_LENGTH, MOST_DAYS = 20, 160, 730
INTRO_LENGTH = 2000
# The most each field of an application holds; what becomes part of a Steckbrief as much as there.
LENGTHS = {"name": 200, "city": 120, "postal_code": 12, "website": 300, "offers": 2000,
           "seeks": 1000, "first_name": 120, "last_name": 120, "phone": 60}  # fmt: skip
MOST_TOPICS = 20
_TEXTS = ("offers", "seeks")
# What of an application becomes which field of the Steckbrief.
_BECOMES = {"name": "name", "kind": "kind", "city": "city", "postal_code": "postal_code",
            "website": "website", "topics": "topics", "offers": "offers",
            "seeks": "seek"}  # fmt: skip


@transaction.atomic
def set_rules(
    network: Network,
    *,
    actor: Actor,
    expected: int,
    is_open: bool,
    intro: Mapping[str, str],
    criteria: Sequence[Mapping[str, Any]],
    welcome: Sequence[Mapping[str, Any]],
) -> Joining:
    """Sets who may apply, the criteria of admission and the welcome of a network.

    `expected` is 0 while the network has decided nothing. A criterion without `key` is a new one.
    Raises NotAllowed, Refused with everything that is wrong, Conflict. Six queries.
    """
    require("directory.network.manage", actor, network)
    values = _checked_rules(is_open, intro, criteria, welcome)
    found = Joining.objects.filter(network=network).first()
    if found is None:
        if expected:
            raise Conflict(None)
        try:
            with transaction.atomic():
                found = Joining.objects.create(network=network, **values)
        except IntegrityError:  # the other of two first saves
            raise Conflict(Joining.objects.get(network=network)) from None
        before = {}
    else:
        before = {name: getattr(found, name) for name in values}
        update_versioned(found, expected=expected, **values)
    actionlog.record("directory.joining.changed", found, actor=actor, before=before, after=values)
    return found


def _checked_rules(
    is_open: bool,
    intro: Mapping[str, str],
    criteria: Sequence[Mapping[str, Any]],
    welcome: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    kept: list[dict[str, Any]] = [
        {"key": one.get("key") or uuid4().hex[:8], "text": _words(one["text"])} for one in criteria
    ]
    tasks: list[dict[str, Any]] = [
        {"title": _words(one["title"]), "days": one["days"]} for one in welcome
    ]
    said = {lang: text.clean(intro.get(lang, "")) for lang in LANGUAGES}
    faults = []
    if len(kept) > MOST_CRITERIA or len(tasks) > MOST_WELCOME:
        faults.append(_("Höchstens 20 Kriterien und 20 Aufgaben sind vorgesehen."))
    if any("de" not in one["text"] for one in kept) or any("de" not in t["title"] for t in tasks):
        faults.append(_("Zu jedem Kriterium und jeder Aufgabe gehört ein deutscher Text."))
    faults += _too_long([words for one in kept for words in one["text"].values()], CRITERION_LENGTH)
    faults += _too_long([words for t in tasks for words in t["title"].values()], WELCOME_LENGTH)
    faults += _too_long(list(said.values()), INTRO_LENGTH)
    if any(not isinstance(t["days"], int) or not 0 <= t["days"] <= MOST_DAYS for t in tasks):
        faults.append(_("Eine Aufgabe ist nach 0 bis 730 Tagen fällig."))
    if faults:
        raise Refused(*faults)
    intro_said = {lang: words for lang, words in said.items() if words}
    return {"is_open": is_open, "intro": intro_said, "criteria": kept, "welcome": tasks}


def _words(given: Mapping[str, str]) -> dict[str, str]:
    return {lang: line for lang in LANGUAGES if (line := text.clean_line(given.get(lang, "")))}


def _too_long(given: Sequence[str], most: int) -> list[str]:
    words = _("%(what)s ist zu lang: erlaubt sind %(most)s Zeichen.")
    return [words % {"what": f"„{text.shorten(one, 40)}“", "most": most}
            for one in given if len(one) > most]  # fmt: skip


@transaction.atomic
def apply(
    network: Network,
    *,
    actor: Actor,
    key: str,
    lang: str,
    criteria: Sequence[str] = (),
    receipt: bool = True,
    **fields: Any,
) -> Application:
    """Keeps an application of an organisation that wants to join, tells the office, and thanks.

    Anybody may, without an account. `criteria` are the keys of those the applicant says are met;
    not meeting one is an answer, not a fault. `topics` are codes, `region` an official key. Sent
    twice with one key it is one application; without `receipt` no mail thanks. What becomes part of
    a Steckbrief is cleaned as there, so that it can be accepted. Raises Refused where the network
    takes none, Faulty with everything that is wrong. About 16 queries.
    """
    claim = once.claim(key, scope=f"directory.application:{network.uuid}")
    if claim.repeated:
        return Application.objects.get(uuid=claim.answer)
    rules = rules_of(network)
    if not rules.is_open or network.state != Network.State.ACTIVE:
        raise Refused(_("Zurzeit sind hier keine Bewerbungen möglich."))
    values = _checked_application(fields)
    lang = lang if lang in LANGUAGES else "de"
    said = {
        one["key"]: {"said": one["key"] in criteria, "checked": None, "note": "",
                     "text": text.pick(one["text"], lang)}
        for one in rules.criteria
    }  # fmt: skip
    application = Application.objects.create(network=network, lang=lang, criteria=said, **values)
    claim.remember(str(application.uuid))
    # Who applied stays out of the log: it would keep what the retention period removes.
    actionlog.record("directory.application.received", application, actor=actor)
    mails_joining.tell_office(application)
    if receipt:
        mails_joining.send_receipt(application)
    return application


def _checked_application(fields: dict[str, Any]) -> dict[str, Any]:
    """The values as they are stored. At most two queries."""
    unknown = set(fields) - {*LENGTHS, "kind", "email", "topics", "region"}
    if unknown:
        raise TypeError(f"an application has no {sorted(unknown)}")
    values = {
        name: (text.clean if name in _TEXTS else text.clean_line)(str(fields.get(name) or ""))
        for name in LENGTHS
    }
    faults = [
        message
        for name, message in (
            ("name", _("Bitte geben Sie den Namen der Organisation an.")),
            ("last_name", _("Bitte geben Sie den Nachnamen der Ansprechperson an.")),
            ("offers", _("Bitte schreiben Sie, was Sie einbringen.")),
        )
        if not values[name]
    ]
    for name, most in LENGTHS.items():
        faults += _too_long([values[name]], most)
    if fields.get("kind") not in Organisation.Kind.values:
        faults.append(_("Bitte wählen Sie die Art Ihrer Organisation."))
    email = str(fields.get("email") or "").strip().lower()
    faults += _address_faults(email)
    topics, region, more = _placed(fields)
    if faults or more:
        raise Faulty({"": [*faults, *more]})
    said: dict[str, Any] = {**values, "kind": fields["kind"], "topics": topics}
    return said | _as_in_a_steckbrief(said) | {"email": email, "region": region}


def _as_in_a_steckbrief(values: dict[str, Any]) -> dict[str, Any]:
    """What becomes part of a Steckbrief, cleaned by its rules. Raises Faulty. One query."""
    try:
        held = clean_content("organisation", {_BECOMES[name]: values[name] for name in _BECOMES})
    except Faulty as refusal:
        names = {key: name for name, key in _BECOMES.items()}
        faults = {names[key]: messages for key, messages in refusal.faults.items()}
        raise Faulty(faults) from None
    return {name: held.get(key, type(values[name])()) for name, key in _BECOMES.items()}


def _address_faults(email: str) -> list[str]:
    try:
        validate_email(email)
    except ValidationError:
        return [_("Diese E-Mail-Adresse ist nicht vollständig. Beispiel: name@verein.de")]
    return []


def _placed(fields: dict[str, Any]) -> tuple[list[str], Region | None, list[str]]:
    """Topics, region, and what is wrong with them."""
    faults = []
    wanted = list(dict.fromkeys(fields.get("topics") or ()))
    topics: list[str] = []
    if wanted:
        held = set(
            Topic.objects.filter(code__in=wanted, retired_at=None).values_list("code", flat=True)
        )
        topics = [code for code in wanted if code in held]
    if len(topics) != len(wanted) or len(topics) > MOST_TOPICS:
        faults.append(_("Bitte wählen Sie höchstens 20 Themen aus der Liste."))
    region = None
    if key := fields.get("region"):
        region = Region.objects.filter(key=key).first()
        if region is None:
            faults.append(_("Diese Region gibt es nicht: %(key)s") % {"key": key})
    return topics, region, faults


def delete_old() -> int:
    """Deletes decided applications when their network's time is over; returns how many. Welcome
    measures stay: they belong to the network."""
    over = periods.overdue(KEPT, "decided_at", clock.now())
    return Application.objects.filter(over).delete()[0]
