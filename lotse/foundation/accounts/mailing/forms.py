"""What a person wants of the mails of one sender: one choice for all news, one for each kind."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from lotse.foundation.accounts.mailing.queries import Choices, Kind
from lotse.foundation.core.mail.choices import SAME
from lotse.foundation.core.models import MailChoice, OutboxMail
from lotse.foundation.ui.forms import Form

GENERAL = "all"
EACH, DIGEST, OFF = (str(choice) for choice in MailChoice.Choice)


def _news() -> list[tuple[str, str]]:
    return [
        (EACH, _("jede Mail einzeln")),
        (DIGEST, _("einmal am Tag gesammelt")),
        (OFF, _("keine")),
    ]


class MailsForm(Form):
    """Its fields are made of what there is to choose."""

    def __init__(self, data: Any, *, choices: Choices) -> None:
        super().__init__(data)
        self.choices = choices
        self.fields[GENERAL] = forms.ChoiceField(
            label=_("Alle Neuigkeiten"), choices=_news(), initial=choices.general
        )
        for kind in choices.kinds:
            self.fields[kind.field] = _field(kind)

    def news(self) -> list[Any]:
        """The fields for news, the one for all of them first."""
        kinds = self.choices.of(OutboxMail.Class.NEWS)
        return [self[GENERAL], *(self[kind.field] for kind in kinds)]

    def duties(self) -> list[Any]:
        """The fields for mails about one's own tasks."""
        return [self[kind.field] for kind in self.choices.of(OutboxMail.Class.DUTY)]

    def chosen(self) -> dict[str, str]:
        """Code to choice; SAME where all news decide."""
        return {kind.code: self.cleaned_data[kind.field] for kind in self.choices.kinds}


def _field(kind: Kind) -> forms.ChoiceField:
    if kind.mail_class == OutboxMail.Class.NEWS:
        offered = [(SAME, _("wie bei „Alle Neuigkeiten“")), *_news()]
    else:
        offered = [(EACH, _("jede Mail einzeln")), (OFF, _("keine"))]
    return forms.ChoiceField(label=kind.title, choices=offered, initial=kind.own)
