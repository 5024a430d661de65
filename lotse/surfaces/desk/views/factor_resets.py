"""Lost second factor: one person of the office or operator asks, another confirms."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import get_visible, has, visible
from lotse.foundation.parties.models import FactorReset, Person
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.parties.services import factor_resets
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build, shown
from lotse.surfaces.desk import forms
from lotse.surfaces.desk.access import EDIT, Desk, at_desk
from lotse.surfaces.desk.frame import FormPage, Line, Link, Section, form_page, list_page
from lotse.surfaces.desk.queries import people as reads
from lotse.surfaces.desk.views.detail import detail_page

HANDLE = "parties.factor_reset.handle"
RESET = factor_resets.CODE


def back() -> Link:
    return Link(_("Zweiter Faktor verloren"), reverse("desk:factor-resets"))


def state_of(reset: FactorReset) -> str:
    """How it stands, by the clock."""
    return _("verfallen") if reset.has_lapsed else str(reset.get_state_display())


@require_safe
@at_desk(EDIT)
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All requests of the network; for the operator those about operators, too."""

    def rows(items: Any) -> list[Row]:
        names = reads.names_of([one.asked_by for one in items])
        return [
            {
                "person": Cell(one.person.name, reverse("desk:factor-reset", args=[one.uuid])),
                "by": names.get(one.asked_by, _("Betrieb")),
                "at": one.asked_at,
                "until": one.lapses_at,
                "state": state_of(one),
            }
            for one in items
        ]

    of = Q(network=desk.network) | (Q(network=None) if desk.is_operator else Q(pk__in=[]))
    listing = build(
        request,
        title=_("Zweiter Faktor verloren"),
        columns=[Column("person", _("Person")), Column("by", _("Beantragt von")),
                 Column("at", _("Beantragt am")), Column("until", _("Gilt bis")),
                 Column("state", _("Stand"))],
        source=visible(HANDLE, desk.actor, alive(FactorReset.objects.filter(of)))
        .select_related("person").order_by("-asked_at", "-pk"),
        rows=rows,
        filters=[Filter("stand", _("Stand"), _by_state, [("offen", _("offen"))])],
        export=False,
        empty=_("Bisher gab es keine Anträge. Sie beginnen auf der Seite einer Person."),
    )  # fmt: skip
    return list_page(
        request, desk, listing,
        intro=_("Ein Antrag braucht eine zweite Person und verfällt nach sieben Tagen."),
    )  # fmt: skip


def _by_state(rows: Any, _value: str) -> Any:
    return rows.filter(factor_resets.is_open())


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT, recent=True)
def ask(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Asks for a person; a request that waits already is shown instead, or named to those who may
    not see it. Raises Refused."""
    people = Person.objects.select_related("account", "home").filter(erased_at=None)
    found = get_visible(RESET, desk.actor, uuid, people)
    if found.account is None:
        raise Http404
    waiting = factor_resets.open_of(found)
    if waiting is not None and request.method != "POST":
        if not has(HANDLE, desk.actor, waiting):
            raise Refused(factor_resets.waits_already())
        return redirect("desk:factor-reset", waiting.uuid)
    form = forms.FactorResetForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        made = factor_resets.ask(
            found, actor=desk.actor, network=desk.network, key=once.key_from(request.POST), **data
        )
        return reverse("desk:factor-reset", args=[made.uuid])

    page = FormPage(
        _("Zweiten Faktor zurücksetzen: %(name)s") % {"name": found.name},
        _("Zurücksetzen beantragen"), _page_of(found), act,
        intro=_("Nur wenn Telefon, Passkeys und Ersatzcodes verloren sind. Eine zweite Person "
                "muss zustimmen; dann gehen alle zweiten Faktoren dieses Kontos, und alle "
                "Sitzungen enden. %(name)s bekommt jetzt und danach eine Mail.")
        % {"name": found.name},
        warning=_("Prüfen Sie zuerst, wer fragt."),
        done=_("Der Antrag ist gestellt. Jetzt prüft eine zweite Person."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _page_of(person: Person) -> Link:
    return Link(person.name, reverse("desk:person", args=[person.uuid]))


def _load(desk: Desk, uuid: UUID) -> FactorReset:
    rows = FactorReset.objects.select_related("person__account", "person__home", "network")
    return get_visible(HANDLE, desk.actor, uuid, alive(rows))


@require_safe
@at_desk(EDIT)
def detail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One request: why, how it was checked, who asked, and what is to do."""
    found = _load(desk, uuid)
    names = reads.names_of([found.asked_by, found.confirmed_by])
    facts = [
        (_("Stand"), state_of(found)),
        (_("Beantragt von"), names.get(found.asked_by, _("Betrieb"))),
        (_("Beantragt am"), shown(found.asked_at)),
        (_("Gilt bis"), shown(found.lapses_at) if found.state == found.State.ASKED else ""),
        (_("Bestätigt von"), names.get(found.confirmed_by, "")),
        (_("Bestätigt am"), shown(found.done_at) if found.done_at else ""),
    ]
    may_stop = factor_resets.may_withdraw(found, desk.actor)
    may = may_stop and factor_resets.is_second(found, desk.actor)
    at = [found.uuid]
    confirm_link = Link(_("Prüfen und bestätigen"), reverse("desk:factor-reset-confirm", args=at))
    is_open = found.state == found.State.ASKED and not found.has_lapsed
    stop = Link(
        _("Antrag zurückziehen") if found.asked_by == desk.actor.ref else _("Antrag ablehnen"),
        reverse("desk:factor-reset-withdraw", args=at),
    )
    return detail_page(
        request, desk,
        title=_("Zweiter Faktor verloren: %(name)s") % {"name": found.person.name},
        back=back(), facts=facts,
        sections=[Section("grund", _("Grund"), [Line(found.reason)] if found.reason else []),
                  Section("geprueft", _("So geprüft"),
                          [Line(found.identity)] if found.identity else [])],
        notes=_notes(found, desk, is_open, may=may),
        actions=[confirm_link] if may else [],
        posts=[stop] if may_stop else [],
        links=[_page_of(found.person)], version=found.version,
    )  # fmt: skip


def _notes(
    reset: FactorReset, desk: Desk, is_open: bool, *, may: bool
) -> list[tuple[str, str, str]]:
    if reset.has_lapsed:
        said = _("Niemand hat ihn in sieben Tagen bestätigt. Stellen Sie ihn bei Bedarf neu.")
        return [("info", _("Der Antrag ist verfallen."), said)]
    if is_open and reset.asked_by == desk.actor.ref:
        said = _("Bitten Sie jemanden aus der Geschäftsstelle oder vom Betrieb, diese Seite zu "
                 "öffnen und zu bestätigen.")  # fmt: skip
        return [("info", _("Der Antrag wartet auf eine zweite Person."), said)]
    if is_open and not may:
        said = _("Bestätigen kann nur, wer die eigene Rolle schon vor dem Antrag hatte und sie "
                 "nicht von der ersten Person hat; eine Vertretung genügt nicht.")  # fmt: skip
        return [("info", _("Der Antrag wartet auf jemand anderen."), said)]
    return []


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT, recent=True)
def confirm(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """The second person: checks, ticks, and it is done."""
    found = _load(desk, uuid)
    form = forms.FactorConfirmForm(request.POST if request.method == "POST" else None)
    here = Link(back().title, reverse("desk:factor-reset", args=[found.uuid]))

    def act(_data: dict[str, Any]) -> str:
        factor_resets.confirm(found, actor=desk.actor, expected=version_in(request))
        return here.url

    page = FormPage(
        _("Zweiten Faktor entfernen: %(name)s") % {"name": found.person.name},
        _("Zweiten Faktor entfernen"), here, act, version=found.version,
        intro=_("App, Passkeys und Ersatzcodes werden entfernt, alle Sitzungen enden, und "
                "%(name)s bekommt eine Mail. Fragen Sie im Zweifel selbst nach, zum Beispiel "
                "unter der bekannten Telefonnummer.") % {"name": found.person.name},
        warning=_("Das lässt sich nicht rückgängig machen."),
        done=_("Der zweite Faktor ist entfernt. Beim nächsten Anmelden richtet die Person einen "
               "neuen ein."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_POST
@at_desk(EDIT)
def withdraw(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Ends a request without doing it."""
    found = _load(desk, uuid)
    factor_resets.withdraw(found, actor=desk.actor, expected=version_in(request))
    messages.success(request, _("Der Antrag ist beendet. Es wurde nichts entfernt."))
    return redirect("desk:factor-reset", found.uuid)
