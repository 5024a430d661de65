"""Forms of the list of those present."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.errors import Refused
from lotse.foundation.ui.forms import Form, LineField
from lotse.rooms.bodies import wall
from lotse.rooms.bodies.models import Attendance, Meeting

PART = Attendance.Part
WRONG_TIME = _("Diese Uhrzeit gibt es nicht. Bitte so eingeben: 13:05.")


class ClockField(forms.TimeField):
    """A time of day, `13:05`; it becomes a moment of a day in Europe/Berlin."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    default_error_messages = {"invalid": WRONG_TIME}


class MomentField(forms.Field):
    """A day with its time in Europe/Berlin, as the browser's field gives it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_error_messages = {
        "invalid": _("Bitte Tag und Uhrzeit so eingeben: 21.11.2026 13:05."),
    }
    _ways = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M")

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            return timezone.localtime(value).replace(tzinfo=None)
        return value

    def to_python(self, value: Any) -> datetime | None:
        words = str(value or "").replace("\0", "").strip()
        if not words:
            return None
        for way in self._ways:
            try:
                found = datetime.strptime(words, way)  # noqa: DTZ007  # the zone comes with `wall`
            except ValueError:
                continue
            if not 2000 <= found.year <= 2100:
                break
            try:
                return wall.moment(found.date(), found.time())
            except Refused as refused:
                raise ValidationError(refused.messages[0]) from None
        raise ValidationError(self.error_messages["invalid"], code="invalid")


class AtForm(Form):
    """When the ticked people came or went; empty for now."""

    at = ClockField(label=_("Uhrzeit"), required=False, help_text=_("Leer: jetzt."))

    def moment_of(self, meeting: Meeting) -> datetime | None:
        """The time on the day of the meeting: today while it runs, else the day it began."""
        at = self.cleaned_data.get("at")
        if at is None:
            return None
        begun = meeting.opened_at or meeting.starts_at
        over = meeting.state == Meeting.State.HELD
        day = timezone.localdate(begun) if over else timezone.localdate()
        return wall.moment(day, at)


class GuestForm(Form):
    """Somebody who stood on no list."""

    name = LineField(label=_("Name"))
    organisation = LineField(label=_("Organisation"), required=False)
    part = forms.ChoiceField(
        label=_("als"), choices=[(PART.GUEST, PART.GUEST.label), (PART.STAFF, PART.STAFF.label)],
        initial=PART.GUEST,
    )  # fmt: skip


class DeputyForm(Form):
    """Who is there for a seat."""

    seat = forms.ChoiceField(label=_("Für welches Mandat?"))
    name = LineField(label=_("Name"))
    organisation = LineField(
        label=_("Organisation"), required=False, help_text=_("Leer: die des Mandats.")
    )

    def __init__(self, *args: Any, seats: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seat"].choices = [("", _("Bitte wählen")), *seats]  # type: ignore[attr-defined]  # it is a choice


class UnnamedForm(Form):
    """How many more are there."""

    number = forms.IntegerField(
        label=_("Weitere, ungenannt"), min_value=0, max_value=2000,
        error_messages={
            "invalid": _("Bitte geben Sie eine Zahl ein."),
            "min_value": _("Bitte geben Sie eine Zahl zwischen 0 und 2000 ein."),
            "max_value": _("Bitte geben Sie eine Zahl zwischen 0 und 2000 ein."),
        },
    )  # fmt: skip


class StayForm(Form):
    """One stay of a person: from when, until when."""

    from_at = MomentField(label=_("da seit"), required=False)
    to_at = MomentField(label=_("da bis"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("to_at") and not cleaned.get("from_at") and "from_at" not in self.errors:
            self.add_error("from_at", _("Bitte sagen Sie, seit wann die Person da war."))
        return cleaned
