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
from typing import Final

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

# Keys that say how a request comes, not who sends it: the holder can meet them.
WEAK_KEYS: Final = frozenset(
    [
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:referer",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:sourceip",
        "aws:useragent",
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
    if covers_everything(statement):
        return True
    return any(_ends_open(pattern, kind) for pattern in statement.resources for kind in kinds)


def is_weak(conditions: Iterable[Condition]) -> bool:
    """Whether the holder can meet the conditions without being somebody else."""
    return all(condition.key in WEAK_KEYS for condition in conditions)


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
        and any(is_everything(pattern) for pattern in statement.resources)
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


def _ends_open(pattern: str, kind: str) -> bool:
    """`arn:aws:iam::123:role/*` is open for `role/`; `…:role/app-*` is not."""
    resource = pattern.split(":", 5)[-1]
    return resource == f"{kind}*" or (resource == "*" and pattern.startswith("arn:"))
