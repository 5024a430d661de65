"""Record chains: what must not be changed quietly (T40, trust.md 3).

Each record carries the hash of the one before it. A change inside a chain is found by
`verify_chain`; a chain that was cut off at its end or written anew only against a head kept
elsewhere (`SEQ:HASH`). The payload lies beside the chain with a salt of its own: the record holds
a keyed hash of it, so that a payload can be erased and the chain still verifies.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from lotse.foundation.core import clock, db, hooks
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.models import ChainHead, ChainPayload, ChainRecord, Entity


def canonical(value: Any) -> bytes:
    """One text for one value: sorted keys, no spaces, UTF-8.

    Raises ValueError for floats: the databases write them in different ways. Give such a number
    as text.
    """
    _no_floats(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _no_floats(value: Any) -> None:
    if isinstance(value, float):
        raise ValueError("a record holds no floats; give the number as text")
    inside = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for part in inside:
            _no_floats(part)


def _plain(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as JSON gives it back: dates and uuids as text."""
    return dict(json.loads(json.dumps(payload, cls=DjangoJSONEncoder)))


def _payload_hash(salt: str, payload: Any) -> str:
    return hmac.new(bytes.fromhex(salt), canonical(payload), hashlib.sha256).hexdigest()


def _hash(prev: str, entry: dict[str, Any]) -> str:
    return hashlib.sha256(prev.encode() + canonical(entry)).hexdigest()


def _entry(record: ChainRecord) -> dict[str, Any]:
    return _facts(
        record.chain, record.seq, record.at, record.actor, record.action,
        record.object_type, record.object_uuid, record.payload_hash,
    )  # fmt: skip


def _facts(
    chain: UUID, seq: int, at: datetime, actor: str, action: str,
    object_type: str, object_uuid: UUID, payload_hash: str,
) -> dict[str, Any]:  # fmt: skip
    """What the hash of a record covers."""
    return {
        "chain": str(chain),
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "action": action,
        "object_type": object_type,
        "object_uuid": str(object_uuid),
        "payload_hash": payload_hash,
    }


def append(
    chain: UUID, *, action: str, obj: Entity, actor: Actor, payload: dict[str, Any]
) -> ChainRecord:
    """Adds one record to a chain. Call inside the transaction of the act. Four queries.

    The row of the head is locked until the transaction ends, so that records follow one another;
    append late in the act. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a record is appended in the transaction of its act")
    payload = _plain(payload)
    salt = secrets.token_hex(32)
    head = _locked_head(chain)
    record = ChainRecord(
        chain=chain,
        seq=head.seq + 1,
        at=clock.now(),
        actor=actor.ref,
        action=action,
        object_type=obj._meta.label_lower,
        object_uuid=obj.uuid,
        payload_hash=_payload_hash(salt, payload),
        prev_hash=head.hash,
    )
    record.hash = _hash(head.hash, _entry(record))
    record.save(force_insert=True)
    ChainPayload.objects.create(record=record, salt=salt, payload=payload)
    ChainHead.objects.filter(pk=head.pk).update(seq=record.seq, hash=record.hash)
    return record


def _locked_head(chain: UUID) -> ChainHead:
    """The head, locked: on PostgreSQL by row, on SQLite by the transaction (IMMEDIATE)."""
    heads = ChainHead.objects.select_for_update(no_key=True).filter(chain=chain)
    head = heads.first()
    if head is None:
        # Two firsts at once: the second waits for the first and finds its row.
        ChainHead.objects.bulk_create([ChainHead(chain=chain)], ignore_conflicts=True)
        head = heads.get()
    return head


@transaction.atomic
def erase_payload(record: ChainRecord) -> bool:
    """Removes what a record is about, salt included; the chain still verifies (T58)."""
    return ChainPayload.objects.filter(record=record).delete()[0] > 0


def head_of(chain: UUID) -> str:
    """The head as `SEQ:HASH`, to be kept outside this machine; empty for a chain that is not
    begun. One query."""
    found = ChainHead.objects.filter(chain=chain).values_list("seq", "hash").first()
    return f"{found[0]}:{found[1]}" if found and found[0] else ""


Head = tuple[int, str]


@dataclass(frozen=True)
class Fault:
    """The first bad entry of a chain, and what is wrong with it."""

    chain: UUID
    seq: int
    reason: str


@dataclass(frozen=True)
class Verified:
    """What came of walking one chain."""

    chain: UUID
    records: int
    erased: int
    head: str
    fault: Fault | None = None


def verify(heads: Iterable[Head] = ()) -> list[Verified]:
    """Walks all chains. `heads` are heads kept elsewhere: each must lie in one of the chains, else
    a chain was cut off or written anew."""
    chains = set(ChainHead.objects.values_list("chain", flat=True))
    chains |= set(ChainRecord.objects.order_by().values_list("chain", flat=True).distinct())
    missing = set(heads)
    walked = [verify_chain(chain, missing) for chain in sorted(chains)]
    return [*walked, *(_lost(walked, seq) for seq, _hash in sorted(missing))]


def _lost(walked: list[Verified], seq: int) -> Verified:
    """The answer for a head kept elsewhere that no chain holds."""
    long = [one for one in walked if one.records >= seq]
    what = "die Kette wurde neu geschrieben." if long else "das Ende der Kette fehlt."
    chain = (long or walked or [Verified(UUID(int=0), 0, 0, "")])[0].chain
    reason = f"Zum auswärts verwahrten Kopf {seq} gibt es keinen Eintrag: {what}"
    return Verified(chain, 0, 0, "", Fault(chain, seq, reason))


def verify_chain(chain: UUID, missing: set[Head] | None = None) -> Verified:
    """Walks one chain by its numbers, never by the clock; stops at the first bad entry.

    Takes the heads it meets out of `missing`. Streams. Records that are added meanwhile are walked
    too.
    """
    missing = set() if missing is None else missing
    prev, seq, erased = "", 0, 0
    while True:
        begun = seq
        for row in db.chain_rows(chain, after=seq):
            fault = _fault(chain, seq, prev, row)
            if fault is not None:
                return Verified(chain, seq, erased, f"{seq}:{prev}", fault)
            seq, prev = row.seq, row.hash
            erased += row.salt is None
            missing.discard((seq, prev))
        head = ChainHead.objects.filter(chain=chain).values_list("seq", "hash").first()
        if head == (seq, prev) or head is None or head[0] <= seq or seq == begun:
            return Verified(
                chain, seq, erased, f"{seq}:{prev}", _head_fault(chain, head, seq, prev)
            )


def _head_fault(chain: UUID, head: Head | None, seq: int, prev: str) -> Fault | None:
    if head is None:
        return Fault(chain, seq, "Der Kopf der Kette fehlt.")
    if head == (seq, prev):
        return None
    reason = f"Der Kopf nennt Eintrag {head[0]}, die Kette endet bei {seq}."
    if head[0] == seq:
        reason = "Der Kopf nennt eine andere Prüfsumme als der letzte Eintrag."
    return Fault(chain, min(head[0], seq) + (head[0] != seq), reason)


def _fault(chain: UUID, seq: int, prev: str, row: db.ChainRow) -> Fault | None:
    """What is wrong with one row, given the one before it."""
    if row.seq != seq + 1:
        return Fault(chain, seq + 1, "Dieser Eintrag fehlt.")
    if row.prev_hash != prev:
        return Fault(chain, row.seq, "Der Eintrag schließt nicht an den vorigen an.")
    facts = _facts(
        chain, row.seq, row.at, row.actor, row.action, row.object_type, row.object_uuid,
        row.payload_hash,
    )  # fmt: skip
    if _hash(prev, facts) != row.hash:
        return Fault(chain, row.seq, "Der Eintrag wurde geändert.")
    if row.salt is not None and _payload_hash(row.salt, row.payload) != row.payload_hash:
        return Fault(chain, row.seq, "Der Inhalt des Eintrags wurde geändert.")
    if row.salt is not None:
        for one in hooks.record_checks:
            if one.action == row.action and (wrong := one.check(row.object_uuid, row.payload)):
                return Fault(chain, row.seq, wrong)
    return None
