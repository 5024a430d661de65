"""Shape of input: starting a check, answering a checkpoint, mailing a link."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import text
from lotse.foundation.parties.models import Organisation
from lotse.foundation.ui.forms import EmailField, Form, LineField, TextField
from lotse.rooms.checks.content import Checkpoint
from lotse.rooms.checks.models import SKIP, Answer, Assessment
from lotse.rooms.checks.services.answers import AnswerInput

MARKS = ("applies", "missing")
MOST_OWN = 20
OWN_LENGTH = 300


class ScopeForm(Form):
    """For whom the check is done; everything optional."""

    organisation_name = LineField(
        label=_("Name der Organisation"),
        required=False,
        help_text=_("Erscheint auf Ihrem Ergebnis. Sie können das Feld leer lassen."),
    )
    scope = forms.ChoiceField(
        label=_("Bewertet wird"),
        choices=Assessment.Scope.choices,
        initial=Assessment.Scope.ORGANISATION,
        widget=forms.RadioSelect,
    )
    unit = LineField(label=_("Name des Teams oder Bereichs"), required=False)
    organisation = forms.ChoiceField(
        label=_("Gehört zu"),
        required=False,
        help_text=_("Wer diese Organisation bearbeiten darf, sieht und bearbeitet die Bewertung."),
    )

    def __init__(self, *args: Any, organisations: list[Organisation] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._found = {str(each.uuid): each for each in organisations or []}
        if self._found:
            chosen = [(uuid, each.name) for uuid, each in self._found.items()]
            field = self.fields["organisation"]
            field.choices = [("", _("nur zu mir")), *chosen]  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del self.fields["organisation"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self._found:
            found = self._found.get(cleaned.get("organisation", ""))
            cleaned["organisation"] = found
            if found is not None and not cleaned.get("organisation_name"):
                cleaned["organisation_name"] = found.name
        return cleaned


class AnswerForm(Form):
    """One checkpoint: level, note, marks per example, own examples."""

    level = forms.ChoiceField(required=False)
    note = TextField(
        label=_("Notiz"),
        required=False,
        max_length=4000,
        help_text=_("Was sprach für diese Einschätzung? Was ist schon da?"),
    )
    own = TextField(
        label=_("Eigene Beispiele"),
        required=False,
        max_length=6000,
        help_text=_("Ein Beispiel je Zeile, höchstens 20"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, point: Checkpoint, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.point = point
        choices = [(level.id, level.label) for level in point.levels]
        if point.skip_label:
            choices.append((SKIP, point.skip_label))
        level = self.fields["level"]
        level.choices = [("", "–"), *choices]  # type: ignore[attr-defined]  # a ChoiceField
        level.error_messages["invalid_choice"] = _("Diese Stufe gibt es hier nicht.")
        level.label = _("Wie groß ist Ihr Handlungsbedarf?")
        self.fields["note"].widget.attrs["rows"] = 4

    @classmethod
    def for_answer(cls, point: Checkpoint, answer: Answer | None) -> "AnswerForm":
        """The form filled in with what is stored."""
        if answer is None:
            return cls(point)
        initial = {
            "level": answer.level,
            "note": answer.note,
            "own": "\n".join(answer.own_examples),
        }
        form = cls(point, initial=initial)
        form.stored_marks = answer.marks
        return form

    stored_marks: dict[str, str] = {}

    def clean_own(self) -> list[str]:
        lines = [text.clean_line(line) for line in self.cleaned_data["own"].split("\n")]
        lines = [line for line in lines if line]
        if len(lines) > MOST_OWN:
            raise forms.ValidationError(
                _("Bitte höchstens %(most)s Beispiele; es sind %(n)s."),
                params={"most": MOST_OWN, "n": len(lines)},
            )
        long = next((line for line in lines if len(line) > OWN_LENGTH), None)
        if long:
            raise forms.ValidationError(
                _("Bitte kürzen Sie das Beispiel „%(start)s“ auf %(most)s Zeichen."),
                params={"start": text.shorten(long, 40), "most": OWN_LENGTH},
            )
        return lines

    @property
    def marks(self) -> dict[str, str]:
        """The marks as typed, or as stored; unknown examples and values are ignored."""
        if not self.is_bound:
            return self.stored_marks
        found = {name: str(self.data.get(f"m-{name}", "")) for name in self.point.example_ids}
        return {name: mark for name, mark in found.items() if mark in MARKS}

    @property
    def chosen(self) -> str:
        """The level as typed or as stored."""
        return str(self["level"].value() or "")

    def as_input(self) -> AnswerInput:
        """What the service takes; call after `is_valid()`."""
        return AnswerInput(
            level=self.cleaned_data["level"],
            note=self.cleaned_data["note"],
            marks=self.marks,
            own_examples=self.cleaned_data["own"],
        )


class MailLinkForm(Form):
    """To whom the secret link is sent."""

    address = EmailField(
        label=_("Ihre E-Mail-Adresse"),
        help_text=_("Wir speichern die Adresse nur, bis die Nachricht verschickt ist."),
    )


class DeleteForm(Form):
    """Deleting asks once."""

    confirmed = forms.BooleanField(
        label=_("Ja, alles löschen"),
        error_messages={"required": _("Bitte bestätigen Sie, dass alles gelöscht werden soll.")},
    )
    earlier = forms.BooleanField(label=_("Auch die früheren Runden löschen"), required=False)


class ShareForm(Form):
    """With whom an assessment is shared, and what for."""

    person = forms.ChoiceField(label=_("Person"))
    level = forms.ChoiceField(
        label=_("Die Person darf"),
        choices=[("read", _("lesen")), ("edit", _("lesen und bearbeiten"))],
        initial="read",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, candidates: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        field.choices = candidates  # type: ignore[attr-defined]  # a ChoiceField
        field.error_messages["required"] = _("Bitte wählen Sie eine Person.")
        field.error_messages["invalid_choice"] = _("Mit dieser Person können Sie nicht teilen.")
