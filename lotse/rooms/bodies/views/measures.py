"""Measures of a body; one measure with its meeting and the answers of all partners."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import clock, once, text
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import get_visible, has, require
from lotse.foundation.measures import links, whole
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.foundation.measures.queries import with_helpers, with_parties
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.permissions import READERS
from lotse.foundation.ui import listing
from lotse.foundation.ui.forms import version_back, version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_measures import AgreedForm, ShareForm
from lotse.rooms.bodies.measures_origin import SOURCES, seen
from lotse.rooms.bodies.queries import measures as reads
from lotse.rooms.bodies.services import actions_agreed
from lotse.rooms.bodies.views import frame

VIEW, EDIT = "measures.measure.view", "measures.measure.edit"
STATES = [
    ("active", gettext_lazy("noch nicht erledigt")),
    ("late", gettext_lazy("überfällig")),
    ("undated", gettext_lazy("ohne Termin")),
]
COLUMNS = (
    listing.Column("title", gettext_lazy("Was ist zu tun?"), 48),
    listing.Column("who", gettext_lazy("Wer kümmert sich?"), 36),
    listing.Column("due_on", gettext_lazy("Bis wann?"), 18),
    listing.Column("status", gettext_lazy("Stand"), 14),
    listing.Column("delay_reason", gettext_lazy("Grund der Verspätung"), 36),
    listing.Column("meeting", gettext_lazy("Vereinbart in"), 30),
)
PARTS = (
    listing.Column("organisation", gettext_lazy("Organisation"), 40),
    listing.Column("status", gettext_lazy("Stand"), 14),
    listing.Column("answer", gettext_lazy("Antwort"), 60),
    listing.Column("at", gettext_lazy("Letzte Notiz"), 18),
)


@require_safe
@signed_in
def of_body(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the body and its meetings have to do and did; as a table, a file, or for print."""
    loaded = frame.load_body(request, uuid, frame.INSIDE)
    body = loaded.obj
    overview = reads.overview_of(body, loaded.actor, listing.word_in(request))
    found = listing.build(
        request,
        title=_("Maßnahmen: %(name)s") % {"name": body.name},
        columns=COLUMNS,
        source=overview.measures,
        rows=lambda measures: _rows(measures, overview),
        filters=[
            listing.Filter(
                "stand", _("Stand"), lambda rows, v: [one for one in rows if reads.stands(one, v)],
                [*STATES, *Measure.Status.choices],
            ),
            listing.Filter(
                "sitzung", _("Vereinbart in"),
                lambda rows, key: [one for one in rows if str(one.meeting) == key],
                [(str(key), words) for key, words in overview.meetings.items()],
            ),
        ],
        search=lambda rows, _word: [one for one in rows if one.hit],
        empty=_("Hier stehen die Maßnahmen, die das Gremium vereinbart oder übernommen hat."),
    )  # fmt: skip
    reads_load = loaded.actor.operates or body.network_id in loaded.actor.networks_as(*READERS)
    context = {"body": body, "reads_load": reads_load, "counts": overview.counts}
    return listing.answer(request, found, "bodies/measures.html", context, name="massnahmen")


def _rows(measures: Sequence[Any], overview: reads.Overview) -> list[listing.Row]:
    """One that came about in a meeting of the body leads to its page here."""
    known = reads.shown(measures)
    return [
        {
            "title": listing.Cell(
                measure.title,
                url=reverse("bodies:measure", args=[measure.uuid])
                if one.meeting
                else links.page_of(measure.uuid),
                note=answered_words(measure.parts_all, measure.parts_answered),
            ),
            "meeting": overview.meetings.get(one.meeting, ""),
            **cells_of(measure),
        }
        for one in measures
        if (measure := known.get(one.pk)) is not None  # deleted meanwhile
    ]


def cells_of(measure: Measure) -> dict[str, Any]:
    """Who, until when, how it stands, and why it is late: the same in every list of the room."""
    late = measure.is_late(clock.today())
    due: Any = measure.due_on or measure.due_words or _("ohne Termin")
    undated = measure.due_on is None and measure.is_active
    return {
        "who": measure.everybody or listing.Cell(_("noch niemand zuständig"), tone="warn"),
        "due_on": listing.Cell(
            due,
            tone="bad" if late else "warn" if undated else "",
            note=_("überfällig")
            if late
            else _("ohne Termin")
            if undated and measure.due_words
            else "",
        ),
        "status": measure.get_status_display(),
        "delay_reason": measure.delay_reason,
    }


def by_state(rows: QuerySet[Measure], value: str) -> QuerySet[Measure]:
    """The choice of a state; some are made of several."""
    if value not in ("active", "late", "undated"):
        return rows.filter(status=value)
    rows = rows.filter(status__in=Measure.ACTIVE)
    if value == "late":
        return rows.filter(due_on__lt=clock.today())
    return rows.filter(due_on=None) if value == "undated" else rows


def by_words(rows: QuerySet[Measure], word: str) -> QuerySet[Measure]:
    """What the title, the reason or who takes care says."""
    return rows.filter(reads.says(word))


def answered_words(parts: int, answered: int) -> str:
    """How many of the partners answered; nothing where nobody was asked."""
    if not parts:
        return ""
    return _("%(n)s von %(all)s haben geantwortet") % {"n": answered, "all": parts}


def _load(request: HttpRequest, uuid: UUID, *, run: bool = False) -> tuple[Any, Any]:
    """The measure with what it comes from, for who may see that meeting (or runs it).

    Raises Http404, NotAllowed.
    """
    actor = actor_in(request)
    rows = reads.with_tally(with_helpers(with_parties())).filter(seen(actor))
    found = get_visible(VIEW, actor, uuid, rows, also=(EDIT,))
    source = reads.source_of(found)
    if source is None:
        raise Http404
    if run:
        require(frame.MEETING_RUN, actor, reads.item_of(source).meeting)
    return found, source


@require_safe
@signed_in
def measure(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One measure: what was agreed where, how it stands, who of all partners answered. Whoever may
    not see the meeting, but the measure, is led to the page that has nothing of the meeting."""
    actor = actor_in(request)
    try:
        found, source = _load(request, uuid)
    except Http404:
        agreed = Measure.objects.filter(origin_type__in=SOURCES)
        return redirect(links.page_of(get_visible(VIEW, actor, uuid, agreed).uuid))
    item = reads.item_of(source)
    parts = _parts(request, found) if found.parts_all else None
    context: dict[str, Any] = {
        "measure": found,
        "late": found.is_late(clock.today()),
        "item": item,
        "meeting": item.meeting,
        "body": item.meeting.body,
        "wording": getattr(source, "text", "") or getattr(source, "title", ""),
        "part_of": found.whole_id is not None,
        "may_edit": has(EDIT, actor, found),
        "may_run": has(frame.MEETING_RUN, actor, item.meeting),
        "page": links.page_of(found.uuid),
        "progress": found.progress.select_related("person"),
        "listing": parts,
        "silent": found.parts_all - found.parts_answered,
        "answered": answered_words(found.parts_all, found.parts_answered),
    }
    if parts is None:
        return render(request, "bodies/measures_one.html", context)
    return listing.answer(request, parts, "bodies/measures_one.html", context, name="antworten")


def _parts(request: HttpRequest, found: Measure) -> listing.Listing:
    said = ProgressNote.objects.filter(measure=OuterRef("pk")).order_by("-at", "-pk")
    rows = whole.parts_of(found).annotate(
        answer=Subquery(said.values("text")[:1]), said_at=Subquery(said.values("at")[:1])
    )
    shorten = request.GET.get("als", "") not in ("csv", "xlsx")

    def row(part: Any) -> listing.Row:
        words = part.answer or ""
        return {
            "organisation": listing.Cell(
                part.organisation.name if part.organisation else _("ehemaliger Partner"),
                url=links.page_of(part.uuid),
            ),
            "status": part.get_status_display(),
            "answer": text.shorten(text.clean_line(words), 300) if shorten else words,
            "at": part.said_at or "",
        }

    def by_answer(rows: Any, value: str) -> Any:
        return rows.filter(whole.answered() if value == "ja" else ~whole.answered())

    return listing.build(
        request,
        title=_("Antworten: %(title)s") % {"title": found.title},
        columns=PARTS,
        source=rows,
        rows=lambda rows: [row(part) for part in rows],
        filters=[
            listing.Filter(
                "antwort", _("Antwort"), by_answer, [("ja", _("hat geantwortet")),
                                                     ("nein", _("noch nicht"))],
            ),
            listing.Filter(
                "stand", _("Stand"), lambda rows, v: rows.filter(status=v), Measure.Status.choices
            ),
        ],
        search=lambda rows, word: rows.filter(organisation__name__icontains=word),
        empty=_("Diese Maßnahme ist nicht auf Partner verteilt."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Changes what was agreed; for who runs the meeting."""
    found, source = _load(request, uuid, run=True)
    if request.method != "POST":
        return _form_page(request, found, source)
    form = _form(request, found, source, request.POST)
    if not form.is_valid():
        return _form_page(request, found, source, form=form, status=422)
    try:
        actions_agreed.change_agreed(
            found, source, actor=actor_in(request), expected=version_in(request),
            helpers=form.helpers, **form.changes,
        )  # fmt: skip
    except Conflict:
        now, _source = _load(request, uuid, run=True)
        return _form_page(request, now, source, form=form, in_conflict=True, status=409)
    except Refused as refusal:
        late = found.owes_reason(clock.today()) and not form.changes["delay_reason"].strip()
        form.add_error("delay_reason" if late else None, list(refusal.messages))
        return _form_page(request, found, source, form=form, status=422)
    messages.success(request, _("Die Maßnahme ist gespeichert."))
    return redirect("bodies:measure", uuid)


def _form(request: HttpRequest, found: Measure, source: Any, data: Any = None) -> AgreedForm:
    choices = reads.parties_for(reads.item_of(source).meeting.body, actor_in(request))
    return AgreedForm(
        data, choices=choices, measure=found, helpers=list(found.helpers.all()),
        initial=AgreedForm.initial_of(found),
    )  # fmt: skip


def _form_page(
    request: HttpRequest,
    found: Measure,
    source: Any,
    *,
    form: AgreedForm | None = None,
    in_conflict: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "measure": found,
        "body": reads.item_of(source).meeting.body,
        "form": form or _form(request, found, source),
        "version": version_back(request, found.version, status),
        "in_conflict": in_conflict,
        "stored": _stored(found) if in_conflict else (),
    }
    return render(request, "bodies/measures_form.html", context, status=status)


def _stored(found: Measure) -> list[tuple[Any, Any]]:
    """What stands there now, beside what was typed."""
    values = AgreedForm.initial_of(found) | {
        "responsible": found.everybody, "status": found.get_status_display(),
        "due_on": listing.shown(found.due_on),
    }  # fmt: skip
    fields = AgreedForm.base_fields
    return [(fields[name].label, value) for name, value in values.items() if value]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def share(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A part for each partner of the network, or for each with a seat in a body."""
    found, source = _load(request, uuid, run=True)
    if found.whole_id is not None:
        raise Http404  # a part is not shared out again
    body = reads.item_of(source).meeting.body
    groups = reads.groups_for(body, actor_in(request))
    form = ShareForm(request.POST if request.method == "POST" else None, groups=groups)
    if form.is_valid():
        try:
            made = actions_agreed.share_with_all(
                found, source, actor=actor_in(request), key=once.key_from(request.POST),
                members_of=form.bodies,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, list(refusal.messages))
        else:
            words = ngettext(
                "Die Maßnahme liegt jetzt bei %(n)s weiteren Organisation.",
                "Die Maßnahme liegt jetzt bei %(n)s weiteren Organisationen.", made,
            )  # fmt: skip
            messages.success(request, words % {"n": made})
            return redirect("bodies:measure", uuid)
    context = {"measure": found, "body": body, "form": form, "had": found.parts_all}
    status = 422 if form.is_bound else 200
    return render(request, "bodies/measures_share.html", context, status=status)


@require_POST
@signed_in
def remind(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A mail to the partners that did not answer yet."""
    found, source = _load(request, uuid, run=True)
    count = actions_agreed.remind_open(
        found, source, actor=actor_in(request), key=once.key_from(request.POST)
    )
    if count:
        words = ngettext(
            "%(n)s Erinnerung ist unterwegs.", "%(n)s Erinnerungen sind unterwegs.", count
        )
        messages.success(request, words % {"n": count})
    else:
        messages.info(
            request,
            _("Niemand wurde erinnert: Alle haben geantwortet, sind heute schon erinnert oder "
              "ohne bestätigte E-Mail-Adresse."),
        )  # fmt: skip
    return redirect("bodies:measure", uuid)
