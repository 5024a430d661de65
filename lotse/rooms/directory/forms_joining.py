"""Shape of what a partner enters: the application, and the answer to a new template."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import text
from lotse.foundation.parties.models import Organisation
from lotse.foundation.ui.forms import EmailField, Form, LineField, TextField
from lotse.rooms.directory.content.choosing import Group, Options
from lotse.rooms.directory.models import TemplateAnswer
from lotse.rooms.directory.queries.joining import Rules
from lotse.rooms.directory.services.joining import LENGTHS, MOST_TOPICS

PICK = ("", _("Bitte wählen"))
CRITERION = "kriterium-"


class JoinForm(Form):
    """An application; what may stay empty is marked."""

    name = LineField(label=_("Name der Organisation"), max_length=LENGTHS["name"])
    kind = forms.ChoiceField(label=_("Art"), choices=[PICK, *Organisation.Kind.choices])
    postal_code = LineField(
        label=_("Postleitzahl"), required=False, max_length=LENGTHS["postal_code"]
    )
    city = LineField(label=_("Ort"), max_length=LENGTHS["city"])
    region = forms.ChoiceField(
        label=_("Landkreis oder Stadt"),
        required=False,
        help_text=_("Wo Sie vor allem tätig sind"),
    )
    website = LineField(
        label=_("Website"),
        required=False,
        max_length=LENGTHS["website"],
        help_text=_("Zum Beispiel https://www.verein.de"),
    )
    offers = TextField(
        label=_("Was Sie einbringen"),
        max_length=LENGTHS["offers"],
        help_text=_("Angebote, Wissen, Kontakte: wenige Sätze genügen."),
    )
    seeks = TextField(label=_("Was Sie suchen"), required=False, max_length=LENGTHS["seeks"])
    topics = forms.MultipleChoiceField(
        label=_("Themen"),
        required=False,
        error_messages={"invalid_choice": _("Bitte wählen Sie Themen aus der Liste.")},
    )
    first_name = LineField(label=_("Vorname"), required=False, max_length=LENGTHS["first_name"])
    last_name = LineField(label=_("Nachname"), max_length=LENGTHS["last_name"])
    email = EmailField(label=_("E-Mail-Adresse"))
    phone = LineField(label=_("Telefon"), required=False, max_length=LENGTHS["phone"])

    ABOUT = ("name", "kind", "postal_code", "city", "region", "website")
    WORK = ("offers", "seeks")
    CONTACT = ("first_name", "last_name", "email", "phone")

    def __init__(self, *args: Any, rules: Rules, options: Options, lang: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("keine Angabe")), *_regions(options.regions)]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["topics"].choices = _topics(options.topics)  # type: ignore[attr-defined]  # a ChoiceField
        self._keys = [one["key"] for one in rules.criteria]
        for one in rules.criteria:
            self.fields[CRITERION + one["key"]] = forms.BooleanField(
                label=text.pick(one["text"], lang), required=False
            )

    @property
    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ABOUT]

    @property
    def work(self) -> list[forms.BoundField]:
        return [self[name] for name in self.WORK]

    @property
    def contact(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CONTACT]

    @property
    def criteria(self) -> list[forms.BoundField]:
        return [self[CRITERION + key] for key in self._keys]

    @property
    def chosen_topics(self) -> list[str]:
        """What is ticked at the moment, right or wrong."""
        return [str(code) for code in self["topics"].value() or ()]

    def clean_topics(self) -> list[str]:
        value: list[str] = self.cleaned_data["topics"]
        if len(value) > MOST_TOPICS:
            raise forms.ValidationError(_("Bitte wählen Sie höchstens 20 Themen."))
        return value

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        met = [key for key in self._keys if self.cleaned_data.get(CRITERION + key)]
        plain = {name: value for name, value in self.cleaned_data.items()
                 if not name.startswith(CRITERION)}  # fmt: skip
        return plain | {"criteria": met}


def _regions(groups: Sequence[Group]) -> list[tuple[str, Any]]:
    return [
        (group.title, [(group.code, group.title), *group.choices]) if group.choices
        else (group.code, group.title)
        for group in groups
    ]  # fmt: skip


def _topics(groups: Sequence[Group]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for group in groups:
        found += [(group.code, group.title), *group.choices]
    return found


class AnswerForm(Form):
    """What a partner says to a new template."""

    organisation = forms.ChoiceField(label=_("Für"))
    answer = forms.ChoiceField(
        label=_("Ihre Antwort"),
        choices=TemplateAnswer.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Bitte wählen Sie eine Antwort.")},
    )
    note = TextField(
        label=_("Anmerkung"),
        required=False,
        max_length=2000,
        help_text=_("Nötig, wenn Sie nicht einverstanden sind: Was soll anders werden?"),
    )

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._known = {str(one.uuid): one for one in organisations}
        chosen = [(uuid, one.name) for uuid, one in self._known.items()]
        field = self.fields["organisation"]
        if len(chosen) == 1:
            field.initial = chosen[0][0]
            field.widget = forms.HiddenInput()
        field.choices = chosen if len(chosen) == 1 else [PICK, *chosen]  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def has_choice(self) -> bool:
        """Whether the person speaks for more than one."""
        return len(self._known) > 1

    @property
    def only(self) -> str:
        """The name of the one organisation the person speaks for."""
        return next(iter(self._known.values())).name if self._known else ""

    def chosen(self) -> Organisation:
        return self._known[self.cleaned_data["organisation"]]
