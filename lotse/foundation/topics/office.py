"""What people do with topics at the desk: make, change, retire, bring back."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, hooks, once, search, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.core.search import concepts
from lotse.foundation.topics.models import Topic
from lotse.foundation.topics.queries import content_of, uses_of
from lotse.foundation.topics.services import LANGUAGES, docs_of

MOST_WORDS = 60
NAME_LENGTH, WORD_LENGTH, TEXT_LENGTH, NOTE_LENGTH = 120, 80, 300, 2000
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@transaction.atomic
def create_topic(
    *,
    actor: Actor,
    key: str,
    name: dict[str, str],
    parent: Topic | None = None,
    summary: dict[str, str] | None = None,
    synonyms: dict[str, list[str]] | None = None,
    note: str = "",
) -> Topic:
    """A topic of this installation's own; its code comes from the name and stays.

    Raises NotAllowed, and Refused with everything that is wrong.
    """
    if not actor.operates:  # before there is a topic to ask about
        raise NotAllowed("topics.topic.manage")
    claim = once.claim(key, scope="topics.topic.create")
    if claim.repeated:
        return Topic.objects.get(uuid=claim.answer)
    _hold(parent)
    given = (name, summary or {}, synonyms or {}, note, parent)
    try:
        topic = _make(_checked(None, *given))
    except IntegrityError:  # made at the same time: by now it is known whose the words are
        topic = _make(_checked(None, *given))
    claim.remember(str(topic.uuid))
    actionlog.record("topics.topic.created", topic, actor=actor, after=_logged(topic))
    _index(topic)
    return topic


@transaction.atomic
def change_topic(
    topic: Topic,
    *,
    actor: Actor,
    expected: int,
    name: dict[str, str],
    parent: Topic | None,
    summary: dict[str, str],
    synonyms: dict[str, list[str]],
    note: str = "",
) -> None:
    """Changes a topic; the next load of the content keeps what was changed.

    Raises NotAllowed, Conflict, and Refused with everything that is wrong.
    """
    require("topics.topic.manage", actor, topic)
    _hold(topic, parent)
    values = _checked(topic, name, summary, synonyms, note, parent)
    before = _logged(topic)
    if not topic.is_own and not topic.shipped:  # loaded before Lotse remembered what it loaded
        values["shipped"] = content_of(topic)
    update_versioned(topic, expected=expected, **values)
    after = _logged(topic)
    changed = [field for field in after if after[field] != before[field]]
    actionlog.record(
        "topics.topic.changed", topic, actor=actor,
        before={field: before[field] for field in changed},
        after={field: after[field] for field in changed},
    )  # fmt: skip
    _index(topic)


@transaction.atomic
def retire_topic(
    topic: Topic, *, actor: Actor, expected: int, successor: Topic | None = None
) -> None:
    """Nobody is offered the topic any more; what hangs on it goes over to the successor, and its
    words lead there.

    Raises NotAllowed, Conflict, and Refused for a group that still has topics, for a topic in use
    without a successor, and for a successor that is retired itself.
    """
    require("topics.topic.manage", actor, topic)
    _hold(topic, successor, *topic.replaced.all())
    if topic.retired_at is not None:
        raise Refused(_("Dieses Thema ist schon zurückgezogen."))
    if topic.topics.filter(retired_at=None).exists():
        raise Refused(_("Diese Gruppe hat noch Themen. Ordnen Sie sie zuerst anders ein, oder "
                        "ziehen Sie sie zurück."))  # fmt: skip
    if successor is not None and (successor.pk == topic.pk or successor.retired_at is not None):
        raise Refused(_("Bitte wählen Sie als Nachfolge ein anderes Thema, das in Gebrauch ist."))
    earlier = list(topic.replaced.all())
    if successor is None and (earlier or uses_of(topic)):
        raise Refused(_("Dieses Thema wird noch verwendet. Bitte wählen Sie, welches Thema an "
                        "seine Stelle tritt."))  # fmt: skip
    update_versioned(topic, expected=expected, retired_at=clock.now(), successor=successor)
    moved = 0
    if successor is not None:
        moved = sum(use.move(topic.pk, successor.pk) for use in hooks.topic_uses)
        for old in earlier:
            update_versioned(old, expected=old.version, successor=successor)
        _index(successor)
    after = {"successor": successor.code if successor else None, "moved": moved}
    actionlog.record("topics.topic.retired", topic, actor=actor, after=after)
    concepts.changed()
    search.drop(topic.uuid)


@transaction.atomic
def bring_topic_back(topic: Topic, *, actor: Actor, expected: int) -> None:
    """The topic is offered again. What went over to its successor stays there.

    Raises NotAllowed, Conflict, and Refused where its group is retired or its words now belong to
    another topic.
    """
    require("topics.topic.manage", actor, topic)
    _hold(topic, topic.parent)
    if topic.retired_at is None:
        raise Refused(_("Dieses Thema ist schon in Gebrauch."))
    _checked(topic, topic.name, topic.summary, topic.synonyms, topic.note, topic.parent)
    heir = topic.successor
    update_versioned(topic, expected=expected, retired_at=None, successor=None)
    actionlog.record("topics.topic.brought_back", topic, actor=actor)
    _index(topic)
    if heir is not None:
        _index(heir)


def _hold(*asked: Topic | None) -> None:
    """Reads the topics anew and keeps everybody else from changing them until the end of the
    transaction; in the order of their keys, so that no two wait for each other.

    Not for their keys: an organisation may take one of them meanwhile.
    """
    rows = Topic.objects.select_for_update(no_key=True)
    for one in sorted((one for one in asked if one is not None), key=lambda one: one.pk):
        one.refresh_from_db(from_queryset=rows)


def _make(values: dict[str, Any]) -> Topic:
    """Raises IntegrityError, with nothing done, for a code that somebody took meanwhile."""
    code, position = _code(values["name"]["de"]), _last(values["parent"]) + 1
    with transaction.atomic():
        return Topic.objects.create(code=code, position=position, is_own=True, **values)


def _index(topic: Topic) -> None:
    concepts.changed()
    if topic.retired_at is None:
        search.put(docs_of(topic))


def _logged(topic: Topic) -> dict[str, Any]:
    held = content_of(topic)
    held.pop("position")
    return held | {"note": topic.note}


def _checked(
    topic: Topic | None,
    name: dict[str, str],
    summary: dict[str, str],
    synonyms: dict[str, list[str]],
    note: str,
    parent: Topic | None,
) -> dict[str, Any]:
    """The values as they are stored. Raises Refused with everything that is wrong."""
    names = {lang: line for lang in LANGUAGES if (line := text.clean_line(name.get(lang, "")))}
    briefs = {lang: line for lang in LANGUAGES if (line := text.clean_line(summary.get(lang, "")))}
    words = {lang: _words(synonyms.get(lang, []), names.get(lang, "")) for lang in LANGUAGES}
    words = {lang: found for lang, found in words.items() if found}
    note = text.clean(note)
    faults = [] if "de" in names else [_("Bitte geben Sie den deutschen Namen an.")]
    faults += _too_long([(_("Der Name"), line, NAME_LENGTH) for line in names.values()])
    faults += _too_long([(_("Die Kurzbeschreibung"), one, TEXT_LENGTH) for one in briefs.values()])
    faults += _too_long([(line, line, WORD_LENGTH) for found in words.values() for line in found])
    faults += _too_long([(_("Der Hinweis"), note, NOTE_LENGTH)])
    if any(len(found) > MOST_WORDS for found in words.values()):
        faults.append(
            _("Bitte höchstens %(most)s andere Wörter je Sprache.") % {"most": MOST_WORDS}
        )
    faults += _group_faults(topic, parent)
    faults += _taken(topic, names, words)
    if faults:
        raise Refused(*faults)
    return {"name": names, "summary": briefs, "synonyms": words, "note": note, "parent": parent}


def _words(given: list[str], name: str) -> list[str]:
    """Cleaned, each once, without the name itself."""
    found: dict[str, str] = {}
    for one in given:
        line = text.clean_line(one)
        if line and line.casefold() != name.casefold():
            found.setdefault(line.casefold(), line)
    return list(found.values())


def _too_long(given: list[tuple[str, str, int]]) -> list[str]:
    words = _("%(what)s ist zu lang: erlaubt sind %(most)s Zeichen.")
    return [
        words % {"what": text.shorten(what, 40), "most": most}
        for what, value, most in given
        if len(value) > most
    ]


def _group_faults(topic: Topic | None, parent: Topic | None) -> list[str]:
    """Two levels: a group has no group, and what has topics stays a group."""
    if parent is None:
        return []
    if parent.parent_id is not None or (topic is not None and parent.pk == topic.pk):
        return [_("Ein Thema gehört zu einer Gruppe; eine Gruppe zu keiner.")]
    if parent.retired_at is not None:
        return [_("Diese Gruppe ist zurückgezogen.")]
    if topic is not None and topic.topics.exists():
        return [_("Diese Gruppe hat selbst Themen, auch zurückgezogene zählen. Sie bleibt deshalb "
                  "eine Gruppe.")]  # fmt: skip
    return []


def _taken(topic: Topic | None, names: dict[str, str], words: dict[str, list[str]]) -> list[str]:
    """A word leads to one topic. What the topic had already is not held against it. One query."""
    new = {(lang, line.casefold()): line for lang, found in words.items() for line in found}
    new |= {(lang, line.casefold()): line for lang, line in names.items()}
    if topic is not None and topic.retired_at is None:
        for pair in _owned(topic):
            new.pop(pair, None)
    faults = []
    for other in Topic.objects.filter(retired_at=None):
        if other == topic:
            continue
        said = _("„%(word)s“ führt schon zum Thema „%(name)s“.")
        faults += [
            said % {"word": new.pop(pair), "name": text.pick(other.name, "de")}
            for pair in _owned(other)
            if pair in new
        ]
    return faults


def _owned(topic: Topic) -> list[tuple[str, str]]:
    """(language, word in small letters) of everything that leads to a topic."""
    found = [(lang, line.casefold()) for lang, line in topic.name.items()]
    lists = topic.synonyms.items()
    return found + [(lang, line.casefold()) for lang, lines in lists for line in lines]


def _code(name: str) -> str:
    """A free code made of the name: it stands in addresses and in the API."""
    stem = slugify(name.lower().translate(_UMLAUTS))[:34].strip("-_") or "thema"
    taken = set(Topic.objects.filter(code__startswith=stem).values_list("code", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (stem, *numbered) if code not in taken)


def _last(parent: Topic | None) -> int:
    """The last place in a group, or among the groups."""
    held = Topic.objects.filter(parent=parent).order_by("-position")
    found = held.values_list("position", flat=True).first()
    return found if found is not None else (parent.position if parent else -1)
