"""The part of `core`: mails, the action log, record chains, search, waste basket."""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core import records
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import PersonalData
from lotse.foundation.core.models import (
    ChainRecord,
    DeadAddress,
    LogEntry,
    MailChoice,
    OutboxMail,
    SearchDoc,
    TrashItem,
)
from lotse.foundation.parties.models import Person, RoleGrant
from lotse.foundation.parties.privacy.identity import (
    accounts_of,
    addresses_of,
    shells_of,
    words_of,
)
from lotse.foundation.parties.privacy.parties_data import who
from lotse.foundation.parties.privacy.rows import planned, row, rows, without_words


def _own(person: int) -> Person:
    return Person.objects.select_related("account").get(pk=person)


def _refs(own: Person) -> list[str]:
    """How the log names the person; none without an account."""
    return [f"account:{account.uuid}" for account in accounts_of(own.pk)]


def _mails(own: Person) -> QuerySet[OutboxMail]:
    return OutboxMail.objects.filter(
        Q(person_uuid__in=shells_of(own.pk)) | Q(address__in=addresses_of(own))
    )


def _about(own: Person) -> QuerySet[LogEntry]:
    """Lines about the person: seats, roles, consents, the account, the person itself."""
    about = [*shells_of(own.pk), *(account.uuid for account in accounts_of(own.pk))]
    return LogEntry.objects.filter(Q(subject_uuid__in=about) | Q(object_uuid__in=about))


def _chained(own: Person) -> QuerySet[ChainRecord]:
    """Records of the person's roles, and others whose content names the person by key."""
    keys = [str(uuid) for uuid in shells_of(own.pk)]
    objects = [*shells_of(own.pk),
               *RoleGrant.objects.filter(person=own).values_list("uuid", flat=True)]  # fmt: skip
    return ChainRecord.objects.filter(
        Q(object_uuid__in=objects) | Q(payload__payload__person__in=keys)
    ).filter(payload__isnull=False)


def _trash(own: Person) -> QuerySet[TrashItem]:
    """What the person deleted, or what belongs to the person."""
    return TrashItem.objects.filter(
        Q(owner_uuid__in=shells_of(own.pk)) | Q(deleted_by__in=_refs(own))
    )


def export(person: int) -> dict[str, Any]:
    """Mails to the person, their choices, and the lines of the log about and by them."""
    own = _own(person)
    addresses, mine = addresses_of(own), _refs(own)
    acts = LogEntry.objects.filter(actor__in=mine).order_by("at")
    return {
        "mails": rows(_mails(own), without=("claimed_by", "once")),
        "mail_choices": rows(MailChoice.objects.filter(address__in=addresses)),
        "dead_addresses": rows(DeadAddress.objects.filter(address__in=addresses)),
        "log_about_you": [
            row(line, without=("actor",)) | {"actor": who(line.actor, mine)}
            for line in _about(own).order_by("at")
        ],
        # What was changed belongs to the objects; here is that the person did it, and when.
        "log_by_you": rows(acts, without=("actor", "before", "after")),
        "records": [
            row(one, without=("actor", "payload_hash", "prev_hash"))
            | {"actor": who(one.actor, mine), "content": one.payload.payload}
            for one in _chained(own).select_related("payload")
        ],
        "waste_basket": rows(_trash(own), without=("deleted_by", "content")),
        "search": [
            row(doc, without=("spot", "sort_key")) | {"summary": doc.text.summary}
            for doc in SearchDoc.objects.filter(ref__in=shells_of(person)).select_related("text")
        ],
    }  # fmt: skip


def preview(person: int) -> list[dict[str, Any]]:
    own = _own(person)
    addresses = addresses_of(own)
    choices = MailChoice.objects.filter(address__in=addresses).count()
    choices += DeadAddress.objects.filter(address__in=addresses).count()
    trash = TrashItem.objects.filter(owner_uuid__in=shells_of(person)).count()
    lines = LogEntry.objects.filter(Q(pk__in=_about(own).values("pk")) | Q(actor__in=_refs(own)))
    years = settings.LOG_RETENTION_YEARS
    return [
        *planned(_("Mails an diese Person, auch wartende"), _mails(own).count(), "delete",
                 kind="A"),
        *planned(_("Einstellungen zu Mails"), choices, "delete", kind="A"),
        *planned(_("Papierkorb"), trash, "delete", kind="A"),
        *planned(_("Einträge der Suche"),
                 SearchDoc.objects.filter(ref__in=shells_of(person)).count(), "delete", kind="A"),
        *planned(_("Inhalte in der Kette der Nachweise"), _chained(own).count(), "delete",
                 kind="C", reason=_("Die Kette bleibt prüfbar: Sie enthält nur Prüfsummen.")),
        *planned(_("Zeilen im Protokoll"), lines.count(), "pseudonymise", kind="E",
                 reason=_("Es bleibt eine Kennung, die zu niemandem mehr führt, ohne Inhalt."),
                 until=_("%(years)s Jahre nach dem Eintrag") % {"years": years}),
        *planned(_("Sicherungskopien"), 1, "keep", kind="E",
                 reason=_("Kopien lassen sich nicht einzeln ändern. Wird eine eingespielt, wird "
                          "die Löschung sofort wiederholt."), until=_("30 Tage")),
        *planned(_("Verschickte Mails und ausgegebene Papiere"), 1, "keep", kind="E",
                 reason=_("Was andere schon erhalten haben, lässt sich nicht zurückholen.")),
    ]  # fmt: skip


def erase(person: int, actor: Actor) -> dict[str, Any]:
    """Mails go; the log keeps bare keys; payloads of records go and their chains still verify."""
    own = _own(person)
    addresses, shells = addresses_of(own), shells_of(person)
    done = {
        "mails": _mails(own).delete()[0],
        "mail_choices": MailChoice.objects.filter(address__in=addresses).delete()[0],
        "dead_addresses": DeadAddress.objects.filter(address__in=addresses).delete()[0],
        "records": sum(records.erase_payload(record) for record in _chained(own)),
        "log": _about(own).update(before=None, after=None),
        "waste_basket": TrashItem.objects.filter(owner_uuid__in=shells).delete()[0],
        "search": SearchDoc.objects.filter(ref__in=shells).delete()[1].get("core.SearchDoc", 0),
    }
    done["named"] = _blacken(words_of(own))
    return done


def _blacken(words: Iterable[str]) -> int:
    """Takes the person's full name and addresses out of lines and waste about other things.

    Reads the whole log once: an erasure is rare, a forgotten name is not made good.
    """
    words = list(words)
    if not words:
        return 0
    for item in TrashItem.objects.filter(_anywhere(words, "content", "title")):
        TrashItem.objects.filter(pk=item.pk).update(
            title=without_words(item.title, words), content=without_words(item.content, words)
        )
    count = 0
    for line in LogEntry.objects.filter(_anywhere(words, "before", "after")).iterator(
        chunk_size=500
    ):
        LogEntry.objects.filter(pk=line.pk).update(
            before=without_words(line.before, words), after=without_words(line.after, words)
        )
        count += 1
    return count


def _anywhere(words: Iterable[str], *fields: str) -> Q:
    """Rows that hold one of the words, as the two databases write JSON: in letters or escaped."""
    named = Q()
    for word in words:
        for written in {word, json.dumps(word)[1:-1]}:
            for field in fields:
                named |= Q(**{f"{field}__icontains": written})
    return named


DATA = PersonalData(
    name="core",
    title=gettext_lazy("Mails, Protokoll, Nachweise, Suche"),
    purpose=gettext_lazy(
        "Nachrichten zustellen; nachprüfen, wer was geändert hat; Gelöschtes zurückholen; finden."
    ),
    legal_basis=gettext_lazy("Art. 6 Abs. 1 Buchst. b, c und f, Art. 5 Abs. 2, Art. 32 DSGVO"),
    retention=gettext_lazy(
        "Mails nach ihrer Frist, ihr Text höchstens 30 Tage; Protokoll drei Jahre mit Bezug, "
        "Sicherheitsprotokoll 90 Tage; Papierkorb 30 Tage."
    ),
    models=(
        "core.outboxmail", "core.mailchoice", "core.deadaddress", "core.logentry",
        "core.chainrecord", "core.chainpayload", "core.searchdoc", "core.searchtext",
        "core.trashitem",
    ),
    export=export,
    preview=preview,
    erase=erase,
    subjects=gettext_lazy("Menschen mit Konto; wer Mails erhält"),
    recipients=gettext_lazy(
        "Mailserver des Betriebs; Geschäftsstelle und Revision lesen das Protokoll ohne Namen"
    ),
)  # fmt: skip
