"""Forms around minutes: what is asked before each act."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.procedures.models import Objection
from lotse.foundation.ui.forms import Form, LineField, TextField
from lotse.rooms.bodies.content.minutes import Json
from lotse.rooms.bodies.models import Meeting, Outcome
from lotse.rooms.bodies.services.rewording import COUNTS, Wording

Choices = Sequence[tuple[str, Any]]


class NothingForm(Form):
    """Only a button."""


class HeadForm(Form):
    """What stands above the items."""

    minutes_kind = forms.ChoiceField(
        label=gettext_lazy("Art des Protokolls"), choices=Meeting.MinutesKind.choices
    )
    moderation = LineField(
        label=gettext_lazy("Moderation"), required=False,
        help_text=gettext_lazy("Mehrere Namen trennen Sie mit Komma."),
    )  # fmt: skip
    minute_takers = LineField(
        label=gettext_lazy("Mitschrift"), required=False,
        help_text=gettext_lazy("Mehrere Namen trennen Sie mit Komma."),
    )  # fmt: skip
    next_dates = TextField(label=gettext_lazy("Nächste Termine"), required=False)


class AdoptForm(Form):
    """Which meeting adopted the minutes."""

    meeting = forms.ChoiceField(
        label=gettext_lazy("In welcher Sitzung wurde das Protokoll genehmigt?")
    )

    def __init__(self, *args: Any, meetings: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].choices = list(meetings)  # type: ignore[attr-defined]  # a ChoiceField


class PublishForm(Form):
    """Who may read the minutes."""

    level = forms.ChoiceField(label=gettext_lazy("Wer liest das Protokoll?"))

    def __init__(self, *args: Any, levels: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = list(levels)  # type: ignore[attr-defined]  # a ChoiceField


class _ItemForm(Form):
    """Something about one item, or about the whole."""

    item = forms.ChoiceField(label=gettext_lazy("Worum geht es?"), required=False)

    def __init__(self, *args: Any, items: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole = [("", _("das ganze Protokoll"))]
        self.fields["item"].choices = [*whole, *items]  # type: ignore[attr-defined]  # a ChoiceField


class AmendForm(_ItemForm):
    """A marked correction of adopted minutes."""

    words = TextField(label=gettext_lazy("Was ist richtig?"))
    reason = LineField(label=gettext_lazy("Grund"), max_length=300)


class ObjectForm(_ItemForm):
    """An objection to an item."""

    kind = forms.ChoiceField(label=gettext_lazy("Art"), choices=Objection.Kind.choices)
    words = TextField(label=gettext_lazy("Was soll anders sein?"))


class AnswerForm(Form):
    """What comes of an objection."""

    accepted = forms.ChoiceField(
        label=gettext_lazy("Wird der Einwand übernommen?"),
        choices=[("yes", gettext_lazy("Ja, das Protokoll wird berichtigt")),
                 ("no", gettext_lazy("Nein"))],
    )  # fmt: skip
    words = TextField(
        label=gettext_lazy("Antwort"),
        help_text=gettext_lazy("Sie geht an die Person, die den Einwand erhoben hat."),
    )


class CorrectForm(Form):
    """All wording of the minutes that can be put right before they are adopted: notes of items,
    text of outcomes, counts and result of decisions."""

    def __init__(self, *args: Any, content: Json, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups: list[tuple[str, list[str]]] = []
        self._add(content["items"])
        self._groups.append((_("Was die anderen erfahren"), ["reason"]))
        self.fields["reason"] = LineField(
            label=_("Was haben Sie berichtigt?"), max_length=300,
            help_text=_("Das lesen alle, die anwesend waren."),
        )  # fmt: skip

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Titles of items with their fields."""
        return [
            {"title": title, "fields": [self[name] for name in names]}
            for title, names in self._groups
        ]

    @property
    def wording(self) -> Wording:
        """What was typed, for the service."""
        found = Wording()
        for name, value in self.cleaned_data.items():
            if name not in self.data:
                continue  # what was not sent is not emptied
            kind, _sep, key = name.partition("-")
            if kind == "notes":
                found.notes[key] = value
            elif kind in ("text", "result", *COUNTS):
                found.outcomes.setdefault(key, {})[kind] = value
        return found

    def _add(self, items: list[Json]) -> None:
        for item in items:
            names = self._notes(item)
            for one in item["outcomes"]:
                names += self._outcome(one)
            if names:
                title = f"{item['number']} {item['title']}".strip()
                self._groups.append((title, names))
            self._add(item["items"])

    def _notes(self, item: Json) -> list[str]:
        if not item["notes"]:
            return []
        name = f"notes-{item['uuid']}"
        self.fields[name] = TextField(
            label=_("Diskussion"), required=False, max_length=200_000,
            initial="\n\n".join(item["notes"]),
        )  # fmt: skip
        return [name]

    def _outcome(self, one: Json) -> list[str]:
        key = one["uuid"]
        label = str(dict(Outcome.Kind.choices).get(one["kind"], one["kind"]))
        label = f"{label} {one['number']}".strip()
        names = [f"text-{key}"]
        self.fields[names[0]] = TextField(label=label, initial=one["text"], max_length=20_000)
        if one["kind"] != Outcome.Kind.DECISION:
            return names
        for count, word in zip(COUNTS, (_("Ja"), _("Nein"), _("Enthaltung")), strict=True):
            names.append(f"{count}-{key}")
            self.fields[names[-1]] = forms.IntegerField(
                label=f"{label}: {word}", required=False, min_value=0, max_value=9999,
                initial=one[count],
            )  # fmt: skip
        names.append(f"result-{key}")
        self.fields[names[-1]] = forms.ChoiceField(
            label=f"{label}: {_('Ergebnis')}", required=False, initial=one["result"],
            choices=[("", _("ohne Angabe")), *Outcome.Result.choices],
        )  # fmt: skip
        return names
