"""The record chain: whole, tamper-evident, erasable, without forks (T40)."""

import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from lotse.foundation.core import clock, records
from lotse.foundation.core.actor import SYSTEM
from lotse.foundation.core.models import ChainHead, ChainPayload, ChainRecord
from lotse.foundation.parties.models import Network
from tests import make

CHAIN = UUID("11111111-1111-4111-8111-111111111111")


@pytest.fixture
def network(db: None) -> Network:
    return make.network()


def add(network: Network, number: int = 1, chain: UUID = CHAIN, **payload: Any) -> ChainRecord:
    """Appends so many records; returns the last."""
    for n in range(number):
        with transaction.atomic():
            record = records.append(
                chain, action="test.done", obj=network, actor=SYSTEM, payload={"n": n, **payload}
            )
    return record


def verifylog(capsys: Any, *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        call_command("verifylog", "--json", *arguments)
    return int(stop.value.code or 0), json.loads(capsys.readouterr().out)


def unguarded(statement: str, *values: Any) -> None:
    """What somebody with rights on the database could do."""
    from lotse.foundation.core import db

    with connection.cursor() as cursor:
        if db.is_postgres():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE core_chainrecord DISABLE TRIGGER USER")
            cursor.execute(statement, values)
            cursor.execute("ALTER TABLE core_chainrecord ENABLE TRIGGER USER")
            return
        with db.records_unguarded(connection):
            cursor.execute(statement, values)


def test_a_chain_is_whole_and_its_records_follow_one_another(network, capsys) -> None:
    add(network, 3, day=clock.today(), who=uuid4())
    add(network, 1, chain=uuid4())
    rows = list(ChainRecord.objects.filter(chain=CHAIN).order_by("seq"))
    assert [row.seq for row in rows] == [1, 2, 3]
    assert [row.prev_hash for row in rows] == ["", rows[0].hash, rows[1].hash]
    assert records.head_of(CHAIN) == f"3:{rows[2].hash}"
    code, found = verifylog(capsys)
    assert code == 0
    assert found["ok"]
    assert sorted(chain["records"] for chain in found["chains"]) == [1, 3]


def test_the_hash_is_what_anybody_can_reckon(network) -> None:
    record = add(network)
    entry = {
        "chain": str(CHAIN), "seq": 1, "at": record.at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"),
        "actor": "system", "action": "test.done", "object_type": "parties.network",
        "object_uuid": str(network.uuid), "payload_hash": record.payload_hash,
    }  # fmt: skip
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"))
    assert record.hash == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("statement", "seq", "reason"),
    [
        ("UPDATE core_chainrecord SET action = 'x' WHERE seq = 2", 2, "geändert"),
        ("UPDATE core_chainrecord SET actor = 'x' WHERE seq = 3", 3, "geändert"),
        ("UPDATE core_chainrecord SET prev_hash = 'x' WHERE seq = 4", 4, "schließt nicht"),
        ("UPDATE core_chainpayload SET payload = '{\"n\": 9}'", 1, "Inhalt"),
        ("UPDATE core_chainhead SET seq = 4", 5, "Der Kopf nennt Eintrag 4"),
        ("UPDATE core_chainhead SET hash = 'x'", 5, "andere Prüfsumme"),
        ("DELETE FROM core_chainhead", 5, "Kopf der Kette fehlt"),
    ],
)
def test_the_first_bad_entry_is_named(network, capsys, statement, seq, reason) -> None:
    add(network, 5)
    unguarded(statement)
    code, found = verifylog(capsys)
    assert code == 1
    fault = found["chains"][0]["fault"]
    assert fault["seq"] == seq
    assert reason in fault["reason"]


def test_a_missing_entry_is_named(network, capsys) -> None:
    add(network, 5)
    ChainPayload.objects.filter(record__seq=3).delete()
    unguarded("DELETE FROM core_chainrecord WHERE seq = 3")
    code, found = verifylog(capsys)
    assert code == 1
    assert found["chains"][0]["fault"] == {"seq": 3, "reason": "Dieser Eintrag fehlt."}


def test_a_lost_tail_is_found_by_a_head_kept_elsewhere(network, capsys) -> None:
    add(network, 5)
    head = records.head_of(CHAIN)
    ChainPayload.objects.filter(record__seq__gt=3).delete()
    unguarded("DELETE FROM core_chainrecord WHERE seq > 3")
    third = ChainRecord.objects.get(seq=3)
    ChainHead.objects.update(seq=3, hash=third.hash)
    assert verifylog(capsys)[0] == 0, "inside, nothing shows it"
    code, found = verifylog(capsys, "--head", head)
    assert code == 1
    assert found["chains"][-1]["fault"]["seq"] == 5
    assert "Ende der Kette fehlt" in found["chains"][-1]["fault"]["reason"]
    assert verifylog(capsys, "--head", f"3:{third.hash}")[0] == 0


def test_a_chain_written_anew_is_found_by_a_head_kept_elsewhere(network, capsys) -> None:
    add(network, 3)
    head = records.head_of(CHAIN)
    ChainPayload.objects.all().delete()
    unguarded("DELETE FROM core_chainrecord")
    ChainHead.objects.all().delete()
    add(network, 4)
    assert verifylog(capsys)[0] == 0
    code, found = verifylog(capsys, "--head", head)
    assert code == 1
    assert "neu geschrieben" in found["chains"][-1]["fault"]["reason"]


@pytest.mark.parametrize("action", ["update", "delete"])
def test_the_database_itself_refuses_to_change_a_record(network, action) -> None:
    record = add(network)
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        if action == "update":
            ChainRecord.objects.update(actor="nobody")
        else:
            ChainRecord.objects.filter(pk=record.pk)._raw_delete("default")
    assert ChainRecord.objects.get().actor == "system"


def test_an_erased_payload_leaves_the_chain_whole(network, capsys) -> None:
    record = add(network, 3, name="Erika Beispiel")
    assert records.erase_payload(record)
    assert not records.erase_payload(record)
    code, found = verifylog(capsys)
    assert (code, found["chains"][0]["erased"]) == (0, 1)


def test_the_payload_cannot_be_guessed_from_the_record(network) -> None:
    first, second = add(network, name="Erika"), add(network, name="Erika")
    assert first.payload_hash != second.payload_hash, "a salt of its own for each"


def test_an_undone_act_leaves_no_record(network) -> None:
    add(network)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        records.append(CHAIN, action="x", obj=network, actor=SYSTEM, payload={})
        raise ZeroDivisionError
    add(network)
    assert list(ChainRecord.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_appended() -> None:
    network = make.network()
    with pytest.raises(RuntimeError, match="transaction"):
        records.append(CHAIN, action="x", obj=network, actor=SYSTEM, payload={})
    add(network)  # and what is there does not hinder the next test's clean-up


def test_floats_are_refused(network) -> None:
    with pytest.raises(ValueError, match="floats"):
        add(network, part=[{"share": 0.5}])


def test_order_is_by_number_not_by_clock(network, monkeypatch) -> None:
    now = clock.now()
    for shift in (0, -7200, 3600):
        monkeypatch.setattr(clock, "now", lambda shift=shift: now + timedelta(seconds=shift))
        add(network)
    assert records.verify_chain(CHAIN).fault is None


def test_wrong_heads_are_wrong_use() -> None:
    from django.core.management import CommandError

    with pytest.raises(CommandError, match="NUMMER:PRÜFSUMME"):
        call_command("verifylog", "--head", "nonsense")
