"""A lease: one credential for one system, at most 15 minutes, bound to the person who asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from harness_cli.config.model import System
from harness_cli.core.secret import Secret


class LeaseKind(StrEnum):
    """Who lets it end: the issuer soon, the issuer later, or nobody but us."""

    EPHEMERAL = "ephemeral"
    ROTATING = "rotating"
    STATIC = "static"


@dataclass(frozen=True, slots=True)
class BearerToken:
    """`Authorization: Bearer …` (GitHub, Jira, Slack)."""

    token: Secret


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """HTTP Basic (Jira Cloud with an API token)."""

    user: str
    password: Secret


@dataclass(frozen=True, slots=True)
class AwsKeys:
    """An AWS credential; `account` is what GetCallerIdentity answered for it."""

    access_key_id: str
    secret_access_key: Secret
    session_token: Secret | None
    account: str
    arn: str


Material = BearerToken | BasicAuth | AwsKeys


@dataclass(frozen=True, slots=True)
class Lease:
    """What a connector is handed for one call; the value is in `material` and nowhere else."""

    id: str
    system: System
    material: Material = field(repr=False)
    subject: str  # whom the system sees: login, account, role ARN
    requester: str  # userName of the person who asked
    scope_sha256: str
    issued_at: datetime
    expires_at: datetime  # min(issuer's, issued_at + 900 s)
    issuer_expires_at: datetime | None
    kind: LeaseKind
    fingerprint: str  # HMAC(run key, secret)[:16]
    api_base: str = ""  # where the credential says the API lives (Jira Cloud gateway); empty: the connection's url
    revoke: Callable[[], None] | None = field(default=None, repr=False)
