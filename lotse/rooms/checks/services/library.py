"""The loader: the single writer of checks and their revisions."""

from typing import Any

from django.db import OperationalError, ProgrammingError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, search
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.rooms.checks import format as check_format
from lotse.rooms.checks.content import View, build
from lotse.rooms.checks.models import Check, CheckRevision

LANGUAGES = ("de", "en")
PUBLIC_CONSENT = {"granted", "none-needed"}


class InvalidCheck(Refused):
    """The file is not a valid check; `faults` lists everything with path and line."""

    def __init__(self, faults: list[check_format.Fault]) -> None:
        super().__init__(*(fault.message for fault in faults))
        self.faults = faults


def validate(data: bytes) -> tuple[dict[str, Any] | None, list[check_format.Fault]]:
    """(content, faults) of a file, with regard to the revisions already stored."""
    content, faults = check_format.validate(data)
    if content is None or faults:
        return content, faults
    check = _stored(content["check"]["id"])
    if check is None:
        return content, faults
    number = content["check"]["revision"]
    same = check.revisions.filter(number=number).values_list("sha256", flat=True).first()
    if same is not None and same != check_format.digest(content):
        return None, [_taken(number)]
    earlier = list(
        check.revisions.filter(number__lt=content["check"]["revision"])
        .order_by("number")
        .values_list("content", flat=True)
    )
    if not earlier:
        return content, faults
    live = {item["id"] for item in earlier[-1]["checkpoints"]}
    ever = {item["id"] for old in earlier for item in old["checkpoints"]}
    return check_format.validate(data, previous=earlier[-1], retired=frozenset(ever - live))


def _stored(code: str) -> Check | None:
    """The check of this installation; none where there is no database yet."""
    try:
        return Check.objects.filter(code=code).first()
    except (OperationalError, ProgrammingError):
        return None


def _taken(number: int) -> check_format.Fault:
    message = _(
        "Revision %(number)s gibt es schon mit anderem Inhalt. Bitte erhöhen Sie die Nummer der "
        "Revision."
    )
    return check_format.Fault("check.revision", None, "taken", message % {"number": number})


@transaction.atomic
def import_check(data: bytes, *, actor: Actor, publish: bool = False) -> tuple[CheckRevision, bool]:
    """(revision, whether it is new). Idempotent: the same content again changes nothing.

    Raises InvalidCheck; Refused for the same revision with other content, for a revision older
    than the newest, and for publishing without the rights' consent.
    """
    _may_manage(actor)
    content, faults = validate(data)
    if faults or content is None:
        raise InvalidCheck(faults)
    digest = check_format.digest(content)
    code, number = content["check"]["id"], content["check"]["revision"]
    check, _created = Check.objects.get_or_create(code=code)
    revision = check.revisions.filter(number=number).first()
    created = revision is None
    if revision is None:
        _refuse_older(check, number)
        revision = CheckRevision.objects.create(
            check_ref=check,
            number=number,
            content=content,
            sha256=digest,
            title=content["check"]["title"],
        )
        actionlog.record(
            "checks.revision.imported", revision, actor=actor, after={"sha256": digest}
        )
        if _ends_publication(content):
            _withdraw(check, actor)
    if publish:
        _publish(check, revision, actor)
    return revision, created


def _may_manage(actor: Actor) -> None:
    """As `checks.check.manage` says; asked before there is a check to ask about."""
    if not actor.operates:
        raise NotAllowed("checks.check.manage")


@transaction.atomic
def publish_check(check: Check, *, actor: Actor, expected: int) -> None:
    """Puts the newest revision before the public. Raises NotAllowed, Conflict, and Refused for a
    draft or without the rights' consent."""
    _may_manage(actor)
    if check.version != expected:
        raise Conflict(check)
    _publish(check, check.revisions.order_by("-number")[0], actor)


@transaction.atomic
def withdraw_check(check: Check, *, actor: Actor, expected: int) -> None:
    """Nobody can begin the check any more. Raises NotAllowed, Conflict."""
    _may_manage(actor)
    if check.version != expected:
        raise Conflict(check)
    _withdraw(check, actor)


def _ends_publication(content: dict[str, Any]) -> bool:
    """A new revision that is withdrawn, or whose consent was refused, ends what was public."""
    withdrawn = content["check"].get("status") == "withdrawn"
    return bool(withdrawn or content["rights"]["consent"]["status"] == "refused")


def _refuse_older(check: Check, number: int) -> None:
    newest = check.revisions.order_by("-number").values_list("number", flat=True).first()
    if newest is not None and number < newest:
        raise Refused(
            _(
                "Die neueste Revision von %(code)s ist %(newest)s; "
                "eine ältere wird nicht angenommen."
            )
            % {"code": check.code, "newest": newest}
        )


def _publish(check: Check, revision: CheckRevision, actor: Actor) -> None:
    """Puts the revision before the public, or takes the check back if it says `withdrawn`."""
    newest = check.revisions.order_by("-number").values_list("number", flat=True)[0]
    if revision.number < newest:
        raise Refused(
            _("Es gibt eine neuere Revision (%(newest)s); öffentlich wird nur die neueste.")
            % {"newest": newest}
        )
    status = revision.content["check"].get("status", "published")
    if status == "withdrawn":
        _withdraw(check, actor)
        return
    if status != "published":
        raise Refused(
            _("Dieser Check ist ein Entwurf. Öffentlich wird er mit „status: published“.")
        )
    consent = revision.content["rights"]["consent"]["status"]
    if consent not in PUBLIC_CONSENT:
        raise Refused(
            _(
                "Dieser Check wird nicht öffentlich: Die Zustimmung der Rechteinhaber steht auf "
                "„%(status)s“. Nötig ist „granted“ oder „none-needed“."
            )
            % {"status": consent}
        )
    if check.current_id == revision.pk:
        return
    update_versioned(revision, expected=revision.version, published_at=clock.now())
    update_versioned(check, expected=check.version, current=revision)
    actionlog.record(
        "checks.check.published", check, actor=actor, after={"revision": revision.number}
    )
    search.drop(check.uuid)
    search.put(_docs(check, revision))


def _withdraw(check: Check, actor: Actor) -> None:
    """Nobody can begin the check any more; what was begun goes on."""
    if check.current_id is not None:
        update_versioned(check, expected=check.version, current=None)
        actionlog.record("checks.check.withdrawn", check, actor=actor)
        search.drop(check.uuid)


def export_check(code: str, number: int | None = None) -> str:
    """A revision as YAML, by default the newest. Raises Refused for an unknown one."""
    revisions = CheckRevision.objects.filter(check_ref__code=code).order_by("-number")
    if number is not None:
        revisions = revisions.filter(number=number)
    found = revisions.first()
    if found is None:
        raise Refused(_("Diesen Check gibt es hier nicht: %(code)s") % {"code": code})
    return check_format.to_yaml(found.content)


def reindex_checks() -> int:
    """Puts all published checks and their checkpoints into the search anew."""
    search.drop_kind("check")
    search.drop_kind("checkpoint")
    count = 0
    for check in Check.objects.filter(current__isnull=False).select_related("current"):
        count += search.put(_docs(check, check.published))
    return count


def _docs(check: Check, revision: CheckRevision) -> list[search.Doc]:
    docs = []
    for lang in LANGUAGES:
        view = build(revision.content, lang)
        url = reverse("checks:check", args=[check.uuid])
        docs.append(
            search.Doc(
                kind="check",
                ref=check.uuid,
                lang=lang,
                title=view.title,
                summary=view.goal.plain,
                url=url,
            )
        )
        docs += _checkpoint_docs(check, view, lang, url)
    return docs


def _checkpoint_docs(check: Check, view: View, lang: str, url: str) -> list[search.Doc]:
    return [
        search.Doc(
            kind="checkpoint",
            ref=check.uuid,
            part=point.id,
            lang=lang,
            title=f"{point.title} ({view.title})",
            summary=point.claim.plain,
            body=" ".join(
                [point.guidance.plain]
                + [item.text.plain for group in point.groups for item in group.items]
                + [suggestion.text.plain for suggestion in point.suggestions]
            ),
            url=f"{url}#{point.id}",
        )
        for point in view.checkpoints
    ]
