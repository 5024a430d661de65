from pathlib import Path

from django.apps import AppConfig


class BareConfig(AppConfig):
    name = "tests.perf.bare"
    label = "bare"
    path = str(Path(__file__).parent)
