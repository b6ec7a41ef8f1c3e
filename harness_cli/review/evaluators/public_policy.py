"""Does a resource's policy (bucket, key, queue, topic, secret, repository, function) speak to everybody?

The contract:
1. only an Allow to a star principal (or a NotPrincipal) can be public;
2. it is not public where a positive condition pins who asks (organisation, account, principal, endpoint, network);
   Referer, User-Agent, TLS, time and regions pin nobody; neither do `…IfExists`, `ForAllValues` and negations,
   which hold where the key is missing;
3. a pinned value has no wildcard where it would name everybody; pinned networks together are no wider than what AWS
   calls narrow (/8 of IPv4, /32 of IPv6: S3 user guide, "The meaning of public");
4. a Deny to everybody takes it back if it is unconditional or refuses all but pinned callers.
"""

import re
from collections.abc import Sequence
from typing import Final

from harness_cli.review.aws_facts.documents import Condition, Document, Grantee, Statement
from harness_cli.review.evaluators.cidr import AddressError, addresses
from harness_cli.review.evaluators.iam_document import covers_action, is_everything, matches

_WILD: Final = re.compile(r"[*?]|\$\{")
NARROW_V4: Final = 2**24  # a /8
NARROW_V6: Final = 2**96  # a /32
_ACCOUNT: Final = re.compile(r"[0-9]{12}", re.ASCII)
_OWN: Final = frozenset({"${aws:resourceaccount}", "${aws:resourceorgid}", "${aws:resourceorgpaths}"})
_ACCOUNT_KEYS: Final = frozenset(
    ["aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount", "s3:dataaccesspointaccount"]
)
_ARN_KEYS: Final = frozenset({"aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"})
_WHOLE_KEYS: Final = frozenset(  # ids of one thing: a wildcard in one names those of strangers too
    ["aws:principalorgid", "aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce"]
)
_HEAD_KEYS: Final = {
    "aws:principalorgpaths": "/",
    "aws:sourceorgpaths": "/",
    "aws:userid": ":",
}  # up to here it is an id
_SERVICE_FLAGS: Final = frozenset({"aws:principalisawsservice", "aws:viaawsservice"})
_ALL_OBJECTS: Final = re.compile(r"arn:[^:/]+:s3:::[^/]+(?:/\*+|\*+)")
_BOTH_WAYS: Final = ("s3:getobject", "s3:putobject")
_BUCKETS: Final = Grantee("Service", "s3.amazonaws.com")
_OLD_OR_NO_TLS: Final = frozenset({"numericlessthanifexists", "numericlessthanequalsifexists"})
_POSITIVE: Final = frozenset(
    ["stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"]
)
_NEGATIVE: Final = frozenset(
    ["stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike", "notipaddress"]
)


def public_statements(document: Document) -> tuple[Statement, ...]:
    """The Allow statements that let everybody in and that no Deny takes back."""
    denies = [statement for statement in document.statements if _refuses_outsiders(statement)]
    return tuple(
        statement
        for statement in document.statements
        if is_open(statement) and not any(_takes_back(deny, statement) for deny in denies)
    )


def is_public(document: Document) -> bool:
    """Whether any statement lets everybody in."""
    return bool(public_statements(document))


def is_open(statement: Statement) -> bool:
    """Whether a statement, alone, lets everybody in."""
    everybody = names_everybody(statement) or bool(statement.not_principals)
    return statement.allows and everybody and not is_pinned(statement.conditions)


def serves_any_bucket(document: Document) -> tuple[Statement, ...]:
    """The Allow statements by which S3 may act for a bucket of anybody (AWS Config: lambda-function-public-access)."""
    return tuple(
        statement
        for statement in document.statements
        if statement.allows and _BUCKETS in statement.principals and not is_pinned(statement.conditions)
    )


def names_everybody(statement: Statement) -> bool:
    """Whether the principal is everybody."""
    return any(grantee.kind == "AWS" and _any_account(grantee.value) for grantee in statement.principals)


def is_pinned(conditions: Sequence[Condition]) -> bool:
    """Whether some condition pins who may ask."""
    return any(_pins(condition, _POSITIVE) for condition in conditions)


def singles_out_strangers(condition: Condition) -> bool:
    """Whether a Deny's condition holds for all but those it names (`StringNotEquals aws:PrincipalOrgID`)."""
    return _pins(condition, _NEGATIVE)


def requires_tls(document: Document) -> bool:
    """Whether plain HTTP is refused to everybody for every object."""
    refusals = [statement for statement in document.statements if _refuses_plain_http(statement)]
    return all(any(covers_action(one, action) for one in refusals) for action in _BOTH_WAYS)


def _any_account(value: str) -> bool:
    if value == "*":
        return True
    account = value.split(":")[4:5]
    return bool(account) and "*" in account[0]


def _pins(condition: Condition, operators: frozenset[str]) -> bool:
    """Rule 2 and 3 for one line; with the negative operators, whether it singles out all who are not pinned."""
    operator = condition.operator.lower()
    quantifier, _, bare = operator.rpartition(":")
    if operators is _NEGATIVE:
        bare = bare.removesuffix("ifexists")  # a Deny that also holds where the key is missing refuses even more
    if condition.key in _SERVICE_FLAGS:
        values = [value.lower() for value in condition.values]
        if operators is _POSITIVE:  # a service that acts for somebody may act for anybody
            return bare == "bool" and values == ["true"] and condition.key == "aws:principalisawsservice"
        return bare == "bool" and values == ["false"]
    if bare not in operators or quantifier == "forallvalues":
        return False
    if condition.key == "aws:sourceip":
        return bool(condition.values) and _are_narrow(condition.values)
    return bool(condition.values) and all(_names_somebody(condition.key, value) for value in condition.values)


def _names_somebody(key: str, value: str) -> bool:
    if value.lower() in _OWN:
        return key in _ACCOUNT_KEYS | _WHOLE_KEYS or key in _HEAD_KEYS
    if key in _ACCOUNT_KEYS:
        return _ACCOUNT.fullmatch(value) is not None
    if key in _ARN_KEYS:
        return _narrow_arn(value)
    if key in _WHOLE_KEYS:
        return value != "" and not _WILD.search(value)
    if key in _HEAD_KEYS:
        head = value.split(_HEAD_KEYS[key])[0]
        return head != "" and not _WILD.search(head)
    return key == "kms:viaservice" and not _WILD.search(value.split(".")[0])


def _narrow_arn(value: str) -> bool:
    parts = value.split(":", 5)
    if len(parts) < 6:
        return False
    service, account, resource = parts[2], parts[4], parts[5]
    if service != "s3" or resource.startswith("accesspoint/") or account not in {"", "*"}:
        return _ACCOUNT.fullmatch(account) is not None
    return not _WILD.search(
        resource.split("/")[0]
    )  # a bucket has no account in its ARN; its name is the world's only one


def _are_narrow(cidrs: Sequence[str]) -> bool:
    try:
        together = addresses(cidrs)
    except AddressError:
        return False
    return together.public_v4 <= NARROW_V4 and together.public_v6 <= NARROW_V6


def _refuses_outsiders(statement: Statement) -> bool:
    everybody = any(grantee.value == "*" for grantee in statement.principals) or (
        bool(statement.not_principals) and not any(grantee.value == "*" for grantee in statement.not_principals)
    )
    pinned = all(_pins(condition, _NEGATIVE) for condition in statement.conditions)
    return not statement.allows and everybody and pinned


def _takes_back(deny: Statement, allow: Statement) -> bool:
    if allow.not_actions or allow.not_resources:
        return _is_total(deny)
    actions = all(_action_inside(deny, action) for action in allow.actions)
    return actions and all(_resource_inside(deny, resource) for resource in allow.resources)


def _is_total(deny: Statement) -> bool:
    return any(is_everything(action) for action in deny.actions) and any(is_everything(r) for r in deny.resources)


def _action_inside(deny: Statement, action: str) -> bool:
    if deny.not_actions:
        return "*" not in action and covers_action(deny, action)
    return any(matches(pattern, action) for pattern in deny.actions)


def _resource_inside(deny: Statement, resource: str) -> bool:
    if deny.not_resources:
        return False
    return any(matches(pattern, resource) for pattern in deny.resources)


def _refuses_plain_http(statement: Statement) -> bool:
    everybody = any(grantee.value == "*" for grantee in statement.principals)
    if statement.allows or not everybody or len(statement.conditions) != 1:
        return False
    condition = statement.conditions[0]
    tls = (
        condition.key == "aws:securetransport"
        and condition.operator.lower() in {"bool", "boolifexists"}
        and tuple(value.lower() for value in condition.values) == ("false",)
    )
    # a request in the clear has no TLS version: only `…IfExists` holds for it
    version = condition.key == "s3:tlsversion" and condition.operator.lower() in _OLD_OR_NO_TLS
    objects = any(is_everything(r) or _ALL_OBJECTS.fullmatch(r) for r in statement.resources)
    return (tls or version) and objects
