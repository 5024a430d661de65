"""Messages that are passed on: they arrive, the address stays hidden, nothing is kept."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Affiliation, Person
from lotse.rooms.directory.models import Entry
from tests import make, people

pytestmark = pytest.mark.django_db
WEB = ("web",)


def url(entry: Entry) -> str:
    return reverse("directory:message", args=[entry.uuid])


def form(**fields: str) -> dict[str, str]:
    return {"_key": once.new_key(), "name": "Robin Beispiel", "email": "robin@betrieb.example",
            "subject": "Ein Vortrag", "message": "Kommen Sie im Mai?", **fields}  # fmt: skip


def mails() -> list[OutboxMail]:
    return list(OutboxMail.objects.filter(code="directory.message").order_by("pk"))


@pytest.fixture
def entry(cast: people.Cast) -> Entry:
    return make.entry(cast["editor_a"], channels=WEB)


class TestPerson:
    def test_the_message_arrives_and_the_answer_goes_to_the_writer(
        self, client: Client, cast: people.Cast, entry: Entry
    ) -> None:
        html = make.body(client.get(url(entry))).decode()
        assert cast["editor_a"].email not in html
        response = client.post(url(entry), form(), follow=True)
        assert "unterwegs" in make.body(response).decode()
        assert cast["editor_a"].email not in make.body(response).decode()
        (mail,) = mails()
        assert mail.address == cast["editor_a"].email
        assert mail.reply_to == "robin@betrieb.example"
        assert mail.mail_class == "duty"
        assert "Kommen Sie im Mai?" in mail.text
        assert "eigene Angaben, ohne Anmeldung" in mail.text

    def test_the_log_knows_neither_words_nor_writer(self, client: Client, entry: Entry) -> None:
        client.post(url(entry), form())
        line = LogEntry.objects.get(code="directory.message.sent")
        assert line.after == {"to": 1}
        assert line.subject_uuid == entry.person.uuid
        kept = str(LogEntry.objects.filter(object_uuid=entry.uuid).values_list())
        assert "robin" not in kept
        assert "Mai" not in kept

    def test_sent_twice_arrives_once(self, client: Client, entry: Entry) -> None:
        data = form()
        for _n in range(2):
            assert client.post(url(entry), data).status_code == 302
        assert len(mails()) == 1

    def test_a_signed_in_writer_is_known(self, cast: people.Cast, entry: Entry) -> None:
        client = cast.client("editor_b")
        html = make.body(client.get(url(entry))).decode()
        assert 'value="Enno Brandt"' in html
        client.post(url(entry), form())
        assert "ohne Anmeldung" not in mails()[0].text

    @pytest.mark.parametrize("change", [
        {"email": ""}, {"email": "keine"}, {"message": ""}, {"subject": ""}, {"name": ""},
        {"message": "x" * 4001}, {"email": "a@b.example\nBcc: c@d.example"},
    ])  # fmt: skip
    def test_what_is_wrong_is_said_and_what_was_typed_stays(
        self, client: Client, entry: Entry, change: dict[str, str]
    ) -> None:
        response = client.post(url(entry), form(**change))
        assert response.status_code == 422
        html = make.body(response).decode()
        assert "Bitte prüfen Sie Ihre Angaben" in html
        if "message" not in change:
            assert "Kommen Sie im Mai?" in html
        assert mails() == []

    def test_no_header_can_be_made_up(self, client: Client, entry: Entry) -> None:
        client.post(url(entry), form(subject="Eins\r\nBcc: fremd@boese.example"))
        assert "\n" not in mails()[0].subject
        assert "\r" not in mails()[0].subject

    def test_words_of_the_writer_are_no_markup(self, client: Client, entry: Entry) -> None:
        client.post(url(entry), form(message="<script>x</script>", name="<b>Robin</b>"))
        assert "<script>" not in mails()[0].html
        assert "<b>Robin" not in mails()[0].html

    @pytest.mark.parametrize("hidden", ["address", "restricted", "erased", "consent"])
    def test_not_offered_where_it_cannot_arrive(
        self, client: Client, cast: people.Cast, entry: Entry, hidden: str
    ) -> None:
        from lotse.foundation.core import clock
        from lotse.foundation.parties.models import Consent

        rows = Person.objects.filter(pk=cast["editor_a"].pk)
        if hidden == "address":
            rows.update(email="")
            html = make.body(client.get(reverse("directory:entry", args=[entry.uuid]))).decode()
            assert "Nachricht schreiben" not in html
        elif hidden == "restricted":
            rows.update(restricted_at=clock.now())
        elif hidden == "erased":
            rows.update(erased_at=clock.now())
        else:
            Consent.objects.filter(person=cast["editor_a"]).update(withdrawn_at=clock.now())
        assert client.get(url(entry)).status_code == 404
        assert client.post(url(entry), form()).status_code == 404
        assert mails() == []

    def test_members_entries_are_not_reached_from_outside(
        self, client: Client, cast: people.Cast
    ) -> None:
        entry = make.entry(cast["editor_a"], channels=("members",))
        assert client.post(url(entry), form()).status_code == 404
        assert cast.client("editor_b").post(url(entry), form()).status_code == 302

    def test_too_many_are_stopped(self, client: Client, entry: Entry) -> None:
        statuses = [client.post(url(entry), form()).status_code for _n in range(12)]
        assert statuses.count(302) == 10
        assert statuses[-1] == 429

    def test_who_wants_none_is_not_written_to(self, client: Client, entry: Entry) -> None:
        from lotse.foundation.core import mail

        address = entry.person.email
        mail.choose(mail.Wish(address, entry.network.uuid, "directory.message"), choice="off")
        response = client.post(url(entry), form())
        assert response.status_code == 422
        assert "zurzeit keine Nachrichten" in make.body(response).decode()
        assert mails() == []


class TestOrganisation:
    def test_goes_to_the_contact_people(self, client: Client, cast: people.Cast) -> None:
        entry = make.entry(cast.org_a, channels=WEB)
        Affiliation.objects.filter(person=cast["editor_a"]).update(is_contact=True)
        client.post(url(entry), form())
        assert [mail.address for mail in mails()] == [cast["editor_a"].email]

    def test_else_to_the_address_it_published(self, client: Client, cast: people.Cast) -> None:
        entry = make.entry(cast.org_a, channels=WEB)
        client.post(url(entry), form())
        assert [mail.address for mail in mails()] == ["post@haus.example"]

    def test_else_nowhere(self, client: Client, cast: people.Cast) -> None:
        entry = make.entry(cast.org_a, channels=WEB, email="")
        assert client.get(url(entry)).status_code == 404

    def test_costs_few_queries(self, client: Client, cast: people.Cast, count_queries: Any) -> None:
        entry = make.entry(cast.org_a, channels=WEB)
        client.get(url(entry))
        with count_queries() as queries:
            client.get(url(entry))
        assert queries.count <= 12, queries.counted


def test_the_desk_sees_how_such_a_mail_looks(cast: people.Cast) -> None:
    from lotse.foundation.core import mail
    from lotse.rooms.directory import mails_message

    with mail.drafting() as drafts:
        mails_message.sample(cast.network, "de")
    assert "Kim Muster" in drafts.mails[0].text
