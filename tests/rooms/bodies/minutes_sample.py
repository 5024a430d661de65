"""A resolved record "lotse-minutes/1" with everything minutes can hold, or made long or nasty."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

MOMENT = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)
SHA = "3f" * 32
HEAD = "41:" + "ab" * 32
KEPT = ("format", "uuid", "lang", "kind", "part", "mode", "state", "result", "method", "on", "by",
        "from", "to", "starts_at", "ends_at", "opened_at", "closed_at", "trigger_on", "on_day",
        "review_on", "due_on", "answer_to", "sha256", "number")  # fmt: skip


def who(name: str, organisation: str = "") -> dict[str, str]:
    """A person as `queries.minutes.resolved` puts it in."""
    words = f"{name} ({organisation})" if organisation else name
    return {"name": name, "organisation": organisation, "words": words}


ALMA = who("Alma Wiese", "Stiftung Tatkraft")
BENNO = who("Benno Kranich", "Kammer Nordtal")
CLARA = who("Dr. Clara Ufer", "Nordtaler Sparverein")
DOREEN = who("Doreen Fels", "Lebenshof gGmbH")
EMIL = who("Emil Hafen")
FENJA = who("Fenja Moor", "Innung Holz")


def outcome(kind: str, text: str, **values: Any) -> dict[str, Any]:
    """An outcome with every key; what is not given is empty."""
    return {
        "uuid": f"o-{kind}-{len(text)}", "kind": kind, "number": "", "text": text,
        "speaker": None, "result": "", "method": "", "yes": None, "no": None, "abstain": None,
        "entitled": None, "present": None, "annex": None, "trigger": "", "trigger_on": None,
        "on_day": None, "source": "", "review_on": None, "title_before": "", "title_after": "",
        "answer_to": None, "measures": [], "adoptions": [],
    } | values  # fmt: skip


def measure(people: list[dict[str, str]], what: str, **values: Any) -> dict[str, Any]:
    return {
        "uuid": f"m-{len(what)}", "who": people, "what": what, "due_on": None, "due_words": "",
    } | values  # fmt: skip


def item(number: str, title: str, **values: Any) -> dict[str, Any]:
    """An item with every key; what is not given is empty."""
    return {
        "uuid": f"i-{number}", "number": number, "title": title, "kind": "information",
        "state": "done", "goal": "", "questions": "", "starts_at": "2026-03-18T13:00:00+01:00",
        "presenters": [], "notes": [], "outcomes": [], "group_work": None, "items": [],
    } | values  # fmt: skip


def items() -> list[dict[str, Any]]:
    """Seven items with every kind of outcome among them."""
    return [
        item("1", "Begrüßung und letztes Protokoll", presenters=[{"attribution": ALMA,
             "subject": "", "words": ""}], outcomes=_opening()),
        item("2", "Neues aus den Regionen", kind="information", items=[
            item("2.1", "Nordtal", presenters=[{"attribution": BENNO, "subject": "Messe im Mai",
                 "words": ""}], notes=["Die Messe findet wieder statt."], outcomes=_asked()),
            item("2.2", "Küste", presenters=[{"attribution": None, "subject": "Hafentage",
                 "words": "Hafenamt"}], state="moved"),
        ]),
        item("3", "Leitlinien für Patenschaften", kind="decision", goal="Die Leitlinien gelten.",
             questions="- Was fehlt noch?\n- Wer trägt sie weiter?", notes=[
                 "Der Entwurf lag vor.\n\nEinwände:\n- Der Titel ist zu lang.\n- Ein Absatz fehlt.",
                 "Alle stimmen den Änderungen zu."], outcomes=_decided()),
        item("", "Mittagspause", kind="break", starts_at="2026-03-18T14:30:00+01:00"),
        item("4", "Wie erreichen wir Kleinstbetriebe?", kind="group_work", group_work=_tables()),
        item("5", "Arbeitsprogramm", kind="discussion", outcomes=_agreed()),
        item("6", "Verschiedenes", outcomes=_remarks()),
    ]  # fmt: skip


def _opening() -> list[dict[str, Any]]:
    return [
        outcome("safety_briefing", "Fluchtwege und Sammelplatz sind gezeigt.", on_day="2026-03-18"),
        outcome("note", "Das letzte Protokoll ist genehmigt."),
    ]


def _asked() -> list[dict[str, Any]]:
    return [
        outcome("question", "Gibt es einen gemeinsamen Stand?", uuid="q1", speaker=CLARA),
        outcome("question", "Wer bezahlt den Aufbau?", uuid="q2", speaker=EMIL),
        outcome("answer", "Ja, wie im Vorjahr.", uuid="a1", answer_to="q1", speaker=BENNO),
        outcome("answer", "Das wird geklärt.", uuid="a2", answer_to="q2", on_day="2026-04-15"),
        outcome("external_date", "Messe „Handwerk und Ehrenamt“", on_day="2026-05-09"),
    ]


def _decided() -> list[dict[str, Any]]:
    return [
        outcome("decision", "Die Leitlinien heißen künftig anders.", number="1/2", result="adopted",
                method="hands", yes=9, no=1, abstain=2, entitled=16, present=12,
                title_before="Grundsätze für Patenschaften", title_after="Gut begleitet"),
        outcome("decision", "Die Leitlinien werden in der vorliegenden Fassung beschlossen.",
                number="2/2", result="adopted", method="unanimous", annex=2,
                review_on="2028-03-01", adoptions=[{"who": "Rat der Beispielregion",
                "on": "2026-03-18"}, {"who": "Bund der Vereine", "on": None}]),
        outcome("decision", "Der Beitrag wird erhöht.", result="rejected", yes=0, no=12),
    ]  # fmt: skip


def _tables() -> dict[str, Any]:
    results = [
        {"rank": 1, "text": "Besuche vor Ort", "cluster": "Ansprache"},
        {"rank": 2, "text": "Kurze Wege zu einer Person", "cluster": ""},
        {"rank": None, "text": "Ein Faltblatt", "cluster": "Material"},
    ]
    return {
        "tables": [
            {"number": 1, "question": "Was hilft?", "sub_question": "Was hindert?",
             "moderators": [DOREEN, FENJA], "rounds": 3, "results": results},
            {"number": 2, "question": "Wer hilft?", "sub_question": "", "moderators": [],
             "rounds": 1, "results": []},
        ],
        "clusters": ["Ansprache", "Material"],
        "measures": [measure([FENJA], "Besuche im Herbst planen", due_on="2026-09-30")],
    }  # fmt: skip


def _agreed() -> list[dict[str, Any]]:
    group = {"name": "", "organisation": "Arbeitsgruppe Ausbildung",
             "words": "Arbeitsgruppe Ausbildung"}  # fmt: skip
    return [
        outcome("agreed_action", "Die Vorlage für Schnuppertage entsteht bald.", measures=[
            measure([group, DOREEN], "Vorlage für Schnuppertage entwerfen", due_on="2026-06-30"),
            measure([], "Termin mit den Kreisen", due_words="bis zur nächsten Sitzung"),
        ]),
        outcome("request", "Die Geschäftsstelle wird gebeten, die Liste zu pflegen."),
        outcome("recommendation", "Checks werden gemeinsam ausgefüllt."),
        outcome("consented_summary", "Der Rat will mehr Betriebe erreichen.", speaker=ALMA),
        outcome("parked", "Höhe des Beitrags", trigger="der Haushalt vorliegt",
                trigger_on="2026-11-02"),
    ]  # fmt: skip


def _remarks() -> list[dict[str, Any]]:
    return [
        outcome("task", "Adressen prüfen", speaker=EMIL),
        outcome("suggestion", "Ein Treffen im Freien"),
        outcome(
            "quote", "„Wir fangen klein an.“", source="Protokoll der AG Ausbildung, 11.02.2026"
        ),
    ]


def record(**values: Any) -> dict[str, Any]:
    """The whole record, adopted."""
    return {
        "format": "lotse-minutes/1", "uuid": "u-1", "lang": "de", "outside": False,
        "network": "Netzwerk Beispielregion",
        "body": {"uuid": "b-1", "name": "Rat der Beispielregion", "short_name": "Rat"},
        "meeting": {
            "uuid": "s-1", "title": "Frühjahrssitzung", "series": "Große Runde", "number": 5,
            "kind": "discussion", "mode": "hybrid", "starts_at": "2026-03-18T13:00:00+01:00",
            "ends_at": "2026-03-18T17:00:00+01:00", "opened_at": "2026-03-18T13:05:00+01:00",
            "closed_at": "2026-03-18T16:40:00+01:00", "place": "Haus am Markt",
            "address": "Marktweg 4, 01234 Nordtal", "room": "Großer Saal",
            "host": "Stiftung Tatkraft", "moderation": [ALMA, DOREEN], "minute_takers": [EMIL],
        },
        "present": _present(), "excused": [who("Gesine Torf", "Amt für Arbeit")],
        "absent": [who("Hauke Brand", "Feuerwehr Nordtal")], "unnamed": 4,
        "quorum": {"needed": 9, "entitled": 16, "present": 12, "reached": True},
        "items": items(),
        "annexes": [
            {"number": 1, "title": "Übersicht der Regionen", "item": "2.1",
             "files": [{"name": "regionen.pdf", "sha256": SHA}], "to_follow": False},
            {"number": 2, "title": "Leitlinien, Fassung 3", "item": "3", "files": [],
             "to_follow": True},
        ],
        "next_dates": "30.09.2026 Rat in Nordtal\n\n- 12.11.2026 AG Ausbildung, nach der Messe",
        "distribution": _closing("Mitglieder, Gäste, Archiv"),
        "letterhead": "Rat der Beispielregion\nMarktweg 4",
        "footer": "Ein Gremium des Netzwerks Beispielregion",
        "signatures": _closing("Vorsitz", "Schriftführung"),
        "corrections": [{"on": "2026-04-02", "item": "3", "reason": "Zahl vertauscht",
                         "text": "Neun statt sechs Ja."}],
        "adopted": {"on": "2026-04-01", "by": "deadline", "in": None},
    } | values  # fmt: skip


def _closing(*lines: str) -> list[dict[str, Any]]:
    return [{"attribution": who(line)} for line in lines]


def _present() -> list[dict[str, Any]]:
    def there(person: dict[str, str], part: str, vote: bool, **more: Any) -> dict[str, Any]:
        return {
            "attribution": person, "part": part, "stands_for": None, "vote": vote,
            "from": "2026-03-18T13:05:00+01:00", "to": "2026-03-18T16:40:00+01:00",
        } | more  # fmt: skip

    left = [["2026-03-18T13:05:00+01:00", "2026-03-18T14:00:00+01:00"],
            ["2026-03-18T15:00:00+01:00", None]]  # fmt: skip
    return [
        there(ALMA, "member", True),
        there(BENNO, "deputy", True, stands_for=who("Ida Kranich", "Kammer Nordtal")),
        there(CLARA, "guest", False, spans=left),
        there(DOREEN, "member", False),
        there(EMIL, "staff", False),
    ]


def long_record(count: int = 30) -> dict[str, Any]:
    """So many items, each with notes and outcomes; no two texts are the same."""
    found = []
    shipped = [one for one in items() if one["number"]]
    for n in range(1, count + 1):
        one = copy.deepcopy(shipped[n % len(shipped)])
        one |= {"number": str(n), "uuid": f"i-{n}", "title": f"{one['title']} ({n})"}
        one["notes"] = [f"Punkt {n}: Die Aussprache brachte vieles zusammen. " * 4]
        one["outcomes"] = one["outcomes"] or [outcome("note", f"Festgehalten unter {n}.")]
        found.append(one)
    return record(items=found, present=_present() * 8)


def everywhere(value: Any, change: Callable[[str], str]) -> Any:
    """The record with every text that people typed changed."""
    if isinstance(value, dict):
        return {
            key: part if key in KEPT and not isinstance(part, list | dict)
            else everywhere(part, change)
            for key, part in value.items()
        }  # fmt: skip
    if isinstance(value, list):
        return [everywhere(part, change) for part in value]
    return change(value) if isinstance(value, str) and value else value


def nasty_record(text: str) -> dict[str, Any]:
    """The record where every text is `text`; spans of presence stay."""
    plain = record()
    spans = [one.pop("spans", None) for one in plain["present"]]
    made: dict[str, Any] = everywhere(plain, lambda old: text)
    for one, kept in zip(made["present"], spans, strict=True):
        if kept:
            one["spans"] = kept
    return made
