"""Shape of what is entered before a meeting: frame, agenda, papers, guests, answers."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import Organisation
from lotse.foundation.ui.forms import DayField, EmailField, Form, LineField, TextField
from lotse.rooms.bodies import wall
from lotse.rooms.bodies.models import AgendaItem, Attendance, Meeting
from lotse.rooms.bodies.queries.meetings import presenter_line
from lotse.rooms.bodies.services.agenda import Speaker, read_speakers
from lotse.rooms.bodies.services.replying import StandIn

HINT_RIGHTS = _(
    "Nötig für eine Einladung zu einer Sitzung online oder in beiden Formen: § 32 Abs. 2 BGB "
    "verlangt von Vereinen, dass die Einladung sagt, wie Mitglieder ihre Rechte elektronisch "
    "ausüben. Quelle: gesetze-im-internet.de/bgb/__32.html"
)


class ClockField(forms.TimeField):
    """A time of day, as `13:00` or from the browser's field."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    default_error_messages = {
        "invalid": _("Diese Uhrzeit gibt es nicht. Bitte so eingeben: 13:00."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%H:%M", "%H:%M:%S", "%H.%M", "%H"], **kwargs)


class DateForm(Form):
    """Day and times of a meeting, as they stand on the wall clock (T49)."""

    day = DayField(label=_("Datum"))
    begins = ClockField(label=_("Beginn"))
    ends = ClockField(label=_("Ende"))
    last_day = DayField(
        label=_("Letzter Tag"), required=False, help_text=_("Nur bei mehreren Tagen")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, last = data.get("day"), data.get("last_day") or data.get("day")
        begin = self._moment("begins", day, data.get("begins"))
        end = self._moment("ends", last, data.get("ends"))
        if begin and end and end <= begin:
            self.add_error("ends", _("Das Ende liegt vor dem Beginn."))
        data["starts_at"], data["ends_at"] = begin, end
        return data

    def _moment(self, name: str, day: date | None, at: time | None) -> datetime | None:
        if day is None or at is None:
            return None
        try:
            return wall.moment(day, at)
        except Refused as refused:
            self.add_error(name, list(refused.messages))
            return None

    def span(self) -> dict[str, datetime]:
        return {name: self.cleaned_data[name] for name in ("starts_at", "ends_at")}


def date_initial(begin: datetime, end: datetime) -> dict[str, Any]:
    """What the fields of a date are filled in with."""
    first, last = timezone.localtime(begin), timezone.localtime(end)
    return {
        "day": first.date(), "begins": first.time(), "ends": last.time(),
        "last_day": last.date() if last.date() != first.date() else None,
    }  # fmt: skip


class MeetingForm(DateForm):
    """The frame of a meeting (S1-01)."""

    title = LineField(label=_("Titel"), max_length=200)
    series = LineField(
        label=_("Reihe"), required=False, max_length=80,
        help_text=_("Wenn das Gremium verschiedene Reihen hat, zum Beispiel kurze Termine online"),
    )  # fmt: skip
    number = forms.IntegerField(
        label=_("Nummer"), required=False, min_value=1, max_value=999,
        error_messages={"invalid": _("Bitte geben Sie eine Zahl ein.")},
    )  # fmt: skip
    mode = forms.ChoiceField(label=_("Form"), choices=Meeting.Mode.choices)
    place = LineField(label=_("Ort"), required=False, max_length=200)
    address = LineField(label=_("Anschrift"), required=False, max_length=300)
    room = LineField(label=_("Raum"), required=False, max_length=120)
    link = LineField(
        label=_("Link zur Teilnahme"), required=False, max_length=500,
        help_text=_("Lesen nur Eingeladene. Zum Beispiel https://konferenz.beispiel.de/rat"),
    )  # fmt: skip
    rights_statement = TextField(
        label=_("Wie werden Mitgliederrechte elektronisch ausgeübt?"), required=False,
        max_length=4000, help_text=HINT_RIGHTS,
    )  # fmt: skip
    host = forms.ChoiceField(label=_("Gastgeber aus dem Netzwerk"), required=False)
    host_words = LineField(label=_("Anderer Gastgeber"), required=False, max_length=200)
    moderation = LineField(
        label=_("Moderation"), required=False, max_length=200,
        help_text=_("Mehrere Namen mit Komma trennen"),
    )  # fmt: skip
    minute_takers = LineField(
        label=_("Mitschrift"), required=False, max_length=200,
        help_text=_("Mehrere Namen mit Komma trennen"),
    )  # fmt: skip
    minutes_kind = forms.ChoiceField(
        label=_("Art des Protokolls"), choices=Meeting.MinutesKind.choices
    )
    intro = TextField(
        label=_("Text der Einladung"), required=False, max_length=4000,
        help_text=_("Leer lassen: „wir laden Sie herzlich zu dieser Sitzung ein.“"),
    )  # fmt: skip
    next_dates = TextField(
        label=_("Nächste Termine"), required=False, max_length=2000,
        help_text=_("Auch anderer Gremien, ein Termin je Zeile"),
    )  # fmt: skip

    GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (_("Was und wann"), ("title", "series", "number", "day", "begins", "ends", "last_day")),
        (_("Wo und wie"), ("mode", "place", "address", "room", "link", "rights_statement", "host",
                           "host_words")),
        (_("Wer führt und schreibt mit"), ("moderation", "minute_takers", "minutes_kind")),
        (_("Einladung"), ("intro", "next_dates")),
    )  # fmt: skip
    PLAIN = ("title", "series", "number", "mode", "place", "address", "room", "link",
             "rights_statement", "host_words", "moderation", "minute_takers", "minutes_kind",
             "intro", "next_dates")  # fmt: skip

    def __init__(self, *args: Any, hosts: Sequence[Organisation], number_hint: str = "",
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self._hosts = {str(one.uuid): one for one in hosts}
        named = [(uuid, one.name) for uuid, one in self._hosts.items()]
        self.fields["host"].choices = [("", _("keiner")), *named]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["number"].help_text = number_hint

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The fields in readable groups."""
        return [{"title": title, "fields": [self[name] for name in names]}
                for title, names in self.GROUPS]  # fmt: skip

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        return (
            {name: data[name] for name in self.PLAIN}
            | self.span()
            | {"host": self._hosts.get(data["host"])}
        )

    @staticmethod
    def initial_of(meeting: Meeting) -> dict[str, Any]:
        """What the form is filled in with."""
        host = str(meeting.host.uuid) if meeting.host is not None else ""
        plain = {name: getattr(meeting, name) for name in MeetingForm.PLAIN}
        return plain | date_initial(meeting.starts_at, meeting.ends_at) | {"host": host}


class PostponeForm(DateForm):
    """Another date, with a word to those who are invited."""

    note = TextField(
        label=_("Nachricht an die Eingeladenen"), required=False, max_length=2000,
        help_text=_("Steht in der Mail über den neuen Termin."),
    )  # fmt: skip


class CancelForm(Form):
    """Why a meeting does not take place."""

    reason = LineField(
        label=_("Grund der Absage"), max_length=300, help_text=_("Steht in der Mail der Absage.")
    )


class ReopenForm(Form):
    """Why a meeting that was ended goes on."""

    reason = LineField(
        label=_("Grund"), max_length=300, help_text=_("Er wird mit Ihrem Namen festgehalten.")
    )


class ItemForm(Form):
    """One item of an agenda (S1-03, S1-04, S2-02)."""

    title = LineField(label=_("Titel"), max_length=200)
    parent = forms.ChoiceField(label=_("Gehört unter"), required=False)
    kind = forms.ChoiceField(label=_("Art"), choices=AgendaItem.Kind.choices)
    minutes_planned = forms.IntegerField(
        label=_("Dauer in Minuten"), min_value=0, max_value=1440, initial=10,
        error_messages={"invalid": _("Bitte geben Sie eine Zahl ein.")},
    )  # fmt: skip
    goal = TextField(label=_("Ziel"), required=False, max_length=2000)
    questions = TextField(
        label=_("Leitfragen"), required=False, max_length=4000, help_text=_("Eine je Zeile")
    )
    speakers = TextField(
        label=_("Wer spricht?"), required=False, max_length=8000,
        help_text=_("Eine Zeile je Person: Name (Organisation): Thema"),
    )  # fmt: skip
    proposal = TextField(
        label=_("Beschlussvorschlag"), required=False, max_length=8000,
        help_text=_("Der genaue Wortlaut. Jede Änderung zählt als neue Fassung."),
    )  # fmt: skip
    is_standing = forms.BooleanField(
        label=_("Kehrt in jeder Sitzung wieder"), required=False,
        help_text=_("Der Punkt kommt mit, wenn Sie die Sitzung als Vorlage nehmen."),
    )  # fmt: skip

    def __init__(self, *args: Any, parents: Sequence[AgendaItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parents = {str(one.uuid): one for one in parents}
        named = [(uuid, one.title) for uuid, one in self._parents.items()]
        self.fields["parent"].choices = [("", _("erste Ebene")), *named]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_speakers(self) -> list[Speaker]:
        try:
            return read_speakers(self.cleaned_data["speakers"])
        except Refused as refused:
            raise forms.ValidationError(list(refused.messages)) from None

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = dict(self.cleaned_data)
        return data | {"parent": self._parents.get(data["parent"])}

    @staticmethod
    def initial_of(item: AgendaItem) -> dict[str, Any]:
        """What the form is filled in with. One query for the speakers."""
        names = ("title", "kind", "minutes_planned", "goal", "questions", "proposal", "is_standing")
        return {name: getattr(item, name) for name in names} | {
            "parent": str(item.parent.uuid) if item.parent is not None else "",
            "speakers": "\n".join(presenter_line(one) for one in item.presenters.all()),
        }


class PaperForm(Form):
    """A paper: its title, the item it belongs to."""

    title = LineField(label=_("Titel"), max_length=200)
    item = forms.ChoiceField(label=_("Gehört zu"), required=False)
    sent_before = forms.BooleanField(label=_("vorab versandt"), required=False)

    def __init__(self, *args: Any, items: Sequence[tuple[AgendaItem, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._items = {str(item.uuid): item for item, _words in items}
        named = [(str(item.uuid), words) for item, words in items]
        self.fields["item"].choices = [("", _("zur ganzen Sitzung")), *named]  # type: ignore[attr-defined]  # a ChoiceField

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = {name: self.cleaned_data[name] for name in ("title", "sent_before")}
        return data | {"item": self._items.get(self.cleaned_data["item"])}


class PaperField(forms.FileField):
    """A file; its type and size are looked at when it is kept."""

    default_error_messages = {
        "required": _("Bitte wählen Sie eine Datei."),
        "empty": _("Die Datei ist leer."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)


class NewPaperForm(PaperForm):
    """A new paper, with its file or without."""

    file = PaperField(
        label=_("Datei"), required=False, help_text=_("Ohne Datei: wird nachgeliefert")
    )


class VersionForm(Form):
    """Another version of a paper."""

    file = PaperField(label=_("Datei"))
    note = LineField(label=_("Was ist anders?"), required=False, max_length=200)


class GuestForm(Form):
    """A guest of one meeting."""

    name = LineField(label=_("Name"), max_length=200)
    email = EmailField(label=_("E-Mail-Adresse"))
    organisation = LineField(label=_("Organisation"), required=False, max_length=200)


class ReplyForm(Form):
    """The answer to an invitation."""

    reply = forms.ChoiceField(
        label=_("Ihre Antwort"), widget=forms.RadioSelect,
        error_messages={"required": _("Bitte wählen Sie eine Antwort.")},
    )  # fmt: skip
    deputy = forms.ChoiceField(
        label=_("Wer vertritt Sie?"), required=False,
        help_text=_("Nur, wenn Sie nicht selbst kommen"),
        error_messages={"invalid_choice": _("Diese Person kann Sie nicht vertreten: Sie ist selbst "
                                            "eingeladen oder vertritt schon ein anderes Mandat.")},
    )  # fmt: skip
    deputy_name = LineField(
        label=_("Name der Vertretung"), required=False, max_length=200,
        help_text=_("Nur für jemanden, der nicht in der Liste steht"),
    )  # fmt: skip
    deputy_email = EmailField(label=_("E-Mail-Adresse der Vertretung"), required=False)
    note = LineField(label=_("Nachricht an die Geschäftsstelle"), required=False, max_length=300)

    HINT_ALONE = _("Nur, wenn Sie nicht selbst kommen")
    CHOICES = ((Attendance.Reply.YES, _("Ich komme")), (Attendance.Reply.NO, _("Ich komme nicht")),
               (Attendance.Reply.DEPUTY, _("Jemand vertritt mich")))  # fmt: skip

    def __init__(self, *args: Any, deputies: Sequence[Any], may_send: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deputies = {str(one.uuid): one for one in deputies}
        self.fields["reply"].choices = self.CHOICES if may_send else self.CHOICES[:2]  # type: ignore[attr-defined]  # a ChoiceField
        if not may_send:
            for name in ("deputy", "deputy_name", "deputy_email"):
                del self.fields[name]
        elif self._deputies:
            named = [(uuid, one.person.name) for uuid, one in self._deputies.items()]
            self.fields["deputy"].choices = [("", _("jemand anders, unten genannt")), *named]  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del self.fields["deputy"]
            self.fields["deputy_name"].help_text = self.HINT_ALONE

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reply") != Attendance.Reply.DEPUTY:
            return data
        if data.get("deputy"):
            if data.get("deputy_name"):
                said = _("Bitte entweder jemanden aus der Liste wählen oder einen Namen nennen.")
                self.add_error("deputy_name", said)
            return data
        for name, words in (("deputy_name", _("Bitte nennen Sie, wer Sie vertritt.")),
                            ("deputy_email", _("Bitte geben Sie eine Adresse für die Einladung "
                                               "an."))):  # fmt: skip
            if not data.get(name) and name not in self.errors:
                self.add_error(name, words)
        return data

    def stand_in(self) -> StandIn | None:
        """Who comes instead."""
        data = self.cleaned_data
        if data["reply"] != Attendance.Reply.DEPUTY:
            return None
        chosen = self._deputies.get(data.get("deputy", ""))
        if chosen is not None:
            return StandIn(holder=chosen.uuid)
        return StandIn(name=data["deputy_name"], email=data["deputy_email"])
