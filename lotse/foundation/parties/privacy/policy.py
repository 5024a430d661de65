"""What becomes of which data at an erasure: five classes with their reason (trust.md 4.3)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class PolicyClass:
    """One class of data: what is done to it, when, and on which ground."""

    key: str
    title: Any
    act: Any
    basis: str


CLASSES = {
    one.key: one
    for one in (
        PolicyClass("A", _("Angaben zur Person, Zugang, Einwilligungen, Mails"),
                    _("wird sofort gelöscht"), "Art. 17 Abs. 1 DSGVO"),
        PolicyClass("B", _("Beiträge, Antworten, Maßnahmen"),
                    _("Name wird entfernt; persönliche Checks werden gelöscht"),
                    "Art. 17 Abs. 1 DSGVO"),
        PolicyClass("C", _("Rollen und Mitwirkung in beschlossenen Niederschriften"),
                    _("bleibt ohne Namen; in Niederschriften so lange, wie der Beschluss gilt"),
                    "Art. 17 Abs. 3 Buchst. e, Art. 6 Abs. 1 Buchst. f DSGVO"),
        PolicyClass("D", _("Abrechnung"), _("bleibt bis zum Ende der gesetzlichen Frist"),
                    "Art. 17 Abs. 3 Buchst. b DSGVO, § 147 AO, § 257 HGB"),
        PolicyClass("E", _("Sicherheits- und Änderungsprotokoll"),
                    _("bleibt ohne Namen und Inhalt bis zum Ablauf der Frist"),
                    "Art. 17 Abs. 3 Buchst. e, Art. 32 DSGVO"),
    )
}  # fmt: skip
ACTS = {
    "delete": _("wird gelöscht"),
    "pseudonymise": _("bleibt ohne Namen"),
    "keep": _("bleibt"),
}
