"""The configuration as frozen values; made by `config.load`, never by hand outside tests.

Every section that the file may leave out is None or empty here, and means "not configured", never "all".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from harness_cli.core.diagnostic import Span


class Action(StrEnum):
    """What a capability may do."""

    READ = "read"
    WRITE = "write"
    EXECUTE = "execute"


class System(StrEnum):
    """The systems that connectors speak to."""

    JIRA = "jira"
    GITHUB = "github"
    AWS = "aws"
    SLACK = "slack"


class IdentityBinding(StrEnum):
    """How the requester is proven."""

    SSO_SCIM = "sso-scim"
    SSO = "sso"
    CI_OIDC = "ci-oidc"
    LOCAL = "local"


class StaticCredentials(StrEnum):
    """Where credentials that do not expire by themselves may be used."""

    DENY = "deny"
    DEV_ONLY = "dev_only"
    ALLOW = "allow"


# --- credentials, by reference only ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnvRef:
    """The value of an environment variable."""

    name: str


@dataclass(frozen=True, slots=True)
class FileRef:
    """The content of a file (`~` is the home folder), trailing line feed dropped."""

    path: str


@dataclass(frozen=True, slots=True)
class CommandRef:
    """The standard output of a command, without a shell."""

    argv: tuple[str, ...]


SecretRef = EnvRef | FileRef | CommandRef


@dataclass(frozen=True, slots=True)
class BasicCredential:
    """HTTP Basic: a user and a token."""

    user: str
    token: SecretRef


@dataclass(frozen=True, slots=True)
class OAuthClientCredential:
    """OAuth 2.0 client credentials (Jira Cloud service account)."""

    client_id: str
    client_secret: SecretRef
    cloud_id: str
    token_url: str = ""


@dataclass(frozen=True, slots=True)
class GithubAppCredential:
    """A GitHub App installation."""

    app_id: int
    installation_id: int
    private_key: SecretRef


@dataclass(frozen=True, slots=True)
class AssumeRoleCredential:
    """An AWS role, assumed from the usual chain; `{account}` stands for each account in scope."""

    role_arn: str


@dataclass(frozen=True, slots=True)
class ProfileCredential:
    """A named AWS profile."""

    name: str


@dataclass(frozen=True, slots=True)
class SlackRotationCredential:
    """A Slack bot token with rotation."""

    client_id: str
    client_secret: SecretRef
    refresh_token: SecretRef


Credential = (
    EnvRef
    | FileRef
    | CommandRef
    | BasicCredential
    | OAuthClientCredential
    | GithubAppCredential
    | AssumeRoleCredential
    | ProfileCredential
    | SlackRotationCredential
)


# --- sections ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Runtime:
    """`runtime:`."""

    version: str
    identity_binding: IdentityBinding
    credential_rotation: timedelta
    agent_id: str = "harness"


@dataclass(frozen=True, slots=True)
class Scim:
    """`identity.scim:`."""

    url: str
    credential: SecretRef


@dataclass(frozen=True, slots=True)
class Person:
    """One person across systems; `id` is the userName at the identity provider."""

    id: str
    jira: str = ""
    github: str = ""
    slack: str = ""
    aws: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """`identity:`."""

    issuer: str = ""
    client_id: str = ""
    audience: str = ""
    groups_claim: str = "groups"
    username_claim: str = "preferred_username"
    scim: Scim | None = None
    roles: Mapping[str, str] = field(default_factory=dict)  # group at the provider -> role here
    local_role: str = ""
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class JiraFields:
    """Ids of the ticket's fields; an empty one is not configured."""

    approver: str = ""
    risk: str = ""
    rollback: str = ""
    window_start: str = ""
    window_end: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True)
class JiraConnection:
    """`connections.jira:`."""

    url: str
    credential: Credential
    fields: JiraFields = JiraFields()
    approved_statuses: tuple[str, ...] = ("Approved",)
    deployment: str = ""  # "", "cloud" or "data-center"; empty: told by the address and serverInfo


@dataclass(frozen=True, slots=True)
class GithubConnection:
    """`connections.github:`."""

    url: str
    credential: Credential


@dataclass(frozen=True, slots=True)
class AwsConnection:
    """`connections.aws:`; `credential` None is the usual chain; `endpoint_url` is for loopback stand-ins.

    `credentials_file` is the shared credentials file that the chain reads instead of `~/.aws/credentials`.
    """

    credential: Credential | None = None
    endpoint_url: str = ""
    credentials_file: str = ""


@dataclass(frozen=True, slots=True)
class SlackConnection:
    """`connections.slack:`."""

    credential: Credential
    channel: str = ""
    url: str = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class Connections:
    """`connections:`; a system that is None is not configured."""

    jira: JiraConnection | None = None
    github: GithubConnection | None = None
    aws: AwsConnection | None = None
    slack: SlackConnection | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """`network:`; the only way to a proxy or a private authority."""

    proxy: str = ""
    ca_file: str = ""
    allow_private_hosts: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """`roles.NAME:`; `environments` None means every environment that has a gate."""

    clearance: tuple[str, ...]
    environments: tuple[str, ...] | None = None
    inherits: tuple[str, ...] = ()  # as written; `clearance` has their classes already


@dataclass(frozen=True, slots=True)
class Window:
    """A time window of a gate; `tz` is an IANA name, times are HH:MM."""

    days: tuple[str, ...]
    start: str
    end: str
    tz: str


@dataclass(frozen=True, slots=True)
class Gate:
    """`policy_engine.environment_gates.NAME:`."""

    requires_human_approval: bool
    allowed_tools: tuple[str, ...]
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyEngine:
    """`policy_engine:`."""

    approval_required_for: tuple[Action, ...]
    restricted_data_classes: tuple[str, ...]
    environment_gates: Mapping[str, Gate]
    static_credentials: StaticCredentials = StaticCredentials.DEV_ONLY


# One clause set of a scope: key -> patterns (ORed); keys are ANDed; a tool's list of these is ORed.
ScopeClauses = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Tool:
    """`tools.NAME:`, one capability; `scopes` empty means no scope: every call needs its own approval."""

    name: str
    connector: System
    actions: tuple[Action, ...]
    classification: str
    scopes: tuple[ScopeClauses, ...] = ()
    requires_approval: bool = False
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approvers:
    """`approvals.approvers:`."""

    group: str = ""
    quorum: int = 1
    allowed_signers: str = ""
    allowed_signers_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Approvals:
    """`approvals:`."""

    approvers: Approvers = Approvers()
    channels: tuple[str, ...] = ("cli",)
    approve_within: timedelta = timedelta(hours=4)
    execute_within: timedelta = timedelta(minutes=30)
    min_assurance: Mapping[str, str] = field(default_factory=dict)
    escalate_to: str = ""
    forbid_config_author: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """`limits:`; None keeps the program's own bound."""

    max_calls: int | None = None
    max_items: int | None = None
    max_bytes: int | None = None
    max_duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentMap:
    """How a path or an account shows its environment."""

    paths: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that somebody answers for until a day."""

    check: str
    resource: str
    reason: str
    approved_by: str
    until: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time in which nothing is changed; without environments it holds for all. Both ends belong to it."""

    name: str
    start: datetime
    end: datetime
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """`review:`."""

    fail_on: str = "high"
    notify: bool = False
    generate_credential_report: bool = False
    required_approvals: Mapping[str, int] = field(default_factory=dict)
    scan_checks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    environments: Mapping[str, EnvironmentMap] = field(default_factory=dict)
    freezes: tuple[Freeze, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    mandatory: tuple[str, ...] | None = None
    ports: tuple[str, ...] = ()  # "22" or "5900-5903"; empty: the default list of EC2-01


@dataclass(frozen=True, slots=True)
class Sink:
    """One of `audit.sinks:`; options beyond the type stay as written."""

    type: str
    options: Mapping[str, str | int | bool] = field(default_factory=dict)
    credential: SecretRef | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """`audit:`."""

    format: str
    fields: tuple[str, ...]
    sink: str
    retention_days: int
    directory: str = ".harness/audit"
    anchor: str = "intent"
    signing_key: SecretRef | None = None
    min_free: int | None = None
    allow_network_fs: bool = False
    log_access: bool = False
    sinks: tuple[Sink, ...] = ()
    regime: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer file of `extends:`: a whole small policy; what it leaves out does not narrow."""

    path: str
    sha256: str
    config: "PartialPolicy"


@dataclass(frozen=True, slots=True)
class PartialPolicy:
    """The sections that a layer may have."""

    policy_engine: PolicyEngine | None = None
    roles: Mapping[str, Role] | None = None
    tool_groups: Mapping[str, tuple[str, ...]] | None = None
    tools: Mapping[str, Tool] | None = None
    limits: Limits | None = None
    approvals: Approvals | None = None
    retention_days: int | None = None
    positions: "Positions" = field(default_factory=dict)


KeyPath = tuple[str | int, ...]
Positions = Mapping[KeyPath, Span]  # path of keys and list indices -> the span of the value there


@dataclass(frozen=True, slots=True)
class Config:
    """One configuration file, understood whole."""

    path: Path
    sha256: str  # of the file's bytes, hex
    runtime: Runtime
    policy_engine: PolicyEngine
    audit: Audit
    tools: Mapping[str, Tool]
    identity: Identity | None = None
    connections: Connections = Connections()
    network: Network = Network()
    accounts: Mapping[str, str] = field(default_factory=dict)  # alias -> 12 digits
    roles: Mapping[str, Role] | None = None
    tool_groups: Mapping[str, tuple[str, ...]] | None = None
    approvals: Approvals | None = None
    limits: Limits = Limits()
    review: Review = Review()
    layers: tuple[Layer, ...] = ()
    positions: Positions = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder that relative paths of the file start from."""
        return self.path.parent

    def place(self, *keys: str | int) -> str:
        """`file:line:column` of the nearest known ancestor of a key path."""
        for end in range(len(keys), -1, -1):
            span = self.positions.get(keys[:end])
            if span is not None:
                return f"{self.path.name}:{span.line}:{span.column}"
        return f"{self.path.name}:1:1"
