"""Who may do what: the rules, and who holds each of them through a role at this moment (T09)."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet

from lotse.foundation.core.actor import ANONYMOUS, Actor, Grant, Seat
from lotse.foundation.core.permissions import Rule, all_rules
from lotse.foundation.parties.models import RoleGrant
from lotse.foundation.ui.listing import shown

WRITING = ("edit", "create", "grant", "manage", "protect", "remove", "delete", "publish", "import",
           "start", "own")  # fmt: skip
# Keys no row has: a rule is asked for the shape of its answer, never for rows.
_NETWORK, _ORGANISATION, _PERSON = -1, -1, -1
_FALSE = re.compile(r"\((?:[^()]* AND )?False(?: AND [^()]*)?\)|\(False(?: OR False)+\)")
_ROLES = ("office", "coordinator", "auditor", "adviser", "operator", "chair", "minute_taker",
          "delegate")  # fmt: skip


@dataclass(frozen=True)
class RuleRow:
    """One rule with its holders: roles by key, and whether everybody or people with a seat hold it
    for what is theirs."""

    code: str
    title: str
    sentence: str
    roles: tuple[str, ...]
    seats: bool
    own: bool
    public: bool
    writes: bool


def rules() -> list[RuleRow]:
    """All rules in order of their codes. No query."""
    return [_row(rule) for rule in all_rules()]


def _row(rule: Rule) -> RuleRow:
    roles, seats, own, public = _holders(rule.code)
    return RuleRow(
        rule.code, str(rule.title), str(rule.sentence), roles, seats, own, public,
        rule.code.rpartition(".")[2] in WRITING,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _holders(code: str) -> tuple[tuple[str, ...], bool, bool, bool]:
    """Asks the rule itself with one actor of each kind, so that the page cannot say otherwise."""
    rule = next(rule for rule in all_rules() if rule.code == code)
    public = _shape(rule, ANONYMOUS) != ""
    person = Actor("account", uuid=UUID(int=0), person=_PERSON, person_uuid=UUID(int=0))
    alone = _shape(rule, person)
    seat = Seat(_ORGANISATION, _NETWORK, may_edit=True, may_publish=True, may_represent=True)
    seats = _shape(rule, replace(person, seats=frozenset([seat]))) != alone
    roles = tuple(
        role
        for role in _ROLES
        if _shape(rule, replace(person, grants=frozenset([_grant(role)]))) != alone
    )
    return roles, seats, alone != "" and not public, public


def _shape(rule: Rule, actor: Actor) -> str:
    """The condition as SQL, empty where it can fit no row. It is never run."""
    try:
        sql = str(rule.model._default_manager.filter(rule.build(actor)).query)
    except EmptyResultSet:
        return ""
    before, where, condition = sql.partition(" WHERE ")
    # An Exists() over nothing is written as False instead of raising.
    simpler = ""
    while simpler != condition:
        simpler, condition = condition, _FALSE.sub("False", condition)
    return "" if condition.partition(" ORDER BY ")[0] == "False" else before + where + condition


def _grant(role: str) -> Grant:
    if role in RoleGrant.OF_BODIES:
        return Grant(role, _NETWORK, UUID(int=0))
    return Grant(role, None if role == "operator" else _NETWORK)


def is_of_body(grant: RoleGrant) -> bool:
    """Whether the role is held in a body: given and ended there."""
    return grant.role in RoleGrant.OF_BODIES and grant.held_in_uuid is not None


def holders_in(grants: Any) -> dict[str, list[str]]:
    """Names by role of those who hold one now, with the body it is held in. One query; `grants`
    as of `queries.people.grants_of`."""
    found: dict[str, list[str]] = {}
    for grant in grants:
        said = [grant.body or "", shown(grant.ends_on)]
        name = grant.person.name
        if any(said):
            name += f" ({', '.join(filter(None, said))})"
        found.setdefault(grant.role, []).append(name)
    return found


def role_title(role: str) -> str:
    return str(RoleGrant.Role(role).label)
