"""One demo account for each role: fictional people with a password from the environment."""

import json
import os
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Network, Organisation, Person, RoleGrant
from lotse.foundation.parties.services import people, roles


def _uuid(kind: str, key: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"urn:lotse:demo:{kind}:{key}")


def password() -> str:
    """The demo password: given in `LOTSE_DEMO_PASSWORD`, else drawn once and kept in the data
    folder for the owner of the installation."""
    if settings.DEMO_PASSWORD:
        return str(settings.DEMO_PASSWORD)
    file = settings.DATA_DIR / "demo_password"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return str(file.read_text(encoding="utf-8")).strip()
    with os.fdopen(descriptor, "w") as out:
        word = f"Lotse-{secrets.token_urlsafe(9)}"
        out.write(word)
    return word


def _items() -> list[dict[str, Any]]:
    with (settings.CONTENT_DIR / "demo" / "people.yaml").open("rb") as file:
        return list(yaml.safe_load(file)["people"])


def accounts() -> list[dict[str, str]]:
    """Role, e-mail and password of every demo account, for people and for checks from outside."""
    word = password()
    return [{"role": i["role"], "email": i["email"], "password": word} for i in _items()]


def load(data: dict[str, Any], say: Callable[[str], None]) -> None:
    """Brings the demo accounts to the state of the file; repeatable."""
    network = Network.objects.filter(is_demo=True).first()
    if network is None:
        return
    word = password()
    hashed = None
    for item in _items():
        person = Person.objects.filter(uuid=_uuid("person", item["role"])).first()
        if person is None:
            hashed = hashed or _hashed(word)
            _person(network, item, hashed)
    if word and hashed is None:
        _renew(word)
    say(f"{len(_items())} Konten: lotse loaddemo --accounts json")


def _hashed(word: str) -> str:
    account = Account()
    account.set_password(word)
    return str(account.password)


def _renew(word: str) -> None:
    """Another password than last time: all demo accounts get it."""
    found = Account.objects.filter(person__is_demo=True)
    first = found.first()
    if first is not None and not first.check_password(word):
        found.update(password=_hashed(word))


@transaction.atomic
def _person(network: Network, item: dict[str, Any], hashed: str) -> None:
    account = Account.objects.create(
        uuid=_uuid("account", item["role"]),
        email=item["email"],
        password=hashed,
        is_active=not item.get("suspended", False),
    )
    EmailAddress.objects.create(user=account, email=item["email"], verified=True, primary=True)
    person = people.create_person(
        actor=COMMAND,
        uuid=_uuid("person", item["role"]),
        title=item.get("title", ""),
        first_name=item["first_name"],
        last_name=item["last_name"],
        email=item["email"],
        account=account,
        home=network,
        is_demo=True,
    )
    if item.get("organisation"):
        _seat(person, item)
    if item.get("grant"):
        roles.grant_role(
            person, item["grant"], actor=COMMAND, network=network, reason="Beispielkonto"
        )


def _seat(person: Person, item: dict[str, Any]) -> None:
    today = clock.today()
    started = today - timedelta(days=800)
    people.add_seat(
        person,
        Organisation.objects.get(uuid=_uuid("organisation", item["organisation"])),
        actor=COMMAND,
        function=item.get("function", ""),
        starts_on=started,
        ends_on=today - timedelta(days=30) if item.get("ended") else None,
        is_contact=item.get("contact", False),
        **_rights(item),
    )


def _rights(item: dict[str, Any]) -> dict[str, Any]:
    return {str(name): True for name in item.get("rights", [])}


def as_json() -> str:
    """What `lotse loaddemo --accounts json` prints."""
    return json.dumps(accounts(), ensure_ascii=False, indent=2)


def remove_people() -> int:
    """Removes all demo people with their accounts; returns how many."""
    Account.objects.filter(person__is_demo=True).delete()
    RoleGrant.objects.filter(person__is_demo=True).delete()
    return Person.objects.filter(is_demo=True).delete()[0]
