"""Two texts that were changed at once become one, by lines: nothing of either is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Lines = Sequence[str]


@dataclass(frozen=True)
class Marks:
    """The lines around two versions of one passage that both stay in the text."""

    begin: str = "=== 1 ==="
    between: str = "=== 2 ==="
    end: str = "=== = ==="


@dataclass(frozen=True)
class Merged:
    """The text of both; `conflicts` passages in it stand twice, between marks."""

    text: str
    conflicts: int = 0


def merge(base: str, theirs: str, mine: str, marks: Marks = Marks()) -> Merged:
    """What both made of `base` (rulings 20; T37).

    Where only one changed a passage, that holds; what both added at the same place stands one after
    the other, theirs first. Where both changed the same lines in different ways, both stand there
    between marks. Every line that either side added is in the result.
    """
    if base == theirs or theirs == mine:
        return Merged(mine)
    if base == mine:
        return Merged(theirs)
    found: list[str] = []
    conflicts = 0
    for old, their, own in _passages(_lines(base), _lines(theirs), _lines(mine)):
        joined = _joined(old, their, own)
        if joined is None:
            conflicts += 1
            joined = [marks.begin, *their, marks.between, *own, marks.end]
        found += joined
    return Merged("\n".join(found), conflicts)


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _joined(old: Lines, theirs: Lines, mine: Lines) -> list[str] | None:
    """One passage of both, or None where both must be shown."""
    if theirs in (mine, old):
        return list(mine)
    if mine == old:
        return list(theirs)
    if not any(line.strip() for line in old):
        return [*theirs, *mine]
    if not theirs or not mine:
        return [*theirs, *mine]  # one deleted what the other rewrote: the words stay
    return _around(old, theirs, mine) or _around(old, mine, theirs)


def _around(old: Lines, wider: Lines, other: Lines) -> list[str] | None:
    """One added lines before or after the passage, the other changed it: typing on in a line while
    somebody else writes above it."""
    size = len(old)
    for at in range(len(wider) - size + 1):
        if wider[at : at + size] == old:
            return [*wider[:at], *other, *wider[at + size :]]
    return None


def _passages(
    base: Lines, theirs: Lines, mine: Lines
) -> list[tuple[list[str], list[str], list[str]]]:
    """The three texts cut at the lines that all of them have in common."""
    found = []
    at = (0, 0, 0)
    for begin, end, in_theirs, in_mine in _common(base, theirs, mine):
        found.append(_cut(base, theirs, mine, at, (begin, in_theirs, in_mine)))
        same = list(base[begin:end])
        found.append((same, same, same))
        at = (end, in_theirs + end - begin, in_mine + end - begin)
    found.append(_cut(base, theirs, mine, at, (len(base), len(theirs), len(mine))))
    return found


def _cut(
    base: Lines, theirs: Lines, mine: Lines, at: tuple[int, int, int], to: tuple[int, int, int]
) -> tuple[list[str], list[str], list[str]]:
    return (
        list(base[at[0] : to[0]]), list(theirs[at[1] : to[1]]), list(mine[at[2] : to[2]])
    )  # fmt: skip


def _common(base: Lines, theirs: Lines, mine: Lines) -> list[tuple[int, int, int, int]]:
    """(from, to in base, from in theirs, from in mine) of what stands unchanged in both."""
    in_theirs, in_mine = _blocks(base, theirs), _blocks(base, mine)
    found = []
    left = right = 0
    while left < len(in_theirs) and right < len(in_mine):
        a_base, a_at, a_size = in_theirs[left]
        b_base, b_at, b_size = in_mine[right]
        begin, end = max(a_base, b_base), min(a_base + a_size, b_base + b_size)
        if begin < end:
            found.append((begin, end, a_at + begin - a_base, b_at + begin - b_base))
        if a_base + a_size < b_base + b_size:
            left += 1
        else:
            right += 1
    return found


def _blocks(base: Lines, other: Lines) -> list[tuple[int, int, int]]:
    matcher = SequenceMatcher(None, base, other, autojunk=False)
    return [(block.a, block.b, block.size) for block in matcher.get_matching_blocks() if block.size]
