"""Acts on minutes, each on a page of its own that says what it brings about."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lotse.foundation.core import once
from lotse.foundation.ui.forms import Form, version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies import forms_minutes as forms
from lotse.rooms.bodies.mails_minutes import members_of, present_of
from lotse.rooms.bodies.models import Charter, Meeting, Minutes, MinutesRevision
from lotse.rooms.bodies.services import minutes as services
from lotse.rooms.bodies.services.minutes import levels_of
from lotse.rooms.bodies.services.recording import content_of
from lotse.rooms.bodies.views.forming import Both, FormPage, differences, form_page
from lotse.rooms.bodies.views.minutes_frame import WRITE, Reading, items_in, load, stored

METHODS = ["GET", "HEAD", "POST"]


def _page(
    request: HttpRequest, reading: Reading, form: Form, *, title: str, submit: str, intro: str,
    act: Callable[[Minutes, int, dict[str, Any]], object], done: str,
    now: Callable[[Minutes, dict[str, Any]], list[Both]] | None = None,
) -> HttpResponse:  # fmt: skip
    """A form whose act gets the minutes, the version they were opened with and what was typed."""

    def run(values: dict[str, Any]) -> str:
        act(stored(reading), version_in(request), values)
        return reverse("bodies:minutes", args=[reading.meeting.uuid])

    return form_page(request, form, FormPage(
        title=title, submit=submit, way=reading.ways, act=run, intro=intro, done=done,
        version=reading.minutes.version,
        stored=now or (lambda current, _typed: [_state_now(current)]),
    ))  # fmt: skip


def data_of(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _state_now(minutes: Minutes) -> Both:
    """What the minutes are by now, where an act came too late."""
    fresh = Minutes.objects.get(pk=minutes.pk)
    return Both(_("Stand des Protokolls"), str(fresh.get_state_display()), "–")


@require_http_methods(METHODS)
@signed_in
def head(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What stands above the items of a draft."""
    reading = load(request, uuid, WRITE)
    meeting = reading.meeting
    form = forms.HeadForm(
        data_of(request),
        initial={name: getattr(meeting, name) for name in services.HEAD},
    )

    def run(values: dict[str, Any]) -> str:
        services.change_head(meeting, actor=reading.actor, expected=version_in(request), **values)
        return reverse("bodies:minutes", args=[meeting.uuid])

    def now(current: Meeting, typed: dict[str, Any]) -> list[Both]:
        return differences(form, {name: getattr(current, name) for name in services.HEAD}, typed)

    return form_page(request, form, FormPage(
        title=_("Kopf des Protokolls bearbeiten"), submit=_("Speichern"), way=reading.ways, act=run,
        version=meeting.version, stored=now,
    ))  # fmt: skip


@require_http_methods(METHODS)
@signed_in
def circulate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Sends the draft round: the page says to whom, and who cannot be reached."""
    reading = load(request, uuid, WRITE)
    intro = ""
    if request.method != "POST" and reading.minutes.state == Minutes.State.DRAFT:
        intro = _circulating(reading)
    return _page(
        request, reading, forms.NothingForm(data_of(request)), intro=intro,
        title=_("Protokoll verschicken"), submit=_("Protokoll verschicken"),
        act=lambda minutes, version, _values: services.circulate(
            minutes, actor=reading.actor, expected=version,
            key=once.key_from(request.POST),
        ),
        done=_("Das Protokoll ist verschickt. Die Frist für Einwände läuft."),
    )  # fmt: skip


def _circulating(reading: Reading) -> str:
    charter = reading.meeting.body.charter
    people = present_of(reading.meeting)
    reached = [row for row, reach in people if reach.address]
    missed = [row.name for row, reach in people if not reach.address]
    parts = [
        ngettext("Es geht per Mail an %(n)s Person, die anwesend war.",
                 "Es geht per Mail an %(n)s Personen, die anwesend waren.", len(reached))
        % {"n": len(reached)},
        _("Einwände sind %(days)s Tage lang möglich.") % {"days": charter.objection_days},
    ]  # fmt: skip
    if missed:
        parts.append(_("Ohne Mailadresse und deshalb nicht erreicht: %(names)s.")
                     % {"names": ", ".join(missed)})  # fmt: skip
    parts.append(
        _("Danach gilt das Protokoll als genehmigt, wenn kein Einwand offen ist.")
        if charter.silence_basis
        else _("Danach genehmigt es die nächste Sitzung: die Regeln des Gremiums lassen Schweigen "
               "nicht als Zustimmung gelten.")
    )  # fmt: skip
    return " ".join(parts)


@require_http_methods(METHODS)
@signed_in
def correct(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Puts wording right before adoption; those present get the corrected revision."""
    reading = _sent(load(request, uuid, WRITE))
    if request.method != "POST" and reading.lapsed:
        return _too_late(request, reading)
    content = content_of(_revision(reading))
    form = forms.CorrectForm(data_of(request), content=content)

    def now(current: Minutes, typed: dict[str, Any]) -> list[Both]:
        fresh = forms.CorrectForm(content=content_of(services.latest(current)))
        said = {name: one.initial for name, one in fresh.fields.items() if name != "reason"}
        return [_state_now(current), *differences(form, said, typed)]

    return _page(
        request, reading, form, title=_("Protokoll berichtigen"), submit=_("Berichtigung senden"),
        intro=_("Wer anwesend war, bekommt die berichtigte Fassung. Die Frist für Einwände beginnt "
                "neu. Die Liste der Anwesenden kommt aus der Sitzung."),
        act=lambda minutes, version, _values: services.correct(
            minutes, actor=reading.actor, expected=version, wording=form.wording,
            reason=form.cleaned_data["reason"],
        ),
        done=_("Das Protokoll ist berichtigt und neu verschickt."), now=now,
    )  # fmt: skip


def _sent(reading: Reading) -> Reading:
    """Only minutes that have a revision; of a draft the items themselves are edited."""
    if reading.revision is None:
        raise Http404
    return reading


def _too_late(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Silence has adopted the minutes, and the clock's job will write it down."""
    messages.info(request, _("Die Frist ist abgelaufen; die Genehmigung wird eingetragen."))
    return redirect("bodies:minutes", reading.meeting.uuid)


def _revision(reading: Reading) -> MinutesRevision:
    if reading.revision is None:
        raise Http404
    return reading.revision


@require_http_methods(METHODS)
@signed_in
def adopt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Records in which later meeting the minutes were adopted."""
    reading = _sent(load(request, uuid, WRITE))
    if request.method != "POST" and reading.lapsed:
        return _too_late(request, reading)
    meeting = reading.meeting
    later = list(
        Meeting.objects.filter(
            body=meeting.body, starts_at__gt=meeting.starts_at,
            state__in=(Meeting.State.RUNNING, Meeting.State.HELD),
        ).order_by("starts_at", "pk")
    )  # fmt: skip
    form = forms.AdoptForm(
        data_of(request),
        meetings=[(str(one.uuid), f"{one.title}, {_day(one)}") for one in later],
    )
    by_uuid = {str(one.uuid): one for one in later}
    intro = _("Danach wird nichts mehr geändert: was dann noch falsch ist, wird mit Grund als "
              "Berichtigung vermerkt.")  # fmt: skip
    if not later:
        intro = _("Es gibt noch keine spätere Sitzung, die stattgefunden hat.") + " " + intro
    return _page(
        request, reading, form, title=_("Genehmigung eintragen"),
        submit=_("Genehmigung eintragen"), intro=intro,
        act=lambda minutes, version, values: services.adopt_minutes(
            minutes, actor=reading.actor, expected=version, meeting=by_uuid[values["meeting"]]
        ),
        done=_("Das Protokoll ist genehmigt und beurkundet. Die Mitglieder haben eine Mail."),
    )  # fmt: skip


def _day(meeting: Meeting) -> str:
    return date_format(timezone.localtime(meeting.starts_at), "SHORT_DATE_FORMAT")


@require_http_methods(METHODS)
@signed_in
def publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Opens adopted minutes to readers, as far as the body's rules go."""
    reading = _sent(load(request, uuid, WRITE))
    minutes, charter = reading.minutes, reading.meeting.body.charter
    levels = levels_of(charter)
    level = minutes.level if minutes.level in levels else charter.level
    form = forms.PublishForm(
        data_of(request),
        levels=[(one.value, Charter.Level(one).label) for one in levels], initial={"level": level},
    )  # fmt: skip
    return _page(
        request, reading, form, title=_("Protokoll veröffentlichen"),
        submit=_("Protokoll veröffentlichen"),
        intro=_("Wer nicht zum Gremium gehört, liest keine Liste der Anwesenden und nur Namen von "
                "Menschen, die eingewilligt haben."),
        act=lambda row, version, values: services.publish(
            row, actor=reading.actor, expected=version, level=values["level"]
        ),
        done=_("Das Protokoll ist veröffentlicht."),
    )  # fmt: skip


@require_http_methods(METHODS)
@signed_in
def amend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A marked correction of adopted minutes."""
    reading = _sent(load(request, uuid, WRITE))
    choices = [(item["number"], words) for item, words in items_in(content_of(_revision(reading)))]
    form = forms.AmendForm(
        data_of(request), items=choices,
        initial={"item": request.GET.get("top", "")},
    )  # fmt: skip
    count = len(members_of(reading.meeting)) if request.method != "POST" else 0
    return _page(
        request, reading, form, title=_("Berichtigung eintragen"),
        submit=_("Berichtigung eintragen"),
        intro=ngettext(
            "Der Wortlaut bleibt stehen; die Berichtigung steht sichtbar dabei. %(n)s Mitglied "
            "bekommt eine Mail.",
            "Der Wortlaut bleibt stehen; die Berichtigung steht sichtbar dabei. %(n)s Mitglieder "
            "bekommen eine Mail.", count,
        ) % {"n": count},
        act=lambda minutes, version, values: services.mark_correction(
            minutes, actor=reading.actor, expected=version, item=values["item"],
            words=values["words"], reason=values["reason"], key=once.key_from(request.POST),
        ),
        done=_("Die Berichtigung ist eingetragen und beurkundet."),
    )  # fmt: skip
