"""Shape of what the office and the operator enter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import text
from lotse.foundation.parties.models import NetworkPage, Organisation, RoleGrant
from lotse.foundation.parties.privacy.periods import PERIODS
from lotse.foundation.parties.services.support import MOST_MINUTES
from lotse.foundation.ui.forms import DayField, EmailField, Form, LineField, TextField

Choices = list[tuple[str, Any]]
PICK = ("", _("Bitte wählen"))


def _offer(form: forms.Form, name: str, choices: Choices, *, pick: bool = True) -> None:
    field = form.fields[name]
    field.choices = [PICK, *choices] if pick else choices  # type: ignore[attr-defined]  # a ChoiceField


class NetworkForm(Form):
    """Name and look of the network, and how people come in."""

    name = LineField(label=_("Name des Netzwerks"), max_length=120)
    carrier = LineField(label=_("Träger"), required=False, max_length=160)
    claim_de = LineField(
        label=_("Kurzbeschreibung"),
        required=False,
        help_text=_("Ein Satz für die Startseite"),
    )
    claim_en = LineField(label=_("Kurzbeschreibung auf Englisch"), required=False)
    contact_email = EmailField(
        label=_("Kontaktadresse"),
        required=False,
        help_text=_("Hier kommen Meldungen über Barrieren und Fehler an."),
    )
    accent = LineField(
        label=_("Akzentfarbe"),
        required=False,
        max_length=7,
        help_text=_("Zum Beispiel #2044aa. Ist eine Farbe schlecht lesbar, nennen wir die nächste, "
                    "die es nicht ist."),
    )  # fmt: skip
    may_register = forms.BooleanField(
        label=_("Wer mag, legt selbst ein Konto an"),
        required=False,
        help_text=_("Sonst kommt man nur auf Einladung herein."),
    )
    mfa_roles = forms.MultipleChoiceField(
        label=_("Rollen, die einen zweiten Faktor verlangen"),
        required=False,
        choices=RoleGrant.Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Ob der Betrieb selbst ihn braucht, entscheidet nur der Betrieb."),
    )
    own_words = TextField(
        label=_("Wörter, die in keinem Kennwort stehen dürfen"),
        required=False,
        max_length=1000,
        help_text=_("Je Zeile eines, etwa Namen des Netzwerks und seiner Projekte"),
    )

    def __init__(self, *args: Any, for_operator: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        operator = str(RoleGrant.Role.OPERATOR)
        roles = [pair for pair in RoleGrant.Role.choices if for_operator or pair[0] != operator]
        _offer(self, "mfa_roles", roles, pick=False)

    def clean_own_words(self) -> list[str]:
        lines = (text.clean_line(line) for line in self.cleaned_data["own_words"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))[:50]


class LogoForm(Form):
    """The logo as a file."""

    logo = forms.FileField(label=_("Logo"), help_text=_("PNG oder JPEG mit höchstens 200 kB"))


class PageForm(Form):
    """The text of one page."""

    body = TextField(
        label=_("Text"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 22}),
        help_text=_("Überschriften beginnen mit ##, Aufzählungen mit einem Strich, Links stehen "
                    "als [Wort](https://…)."),
    )  # fmt: skip


class ConfirmForm(Form):
    """One question before something that cannot be taken back."""

    confirmed = forms.BooleanField(
        label=_("Ja, das möchte ich"),
        error_messages={"required": _("Bitte bestätigen Sie mit dem Häkchen.")},
    )


class OrganisationForm(Form):
    """The minimum about an organisation; the directory tells more later."""

    name = LineField(label=_("Name"), max_length=200)
    short_name = LineField(label=_("Kurzname"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("Art"), choices=[PICK, *Organisation.Kind.choices])
    function = TextField(label=_("Auftrag"), required=False, max_length=2000)
    postal_code = LineField(label=_("Postleitzahl"), required=False, max_length=12)
    city = LineField(label=_("Ort"), required=False, max_length=120)
    website = LineField(label=_("Website"), required=False, max_length=300)

    def clean_website(self) -> str:
        value: str = self.cleaned_data["website"]
        if value and not value.startswith(("https://", "http://")):
            raise forms.ValidationError(_("Bitte beginnen Sie mit https://"))
        return value


class SeatForm(Form):
    """A person's place in an organisation."""

    function = LineField(label=_("Funktion"), required=False, max_length=160)
    may_edit = forms.BooleanField(label=_("darf bearbeiten"), required=False)
    may_publish = forms.BooleanField(label=_("darf veröffentlichen"), required=False)
    may_represent = forms.BooleanField(label=_("darf vertreten"), required=False)
    is_contact = forms.BooleanField(label=_("Ansprechperson"), required=False)
    starts_on = DayField(label=_("Vom"))
    ends_on = DayField(label=_("Bis"), required=False, help_text=_("Leer: ohne Ende"))


class NewSeatForm(SeatForm):
    """The same, for a person still to choose."""

    person = forms.ChoiceField(label=_("Person"))
    field_order = ["person"]

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "person", people)


class EndSeatForm(Form):
    """When a seat ends, and who follows."""

    on = DayField(label=_("Letzter Tag"), required=False, help_text=_("Leer: ab sofort"))
    successor = forms.ChoiceField(
        label=_("Nachfolge"),
        required=False,
        help_text=_("Übernimmt die Rechte und, was in dieser Organisation noch offen ist."),
    )

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "successor", [("", _("niemand")), *people], pick=False)


class PersonForm(Form):
    """The name of a person, and how to reach them by phone."""

    title = LineField(label=_("Titel"), required=False, max_length=60)
    first_name = LineField(label=_("Vorname"), required=False, max_length=120)
    last_name = LineField(label=_("Nachname"), max_length=120)
    phone = LineField(label=_("Telefon"), required=False, max_length=60)


class ReasonForm(Form):
    """Why, for the log."""

    reason = LineField(
        label=_("Grund"), max_length=300, help_text=_("Er steht später im Protokoll.")
    )


class MergeForm(Form):
    """The second entry of the same person."""

    other = forms.ChoiceField(
        label=_("Doppelter Eintrag"),
        help_text=_("Was an diesem Eintrag hängt, geht über. Der Eintrag selbst bleibt leer."),
    )
    confirmed = forms.BooleanField(label=_("Beide Einträge sind dieselbe Person"), required=False)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "other", people)


class SupportForm(Form):
    """Why and how long the operator looks at Lotse as this person."""

    reason = LineField(label=_("Grund"), max_length=300, help_text=_("Die Person liest ihn."))
    minutes = forms.IntegerField(
        label=_("Minuten"),
        initial=15,
        min_value=1,
        max_value=MOST_MINUTES,
        error_messages={"max_value": _("Höchstens 30 Minuten.")},
    )


class FactorResetForm(Form):
    """Why somebody's second factor is to go, and how it was made sure who asks."""

    reason = LineField(
        label=_("Grund"),
        max_length=300,
        help_text=_("Zum Beispiel: Telefon verloren, Ersatzcodes nicht aufgehoben."),
    )
    identity = LineField(
        label=_("Wie haben Sie geprüft, wer fragt?"),
        max_length=300,
        help_text=_("Zum Beispiel: war persönlich da; Rückruf unter der bekannten Nummer. Eine "
                    "Mail allein genügt nicht: Das Postfach kann in fremden Händen sein."),
    )  # fmt: skip


class FactorConfirmForm(Form):
    """The second person vouches, too."""

    sure = forms.BooleanField(
        label=_("Ich bin sicher, dass diese Person selbst darum gebeten hat"),
        error_messages={"required": _("Bitte bestätigen Sie mit dem Häkchen.")},
    )


class InviteForm(Form):
    """Whom to invite, to what, and why."""

    email = EmailField(label=_("E-Mail-Adresse"))
    first_name = LineField(label=_("Vorname"), required=False, max_length=120)
    last_name = LineField(label=_("Nachname"), required=False, max_length=120)
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    function = LineField(label=_("Funktion"), required=False, max_length=160)
    may_edit = forms.BooleanField(label=_("darf bearbeiten"), required=False)
    may_publish = forms.BooleanField(label=_("darf veröffentlichen"), required=False)
    may_represent = forms.BooleanField(label=_("darf vertreten"), required=False)
    role = forms.ChoiceField(label=_("Rolle im Netzwerk"), required=False)
    reason = LineField(
        label=_("Grund"),
        required=False,
        max_length=300,
        help_text=_("Für eine Rolle nötig. Er steht später im Protokoll."),
    )
    message = TextField(label=_("Persönliche Nachricht"), required=False, max_length=2000)

    def __init__(self, *args: Any, organisations: Choices, roles: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "organisation", [("", _("keine")), *organisations], pick=False)
        _offer(self, "role", [("", _("keine")), *roles], pick=False)


class GrantForm(Form):
    """Who gets which role, until when, why."""

    person = forms.ChoiceField(label=_("Person"))
    role = forms.ChoiceField(label=_("Rolle"))
    reason = LineField(
        label=_("Grund"), max_length=300, help_text=_("Er steht später im Protokoll.")
    )
    starts_on = DayField(label=_("Vom"))
    ends_on = DayField(label=_("Bis"), required=False, help_text=_("Leer: ohne Ende"))

    def __init__(self, *args: Any, people: Choices, roles: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "person", people)
        _offer(self, "role", roles)


class DeskAbsenceForm(Form):
    """Who stands in for somebody who cannot say so."""

    deputy = forms.ChoiceField(label=_("Wer vertritt?"))
    starts_on = DayField(label=_("Vom"))
    ends_on = DayField(label=_("Bis"), help_text=_("Der letzte Tag der Vertretung"))
    note = LineField(label=_("Hinweis"), required=False, max_length=300)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "deputy", people)


class CheckFileForm(Form):
    """A check as a YAML file."""

    file = forms.FileField(label=_("YAML-Datei"))
    publish = forms.BooleanField(
        label=_("Gleich veröffentlichen"),
        required=False,
        help_text=_("Geht nur mit der Zustimmung der Rechteinhaber."),
    )


PAGE_KINDS = list(NetworkPage.Kind.choices)


class PeriodsForm(Form):
    """How many days the network keeps what it decides about itself; one field per class."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, one in PERIODS.items():
            limits = {"least": one.least, "most": one.most, "usual": one.usual()}
            within = _("Bitte nennen Sie %(least)s bis %(most)s Tage.") % limits
            hint = _("%(least)s bis %(most)s Tage, üblich sind %(usual)s.") % limits
            self.fields[key] = forms.IntegerField(
                label=_("%(title)s: Tage") % {"title": one.title},
                help_text=f"{hint} {one.why}",
                min_value=one.least,
                max_value=one.most,
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), within),
            )
