"""The entry of a person: made at the first sign-in, changed on the own page."""

from typing import Any

import pytest
from django.db import IntegrityError

from lotse.foundation.accounts.models import Account
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.services import people
from tests import people as cast_of
from tests.foundation.people.conftest import fresh

pytestmark = pytest.mark.django_db


class TestPeople:
    def test_a_person_of_an_account_is_made_once(self, cast) -> None:
        from lotse.foundation.accounts.models import Account

        account = Account.objects.create_user("neu@beispiel.test")
        assert people.person_of(account) == people.person_of(account)
        assert people.person_of(account).last_name == "neu"

    def test_a_known_person_without_account_is_taken_over(self, cast) -> None:
        from lotse.foundation.accounts.models import Account

        known = cast_of.person("Karla Karte", email="Karla@Beispiel.test", account=False)
        account = Account.objects.create_user("karla@beispiel.test")
        assert people.person_of(account) == known

    def test_names_are_cleaned_and_an_empty_one_is_refused(self, cast) -> None:
        person = cast["member"]
        people.change_person(
            person, actor=cast.actor("member"), expected=1, last_name=" Zu\u202eB "
        )
        assert Person.objects.get(pk=person.pk).last_name == "ZuB"
        with pytest.raises(Refused):
            people.change_person(person, actor=COMMAND, expected=2, last_name="  ")

    def test_the_log_holds_no_name(self, cast) -> None:
        people.change_person(cast["member"], actor=COMMAND, expected=1, last_name="Geheimname")
        assert "Geheimname" not in str(list(LogEntry.objects.values()))


class TestOwnPage:
    URL = "/konto/angaben/"

    def form(self, person: Person, **fields: str) -> dict[str, str]:
        return {"last_name": "Neu", "first_name": "Ada", "lang": "en",
                "version": str(person.version), **fields}  # fmt: skip

    def test_a_person_changes_the_own_name(self, cast) -> None:
        client, person = cast.client("registered"), cast["registered"]
        assert client.post(self.URL, self.form(person)).status_code == 302
        person.refresh_from_db()
        assert (person.name, person.lang) == ("Ada Neu", "en")

    def test_an_old_page_loses_nothing(self, cast) -> None:
        """T37."""
        client, person = cast.client("registered"), cast["registered"]
        client.post(self.URL, self.form(person))
        answer = client.post(self.URL, self.form(person, last_name="Andere"))
        assert answer.status_code == 409
        html = answer.content.decode()
        assert "Ada Neu" in html
        assert "Andere" in html

    def test_bad_input_keeps_what_was_typed(self, cast) -> None:
        answer = cast.client("registered").post(
            self.URL, {"last_name": " ", "first_name": "Bleibt", "lang": "xx"}
        )
        assert answer.status_code == 422
        assert "Bleibt" in answer.content.decode()

    def test_guests_sign_in_first(self, cast) -> None:
        answer = cast.client("anonymous").get(self.URL)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/konto/anmelden/")


class TestFirstSignIn:
    def husk(self, **fields: Any) -> tuple[Person, Person]:
        """An older entry that was merged into a newer one; both without account."""
        made = [Person.objects.create(last_name="Doe", email="doe@beispiel.test") for _ in "ab"]
        Person.objects.filter(pk=made[0].pk).update(merged_into=made[1])
        Person.objects.filter(pk=made[1].pk).update(**{"last_name": "Doe", **fields})
        return fresh(made[0]), fresh(made[1])

    def test_the_kept_entry_is_taken_over(self) -> None:
        _husk, kept = self.husk()
        assert people.person_of(Account.objects.create_user("doe@beispiel.test")) == kept

    def test_also_if_only_the_merged_one_has_the_address(self) -> None:
        _husk, kept = self.husk(email="anders@beispiel.test")
        assert people.person_of(Account.objects.create_user("doe@beispiel.test")) == kept

    def test_a_kept_entry_with_account_stays_whose_it_is(self) -> None:
        other = Account.objects.create_user("anders@beispiel.test")
        husk, kept = self.husk(account=other)
        found = people.person_of(Account.objects.create_user("doe@beispiel.test"))
        assert found not in (husk, kept)
        assert found.merged_into is None

    @pytest.mark.parametrize("known", [False, True])
    def test_two_at_once_give_one_person(
        self, monkeypatch: pytest.MonkeyPatch, known: bool
    ) -> None:
        account = Account.objects.create_user("doe@beispiel.test")
        if known:
            Person.objects.create(last_name="Doe", email="doe@beispiel.test")
        look = people._person_with
        looks: list[Any] = []

        def late(wanted: Any) -> Person | None:
            """The other request comes between the first look and the write."""
            looks.append(wanted)
            if len(looks) > 1:
                return look(wanted)
            Person.objects.create(account=account, last_name="Schneller")
            return None

        monkeypatch.setattr(people, "_person_with", late)
        assert people.person_of(account).last_name == "Schneller"
        assert Person.objects.filter(account=account).count() == 1

    def test_another_fault_is_not_hidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        account = Account.objects.create_user("doe@beispiel.test")

        def fails(*_args: Any) -> None:
            raise IntegrityError

        monkeypatch.setattr(people, "_taken_over_or_new", fails)
        with pytest.raises(IntegrityError):
            people.person_of(account)
