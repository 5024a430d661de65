"""What a web process loads before anybody asked for anything (decision 5)."""

import os
import subprocess
import sys
from pathlib import Path

_HEAVY = ("typst", "docx", "openpyxl", "xlsxwriter", "icalendar", "qrcode", "PIL", "lxml")
_START = f"""
import sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().reverse_dict
print(*sorted({{name.split(".")[0] for name in sys.modules}} & set({_HEAVY!r})))
"""


def test_engines_of_papers_are_loaded_when_the_first_is_drawn(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lotse.settings", "LOTSE_DATA_DIR": str(tmp_path),
    }  # fmt: skip
    started = subprocess.run(
        [sys.executable, "-c", _START], env=environment, capture_output=True, text=True, check=False
    )
    assert started.returncode == 0, started.stderr
    assert started.stdout.split() == []
