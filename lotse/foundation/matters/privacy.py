"""Matters name subjects, bodies and organisations; no table of them is about people."""

NOT_PERSONAL = {
    "matters.matter": "Ein Thema und seine Geschichte, kein Mensch.",
    "matters.knot": "Verweise auf Dinge anderer Räume; wer verknüpfte, steht nur als Kennung da.",
    "matters.step": "Geplante Schritte mit Gremien und Organisationen.",
}
