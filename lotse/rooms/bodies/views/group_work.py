"""Group work of an item: all tables on one page, one table to type at, clusters and measures."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.ui.forms import Form, version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_group_work import ClusterForm, ResultForm, TableForm
from lotse.rooms.bodies.models import GroupCluster, GroupResult, GroupTable, Meeting
from lotse.rooms.bodies.queries.group_work import group_work_of, table_of
from lotse.rooms.bodies.services import group_work as services
from lotse.rooms.bodies.services.writing import is_open
from lotse.rooms.bodies.views.at_item import At, cockpit_of, load_item, load_part
from lotse.rooms.bodies.views.frame import MEETING_ATTEND, MEETING_RUN, MEETING_VIEW

TABLE_FIELDS = services.TABLE


@require_safe
@signed_in
def index(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All tables with their results, the clusters, and what became of them."""
    return _index_page(request, load_item(request, uuid, MEETING_VIEW))


def _index_page(
    request: HttpRequest, at: At, *, form: Form | None = None, status: int = 200
) -> HttpResponse:
    context = _around(at) | {
        "work": group_work_of(at.item), "form": form or ClusterForm(),
        "key": once.key_from(request.POST) if status == 422 else once.new_key(),
    }  # fmt: skip
    return render(request, "bodies/group.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_table(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new table."""
    at = load_item(request, uuid)
    form = TableForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _form_page(request, at, form, _("Tisch anlegen"))
    if form.is_valid():
        try:
            services.add_table(
                at.item, actor=at.actor, key=once.key_from(request.POST), **form.cleaned_data
            )
            return redirect("bodies:group", uuid)
        except Refused as refused:
            _told(form, refused)
    return _form_page(request, at, form, _("Tisch anlegen"), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change_table(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Question, moderators, rounds of a table."""
    at, table = _table(request, uuid, MEETING_RUN)
    title = _("Tisch %(n)s ändern") % {"n": table.number}
    if request.method != "POST":
        form = TableForm(initial={name: getattr(table, name) for name in TABLE_FIELDS})
        return _form_page(request, at, form, title, table=table, version=table.version)
    form = TableForm(request.POST)
    if form.is_valid():
        try:
            services.change_table(
                table, actor=at.actor, expected=version_in(request), **form.cleaned_data
            )
            return redirect("bodies:group", at.item.uuid)
        except Refused as refused:
            _told(form, refused)
        except Conflict as conflict:
            return _conflict(request, at, form, title, conflict.current, table=table)
    return _form_page(request, at, form, title, status=422, table=table,
                      version=version_in(request))  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def table(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One table: everybody present types its results here."""
    at, row = _table(request, uuid, MEETING_ATTEND)
    form = ResultForm(request.POST if request.method == "POST" else None, rounds=row.rounds)
    if request.method != "POST":
        return _table_page(request, at, row, form)
    if form.is_valid():
        try:
            services.add_result(
                row, actor=at.actor, words=form.cleaned_data["text"],
                round=form.cleaned_data.get("round", 1), key=once.key_from(request.POST),
            )  # fmt: skip
            return redirect("bodies:group-table", uuid)
        except Refused as refused:
            _told(form, refused)
    return _table_page(request, at, row, form, status=422)


def _table_page(
    request: HttpRequest, at: At, row: GroupTable, form: ResultForm, *, status: int = 200
) -> HttpResponse:
    open_ = is_open(at.meeting)
    context = _around(at) | {
        "table": table_of(row), "form": form,
        "may_type": open_ and (at.may_run or at.meeting.state == Meeting.State.RUNNING),
        "open": open_, "key": once.key_from(request.POST) if status == 422 else once.new_key(),
    }  # fmt: skip
    return render(request, "bodies/group_table.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change_result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Other words for a result."""
    at, result = _result(request, uuid)
    title, rounds = _("Ergebnis ändern"), result.table.rounds
    back = reverse("bodies:group-table", args=[result.table.uuid])
    if request.method != "POST":
        form = ResultForm(initial={"text": result.text, "round": result.round}, rounds=rounds)
        return _form_page(request, at, form, title, version=result.version, back=back)
    form = ResultForm(request.POST, rounds=rounds)
    if form.is_valid():
        try:
            services.change_result(
                result, actor=at.actor, expected=version_in(request),
                words=form.cleaned_data["text"],
                round=form.cleaned_data.get("round", result.round),
            )  # fmt: skip
            return redirect(back)
        except Refused as refused:
            _told(form, refused)
        except Conflict as conflict:
            return _conflict(request, at, form, title, conflict.current, back=back)
    return _form_page(request, at, form, title, status=422, version=version_in(request), back=back)


@require_POST
@signed_in
def rank_result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One place up or down."""
    at, result = _result(request, uuid)
    _try(request, services.rank_result, result, at, up=request.POST.get("go") == "up",
         key=once.key_from(request.POST))  # fmt: skip
    return redirect("bodies:group-table", result.table.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete_result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks once, then deletes a result."""
    at, result = _result(request, uuid)
    back = reverse("bodies:group-table", args=[result.table.uuid])
    return _delete(request, at, services.delete_result, result, back,
                   title=_("Ergebnis löschen"), words=[result.text])  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete_table(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks once, then deletes a table; says which results go along."""
    at, row = _table(request, uuid, MEETING_RUN)
    words = [row.question, *(one.text for one in services.ranked(row))]
    return _delete(request, at, services.delete_table, row, _group(at),
                   title=_("Tisch %(n)s mit seinen Ergebnissen löschen") % {"n": row.number},
                   words=words)  # fmt: skip


@require_POST
@signed_in
def new_cluster(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A heading for results of several tables."""
    at = load_item(request, uuid)
    form = ClusterForm(request.POST)
    if form.is_valid():
        try:
            services.add_cluster(
                at.item, actor=at.actor, title=form.cleaned_data["title"],
                key=once.key_from(request.POST),
            )  # fmt: skip
            return redirect(_group(at) + "#ordnen")
        except Refused as refused:
            _told(form, refused)
    return _index_page(request, at, form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change_cluster(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another heading."""
    at, cluster = _cluster(request, uuid)
    title = _("Bündel umbenennen")
    if request.method != "POST":
        form = ClusterForm(initial={"title": cluster.title})
        return _form_page(request, at, form, title, version=cluster.version, cluster=cluster)
    form = ClusterForm(request.POST)
    if form.is_valid():
        try:
            services.rename_cluster(
                cluster, actor=at.actor, expected=version_in(request),
                title=form.cleaned_data["title"],
            )  # fmt: skip
            return redirect("bodies:group", at.item.uuid)
        except Refused as refused:
            _told(form, refused)
        except Conflict as conflict:
            return _conflict(request, at, form, title, conflict.current, cluster=cluster)
    return _form_page(request, at, form, title, status=422, version=version_in(request),
                      cluster=cluster)  # fmt: skip


@require_POST
@signed_in
def delete_cluster(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Its results stay."""
    at, cluster = _cluster(request, uuid)
    _try(request, services.delete_cluster, cluster, at)
    return redirect("bodies:group", at.item.uuid)


@require_POST
@signed_in
def sort(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Puts results under headings: one field per result, "in-<uuid>"."""
    at = load_item(request, uuid)
    places = {
        name.removeprefix("in-"): str(value)
        for name, value in request.POST.items()
        if name.startswith("in-")
    }
    try:
        moved = services.sort_results(at.item, actor=at.actor, places=places)
    except Refused as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("Geordnet: %(n)s.") % {"n": moved})
    return redirect(_group(at) + "#ordnen")


@require_POST
@signed_in
def result_measure(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One click: a measure from a result."""
    at, result = _result(request, uuid, MEETING_RUN)
    return _measure(request, at, result)


@require_POST
@signed_in
def cluster_measure(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One click: a measure from a cluster."""
    at, cluster = _cluster(request, uuid)
    return _measure(request, at, cluster)


def _measure(request: HttpRequest, at: At, source: GroupResult | GroupCluster) -> HttpResponse:
    try:
        services.make_measure(source, actor=at.actor, key=once.key_from(request.POST))
    except Refused as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("Maßnahme angelegt, noch ohne Termin. Wer sie übernimmt und "
                                    "bis wann, tragen Sie an der Maßnahme ein."))  # fmt: skip
    return redirect("bodies:group", at.item.uuid)


def _table(request: HttpRequest, uuid: UUID, code: str) -> tuple[At, GroupTable]:
    return load_part(request, GroupTable, "item__meeting", uuid, code)


def _result(request: HttpRequest, uuid: UUID, code: str = MEETING_ATTEND) -> tuple[At, GroupResult]:
    return load_part(request, GroupResult, "table__item__meeting", uuid, code)


def _cluster(request: HttpRequest, uuid: UUID) -> tuple[At, GroupCluster]:
    return load_part(request, GroupCluster, "item__meeting", uuid, MEETING_RUN)


def _group(at: At) -> str:
    return reverse("bodies:group", args=[at.item.uuid])


def _told(form: Form, refused: Refused) -> None:
    for message in refused.messages:
        form.add_error(None, message)


def _try(request: HttpRequest, act: Any, thing: Any, at: At, **values: Any) -> None:
    try:
        act(thing, actor=at.actor, **values)
    except Refused as refused:
        messages.error(request, " ".join(refused.messages))


def _delete(
    request: HttpRequest, at: At, act: Any, thing: Any, back: str, **context: Any
) -> HttpResponse:
    faults: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            act(thing, actor=at.actor)
            return redirect(back)
        except Refused as refused:
            faults = refused.messages
    context |= _around(at) | {"faults": faults, "back": back}
    return render(request, "bodies/group_delete.html", context, status=422 if faults else 200)


def _conflict(
    request: HttpRequest, at: At, form: Form, title: str, current: Any, **context: Any
) -> HttpResponse:
    """Somebody saved in between: the form keeps what was typed, above it stands what is stored.

    The stored thing may be gone; then it can only be taken from the form."""
    stored = [
        (form.fields[name].label, getattr(current, name)) for name in form.fields
    ] if current is not None else []  # fmt: skip
    version = current.version if current is not None else 0
    return _form_page(request, at, form, title, status=409, stored=stored, version=version,
                      conflict=True, **context)  # fmt: skip


def _form_page(
    request: HttpRequest, at: At, form: Form, title: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    context = _around(at) | {"form": form, "title": title, "back": _group(at)} | context
    context["key"] = once.key_from(request.POST) if status == 422 else once.new_key()
    return render(request, "bodies/group_form.html", context, status=status)


def _around(at: At) -> dict[str, Any]:
    return {
        "at": at, "item": at.item, "meeting": at.meeting, "number": at.number,
        "may_run": at.may_run, "cockpit": cockpit_of(at.meeting), "here": _group(at),
    }  # fmt: skip
