"""Forms of data protection."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.parties.privacy import purposes
from lotse.foundation.ui.forms import DayField, EmailField, Form, LineField


class SureForm(Form):
    """One box to tick, so that nothing is erased by a slip."""

    sure = forms.BooleanField(
        label=_("Ich habe gelesen, was gelöscht wird und was bleibt."),
        error_messages={"required": _("Bitte bestätigen Sie, dass Sie es gelesen haben.")},
    )


class FindForm(Form):
    """Whom a request is about."""

    email = EmailField(label=_("E-Mail-Adresse der Person"))


class ReasonForm(Form):
    """Why, in one line."""

    reason = LineField(label=_("Grund"), max_length=300)


def _choices() -> list[tuple[str, str]]:
    return [
        (f"{one.key}:{channel}", f"{one.title}: {purposes.CHANNELS[channel]}")
        for one in purposes.all_purposes()
        for channel in one.channels
    ]


class PaperConsentForm(Form):
    """A consent that the office has on paper."""

    what = forms.ChoiceField(label=_("Wozu?"), choices=_choices)
    on = DayField(label=_("Unterschrieben am"))
    source = LineField(
        label=_("Womit belegt?"),
        max_length=160,
        help_text=_("Zum Beispiel: Bogen vom Plenum, Ordner 3."),
    )

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day and day > clock.today():
            raise forms.ValidationError(_("Der Tag der Einwilligung liegt in der Zukunft."))
        return day
