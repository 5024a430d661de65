"""Shape of what is entered about topics, addresses of networks and closing lines of mails."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import text
from lotse.foundation.parties.services import closings
from lotse.foundation.topics import office as limits
from lotse.foundation.ui.forms import Form, LineField, TextField

Choices = list[tuple[str, Any]]


class LinesField(TextField):
    """Several values, one on each line."""

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]  # lines instead of text
        lines = (text.clean_line(line) for line in super().clean(value).splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class TopicForm(Form):
    """A topic with the words that lead to it."""

    name_de = LineField(label=_("Name"), max_length=limits.NAME_LENGTH)
    name_en = LineField(label=_("Name auf Englisch"), required=False, max_length=limits.NAME_LENGTH)
    parent = forms.ChoiceField(
        label=_("Gruppe"),
        required=False,
        help_text=_("Ohne Gruppe ist das Thema selbst eine."),
    )
    summary_de = LineField(
        label=_("Kurzbeschreibung"), required=False, max_length=limits.TEXT_LENGTH
    )
    summary_en = LineField(
        label=_("Kurzbeschreibung auf Englisch"), required=False, max_length=limits.TEXT_LENGTH
    )
    words_de = LinesField(
        label=_("Andere Wörter dafür"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Je Zeile eines. Wer danach sucht, findet dieses Thema."),
    )
    words_en = LinesField(
        label=_("Andere Wörter auf Englisch"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    note = TextField(
        label=_("Hinweis"),
        required=False,
        max_length=limits.NOTE_LENGTH,
        help_text=_("Nur hier in der Verwaltung zu sehen, etwa was nicht dazugehört"),
    )

    def __init__(self, *args: Any, groups: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [("", _("keine")), *groups]  # type: ignore[attr-defined]  # a ChoiceField


class RetireTopicForm(Form):
    """What takes the place of a topic; `needed` where something hangs on it."""

    successor = forms.ChoiceField(
        label=_("Nachfolge"),
        required=False,
        help_text=_("Was am Thema hängt, geht zu diesem über, und seine Wörter führen dorthin."),
    )

    def __init__(self, *args: Any, topics: Choices, needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].required = needed
        first = _("Bitte wählen") if needed else _("keine")
        self.fields["successor"].choices = [("", first), *topics]  # type: ignore[attr-defined]  # a ChoiceField


class HostsForm(Form):
    """Under which names a network is shown."""

    hosts = LinesField(
        label=_("Adressen"),
        required=False,
        help_text=_("Je Zeile ein Hostname, etwa netz.auental.example. Die erste Adresse steht in "
                    "Links dieses Netzwerks."),
    )  # fmt: skip


class ClosingForm(Form):
    """What a network says at the end of one kind of mail."""

    words_de = LineField(label=_("Schlusszeile"), required=False, max_length=closings.LENGTH)
    words_en = LineField(
        label=_("Schlusszeile auf Englisch"),
        required=False,
        max_length=closings.LENGTH,
        help_text=_("Ohne englische Zeile enden englische Mails ohne eine."),
    )
