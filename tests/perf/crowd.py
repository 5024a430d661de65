"""Makes accounts for load tests: `python -m tests.perf.crowd NUMBER` in a site's environment.

Prints one e-mail address per line; all have the password below. Each has a seat in a demo
organisation, a begun assessment and two measures.
"""

import os
import sys
from datetime import timedelta

PASSWORD = "Lasttest-Kennwort-2026"


def make(number: int) -> list[str]:
    """Accounts, people, seats, assessments, measures, in few statements."""
    from allauth.account.models import EmailAddress

    from lotse.foundation.accounts.models import Account
    from lotse.foundation.core import clock
    from lotse.foundation.measures.models import Measure
    from lotse.foundation.parties.models import Affiliation, Network, Organisation, Person
    from lotse.rooms.checks.models import Assessment, Check

    network = Network.objects.get(is_default=True)
    organisations = list(Organisation.objects.all())
    pattern = Account()
    pattern.set_password(PASSWORD)
    addresses = [f"last-{n}@lasttest.example" for n in range(number)]
    accounts = Account.objects.bulk_create(
        Account(email=address, password=pattern.password) for address in addresses
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=account, email=account.email, verified=True, primary=True)
        for account in accounts
    )
    people = Person.objects.bulk_create(
        Person(account=account, last_name=f"Last {n}", email=account.email, home=network)
        for n, account in enumerate(accounts)
    )
    Affiliation.objects.bulk_create(
        Affiliation(person=p, organisation=organisations[n % len(organisations)], may_edit=True)
        for n, p in enumerate(people)
    )
    revision = Check.objects.exclude(current=None).order_by("code")[0].current
    begun = Assessment.objects.bulk_create(
        Assessment(network=network, revision=revision, owner=person) for person in people
    )
    Measure.objects.bulk_create(
        Measure(
            origin_type="checks.assessment", origin_uuid=each.uuid, title=f"Schritt {n}",
            person=each.owner, network=network, due_on=clock.today() + timedelta(days=7 * n),
        )
        for each in begun for n in (1, 2)
    )  # fmt: skip
    return addresses


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotse.settings")
    import django

    django.setup()
    print("\n".join(make(int(sys.argv[1]))))
