"""What keeps the place running: tasks, log, waste basket, space, reports, support sessions."""

import json
import shutil
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_tasks_db.models import DBTaskResult

from lotse.foundation.core import actionlog, clock, db, health, jobs, text, trash
from lotse.foundation.core.models import OutboxMail, TrashItem
from lotse.foundation.documents.models import Document
from lotse.foundation.parties.models import Report, SupportSession
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.parties.services import office
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build, shown
from lotse.surfaces.desk import services
from lotse.surfaces.desk.access import EDIT, OPERATE, Desk, at_desk
from lotse.surfaces.desk.frame import Link, list_page
from lotse.surfaces.desk.queries import log as logs
from lotse.surfaces.desk.queries import people as reads
from lotse.surfaces.desk.views.detail import detail_page

_STATES = {"SUCCESSFUL": "good", "FAILED": "bad", "RUNNING": "", "READY": ""}


def _task_state(state: str) -> str:
    words = {"SUCCESSFUL": _("erledigt"), "FAILED": _("gescheitert"), "RUNNING": _("läuft"),
             "READY": _("wartet")}  # fmt: skip
    return words.get(state, state)


@require_safe
@at_desk()
def tasks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What runs in the background: daily work above, single tasks below."""

    def rows(items: Any) -> list[Row]:
        return [
            {
                "name": Cell(_task_name(one), note=_fault(one)),
                "state": Cell(_task_state(one.status), tone=_STATES.get(one.status, "")),
                "at": one.finished_at or one.started_at or one.enqueued_at,
                "act": Cell(_("neu beginnen"), reverse("desk:task", args=[one.id]))
                if desk.is_operator and one.status == "FAILED" else "",
            }
            for one in items
        ]  # fmt: skip

    listing = build(
        request,
        title=_("Aufgaben"),
        columns=[Column("name", _("Aufgabe")), Column("state", _("Stand")),
                 Column("at", _("Zeit")), Column("act", _("Ändern"))],
        source=DBTaskResult.objects.defer("traceback", "return_value").order_by("-enqueued_at"),
        rows=rows,
        filters=[Filter("stand", _("Stand"), lambda rows, v: rows.filter(status=v),
                        [(state, _task_state(state)) for state in _STATES])],
        export=False,
        empty=_("Zurzeit ist nichts zu tun."),
    )  # fmt: skip
    return list_page(
        request, desk, listing, template="desk/tasks.html",
        notes=[] if health.worker_is_alive() else [
            ("warning", _("Der Hintergrunddienst läuft nicht"),
             _("Mails und Aufgaben warten, bis er wieder läuft: lotse worker."))],
    )  # fmt: skip


def _task_name(task: Any) -> str:
    path = str(task.args_kwargs.get("kwargs", {}).get("path", task.task_path))
    return path.removeprefix("lotse.")


def _fault(task: Any) -> str:
    """The kind of error; its text may quote what is nobody's business."""
    return task.exception_class_path.rpartition(".")[2] if task.status == "FAILED" else ""


@require_safe
@at_desk()
def daily(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The daily work: what ran, what failed, what is late."""
    words = {
        "never": (_("noch nie gelaufen"), "warn"), "running": (_("läuft"), ""),
        "ran": (_("gelaufen"), "good"), "failed": (_("gescheitert"), "bad"),
        "late": (_("überfällig"), "warn"),
    }  # fmt: skip

    def rows(items: Any) -> list[Row]:
        return [
            {
                "title": str(one.title),
                "state": Cell(words[one.state][0], tone=words[one.state][1], note=one.error),
                "last": one.last or "",
                "next": one.next,
                "count": one.count,
            }
            for one in items
        ]

    listing = build(
        request,
        title=_("Tägliche Arbeit"),
        columns=[Column("title", _("Arbeit")), Column("state", _("Stand")),
                 Column("last", _("Zuletzt")), Column("next", _("Nächster Lauf")),
                 Column("count", _("Anzahl"))],
        source=jobs.overview(),
        rows=rows,
        filters=[Filter("stand", _("Stand"), lambda rows, v: [r for r in rows if r.state == v],
                        [(key, word) for key, (word, _tone) in words.items()])],
        export=False,
        per_page=200,
    )  # fmt: skip
    intro = _("Was scheitert, beginnt nach einer Stunde von selbst neu, höchstens fünfmal am Tag.")
    return list_page(request, desk, listing, intro=intro,
                     actions=[Link(_("Einzelne Aufgaben"), reverse("desk:tasks"))])  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(OPERATE)
def task(request: HttpRequest, desk: Desk, task: UUID) -> HttpResponse:
    """One failed task; a POST begins it anew."""
    back = Link(_("Aufgaben"), reverse("desk:tasks"))
    if request.method == "POST":
        services.run_task_again(task, actor=desk.actor)
        messages.success(request, _("Die Aufgabe wartet wieder auf ihren Lauf."))
        return redirect(back.url)
    found = DBTaskResult.objects.filter(pk=task).first()
    if found is None:
        raise Http404
    facts = [
        (_("Stand"), _task_state(found.status)),
        (_("Art des Fehlers"), _fault(found)),
        (_("Eingereiht"), shown(found.enqueued_at)),
        (_("Begonnen"), shown(found.started_at)),
        (_("Beendet"), shown(found.finished_at)),
    ]
    posts = [Link(_("Neu beginnen"), reverse("desk:task", args=[task]))]
    return detail_page(request, desk, title=_task_name(found), back=back, facts=facts,
                       posts=posts if found.status == "FAILED" else [])  # fmt: skip


@require_safe
@at_desk()
def log(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The action log; names are looked up now, the log itself holds none (T41)."""

    def rows(items: Any) -> list[Row]:
        names = logs.names_in(items)
        return [
            {
                "at": one.at,
                "actor": logs.actor_name(one, names),
                "code": actionlog.name(one.code),
                "object": Cell(logs.object_name(one, names), f"?objekt={one.object_uuid}"),
                "before": _values(one.before),
                "after": _values(one.after),
            }
            for one in items
        ]  # fmt: skip

    listing = build(
        request,
        title=_("Protokoll"),
        columns=[Column("at", _("Zeit"), 26), Column("actor", _("Wer"), 28),
                 Column("code", _("Was"), 34), Column("object", _("Woran"), 34),
                 Column("before", _("Vorher"), 40), Column("after", _("Nachher"), 40)],
        source=logs.entries_for(desk.actor),
        rows=rows,
        filters=[
            Filter("von", _("Vom"), logs.since, kind="day"),
            Filter("bis", _("Bis"), logs.until, kind="day"),
            Filter("was", _("Was"), logs.by_action, kind="line"),
            Filter("wer", _("Wer"), logs.by_actor, kind="line"),
            Filter("objekt", _("Woran"), logs.by_object, kind="line"),
        ],
    )  # fmt: skip
    intro = _("Jede Änderung steht hier mit Zeit, Person und Werten. Das Protokoll hält keine "
              "Namen: Sie werden beim Lesen ergänzt und fehlen, wenn es die Person nicht mehr "
              "gibt.")  # fmt: skip
    return list_page(request, desk, listing, intro=intro, name="protokoll")


def _values(values: Any) -> str:
    if not values:
        return ""
    words = (f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
             for name, value in values.items())  # fmt: skip
    return text.shorten("; ".join(words), 400)


@require_safe
@at_desk()
def basket(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was deleted and can still come back; only what the actor may bring back is shown."""
    found = TrashItem.objects.filter(expires_at__gt=clock.now())
    if not desk.is_operator:
        found = found.filter(network_uuid=desk.network.uuid)
    items = [
        one for one in found.defer("content").order_by("-created_at", "-id")[:500]
        if _may_restore(desk, one)
    ]  # fmt: skip

    def rows(items: Any) -> list[Row]:
        names = reads.names_of([one.deleted_by for one in items])
        return [
            {
                "title": Cell(one.title, reverse("desk:basket-item", args=[one.uuid])),
                "kind": str(trash.kind_of(one).title),
                "by": names.get(one.deleted_by, ""),
                "at": one.created_at,
                "until": one.expires_at,
            }
            for one in items
        ]

    listing = build(
        request,
        title=_("Papierkorb"),
        columns=[Column("title", _("Was")), Column("kind", _("Art")),
                 Column("by", _("Gelöscht von")), Column("at", _("Gelöscht am")),
                 Column("until", _("Bleibt bis"))],
        source=items,
        rows=rows,
        export=False,
        empty=_("Der Papierkorb ist leer. Gelöschtes bleibt 30 Tage."),
    )  # fmt: skip
    return list_page(request, desk, listing)


def _may_restore(desk: Desk, item: TrashItem) -> bool:
    """What a room brings back on its own pages only is not offered here."""
    allowed = trash.kind_of(item).may_restore
    return allowed is not None and allowed(desk.actor, item)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def basket_item(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One deleted thing; a POST brings it back."""
    found = TrashItem.objects.filter(uuid=uuid, expires_at__gt=clock.now()).first()
    if found is None or not _may_restore(desk, found):
        raise Http404
    back = Link(_("Papierkorb"), reverse("desk:basket"))
    if request.method == "POST":
        trash.restore(found, actor=desk.actor)
        messages.success(request, _("Es ist wieder da."))
        return redirect(back.url)
    facts = [
        (_("Art"), str(trash.kind_of(found).title)),
        (_("Bleibt bis"), shown(found.expires_at)),
    ]
    return detail_page(request, desk, title=found.title, back=back, facts=facts,
                       posts=[Link(_("Wiederherstellen"), request.path)])  # fmt: skip


@require_safe
@at_desk()
def space(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How full disk and database are."""
    from django.db.models import Count, Sum

    disk = shutil.disk_usage(settings.DATA_DIR)
    files = Document.objects.aggregate(n=Count("pk"), size=Sum("size"))
    used = round(100 * disk.used / disk.total) if disk.total else 0
    facts = [
        (_("Platte"), _("%(used)s %% belegt") % {"used": used}),
        (_("Frei"), filesizeformat(disk.free)),
        (_("Datenbank"), filesizeformat(db.database_bytes())),
        (_("Dateien"), f"{files['n']} · {filesizeformat(files['size'] or 0)}"),
        (_("Mails"), OutboxMail.objects.count()),
        (_("Papierkorb"), TrashItem.objects.count()),
    ]
    is_low = disk.free < health.LEAST_FREE * 10
    context = {"desk": desk, "facts": facts, "is_low": is_low}
    return render(request, "desk/space.html", context)


@require_safe
@at_desk()
def reports(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Barriers and faults people reported."""

    def rows(items: Any) -> list[Row]:
        return [
            {
                "page": Cell(one.page or "/", reverse("desk:report", args=[one.uuid])),
                "text": text.shorten(one.text, 160),
                "at": one.created_at,
                "state": Cell(_("erledigt"), tone="muted") if one.done_at
                else Cell(_("offen"), tone="warn"),
            }
            for one in items
        ]  # fmt: skip

    listing = build(
        request,
        title=_("Gemeldete Barrieren und Fehler"),
        columns=[Column("page", _("Seite"), 30), Column("text", _("Was ist passiert?"), 70),
                 Column("at", _("Gemeldet"), 20), Column("state", _("Stand"), 12)],
        source=alive(Report.objects.filter(network=desk.network), desk.network).order_by(
            "-created_at", "-pk"
        ),
        rows=rows,
        search=lambda rows, words: rows.filter(text__icontains=words),
        filters=[Filter("stand", _("Stand"),
                        lambda rows, v: rows.filter(done_at__isnull=v == "offen"),
                        [("offen", _("offen")), ("erledigt", _("erledigt"))])],
        empty=_("Bisher hat niemand etwas gemeldet."),
    )  # fmt: skip
    return list_page(request, desk, listing, name="meldungen")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def report(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One report; a POST marks it as done, or open again."""
    rows = alive(Report.objects.select_related("network"))
    found = rows.filter(uuid=uuid, network=desk.network).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        desk.require(EDIT)
        done = found.done_at is None
        office.finish_report(found, actor=desk.actor, expected=version_in(request), done=done)
        messages.success(request, _("Gespeichert."))
        return redirect("desk:reports")
    facts = [
        (_("Seite"), found.page),
        (_("Vorgangsnummer"), found.request_number),
        (_("Gemeldet"), shown(found.created_at)),
        (_("Antwort an"), found.reply_to),
        (_("Erledigt"), shown(found.done_at)),
    ]
    title = _("Als erledigt markieren") if found.done_at is None else _("Wieder öffnen")
    return detail_page(
        request, desk, title=_("Meldung"), facts=facts, version=found.version,
        back=Link(_("Gemeldete Barrieren und Fehler"), reverse("desk:reports")),
        posts=[Link(title, request.path)] if desk.may_edit else [],
        template="desk/report.html", body=found.text,
    )  # fmt: skip


@require_safe
@at_desk(OPERATE)
def supports(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All support sessions, with their reasons."""

    def rows(items: Any) -> list[Row]:
        return [
            {
                "person": Cell(one.person.name, reverse("desk:person", args=[one.person.uuid])),
                "by": one.operator.name,
                "at": one.starts_at,
                "until": one.ended_at or one.ends_at,
                "reason": one.reason,
            }
            for one in items
        ]

    listing = build(
        request,
        title=_("Sitzungen zur Unterstützung"),
        columns=[Column("person", _("Person")), Column("by", _("Wer")), Column("at", _("Von")),
                 Column("until", _("Bis")), Column("reason", _("Grund"))],
        source=alive(SupportSession.objects.select_related("person", "operator")).order_by(
            "-starts_at"
        ),
        rows=rows,
        export=False,
        empty=_("Bisher gab es keine. Sie beginnen auf der Seite einer Person."),
    )  # fmt: skip
    return list_page(request, desk, listing)
