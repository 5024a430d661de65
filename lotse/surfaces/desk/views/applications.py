"""Applications of new partners: the list, the check against the criteria, the decision."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core import once, text
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures.queries import measures_of
from lotse.foundation.parties.models import Invitation, Organisation
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.topics.models import Topic
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build, shown
from lotse.rooms.directory.models import Application
from lotse.rooms.directory.queries import joining as joins
from lotse.rooms.directory.services import applications
from lotse.surfaces.desk import forms_directory as forms
from lotse.surfaces.desk.access import EDIT, Desk, at_desk
from lotse.surfaces.desk.frame import FormPage, Line, Link, Section, form_page, list_page
from lotse.surfaces.desk.queries import directory as reads
from lotse.surfaces.desk.queries import people
from lotse.surfaces.desk.views.detail import detail_page

MANAGE = "directory.application.manage"
State = Application.State


def back() -> Link:
    return Link(_("Bewerbungen"), reverse("desk:applications"))


def _tone(state: str) -> str:
    return "warn" if state in applications.OPEN else "muted" if state != State.ACCEPTED else ""


def _narrow(rows: Any, state: str) -> Any:
    return rows.filter(joins.open_applications()) if state == "offen" else rows.filter(state=state)


def _search(rows: Any, words: str) -> Any:
    for word in words.split()[:6]:
        rows = rows.filter(name__icontains=word) | rows.filter(city__icontains=word)
    return rows


@require_safe
@at_desk(EDIT)
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who wants to become a partner, and what became of it."""

    def rows(found: Any) -> list[Row]:
        return [
            {
                "name": Cell(one.name, reverse("desk:application", args=[one.uuid])),
                "kind": str(one.get_kind_display()),
                "place": f"{one.postal_code} {one.city}".strip(),
                "state": Cell(str(one.get_state_display()), tone=_tone(one.state)),
                "at": one.created_at,
            }
            for one in found
        ]

    listing = build(
        request,
        title=_("Bewerbungen"),
        columns=[Column("name", _("Organisation"), 44), Column("kind", _("Art"), 28),
                 Column("place", _("Ort"), 28), Column("state", _("Stand"), 16),
                 Column("at", _("Eingegangen"), 20)],
        source=reads.applications_of(desk.network, desk.actor),
        rows=rows,
        search=_search,
        filters=[Filter("stand", _("Stand"), _narrow,
                        [("offen", _("offen")), *State.choices])],
        empty=_("Hier stehen Organisationen, die Partner werden möchten."),
    )  # fmt: skip
    return list_page(
        request, desk, listing, name="bewerbungen",
        actions=[Link(_("Aufnahme regeln"), reverse("desk:joining"))],
    )  # fmt: skip


def _load(desk: Desk, uuid: UUID) -> Application:
    rows = Application.objects.select_related("network", "region", "organisation")
    return get_visible(
        MANAGE, desk.actor, uuid, alive(rows.filter(network=desk.network), desk.network)
    )


def _of(application: Application) -> Link:
    return Link(application.name, reverse("desk:application", args=[application.uuid]))


@require_safe
@at_desk(EDIT)
def detail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One application: what it says, the criteria, what fits, and what was decided."""
    found = _load(desk, uuid)
    rules = joins.rules_of(desk.network)
    is_open = found.state in applications.OPEN
    lang = (get_language() or "de")[:2]
    fits = joins.fitting(found)
    names = _topics({*found.topics, *(code for one in fits for code in one.topics)}, lang)
    sections = [
        Section("angebot", _("Geben und suchen"), [
            Line(_("Was die Organisation einbringt"), "", found.offers),
            Line(_("Was sie sucht"), "", found.seeks or _("Dazu steht nichts in der Bewerbung.")),
        ]),
        Section("kriterien", _("Kriterien der Aufnahme"),
                [_criterion(one) for one in joins.criteria_of(found, rules, lang)],
                _("Das Netzwerk hat keine festgelegt.")),
        Section("passung", _("Passung: wer im Netzwerk Ähnliches tut"),
                [_fit(one, names) for one in fits], _no_fit(found)),
    ]  # fmt: skip
    if found.fit_note:
        sections.append(
            Section(
                "notiz", _("Notiz zur Passung"), [Line(_("Geschäftsstelle"), "", found.fit_note)]
            )
        )
    if found.state == State.ACCEPTED:
        sections.append(_after(found))
    actions = _actions(found) if is_open else []
    return detail_page(
        request, desk, title=found.name, back=back(), facts=_facts(found, names),
        sections=sections, actions=actions, notes=_warnings(found) if is_open else [],
        links=_links(found), version=found.version,
    )  # fmt: skip


def _topics(codes: set[str], lang: str) -> dict[str, str]:
    """Code -> name. One query where there are any."""
    if not codes:
        return {}
    rows = Topic.objects.filter(code__in=codes).values_list("code", "name")
    return {code: text.pick(name, lang) for code, name in rows}


def _facts(found: Application, names: dict[str, str]) -> list[tuple[str, Any]]:
    deciders = people.names_of([found.decided_by]) if found.decided_by else {}
    return [
        (_("Stand"), found.get_state_display()), (_("Eingegangen"), shown(found.created_at)),
        (_("Art"), found.get_kind_display()),
        (_("Ort"), f"{found.postal_code} {found.city}".strip()),
        (_("Region"), found.region.name if found.region else ""),
        (_("Website"), found.website),
        (_("Themen"), ", ".join(names.get(code, code) for code in found.topics)),
        (_("Ansprechperson"), f"{found.first_name} {found.last_name}".strip()),
        (_("E-Mail-Adresse"), _mailto(found.email)), (_("Telefon"), found.phone),
        (_("Entschieden am"), shown(found.decided_at)),
        (_("Von"), deciders.get(found.decided_by, "")), (_("Begründung"), found.decision_note),
    ]  # fmt: skip


def _mailto(address: str) -> str:
    return format_html('<a class="kern-link" href="mailto:{}">{}</a>', quote(address, "@"), address)


def _criterion(one: dict[str, Any]) -> Line:
    """A criterion: what the applicant said, what the office found."""
    side = {True: _("erfüllt"), False: _("nicht erfüllt")}.get(one["checked"], _("offen"))
    said = _("selbst angekreuzt") if one["said"] else _("nicht angekreuzt")
    return Line(one["text"], side, ". ".join(filter(None, [said, one["note"]])))


def _fit(one: joins.Fit, names: dict[str, str]) -> Line:
    shared = ", ".join(names.get(code, code) for code in one.topics)
    near = _("dieselbe Region") if one.shares_region else ""
    number = ngettext("%(n)s gemeinsames Thema", "%(n)s gemeinsame Themen", len(one.topics))
    return Line(one.name, number % {"n": len(one.topics)}, " · ".join(filter(None, [shared, near])),
                reverse("desk:entry", args=[one.uuid]))  # fmt: skip


def _no_fit(found: Application) -> str:
    if not found.topics:
        return _("Die Bewerbung nennt keine Themen.")
    return _("Zu diesen Themen gibt es im Netzwerk noch niemanden.")


def _after(found: Application) -> Section:
    """What follows on the welcome: the invitation, the tasks. Two queries."""
    rows = []
    invited = Invitation.objects.filter(
        email=found.email, organisation=found.organisation
    ).order_by("-created_at").first()  # fmt: skip
    if invited is not None:
        side = _("angenommen") if invited.accepted_at else _("noch nicht angenommen")
        url = reverse("desk:invitation", args=[invited.uuid])
        rows.append(Line(_("Einladung an %(address)s") % {"address": invited.email}, side, "", url))
    for one in measures_of(Ref.to(found)).order_by("due_on", "pk"):
        due = _("bis %(day)s") % {"day": shown(one.due_on)} if one.due_on else ""
        rows.append(Line(one.title, str(one.get_status_display()),
                         " · ".join(filter(None, [due, one.who])),
                         reverse("today:measure", args=[one.uuid])))  # fmt: skip
    return Section("danach", _("Begrüßung"), rows, _("Es sind keine Aufgaben festgelegt."))


def _warnings(found: Application) -> list[tuple[str, str, str]]:
    """Partners of nearly the same name. Two queries."""
    similar = joins.similar_names(found.network, found.name)
    if not similar:
        return []
    what = _("Prüfen Sie, ob es dieselbe Organisation ist: %(names)s") % {
        "names": ", ".join(one.name for one in similar)
    }
    return [("warning", _("Ein ähnlicher Name ist schon im Netzwerk"), what)]


def _actions(found: Application) -> list[Link]:
    names = [("application-check", _("Kriterien prüfen")), ("application-accept", _("Aufnehmen")),
             ("application-decline", _("Ablehnen")),
             ("application-withdraw",
              _("Die Organisation zieht ihre Bewerbung zurück"))]  # fmt: skip
    if found.state == State.CHECKED:
        names = [names[1], names[0], *names[2:]]
    return [Link(title, reverse(f"desk:{name}", args=[found.uuid])) for name, title in names]


def _links(found: Application) -> list[Link]:
    if found.organisation is None:
        return []
    return [Link(found.organisation.name,
                 reverse("desk:organisation", args=[found.organisation.uuid]))]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def check(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """The check against the criteria, with a note each."""
    found = _load(desk, uuid)
    lang = (get_language() or "de")[:2]
    criteria = joins.criteria_of(found, joins.rules_of(desk.network), lang)
    form = forms.CriteriaForm(
        request.POST if request.method == "POST" else None, criteria=criteria,
        initial={"fit_note": found.fit_note},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> str:
        applications.check_application(
            found, actor=desk.actor, expected=version_in(request), marks=form.marks(),
            fit_note=data["fit_note"],
        )  # fmt: skip
        return _of(found).url

    def stored(now: Application) -> list[tuple[str, str]]:
        lines = [_criterion(one) for one in
                 joins.criteria_of(now, joins.rules_of(desk.network), lang)]  # fmt: skip
        return [*[(line.name, f"{line.side}. {line.sub}") for line in lines],
                (_("Passung"), now.fit_note)]  # fmt: skip

    page = FormPage(
        _("Prüfen: %(name)s") % {"name": found.name}, _("Prüfung speichern"), _of(found), act,
        version=found.version, stored=stored, template="desk/application_check.html",
        extra={"words": _words(found, _topics(set(found.topics), lang))},
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _words(found: Application, names: dict[str, str]) -> list[tuple[str, Any]]:
    """What the applicant says, to stand beside the check."""
    said = [(_("Was die Organisation einbringt"), found.offers), (_("Was sie sucht"), found.seeks)]
    about = [pair for pair in _facts(found, names)[2:] if pair[1]]
    return [pair for pair in [*said, *about] if pair[1]]


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def accept(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Takes the partner up: organisation, Steckbrief, invitation, tasks of welcome."""
    found = _load(desk, uuid)
    similar = joins.similar_names(desk.network, found.name)
    form = forms.AcceptForm(
        request.POST if request.method == "POST" else None,
        similar=[(str(one.uuid), one.name) for one in similar],
    )

    def act(data: dict[str, Any]) -> str:
        chosen = data.get("organisation", "")
        existing: Organisation | None = next(
            (one for one in similar if str(one.uuid) == chosen), None
        )
        applications.accept_application(
            found, actor=desk.actor, expected=version_in(request), note=data["note"],
            key=once.key_from(request.POST), organisation=existing,
        )  # fmt: skip
        return _of(found).url

    page = FormPage(
        _("Aufnehmen: %(name)s") % {"name": found.name}, _("Als Partner aufnehmen"), _of(found),
        act, version=found.version, done=_("Der Partner ist aufgenommen und eingeladen."),
        intro=_("Die Organisation entsteht mit einem Steckbrief aus der Bewerbung. %(email)s "
                "bekommt eine Einladung mit allen Rechten. Veröffentlicht wird noch nichts: das "
                "tut der Partner selbst.") % {"email": found.email},
        warning=_unchecked(found),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _unchecked(found: Application) -> str:
    if any(one.get("checked") is False for one in found.criteria.values()):
        return _("Mindestens ein Kriterium ist nicht erfüllt.")
    if any(one.get("checked") is None for one in found.criteria.values()):
        return _("Noch sind nicht alle Kriterien geprüft.")
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def decline(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Declines, with words that go out by mail."""
    found = _load(desk, uuid)
    form = forms.DeclineForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        applications.decline_application(
            found, actor=desk.actor, expected=version_in(request), **data
        )
        return _of(found).url

    page = FormPage(
        _("Ablehnen: %(name)s") % {"name": found.name}, _("Ablehnen und Mail senden"), _of(found),
        act, version=found.version, done=_("Die Bewerbung ist abgelehnt, die Mail unterwegs."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def withdraw(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Notes that the applicant does not want to any more."""
    found = _load(desk, uuid)
    form = forms.WithdrawForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        applications.withdraw_application(
            found, actor=desk.actor, expected=version_in(request), **data
        )
        return _of(found).url

    page = FormPage(
        _("Bewerbung zurückgezogen: %(name)s") % {"name": found.name}, _("Rückzug vermerken"),
        _of(found), act, version=found.version,
        intro=_("Die Organisation möchte nicht mehr. Es geht keine Mail hinaus."),
    )  # fmt: skip
    return form_page(request, desk, form, page)
