"""Shape of what is entered between meetings: matters, their steps, subjects, appointments."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.clock import ZONE
from lotse.foundation.matters.models import Knot, Matter, Step
from lotse.foundation.parties.models import Body, Organisation
from lotse.foundation.topics.models import Region
from lotse.foundation.ui.forms import DayField, Form, LineField, TextField
from lotse.rooms.bodies.models import Appointment, Idea

PICK = ("", _("Bitte wählen"))
Choices = Sequence[tuple[str, Any]]


def _offer(form: Form, name: str, choices: Choices) -> None:
    """What a field lets choose; it is known only when the form is made."""
    form.fields[name].choices = choices  # type: ignore[attr-defined]  # a field with choices


class MatterForm(Form):
    """A matter in words."""

    title = LineField(label=_("Titel"))
    summary = TextField(
        label=_("Worum geht es?"), required=False,
        help_text=_("Wenige Sätze. Alle im Netzwerk können sie lesen."),
    )  # fmt: skip
    started_on = DayField(label=_("Beginn"))

    @staticmethod
    def initial_of(matter: Matter) -> dict[str, Any]:
        return {name: getattr(matter, name) for name in ("title", "summary", "started_on")}


class TieForm(Form):
    """A matter there is, or the title of a new one."""

    matter = forms.ChoiceField(label=_("Vorhandener Vorgang"), required=False)
    title = LineField(
        label=_("Oder ein neuer Vorgang mit dem Titel"), required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, matters: Iterable[Matter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(str(one.uuid), one.title) for one in matters]
        _offer(self, "matter", [PICK, *found])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("matter")) == bool(data.get("title")) and not self.errors:
            self.add_error(
                "matter",
                _("Bitte wählen Sie einen Vorgang oder nennen Sie den Titel eines neuen, nicht "
                  "beides."),
            )  # fmt: skip
        return data


class MergeForm(Form):
    """Which matter goes on."""

    into = forms.ChoiceField(label=_("Vorgang, in dem alles weitergeht"))

    def __init__(self, *args: Any, matters: Iterable[Matter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(str(one.uuid), one.title) for one in matters]
        _offer(self, "into", [PICK, *found])


class SplitForm(Form):
    """What goes into a new matter."""

    title = LineField(label=_("Titel des neuen Vorgangs"))
    knots = forms.MultipleChoiceField(
        label=_("Was kommt in den neuen Vorgang?"), widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Bitte wählen Sie, was in den neuen Vorgang kommt."),
            "invalid_choice": _("Davon hängt etwas nicht mehr in diesem Vorgang. Bitte wählen Sie "
                                "neu."),
        },
    )  # fmt: skip

    def __init__(self, *args: Any, knots: Iterable[tuple[Knot, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(str(knot.uuid), title) for knot, title in knots]
        _offer(self, "knots", found)


class StepForm(Form):
    """A step of a road map, or a station of a paper."""

    kind = forms.ChoiceField(
        label=_("Art"), choices=Step.Kind.choices,
        help_text=_("Ein Schritt gehört zum Fahrplan. Eine Station durchläuft ein Papier: "
                    "Entwurf, Beratung, Vorlage, Beschluss."),
    )  # fmt: skip
    title = LineField(
        label=_("Was geschieht?"),
        help_text=_("Mit der Bedingung, wenn es eine gibt: „Vorlage im Rat, wenn das Team "
                    "zustimmt“"),
    )  # fmt: skip
    body = forms.ChoiceField(label=_("Gremium"), required=False)
    who = LineField(label=_("Wo oder bei wem sonst?"), required=False, max_length=160)
    planned_on = DayField(label=_("Geplant für"), required=False)
    done_on = DayField(label=_("Geschehen am"), required=False)
    result = LineField(label=_("Ergebnis"), required=False, max_length=300)

    def __init__(
        self, *args: Any, bodies: Iterable[Body], kept: Body | None = None, **kwargs: Any
    ) -> None:
        """`kept` is the body the step has: whoever may not know it can let it stand."""
        super().__init__(*args, **kwargs)
        self.bodies = {str(body.uuid): body for body in bodies}
        found = [(uuid, body.name) for uuid, body in self.bodies.items()]
        if kept is not None and str(kept.uuid) not in self.bodies:
            self.bodies[str(kept.uuid)] = kept
            found.append((str(kept.uuid), str(_("ein anderes Gremium"))))
        _offer(self, "body", [("", _("keines")), *found])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["body"] = self.bodies.get(data.get("body", ""))
        if data.get("result") and not data.get("done_on") and "done_on" not in self.errors:
            self.add_error("done_on", _("Wann war das? Ein Ergebnis hat einen Tag."))
        return data

    @staticmethod
    def initial_of(step: Step) -> dict[str, Any]:
        names = ("kind", "title", "who", "planned_on", "done_on", "result")
        body = str(step.body.uuid) if step.body else ""
        return {name: getattr(step, name) for name in names} | {"body": body}


class IdeaForm(Form):
    """A subject for later, in the words of a work programme (S1-17)."""

    title = LineField(label=_("Thema"))
    text = TextField(label=_("Worum geht es, wem hilft es?"), required=False)
    known = TextField(label=_("Was gibt es dazu schon?"), required=False)
    contribution = TextField(label=_("Was können wir beitragen?"), required=False)

    @staticmethod
    def initial_of(idea: Idea) -> dict[str, Any]:
        return {name: getattr(idea, name) for name in IdeaForm.base_fields}


class ProposalForm(IdeaForm):
    """The same, with the name of who proposed it: for those who keep the backlog."""

    by_name = LineField(
        label=_("Von wem kommt der Vorschlag?"), required=False,
        help_text=_("Bleibt das leer, steht Ihr Name da."),
    )  # fmt: skip
    by_organisation = LineField(label=_("Organisation"), required=False)


class SortForm(Form):
    """The way of a subject."""

    state = forms.ChoiceField(label=_("Was geschieht mit dem Thema?"))
    programme = LineField(
        label=_("Arbeitsprogramm"), required=False, max_length=60,
        help_text=_("Name oder Jahr, zum Beispiel 2027"),
    )  # fmt: skip
    reason = LineField(
        label=_("Grund, wenn es nicht weiter verfolgt wird"), required=False, max_length=300
    )

    def __init__(self, *args: Any, ways: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "state", [PICK, *ways])


class TimeField(forms.TimeField):
    """A time of the day, as `11:00`."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    default_error_messages = {
        "invalid": _("Diese Uhrzeit gibt es nicht. Bitte so eingeben: 11:00.")
    }


class AppointmentForm(Form):
    """An appointment on the wall clock of Europe/Berlin."""

    title = LineField(label=_("Was?"))
    day = DayField(label=_("Tag"))
    begins = TimeField(label=_("Beginn"))
    last_day = DayField(label=_("Bis zu einem anderen Tag"), required=False)
    ends = TimeField(label=_("Ende"))
    place = LineField(label=_("Ort"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    text = TextField(label=_("Näheres"), required=False)
    organisations = forms.MultipleChoiceField(
        label=_("Welche Organisationen sind dabei?"), widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Bitte wählen Sie mindestens zwei Organisationen."),
            "invalid_choice": _("Bitte wählen Sie nur Organisationen aus der Liste."),
        },
    )  # fmt: skip

    def __init__(
        self, *args: Any, organisations: Iterable[Organisation], regions: Iterable[Region],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.partners = {str(one.uuid): one for one in organisations}
        self.regions = {one.key: one for one in regions}
        partners = [(uuid, one.name) for uuid, one in self.partners.items()]
        named = [(key, one.name) for key, one in self.regions.items()]
        _offer(self, "organisations", partners)
        _offer(self, "region", [("", _("keine")), *named])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts = self._moment("begins", data.get("day"), data.get("begins"))
        ends = self._moment("ends", data.get("last_day") or data.get("day"), data.get("ends"))
        if starts and ends and ends <= starts:
            self.add_error("ends", _("Das Ende liegt nicht nach dem Beginn."))
        chosen = data.get("organisations", [])
        if len(chosen) == 1:
            self.add_error(
                "organisations", _("Ein gemeinsamer Termin hat mindestens zwei Organisationen.")
            )
        return data | {"starts_at": starts, "ends_at": ends}

    def _moment(self, field: str, day: date | None, at: time | None) -> datetime | None:
        """The moment of a wall-clock time; in the night summer time begins an hour is missing."""
        if day is None or at is None:
            return None
        moment = datetime.combine(day, at, ZONE)
        if moment.astimezone(UTC).astimezone(ZONE) != moment:
            self.add_error(field, _("Diese Uhrzeit gibt es an dem Tag nicht: In der Nacht beginnt "
                                    "die Sommerzeit."))  # fmt: skip
            return None
        return moment

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        found = {name: data[name] for name in ("title", "starts_at", "ends_at", "place", "text")}
        return found | {
            "region": self.regions.get(data["region"]),
            "organisations": [self.partners[uuid] for uuid in data["organisations"]],
        }

    @staticmethod
    def initial_of(one: Appointment) -> dict[str, Any]:
        begin, end = timezone.localtime(one.starts_at), timezone.localtime(one.ends_at)
        return {
            "title": one.title, "day": begin.date(), "begins": begin.time(),
            "last_day": end.date() if end.date() != begin.date() else None, "ends": end.time(),
            "place": one.place, "region": one.region.key if one.region else "", "text": one.text,
            "organisations": [str(uuid) for uuid in
                              one.organisations.values_list("uuid", flat=True)],
        }  # fmt: skip
