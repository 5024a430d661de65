"""Two people saved the same thing: what is stored and what was typed, side by side (T37)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from lotse.foundation.ui.forms import Form


@dataclass(frozen=True)
class Difference:
    """One field in which the two differ."""

    title: str
    old: str
    new: str


def differences(form: Form, stored: dict[str, Any]) -> list[Difference]:
    """What differs between a form that was sent and what is stored now, in words."""
    found = []
    for bound in form.visible_fields():
        if bound.name not in stored:
            continue
        old = _words(bound, stored[bound.name])
        new = _words(bound, bound.field.clean(bound.data) if not bound.errors else bound.data)
        if old != new:
            found.append(Difference(str(bound.label), old, new))
    return found


def _words(bound: Any, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    choices = {str(key): label for key, label in getattr(bound.field, "choices", ())}
    if choices and str(value) in choices:
        return str(choices[str(value)])
    if hasattr(value, "strftime"):
        return str(bound.field.widget.format_value(value))
    return str(value)
