"""Five hundred records at once do not fork the chain; a hundred thousand are walked fast (T40)."""

import json
import subprocess
import sys
import time
from uuid import UUID, uuid4

import pytest

from lotse.foundation.core import clock, records
from lotse.foundation.core.models import ChainHead, ChainPayload, ChainRecord
from tests.perf.served import ROOT, Site

pytestmark = pytest.mark.slow
CHAIN = UUID("11111111-1111-4111-8111-111111111111")

# Five processes with ten threads of ten acts each; nobody waits longer than 100 seconds.
APPEND = """
import os, sys, threading, django
os.environ["DJANGO_SETTINGS_MODULE"] = "lotse.settings"
django.setup()
from uuid import UUID
from django.db import connection, transaction
from lotse.foundation.core import records
from lotse.foundation.core.actor import SYSTEM
from lotse.foundation.parties.models import Network

network = Network.objects.first()
connection.close()
barrier, faults = threading.Barrier(10), []

def person(number):
    try:
        barrier.wait(30)
        for n in range(10):
            with transaction.atomic():
                records.append(UUID(sys.argv[1]), action="test.race", obj=network, actor=SYSTEM,
                               payload={"who": f"{sys.argv[2]}-{number}", "n": n})
    except Exception as fault:
        faults.append(repr(fault))
    finally:
        connection.close()

threads = [threading.Thread(target=person, args=(n,), daemon=True) for n in range(10)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(100)
sys.exit(str(faults[:2]) if faults or any(t.is_alive() for t in threads) else 0)
"""


def test_five_hundred_parallel_records_make_one_chain(site: Site) -> None:
    chain = str(uuid4())
    running = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND, chain, str(number)], cwd=ROOT, env=site.environment(),
            stderr=subprocess.PIPE, text=True,
        )
        for number in range(5)
    ]  # fmt: skip
    said = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 5, said
    found = json.loads(site.lotse("verifylog", "--json"))
    (mine,) = [one for one in found["chains"] if one["chain"] == chain]
    assert (mine["records"], mine["ok"]) == (500, True)
    where = "action = 'test.race'"
    assert site.count("core_chainrecord", where) == 500
    prevs = site.rows(f"SELECT COUNT(DISTINCT prev_hash) FROM core_chainrecord WHERE {where}")
    assert prevs == [(500,)], "no two records follow the same one"


def fill(number: int, chain: UUID = CHAIN) -> None:
    """So many records, written at once: what 100,000 acts would leave."""
    prev, rows, payloads = "", [], []
    at, thing = clock.now(), uuid4()
    for seq in range(1, number + 1):
        salt, payload = f"{seq:064x}", {"n": seq, "grund": "Übergabe"}
        record = ChainRecord(
            chain=chain, seq=seq, at=at, actor="system", action="test.done",
            object_type="parties.network", object_uuid=thing, prev_hash=prev,
            payload_hash=records._payload_hash(salt, payload),
        )  # fmt: skip
        record.hash = prev = records._hash(prev, records._entry(record))
        rows.append(record)
        payloads.append((salt, payload))
    ChainRecord.objects.bulk_create(rows, batch_size=5000)
    keys = ChainRecord.objects.filter(chain=chain).order_by("seq").values_list("pk", flat=True)
    ChainPayload.objects.bulk_create(
        [
            ChainPayload(record_id=key, salt=salt, payload=payload)
            for key, (salt, payload) in zip(keys, payloads, strict=True)
        ],
        batch_size=5000,
    )
    ChainHead.objects.create(chain=chain, seq=number, hash=prev)


@pytest.mark.measured
@pytest.mark.django_db
def test_a_hundred_thousand_entries_in_five_seconds() -> None:
    fill(100_000)
    began = time.perf_counter()
    (found,) = records.verify()
    seconds = time.perf_counter() - began
    assert (found.records, found.fault) == (100_000, None)
    print(f"100,000 records verified in {seconds:.2f} s")
    assert seconds <= 5
