"""The reminders of a day through kill -9: nobody gets none, nobody gets two (T46)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SLOW = """
import sys, time, django
django.setup()
from lotse.foundation.core import mail
from lotse.foundation.measures import reminders
real, count = mail.send, 0
def send(**fields):
    global count
    row = real(**fields)
    count += 1
    print("written", count, flush=True)  # in the transaction, before its end
    if count == int(sys.argv[1]):
        time.sleep(60)
    return row
reminders.mail.send = send
print("sent", reminders.send_due(), flush=True)
"""


def test_killed_in_the_middle_loses_none_and_doubles_none(tmp_path: Path) -> None:
    """kill -9 between the mail and the end of its transaction, three times; then once through."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")
    } | {"LOTSE_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "lotse.settings"}

    def python(code: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], env=environment, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    python("import django; django.setup()\n"
           "from django.core.management import call_command as call\n"
           "call('migrate', verbosity=0)\n"
           "from tests.foundation.test_measures_reminders import add\n"
           "from tests import people\n"
           "for n in range(10):\n"
           "    who = people.person(f'Person {n}')\n"
           "    for days in (7, 1, -1): add(who, days)\n")  # fmt: skip
    for stop in (1, 3, 2):
        process = subprocess.Popen(
            [sys.executable, "-c", SLOW, str(stop)], env=environment, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            while f"written {stop}" not in process.stdout.readline():
                assert process.poll() is None, "ended before it was to be killed"
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=20)
            process.stdout.close()  # type: ignore[union-attr]  # it is a pipe
    assert python(SLOW, "0").strip().endswith("sent 7")
    assert python(SLOW, "0").strip() == "sent 0"
    rows = python("import django; django.setup()\n"
                  "from lotse.foundation.core.models import OutboxMail as M\n"
                  "from lotse.foundation.measures.models import Measure\n"
                  "for r in M.objects.values_list('address', flat=True): print(r)\n"
                  "print(Measure.objects.filter(reminded_on=None).count())").split()  # fmt: skip
    assert sorted(rows[:-1]) == sorted(f"person.{n}@beispiel.test" for n in range(10))
    assert rows[-1] == "0"
