"""Shape of what people enter about their own place."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.ui.forms import DayField, Form, LineField


class OwnForm(Form):
    """Who one is, as others in the network see it."""

    title = LineField(label=_("Titel"), required=False, max_length=60)
    first_name = LineField(label=_("Vorname"), required=False, max_length=120)
    last_name = LineField(label=_("Nachname"), max_length=120)
    phone = LineField(
        label=_("Telefon"),
        required=False,
        max_length=60,
        help_text=_("Sehen die Geschäftsstelle und wer Ihre Organisation bearbeiten darf."),
    )
    lang = forms.ChoiceField(
        label=_("Sprache der Mails"), choices=[("de", _("Deutsch")), ("en", _("Englisch"))]
    )


class AbsenceForm(Form):
    """Who stands in, from when until when; `people` are (uuid, name) to choose from."""

    deputy = forms.ChoiceField(label=_("Wer vertritt?"))
    starts_on = DayField(label=_("Vom"))
    ends_on = DayField(label=_("Bis"), help_text=_("Der letzte Tag der Vertretung"))
    note = LineField(label=_("Hinweis"), required=False, max_length=300)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Bitte wählen")), *people]
        self.fields["deputy"].choices = choices  # type: ignore[attr-defined]  # a choice field
