"""Forms of the account's own pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.accounts.tokens import SCOPES
from lotse.foundation.ui.forms import Form, LineField


class TokenForm(Form):
    """A key for programs: name, what it may, how long."""

    name = LineField(
        label=_("Wofür?"),
        max_length=80,
        help_text=_("Zum Beispiel der Name des Programms."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Was darf das Programm?"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Bitte wählen Sie, was der Schlüssel darf.")},
    )
    days = forms.TypedChoiceField(
        label=_("Wie lange gilt der Schlüssel?"),
        choices=[(30, _("30 Tage")), (90, _("90 Tage")), (365, _("1 Jahr"))],
        coerce=int,
        initial=90,
    )
