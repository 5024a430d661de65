"""The register of processing activities as a Word file, to complete and to sign (art. 30)."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.core import clock
from lotse.foundation.core.paperframe import frame
from lotse.foundation.core.worddoc import Piece, Run, Writer
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.privacy import policy, register, retention

_WIDTHS = (58, 108)
_KEPT_WIDTHS = (82, 32, 32, 20)
_ERASED_WIDTHS = (16, 50, 50, 50)


def as_docx(network: Network, lang: str) -> bytes:
    """The same as the page, in the same order. One query."""
    now = clock.now()
    with override(lang):
        title = _("Verzeichnis der Verarbeitungen")
        around = frame(title, running=title, lang=lang, network=network.name, moment=now)
        paper = Writer(around, moment=now)
        paper.heading(title, 1)
        paper.paragraph(
            _("Was Lotse über Menschen speichert, wozu und wie lange (Art. 30 DSGVO). Lotse "
              "schreibt dieses Verzeichnis aus seinen eigenen Tabellen; ergänzen Sie, was Sie "
              "außerhalb tun.")
        )  # fmt: skip
        paper.paragraph(
            Run(_("Hinweis mit Quelle, keine Rechtsberatung. Bitte lassen Sie die Angaben "
                  "prüfen."), quiet=True)
        )  # fmt: skip
        _general(paper, network)
        _activities(paper)
        _kept(paper, network)
        _erased(paper)
    return paper.content()


def _pairs(paper: Writer, head: tuple[str, str], pairs: list[tuple[str, str]]) -> None:
    rows: list[list[list[list[Piece]]]] = [
        [[[Run(term, bold=True)]], [[text]]] for term, text in pairs if text
    ]
    paper.table(head, rows, _WIDTHS)


def _general(paper: Writer, network: Network) -> None:
    paper.heading(_("Allgemein"), 2)
    _pairs(paper, (_("Angabe"), _("Inhalt")), register.facts(network))


def _activities(paper: Writer) -> None:
    paper.heading(_("Verarbeitungen"), 2)
    for one in register.activities():
        paper.heading(one.title, 3)
        pairs = [
            (_("Zweck"), one.purpose), (_("Betroffene"), one.subjects),
            (_("Daten"), ", ".join(one.fields)), (_("Empfänger"), one.recipients),
            (_("Rechtsgrundlage"), one.basis), (_("Frist"), one.retention),
        ]  # fmt: skip
        _pairs(paper, (_("Angabe"), _("Inhalt")), pairs)


def _kept(paper: Writer, network: Network) -> None:
    paper.heading(_("Fristen"), 2)
    head = [_("Daten"), _("Dauer"), _("Zuletzt gelöscht"), _("Anzahl")]
    rows = [
        [[[row["title"]]], [[row["span"]]], [[row["ran"]]], [[str(row["count"])]]]
        for row in retention.overview(network)
    ]
    paper.table(head, rows, _KEPT_WIDTHS)


def _erased(paper: Writer) -> None:
    paper.heading(_("Was eine Löschung bewirkt"), 2)
    head = [_("Klasse"), _("Daten"), _("Folge"), _("Grund")]
    rows = [
        [[[one.key]], [[str(one.title)]], [[str(one.act)]], [[one.basis]]]
        for one in policy.CLASSES.values()
    ]
    paper.table(head, rows, _ERASED_WIDTHS)
