"""Builders: short ways to the objects that tests need, through the services."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND, EDIT, READ, Actor
from lotse.foundation.core.mail import letter
from lotse.foundation.core.models import OutboxMail, SearchDoc, SearchText
from lotse.foundation.core.search import concepts
from lotse.foundation.parties.models import Network, Organisation, Person
from lotse.foundation.parties.privacy import consents
from lotse.foundation.parties.services import networks as parties
from lotse.foundation.topics.models import Region, Topic
from lotse.foundation.topics.services import load_regions, load_topics
from lotse.rooms.checks.models import Assessment, Check
from lotse.rooms.checks.services import assessments, library, links
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.services import entries, publishing

CONTENT = Path(__file__).resolve().parent.parent / "content"
CHECK_FILE = CONTENT / "checks" / "lotse.kooperation-gemeinnuetzig.yaml"


def network(**fields: Any) -> Network:
    """The default network of a test."""
    fields.setdefault("claim", {"de": "Wir helfen einander.", "en": "We help one another."})
    fields.setdefault("carrier", "Stiftung Beispiel")
    fields.setdefault("contact_email", "buero@netzwerk.example")
    name = fields.pop("name", "Netzwerk Beispielregion")
    return parties.create_network(actor=COMMAND, name=name, **fields)


def check(file: Path = CHECK_FILE, *, publish: bool = True) -> Check:
    """A published check from a file of the shipped content."""
    revision, _created = library.import_check(file.read_bytes(), actor=COMMAND, publish=publish)
    return Check.objects.get(pk=revision.check_ref_id)


def check_content(points: int, *, code: str = "test.lang", revision: int = 1) -> dict[str, Any]:
    """Content of a check with any number of points: the shipped seven, repeated."""
    content = yaml.safe_load(CHECK_FILE.read_text(encoding="utf-8"))
    content["check"] |= {"id": code, "revision": revision}
    shipped = content["checkpoints"]
    content["checkpoints"] = [
        {
            **shipped[n % len(shipped)],
            "id": f"{shipped[n % len(shipped)]['id']}-{n}",
            "number": n + 1,
        }
        for n in range(points)
    ]
    text = json.dumps(content, ensure_ascii=False)
    for point in shipped:
        text = text.replace(f"{{cp:{point['id']}}}", f"{{cp:{content['checkpoints'][0]['id']}}}")
    return dict(json.loads(text))


def long_check(points: int, *, code: str = "test.lang") -> Check:
    """A published check with any number of points."""
    text = json.dumps(check_content(points, code=code), ensure_ascii=False)
    revision, _created = library.import_check(text.encode(), actor=COMMAND, publish=True)
    return Check.objects.get(pk=revision.check_ref_id)


def assessment(of: Check | None = None, **fields: Any) -> Assessment:
    """A running assessment without answers."""
    fields.setdefault("organisation_name", "Verein Beispiel e. V.")
    fields.setdefault("network", Network.objects.filter(is_default=True).first())
    return assessments.start_assessment(of or check(), actor=COMMAND, key=once.new_key(), **fields)


def visitor(assessment: Assessment, level: str = EDIT) -> Actor:
    """A visitor who opened the secret link."""
    return Actor("guest", keys=frozenset([links.key_of(assessment, level)]))


def open_as(client: Any, assessment: Assessment, level: str = EDIT) -> Any:
    """The browser opens the secret link of the assessment; returns the client."""
    assert level in (READ, EDIT)
    token = links.tokens_of(assessment)[level]
    response = client.get(reverse("checks:open", args=[token]))
    assert response.status_code == 303
    return client


def answer_form(level: str = "need", version: int = 0, **fields: str) -> dict[str, str]:
    """What a page sends for one checkpoint."""
    return {"_key": once.new_key(), "version": str(version), "level": level, "go": "next",
            **fields}  # fmt: skip


_TAXONOMY: list[Any] = []


def taxonomy() -> None:
    """Topics and regions as they are shipped, with what the search knows of them.

    Read and indexed once in a process, then put in as rows: hundreds of tests begin with it.
    """
    tables = (Region, Topic, SearchDoc, SearchText)
    if not _TAXONOMY:
        load_topics()
        load_regions()
        _TAXONOMY.extend((table, list(table.objects.order_by("pk"))) for table in tables)
        return
    for table, rows in _TAXONOMY:
        table.objects.bulk_create(rows)
    concepts.forget()


ORGANISATION = {
    "summary": "Wir begleiten Betriebe und Vereine in der Region.",
    "function": "Anlaufstelle für gute Arbeit",
    "portfolio": ["Ausbildungsberatung", "Wissenstransfer"],
    "offers": "Wir kommen in den Betrieb und hören zu.",
    "limits": "Keine Rechtsberatung.",
    "topics": ["ausbildung"],
    "regions": ["08222"],
    "city": "Mannheim",
    "email": "post@haus.example",
}
SERVICE = {
    "name": "Erstgespräch",
    "summary": "Ein Gespräch ohne Kosten.",
    "forms": ["advice"],
    "status": "active",
    "topics": ["ausbildung"],
    "limits": "Keine Gutachten.",
}
PERSON = {
    "lines": "Ich höre zu und ordne.",
    "competences": ["Konfliktberatung"],
    "topics": ["ausbildung"],
    "limits": "Keine Nachtschichten.",
}


def entry(
    of: Organisation | Person,
    *,
    service: bool = False,
    channels: tuple[str, ...] = (),
    network: Network | None = None,
    **content: Any,
) -> Entry:
    """A complete entry of an organisation, of a person (with consent for the channels), or a
    service; let through for the channels."""
    if isinstance(of, Person):
        home = network or Network.objects.get(is_default=True)
        made = entries.create_person_entry(of, home, actor=COMMAND)
        for channel in channels:
            consents._give(of, "profile", channel, actor=COMMAND, network=home, lang="de", key="")
        base: dict[str, Any] = PERSON
    elif service:
        made = entries.create_service(of, actor=COMMAND, content={**SERVICE, **content})
        base = SERVICE
    else:
        made = entries.ensure_organisation_entry(of, actor=COMMAND)
        base = {"name": of.name, "kind": of.kind, **ORGANISATION}
    made.refresh_from_db()
    entries.save(made, actor=COMMAND, expected=made.version, content={**base, **content})
    if channels:
        publishing.publish(made, actor=COMMAND, channels=channels, expected=made.version)
    return Entry.objects.get(pk=made.pk)


def body(response: Any) -> bytes:
    """The whole answer, a streamed one read to its end.

    Never `response.close()`: that ends the request and with it the connection under the test.
    """
    return b"".join(response) if response.streaming else bytes(response.content)


def link_in(sent: OutboxMail, under: str) -> str:
    """The path of a one-time link as the mail shows it: what stands below `under`."""
    shown = letter.reveal(sent.text, html=False)
    found = re.search(rf"https?://[^/\s]+({re.escape(under)}\S+)", shown)
    assert found is not None, f"no link below {under}"
    return found[1]


def opened(client: Any, path: str) -> str:
    """The browser opens a one-time link; the address it is led to."""
    answer = client.get(path)
    assert answer.status_code == 303, body(answer).decode()[:400]
    return str(answer["Location"])
