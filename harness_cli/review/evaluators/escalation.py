"""Ways to more rights than one was given: is one of the pinned table open to a holder (IAM-08)?

A way is open where every action of it is allowed, unconditionally or under a condition that the holder can meet, on
everything of its kind, on what makes the holder itself stronger (its own identity, groups and attached policies), or
on an administrator whom it can become.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from harness_cli.review.aws_facts.documents import Condition, Document, Statement
from harness_cli.review.evaluators.escalation_table import PASS, WAYS, Way, becomes, kinds_of, strengthens
from harness_cli.review.evaluators.iam_document import can_meet, covers_action, covers_whole_type, matches


@dataclass(frozen=True, slots=True)
class Administrator:
    """An administrator of the account; a role may be passed to the services that it trusts."""

    arn: str
    services: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Self:
    """What makes the holder stronger when it changes (itself, its groups, its policies), and whom it could become."""

    arns: tuple[str, ...] = ()
    user_name: str = ""
    administrators: tuple[Administrator, ...] = ()


NOBODY: Final = Self()
_ADMIN_POLICIES: Final = ("arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/IAMFullAccess")


def open_ways(
    documents: Iterable[Document],
    boundary: Document | None = None,
    *,
    holder: Self = NOBODY,
    now: datetime | None = None,
) -> Iterator[Way]:
    """Every way that the documents leave open; without `now`, a date that a condition names may be still to come."""
    listed = list(documents)
    for way in WAYS:
        if is_open(way, listed, boundary, holder=holder, now=now):
            yield way


def is_open(
    way: Way,
    documents: Sequence[Document],
    boundary: Document | None = None,
    *,
    holder: Self = NOBODY,
    now: datetime | None = None,
) -> bool:
    """Whether the documents, and the boundary where there is one, allow every action of a way."""
    walls = [documents] if boundary is None else [documents, (boundary,)]
    return all(_allowed(wall, action, way, holder, now) for wall in walls for action in way.actions)


def _allowed(documents: Sequence[Document], action: str, way: Way, holder: Self, now: datetime | None) -> bool:
    about = [s for document in documents for s in document.statements if covers_action(s, action)]
    denies = [s for s in about if not s.allows and not s.conditions]
    allows = [s for s in about if s.allows and _reachable(s, action, way, now)]
    kinds = kinds_of(action)
    if any(covers_whole_type(s, kinds) for s in allows) and not any(covers_whole_type(s, kinds) for s in denies):
        return True
    return any(
        any(_names(s, arn, holder) for s in allows) and not any(_names(s, arn, holder) for s in denies)
        for arn in _targets(action, way, holder)
    )


def _targets(action: str, way: Way, holder: Self) -> Iterator[str]:
    """What the action need only reach for the way to be open, though it reaches nothing else of its kind."""
    yield from (arn for arn in holder.arns if strengthens(action, arn))
    for one in holder.administrators:
        trusted = action != PASS or way.passes_to in one.services
        if trusted and one.arn not in holder.arns and becomes(action, one.arn):
            yield one.arn


def _names(statement: Statement, arn: str, holder: Self) -> bool:
    if statement.not_resources:
        return not any(_is_about(pattern, arn, holder) for pattern in statement.not_resources)
    return any(_is_about(pattern, arn, holder) for pattern in statement.resources)


def _is_about(pattern: str, arn: str, holder: Self) -> bool:
    if holder.user_name:
        pattern = pattern.replace("${aws:username}", holder.user_name)
    return matches(pattern, arn)


def _reachable(statement: Statement, action: str, way: Way, now: datetime | None) -> bool:
    """Whether the holder can meet the statement's conditions on this way."""
    return all(_is_met(condition, action, way, now) for condition in statement.conditions)


def _is_met(condition: Condition, action: str, way: Way, now: datetime | None) -> bool:
    if condition.key == "iam:passedtoservice":
        return _speaks_of(condition, (way.passes_to,)) if action == PASS else _may_lack_key(condition)
    if condition.key == "iam:policyarn" and action.startswith("iam:attach"):
        return _speaks_of(condition, _ADMIN_POLICIES)
    return can_meet(condition, now)


def _speaks_of(condition: Condition, texts: Sequence[str]) -> bool:
    """Whether one of the texts meets the condition."""
    bare = condition.operator.lower().rpartition(":")[2]
    if bare.startswith(("stringnot", "arnnot")):
        return any(not any(matches(value, text) for value in condition.values) for text in texts)
    if bare.startswith(("stringequals", "stringlike", "arnequals", "arnlike")):
        return any(matches(value, text) for value in condition.values for text in texts)
    return False


def _may_lack_key(condition: Condition) -> bool:
    """Whether a condition holds where the request has no such key."""
    quantifier, _, bare = condition.operator.lower().rpartition(":")
    return quantifier == "forallvalues" or "not" in bare or bare.endswith("ifexists")
