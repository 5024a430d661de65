"""The room's part of the demo network: Steckbriefe of organisations, services and people in all
states of publication.

The past is written as it would have been: straight rows with past dates, no services; the search is
filled once at the end.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml
from django.conf import settings
from django.utils import timezone

from lotse.foundation.core import clock, search
from lotse.foundation.core.actor import COMMAND, Actor
from lotse.foundation.parties.models import Affiliation, Consent, Network, Organisation, Person
from lotse.foundation.parties.privacy import purposes
from lotse.rooms.directory import searching
from lotse.rooms.directory.content.cleaning import clean_content
from lotse.rooms.directory.content.known import Known
from lotse.rooms.directory.models import (
    Announcement,
    Application,
    Channel,
    Entry,
    OfficeNote,
    Publication,
    Revision,
    SavedSearch,
)
from lotse.rooms.directory.services import base_data

PURPOSES = ("profile", "contact")


def _uuid(kind: str, key: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"urn:lotse:demo:{kind}:{key}")


def _file(name: str) -> dict[str, Any]:
    with (settings.CONTENT_DIR / "demo" / name).open("rb") as file:
        return dict(yaml.safe_load(file))


def load(data: dict[str, Any], say: Callable[[str], None]) -> None:
    """Brings the Steckbriefe of the demo to the state of the files; repeatable."""
    network = Network.objects.filter(is_demo=True).first()
    if network is None:
        return
    remove(COMMAND)
    known = Known()
    organisations = {one.uuid: one for one in Organisation.objects.filter(is_demo=True)}
    for item in _file("directory.yaml")["organisations"]:
        organisation = organisations.get(_uuid("organisation", item["key"]))
        if organisation is not None:
            _organisation(organisation, item, known)
    for item in _file("directory_people.yaml")["people"]:
        _person(network, item, known)
    _office_rows(network)
    searching.reindex_network(network)
    say(f"{Entry.objects.filter(is_demo=True).count()} Steckbriefe")


def remove(actor: Actor) -> int:
    """Deletes the examples of the room; returns how many entries there were."""
    found = list(Entry.objects.filter(is_demo=True))
    for entry in found:
        search.drop(entry.uuid)
    Entry.objects.filter(is_demo=True).delete()
    Application.objects.filter(network__is_demo=True, email__endswith=".lotse.example").delete()
    SavedSearch.objects.filter(person__is_demo=True).delete()
    return len(found)


def _organisation(organisation: Organisation, item: dict[str, Any], known: Known) -> None:
    since = _months_ago(item.get("assured_months_ago", 1))
    raw = {**base_data.content_of(organisation), **item["content"]}
    entry = _entry(
        organisation.network, Entry.Kind.ORGANISATION, item["key"], since,
        organisation=organisation, is_pilot=item.get("is_pilot", False),
        is_lighthouse=item.get("is_lighthouse", False),
    )  # fmt: skip
    first = _revision(entry, clean_content("organisation", raw, known=known), since)
    base_data.write(organisation, first.content, actor=COMMAND)
    state = item["state"]
    if state in ("web", "revised", "objected"):
        _let_through(entry, first, Channel.values, since)
    elif state == "members":
        _let_through(entry, first, [Channel.MEMBERS], since)
    elif state == "announced":
        _announce(entry, first, clock.now() - timedelta(days=9))
    if state == "revised":
        changed = {**raw, **{k: v for k, v in item["draft"].items() if k != "reason"}}
        content = clean_content("organisation", changed, known=known)
        _revision(entry, content, clock.now() - timedelta(days=3), reason=item["draft"]["reason"])
    if state == "objected":
        content = clean_content(
            "organisation", {**raw, "offers": item["announced"]["offers"]}, known=known
        )
        later = _revision(entry, content, clock.now() - timedelta(days=40), on_behalf=True)
        _announce(entry, later, clock.now() - timedelta(days=38),
                  objection=item["announced"]["objection"])  # fmt: skip
    for service in item["services"]:
        _service(organisation, service, since, state, known)


def _service(
    organisation: Organisation, item: dict[str, Any], since: datetime, state: str, known: Known
) -> None:
    raw = {"status": "active", "regions": _regions_of(organisation), **item}
    key = raw.pop("key")
    entry = _entry(organisation.network, Entry.Kind.SERVICE, key, since, organisation=organisation)
    revision = _revision(entry, clean_content("service", raw, known=known), since)
    if state != "draft":
        _let_through(entry, revision, Channel.values, since)


def _regions_of(organisation: Organisation) -> list[str]:
    found = Entry.objects.get(organisation=organisation, kind=Entry.Kind.ORGANISATION).latest
    return list(found.content.get("regions", [])) if found else []


def _person(network: Network, item: dict[str, Any], known: Known) -> None:
    person = _person_of(network, item)
    if person is None:
        return
    for key, function, rights in item.get("seat", []):
        _seat(person, Organisation.objects.get(uuid=_uuid("organisation", key)), function, rights)
    since = _months_ago(4)
    entry = _entry(network, Entry.Kind.PERSON, str(person.uuid), since, person=person)
    raw = {key: item[key] for key in _PERSON_KEYS if key in item}
    revision = _revision(entry, clean_content("person", raw, known=known), since)
    _let_through(entry, revision, Channel.values, since)
    Consent.objects.filter(person=person, purpose__in=PURPOSES).delete()
    Consent.objects.bulk_create(
        _consent(person, network, purpose, channel, since)
        for purpose in PURPOSES
        for channel in item.get(purpose, [])
    )


_PERSON_KEYS = ("lines", "competences", "topics", "regions", "languages", "bodies", "limits",
                "qualifications", "checks_authorised", "offers_as", "availability")  # fmt: skip


def _person_of(network: Network, item: dict[str, Any]) -> Person | None:
    """A demo account by its role, or a person without account, made where it is lacking."""
    if "role" in item:
        return Person.objects.filter(uuid=_uuid("person", item["role"])).first()
    first, last = item["first_name"], item["last_name"]
    person, _created = Person.objects.update_or_create(
        uuid=_uuid("person", item["key"]),
        defaults={
            "first_name": first,
            "last_name": last,
            "title": item.get("title", ""),
            "email": f"{item['key']}@demo.lotse.example",
            "phone": f"0641 555{int(item['key'][1:]) + 2000:04d}" if item.get("contact") else "",
            "home": network,
            "is_demo": True,
        },
    )
    return person


def _seat(person: Person, organisation: Organisation, function: str, rights: list[str]) -> None:
    Affiliation.objects.update_or_create(
        uuid=_uuid("seat", f"{person.uuid}:{organisation.uuid}"),
        defaults={
            "person": person,
            "organisation": organisation,
            "function": function,
            "starts_on": clock.today() - timedelta(days=900),
            "is_contact": "may_represent" in rights,
            **{name: name in rights for name in ("may_edit", "may_publish", "may_represent")},
        },
    )


def _consent(
    person: Person, network: Network, purpose: str, channel: str, since: datetime
) -> Consent:
    found = next(one for one in purposes.all_purposes() if one.key == purpose)
    return Consent(
        person=person,
        network=network,
        purpose=purpose,
        channel=channel,
        wording=found.wording["de"],
        wording_version=found.version,
        given_at=since,
        given_by=COMMAND.ref,
        source="Beispiel",
    )


def _entry(network: Network, kind: str, key: str, since: datetime, **fields: Any) -> Entry:
    return Entry.objects.create(
        uuid=_uuid(f"entry:{kind}", key), network=network, kind=kind, assured_at=since,
        created_at=since - timedelta(days=7), updated_at=since, is_demo=True, **fields,
    )  # fmt: skip


def _revision(
    entry: Entry, content: dict[str, Any], at: datetime, *, reason: str = "",
    on_behalf: bool = False,
) -> Revision:  # fmt: skip
    before = entry.latest
    revision = Revision.objects.create(
        entry=entry, number=before.number + 1 if before else 1, content=content,
        author=COMMAND.ref, on_behalf=on_behalf, reason=reason, created_at=at, updated_at=at,
    )  # fmt: skip
    entry.latest = revision
    entry.save(update_fields=["latest"])
    return revision


def _let_through(entry: Entry, revision: Revision, channels: list[str], at: datetime) -> None:
    Publication.objects.bulk_create(
        Publication(
            entry=entry, channel=channel, revision=revision, effective_at=at,
            via=Publication.Via.RELEASED, by=COMMAND.ref,
        )
        for channel in channels
    )  # fmt: skip


def _announce(entry: Entry, revision: Revision, at: datetime, *, objection: str = "") -> None:
    last_day = timezone.localtime(at).date() + timedelta(days=28)
    deadline = timezone.make_aware(datetime.combine(last_day + timedelta(days=1), time()))
    answered = at + timedelta(days=6) if objection else None
    announcement = Announcement.objects.create(
        entry=entry, revision=revision, channels=Channel.values, deadline=deadline,
        announced_by=COMMAND.ref, created_at=at, answer_note=objection, answered_at=answered,
        state=Announcement.State.OBJECTED if objection else Announcement.State.OPEN,
    )  # fmt: skip
    Publication.objects.bulk_create(
        Publication(
            entry=entry, channel=channel, revision=revision, effective_at=deadline,
            ended_at=answered, via=Publication.Via.ANNOUNCED, by=COMMAND.ref,
            announcement=announcement,
        )
        for channel in Channel.values
    )  # fmt: skip


def _office_rows(network: Network) -> None:
    """What only the office sees: notes, and applications in their states."""
    notes = {
        "hospizkreis": "Rief am 12. an: möchte den alten Satz behalten. Mit dem Vorstand klären.",
        "feuerwehr": "Jahreshauptversammlung im März, vorher niemanden anschreiben.",
        "bkk": "Pilot für den Gesundheitszirkel im Verbund, bis zum Sommer begleiten.",
    }
    for key, words in notes.items():
        entry = Entry.objects.get(uuid=_uuid("entry:organisation", key))
        OfficeNote.objects.create(entry=entry, text=words, by=COMMAND.ref)
    Application.objects.bulk_create(_applications(network))


def _applications(network: Network) -> Iterator[Application]:
    rows: list[dict[str, Any]] = [
        {"name": "Imkerei Hollerbusch", "kind": "firm", "city": "Weilburg", "postal_code": "35781",
         "topics": ["nachhaltigkeit"], "first_name": "Paula", "last_name": "Hollerbusch",
         "offers": "Lehrbienenstand für Schulklassen und Auszubildende.",
         "seeks": "Betriebe, die Flächen für Blühstreifen haben."},
        {"name": "Kulturverein Alte Schmiede e. V.", "kind": "nonprofit", "city": "Wetzlar",
         "postal_code": "35578", "topics": ["raeume-ausstattung", "ehrenamt"],
         "first_name": "Konrad", "last_name": "Weidemann",
         "offers": "Ein Saal mit Bühne und 15 Ehrenamtliche.",
         "seeks": "Hilfe bei Brandschutz und Buchhaltung.", "state": "checked"},
        {"name": "Versicherungsbüro Hastig", "kind": "service", "city": "Gießen",
         "postal_code": "35390", "topics": ["recht-versicherung"], "first_name": "Timo",
         "last_name": "Hastig", "offers": "Versicherungen für alle Partner.", "state": "declined",
         "decision_note": "Ein Angebot ohne Gegenleistung für das Netzwerk ist nicht erkennbar."},
    ]  # fmt: skip
    for number, row in enumerate(rows):
        decided = row.get("state") == "declined"
        yield Application(
            uuid=_uuid("application", str(number)), network=network,
            email=f"bewerbung{number}@demo.lotse.example",
            created_at=clock.now() - timedelta(days=5 + 9 * number),
            decided_at=clock.now() - timedelta(days=2) if decided else None,
            decided_by=COMMAND.ref if decided else "", **row,
        )  # fmt: skip


def _months_ago(months: int) -> datetime:
    return clock.now() - timedelta(days=int(months * 30.44))
