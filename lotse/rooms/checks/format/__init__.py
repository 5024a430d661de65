"""The format `lotse-check/1`: self-assessment checks as YAML, stored as canonical JSON.

Free of models and requests: bytes in, data and faults out. `schema.json` is the JSON Schema
(2020-12) for other programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from . import rules, shape
from .canonical import canonical, digest, to_yaml
from .faults import Fault, Finding, Path, Refused, ordered, path_text
from .reading import Source, read
from .schema import FORMAT

__all__ = ["FORMAT", "Fault", "Refused", "canonical", "digest", "to_yaml", "validate"]


def validate(
    data: bytes,
    *,
    previous: Mapping[str, Any] | None = None,
    retired: frozenset[str] = frozenset(),
) -> tuple[dict[str, Any] | None, list[Fault]]:
    """Read and check a file; return its content, or None and every fault, sorted by line.

    The content is what the file says, in NFC, without defaults filled in. `previous` is the
    content of the newest stored revision of the same check, `retired` the ids of all checkpoints
    that earlier revisions had and `previous` has not. At most 200 faults are returned; when there
    are more, the last one says so. Never raises for anything in `data`.
    """
    try:
        source = read(data)
    except Refused as refused:
        return None, list(refused.faults)
    misshapen = shape.findings(source.content)
    found = [*misshapen, *_cross_checked(source, misshapen, previous, retired)]
    more = len(found) >= shape.MAX_ERRORS
    faults = ordered(_located(source, found), more=more)
    return (None if faults else source.content), faults


def _cross_checked(
    source: Source,
    misshapen: list[Finding],
    previous: Mapping[str, Any] | None,
    retired: frozenset[str],
) -> list[Finding]:
    if any(finding.code == "format" for finding in misshapen):
        return []
    # What has the wrong shape is not also wrong in sense.
    places: set[Path] = {finding.path for finding in misshapen}
    found = (
        finding
        for finding in rules.findings(source, previous, retired)
        if finding.path not in places
    )
    return list(islice(found, shape.MAX_ERRORS))


def _located(source: Source, found: Iterable[Finding]) -> list[Fault]:
    return [
        Fault(path_text(finding.path), source.line(finding.path), finding.code, finding.message)
        for finding in found
    ]
