"""What a search answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID


@dataclass(frozen=True)
class Viewer:
    """Who looks: for each network the audiences (bits) to which its documents are open for them.

    What belongs to no network is open to everybody. Built from an actor by `parties.viewing`.
    """

    networks: Mapping[UUID, int] = field(default_factory=dict)


ANYBODY = Viewer()


class Why(NamedTuple):
    """A word of the question and where it was met: "title", "topic", "summary", or the key of a
    text ("" for the body).

    `found` is what stands there, as far as that is known; with `meant` it is not the word itself
    but means the same ("" where that has no name).
    """

    place: str
    word: str
    found: str = ""
    meant: bool = False


@dataclass(frozen=True)
class Hit:
    """One line of the list; `missing` are the words of the question it does not hold."""

    kind: str
    kind_title: str
    ref: UUID
    title: str
    summary: str
    url: str
    lang: str
    key: str = ""
    why: list[Why] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Results:
    """One page of hits, and what is to be said about the search.

    `words` is what was looked for. With words `left_out`, the first `full` hits have all words and
    the others lack some. `corrected` are (typed, used instead). `capped`: there are more than
    `total`, and nothing is counted by facet. `facets`: key -> value -> hits, were it the only
    value chosen of its key; a key that could not be counted is not there.
    """

    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    capped: bool = False
    page: int = 1
    pages: int = 1
    words: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    full: int = 0
    corrected: list[tuple[str, str]] = field(default_factory=list)
    facets: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def widened(self) -> bool:
        """Whether the last hits lack words."""
        return bool(self.left_out)
