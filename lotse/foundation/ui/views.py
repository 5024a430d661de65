"""The gallery of components, for developers (served with LOTSE_DEBUG only)."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lotse.foundation.ui.forms import DayField, EmailField, Form, LineField, TextField
from lotse.foundation.ui.templatetags.ui import ALERTS, BUTTONS, NEEDS


class GalleryForm(Form):
    """One field of each kind."""

    line = LineField(label="Zeile", help_text="Hinweis unter der Beschriftung")
    text = TextField(label="Text", required=False)
    day = DayField(label="Tag", required=False)
    address = EmailField(label="E-Mail-Adresse")
    choice = forms.ChoiceField(label="Auswahl", choices=[("a", "Erstens"), ("b", "Zweitens")])
    file = forms.FileField(label="Datei", required=False)


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every kind, and a form before and after an invalid submit."""
    context = {
        "needs": NEEDS,
        "buttons": BUTTONS,
        "alerts": ALERTS,
        "form": GalleryForm(),
        "invalid": GalleryForm({"line": "", "address": "kein", "day": "31.02.2026"}, prefix="bad"),
    }
    return render(request, "ui/gallery.html", context)
