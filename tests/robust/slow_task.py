"""A task that takes its time, so that a test can kill its worker in the middle.

The worker finds it by its path: tests put this folder on PYTHONPATH.
"""

import os
import time

from lotse.foundation.core.tasks import task


@task()
def write_slowly(*, file: str, seconds: float) -> None:
    """Writes a line before and after sleeping."""
    with open(file, "a") as out:
        out.write(f"begun {os.getpid()}\n")
    time.sleep(seconds)
    with open(file, "a") as out:
        out.write(f"done {os.getpid()}\n")
