"""Many browsers doing something at the same moment."""

import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
PATIENCE = 50


def at_once(act: Callable[[T], R], people: Iterable[T]) -> list[R]:
    """Runs `act` for each in a thread of its own, all let go together; raises the first fault."""
    everybody = list(people)
    barrier = threading.Barrier(len(everybody))
    results: dict[int, R] = {}
    faults: list[BaseException] = []

    def one(number: int, person: T) -> None:
        try:
            barrier.wait(PATIENCE)
            results[number] = act(person)
        except BaseException as fault:
            faults.append(fault)

    threads = [
        threading.Thread(target=one, args=pair, daemon=True) for pair in enumerate(everybody)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    if faults:
        raise faults[0]
    if len(results) != len(everybody):
        raise AssertionError(f"only {len(results)} of {len(everybody)} came to an end")
    return [results[number] for number in range(len(everybody))]
