"""Shape of what the office enters about Steckbriefe, templates, applications, joining."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import text
from lotse.foundation.parties.models import Network
from lotse.foundation.ui.forms import Form, LineField, TextField
from lotse.rooms.directory.content.fields import SECTIONS
from lotse.rooms.directory.models import Channel, Entry
from lotse.rooms.directory.queries.templates import Used, always_used
from lotse.rooms.directory.services import announcing, joining, notes, states, templates
from lotse.surfaces.desk.forms_content import LinesField

Choices = Sequence[tuple[str, Any]]
PICK = ("", _("Bitte wählen"))
MET = {"": None, "ja": True, "nein": False}


class AnnounceForm(Form):
    """Where and until when an organisation's facts are announced."""

    channels = forms.MultipleChoiceField(
        label=_("Wo sollen die Angaben erscheinen?"),
        choices=Channel.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Channel.WEB, Channel.MEMBERS],
        error_messages={"required": _("Bitte wählen Sie mindestens eines.")},
    )
    days = forms.IntegerField(
        label=_("Frist in Tagen"),
        initial=announcing.DAYS,
        min_value=announcing.LEAST_DAYS,
        max_value=announcing.MOST_DAYS,
        help_text=_("Üblich sind 28 Tage, mindestens 14."),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Bitte nennen Sie 14 bis 180 Tage.")
        ),
    )
    note = TextField(
        label=_("Anschreiben"),
        required=False,
        max_length=2000,
        help_text=_("Steht in der Mail über dem Link."),
    )


class FlagsForm(Form):
    """What the network marks an entry with (S4-13)."""

    is_pilot = forms.BooleanField(label=_("Pilotpartner"), required=False)
    is_lighthouse = forms.BooleanField(label=_("Leuchtturm"), required=False)


class NoteForm(Form):
    """A note of the office for itself."""

    words = TextField(
        label=_("Notiz"),
        max_length=notes.LENGTH,
        help_text=_("Nur die Geschäftsstelle liest sie. Geht es um eine Person, gehört sie zu "
                    "deren eigenen Daten: Sie bekommt sie bei einer Auskunft zu sehen."),
    )  # fmt: skip


class NewEntryForm(Form):
    """For whom a Steckbrief is made."""

    person = forms.ChoiceField(label=_("Person"))

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [PICK, *people]  # type: ignore[attr-defined]  # a ChoiceField


class StateForm(Form):
    """The state of the network, and why."""

    state = forms.ChoiceField(label=_("Zustand"))
    reason = LineField(
        label=_("Grund"),
        max_length=states.REASON_LENGTH,
        help_text=_("Er steht später im Protokoll."),
    )

    def __init__(self, *args: Any, may_end: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [pair for pair in Network.State.choices
                   if may_end or pair[0] != Network.State.ENDED]  # fmt: skip
        self.fields["state"].choices = offered  # type: ignore[attr-defined]  # a ChoiceField


class CriteriaForm(Form):
    """The check of an application: per criterion met or not, with a note; then how it fits."""

    def __init__(self, *args: Any, criteria: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keys = [one["key"] for one in criteria]
        for one in criteria:
            said = _("selbst angekreuzt") if one["said"] else _("nicht angekreuzt")
            self.fields[f"met-{one['key']}"] = forms.ChoiceField(
                label=one["text"], required=False, help_text=said,
                choices=[("", _("offen")), ("ja", _("erfüllt")), ("nein", _("nicht erfüllt"))],
                initial={True: "ja", False: "nein"}.get(one["checked"], ""),
            )  # fmt: skip
            self.fields[f"note-{one['key']}"] = LineField(
                label=_("Notiz dazu"), required=False, max_length=1000, initial=one["note"]
            )
        self.fields["fit_note"] = TextField(
            label=_("Passung zu vorhandenen Angeboten"), required=False, max_length=4000,
            help_text=_("Was ergänzt sich, was überschneidet sich, was ist zu klären?"),
        )  # fmt: skip

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """(met or not, note) of each criterion."""
        return [(self[f"met-{key}"], self[f"note-{key}"]) for key in self._keys]

    def marks(self) -> dict[str, tuple[bool | None, str]]:
        """Key -> (met or not, note), as the service takes it."""
        data = self.cleaned_data
        return {key: (MET[data[f"met-{key}"]], data[f"note-{key}"]) for key in self._keys}


class AcceptForm(Form):
    """Whether the partner is new, or one that is there already."""

    organisation = forms.ChoiceField(
        label=_("Organisation"),
        required=False,
        help_text=_("Gibt es sie schon, bleibt ihr Steckbrief, wie er ist; die Ansprechperson "
                    "wird eingeladen."),
    )  # fmt: skip
    note = TextField(
        label=_("Notiz zur Entscheidung"),
        required=False,
        max_length=4000,
        help_text=_("Nur für die Geschäftsstelle"),
    )

    def __init__(self, *args: Any, similar: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [("", _("neu anlegen")), *similar]  # type: ignore[attr-defined]  # a ChoiceField
        if not similar:
            del self.fields["organisation"]


class DeclineForm(Form):
    """The words that go to the applicant."""

    words = TextField(
        label=_("Ihre Worte an die Ansprechperson"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Sie gehen so per Mail hinaus, mit Anrede und Namen des Netzwerks."),
    )


class WithdrawForm(Form):
    """That the applicant does not want to any more."""

    note = TextField(label=_("Notiz"), required=False, max_length=4000)


class NewTemplateForm(Form):
    """For which kind of Steckbrief."""

    kind = forms.ChoiceField(label=_("Art"), choices=[PICK, *Entry.Kind.choices])

    def __init__(self, *args: Any, is_known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_known:
            self.fields["kind"].widget = forms.HiddenInput()


class ConfirmAdoptForm(Form):
    """A look before it holds."""

    confirmed = forms.BooleanField(
        label=_("Die Antworten sind gelesen, die Fassung soll gelten"),
        error_messages={"required": _("Bitte bestätigen Sie mit dem Häkchen.")},
    )


class SendTemplateForm(Form):
    """How long the partners have to answer."""

    days = forms.IntegerField(
        label=_("Frist in Tagen"),
        initial=templates.DAYS,
        min_value=templates.LEAST_DAYS,
        max_value=templates.MOST_DAYS,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Bitte nennen Sie 7 bis 180 Tage.")
        ),
    )


USES = [("required", _("Pflicht")), ("optional", _("freiwillig")), ("off", _("nicht benutzt"))]


class TemplateForm(Form):
    """Every field of a kind of Steckbrief: needed, free or not used, with the network's hint."""

    def __init__(self, *args: Any, kind: str, used: Sequence[Used], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._used = used
        for lang, label in (("de", _("Einleitung")), ("en", _("Einleitung auf Englisch"))):
            self.fields[f"intro_{lang}"] = TextField(
                label=label, required=False, max_length=templates.INTRO_LENGTH,
                help_text=_("Steht über dem Formular.") if lang == "de" else "",
            )  # fmt: skip
        for one in used:
            fixed = always_used(kind, one.key)
            now = "required" if one.required else "optional" if one.use else "off"
            self.fields[f"use-{one.key}"] = forms.ChoiceField(
                label=one.field.title, choices=USES[:1] if fixed else USES, initial=now,
                widget=forms.Select(attrs={"class": "kern-form-input__select"}),
            )  # fmt: skip
            for lang, label in (("de", _("Eigener Hinweis")),
                                ("en", _("Eigener Hinweis auf Englisch"))):  # fmt: skip
                self.fields[f"hint-{one.key}-{lang}"] = LineField(
                    label=label, required=False, max_length=templates.HINT_LENGTH,
                    initial=one.hint.get(lang, ""),
                )  # fmt: skip

    @property
    def intro(self) -> list[forms.BoundField]:
        return [self["intro_de"], self["intro_en"]]

    @property
    def sections(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        """(heading, rows); of a row its name, the choice, the hints, and whether these are
        open."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self._used:
            hints = [self[f"hint-{one.key}-{lang}"] for lang in ("de", "en")]
            found.setdefault(one.field.section, []).append({
                "title": one.field.title, "use": self[f"use-{one.key}"], "hints": hints,
                "open": any(hint.errors for hint in hints), "usual": one.field.hint,
                "has_hint": any(hint.value() for hint in hints),
            })  # fmt: skip
        return [(SECTIONS[key], rows) for key, rows in found.items()]

    def fields_as_stored(self) -> dict[str, Any]:
        data, found = self.cleaned_data, {}
        for one in self._used:
            use = data[f"use-{one.key}"]
            hint = {lang: data[f"hint-{one.key}-{lang}"] for lang in ("de", "en")}
            found[one.key] = {"use": use != "off", "required": use == "required", "hint": hint}
        return found


class JoiningForm(Form):
    """The rules of joining: one criterion on a line, one task with its days on a line."""

    is_open = forms.BooleanField(label=_("Bewerbungen sind möglich"), required=False)
    intro_de = TextField(
        label=_("Einleitung"), required=False, max_length=joining.INTRO_LENGTH,
        help_text=_("Steht über der Bewerbung."),
    )  # fmt: skip
    intro_en = TextField(
        label=_("Einleitung auf Englisch"), required=False, max_length=joining.INTRO_LENGTH
    )
    criteria_de = LinesField(
        label=_("Kriterien"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("Je Zeile eines. Wer sich bewirbt, kreuzt an, was zutrifft."),
    )
    criteria_en = LinesField(
        label=_("Kriterien auf Englisch"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("In derselben Reihenfolge"),
    )
    welcome_de = LinesField(
        label=_("Aufgaben der Begrüßung"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Je Zeile eine, mit den Tagen bis zur Fälligkeit: Begrüßungsgespräch "
                    "führen: 14"),
    )  # fmt: skip
    welcome_en = LinesField(
        label=_("Aufgaben auf Englisch"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("In derselben Reihenfolge, ohne Tage"),
    )

    def clean_welcome_de(self) -> list[tuple[str, int]]:
        found = []
        for line in self.cleaned_data["welcome_de"]:
            title, _colon, days = line.rpartition(":")
            days = days.strip()
            if not title.strip() or not (days.isascii() and days.isdigit() and len(days) <= 3):
                raise forms.ValidationError(
                    _("Am Ende der Zeile stehen ein Doppelpunkt und die Tage: %(line)s"),
                    params={"line": text.shorten(line, 60)},
                )
            found.append((title.strip(), int(days)))
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("criteria", "welcome"):
            german, english = data.get(f"{name}_de"), data.get(f"{name}_en")
            if german is not None and english and len(english) != len(german):
                self.add_error(
                    f"{name}_en",
                    _("Es müssen so viele Zeilen sein wie auf Deutsch, oder gar keine."),
                )
        return data

    def values(self, known: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What the service takes; a criterion whose German words stay keeps its key."""
        data = self.cleaned_data
        keys = {one["text"].get("de"): one["key"] for one in known}
        english = data["criteria_en"] or [""] * len(data["criteria_de"])
        titles = data["welcome_en"] or [""] * len(data["welcome_de"])
        return {
            "is_open": data["is_open"],
            "intro": {"de": data["intro_de"], "en": data["intro_en"]},
            "criteria": [
                {"key": keys.get(de, ""), "text": {"de": de, "en": en}}
                for de, en in zip(data["criteria_de"], english, strict=True)
            ],
            "welcome": [
                {"title": {"de": de, "en": en}, "days": days}
                for (de, days), en in zip(data["welcome_de"], titles, strict=True)
            ],
        }
