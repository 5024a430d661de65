"""Shape of input: a Steckbrief as a form made from its fields, and the small forms around it.

What a value may be is said in `content.cleaning`, once for pages, import and API; a form here only
takes what was typed and shows what was refused beside the field.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.ui.forms import Form, LineField, TextField
from lotse.rooms.directory.content.choosing import Options
from lotse.rooms.directory.content.differences import twin_of
from lotse.rooms.directory.content.fields import (
    CODE,
    CODES,
    COUNTED,
    DAY,
    EMAIL,
    FLAG,
    NUMBER,
    PHONE,
    PICTURE,
    REGIONS,
    SECTIONS,
    SECTORS,
    TEXT,
    TOPICS,
    WORDS,
    Field,
)
from lotse.rooms.directory.content.labels import counted_line
from lotse.rooms.directory.models import Channel, SavedSearch

SEVERAL = (CODES, TOPICS, REGIONS, SECTORS)
BY_LINE = (WORDS, COUNTED)
# Longer than any field: what is too long is said by the rules of the content, in its words.
_NO_LIMIT = 100_000
_ROWS = {TEXT: 5, WORDS: 4, COUNTED: 3}


class EntryForm(Form):
    """A Steckbrief: a field for each of the content's, in its sections, and why it was changed."""

    reason = LineField(
        label=_("Was sich geändert hat"),
        required=False,
        max_length=300,
        help_text=_("Ein Satz für den Verlauf, zum Beispiel: neue Sprechzeiten."),
    )
    channels = forms.MultipleChoiceField(
        label=_("Wo es zu lesen ist"),
        choices=Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        fields: Sequence[Field],
        options: Options,
        content: Mapping[str, Any],
        hints: Mapping[str, str] | None = None,
        open_to: Sequence[str] = (),
        channels: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        initial = {"channels": list(channels)}
        super().__init__(data, initial=initial, **kwargs)
        self.shown = [twin for one in fields for twin in _with_twin(one)]
        self.options = options
        self.content = dict(content)
        if open_to:
            named = [(one, label) for one, label in Channel.choices if one in open_to]
            self.fields["channels"].choices = named  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del self.fields["channels"]
        for one in self.shown:
            made = _form_field(one, options, (hints or {}).get(one.key, ""))
            if made is not None:
                self.fields[one.key] = made
                self.initial[one.key] = _initial(one, self.content.get(one.key))

    def raw(self) -> dict[str, Any]:
        """What was typed, by field key, for `clean_content`; fields the form does not show keep
        what is stored. Call after `is_valid()`, whether it was or not."""
        found = {
            key: value for key, value in self.content.items()
            if key not in self.fields
        }  # fmt: skip
        for one in self.shown:
            stored = self.content.get(one.key)  # of a picture: the view keeps what was uploaded
            is_picture = one.holds == PICTURE
            typed = stored if is_picture else _typed(one, self[one.key].data)
            found[one.key] = _as_before(stored, typed) if one.holds in SEVERAL else typed
        return {key: value for key, value in found.items() if value not in (None, "", [])}

    def take_faults(self, faults: Mapping[str, Sequence[Any]]) -> None:
        """Shows what the content's rules refused beside its field, else on top."""
        place = {key: number for number, key in enumerate(one.key for one in self.shown)}
        for key, said in sorted(faults.items(), key=lambda item: place.get(item[0], -1)):
            self.add_error(key if key in self.fields else None, [str(one) for one in said])

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The fields by section, ready for the page: bound field, kind of widget, choices."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self.shown:
            found.setdefault(one.section, []).append(self._row(one))
        return [
            {"key": key, "title": SECTIONS[key], "rows": rows} for key, rows in found.items()
        ]  # fmt: skip

    def _row(self, one: Field) -> dict[str, Any]:
        if one.holds == PICTURE:
            return {
                "kind": "picture",
                "key": one.key,
                "bound": self[one.key],
                "uuid": self.content.get(one.key, ""),
                "optional": not one.required,
            }
        bound = self[one.key]
        row: dict[str, Any] = {"kind": "plain", "key": one.key, "bound": bound,
                               "optional": not one.required}  # fmt: skip
        if one.holds in SEVERAL:
            chosen = [str(value) for value in bound.value() or ()]
            row |= {"kind": one.holds, "html": self.options.html(one, chosen)}
        elif one.holds == FLAG:
            row["kind"] = "flag"
        return row


def _with_twin(one: Field) -> list[Field]:
    return [one, twin_of(one)] if one.translated else [one]


def _form_field(one: Field, options: Options, hint: str) -> forms.Field | None:
    common: dict[str, Any] = {
        "label": one.title, "required": False, "help_text": hint or one.hint,
    }  # fmt: skip
    if one.holds in SEVERAL:
        # What can be chosen is checked with the content; a code that went stays until it is saved.
        return _Several(**common)
    if one.holds == CODE:
        chosen = [("", _("bitte wählen")), *options.fixed(one).items()]
        return forms.CharField(widget=forms.Select(choices=chosen), **common)
    if one.holds == FLAG:
        return forms.BooleanField(**common)
    if one.holds == PICTURE:
        return forms.FileField(**common, widget=forms.FileInput(attrs={"accept": _ACCEPT}))
    if one.holds in (TEXT, *BY_LINE):
        area = forms.Textarea(attrs={"rows": _ROWS[one.holds]})
        return TextField(max_length=_NO_LIMIT, widget=area, **common)
    return forms.CharField(widget=_line(one), **common)


_ACCEPT = "image/png,image/jpeg,image/webp"


class _Several(forms.MultipleChoiceField):
    """Any codes: the page draws the choices itself, by group."""

    def validate(self, value: Any) -> None:
        """Nothing: see `clean_content`."""


def _line(one: Field) -> forms.Widget:
    if one.holds == DAY:
        return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    if one.holds == EMAIL:
        return forms.EmailInput()
    if one.holds == PHONE:
        return forms.TextInput(attrs={"type": "tel"})
    return forms.TextInput(attrs={"inputmode": "numeric"} if one.holds == NUMBER else None)


def _initial(one: Field, value: Any) -> Any:
    if value is None:
        return [] if one.holds in SEVERAL else ""
    if one.holds == WORDS:
        return "\n".join(str(each) for each in value)
    if one.holds == COUNTED:
        return "\n".join(counted_line(each) for each in value)
    return value


def _typed(one: Field, value: Any) -> Any:
    """What a browser sent, in the shape that is stored, unchecked."""
    if one.holds in SEVERAL:
        return [str(each) for each in value or ()]
    if one.holds in BY_LINE:
        found = str(value or "").replace("\r", "\n").split("\n")
        return [line.strip() for line in found if line.strip()]
    if one.holds == FLAG:
        return value == "on" or value is True
    if one.holds == DAY:
        return _iso(str(value or "").strip())
    return str(value or "")


def _as_before(stored: Any, ticked: Any) -> list[str]:
    """What is ticked in the order in which it was stored, so that nothing looks changed that is
    not."""
    place = {code: number for number, code in enumerate(stored or ())}
    return sorted(ticked, key=lambda code: place.get(code, len(place)))


def _iso(value: str) -> str:
    """`21.11.2026`, as typed where the browser has no field for dates; anything else as it is."""
    match = _GERMAN_DAY.fullmatch(value)
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if match else value


_GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


class SearchForm(Form):
    """What a saved search is called, and whether it tells of new hits."""

    name = LineField(label=_("Name der Suche"), max_length=120)
    notify = forms.BooleanField(label=_("Mail bei neuen Treffern"), required=False)

    @classmethod
    def of(cls, search: SavedSearch) -> "SearchForm":
        """The form filled in with what is stored."""
        return cls(initial={"name": search.name, "notify": search.notify})
