"""Readings about the account itself: users, roles, policies, credentials."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from harness_cli.core.clock import parse_rfc3339
from harness_cli.policy.regions import GLOBAL_REGION
from harness_cli.review.aws_facts import (
    AccessKey,
    AccountSummary,
    Authorization,
    Document,
    Holder,
    MalformedDocumentError,
    NamedPolicy,
    OidcProvider,
    PasswordPolicy,
    Place,
    PublicAccessBlock,
    UserCredentials,
    parse_document,
)
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.live_facts.reading import Answers, Json, Reading, ask, each_read, mapped, tags_of

_KINDS = (("user", "UserDetailList", "User"), ("group", "GroupDetailList", "Group"), ("role", "RoleDetailList", "Role"))


def everywhere(account: str) -> Place:
    """Where global services are asked."""
    return Place(account, GLOBAL_REGION)


def caller(place: Place) -> Reading[str]:
    """The account that the credential really is one of."""
    (answer,) = yield [ask("sts:GetCallerIdentity", place)]
    return mapped(answer, lambda value: str(value["Account"]))


def summary(account: str) -> Reading[AccountSummary]:
    """What the account says of its root user."""
    (answer,) = yield [ask("iam:GetAccountSummary", everywhere(account))]
    return mapped(
        answer,
        lambda value: AccountSummary(
            int(value["SummaryMap"]["AccountAccessKeysPresent"]), bool(value["SummaryMap"]["AccountMFAEnabled"])
        ),
    )


def password_policy(account: str) -> Reading[PasswordPolicy]:
    """The account's password policy."""
    (answer,) = yield [ask("iam:GetAccountPasswordPolicy", everywhere(account))]
    return mapped(answer, _password_policy)


def public_access(place: Place) -> Reading[PublicAccessBlock]:
    """The account's public-access block."""
    (answer,) = yield [ask("s3:GetAccountPublicAccessBlock", place)]
    return mapped(answer, block_of)


def block_of(value: Json) -> PublicAccessBlock:
    """The four switches of an answer; all off where there is no configuration."""
    raw = value.get("PublicAccessBlockConfiguration", {})
    return PublicAccessBlock(
        bool(raw.get("BlockPublicAcls")),
        bool(raw.get("IgnorePublicAcls")),
        bool(raw.get("BlockPublicPolicy")),
        bool(raw.get("RestrictPublicBuckets")),
    )


def authorization(account: str) -> Reading[Authorization]:
    """Users, roles, groups and customer managed policies."""
    (answer,) = yield [ask("iam:GetAccountAuthorizationDetails", everywhere(account))]
    return mapped(answer, _authorization)


def oidc_providers(account: str) -> Reading[tuple[OidcProvider, ...]]:
    """The OpenID Connect providers of the account."""
    (answer,) = yield [ask("iam:ListOpenIDConnectProviders", everywhere(account))]
    return mapped(
        answer, lambda value: tuple(OidcProvider(raw["Arn"]) for raw in value.get("OpenIDConnectProviderList", ()))
    )


def credentials(account: str, *, generate: bool = False) -> Reading[tuple[UserCredentials, ...]]:
    """What each user can sign in with: from the credential report, or user by user where there is none."""
    place = everywhere(account)
    if generate:
        yield [ask("iam:GenerateCredentialReport", place)]
    (report,) = yield [ask("iam:GetCredentialReport", place)]
    if isinstance(report, Known) and "Content" in report.value:
        return mapped(report, _report)
    (details,) = yield [ask("iam:GetAccountAuthorizationDetails", place)]
    if isinstance(details, Unread):
        return details
    users = details.value.get("UserDetailList", ())
    return (yield from _user_by_user(place, users, details))


def _user_by_user(place: Place, users: Sequence[Json], details: Known[Any]) -> Reading[tuple[UserCredentials, ...]]:
    if not users:
        return Known((), details.evidence)
    verbs = ("GetLoginProfile", "ListMFADevices", "ListAccessKeys")
    answers = yield [ask(f"iam:{verb}", place, UserName=user["UserName"]) for user in users for verb in verbs]
    found = each_read(
        details, "aws_iam_user", {user["Arn"]: _signs_in(answers[n * 3 : n * 3 + 3]) for n, user in enumerate(users)}
    )
    listed = [key for _, _, keys in found.value for key in keys.value.get("AccessKeyMetadata", ())]
    asked = [ask("iam:GetAccessKeyLastUsed", place, AccessKeyId=key["AccessKeyId"]) for key in listed]
    uses = (yield asked) if asked else ()
    used = {key["AccessKeyId"]: use for key, use in zip(listed, uses, strict=True)}
    unread = {gap.uid for gap in found.gaps}
    rows = zip((user for user in users if user["Arn"] not in unread), found.value, strict=True)
    return Known(tuple(_user(user, ways, used) for user, ways in rows), found.evidence, found.gaps)


_Ways: TypeAlias = tuple[Known[Any], Known[Any], Known[Any]]  # password, MFA devices, access keys


def _signs_in(answers: Answers) -> Fact[_Ways]:
    """How one user signs in; the first answer that is missing says why nobody knows."""
    login, devices, keys = answers
    if isinstance(login, Known) and isinstance(devices, Known) and isinstance(keys, Known):
        return Known((login, devices, keys), (*login.evidence, *devices.evidence, *keys.evidence))
    return next(answer for answer in answers if isinstance(answer, Unread))


def _user(user: Json, ways: _Ways, used: Mapping[str, Fact[Any]]) -> UserCredentials:
    login, devices, keys = ways
    listed = keys.value.get("AccessKeyMetadata", ())
    uses = [used[raw["AccessKeyId"]] for raw in listed]
    return UserCredentials(
        name=user["UserName"],
        arn=user["Arn"],
        has_password="LoginProfile" in login.value,
        password_changed=_time(login.value.get("LoginProfile", {}).get("CreateDate")),
        password_use_known=False,
        mfa=bool(devices.value.get("MFADevices")),
        keys=tuple(_key(raw, use) for raw, use in zip(listed, uses, strict=True)),
        source=tuple(e for fact in (login, devices, keys, *uses) for e in fact.evidence),
    )


def _key(raw: Json, use: Fact[Any]) -> AccessKey:
    last = use.value.get("AccessKeyLastUsed", {}).get("LastUsedDate") if isinstance(use, Known) else None
    return AccessKey(raw.get("Status") == "Active", _time(raw.get("CreateDate")), _time(last), isinstance(use, Known))


def _report(value: Json) -> tuple[UserCredentials, ...]:
    rows = csv.DictReader(io.StringIO(str(value["Content"])))
    return tuple(_report_row(row, f"/Content/{index}") for index, row in enumerate(rows, start=1))


def _report_row(row: Mapping[str, str], pointer: str) -> UserCredentials:
    keys = (
        AccessKey(
            row.get(f"access_key_{n}_active") == "true",
            _time(row.get(f"access_key_{n}_last_rotated")),
            _time(row.get(f"access_key_{n}_last_used_date")),
        )
        for n in (1, 2)
    )
    return UserCredentials(
        name=row["user"],
        arn=row["arn"],
        has_password=row.get("password_enabled") == "true",
        password_last_used=_time(row.get("password_last_used")),
        password_changed=_time(row.get("password_last_changed")) or _time(row.get("user_creation_time")),
        mfa=row.get("mfa_active") == "true",
        keys=tuple(key for key in keys if key.active or key.created is not None),
        is_root=row["user"] == "<root_account>",
        pointer=pointer,
    )


def _time(text: object) -> datetime | None:
    """A time of the report or of an answer; `N/A` and `no_information` are none."""
    try:
        return parse_rfc3339(str(text))
    except ValueError:
        return None


def _password_policy(value: Json) -> PasswordPolicy:
    raw = value.get("PasswordPolicy")
    return PasswordPolicy(False) if raw is None else PasswordPolicy(True, int(raw.get("MinimumPasswordLength", 6)))


def _authorization(value: Json) -> Authorization:
    policies = {policy.arn: policy for policy in _managed(value)}
    return Authorization(
        tuple(
            _holder(kind, raw, f"/{key}/{index}", title, policies)
            for kind, key, title in _KINDS
            for index, raw in enumerate(value.get(key, ()))
        ),
        policies,
    )


def _managed(value: Json) -> Iterator[NamedPolicy]:
    for index, raw in enumerate(value.get("Policies", ())):
        for number, version in enumerate(raw.get("PolicyVersionList", ())):
            if version.get("IsDefaultVersion"):
                pointer = f"/Policies/{index}/PolicyVersionList/{number}/Document"
                name = raw.get("PolicyName") or raw["Arn"].rsplit("/", 1)[-1]
                yield _named(name, raw["Arn"], version.get("Document"), pointer)


def _named(name: str, arn: str, raw: object, pointer: str) -> NamedPolicy:
    document, malformed = _document(raw)
    return NamedPolicy(name, arn, document, pointer, malformed)


def _document(raw: object) -> tuple[Document | None, bool]:
    try:
        return parse_document(raw), False
    except MalformedDocumentError:
        return None, True


def _holder(kind: str, raw: Json, pointer: str, title: str, policies: Mapping[str, NamedPolicy]) -> Holder:
    inline = tuple(
        _named(
            entry["PolicyName"], "", entry.get("PolicyDocument"), f"{pointer}/{title}PolicyList/{index}/PolicyDocument"
        )
        for index, entry in enumerate(raw.get(f"{title}PolicyList", ()))
    )
    attached = tuple(_attached(entry, policies) for entry in raw.get("AttachedManagedPolicies", ()))
    bound = raw.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    trust, malformed = (
        _document(raw["AssumeRolePolicyDocument"]) if "AssumeRolePolicyDocument" in raw else (None, False)
    )
    return Holder(
        kind=kind,
        name=raw[f"{title}Name"],
        arn=raw["Arn"],
        path=raw.get("Path", "/"),
        policies=(*inline, *attached),
        boundary=_attached({"PolicyArn": bound, "PolicyName": bound.rsplit("/", 1)[-1]}, policies) if bound else None,
        groups=tuple(raw.get("GroupList", ())),
        trust=trust,
        trust_malformed=malformed,
        tags=tags_of(raw),
        pointer=pointer,
    )


def _attached(entry: Json, policies: Mapping[str, NamedPolicy]) -> NamedPolicy:
    arn = str(entry["PolicyArn"])
    known = policies.get(arn)
    if known is not None:
        return known
    unread = NamedPolicy(str(entry.get("PolicyName", "")), arn, None)
    return unread if unread.is_aws_managed else NamedPolicy(unread.name, arn, None, malformed=True)
