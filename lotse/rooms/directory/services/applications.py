"""What the office does with an application: check, take up, decline, note a withdrawal (S4-10)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import services as measures
from lotse.foundation.parties.models import Invitation, Organisation
from lotse.foundation.parties.services import invitations, people
from lotse.rooms.directory import mails_joining
from lotse.rooms.directory.models import Application
from lotse.rooms.directory.queries.joining import rules_of
from lotse.rooms.directory.services import entries

MANAGE = "directory.application.manage"
NOTE_LENGTH, WORDS_LENGTH = 4000, 4000
OPEN = (Application.State.RECEIVED, Application.State.CHECKED)


@transaction.atomic
def check_application(
    application: Application,
    *,
    actor: Actor,
    expected: int,
    marks: Mapping[str, tuple[bool | None, str]],
    fit_note: str = "",
) -> None:
    """Keeps what the office found: per criterion met, not met or open, with a note; and how the
    partner fits what there is. `marks` for unknown criteria are refused.

    Raises NotAllowed, Refused, Conflict. Four queries.
    """
    require(MANAGE, actor, application)
    _still_open(application)
    held = {key: dict(one) for key, one in application.criteria.items()}
    added = {one["key"]: one for one in rules_of(application.network).criteria}
    for key, (met, note) in marks.items():
        if key not in held and key not in added:
            raise Refused(_("Dieses Kriterium gibt es nicht mehr. Bitte laden Sie die Seite neu."))
        if key not in held:
            words = text.pick(added[key]["text"], application.lang)
            held[key] = {"said": False, "text": words}
        held[key] |= {"checked": met, "note": text.shorten(text.clean(note), 1000)}
    update_versioned(
        application, expected=expected, criteria=held, state=Application.State.CHECKED,
        fit_note=_within(fit_note, NOTE_LENGTH),
    )  # fmt: skip
    after = {"criteria": {key: one.get("checked") for key, one in held.items()}}
    actionlog.record("directory.application.checked", application, actor=actor, after=after)


@transaction.atomic
def accept_application(
    application: Application,
    *,
    actor: Actor,
    expected: int,
    key: str = "",
    note: str = "",
    organisation: Organisation | None = None,
) -> Organisation:
    """Takes the organisation up: it gets its place with a Steckbrief from the application, the
    contact an invitation with all rights, the office the tasks of welcome.

    With `organisation` the applicant turned out to be one that is there already: then its
    Steckbrief stays as it is. Nothing is published: that is the partner's to do. Raises
    NotAllowed, Refused, Conflict. About 50 queries, with each task of welcome three more.
    """
    require(MANAGE, actor, application)
    claim = once.claim(key or once.new_key(), scope=f"directory.accept:{application.uuid}")
    if claim.repeated:
        return Organisation.objects.get(uuid=claim.answer)
    _still_open(application)
    network = application.network
    if organisation is None:
        organisation = _taken_up(application, actor)
    elif organisation.network_id != network.pk:
        raise Refused(_("Diese Organisation gehört zu einem anderen Netzwerk."))
    _decide(application, Application.State.ACCEPTED, actor, expected, note,
            organisation=organisation)  # fmt: skip
    _invite(application, organisation, actor)
    _welcome(application, actor)
    claim.remember(str(organisation.uuid))
    after = {"organisation": str(organisation.uuid)}
    actionlog.record("directory.application.accepted", application, actor=actor, after=after)
    return organisation


def _taken_up(application: Application, actor: Actor) -> Organisation:
    organisation = people.create_organisation(
        application.network, actor=actor, name=application.name, kind=application.kind,
        region=application.region, postal_code=application.postal_code, city=application.city,
        website=application.website,
    )  # fmt: skip
    entry = entries.ensure_organisation_entry(organisation, actor=actor)
    entry.refresh_from_db()
    known = dict(entry.latest.content) if entry.latest else {}
    entries.save(
        entry, actor=actor, expected=entry.version, content=known | content_of(application),
        reason=_("Aus der Bewerbung übernommen"),
    )  # fmt: skip
    organisation.refresh_from_db()
    return organisation


def content_of(application: Application) -> dict[str, Any]:
    """What an application says as content of a Steckbrief; the contact's name and address are
    none of it: they are personal. No query besides the region's."""
    held = {
        "name": application.name, "kind": application.kind, "city": application.city,
        "postal_code": application.postal_code, "website": application.website,
        "topics": list(application.topics), "offers": application.offers,
        "seek": application.seeks,
        "regions": [application.region.key] if application.region else [],
    }  # fmt: skip
    return {key: value for key, value in held.items() if value}


def _invite(application: Application, organisation: Organisation, actor: Actor) -> Invitation:
    return invitations.invite(
        application.network, actor=actor, email=application.email, organisation=organisation,
        first_name=application.first_name, last_name=application.last_name,
        may_edit=True, may_publish=True, may_represent=True,
        message=_("Ihre Bewerbung ist angenommen. Mit dieser Einladung pflegen und "
                  "veröffentlichen Sie den Steckbrief Ihrer Organisation."),
    )  # fmt: skip


def _welcome(application: Application, actor: Actor) -> None:
    """The tasks of welcome become measures of the network, in the hands of who took it up."""
    lang = (get_language() or "de")[:2]
    for one in rules_of(application.network).welcome:
        measures.create_measure(
            actor=actor, origin=Ref.to(application), title=text.pick(one["title"], lang)[:200],
            reason=_("Neuer Partner: %(name)s") % {"name": application.name},
            network=application.network, person_id=actor.person,
            due_on=clock.today() + timedelta(days=one["days"]),
        )  # fmt: skip


@transaction.atomic
def decline_application(
    application: Application, *, actor: Actor, expected: int, words: str
) -> None:
    """Declines; the words go to the applicant by mail. Raises NotAllowed, Refused, Conflict."""
    require(MANAGE, actor, application)
    _still_open(application)
    said = _within(words, WORDS_LENGTH)
    if not said:
        raise Refused(_("Bitte schreiben Sie, warum: Ihre Worte gehen per Mail an die "
                        "Ansprechperson."))  # fmt: skip
    _decide(application, Application.State.DECLINED, actor, expected, said)
    mails_joining.send_decline(application)
    actionlog.record("directory.application.declined", application, actor=actor)


@transaction.atomic
def withdraw_application(
    application: Application, *, actor: Actor, expected: int, note: str = ""
) -> None:
    """The applicant does not want to any more and told the office so. No mail. Raises NotAllowed,
    Refused, Conflict."""
    require(MANAGE, actor, application)
    _still_open(application)
    _decide(application, Application.State.WITHDRAWN, actor, expected, note)
    actionlog.record("directory.application.withdrawn", application, actor=actor)


def _still_open(application: Application) -> None:
    if application.state not in OPEN:
        raise Refused(_("Über diese Bewerbung ist schon entschieden."))


def _decide(
    application: Application, state: str, actor: Actor, expected: int, note: str, **more: Any
) -> None:
    update_versioned(
        application, expected=expected, state=state, decided_at=clock.now(), decided_by=actor.ref,
        decision_note=_within(note, WORDS_LENGTH), **more,
    )  # fmt: skip


def _within(value: str, most: int) -> str:
    said = text.clean(value)
    if len(said) > most:
        raise Refused(_("Der Text ist zu lang: erlaubt sind %(most)s Zeichen.") % {"most": most})
    return said
