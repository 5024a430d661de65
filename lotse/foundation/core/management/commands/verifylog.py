"""`lotse verifylog`: whether the record chains are whole (T40)."""

import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from lotse.foundation.core import records

_HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


def _head(value: str) -> tuple[int, str]:
    found = _HEAD.fullmatch(value.strip().lower())
    if found is None:
        raise ArgumentTypeError("erwartet wird NUMMER:PRÜFSUMME, wie `lotse verifylog` sie ausgibt")
    return int(found[1]), found[2]


class Command(BaseCommand):
    help = "Prüft die Ketten der Beurkundungen und nennt den ersten fehlerhaften Eintrag."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument(
            "--head", type=_head, action="append", default=[], metavar="NUMMER:PRÜFSUMME",
            help="ein auswärts verwahrter Kopf, der in einer der Ketten stehen muss",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        walked = records.verify(options["head"])
        whole = all(one.fault is None for one in walked)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": whole, "chains": [_row(one) for one in walked]},
                                         ensure_ascii=False, indent=2))  # fmt: skip
        else:
            for one in walked:
                self.stdout.write(_line(one))
            if not walked:
                self.stdout.write("Es gibt noch keine Beurkundungen.")
        sys.exit(0 if whole else 1)


def _row(one: records.Verified) -> dict[str, Any]:
    row: dict[str, Any] = {
        "chain": str(one.chain),
        "records": one.records,
        "erased": one.erased,
        "head": one.head,
        "ok": one.fault is None,
    }
    if one.fault is not None:
        row["fault"] = {"seq": one.fault.seq, "reason": one.fault.reason}
    return row


def _line(one: records.Verified) -> str:
    if one.fault is not None:
        return f"FEHLER  {one.chain}, Eintrag {one.fault.seq}: {one.fault.reason}"
    gone = f", davon Inhalt gelöscht {one.erased}" if one.erased else ""
    return f"ganz    {one.chain}: Einträge {one.records}{gone}, Kopf {one.head}"
