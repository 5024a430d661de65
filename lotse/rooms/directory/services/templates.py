"""Templates of Steckbriefe: drafted by the office, put to the partners, then adopted (S2-10).

A version that holds is never changed: a change is a new version. At most one new version per kind
is under way.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network, Organisation
from lotse.rooms.directory import mails_joining
from lotse.rooms.directory.content.deadlines import end_of
from lotse.rooms.directory.content.fields import fields_of
from lotse.rooms.directory.models import Entry, Template, TemplateAnswer
from lotse.rooms.directory.queries import templates as reads
from lotse.rooms.directory.services import letters

MANAGE = "directory.template.manage"
LANGUAGES = ("de", "en")
HINT_LENGTH, INTRO_LENGTH, NOTE_LENGTH = 300, 2000, 2000
DAYS, LEAST_DAYS, MOST_DAYS = 28, 7, 180


@transaction.atomic
def draft_template(network: Network, *, actor: Actor, kind: str, key: str = "") -> Template:
    """A new version of the template for a kind of entry, beginning as the one that holds.

    A version that is under way already is given back instead. Raises NotAllowed, Refused.
    """
    require("directory.network.manage", actor, network)
    if kind not in Entry.Kind.values:
        raise Refused(_("Diese Art von Steckbrief gibt es nicht: %(kind)s") % {"kind": kind})
    claim = once.claim(key or once.new_key(), scope=f"directory.template:{network.uuid}:{kind}")
    if claim.repeated:
        return Template.objects.get(uuid=claim.answer)
    versions = Template.objects.filter(network=network, kind=kind)
    pending = versions.filter(state__in=reads.PENDING).first()
    if pending is None:
        pending = _new_version(network, kind, actor)
    claim.remember(str(pending.uuid))
    return pending


def _new_version(network: Network, kind: str, actor: Actor) -> Template:
    versions = Template.objects.filter(network=network, kind=kind)
    now = reads.adopted_template(network, kind)
    last = versions.aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            template = Template.objects.create(
                network=network, kind=kind, number=last + 1,
                fields=now.fields if now else {}, intro=now.intro if now else {},
            )  # fmt: skip
    except IntegrityError:  # two pages began at once: both go on with the one
        return versions.get(number=last + 1)
    after = {"kind": kind, "number": template.number}
    actionlog.record("directory.template.created", template, actor=actor, after=after)
    return template


@transaction.atomic
def change_template(
    template: Template,
    *,
    actor: Actor,
    expected: int,
    fields: Mapping[str, Mapping[str, Any]],
    intro: Mapping[str, str],
) -> None:
    """Says which fields are used, which are required, and what to hint at. Only a draft.

    Raises NotAllowed, Refused with everything that is wrong, Conflict. Three queries.
    """
    require(MANAGE, actor, template)
    if template.state != Template.State.DRAFT:
        raise Refused(_("Diese Fassung ist in der Abstimmung oder gilt schon. Ändern lässt sich "
                        "nur ein Entwurf."))  # fmt: skip
    values = {"fields": _checked_fields(template.kind, fields), "intro": _checked_intro(intro)}
    before = {name: getattr(template, name) for name in values}
    update_versioned(template, expected=expected, **values)
    actionlog.record(
        "directory.template.changed", template, actor=actor, before=before, after=values
    )


def _checked_fields(kind: str, given: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    known = {one.key: one for one in fields_of(kind)}
    faults = [_("Dieses Feld gibt es nicht: %(key)s") % {"key": key}
              for key in given if key not in known]  # fmt: skip
    kept: dict[str, Any] = {}
    for key, one in known.items():
        rule = given.get(key, {})
        fixed = reads.always_used(kind, key)
        use = fixed or bool(rule.get("use", True))
        hint = {lang: line for lang in LANGUAGES
                if (line := text.clean_line((rule.get("hint") or {}).get(lang, "")))}  # fmt: skip
        if any(len(line) > HINT_LENGTH for line in hint.values()):
            words = _("Der Hinweis zu „%(field)s“ ist zu lang: erlaubt sind %(most)s Zeichen.")
            faults.append(words % {"field": one.title, "most": HINT_LENGTH})
        required = use and (fixed or bool(rule.get("required", one.required)))
        kept[key] = {"use": use, "required": required, "hint": hint}
    if faults:
        raise Refused(*faults)
    return kept


def _checked_intro(intro: Mapping[str, str]) -> dict[str, str]:
    said = {lang: words for lang in LANGUAGES if (words := text.clean(intro.get(lang, "")))}
    if any(len(words) > INTRO_LENGTH for words in said.values()):
        raise Refused(_("Der einleitende Text ist zu lang: erlaubt sind %(most)s Zeichen.")
                      % {"most": INTRO_LENGTH})  # fmt: skip
    return said


@transaction.atomic
def send_template(template: Template, *, actor: Actor, expected: int, days: int = DAYS) -> int:
    """Puts a draft to the partners: everybody who speaks for one gets a mail. Returns how many.

    Raises NotAllowed, Refused, Conflict. Four queries, and up to six for each mail.
    """
    require(MANAGE, actor, template)
    if template.state != Template.State.DRAFT:
        raise Refused(_("Diese Fassung ist schon gesendet."))
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise Refused(_("Bitte geben Sie %(least)s bis %(most)s Tage Zeit.")
                      % {"least": LEAST_DAYS, "most": MOST_DAYS})  # fmt: skip
    deadline = end_of(clock.today() + timedelta(days=days))
    update_versioned(
        template, expected=expected, state=Template.State.CONSULTATION, deadline=deadline
    )
    sent = 0
    if template.network.state == Network.State.ACTIVE:  # a resting network writes to nobody
        people = reads.spokespeople(template.network).values_list("pk", flat=True)
        sent = mails_joining.send_template(template, letters.people_of(people).values())
    after = {"deadline": deadline.isoformat(), "mails": sent}
    transaction.on_commit(_forget_asked)
    _forget_asked()
    actionlog.record("directory.template.sent", template, actor=actor, after=after)
    return sent


@transaction.atomic
def take_back_template(template: Template, *, actor: Actor, expected: int) -> None:
    """Back from the partners to a draft: something has to change. Answers given so far go, they
    were to another text. Raises NotAllowed, Refused, Conflict."""
    require(MANAGE, actor, template)
    if template.state != Template.State.CONSULTATION:
        raise Refused(_("Diese Fassung ist nicht in der Abstimmung."))
    update_versioned(template, expected=expected, state=Template.State.DRAFT, deadline=None)
    gone = template.answers.all().delete()[0]
    actionlog.record(
        "directory.template.changed", template, actor=actor,
        before={"state": Template.State.CONSULTATION}, after={"state": Template.State.DRAFT,
                                                              "answers_deleted": gone},
    )  # fmt: skip


@transaction.atomic
def answer_template(
    template: Template, organisation: Organisation, *, actor: Actor, answer: str, note: str = ""
) -> TemplateAnswer:
    """What a partner says to a new version; said again it replaces what was said before.

    For an organisation answers who may represent it or publish for it. Raises NotAllowed, Refused
    outside the consultation and for an objection without a word. Five queries.
    """
    held = actor.organisations(represent=True) | actor.organisations(publish=True)
    if organisation.pk not in held or organisation.network_id != template.network_id:
        raise NotAllowed("directory.template.answer")
    if template.state != Template.State.CONSULTATION or is_over(template):
        raise Refused(_("Diese Vorlage ist nicht mehr in der Abstimmung."))
    if answer not in TemplateAnswer.Answer.values:
        raise Refused(_("Bitte wählen Sie eine Antwort."))
    said = text.clean(note)
    if len(said) > NOTE_LENGTH:
        raise Refused(_("Der Text ist zu lang: erlaubt sind %(most)s Zeichen.")
                      % {"most": NOTE_LENGTH})  # fmt: skip
    if answer == TemplateAnswer.Answer.OBJECTED and not said:
        raise Refused(_("Bitte schreiben Sie, was anders werden soll."))
    given, _made = TemplateAnswer.objects.update_or_create(
        template=template, organisation=organisation,
        defaults={"answer": answer, "note": said, "by": actor.ref, "updated_at": clock.now()},
    )  # fmt: skip
    after = {"organisation": str(organisation.uuid), "answer": answer}
    actionlog.record(
        "directory.template.answered", given, actor=actor, after=after, subject=template.uuid
    )
    return given


def _forget_asked() -> None:
    cache.delete(reads.ASKED)


@transaction.atomic
def adopt_template(template: Template, *, actor: Actor, expected: int) -> None:
    """The new version holds from now on, the old one is replaced.

    Only after the consultation: its time is over, or every partner that can has answered. Raises
    NotAllowed, Refused, Conflict. Six queries.
    """
    require(MANAGE, actor, template)
    if template.state != Template.State.CONSULTATION:
        raise Refused(_("Diese Fassung ist nicht in der Abstimmung."))
    if not is_over(template) and missing_answers(template):
        raise Refused(_("Die Frist läuft noch, und nicht alle Partner haben geantwortet."))
    holding = Template.objects.filter(
        network=template.network, kind=template.kind, state=Template.State.ADOPTED
    )
    for one in holding:
        update_versioned(one, expected=one.version, state=Template.State.REPLACED)
    now = clock.now()
    update_versioned(template, expected=expected, state=Template.State.ADOPTED, adopted_at=now)
    said = dict(template.answers.values_list("organisation__uuid", "answer"))
    after = {"answers": {str(uuid): answer for uuid, answer in said.items()}}
    actionlog.record("directory.template.adopted", template, actor=actor, after=after)


def missing_answers(template: Template) -> int:
    """How many partners that could answer have not. One query."""
    asked = reads.asked_organisations(template.network)
    return asked.exclude(pk__in=template.answers.values("organisation")).count()


def is_over(template: Template) -> bool:
    """Whether the time to answer is over. No query."""
    deadline = template.deadline
    return deadline is not None and deadline <= clock.now()
