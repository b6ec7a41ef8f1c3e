"""Facts about identities: users, roles, groups, policies, the account's own settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from harness_cli.review.aws_facts.documents import Document
from harness_cli.review.evidence import Evidence, Fact


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What GetAccountSummary says of the root user."""

    root_access_keys: int
    root_mfa: bool


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The account's password policy; `exists` False means AWS's default of eight characters."""

    exists: bool
    minimum_length: int = 8


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy as it hangs on a holder; document None: an AWS managed policy, whose text is not read."""

    name: str
    arn: str  # empty for an inline policy
    document: Document | None
    pointer: str = ""
    malformed: bool = False

    @property
    def is_aws_managed(self) -> bool:
        """Whether AWS owns the policy."""
        return self.arn.split(":")[4:5] == ["aws"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A user, role or group with every policy that reaches it directly; a user's groups stand beside it."""

    kind: str  # user, role, group
    name: str
    arn: str
    path: str = "/"
    policies: tuple[NamedPolicy, ...] = ()
    boundary: NamedPolicy | None = None
    groups: tuple[str, ...] = ()
    trust: Document | None = None  # roles only
    trust_malformed: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    pointer: str = ""

    @property
    def is_service_linked(self) -> bool:
        """Whether AWS made the role for one of its services; nobody else can change it."""
        return self.kind == "role" and self.path.startswith("/aws-service-role/")


@dataclass(frozen=True, slots=True)
class Authorization:
    """Everything of GetAccountAuthorizationDetails; `policies` are the customer managed ones by ARN."""

    holders: tuple[Holder, ...]
    policies: Mapping[str, NamedPolicy] = field(default_factory=dict)

    def of_kind(self, kind: str) -> tuple[Holder, ...]:
        """All users, roles or groups."""
        return tuple(holder for holder in self.holders if holder.kind == kind)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key's dates, never the key; `last_used` None: never used, or not told (`used_known`)."""

    active: bool
    created: datetime | None
    last_used: datetime | None = None
    used_known: bool = True


@dataclass(frozen=True, slots=True)
class UserCredentials:
    """What a user can sign in with."""

    name: str
    arn: str
    has_password: bool
    password_last_used: datetime | None = None
    password_changed: datetime | None = None
    password_use_known: bool = True
    mfa: bool = False
    keys: tuple[AccessKey, ...] = ()
    is_root: bool = False
    pointer: str = ""
    source: tuple[Evidence, ...] = ()  # the calls about this user, where there was no report


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An OpenID Connect provider of the account."""

    arn: str
    url: str = ""
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analyzer:
    """An access analyzer and how many active external findings it has."""

    arn: str
    kind: str
    active: bool
    findings: Fact[int]
    pointer: str = ""
