"""Shape of input for measures that a meeting agreed on."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.measures.models import Helper, Measure
from lotse.foundation.measures.parties import KEEP, Choices, Party
from lotse.foundation.parties.models import Body
from lotse.foundation.ui.forms import DayField, Form, LineField, TextField
from lotse.rooms.bodies.queries.measures import Group


class ShareForm(Form):
    """To whom a measure is shared out: all partners, or the members of a body."""

    def __init__(self, *args: Any, groups: Sequence[Group], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self._bodies = {str(one.body.uuid): one.body for one in groups if one.body is not None}
        self.fields["to"] = forms.ChoiceField(
            label=_("Wer bekommt die Maßnahme?"), choices=[self._choice(one) for one in groups]
        )

    @staticmethod
    def _choice(group: Group) -> tuple[str, str]:
        if group.body is None:
            return "all", str(_("Alle Partner im Netzwerk (%(n)s)") % {"n": group.size})
        words = {"name": group.body.name, "n": group.size}
        return str(group.body.uuid), str(_("Mitglieder: %(name)s (%(n)s)") % words)

    @property
    def bodies(self) -> list[Body]:
        """The body whose members are meant; none for all partners."""
        chosen = self._bodies.get(self.cleaned_data["to"])
        return [chosen] if chosen is not None else []


class AgreedForm(Form):
    """What was agreed: wording, who with whom, until when, how it stands."""

    title = LineField(label=_("Was ist zu tun?"), max_length=200)
    reason = TextField(label=_("Näheres"), required=False, max_length=2000)
    responsible = LineField(
        label=_("Weitere Beteiligte"),
        required=False,
        help_text=_("Wer nicht in der Liste steht, frei eingetippt"),
    )
    due_on = DayField(label=_("Bis wann?"), required=False)
    due_words = LineField(
        label=_("Termin in Worten"),
        required=False,
        max_length=120,
        help_text=_("Zum Beispiel: bis zur nächsten Sitzung"),
    )
    status = forms.ChoiceField(label=_("Stand"), choices=Measure.Status.choices)
    delay_reason = TextField(
        label=_("Grund der Verspätung"),
        required=False,
        max_length=2000,
        help_text=_("Nötig, solange die Maßnahme überfällig ist"),
    )

    def __init__(
        self, *args: Any, choices: Choices, measure: Measure, helpers: Sequence[Helper], **rest: Any
    ) -> None:
        """One field more than there are people, organisations and bodies who help."""
        super().__init__(*args, **rest)
        self.choices = choices
        self.stored = [
            Party(measure.person_id, measure.organisation_id, measure.body_id),
            *(Party(one.person_id, one.organisation_id, one.body_id) for one in helpers),
        ]
        names = [measure.party, *(one.name for one in helpers)]
        for place in range(len(self.stored) + 1):
            self._offer(place, names[place] if place < len(names) else "")
        order = ["title", "reason", *self.places, "responsible", "due_on", "due_words"]
        self.order_fields([*order, "status", "delay_reason"])

    @property
    def places(self) -> list[str]:
        """The names of the fields with who takes care."""
        return [f"party_{place}" for place in range(len(self.stored) + 1)]

    def _offer(self, place: int, shown: str) -> None:
        party = self.stored[place] if place < len(self.stored) else Party()
        value = self.choices.value_of(party.person, party.organisation, party.body)
        kept = [(KEEP, _("unverändert: %(name)s") % {"name": shown})] if value == KEEP else []
        self.fields[f"party_{place}"] = forms.ChoiceField(
            label=_("Wer kümmert sich?") if place == 0 else _("Gemeinsam mit"),
            choices=[("", _("niemand aus der Liste")), *kept, *self.choices.parties],
            required=False,
            initial=value,
        )

    def _party(self, place: int) -> Party:
        value = self.cleaned_data.get(f"party_{place}", "")
        if value == KEEP and place < len(self.stored):
            return self.stored[place]
        return self.choices.meaning.get(value, Party())

    @property
    def changes(self) -> dict[str, Any]:
        """What the service takes; call after `is_valid()`. Who helps is `helpers`."""
        found = {k: v for k, v in self.cleaned_data.items() if not k.startswith("party_")}
        return found | self._party(0).fields

    @property
    def helpers(self) -> list[Party]:
        """Everybody but the first."""
        others = [self._party(place) for place in range(1, len(self.stored) + 1)]
        return [one for one in others if one != Party()]

    @classmethod
    def initial_of(cls, measure: Measure) -> dict[str, Any]:
        """The fields of a stored measure."""
        return {name: getattr(measure, name) for name in cls.base_fields}
