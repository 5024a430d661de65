"""Secret links: not guessed, not listed, not in a log, not in the database; mailed, renewed."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from lotse.foundation.core.actor import COMMAND, EDIT, READ
from lotse.foundation.core.mail import deliver_due
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.rooms.checks.models import AccessLink, Answer, Assessment
from lotse.rooms.checks.services import assessments, links
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment() -> Assessment:
    make.network()
    return make.assessment()


def all_text_in_database() -> str:
    """Every value of every table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_the_database_holds_a_hash_only(assessment) -> None:
    tokens = links.tokens_of(assessment)
    text = all_text_in_database()
    assert all(len(token) == 43 and token not in text for token in tokens.values())
    assert tokens[EDIT] != tokens[READ]


def test_opening_leads_on_without_the_secret(client, assessment) -> None:
    token = links.tokens_of(assessment)[EDIT]
    response = client.get(reverse("checks:open", args=[token]))
    assert response.status_code == 303
    assert token not in response.url
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "no-store"
    assert client.get(response.url, follow=True).status_code == 200


def test_the_session_changes_its_key(client, assessment) -> None:
    make.open_as(client, assessment)
    before = client.cookies["lotse"].value
    make.open_as(client, make.assessment(assessment.revision.check_ref))
    assert client.cookies["lotse"].value != before


@pytest.mark.parametrize("token", ["a", "x" * 43, "../../etc", "%00", "x" * 3000])
def test_a_wrong_link_is_an_unknown_page_and_is_counted(client, settings, token: str) -> None:
    make.network()
    settings.LIMITS = {**settings.LIMITS, "checks.link.failed": (2, 600)}
    url = "/checks/zugang/" + token.replace("/", "%2F") + "/"
    codes = [client.get(url).status_code for _ in range(3)]
    assert codes in ([404, 404, 429], [404, 404, 404])
    assert codes[2] == 429 or "%2F" in url


def test_read_link_reads_and_nothing_else(client, assessment) -> None:
    make.open_as(client, assessment, READ)
    for name in ("result", "plan"):
        html = client.get(reverse(f"checks:{name}", args=[assessment.uuid])).content.decode()
        assert html.count("<form") == html.count('action="/sprache/"') + html.count("vergessen/")\
            + html.count('class="filters"')  # fmt: skip
    assert client.get(reverse("checks:links", args=[assessment.uuid])).status_code == 403
    assert client.get(reverse("checks:delete", args=[assessment.uuid])).status_code == 403


def test_the_page_shows_links_that_work(client, assessment) -> None:
    make.open_as(client, assessment)
    html = client.get(reverse("checks:links", args=[assessment.uuid])).content.decode()
    found = re.findall(r"http://localhost:8000(/checks/zugang/[\w-]+/)", html)
    assert len(found) == 2
    for path in found:
        other = type(client)()
        assert other.get(path).status_code == 303


def test_a_link_to_oneself_by_mail(client, assessment) -> None:
    make.open_as(client, assessment)
    url = reverse("checks:link-mail", args=[assessment.uuid])
    assert client.post(url, {"address": "ich@verein.example"}).status_code == 302
    assert mail.outbox == []
    assert deliver_due() == 1
    message = mail.outbox[0]
    assert message.to == ["ich@verein.example"]
    token = links.tokens_of(assessment)[EDIT]
    assert token in str(message.body)
    assert "24 Monate" in str(message.body)


def test_the_outbox_never_holds_the_link(client, assessment) -> None:
    make.open_as(client, assessment)
    url = reverse("checks:link-mail", args=[assessment.uuid])
    client.post(url, {"address": "ich@verein.example"})
    token = links.tokens_of(assessment)[EDIT]
    assert OutboxMail.objects.get().text
    assert token not in all_text_in_database()
    deliver_due()
    sent = OutboxMail.objects.get()
    assert sent.subject
    assert (sent.state, sent.text, sent.html) == ("sent", "", "")
    assert token in str(mail.outbox[0].body)
    assert token in str(mail.outbox[0].alternatives[0].content)
    assert token not in all_text_in_database()


def test_the_link_of_a_deleted_assessment_is_not_mailed(client, assessment) -> None:
    make.open_as(client, assessment)
    url = reverse("checks:link-mail", args=[assessment.uuid])
    client.post(url, {"address": "ich@verein.example"})
    assessments.delete_assessment(assessment, actor=COMMAND)
    assert deliver_due() == 0
    assert OutboxMail.objects.get().state == "stopped"
    assert mail.outbox == []


@pytest.mark.parametrize(
    "address", ["", "kein", "a@b", "x@y\r\nBcc: z@z.example", "a" * 255 + "@b.de"]
)
def test_a_wrong_address_comes_back_filled_in(client, assessment, address: str) -> None:
    make.open_as(client, assessment)
    url = reverse("checks:link-mail", args=[assessment.uuid])
    response = client.post(url, {"address": address})
    assert response.status_code == 422
    assert mail.outbox == []


def test_mailing_has_a_limit(client, assessment, settings) -> None:
    settings.LIMITS = {**settings.LIMITS, "checks.link.mailed": (1, 600)}
    make.open_as(client, assessment)
    url = reverse("checks:link-mail", args=[assessment.uuid])
    codes = [client.post(url, {"address": "a@b.example"}).status_code for _ in range(2)]
    assert codes == [302, 429]


def test_a_renewed_link_makes_the_old_one_worthless(client, assessment) -> None:
    old = links.tokens_of(assessment)
    make.open_as(client, assessment)
    client.post(reverse("checks:link-renew", args=[assessment.uuid]), {"level": "edit"})
    new = links.tokens_of(assessment)
    assert new[EDIT] != old[EDIT]
    assert new[READ] != old[READ]
    client.post(reverse("checks:link-renew", args=[assessment.uuid]), {"level": "read"})
    assert links.tokens_of(assessment)[EDIT] == new[EDIT]
    assert type(client)().get(reverse("checks:open", args=[old[EDIT]])).status_code == 404
    assert type(client)().get(reverse("checks:open", args=[new[EDIT]])).status_code == 303


@pytest.mark.parametrize("first", [True, False])
def test_whoever_opened_the_old_link_is_out(client, assessment, first: bool) -> None:
    following = assessments.start_next_round(assessment, actor=COMMAND, key="n" * 20)
    other = type(client)()
    make.open_as(other, following)
    make.open_as(client, following)
    old = links.tokens_of(following)[EDIT]
    replaced = assessment if first else following
    client.post(reverse("checks:link-renew", args=[replaced.uuid]), {"level": "edit"})
    assert other.get(reverse("checks:open", args=[old])).status_code == 404
    for found in (following, assessment):
        url = reverse("checks:result", args=[found.uuid])
        assert other.get(url).status_code == 404
        assert client.get(url).status_code == 200
    assert client.get(reverse("checks:links", args=[following.uuid])).status_code == 200


def test_after_a_new_secret_key_old_links_work_and_new_ones_are_shown(
    client, assessment, settings
) -> None:
    old = links.tokens_of(assessment)[EDIT]
    settings.SECRET_KEY = "another-key-for-this-installation-0123456789"
    new = links.tokens_of(assessment)[EDIT]
    assert new != old
    for token in (old, new):
        assert type(client)().get(reverse("checks:open", args=[token])).status_code == 303


def test_forgetting_on_this_device(client, assessment) -> None:
    make.open_as(client, assessment)
    assert "Verein Beispiel" in client.get("/checks/").content.decode()
    client.post(reverse("checks:forget", args=[assessment.uuid]))
    assert "Verein Beispiel" not in client.get("/checks/").content.decode()
    assert client.get(reverse("checks:result", args=[assessment.uuid])).status_code == 404


def test_a_sibling_round_opens_nothing_after_a_replacement(client, assessment) -> None:
    for key in ("a" * 20, "b" * 20):
        assessments.start_next_round(assessment, actor=COMMAND, key=key)
    mine, sibling = Assessment.objects.exclude(pk=assessment.pk).order_by("pk")
    other = type(client)()
    make.open_as(other, sibling)
    token = links.tokens_of(sibling)[EDIT]
    make.open_as(client, mine)
    client.post(reverse("checks:link-renew", args=[mine.uuid]), {"level": "edit"})
    assert other.get(reverse("checks:open", args=[token])).status_code == 404
    assert other.get(reverse("checks:result", args=[assessment.uuid])).status_code == 404


def test_opening_and_reading_cost_the_same_with_many_rounds(
    client, assessment, count_queries
) -> None:
    newest, counts = assessment, set()
    for n in range(1, 7):
        make.open_as(client, newest)
        url = reverse("checks:result", args=[newest.uuid])
        client.get(url)
        with count_queries() as queries:
            client.get(url)
        if n > 1:
            counts.add(queries.count)
        newest = assessments.start_next_round(newest, actor=COMMAND, key=f"{n}" * 20)
    assert len(counts) == 1
    assert counts.pop() <= 12


def test_using_a_round_keeps_the_ones_before_it(client, assessment) -> None:
    following = assessments.start_next_round(assessment, actor=COMMAND, key="n" * 20)
    Assessment.objects.update(opened_on="2024-01-01")
    make.open_as(client, following)
    client.get(reverse("checks:result", args=[following.uuid]))
    assert assessments.delete_expired() == 0


def test_who_works_keeps_the_session(client, assessment) -> None:
    make.open_as(client, assessment)
    Assessment.objects.update(opened_on="2026-01-01")
    response = client.get(reverse("checks:result", args=[assessment.uuid]))
    assert "lotse" in response.cookies
    assert "lotse" not in client.get(reverse("checks:result", args=[assessment.uuid])).cookies


class TestDelete:
    def test_asks_once_then_everything_is_gone(self, client, assessment) -> None:
        make.open_as(client, assessment)
        point = reverse("checks:checkpoint", args=[assessment.uuid, 1])
        client.post(point, make.answer_form(note="geheime Notiz"))
        tokens = links.tokens_of(assessment)
        url = reverse("checks:delete", args=[assessment.uuid])
        assert client.post(url).status_code == 422
        assert client.post(url, {"confirmed": "on"}).status_code == 302
        assert not Assessment.objects.exists()
        assert not Answer.objects.exists()
        assert not AccessLink.objects.exists()
        assert "geheime Notiz" not in all_text_in_database()
        for token in tokens.values():
            assert client.get(reverse("checks:open", args=[token])).status_code == 404
        lines = LogEntry.objects.filter(object_uuid=assessment.uuid)
        assert [(line.code, line.before, line.after) for line in lines] == [
            ("checks.assessment.deleted", None, None)
        ]

    def test_earlier_rounds_go_along_if_wished(self, client, assessment) -> None:
        second = assessments.start_next_round(assessment, actor=COMMAND, key="n" * 20)
        make.open_as(client, second)
        url = reverse("checks:delete", args=[second.uuid])
        assert "Auch die früheren Runden" in client.get(url).content.decode()
        client.post(url, {"confirmed": "on", "earlier": "on"})
        assert not Assessment.objects.exists()

    def test_after_24_months_without_a_look(self, assessment) -> None:
        Assessment.objects.update(opened_on="2024-01-01")
        kept = make.assessment(assessment.revision.check_ref)
        assert assessments.delete_expired() == 1
        assert list(Assessment.objects.all()) == [kept]
