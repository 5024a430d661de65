"""Secret links: 256 bits, kept as a hash, worked out again for those who may edit.

The token is a keyed hash of the link's own uuid, so the page and the mail can show it while the
database holds only its SHA-256.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import F

from lotse.foundation.core import actionlog, clock, keys, once
from lotse.foundation.core.actor import EDIT, READ, Actor
from lotse.foundation.core.permissions import require
from lotse.rooms.checks.models import AccessLink, Assessment

_PURPOSE = b"lotse.checks.link"


def create_link(assessment: Assessment, level: str) -> AccessLink:
    """A new link of a level (read or edit); call inside a transaction."""
    link = AccessLink(assessment=assessment, level=level)
    link.token_hash = keys.digest_of(keys.token_of(_PURPOSE, link.uuid.bytes))
    link.save()
    return link


def key_of(assessment: Assessment, level: str) -> UUID:
    """The uuid of the valid link of a level; made anew if there is none. One query."""
    valid = assessment.links.filter(level=level, revoked_at=None)
    found = valid.order_by("-id").values_list("uuid", flat=True).first()
    return found or create_link(assessment, level).uuid


def keys_of(assessment: Assessment) -> list[UUID]:
    """The uuids of all links of the series: for a browser that forgets. One query."""
    links = AccessLink.objects.filter(assessment__series=assessment.series)
    return list(links.values_list("uuid", flat=True))


def edit_keys_of(assessment: Assessment) -> list[UUID]:
    """The uuids of the valid links to edit any round of the series. One query."""
    links = AccessLink.objects.filter(
        assessment__series=assessment.series, level=EDIT, revoked_at=None
    )
    return list(links.values_list("uuid", flat=True))


def tokens_of(assessment: Assessment) -> dict[str, str]:
    """level -> token of the valid links. Missing or stale ones are made anew.

    A link is stale once the secret key it was made with is gone (`core.keys`): the old address
    still works, but cannot be shown.
    """
    tokens = {}
    links = {link.level: link for link in assessment.links.filter(revoked_at=None).order_by("id")}
    for level in (EDIT, READ):
        link = links.get(level)
        token = keys.token_with(link.token_hash, _PURPOSE, link.uuid.bytes) if link else None
        if token is None:
            with transaction.atomic():
                link = create_link(assessment, level)
            token = keys.token_of(_PURPOSE, link.uuid.bytes)
        tokens[level] = token
    return tokens


def open_link(token: str) -> AccessLink | None:
    """The valid link behind a token, with its assessment, or None. One query."""
    links = AccessLink.objects.filter(token_hash=keys.digest_of(token), revoked_at=None)
    return links.select_related("assessment").first()


def _decides(assessment: Assessment, actor: Actor) -> None:
    """A link outlives every share: where somebody owns the assessment, only they give it out."""
    owned = assessment.owner_id is not None or assessment.organisation_id is not None
    require(f"checks.assessment.{'own' if owned else 'edit'}", actor, assessment)


@transaction.atomic
def renew_link(assessment: Assessment, level: str, *, actor: Actor, key: str) -> None:
    """Replaces the links of a level in all rounds of the series.

    All rounds, because the link of a later one opens the earlier ones too; and with the link to
    edit the one to read, because whoever had the first could see the second. Whoever opened an
    old link is out at the next request. Raises NotAllowed.
    """
    _decides(assessment, actor)
    if once.claim(key, scope=f"checks.renew:{assessment.uuid}").repeated:
        return
    levels = (EDIT, READ) if level == EDIT else (READ,)
    series = Assessment.objects.filter(series=assessment.series)
    AccessLink.objects.filter(assessment__in=series, level__in=levels, revoked_at=None).update(
        revoked_at=clock.now(), version=F("version") + 1
    )
    for found in series:
        for each in levels:
            create_link(found, each)
        actionlog.record(
            "checks.link.renewed", found, actor=actor, after={"level": level}, subject=found.uuid
        )


@transaction.atomic
def send_link(
    assessment: Assessment, level: str, *, actor: Actor, key: str, address: str, lang: str
) -> None:
    """Sends a link to an address, in the background. The log keeps that, not the address."""
    _decides(assessment, actor)
    if once.claim(key, scope=f"checks.mail:{assessment.uuid}").repeated:
        return
    from lotse.rooms.checks import mails

    mails.send_link(assessment, level=level, address=address, lang=lang)
    actionlog.record(
        "checks.link.sent",
        assessment,
        actor=actor,
        after={"level": level},
        subject=assessment.uuid,
    )
