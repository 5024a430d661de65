"""Builders: short ways to the objects that tests need, through the services."""

import json
from pathlib import Path
from typing import Any

import yaml
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND, EDIT, READ, Actor
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.services import networks as parties
from lotse.rooms.checks.models import Assessment, Check
from lotse.rooms.checks.services import assessments, library, links

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


def body(response: Any) -> bytes:
    """The whole answer, a streamed one read to its end.

    Never `response.close()`: that ends the request and with it the connection under the test.
    """
    return b"".join(response) if response.streaming else bytes(response.content)
