"""Minutes as a paper, from a resolved record "lotse-minutes/1": PDF and Word file (S1-24)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import override

from lotse.foundation.core import pdf
from lotse.rooms.bodies.exports.minutes_data import Proof, minutes
from lotse.rooms.bodies.exports.wording import TEMPLATES


def minutes_pdf(
    resolved: Mapping[str, Any], *, head: str = "", moment: datetime, lang: str = "",
    state: str = "", number: int = 0, sha256: str = "",
) -> bytes:  # fmt: skip
    """PDF/A-2a and UA-1 (T61). `head` is the head of the chain of records, `state`, `number` and
    `sha256` are those of the revision; `lang` is the paper's, by default that of the minutes.

    The same arguments give the same bytes. No query.
    """
    data = _data(resolved, lang, moment, Proof(state, number, sha256, head))
    return pdf.render(TEMPLATES / "minutes.typ", data, moment=moment)


def minutes_docx(
    resolved: Mapping[str, Any], *, head: str = "", moment: datetime, lang: str = "",
    state: str = "", number: int = 0, sha256: str = "",
) -> bytes:  # fmt: skip
    """The same as a Word file."""
    from lotse.rooms.bodies.exports.minutes_docx import write

    return write(_data(resolved, lang, moment, Proof(state, number, sha256, head)), moment=moment)


def _data(resolved: Mapping[str, Any], lang: str, moment: datetime, proof: Proof) -> dict[str, Any]:
    lang = lang or resolved.get("lang") or "de"
    with override(lang):
        return minutes(resolved, lang=lang, moment=moment, proof=proof)
