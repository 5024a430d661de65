"""Ending sessions."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404

from lotse.foundation.accounts.models import Session
from lotse.foundation.accounts.services.accounts import actor_for_account
from lotse.foundation.core import actionlog


@transaction.atomic
def end_session(account: Any, *, uuid: UUID) -> None:
    """Ends one of the account's sessions. Raises Http404 for anybody else's."""
    gone, _kinds = Session.objects.filter(account=account, uuid=uuid).delete()
    if not gone:
        raise Http404
    actionlog.record(
        "accounts.session.ended", account, actor=actor_for_account(account), subject=account.uuid
    )


@transaction.atomic
def end_others(account: Any, *, keep: UUID | None) -> int:
    """Ends all of the account's sessions but one; returns how many (T28)."""
    found = Session.objects.filter(account=account)
    if keep is not None:
        found = found.exclude(uuid=keep)
    gone, _kinds = found.delete()
    if gone:
        actionlog.record(
            "accounts.session.others_ended",
            account,
            actor=actor_for_account(account),
            after={"ended": gone},
            subject=account.uuid,
        )
    return gone
