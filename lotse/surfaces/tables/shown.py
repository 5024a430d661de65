"""Which tables the operator may look at, and which of their columns are no secret.

Named one by one: a new table shows nothing until somebody puts it here. What people answer in
checks, their measures and files are not the operator's to read; sessions, keys for programs, known
devices and second factors are nobody's.
"""

import re
from dataclasses import dataclass

from django.db import models

from lotse.foundation.accounts.models import Account
from lotse.foundation.core.models import (
    ChainHead,
    ChainRecord,
    DeadAddress,
    JobRun,
    LogEntry,
    MailChoice,
    OutboxMail,
)
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Consent,
    Erasure,
    Invitation,
    Network,
    NetworkPage,
    Organisation,
    Person,
    Report,
    RoleGrant,
    SupportSession,
)
from lotse.foundation.topics.models import Region, Topic
from lotse.rooms.checks.models import Check, CheckRevision

MOST_COLUMNS = 7
_SECRET = re.compile(r"password|passwort|token|secret|digest|salt|key_hash|seed")
_EVERYWHERE = ("uuid", "version", "created_at", "updated_at")  # in each row, so not in lists
_LONG = (models.TextField, models.JSONField)


@dataclass(frozen=True)
class Shown:
    """How a table shows: columns by which it is searched, and columns that stay hidden."""

    search: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


SHOWN: dict[type[models.Model], Shown] = {
    Account: Shown(("email__istartswith",)),
    # A code or a secret link stands in the text until it is sent.
    OutboxMail: Shown(("address__istartswith", "code__startswith"),
                      ("text", "html", "files", "subject", "once")),
    # What changed may be an answer in a check; the desk's log decides what of it is read.
    LogEntry: Shown(("code__startswith", "actor__startswith"), ("before", "after")),
    MailChoice: Shown(("address__istartswith",)),
    DeadAddress: Shown(("address__istartswith",)),
    JobRun: Shown(("name__startswith",)),
    ChainHead: Shown(),
    ChainRecord: Shown(("action__startswith",)),
    Network: Shown(("name__istartswith",)),
    NetworkPage: Shown(),
    Organisation: Shown(("name__istartswith",)),
    Person: Shown(("last_name__istartswith", "email__istartswith")),
    Affiliation: Shown(),
    RoleGrant: Shown(),
    Absence: Shown(),
    Invitation: Shown(("email__istartswith",), ("message",)),
    Consent: Shown(),
    Erasure: Shown(),
    SupportSession: Shown(),
    Report: Shown(),
    Topic: Shown(("code__startswith",)),
    Region: Shown(("key__startswith", "name__istartswith")),
    Check: Shown(("code__startswith",)),
    CheckRevision: Shown(),
}  # fmt: skip


def fields_of(model: type[models.Model]) -> list[str]:
    """The columns of a table that show: no secret, no file."""
    hidden = SHOWN[model].hidden
    return [
        field.name
        for field in model._meta.concrete_fields
        if field.name not in hidden
        and not _SECRET.search(field.name)
        and not isinstance(field, models.BinaryField)
    ]


def columns_of(model: type[models.Model]) -> list[str]:
    """The columns of its list: the first short ones. Of a row of another table only its key, which
    costs no query."""
    wanted = set(fields_of(model)) - set(_EVERYWHERE)
    fields = [field for field in model._meta.concrete_fields if field.name in wanted]
    return [field.attname for field in fields if not isinstance(field, _LONG)][:MOST_COLUMNS]
