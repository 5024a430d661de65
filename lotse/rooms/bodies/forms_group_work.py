"""Shape of input for tables, their results, and clusters."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.ui.forms import Form, LineField, TextField


def _number(label: Any, initial: int, most: int, **kwargs: Any) -> forms.IntegerField:
    field = forms.IntegerField(label=label, min_value=1, max_value=most, initial=initial, **kwargs)
    field.widget.attrs["inputmode"] = "numeric"
    return field


class TableForm(Form):
    """A table: what it works on, who moderates, how long."""

    question = LineField(label=_("Frage"), max_length=300)
    sub_question = LineField(label=_("Zweite Frage"), max_length=300, required=False)
    moderators = LineField(
        label=_("Moderation"), required=False, help_text=_("Namen, durch Komma getrennt")
    )
    rounds = _number(_("Runden"), 1, 20)
    minutes_a_round = _number(_("Minuten je Runde"), 20, 600)
    most = _number(
        _("Wichtigste Ergebnisse"), 5, 100,
        help_text=_("So viele soll der Tisch vorstellen. Mehr werden trotzdem aufgenommen."),
    )  # fmt: skip


class ResultForm(Form):
    """A result of a table."""

    text = TextField(label=_("Ergebnis"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    round = _number(_("Runde"), 1, 20)

    def __init__(self, *args: Any, rounds: int = 1, **kwargs: Any) -> None:
        """Where there is one round only, nobody is asked for it."""
        super().__init__(*args, **kwargs)
        if rounds == 1:
            del self.fields["round"]


class ClusterForm(Form):
    """The heading of a cluster."""

    title = LineField(label=_("Überschrift des Bündels"), max_length=200)
