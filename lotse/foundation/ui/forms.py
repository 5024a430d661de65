"""Forms: KERN's markup, cleaned text, messages in words; typed text survives every error."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import text

REQUIRED = _("Bitte füllen Sie dieses Feld aus.")
TOO_LONG = _(
    "Bitte kürzen Sie den Text: erlaubt sind %(limit_value)d Zeichen, es sind %(show_value)d."
)


class Renderer(TemplatesSetting):
    """Finds widget templates in the project."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/components/field.html"


class LineField(forms.CharField):
    """One line of text, cleaned."""

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        super().__init__(max_length=None, strip=True, **kwargs)
        self.limit = max_length

    def clean(self, value: Any) -> str:
        cleaned = text.clean_line(str(value or "").replace("\0", ""))
        super().clean(cleaned)
        return _within(cleaned, self.limit)


class TextField(forms.CharField):
    """Text of several lines, cleaned."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, *, max_length: int = 4000, **kwargs: Any) -> None:
        super().__init__(max_length=None, strip=False, **kwargs)
        self.limit = max_length

    def clean(self, value: Any) -> str:
        cleaned = text.clean(str(value or "").replace("\0", ""))
        super().clean(cleaned)
        return _within(cleaned, self.limit)


def _within(value: str, limit: int) -> str:
    if len(value) > limit:
        raise ValidationError(
            TOO_LONG, code="max_length", params={"limit_value": limit, "show_value": len(value)}
        )
    return value


class DayField(forms.DateField):
    """A date between 2000 and 2100, as `21.11.2026` or from the browser's date field."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {
        "invalid": _("Dieses Datum gibt es nicht. Bitte so eingeben: 21.11.2026."),
    }

    def to_python(self, value: Any) -> Any:
        day = super().to_python(value)
        if day is not None and not 2000 <= day.year <= 2100:
            raise ValidationError(
                _("Bitte geben Sie ein Jahr zwischen 2000 und 2100 ein."), code="year"
            )
        return day


class EmailField(forms.EmailField):
    """An address; at most 254 characters."""

    default_error_messages = {
        "invalid": _("Diese E-Mail-Adresse ist nicht vollständig. Beispiel: name@verein.de"),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)


_DJANGO_REQUIRED = forms.Field.default_error_messages["required"]


class Form(forms.Form):
    """Base of all forms: required is the default, optional is marked, hints are tied."""

    required_css_class = ""
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def full_clean(self) -> None:
        for field in self.fields.values():  # also those that a form adds for its page
            # A field with words of its own keeps them.
            if field.error_messages.get("required") == _DJANGO_REQUIRED:
                field.error_messages["required"] = REQUIRED
        super().full_clean()


def version_in(request: HttpRequest) -> int:
    """The version a form was opened with; 0, which fits nothing stored, for none or nonsense."""
    value = request.POST.get("version", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def version_back(request: HttpRequest, stored: int, status: int) -> int:
    """The version a form carries on its page: the stored one; after a fault (422) still the one it
    was opened with, so that what somebody else saved since is a conflict when it comes again (T37).
    """
    return version_in(request) if status == 422 and "version" in request.POST else stored
