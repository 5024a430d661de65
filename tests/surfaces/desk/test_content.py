"""The desk's pages for topics, addresses of networks, and texts of mails."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import hooks, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.middleware import CSP_LETTER
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import MailClosing, Network
from lotse.foundation.topics import office
from lotse.foundation.topics.models import Topic
from tests import make
from tests import people as cast_of
from tests.surfaces.desk.conftest import page, post

pytestmark = pytest.mark.django_db
CODE = "parties.invitation"


@pytest.fixture
def group() -> Topic:
    return topic("Bildung", synonyms={"de": ["Lernen"], "en": ["learning"]})


def topic(name: str, **fields: Any) -> Topic:
    names = {"de": name, "en": f"{name} (en)"}
    return office.create_topic(actor=COMMAND, key=once.new_key(), name=names, **fields)


class TestTopics:
    def test_a_group_is_withdrawn_after_its_topics(self, cast: cast_of.Cast, group: Topic) -> None:
        client = cast.client("operator")
        assert "Zurückziehen" in page(client, "topic", group.uuid)
        topic("Ausbildung", parent=group)
        assert "Zurückziehen" not in page(client, "topic", group.uuid)

    def form(self, **fields: Any) -> dict[str, Any]:
        return {"name_de": "Ausbildung", "name_en": "Apprenticeships",
                "words_de": "Azubi\r\nLehrling\r\n\r\nAzubi", "note": "Ohne Studium",
                **fields}  # fmt: skip

    def test_made_changed_retired_and_back(self, cast: cast_of.Cast, group: Topic) -> None:
        client = cast.client("operator")
        page(client, "topic-new")
        data = self.form(parent=group.uuid)
        assert post(client, "topic-new", **data).status_code == 302
        made = Topic.objects.get(code="ausbildung")
        assert (made.parent, made.synonyms) == (group, {"de": ["Azubi", "Lehrling"]})
        body = page(client, "topic", made.uuid)
        for words in ("hier angelegt", "Ohne Studium", "Azubi, Lehrling", "Thema angelegt"):
            assert words in body
        assert "Lehrling" in page(client, "topic-edit", made.uuid)
        data |= {"name_de": "Lehre", "version": made.version}
        assert post(client, "topic-edit", made.uuid, **data).status_code == 302
        conflict = post(client, "topic-edit", made.uuid, **data | {"name_de": "Anders"})
        assert conflict.status_code == 409
        assert "Lehre" in conflict.content.decode()
        assert "Anders" in conflict.content.decode()
        page(client, "topic-retire", made.uuid)
        assert post(client, "topic-retire", made.uuid, version=2).status_code == 302
        assert "zurückgezogen" in page(client, "topics")
        assert "Lehre" not in client.get(reverse("home:topics")).content.decode()
        assert post(client, "topic-back", made.uuid, version=3).status_code == 302
        assert "Lehre" in client.get(reverse("home:topics")).content.decode()

    def test_what_was_typed_survives_a_refusal(self, cast: cast_of.Cast, group: Topic) -> None:
        response = post(cast.client("operator"), "topic-new", **self.form(words_de="Lernen\nKurs"))
        body = response.content.decode()
        assert response.status_code == 422
        assert "„Lernen“ führt schon zum Thema „Bildung“" in body
        assert "Lernen\nKurs" in body
        assert "Ohne Studium" in body

    def test_in_use_it_needs_a_successor(self, cast: cast_of.Cast, group: Topic) -> None:
        client = cast.client("operator")
        other = topic("Fachkräfte")
        cast.org_a.topics.add(group)
        assert "Organisationen: 1" in page(client, "topic-retire", group.uuid)
        data = {"version": group.version}
        assert post(client, "topic-retire", group.uuid, **data).status_code == 422
        wrong = post(client, "topic-retire", group.uuid, **data, successor=group.uuid)
        assert wrong.status_code == 422
        data["successor"] = str(other.uuid)
        assert post(client, "topic-retire", group.uuid, **data).status_code == 302
        assert list(cast.org_a.topics.all()) == [other]
        assert "Nachfolge: Fachkräfte" in page(client, "topics")

    def test_the_list_searches_and_filters(self, cast: cast_of.Cast, group: Topic) -> None:
        topic("Überbetriebliche Kurse", parent=group)
        topic("Geld")
        client = cast.client("auditor")
        for query, course, money in (
            ("?suche=ÜBER", True, False), ("?suche=learning", False, False),
            ("?gruppe=bildung", True, False), ("?gruppe=nichts", True, True),
            ("?stand=hier", True, True), ("?stand=zurueckgezogen", False, False),
        ):  # fmt: skip
            body = page(client, "topics", query=query)
            assert (">Überbetriebliche Kurse</a>" in body, ">Geld</a>" in body) == (course, money)
        assert "Thema anlegen" not in page(client, "topics")
        assert "Bearbeiten" not in page(client, "topic", group.uuid)

    def test_the_office_reads_the_history(self, cast: cast_of.Cast, group: Topic) -> None:
        office.change_topic(group, actor=cast.actor("operator"), expected=1, name=group.name,
                            parent=None, summary={}, synonyms={}, note="neu")  # fmt: skip
        client = cast.client("office")
        assert "Bente Trieb" in page(client, "topic", group.uuid)
        assert "Bildung" in page(client, "log", query=f"?objekt={group.uuid}")

    def test_costs(self, cast: cast_of.Cast, group: Topic, count_queries: Any) -> None:
        client = cast.client("office")
        counts = []
        for n in (1, 3):
            for m in range(n):
                made = topic(f"Thema {n}{m}", parent=group)
            page(client, "topics")
            with count_queries() as few:
                page(client, "topics")
            with count_queries() as one:
                page(client, "topic", made.uuid)
            counts.append((few.count, one.count))
        assert counts[0] == counts[1]
        assert counts[0][0] <= 8
        assert counts[0][1] <= 12


class TestPublicPages:
    def test_a_moved_topic_stands_in_its_new_group(self, client: Any, group: Topic) -> None:
        make.network()
        early = topic("Früh")
        late = topic("Spät")
        Topic.objects.filter(pk=early.pk).update(parent=late)
        body = client.get(reverse("home:topics")).content.decode()
        assert body.index("Spät") < body.index("Früh")

    def test_words_in_another_language_say_so(self, client: Any) -> None:
        make.network()
        office.create_topic(actor=COMMAND, key=once.new_key(), name={"de": "Nur deutsch"})
        for url in (reverse("home:topics"), "/"):
            body = client.get(url, headers={"accept-language": "en"}).content.decode()
            assert 'lang="de">Nur deutsch' in body


class TestHosts:
    def test_the_operator_sets_them(self, cast: cast_of.Cast, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["testserver", "neben.example"]
        client = cast.client("operator")
        assert "unter keiner Adresse zu sehen" in page(client, "hosts")
        body = page(client, "hosts-edit", cast.other.uuid)
        assert "Sie arbeiten gerade unter testserver" in body
        data = {"version": cast.other.version, "hosts": "Neben.example\r\nmüller.example\r\n"}
        assert post(client, "hosts-edit", cast.other.uuid, **data).status_code == 302
        cast.other.refresh_from_db()
        assert cast.other.hosts == ["neben.example", "xn--mller-kva.example"]
        assert "Fehlt in LOTSE_HOSTS: müller.example" in page(client, "hosts")
        assert "müller.example" in page(client, "hosts-edit", cast.other.uuid)
        assert post(client, "hosts-edit", cast.other.uuid, **data).status_code == 409

    def test_ones_own_address_is_not_given_away(self, cast: cast_of.Cast) -> None:
        client = cast.client("operator")
        data = {"version": cast.other.version, "hosts": "neben.example\ntestserver"}
        response = post(client, "hosts-edit", cast.other.uuid, **data)
        assert response.status_code == 422
        assert "ein anderes Netzwerk oder keines" in response.content.decode()
        assert "neben.example\ntestserver" in response.content.decode()
        assert Network.objects.get(pk=cast.other.pk).hosts == []
        data = {"version": cast.network.version, "hosts": "testserver"}
        assert post(client, "hosts-edit", cast.network.uuid, **data).status_code == 302

    @pytest.mark.parametrize("text", ["https://a.example", "a.example:80", "a\0b c", "*.example"])
    def test_bad_input(self, cast: cast_of.Cast, text: str) -> None:
        data = {"version": cast.other.version, "hosts": text}
        response = post(cast.client("operator"), "hosts-edit", cast.other.uuid, **data)
        assert response.status_code == 422
        assert "kein Hostname" in response.content.decode()

    def test_a_list_costs_at_most_8_queries(self, cast: cast_of.Cast, count_queries: Any) -> None:
        client = cast.client("operator")
        page(client, "hosts")
        counts = []
        for n in (1, 3):
            for m in range(n):
                make.network(name=f"Netz {n}{m}")
            with count_queries() as queries:
                page(client, "hosts")
            counts.append(queries.count)
        assert counts[0] == counts[1] <= 8


class TestMailTexts:
    def test_every_mail_is_shown_as_it_arrives(self, cast: cast_of.Cast) -> None:
        make.check()
        client = cast.client("auditor")
        listed = page(client, "mail-texts")
        written = OutboxMail.objects.count()
        for kind in hooks.mail_kinds:
            assert reverse("desk:mail-text", args=[kind.code]) in listed
            body = page(client, "mail-text", kind.code)
            assert "So kommt sie auf Deutsch an" in body, kind.code
            assert "\x02" not in body
            assert "Schlusszeile ändern" not in body
        assert OutboxMail.objects.count() == written

    def test_the_html_stands_alone(self, cast: cast_of.Cast) -> None:
        client = cast.client("auditor")
        for lang in ("de", "en"):
            response = client.get(reverse("desk:mail-text-html", args=[CODE, lang]))
            assert response["Content-Security-Policy"] == CSP_LETTER
            assert f'<html lang="{lang}">' in response.content.decode()
            assert "\x02" not in response.content.decode()
        for wrong in ([CODE, "fr"], ["no.such", "de"]):
            assert client.get(reverse("desk:mail-text-html", args=wrong)).status_code == 404
        assert client.get(reverse("desk:mail-text", args=["no.such"])).status_code == 404

    def test_a_closing_line_is_previewed_then_saved(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        assert "{kontakt}" in page(client, "mail-closing", CODE)
        data = {"words_de": "Fragen? {kontakt}", "words_en": "", "version": 0}
        preview = post(client, "mail-closing", CODE, **data, preview="1")
        assert "Fragen? buero@netzwerk.example" in preview.content.decode()
        assert not MailClosing.objects.exists()
        assert post(client, "mail-closing", CODE, **data).status_code == 302
        assert "Fragen? {kontakt}" in page(client, "mail-texts", query="?schluss=mit")
        body = page(client, "mail-text", CODE)
        assert "Fragen? buero@netzwerk.example" in body
        conflict = post(client, "mail-closing", CODE, **data | {"words_de": "Anders"})
        assert conflict.status_code == 409
        assert "Anders" in conflict.content.decode()
        assert "Fragen? {kontakt}" in conflict.content.decode()

    @pytest.mark.parametrize("button", [{}, {"preview": "1"}])
    def test_a_broken_placeholder_is_refused(
        self, cast: cast_of.Cast, button: dict[str, str]
    ) -> None:
        client = cast.client("office")
        for line, words in (("Ihr {name}", "Den Platzhalter {name} gibt es nicht"),
                            ("Ihr {netzwerk", "nicht geschlossen")):  # fmt: skip
            data = {"words_de": line, "version": 0, **button}
            response = post(client, "mail-closing", CODE, **data)
            assert response.status_code == 422
            assert words in response.content.decode()
            assert line in response.content.decode()

    def test_what_lotse_writes_itself_has_none(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        body = page(client, "mail-text", "accounts.blocked")
        assert "kommt von Lotse" in body
        assert "Schlusszeile ändern" not in body
        assert (
            client.get(reverse("desk:mail-closing", args=["accounts.blocked"])).status_code == 404
        )

    def test_another_networks_line_is_its_own(self, cast: cast_of.Cast) -> None:
        MailClosing.objects.create(network=cast.other, code=CODE, words={"de": "Von nebenan"})
        client = cast.client("office")
        assert "Von nebenan" not in page(client, "mail-texts")
        assert "Von nebenan" not in page(client, "mail-text", CODE)
