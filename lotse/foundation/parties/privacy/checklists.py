"""What the pages every network needs should say: hints with their source, beside the editor.

Hints, never advice: the page shows `NOTICE` with them.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

NOTICE = _("Hinweis mit Quelle, keine Rechtsberatung. Bitte lassen Sie den Text prüfen.")

# kind of NetworkPage -> (what the page should say, where that stands)
CHECKLISTS: dict[str, list[tuple[Any, str]]] = {
    "imprint": [
        (_("Name und Anschrift der Stelle, bei juristischen Personen auch die Rechtsform"),
         "§ 5 Abs. 1 Nr. 1 DDG"),
        (_("Wer die Stelle vertritt"), "§ 5 Abs. 1 Nr. 1 DDG"),
        (_("E-Mail-Adresse und ein zweiter Weg, auf dem Sie schnell erreichbar sind"),
         "§ 5 Abs. 1 Nr. 2 DDG"),
        (_("Register und Nummer, etwa Vereinsregister, falls eingetragen"), "§ 5 Abs. 1 Nr. 4 DDG"),
        (_("Umsatzsteuer-Identifikationsnummer, falls vorhanden"), "§ 5 Abs. 1 Nr. 6 DDG"),
        (_("Wer für journalistisch gestaltete Beiträge verantwortlich ist, falls es welche gibt"),
         "§ 18 Abs. 2 MStV"),
    ],
    "privacy": [
        (_("Name und Kontakt der verantwortlichen Stelle"), "Art. 13 Abs. 1 Buchst. a DSGVO"),
        (_("Kontakt der Datenschutzbeauftragten, falls benannt"), "Art. 13 Abs. 1 Buchst. b DSGVO"),
        (_("Zwecke und Rechtsgrundlage jeder Verarbeitung; das Verzeichnis der Verarbeitungen "
           "nennt sie"), "Art. 13 Abs. 1 Buchst. c DSGVO"),
        (_("Berechtigte Interessen, wo die Verarbeitung darauf beruht"),
         "Art. 13 Abs. 1 Buchst. d DSGVO"),
        (_("Empfänger, auch Hosting und Mailserver"), "Art. 13 Abs. 1 Buchst. e DSGVO"),
        (_("Ob Daten in ein Drittland gehen"), "Art. 13 Abs. 1 Buchst. f DSGVO"),
        (_("Wie lange gespeichert wird, auch in Sicherungskopien"),
         "Art. 13 Abs. 2 Buchst. a DSGVO"),
        (_("Rechte: Auskunft, Berichtigung, Löschung, Einschränkung, Widerspruch, Mitnahme; wo sie "
           "in Lotse stehen (Konto, Eigene Daten)"), "Art. 13 Abs. 2 Buchst. b DSGVO"),
        (_("Widerruf einer Einwilligung, jederzeit"), "Art. 13 Abs. 2 Buchst. c DSGVO"),
        (_("Beschwerde bei der Aufsichtsbehörde des Landes"), "Art. 13 Abs. 2 Buchst. d DSGVO"),
        (_("Woher Angaben stammen, die andere eingetragen haben; Nachricht an die Person binnen "
           "eines Monats"), "Art. 14 Abs. 2 Buchst. f, Abs. 3 DSGVO"),
        (_("Gemeinsame Verantwortung von Geschäftsstelle und Partnern, falls vereinbart"),
         "Art. 26 DSGVO"),
        (_("Welche Cookies gesetzt werden; Lotse setzt nur technisch notwendige"),
         "§ 25 Abs. 2 Nr. 2 TDDDG"),
    ],
    "accessibility": [
        (_("Für welche Website die Erklärung gilt und wann sie zuletzt geprüft wurde"),
         "Durchführungsbeschluss (EU) 2018/1523"),
        (_("Wie weit die Anforderungen erfüllt sind: vollständig, teilweise oder nicht"),
         "§ 12b Abs. 2 BGG, Durchführungsbeschluss (EU) 2018/1523"),
        (_("Was nicht barrierefrei ist, warum, und welchen anderen Weg es gibt"),
         "§ 12b Abs. 2 Nr. 1 BGG"),
        (_("Womit geprüft wurde: Selbstbewertung oder Prüfung durch andere"),
         "Durchführungsbeschluss (EU) 2018/1523"),
        (_("Wie man eine Barriere meldet; Lotse hat dafür eine eigene Seite"),
         "§ 12b Abs. 2 Nr. 2 BGG"),
        (_("Schlichtungsstelle oder Durchsetzungsstelle, für öffentliche Stellen"),
         "§ 12b Abs. 2 Nr. 3, § 16 BGG; Recht des Landes"),
        (_("Leichte Sprache und Gebärdensprache auf der Startseite, für öffentliche Stellen des "
           "Bundes"), "§ 4 BITV 2.0"),
    ],
    "about": [
        (_("Wer das Netzwerk trägt und wer dazugehört"), ""),
        (_("Was es vorhat und für wen"), ""),
        (_("Wie man mitmacht und wen man fragt"), ""),
        (_("Namen und Fotos von Menschen nur mit deren Einwilligung"),
         "Art. 6 Abs. 1 Buchst. a DSGVO, § 22 KunstUrhG"),
    ],
}  # fmt: skip


def checklist(kind: str) -> list[tuple[str, str]]:
    """(what, source) for a page; empty for a kind without one."""
    return [(str(what), source) for what, source in CHECKLISTS.get(kind, [])]
