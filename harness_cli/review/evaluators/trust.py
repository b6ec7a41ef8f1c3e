"""Whom does a role trust? Strangers (IAM-09) and repositories (IAM-10).

The contract:
1. a star principal is narrowed by who asks (organisation, account, principal, source account), never by where from:
   a network is no identity;
2. a foreign account needs an external id, or a condition that leaves none but the owner's own accounts;
3. a Deny that refuses all but those it names counts as the condition that it spells;
4. `StringEquals` knows no wildcard: a star in it is a letter that no token has;
5. a repository may be named by a claim of its own as well as in the subject, where STS reads that claim.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from harness_cli.review.aws_facts.documents import Condition, Document, Statement
from harness_cli.review.evaluators.iam_document import covers_action
from harness_cli.review.evaluators.public_policy import is_pinned, names_everybody, singles_out_strangers
from harness_cli.review.evaluators.subjects import is_wide_subject

_ACCOUNT: Final = re.compile(r"[0-9]{12}", re.ASCII)
_ASSUME: Final = ("sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml")
_EQUAL: Final = frozenset({"stringequals", "stringequalsignorecase"})
_DEMANDS: Final = _EQUAL | {"stringlike"}
_REFUSES: Final = {f"stringnot{bare.removeprefix('string')}": bare for bare in _DEMANDS}
_ORGANISATION_KEYS: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid"})
_ACCOUNT_KEYS: Final = frozenset(
    ["aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner"]
)
_WHO_KEYS: Final = _ORGANISATION_KEYS | _ACCOUNT_KEYS | {"aws:principalisawsservice", "aws:userid"}
_BUILT_IN: Final = {  # issuers that need no provider, and the claim that names the application
    "cognito-identity.amazonaws.com": ("aud",),
    "accounts.google.com": ("aud", "oaud", "sub"),
    "www.amazon.com": ("app_id", "user_id"),
    "graph.facebook.com": ("app_id", "id"),
}
_REPOSITORY_CLAIMS: Final = {"token.actions.githubusercontent.com": ("repository", "repository_id")}


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
    friends = frozenset({account, *own})
    found = []
    for statement in _assumable(trust):
        denies = _denies(trust, statement)
        if any(not deny.conditions and not deny.not_principals for deny in denies):
            continue
        if _is_everybody(statement):
            if not (is_pinned(_who(statement.conditions)) or any(_names_who(deny) for deny in denies)):
                found.append(TrustFault(statement, Stranger.EVERYBODY))
        elif _foreign(statement, friends) and not _is_known(statement, denies, friends):
            found.append(TrustFault(statement, Stranger.FOREIGN))
    return tuple(found)


def oidc_faults(trust: Document) -> tuple[TrustFault, ...]:
    """Statements that trust an OIDC issuer for more than one repository, or for any audience."""
    return tuple(
        TrustFault(statement, fault)
        for statement in _assumable(trust)
        for issuer in _issuers(statement)
        for fault in _faults(trust, statement, issuer)
    )


def federates(trust: Document) -> bool:
    """Whether the role trusts an OIDC issuer at all."""
    return any(True for statement in _assumable(trust) for _ in _issuers(statement))


def _assumable(trust: Document) -> Iterator[Statement]:
    for statement in trust.statements:
        if statement.allows and any(covers_action(statement, action) for action in _ASSUME):
            yield statement


def _is_everybody(statement: Statement) -> bool:
    federated = any(grantee.kind == "Federated" and grantee.value == "*" for grantee in statement.principals)
    return names_everybody(statement) or federated or bool(statement.not_principals)


def _denies(trust: Document, statement: Statement) -> list[Statement]:
    """The Deny statements about every way of assuming that the statement opens, and about all whom it lets in."""
    opened = [action for action in _ASSUME if covers_action(statement, action)]
    return [
        deny
        for deny in trust.statements
        if not deny.allows and all(covers_action(deny, action) for action in opened) and _speaks_to(deny, statement)
    ]


def _speaks_to(deny: Statement, statement: Statement) -> bool:
    if deny.not_principals:
        return True
    everybody = any(grantee.kind == "AWS" and grantee.value == "*" for grantee in deny.principals)
    return everybody or (bool(statement.principals) and set(statement.principals) <= set(deny.principals))


def _who(conditions: Iterable[Condition]) -> list[Condition]:
    return [condition for condition in conditions if condition.key in _WHO_KEYS]


def _names_who(deny: Statement) -> bool:
    """Whether a Deny refuses all but those it names."""
    named = bool(deny.conditions) or not any("*" in grantee.value for grantee in deny.not_principals)
    return named and all(c.key in _WHO_KEYS and singles_out_strangers(c) for c in deny.conditions)


def _foreign(statement: Statement, friends: frozenset[str]) -> bool:
    accounts = (_account_of(grantee.value) for grantee in statement.principals if grantee.kind == "AWS")
    return any(account and account not in friends for account in accounts)


def _account_of(value: str) -> str:
    if _ACCOUNT.fullmatch(value):
        return value
    parts = value.split(":")
    return parts[4] if len(parts) > 5 else ""  # a deleted principal stands there as AIDA…: nobody


def _is_known(statement: Statement, denies: Iterable[Statement], friends: frozenset[str]) -> bool:
    """Whether a foreign account must bring an external id, or none but the owner's accounts get in."""
    demanded = [*statement.conditions, *_demanded_by(denies)]
    return any(_is_external_id(condition) or _leaves_friends(condition, friends) for condition in demanded)


def _demanded_by(denies: Iterable[Statement]) -> Iterator[Condition]:
    """What each Deny with one negative condition demands, as the condition of an Allow would say it."""
    for deny in denies:
        for condition in deny.conditions if len(deny.conditions) == 1 and not deny.not_principals else ():
            quantifier, _, bare = condition.operator.lower().removesuffix("ifexists").rpartition(":")
            if not quantifier and bare in _REFUSES:
                yield Condition(_REFUSES[bare], condition.key, condition.values)


def _leaves_friends(condition: Condition, friends: frozenset[str]) -> bool:
    if condition.key in _ORGANISATION_KEYS:
        return is_pinned([condition])
    if condition.key not in _ACCOUNT_KEYS or not is_pinned([condition]):
        return False
    return all(_account_of(value) in friends for value in condition.values)


def _is_external_id(condition: Condition) -> bool:
    return condition.key == "sts:externalid" and _is_demanded(condition) and bool(_narrow_values(condition))


def _is_demanded(condition: Condition) -> bool:
    """Whether the condition fails where its key is missing."""
    quantifier, _, bare = condition.operator.lower().rpartition(":")
    return quantifier != "forallvalues" and bare in _DEMANDS


def _has_wildcards(condition: Condition) -> bool:
    return condition.operator.lower().rpartition(":")[2] not in _EQUAL


def _narrow_values(condition: Condition) -> tuple[str, ...]:
    """The values, if none of them stands for every text."""
    open_ended = _has_wildcards(condition) and any(not value.strip("*?") for value in condition.values)
    return () if open_ended else condition.values


def _issuers(statement: Statement) -> Iterator[str]:
    for grantee in statement.principals:
        if grantee.kind == "Federated" and ":oidc-provider/" in grantee.value:
            yield grantee.value.split(":oidc-provider/", 1)[1].lower()
        elif grantee.kind == "Federated" and grantee.value.lower() in _BUILT_IN:
            yield grantee.value.lower()


def _faults(trust: Document, statement: Statement, issuer: str) -> Iterator[OidcFault]:
    conditions = [*statement.conditions, *_demanded_by(_denies(trust, statement))]
    demanded = [condition for condition in conditions if _is_demanded(condition)]
    if issuer in _BUILT_IN:  # people sign in there: the application is what must be named
        keys = {f"{issuer}:{claim}" for claim in _BUILT_IN[issuer]}
    else:
        keys = {f"{issuer}:aud"}
        if not any(_names_repository(condition, issuer) for condition in demanded):
            yield from _subject_faults([one for one in demanded if one.key == f"{issuer}:sub"], issuer)
    if not any(_narrow_values(condition) for condition in demanded if condition.key in keys):
        yield OidcFault.NO_AUDIENCE


def _names_repository(condition: Condition, issuer: str) -> bool:
    """Whether a condition names repositories one by one, whatever the subject is."""
    keys = {f"{issuer}:{claim}" for claim in _REPOSITORY_CLAIMS.get(issuer, ())}
    wild = _has_wildcards(condition) and any(set("*?") & set(value) for value in condition.values)
    return condition.key in keys and bool(condition.values) and not wild


def _subject_faults(subjects: list[Condition], issuer: str) -> Iterator[OidcFault]:
    if not subjects:
        yield OidcFault.NO_SUBJECT
    elif all(_is_wide(condition, issuer) for condition in subjects):
        yield OidcFault.WIDE_SUBJECT


def _is_wide(condition: Condition, issuer: str) -> bool:
    return _has_wildcards(condition) and any(is_wide_subject(issuer, value) for value in condition.values)
