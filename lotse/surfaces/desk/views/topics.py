"""The topics of this installation: everybody at a desk reads them, the operator changes them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import actionlog, once, text
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.topics import office, queries
from lotse.foundation.topics.models import Topic
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build, shown
from lotse.surfaces.desk import forms_content as forms
from lotse.surfaces.desk.access import OPERATE, Desk, at_desk
from lotse.surfaces.desk.frame import FormPage, Line, Link, Section, form_page, list_page
from lotse.surfaces.desk.queries import log as logs
from lotse.surfaces.desk.views.detail import detail_page

MANAGE = "topics.topic.manage"
VIEW = "topics.topic.view"
HISTORY = 20


def back() -> Link:
    return Link(_("Themen"), reverse("desk:topics"))


def _name(topic: Topic) -> str:
    return text.pick(topic.name, (get_language() or "de")[:2])


def _rows() -> Any:
    return Topic.objects.select_related("parent", "successor")


def _url(topic: Topic) -> str:
    return reverse("desk:topic", args=[topic.uuid])


@require_safe
@at_desk()
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All topics by group with the words that lead to them, those retired among them."""
    lang = (get_language() or "de")[:2]
    found = queries.in_order(_rows())

    def rows(items: Any) -> list[Row]:
        return [
            {
                "name": Cell(_name(one), _url(one), note=one.code),
                "group": _name(one.parent) if one.parent else "",
                "synonyms": ", ".join(one.synonyms.get(lang) or one.synonyms.get("de", [])),
                "state": _state(one),
            }
            for one in items
        ]

    groups = [(one.code, _name(one)) for one in found if one.parent is None]
    listing = build(
        request,
        title=_("Themen"),
        columns=[Column("name", _("Thema"), 36), Column("group", _("Gruppe"), 28),
                 Column("synonyms", _("Andere Wörter dafür"), 70), Column("state", _("Stand"), 30)],
        source=found,
        rows=rows,
        search=_search,
        filters=[Filter("gruppe", _("Gruppe"), _in_group, groups),
                 Filter("stand", _("Stand"), _in_state, [
                     ("da", _("in Gebrauch")), ("zurueckgezogen", _("zurückgezogen")),
                     ("hier", _("hier angelegt oder geändert"))])],
        empty=_("Hier stehen die Themen. Die mitgelieferten bringt lotse loadcontent."),
        per_page=200,
    )  # fmt: skip
    intro = _("Themen und die Wörter, die zu ihnen führen, gelten für alle Netzwerke dieser "
              "Installation. Was Sie hier ändern, bleibt, wenn neue Inhalte kommen.")  # fmt: skip
    add = Link(_("Thema anlegen"), reverse("desk:topic-new"))
    return list_page(request, desk, listing, intro=intro, name="themen",
                     actions=[add] if desk.is_operator else [])  # fmt: skip


def _state(topic: Topic) -> Cell:
    if topic.retired_at is None:
        return Cell(_("in Gebrauch"))
    heir = _("Nachfolge: %(name)s") % {"name": _name(topic.successor)} if topic.successor else ""
    return Cell(_("zurückgezogen"), tone="muted", note=heir)


def _search(rows: list[Topic], words: str) -> list[Topic]:
    wanted = words.casefold()
    return [one for one in rows if any(wanted in word for word in _all_words(one))]


def _all_words(topic: Topic) -> list[str]:
    lists = [word for words in topic.synonyms.values() for word in words]
    return [word.casefold() for word in (topic.code, *topic.name.values(), *lists)]


def _in_group(rows: list[Topic], code: str) -> list[Topic]:
    return [one for one in rows if code in (one.code, one.parent.code if one.parent else "")]


def _in_state(rows: list[Topic], state: str) -> list[Topic]:
    if state == "hier":
        return [one for one in rows if one.is_own or queries.is_changed(one)]
    return [one for one in rows if (one.retired_at is None) == (state == "da")]


@require_safe
@at_desk()
def detail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One topic: its words, where it is used, and who changed it when."""
    found = get_visible(VIEW, desk.actor, uuid, _rows())
    below = list(found.topics.select_related("parent"))
    uses = queries.uses_of(found)
    sections = [
        Section("woerter", _("Andere Wörter dafür"), _word_lines(found), _("Noch keine.")),
        Section("verwendet", _("Verwendet von"), [Line(what, str(n)) for what, n in uses],
                _("Noch nirgends.")),
    ]  # fmt: skip
    if found.parent is None:
        sections.insert(1, Section("darunter", _("Themen dieser Gruppe"), [
            Line(_name(one), "" if one.retired_at is None else _("zurückgezogen"), "", _url(one))
            for one in below], _("Noch keine.")))  # fmt: skip
    sections.append(_history(desk, found))
    facts = [
        (_("Auf Deutsch"), found.name.get("de", "")),
        (_("Auf Englisch"), found.name.get("en", "")),
        (_("Kurzbeschreibung"), text.pick(found.summary, (get_language() or "de")[:2])),
        (_("Gruppe"), _name(found.parent) if found.parent else ""),
        (_("Kennung"), found.code),
        (_("Herkunft"), queries.origin_of(found)),
        (_("Hinweis"), found.note),
        (_("Zurückgezogen"), shown(found.retired_at)),
        (_("Nachfolge"), _name(found.successor) if found.successor else ""),
    ]
    actions, posts = [], []
    if desk.is_operator and found.retired_at is None:
        actions = [Link(_("Bearbeiten"), reverse("desk:topic-edit", args=[uuid]))]
        if all(one.retired_at for one in below):  # a group goes after its topics
            actions.append(Link(_("Zurückziehen"), reverse("desk:topic-retire", args=[uuid])))
    elif desk.is_operator:
        posts = [Link(_("Wieder aufnehmen"), reverse("desk:topic-back", args=[uuid]))]
    return detail_page(request, desk, title=_name(found), back=back(), facts=facts,
                       sections=sections, actions=actions, posts=posts,
                       version=found.version)  # fmt: skip


def _word_lines(topic: Topic) -> list[Line]:
    titles = {"de": _("Auf Deutsch"), "en": _("Auf Englisch")}
    return [
        Line(titles[lang], "", ", ".join(topic.synonyms[lang]))
        for lang in titles
        if topic.synonyms.get(lang)
    ]


def _history(desk: Desk, topic: Topic) -> Section:
    """The newest lines of the log about the topic. Two queries."""
    entries = list(logs.entries_for(desk.actor).filter(object_uuid=topic.uuid)[:HISTORY])
    names = logs.names_in(entries) if entries else {}
    rows = [
        Line(actionlog.name(one.code), shown(one.at), logs.actor_name(one, names))
        for one in entries
    ]
    more = Link(_("Alles im Protokoll"), f"{reverse('desk:log')}?objekt={topic.uuid}")
    return Section("verlauf", _("Verlauf"), rows, _("Hier noch nicht geändert."),
                   more if rows else None)  # fmt: skip


def _groups(topic: Topic | None = None) -> dict[str, Topic]:
    """Groups that may be chosen, by uuid."""
    rows = Topic.objects.filter(parent=None, retired_at=None)
    return {str(one.uuid): one for one in rows if one != topic}


def _values(data: dict[str, Any], groups: dict[str, Topic]) -> dict[str, Any]:
    """What the form says, as the service takes it."""
    return {
        "name": {lang: data[f"name_{lang}"] for lang in ("de", "en")},
        "summary": {lang: data[f"summary_{lang}"] for lang in ("de", "en")},
        "synonyms": {lang: data[f"words_{lang}"] for lang in ("de", "en")},
        "parent": groups.get(data["parent"]),
        "note": data["note"],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(OPERATE)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Makes a topic."""
    groups = _groups()
    form = forms.TopicForm(
        request.POST if request.method == "POST" else None,
        groups=[(uuid, _name(one)) for uuid, one in groups.items()],
    )

    def act(data: dict[str, Any]) -> str:
        key = once.key_from(request.POST)
        made = office.create_topic(actor=desk.actor, key=key, **_values(data, groups))
        return _url(made)

    page = FormPage(_("Thema anlegen"), _("Thema anlegen"), back(), act,
                    done=_("Das Thema ist angelegt."))  # fmt: skip
    return form_page(request, desk, form, page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(OPERATE)
def edit(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Changes a topic; the next load of the content keeps it."""
    found = get_visible(MANAGE, desk.actor, uuid, _rows())
    groups = _groups(found)
    if found.parent is not None:  # also one that is retired: who changes a word keeps the group
        groups.setdefault(str(found.parent.uuid), found.parent)
    form = forms.TopicForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(found),
        groups=[(key, _name(one)) for key, one in groups.items()],
    )

    def act(data: dict[str, Any]) -> str:
        office.change_topic(found, actor=desk.actor, expected=version_in(request),
                            **_values(data, groups))  # fmt: skip
        return _url(found)

    def stored(now: Topic) -> list[tuple[str, str]]:
        values = _initial(now) | {"parent": _name(now.parent) if now.parent else ""}
        return [(str(field.label), str(values[name])) for name, field in form.fields.items()]

    page = FormPage(_name(found), _("Thema speichern"), Link(_name(found), _url(found)), act,
                    version=found.version, stored=stored)  # fmt: skip
    return form_page(request, desk, form, page)


def _initial(topic: Topic) -> dict[str, Any]:
    words = {f"words_{lang}": "\n".join(topic.synonyms.get(lang, [])) for lang in ("de", "en")}
    names = {f"name_{lang}": topic.name.get(lang, "") for lang in ("de", "en")}
    briefs = {f"summary_{lang}": topic.summary.get(lang, "") for lang in ("de", "en")}
    parent = str(topic.parent.uuid) if topic.parent else ""
    return {**words, **names, **briefs, "parent": parent, "note": topic.note}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(OPERATE)
def retire(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Takes a topic out of use, with another in its place."""
    found = get_visible(MANAGE, desk.actor, uuid, _rows())
    others = {
        str(one.uuid): one
        for one in queries.in_order(_rows().filter(retired_at=None).exclude(pk=found.pk))
    }
    in_use = queries.uses_of(found)
    form = forms.RetireTopicForm(
        request.POST if request.method == "POST" else None,
        needed=bool(in_use) or found.replaced.exists(),
        topics=[(key, _path(one)) for key, one in others.items()],
    )

    def act(data: dict[str, Any]) -> str:
        office.retire_topic(found, actor=desk.actor, expected=version_in(request),
                            successor=others.get(data["successor"]))  # fmt: skip
        return _url(found)

    uses = ", ".join(f"{what}: {n}" for what, n in in_use)
    page = FormPage(
        _("Zurückziehen: %(name)s") % {"name": _name(found)}, _("Thema zurückziehen"),
        Link(_name(found), _url(found)), act, version=found.version,
        done=_("Das Thema ist zurückgezogen."),
        warning=_("Dieses Thema wird noch verwendet. %(uses)s") % {"uses": uses} if uses else "",
        intro=_("Das Thema wird nicht gelöscht: Es steht nicht mehr zur Wahl und in keiner Suche, "
                "und Sie können es wieder aufnehmen."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _path(topic: Topic) -> str:
    return f"{_name(topic.parent)}: {_name(topic)}" if topic.parent else _name(topic)


@require_POST
@at_desk(OPERATE)
def bring_back(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Puts a retired topic to use again."""
    found = get_visible(MANAGE, desk.actor, uuid, _rows())
    office.bring_topic_back(found, actor=desk.actor, expected=version_in(request))
    messages.success(
        request, _("Das Thema ist wieder da. Was zur Nachfolge überging, bleibt dort.")
    )
    return redirect("desk:topic", uuid)
