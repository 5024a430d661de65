"""Shape of what is entered about bodies and seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.parties.models import Body, RoleGrant
from lotse.foundation.ui.forms import DayField, Form, LineField, TextField
from lotse.rooms.bodies.models import Charter, Commission, Holder, Mandate

Choices = Sequence[tuple[str, Any]]
PICK = ("", _("Bitte wählen"))
_NUMBER = _("Bitte geben Sie eine ganze Zahl ein.")


def _label(model: Any, name: str) -> Any:
    return capfirst(model._meta.get_field(name).verbose_name)


def offer(form: forms.Form, name: str, choices: Sequence[Any], *, pick: Any = PICK) -> None:
    """Gives a field its choices; `pick` is the first, empty one."""
    field = form.fields[name]
    field.choices = [pick, *choices] if pick else choices  # type: ignore[attr-defined]  # a ChoiceField


@dataclass(frozen=True)
class Group:
    """Fields that belong together, under one heading."""

    title: Any
    hint: Any
    fields: list[BoundField]


class GroupedForm(Form):
    """A form in parts: (title, hint, names of fields)."""

    parts: Sequence[tuple[Any, Any, Sequence[str]]] = ()

    @property
    def groups(self) -> list[Group]:
        return [Group(title, hint, [self[name] for name in names])
                for title, hint, names in self.parts]  # fmt: skip


class _Days(forms.IntegerField):
    def __init__(self, label: Any, help_text: Any = "") -> None:
        within = _("Bitte nennen Sie 0 bis 365 Tage.")
        super().__init__(
            label=label, help_text=help_text, min_value=0, max_value=365,
            error_messages={"invalid": _NUMBER, "min_value": within, "max_value": within},
        )  # fmt: skip


class BodyForm(GroupedForm):
    """A body with its charter (S2-07)."""

    parts = (
        (_("Was es ist"), "", (
            "name", "short_name", "kind", "parent", "founded_on", "purpose", "rhythm", "relations",
        )),
        (_("Wer dazugehört"), "", ("admission", "duties", "is_open")),
        (_("Wie es entscheidet"), "", (
            "decides", "quorum", "quorum_value", "majority", "abstentions_count", "circular_votes",
            "silence_basis",
        )),
        (_("Sitzungen und Protokolle"), "", (
            "invitation_days", "format_rule", "objection_days", "level",
        )),
        (_("Papiere"), _("Was auf Einladung und Protokoll steht."), (
            "letterhead", "footer", "signatures", "distribution",
        )),
    )  # fmt: skip

    name = LineField(label=_label(Body, "name"), max_length=160)
    short_name = LineField(
        label=_label(Body, "short_name"), required=False, max_length=40,
        help_text=_("Zum Beispiel AG Transfer"),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_label(Body, "kind"))
    parent = forms.ChoiceField(label=_("Gehört zu"), required=False)
    founded_on = DayField(label=_label(Charter, "founded_on"), required=False)
    purpose = TextField(label=_label(Charter, "purpose"), required=False)
    rhythm = LineField(
        label=_label(Charter, "rhythm"), required=False, max_length=120,
        help_text=_("Zum Beispiel: zweimal im Jahr"),
    )  # fmt: skip
    relations = TextField(label=_label(Charter, "relations"), required=False)
    admission = TextField(label=_label(Charter, "admission"), required=False)
    duties = TextField(label=_label(Charter, "duties"), required=False)
    is_open = forms.BooleanField(
        label=_label(Charter, "is_open"), required=False,
        help_text=_("Wer selbst beitritt, hat keine Stimme."),
    )  # fmt: skip
    decides = forms.BooleanField(
        label=_label(Charter, "decides"), required=False, help_text=_("Sonst berät es nur.")
    )
    quorum = forms.ChoiceField(label=_label(Charter, "quorum"), choices=Charter.Quorum.choices)
    quorum_value = forms.IntegerField(
        label=_label(Charter, "quorum_value"), required=False, min_value=1, max_value=9999,
        help_text=_("Prozent oder Zahl der Mandate. 50 Prozent heißt: mehr als die Hälfte."),
        error_messages={
            "invalid": _NUMBER,
            "min_value": _("Bitte nennen Sie mindestens 1."),
            "max_value": _("Bitte nennen Sie höchstens 9999."),
        },
    )  # fmt: skip
    majority = forms.ChoiceField(
        label=_label(Charter, "majority"), choices=Charter.Majority.choices
    )
    abstentions_count = forms.BooleanField(
        label=_label(Charter, "abstentions_count"), required=False,
        help_text=_("Im Vereinsrecht zählen Enthaltungen nicht mit (§ 32 BGB)."),
    )  # fmt: skip
    circular_votes = forms.BooleanField(label=_label(Charter, "circular_votes"), required=False)
    silence_basis = LineField(
        label=_label(Charter, "silence_basis"), required=False, max_length=300,
        help_text=_(
            "Nennen Sie die Regel, zum Beispiel „Geschäftsordnung, Nummer 7“. Leer: Schweigen gilt "
            "nicht als Zustimmung. Zum Nachlesen: § 32 Abs. 3 BGB verlangt für einen Beschluss "
            "ohne Versammlung, dass alle Mitglieder zustimmen; eine Satzung kann anderes regeln "
            "(§ 40 BGB). Ob das für Ihr Gremium gilt, prüft Lotse nicht."
        ),
    )  # fmt: skip
    invitation_days = _Days(
        _label(Charter, "invitation_days"), _("Wer später einlädt, wird gewarnt.")
    )
    format_rule = TextField(label=_label(Charter, "format_rule"), required=False)
    objection_days = _Days(_label(Charter, "objection_days"))
    level = forms.ChoiceField(
        label=_("Wer liest?"), choices=Charter.Level.choices,
        help_text=_("Gilt für die Seite des Gremiums und für veröffentlichte Protokolle. Namen von "
                    "Menschen lesen nur die Mitglieder."),
    )  # fmt: skip
    letterhead = TextField(label=_label(Charter, "letterhead"), required=False, max_length=1000)
    footer = LineField(label=_label(Charter, "footer"), required=False, max_length=200)
    signatures = LineField(
        label=_label(Charter, "signatures"), required=False, max_length=200,
        help_text=_("Funktionen, mit Komma getrennt, zum Beispiel „Sitzungsleitung, Mitschrift“. "
                    "Namen gehören nicht hierher: Wer leitete und mitschrieb, steht im Protokoll "
                    "von selbst dabei."),
    )  # fmt: skip
    distribution = TextField(
        label=_label(Charter, "distribution"), required=False,
        help_text=_("Gruppen und Stellen, eine je Zeile. Namen von Menschen gehören nicht "
                    "hierher."),
    )  # fmt: skip

    def __init__(self, *args: Any, above: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", Body.Kind.choices)
        offer(self, "parent", above, pick=("", _("keinem anderen Gremium")))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        quorum, value = data.get("quorum"), data.get("quorum_value")
        if quorum == Charter.Quorum.SHARE and value is not None and value > 100:
            self.add_error("quorum_value", _("Ein Anteil liegt zwischen 1 und 100 Prozent."))
        elif quorum != Charter.Quorum.NONE and value is None and "quorum_value" not in self.errors:
            self.add_error("quorum_value", _("Bitte nennen Sie die Schwelle."))
        if data.get("is_open") and data.get("level") == Charter.Level.BODY:
            self.add_error("level", _("Wer selbst beitreten soll, muss das Gremium sehen: Wählen "
                                      "Sie das Netzwerk oder alle."))  # fmt: skip
        return data


class StateForm(Form):
    """Rest, end, take up again."""

    state = forms.ChoiceField(label=_("Neuer Stand"))
    reason = LineField(
        label=_("Grund"), max_length=300,
        help_text=_("Er steht in der Geschichte des Gremiums; alle, die es sehen, lesen ihn."),
    )  # fmt: skip
    close_seats = forms.BooleanField(
        label=_("Beim Beenden enden auch alle Mandate und Ämter"), required=False,
        help_text=_("Ihre Inhaber sehen das Gremium dann nicht mehr von innen. Ohne Haken lesen "
                    "sie weiter, was sie kennen."),
    )  # fmt: skip

    def __init__(self, *args: Any, now: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "state", [pair for pair in Body.State.choices if pair[0] != now])


class HappeningForm(Form):
    """A line of the history."""

    on = DayField(label=_("Tag"))
    title = LineField(label=_("Was geschah?"), max_length=200)
    text_ = TextField(
        label=_("Näheres"), required=False,
        help_text=_("Alle, die das Gremium sehen, lesen es. Bitte nennen Sie keine Namen von "
                    "Menschen."),
    )  # fmt: skip


class OfficeForm(Form):
    """Who chairs, who takes minutes."""

    person = forms.ChoiceField(label=_("Person"))
    role = forms.ChoiceField(label=_("Amt"))
    starts_on = DayField(label=_("Vom"))
    ends_on = DayField(label=_("Bis"), required=False, help_text=_("Leer: ohne Ende"))

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = (RoleGrant.Role.CHAIR, RoleGrant.Role.MINUTE_TAKER)
        offer(self, "person", people)
        offer(self, "role", [(role.value, role.label) for role in roles])


class EndForm(Form):
    """Why something ends."""

    reason = LineField(
        label=_("Grund"), max_length=300, help_text=_("Er steht später im Protokoll.")
    )


def _counterpart() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Gegensitz als Mandat"), required=False,
        help_text=_("Wenn das andere Gremium auch hier geführt wird: welches Mandat dafür gegeben "
                    "ist. Beide verweisen dann aufeinander."),
    )  # fmt: skip


def offer_counterparts(form: Form, choices: Choices) -> None:
    """Seats of other bodies; without any the question is not asked."""
    if choices:
        offer(form, "counterpart", choices, pick=("", _("keiner")))
    else:
        del form.fields["counterpart"]


class MandateForm(Form):
    """A new seat, of an organisation or of a person."""

    organisation = forms.ChoiceField(
        label=_("Organisation"), required=False,
        help_text=_("Leer lassen, wenn der Sitz einer Person gehört."),
    )  # fmt: skip
    person = forms.ChoiceField(
        label=_("Person"), required=False,
        help_text=_("Wer das Mandat der Organisation vertritt, oder wem der Sitz gehört. Das "
                    "Mandat einer Organisation können Sie auch später besetzen."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_label(Mandate, "kind"))
    with_vote = forms.BooleanField(
        label=_label(Mandate, "with_vote"), required=False,
        help_text=_("Jedes Mandat hat eine Stimme. Gäste haben keine."),
    )  # fmt: skip
    starts_on = DayField(label=_("Vom"))
    ends_on = DayField(label=_("Bis"), required=False, help_text=_("Leer: ohne Ende"))
    in_return = LineField(
        label=_label(Mandate, "in_return"), required=False, max_length=200,
        help_text=_("Wenn dafür ein Sitz in einem anderen Gremium gegeben oder erwartet wird: "
                    "welcher."),
    )  # fmt: skip
    counterpart = _counterpart()
    note = LineField(label=_label(Mandate, "note"), required=False, max_length=300)

    def __init__(
        self, *args: Any, organisations: Choices, people: Choices, counterparts: Choices,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        offer_counterparts(self, counterparts)
        offer(self, "organisation", organisations, pick=("", _("keine: Sitz einer Person")))
        offer(self, "person", people, pick=("", _("noch offen")))
        kinds = (Mandate.Kind.SEAT, Mandate.Kind.GUEST)
        offer(self, "kind", [(kind.value, kind.label) for kind in kinds], pick=())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        chosen = data.get("organisation") or data.get("person")
        if not chosen and "organisation" not in self.errors and "person" not in self.errors:
            self.add_error("organisation", _("Bitte wählen Sie eine Organisation oder eine "
                                             "Person."))  # fmt: skip
        if data.get("kind") == Mandate.Kind.GUEST:
            data["with_vote"] = False
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("Das Ende liegt vor dem Anfang."))
        return data


class MandateChangeForm(Form):
    """What of a seat can change; who holds it is another page."""

    with_vote = forms.BooleanField(label=_label(Mandate, "with_vote"), required=False)
    ends_on = DayField(label=_("Bis"), required=False, help_text=_("Leer: ohne Ende"))
    in_return = LineField(label=_label(Mandate, "in_return"), required=False, max_length=200)
    counterpart = _counterpart()
    note = LineField(label=_label(Mandate, "note"), required=False, max_length=300)

    def __init__(self, *args: Any, guest: bool, counterparts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_counterparts(self, counterparts)
        if guest:
            del self.fields["with_vote"]


class FillForm(Form):
    """Who sits on a seat."""

    person = forms.ChoiceField(label=_("Person"))
    part = forms.ChoiceField(label=_label(Holder, "part"), choices=Holder.Part.choices)
    starts_on = DayField(
        label=_("Vom"), help_text=_("Wer das Mandat bisher vertritt, tut es bis zum Tag davor.")
    )

    def __init__(self, *args: Any, people: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person", people)


class JoinForm(Form):
    """For whom one joins an open body."""

    organisation = forms.ChoiceField(label=_("Für"), required=False)

    def __init__(self, *args: Any, organisations: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "organisation", organisations, pick=("", _("mich als Person")))


class LeaveForm(Form):
    """Why somebody leaves; nobody has to say."""

    reason = LineField(label=_("Grund"), required=False, max_length=300)


class CommissionForm(Form):
    """What a body is told to do."""

    title = LineField(label=_label(Commission, "title"), max_length=200)
    text = TextField(label=_label(Commission, "text"), required=False)
    given_by = forms.ChoiceField(label=_("Erteilt von"), required=False)
    given_on = DayField(label=_label(Commission, "given_on"))
    due_on = DayField(label=_label(Commission, "due_on"), required=False)

    def __init__(self, *args: Any, givers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "given_by", givers, pick=("", _("keinem Gremium")))


class CommissionReportForm(Form):
    """What became of it."""

    state = forms.ChoiceField(label=_label(Commission, "state"), choices=Commission.State.choices)
    result = TextField(
        label=_label(Commission, "result"), required=False,
        help_text=_("Nötig, wenn der Auftrag erfüllt ist."),
    )  # fmt: skip


class CommissionChangeForm(CommissionForm, CommissionReportForm):
    """All of it, for the office."""

    field_order = ("title", "text", "given_by", "given_on", "due_on", "state", "result")


def today() -> dict[str, Any]:
    """What a form about a span begins with."""
    return {"starts_on": clock.today()}
