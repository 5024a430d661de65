"""By what a person is recognised in rows that hold no key of the person: addresses and names."""

from uuid import UUID

from django.apps import apps

from lotse.foundation.accounts.models import Account
from lotse.foundation.parties.models import Person

# Stands in the row of an erased person, so that every list shows it without knowing why.
FORMER = "ehemalige Person"


def shells_of(person: int) -> list[UUID]:
    """The person and those who were merged into it, at any depth. One query a level, and one."""
    found = {person}
    level = {person}
    while level:
        below = Person.objects.filter(merged_into__in=level).values_list("pk", flat=True)
        level = set(below) - found
        found |= level
    return list(Person.objects.filter(pk__in=found).values_list("uuid", flat=True))


def accounts_of(person: int) -> list[Account]:
    """The account of the person and those of people merged into it."""
    return list(Account.objects.filter(person__uuid__in=shells_of(person)).order_by("pk"))


def addresses_of(person: Person) -> list[str]:
    """All addresses of the person, of the accounts too, as they are and in small letters."""
    shells = Person.objects.filter(uuid__in=shells_of(person.pk))
    accounts = accounts_of(person.pk)
    emails = apps.get_model("account", "EmailAddress")._default_manager
    found = set(shells.values_list("email", flat=True))
    found |= {account.email for account in accounts}
    found |= set(emails.filter(user__in=accounts).values_list("email", flat=True))
    found.discard("")
    return sorted(found | {address.lower() for address in found})


def words_of(person: Person) -> list[str]:
    """What names the person in free text: full name, addresses, phone; the longest first.

    A first or a last name alone is no word: it may be somebody else's.
    """
    found = set(addresses_of(person)) | {person.phone}
    if person.first_name and person.last_name:
        found |= {person.name, f"{person.first_name} {person.last_name}"}
    return sorted((word for word in found if len(word) >= 5), key=len, reverse=True)


def by_address(address: str) -> Person | None:
    """The living person an address belongs to: by the account, else by what is on file."""
    people = Person.objects.filter(erased_at=None, merged_into=None).select_related(
        "account", "home"
    )
    return (
        people.filter(account__email__iexact=address).first()
        or people.filter(email__iexact=address).order_by("pk").first()
    )
