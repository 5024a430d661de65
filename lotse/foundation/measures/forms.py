"""Shape of input for measures and their notes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.parties import KEEP, Choices
from lotse.foundation.ui.forms import DayField, Form, LineField, TextField


class MeasureForm(Form):
    """What, why, who, until when; the rest is optional and folded on the page."""

    title = LineField(label=_("Was ist zu tun?"), max_length=200)
    reason = TextField(
        label=_("Wozu?"), required=False, max_length=2000, help_text=_("Was soll besser werden?")
    )
    responsible = LineField(
        label=_("Wer kümmert sich?"),
        required=False,
        help_text=_("Name, Organisation oder Gremium"),
    )
    due_on = DayField(label=_("Bis wann?"), required=False)
    urgency = forms.TypedChoiceField(
        label=_("Dringlichkeit"),
        coerce=int,
        choices=Measure.Urgency.choices,
        initial=Measure.Urgency.NORMAL,
    )
    status = forms.ChoiceField(
        label=_("Stand"), choices=Measure.Status.choices, initial=Measure.Status.OPEN
    )
    delay_reason = TextField(
        label=_("Grund der Verspätung"),
        required=False,
        max_length=2000,
        help_text=_("Falls der Termin nicht zu halten ist"),
    )
    controller = LineField(label=_("Wer prüft das Ergebnis?"), required=False)
    control_on = DayField(label=_("Wann wird geprüft?"), required=False)

    def __init__(
        self,
        *args: Any,
        choices: Choices | None = None,
        measure: Measure | None = None,
        **kwargs: Any,
    ) -> None:
        """With `choices` a person or an organisation can be chosen beside the free text."""
        super().__init__(*args, **kwargs)
        self.choices = choices
        if choices is None:
            return
        now = Measure() if measure is None else measure
        stored = (now.person_id, now.organisation_id, now.body_id)
        self._offer("party", choices.parties, choices, now.party, stored)
        self.fields["party"].label = _("Wer kümmert sich?")
        self.fields["responsible"].label = _("Weitere Beteiligte")
        self.fields["responsible"].help_text = _(
            "Oder wer nicht in der Liste steht, frei eingetippt"
        )
        if "controller" in self.fields:
            checker = now.controller_person.name if now.controller_person else ""
            stored = (now.controller_person_id, None, None)
            self._offer("checker", choices.people, choices, checker, stored)
            self.fields["checker"].label = _("Wer prüft das Ergebnis?")
            self.fields["controller"].label = _("Prüfung durch weitere")

    def _offer(
        self,
        name: str,
        options: Any,
        choices: Choices,
        shown: str,
        keys: tuple[int | None, int | None, int | None],
    ) -> None:
        """A select field with what may be chosen, and what is stored where that may not."""
        value = choices.value_of(*keys)
        kept = [(KEEP, _("unverändert: %(name)s") % {"name": shown})] if value == KEEP else []
        self.fields[name] = forms.ChoiceField(
            choices=[("", _("niemand aus der Liste")), *kept, *options],
            required=False,
            initial=value,
        )

    @property
    def changes(self) -> dict[str, Any]:
        """What the services take: keys of people and organisations; call after `is_valid()`."""
        fields = dict(self.cleaned_data)
        party, checker = fields.pop("party", KEEP), fields.pop("checker", KEEP)
        if self.choices is None:
            return fields
        if party != KEEP:
            meant = self.choices.meaning.get(party)
            fields["person_id"] = meant.person if meant else None
            fields["organisation_id"] = meant.organisation if meant else None
            fields["body_id"] = meant.body if meant else None
        if checker != KEEP:
            meant = self.choices.meaning.get(checker)
            fields["controller_person_id"] = meant.person if meant else None
        return fields

    @classmethod
    def for_measure(cls, measure: Measure, choices: Choices | None = None) -> "MeasureForm":
        """The form filled in with a stored measure."""
        initial = {name: getattr(measure, name) for name in cls.base_fields}
        return cls(initial=initial, choices=choices, measure=measure)


class NewMeasureForm(MeasureForm):
    """The short form of a new measure: no status, no reason of delay."""

    status = None  # type: ignore[assignment]  # Django's way to drop a field
    delay_reason = None  # type: ignore[assignment]  # Django's way to drop a field
    controller = None  # type: ignore[assignment]  # Django's way to drop a field
    control_on = None  # type: ignore[assignment]  # Django's way to drop a field


class NoteForm(Form):
    """A progress note."""

    text = TextField(label=_("Was ist passiert?"), max_length=2000)
    author = LineField(label=_("Wer schreibt?"), required=False, max_length=120)


class WorkForm(Form):
    """What whoever takes care reports: how it stands, and why it is late."""

    status = forms.ChoiceField(label=_("Stand"), choices=Measure.Status.choices)
    delay_reason = TextField(
        label=_("Grund der Verspätung"),
        required=False,
        max_length=2000,
        help_text=_("Falls der Termin nicht zu halten ist"),
    )


class AnswerForm(WorkForm):
    """What one of many partners answers to a measure for all (S4-06)."""

    answer = TextField(
        label=_("Ihre Antwort"),
        required=False,
        max_length=2000,
        help_text=_("Was haben Sie getan, was brauchen Sie?"),
    )


class OwnNoteForm(Form):
    """A progress note of a person who is signed in."""

    text = TextField(label=_("Was ist passiert?"), max_length=2000)


class EvidenceForm(Form):
    """A file that shows what was done."""

    file = forms.FileField(
        label=_("Datei"),
        max_length=255,
        help_text=_("PDF, Bild, Word, Excel, PowerPoint, OpenDocument oder Text, höchstens 10 MB"),
        error_messages={
            "required": _("Bitte wählen Sie eine Datei aus."),
            "empty": _("Die Datei ist leer."),
            "max_length": _(
                "Der Dateiname ist zu lang. Bitte kürzen Sie ihn und versuchen Sie es erneut."
            ),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget = forms.FileInput()
