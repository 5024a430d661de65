"""Loading an assessment for a view: the permission and the pinned revision in one query."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import get_language

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.queries import measures_of
from lotse.foundation.parties.here import actor_in
from lotse.rooms.checks.content import Checkpoint, View, view_of
from lotse.rooms.checks.models import Assessment
from lotse.rooms.checks.services.assessments import touch

_EDIT = "checks.assessment.edit"
_OWN = "checks.assessment.own"


@dataclass(frozen=True)
class Loaded:
    """An assessment with its check in the language of the page."""

    assessment: Assessment
    view: View
    actor: Actor
    lang: str

    @cached_property
    def may_edit(self) -> bool:
        return self.actor.trusted or has(_EDIT, self.actor, self.assessment)

    @cached_property
    def may_own(self) -> bool:
        """Whether the actor decides with whom it is shared; no query for a visitor."""
        return self.actor.person is not None and has(_OWN, self.actor, self.assessment)

    @property
    def is_owned(self) -> bool:
        """Whether it belongs to an account or an organisation, not to whoever has the link."""
        owner, organisation = self.assessment.owner_id, self.assessment.organisation_id
        return owner is not None or organisation is not None

    @property
    def may_decide(self) -> bool:
        """Whether the actor gives out links and deletes."""
        return self.may_own if self.is_owned else self.may_edit

    @property
    def may_claim(self) -> bool:
        """Whether a signed-in person could take it into the own account."""
        return not self.is_owned and self.actor.person is not None and self.may_edit

    def point(self, number: int) -> Checkpoint:
        """The checkpoint with this number, or 404."""
        point = self.view.numbered(number)
        if point is None:
            raise Http404
        return point

    def measure(self, uuid: UUID) -> Measure:
        """A measure of this assessment, or 404."""
        found = measures_of(Ref.to(self.assessment)).filter(uuid=uuid).first()
        if found is None:
            raise Http404
        return found


def language() -> str:
    return (get_language() or "de")[:2]


def load(request: HttpRequest, uuid: UUID, *, edit: bool = False) -> Loaded:
    """The assessment, if the actor may read it (or edit it). One query, plus one a day, plus one
    for an account that does not own it.

    Raises Http404 for strangers, NotAllowed for readers where editing is asked.
    """
    actor = actor_in(request)
    code = _EDIT if edit else "checks.assessment.view"
    rows = Assessment.objects.select_related("revision").defer("revision__content")
    further = (_OWN, _EDIT) if actor.person is not None else (_EDIT,)
    assessment = get_visible(code, actor, uuid, rows, also=further)
    if request.method == "GET" and touch(assessment):
        request.session.modified = True  # who works goes on: the 30 days of the session start anew
    lang = language()
    return Loaded(assessment, view_of(assessment.revision, lang), actor, lang)
