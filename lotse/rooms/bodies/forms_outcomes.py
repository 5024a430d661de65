"""Shape of an outcome as it is typed: wording, and the fields of its kind."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from lotse.foundation.measures.parties import Party
from lotse.foundation.ui.forms import DayField, Form, LineField, TextField
from lotse.rooms.bodies.content.outcome_kinds import FIELDS, KIND, speaker_words
from lotse.rooms.bodies.models import Outcome
from lotse.rooms.bodies.queries.outcome_choices import Offered, Pairs
from lotse.rooms.bodies.services.outcomes import Agreed, Speaker

KEEP = "keep"
WHO = ("bodies", "organisations", "people", "everyone", "responsible", "due_on", "due_words")
COUNTS = ("yes", "no", "abstain")
MORE = ("annex", "title_before", "title_after", "replaces", "review_on")
_NOTHING: Pairs = [("", "–")]

_TEXT_LABELS = {
    KIND.DECISION: _("Wortlaut des Beschlusses"),
    KIND.AGREED_ACTION: _("Was ist zu tun?"),
    KIND.PARKED: _("Was wird geparkt?"),
    KIND.QUESTION: _("Frage"),
    KIND.ANSWER: _("Antwort"),
    KIND.QUOTE: _("Zitat"),
    KIND.EXTERNAL_DATE: _("Was findet statt?"),
    KIND.SAFETY_BRIEFING: _("Worüber wurde unterwiesen?"),
}


def _count(label: Any) -> forms.IntegerField:
    field = forms.IntegerField(label=label, required=False, min_value=0, max_value=9999)
    field.widget.attrs["inputmode"] = "numeric"
    return field


class OutcomeForm(Form):
    """Only the fields of the kind are there."""

    text = TextField(label=_("Wortlaut"), max_length=8000)
    result = forms.ChoiceField(label=_("Ergebnis"), choices=[*_NOTHING, *Outcome.Result.choices])
    method = forms.ChoiceField(
        label=_("Wie abgestimmt?"), required=False, choices=[*_NOTHING, *Outcome.Method.choices]
    )
    yes, no, abstain = _count(_("Ja")), _count(_("Nein")), _count(_("Enthaltung"))
    trigger = LineField(
        label=_("Worauf wird gewartet?"), max_length=300,
        help_text=_("Zum Beispiel: bis die Ausschreibung entschieden ist"),
    )  # fmt: skip
    trigger_on = DayField(label=_("Wiedervorlage"), required=False)
    answer_to = forms.ChoiceField(
        label=_("Zu welcher Frage?"),
        error_messages={"required": _("Bitte wählen Sie die Frage, zu der die Antwort gehört.")},
    )
    source = LineField(
        label=_("Quelle"), max_length=300,
        help_text=_("Gremium, Tag und Punkt des Protokolls, oder wer es ankündigt"),
    )  # fmt: skip
    on_day = DayField(label=_("Tag"))
    bodies = forms.MultipleChoiceField(label=_("Gremien"), required=False,
                                       widget=forms.CheckboxSelectMultiple)  # fmt: skip
    people = forms.MultipleChoiceField(label=_("Anwesende"), required=False,
                                       widget=forms.CheckboxSelectMultiple)  # fmt: skip
    organisations = forms.MultipleChoiceField(label=_("Organisationen"), required=False,
                                              widget=forms.CheckboxSelectMultiple)  # fmt: skip
    everyone = forms.BooleanField(
        label=_("alle Partner: jede Organisation des Netzwerks antwortet für sich"), required=False
    )
    responsible = LineField(
        label=_("Andere, in Worten"), required=False, help_text=_("Wer hier nicht zu wählen ist")
    )
    due_on = DayField(label=_("Bis wann?"), required=False)
    due_words = LineField(
        label=_("Termin in Worten"), required=False, max_length=120,
        help_text=_("Zum Beispiel: bis zur nächsten Sitzung"),
    )  # fmt: skip
    speaker = forms.ChoiceField(label=_("Wer sagte es?"), required=False)
    speaker_name = LineField(
        label=_("Oder: Name (Organisation)"), required=False, max_length=380,
        help_text=_("Wenn die Person nicht in der Liste steht. Ohne Namen ist es ein Punkt der "
                    "Runde."),
    )  # fmt: skip
    annex = forms.ChoiceField(label=_("Anlage"), required=False)
    title_before = LineField(label=_("Bisheriger Titel des Papiers"), required=False)
    title_after = LineField(
        label=_("Neuer Titel des Papiers"), required=False,
        help_text=_("Nur wenn mit dem Beschluss der Titel geändert wird"),
    )  # fmt: skip
    replaces = forms.ChoiceField(
        label=_("Ersetzt den Beschluss"), required=False,
        help_text=_("Ein früherer Beschluss dieses Gremiums, der damit nicht mehr gilt"),
    )  # fmt: skip
    review_on = DayField(label=_("Wiedervorlage"), required=False)
    confirm = forms.BooleanField(label=_("Ja, so ist es richtig."), required=False)

    def __init__(
        self, *args: Any, kind: str, offered: Offered, outcome: Outcome | None = None, **kwargs: Any
    ) -> None:
        """`outcome` is the one that is changed; then its measures are not part of the form."""
        if outcome is not None:
            kwargs.setdefault("initial", initial_of(outcome))
        super().__init__(*args, **kwargs)
        self.kind, self.offered = kind, offered
        self.doubtful = False
        wanted = {"text", "confirm", *FIELDS[kind]}
        if "speaker" in wanted:
            wanted.add("speaker_name")
        if kind == KIND.AGREED_ACTION and outcome is None:
            wanted |= set(WHO)
        for name in set(self.fields) - wanted:
            del self.fields[name]
        self._fit(outcome)

    def _fit(self, outcome: Outcome | None) -> None:
        """Labels of the kind, and what there is to choose from."""
        self.fields["text"].label = _TEXT_LABELS.get(KIND(self.kind), _("Wortlaut"))
        offered = self.offered
        kept = outcome.speaker if outcome is not None else None
        keep = [(KEEP, speaker_words(kept.name, kept.organisation))] if kept else []
        self._offer("speaker", [*_NOTHING, *keep, *offered.speakers])
        self._offer("annex", [*_NOTHING, *offered.annexes])
        self._offer("replaces", [*_NOTHING, *offered.earlier])
        self._offer("answer_to", [*_NOTHING, *offered.questions])
        for name in ("bodies", "organisations", "people"):
            self._offer(name, getattr(offered, name))
        if self.kind == KIND.ANSWER:
            self.fields["on_day"].required = False
            self.fields["on_day"].label = _("Zugesagt bis")
            self.fields["on_day"].help_text = _(
                "Wenn die Antwort noch aussteht: dann bleibt die Frage offen."
            )
        if self.kind == KIND.EXTERNAL_DATE:
            self.fields["source"].required = False

    def _offer(self, name: str, choices: Pairs) -> None:
        field = self.fields.get(name)
        if field is None:
            return
        if name != "answer_to" and not any(value for value, _label in choices):
            del self.fields[name]
            return
        field.choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "responsible" in self.fields:
            named = [name for name in WHO[:5] if data.get(name)]
            if not named and not self.errors:
                self.add_error("responsible", _("Bitte wählen Sie, wer sich darum kümmert."))
        return data

    def values(self) -> dict[str, Any]:
        """The fields of the kind as the service takes them."""
        data = self.cleaned_data
        found = {name: data.get(name) for name in FIELDS[self.kind] if name != "speaker"}
        for name in ("result", "method", "title_before", "title_after", "trigger", "source"):
            if name in found:
                found[name] = found[name] or ""
        if "annex" in found:
            found["annex"] = self.offered.annex_of.get(data.get("annex") or "")
        if "replaces" in found:
            found["replaces"] = self.offered.earlier_of.get(data.get("replaces") or "")
        if "answer_to" in found:
            asked = Outcome.objects.filter(uuid=data["answer_to"], kind=KIND.QUESTION)
            found["answer_to"] = asked.first()
        return found

    def keeps_speaker(self) -> bool:
        """Whether the stored speaker stays."""
        return not self.cleaned_data.get("speaker_name") and (
            self.cleaned_data.get("speaker") == KEEP
        )

    def said_by(self) -> Speaker | None:
        """Who was chosen or typed; what is typed counts more."""
        typed = self.cleaned_data.get("speaker_name", "")
        if typed:
            name, bracket, rest = typed.partition("(")
            if bracket and name.strip() and rest.rstrip().endswith(")"):
                return Speaker(name.strip(), rest.rstrip()[:-1].strip())
            return Speaker(typed)
        return self.offered.said_by.get(self.cleaned_data.get("speaker", ""))

    def agreed(self) -> Agreed | None:
        """Who does it until when; the first body, organisation, person is responsible."""
        if "responsible" not in self.fields:
            return None
        data = self.cleaned_data
        chosen = [*data.get("bodies", []), *data.get("organisations", []), *data.get("people", [])]
        parties: list[Party] = [self.offered.party_of[value] for value in chosen]
        return Agreed(
            parties, bool(data.get("everyone")), data.get("due_on"), data.get("due_words") or "",
            data.get("responsible") or "",
        )  # fmt: skip

    @property
    def shown(self) -> Iterator[tuple[str, list[BoundField]]]:
        """(how they are drawn, fields) in order; the question to confirm only where there is one.
        What few decisions need is folded away."""
        groups: dict[str, list[BoundField]] = {"counts": [], "more": []}
        for bound in self.visible_fields():
            how = self._drawn(bound)
            if how not in groups:
                if bound.name != "confirm":
                    yield how, [bound]
                continue
            groups[how].append(bound)
            if bound.name == COUNTS[-1]:
                yield how, groups[how]
        if groups["more"]:
            yield "more", groups["more"]
        if self.doubtful:
            yield "check", [self["confirm"]]

    def _drawn(self, bound: BoundField) -> str:
        if bound.name in COUNTS:
            return "counts"
        if bound.name in MORE and self.kind == KIND.DECISION:
            return "more"
        if bound.name in ("bodies", "people", "organisations"):
            return "many" if len(list(bound)) > 8 else "picks"
        return "check" if bound.name == "everyone" else "field"

    @property
    def more_is_open(self) -> bool:
        """Whether something stands in what is folded, or is wrong there."""
        return any(self[name].value() or self[name].errors for name in MORE if name in self.fields)


def initial_of(outcome: Outcome) -> dict[str, Any]:
    """What the form says of a stored outcome."""
    found: dict[str, Any] = {"text": outcome.text}
    for name in FIELDS[outcome.kind]:
        found[name] = getattr(outcome, name)
    if outcome.speaker is not None:
        found["speaker"] = KEEP
    for name in ("annex", "answer_to", "replaces"):
        if found.get(name) is not None:
            found[name] = str(found[name].uuid)
    return found


class AdoptionForm(Form):
    """Who else adopts a decision, and when."""

    who = LineField(
        label=_("Wer?"), max_length=200, help_text=_("Name der Organisation oder des Gremiums")
    )
    adopted_on = DayField(label=_("verabschiedet am"), required=False)


class DayForm(Form):
    """The day of one adoption."""

    adopted_on = DayField(label=_("verabschiedet am"), required=False)
