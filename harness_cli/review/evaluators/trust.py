"""Whom does a role trust? Strangers (IAM-09) and repositories (IAM-10)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from harness_cli.review.aws_facts.documents import Condition, Document, Statement
from harness_cli.review.evaluators.iam_document import covers_action
from harness_cli.review.evaluators.public_policy import is_pinned, names_everybody

_ACCOUNT: Final = re.compile(r"[0-9]{12}", re.ASCII)
_ASSUME: Final = ("sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml")
_SHARED_ISSUERS: Final = (  # one issuer serves every customer: `sub` alone tells them apart
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "oidc.circleci.com",
    "agent.buildkite.com",
    "vstoken.dev.azure.com",
)


class Stranger(StrEnum):
    """How a trust statement goes too far."""

    EVERYBODY = "everybody may assume the role"
    FOREIGN = "a foreign account may assume the role without an external id"


class OidcFault(StrEnum):
    """How a federated trust goes too far."""

    NO_SUBJECT = "no condition on the token's subject"
    WIDE_SUBJECT = "the subject's wildcard is wider than one repository"
    NO_AUDIENCE = "no condition on the token's audience"


@dataclass(frozen=True, slots=True)
class TrustFault:
    """One statement that trusts too many."""

    statement: Statement
    fault: Stranger | OidcFault


def strangers(trust: Document, account: str, own: Iterable[str] = ()) -> tuple[TrustFault, ...]:
    """Statements that let strangers assume the role; `own` are further accounts of the same owner."""
    friends = {account, *own}
    found = []
    for statement in _assumable(trust):
        if is_pinned(statement.conditions):
            continue
        if names_everybody(statement) or statement.not_principals:
            found.append(TrustFault(statement, Stranger.EVERYBODY))
        elif _foreign(statement, friends) and not _has_external_id(statement.conditions):
            found.append(TrustFault(statement, Stranger.FOREIGN))
    return tuple(found)


def oidc_faults(trust: Document) -> tuple[TrustFault, ...]:
    """Statements that trust an OIDC issuer for more than one repository, or for any audience."""
    return tuple(
        TrustFault(statement, fault)
        for statement in _assumable(trust)
        for issuer in _issuers(statement)
        for fault in _faults(statement, issuer)
    )


def federates(trust: Document) -> bool:
    """Whether the role trusts an OIDC issuer at all."""
    return any(True for statement in _assumable(trust) for _ in _issuers(statement))


def is_wide_subject(issuer: str, pattern: str) -> bool:
    """Whether a pattern of `sub` lets in more than one repository or project."""
    if "*" not in pattern and "?" not in pattern:
        return False
    if issuer == "token.actions.githubusercontent.com":
        named = re.fullmatch(r"repo:([^/:]+)/([^:]+):.+", pattern)
        return named is None or "*" in named[1] + named[2] or "?" in named[1] + named[2]
    if issuer in _SHARED_ISSUERS:  # the part before the first wildcard must name a project to its end
        head = re.split(r"[*?]", pattern, maxsplit=1)[0]
        return ":" not in head or not re.search(r"[:/][^:/]+:", head)
    return not re.split(r"[*?]", pattern, maxsplit=1)[0].strip(":/")


def _assumable(trust: Document) -> Iterator[Statement]:
    for statement in trust.statements:
        if statement.allows and any(covers_action(statement, action) for action in _ASSUME):
            yield statement


def _foreign(statement: Statement, friends: set[str]) -> bool:
    accounts = (_account_of(grantee.value) for grantee in statement.principals if grantee.kind == "AWS")
    return any(account and account not in friends for account in accounts)


def _account_of(value: str) -> str:
    if _ACCOUNT.fullmatch(value):
        return value
    parts = value.split(":")
    return parts[4] if len(parts) > 5 else ""  # a deleted principal stands there as AIDA…: nobody


def _has_external_id(conditions: Iterable[Condition]) -> bool:
    return any(
        condition.key == "sts:externalid"
        and condition.operator.lower() in {"stringequals", "stringlike"}
        and all(value.strip("*?") for value in condition.values)
        for condition in conditions
    )


def _issuers(statement: Statement) -> Iterator[str]:
    for grantee in statement.principals:
        if grantee.kind == "Federated" and ":oidc-provider/" in grantee.value:
            yield grantee.value.split(":oidc-provider/", 1)[1].lower()


def _faults(statement: Statement, issuer: str) -> Iterator[OidcFault]:
    subjects = _values(statement, f"{issuer}:sub")
    if subjects is None:
        yield OidcFault.NO_SUBJECT
    elif any(is_wide_subject(issuer, subject) for subject in subjects):
        yield OidcFault.WIDE_SUBJECT
    audiences = _values(statement, f"{issuer}:aud")
    if audiences is None or any(not audience.strip("*?") for audience in audiences):
        yield OidcFault.NO_AUDIENCE


def _values(statement: Statement, key: str) -> tuple[str, ...] | None:
    """The values that a positive condition on the key accepts; None where there is no such condition."""
    accepted = [
        condition.values
        for condition in statement.conditions
        if condition.key == key and _demands(condition.operator.lower())
    ]
    return min(accepted, key=lambda values: sum("*" in value for value in values)) if accepted else None


def _demands(operator: str) -> bool:
    quantifier, _, bare = operator.rpartition(":")
    return quantifier != "forallvalues" and bare in {"stringequals", "stringlike", "stringequalsignorecase"}
