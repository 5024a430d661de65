"""One's own Steckbrief: shown by consent, released by oneself, nobody else's to release."""

import pytest
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.parties.models import Consent
from lotse.rooms.directory.models import Entry, Publication, Revision
from tests import make
from tests.people import Cast

pytestmark = pytest.mark.django_db


def latest(entry: Entry) -> Revision:
    entry.refresh_from_db()
    assert entry.latest is not None
    return entry.latest


@pytest.fixture
def own(cast: Cast) -> Entry:
    return make.entry(cast["member"])


def test_consent_and_release_step_by_step(cast: Cast, own: Entry) -> None:
    client = cast.client("member")
    state = reverse("directory:state", args=[own.uuid])
    publish, consent = (reverse(f"directory:{name}", args=[own.uuid])
                        for name in ("publish", "consent"))  # fmt: skip
    released = {"version": own.version, "revision": latest(own).uuid, "channel": "web"}
    assert client.post(publish, released).status_code == 422
    assert "Mein Name, meine Funktion und mein Steckbrief" in client.get(state).content.decode()
    assert client.post(consent, {"give": "profile:web"}).status_code == 302
    assert client.post(publish, released).status_code == 302
    page = reverse("directory:entry", args=[own.uuid])
    assert cast.client("anonymous").get(page).status_code == 200
    given = Consent.objects.get(person=cast["member"])
    assert given.network == cast.network
    assert given.wording_version
    assert client.post(consent, {"withdraw": str(given.uuid)}).status_code == 302
    assert cast.client("anonymous").get(page).status_code == 404
    assert "Die Einwilligung fehlt." in client.get(state).content.decode()


def test_nobody_else_consents_or_publishes(cast: Cast, own: Entry) -> None:
    for role in ("office", "operator"):
        client = cast.client(role)
        for name, fields in (
            ("consent", {"give": "profile:web"}),
            ("publish", {"version": own.version, "revision": latest(own).uuid,
                         "channel": "web"}),
        ):  # fmt: skip
            path = reverse(f"directory:{name}", args=[own.uuid])
            assert client.post(path, fields).status_code == 403, (role, name)
    assert cast.client("editor_a").post(
        reverse("directory:consent", args=[own.uuid]), {"give": "profile:web"}
    ).status_code == 404  # fmt: skip
    assert not Consent.objects.exists()
    assert not Publication.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"give": "profile:mond"}, 404), ({"give": "newsletter:mail"}, 404), ({}, 404),
     ({"withdraw": "x"}, 404), ({"withdraw": "00000000-0000-0000-0000-000000000000"}, 404)],
)  # fmt: skip
def test_nonsense_is_no_consent(
    cast: Cast, own: Entry, fields: dict[str, str], status: int
) -> None:
    path = reverse("directory:consent", args=[own.uuid])
    assert cast.client("member").post(path, fields).status_code == status
    assert not Consent.objects.exists()


def test_a_consent_of_somebody_else_is_not_withdrawn(cast: Cast, own: Entry) -> None:
    make.entry(cast["editor_b"], channels=("web",))
    foreign = Consent.objects.get(person=cast["editor_b"])
    path = reverse("directory:consent", args=[own.uuid])
    answer = cast.client("member").post(path, {"withdraw": str(foreign.uuid)})
    assert answer.status_code == 404
    foreign.refresh_from_db()
    assert foreign.withdrawn_at is None


def test_the_form_offers_only_what_was_consented_to(cast: Cast, own: Entry) -> None:
    client, path = cast.client("member"), reverse("directory:edit", args=[own.uuid])
    assert "Speichern und veröffentlichen" not in client.get(path).content.decode()
    client.post(reverse("directory:consent", args=[own.uuid]), {"give": "profile:members"})
    text = client.get(path).content.decode()
    assert 'value="members"' in text
    assert 'name="channels" value="web"' not in text
    sent = {"_key": once.new_key(), "version": own.version, "go": "publish",
            "channels": ["web"], "lines": "Ich begleite Auszubildende."}  # fmt: skip
    assert client.post(path, sent).status_code == 422
    assert client.post(path, {**sent, "channels": ["members"]}).status_code == 302
    assert Publication.objects.get(entry=own).channel == "members"


def test_six_lines_are_one_too_many(cast: Cast, own: Entry) -> None:
    sent = {"_key": once.new_key(), "version": own.version, "lines": "\n".join("abcdef")}
    path = reverse("directory:edit", args=[own.uuid])
    response = cast.client("member").post(path, sent)
    assert response.status_code == 422
    assert "Bitte höchstens fünf Zeilen." in response.content.decode()
