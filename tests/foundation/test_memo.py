"""What a process keeps of its own work: once for all who ask, and not for long."""

import threading
import time

import pytest

from lotse.foundation.core.memo import Memo


def test_many_who_ask_at_once_cause_the_work_once() -> None:
    memo: Memo[list[int]] = Memo(seconds=30, most=4)
    made: list[int] = []
    gate = threading.Barrier(8)
    found: list[list[int]] = []

    def make() -> list[int]:
        made.append(1)
        time.sleep(0.05)
        return [len(made)]

    def ask() -> None:
        gate.wait()
        found.append(memo.get("board", make))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert made == [1]
    assert all(one is found[0] for one in found)
    assert len(found) == 8


def test_another_key_is_other_work_and_the_oldest_goes() -> None:
    memo: Memo[str] = Memo(seconds=30, most=2)
    for key in "abc":
        assert memo.get(key, lambda key=key: key * 2) == key * 2

    assert memo.get("c", lambda: "anew") == "cc"
    assert memo.get("a", lambda: "anew") == "anew"


def test_nothing_is_kept_beyond_its_time() -> None:
    memo: Memo[str] = Memo(seconds=0, most=2)
    memo.get("a", lambda: "then")

    assert memo.get("a", lambda: "now") == "now"


def test_a_failure_is_kept_by_nobody() -> None:
    memo: Memo[str] = Memo(seconds=30, most=2)

    def fail() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        memo.get("a", fail)
    assert memo.get("a", lambda: "yes") == "yes"
