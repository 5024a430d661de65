"""What is kept of minutes: revisions with checksums, the record chain, papers (T39, T40)."""

import hashlib
import io
import json
from typing import Any

import pikepdf
import pytest
from django.core.management import call_command

from lotse.foundation.core.models import ChainPayload, ChainRecord
from lotse.rooms.bodies.models import Outcome
from tests.people import Cast
from tests.rooms.bodies.minutes_made import adopted, circulated, held
from tests.rooms.bodies.test_minutes import NAMES, form_of, page


class TestChain:
    def test_tampering_is_found(self, cast: Cast, capsys: Any) -> None:
        minutes = adopted(cast)
        assert _verify(capsys)[0] == 0
        Outcome.objects.filter(item__meeting=minutes.meeting).update(text="Er wird abgelehnt.")
        code, found = _verify(capsys)
        assert code == 1
        fault = next(one["fault"] for one in found["chains"] if not one["ok"])
        record = ChainRecord.objects.get(action="bodies.decision.adopted")
        assert (fault["seq"], "Beschluss" in fault["reason"]) == (record.seq, True)

    def test_a_changed_payload_is_found(self, cast: Cast, capsys: Any) -> None:
        adopted(cast)
        row = ChainPayload.objects.get(record__action="bodies.decision.adopted")
        ChainPayload.objects.filter(pk=row.pk).update(payload=row.payload | {"yes": 99})
        code, found = _verify(capsys)
        assert code == 1
        assert "Inhalt" in json.dumps(found, ensure_ascii=False)

    def test_payloads_name_nobody(self, cast: Cast) -> None:
        adopted(cast)
        found = json.dumps([row.payload for row in ChainPayload.objects.filter(
            record__action__startswith="bodies.")])  # fmt: skip
        assert "text_sha256" in found
        assert not [name for name in (*NAMES, "aufgenommen") if name in found]


def _verify(capsys: Any) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        call_command("verifylog", "--json")
    return int(stop.value.code or 0), json.loads(capsys.readouterr().out)


class TestRevisions:
    def test_each_state_has_one_with_its_checksum(self, cast: Cast) -> None:
        minutes = adopted(cast)
        rows = list(minutes.revisions.order_by("number"))
        assert [row.state for row in rows] == ["circulated", "adopted"]
        for row in rows:
            assert hashlib.sha256(row.content.encode()).hexdigest() == row.sha256
        shown = cast.client("voter").get(page(minutes.meeting, "minutes-revisions"))
        assert all(row.sha256 in shown.content.decode() for row in rows)

    def test_two_are_compared_word_by_word(self, cast: Cast) -> None:
        minutes = circulated(cast)
        outcome = Outcome.objects.get(item__meeting=minutes.meeting)
        url = page(minutes.meeting, "minutes-correct")
        client = cast.client("minute_taker")
        answer = form_of(client, url, **{
            f"text-{outcome.uuid}": "Der Betrieb wird nicht aufgenommen.", f"yes-{outcome.uuid}":
            "1", f"no-{outcome.uuid}": "0", f"abstain-{outcome.uuid}": "0",
            f"result-{outcome.uuid}": "adopted", "reason": "Wortlaut",
        })  # fmt: skip
        assert answer.status_code == 302
        shown = client.get(page(minutes.meeting, "minutes-diff") + "?alt=1&neu=2").content.decode()
        assert "nicht</" in shown or "nicht<span" in shown
        assert "Besuche helfen" not in shown
        assert client.get(page(minutes.meeting, "minutes-diff") + "?alt=1&neu=9").status_code == 404
        outcome.refresh_from_db()
        assert outcome.text == "Der Betrieb wird nicht aufgenommen."

    def test_papers_come_from_the_revision(self, cast: Cast) -> None:
        minutes = adopted(cast)
        client = cast.client("voter")
        pdf = client.get(page(minutes.meeting, "minutes-pdf"))
        assert pdf["Content-Type"] == "application/pdf"
        assert pdf.content == client.get(page(minutes.meeting, "minutes-pdf")).content
        assert pikepdf.open(io.BytesIO(pdf.content)).Root.MarkInfo.Marked
        docx = client.get(page(minutes.meeting, "minutes-docx"))
        assert docx.content[:2] == b"PK"
        old = client.get(page(minutes.meeting, "minutes-pdf") + "?fassung=1")
        assert old.status_code == 200
        assert old.content != pdf.content
        draft = held(cast, number=9)
        assert cast.client("chair").get(page(draft, "minutes-pdf")).status_code == 200
