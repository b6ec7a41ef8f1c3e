"""What an identity's policies allow, whatever their spelling.

The contract:
1. an action or resource pattern is read as IAM reads it: `*` and `?` anywhere, actions without case;
2. a Deny counts where it is unconditional and covers every resource; a conditional one may not apply, so it is ignored;
3. a boundary takes away what it does not allow;
4. a condition on an Allow is told (`conditional`), never taken for a wall.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from harness_cli.core.clock import parse_rfc3339
from harness_cli.review.aws_facts.documents import Condition, Document, Statement

ANY_SERVICE: Final = "any-service:anyaction"  # allowed only by a pattern that covers services nobody has named
GRANTS_ITSELF: Final = (
    "iam:attachuserpolicy",
    "iam:attachrolepolicy",
    "iam:attachgrouppolicy",
    "iam:putuserpolicy",
    "iam:putrolepolicy",
    "iam:putgrouppolicy",
    "iam:createpolicyversion",
)
_EVERYTHING: Final = re.compile(r"(arn:(aws[a-z-]*|[*?]+):?)?[*?:]*", re.ASCII)

_UNHEARD_OF: Final = "\x00"  # a name that no pattern spells
_TIMES: Final = frozenset({"aws:currenttime", "aws:tokenissuetime"})

# Keys that say how a request comes, not who sends it: the holder can meet them.
WEAK_KEYS: Final = frozenset(
    [
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:referer",
        "aws:principalaccount",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:securetransport",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:tokenissuetime",
        "aws:useragent",
        "aws:username",
        "aws:vpcsourceip",
    ]
)


@dataclass(frozen=True, slots=True)
class Grant:
    """An allowed action: the statement that does it, and whether a condition stands on it."""

    source: int  # which of the documents
    statement: Statement

    @property
    def conditional(self) -> bool:
        """Whether the allowing statement has a condition."""
        return bool(self.statement.conditions)


def matches(pattern: str, text: str) -> bool:
    """Whether an IAM pattern covers a text."""
    at = read = 0  # a regex would backtrack for ever on a hostile pattern
    star = resume = -1
    while read < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume, at = at, read, at + 1
        elif at < len(pattern) and pattern[at] in ("?", text[read]):
            at, read = at + 1, read + 1
        elif star >= 0:
            at, resume = star + 1, resume + 1
            read = resume
        else:
            return False
    return not pattern[at:].strip("*")


def covers_action(statement: Statement, action: str) -> bool:
    """Whether a statement is about an action (lower case)."""
    if statement.not_actions:
        return not any(matches(pattern, action) for pattern in statement.not_actions)
    return any(matches(pattern, action) for pattern in statement.actions)


def covers_everything(statement: Statement) -> bool:
    """Whether a statement is about every resource; NotResource leaves out what it names and keeps the rest."""
    if statement.not_resources:
        return not any(is_everything(pattern) for pattern in statement.not_resources)
    return any(is_everything(pattern) for pattern in statement.resources)


def is_everything(pattern: str) -> bool:
    """Whether a resource pattern names all there is: `*`, `**`, `arn:aws:*`, `arn:*:*:*:*:*`."""
    return "*" in pattern and _EVERYTHING.fullmatch(pattern) is not None


def covers_whole_type(statement: Statement, kinds: Sequence[str]) -> bool:
    """Whether a statement is about every resource of one of the kinds (`role/`, `user/`, `function:`)."""
    if covers_everything(statement) and not statement.not_resources:
        return True
    if statement.not_resources:
        return not any(
            is_everything(p) or _ends_open(p, kind) for p in statement.not_resources for kind in kinds or ("",)
        )
    return any(_ends_open(pattern, kind) for pattern in statement.resources for kind in kinds)


def can_meet(condition: Condition, now: datetime | None = None) -> bool:
    """Whether the holder can meet a condition without being somebody else; a date that has passed is met no more."""
    if condition.key not in WEAK_KEYS:
        return False
    return now is None or not _is_over(condition, now)


def grant_of(documents: Sequence[Document], action: str, boundary: Document | None = None) -> Grant | None:
    """What allows an action on every resource; None where nothing does, or a Deny or the boundary takes it away."""
    if is_denied(documents, action) or (boundary is not None and grant_of((boundary,), action) is None):
        return None
    found = [
        Grant(source, statement)
        for source, document in enumerate(documents)
        for statement in document.statements
        if statement.allows and covers_action(statement, action) and covers_everything(statement)
    ]
    return min(found, key=lambda grant: grant.conditional, default=None)


def is_denied(documents: Iterable[Document], action: str) -> bool:
    """Whether an unconditional Deny takes an action away everywhere."""
    return any(
        not statement.allows
        and not statement.conditions
        and covers_action(statement, action)
        and covers_everything(statement)
        for document in documents
        for statement in document.statements
    )


def admin_grant(documents: Sequence[Document], boundary: Document | None = None) -> Grant | None:
    """What makes the holder an administrator: every service, and the power to grant itself anything; or None.

    `NotAction: iam:*` leaves that power out and is not an administrator; `NotAction: s3:*` is one.
    """
    everywhere = grant_of(documents, ANY_SERVICE, boundary)
    if everywhere is None:
        return None
    powers = [grant for action in GRANTS_ITSELF if (grant := grant_of(documents, action, boundary))]
    if not powers:
        return None
    best = min(powers, key=lambda grant: grant.conditional)
    return max((everywhere, best), key=lambda grant: grant.conditional)


def is_full_service_wildcard(statement: Statement) -> bool:
    """Whether an Allow names a whole service (`s3:*`) on every resource."""
    named = any(re.fullmatch(r"[a-z0-9-]+:\*+", action) for action in statement.actions)
    return statement.allows and named and covers_everything(statement)


def _is_over(condition: Condition, now: datetime) -> bool:
    """Whether `DateLessThan` names a day that is past."""
    if not condition.operator.lower().startswith("datelessthan") or condition.key not in _TIMES:
        return False
    return all(_time(value) < now for value in condition.values)


def _time(text: str) -> datetime:
    try:
        return parse_rfc3339(text if "T" in text else f"{text}T00:00:00Z")
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)


def _ends_open(pattern: str, kind: str) -> bool:
    """`arn:aws:iam::123:role/*` is open for `role/`; `…:role/app-*` is not, nor are AWS's own policies."""
    parts = pattern.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or parts[4] == "aws":
        return False
    return matches(parts[5], f"{kind}{_UNHEARD_OF}")
