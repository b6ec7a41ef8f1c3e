"""All facts of one review about AWS, by account and by region."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness_cli.review.aws_facts.identity import (
    AccountSummary,
    Analyzer,
    Authorization,
    OidcProvider,
    PasswordPolicy,
    UserCredentials,
)
from harness_cli.review.aws_facts.network import (
    FlowLog,
    Instance,
    NetworkAcl,
    NetworkInterface,
    PrefixList,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from harness_cli.review.aws_facts.services import (
    Alarm,
    Balancer,
    Cluster,
    Detector,
    Function,
    Mailbox,
    MetricFilter,
    Recorder,
    Repository,
    SecretEntry,
    Trail,
)
from harness_cli.review.aws_facts.storage import (
    NOT_READ,
    Bucket,
    DbInstance,
    FileSystem,
    Image,
    Key,
    PublicAccessBlock,
    Snapshot,
    Table,
    Volume,
)
from harness_cli.review.evidence import Fact


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What holds for a whole account; what was not asked for is unread."""

    caller: Fact[str] = NOT_READ  # the account that GetCallerIdentity names
    summary: Fact[AccountSummary] = NOT_READ
    password_policy: Fact[PasswordPolicy] = NOT_READ
    authorization: Fact[Authorization] = NOT_READ
    credentials: Fact[tuple[UserCredentials, ...]] = NOT_READ
    oidc_providers: Fact[tuple[OidcProvider, ...]] = NOT_READ
    public_access: Fact[PublicAccessBlock] = NOT_READ


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What was read in one region of one account; what was not asked for is unread."""

    security_groups: Fact[tuple[SecurityGroup, ...]] = NOT_READ
    prefix_lists: Fact[tuple[PrefixList, ...]] = NOT_READ  # those that a group names
    interfaces: Fact[tuple[NetworkInterface, ...]] = NOT_READ
    acls: Fact[tuple[NetworkAcl, ...]] = NOT_READ
    instances: Fact[tuple[Instance, ...]] = NOT_READ
    vpcs: Fact[tuple[Vpc, ...]] = NOT_READ
    subnets: Fact[tuple[Subnet, ...]] = NOT_READ
    route_tables: Fact[tuple[RouteTable, ...]] = NOT_READ
    flow_logs: Fact[tuple[FlowLog, ...]] = NOT_READ
    volumes: Fact[tuple[Volume, ...]] = NOT_READ
    snapshots: Fact[tuple[Snapshot, ...]] = NOT_READ
    images: Fact[tuple[Image, ...]] = NOT_READ
    encrypts_volumes: Fact[bool] = NOT_READ
    buckets: Fact[tuple[Bucket, ...]] = NOT_READ
    databases: Fact[tuple[DbInstance, ...]] = NOT_READ
    database_snapshots: Fact[tuple[Snapshot, ...]] = NOT_READ
    keys: Fact[tuple[Key, ...]] = NOT_READ
    tables: Fact[tuple[Table, ...]] = NOT_READ
    file_systems: Fact[tuple[FileSystem, ...]] = NOT_READ
    trails: Fact[tuple[Trail, ...]] = NOT_READ
    detectors: Fact[tuple[Detector, ...]] = NOT_READ
    recorders: Fact[tuple[Recorder, ...]] = NOT_READ
    analyzers: Fact[tuple[Analyzer, ...]] = NOT_READ
    clusters: Fact[tuple[Cluster, ...]] = NOT_READ
    repositories: Fact[tuple[Repository, ...]] = NOT_READ
    functions: Fact[tuple[Function, ...]] = NOT_READ
    secrets: Fact[tuple[SecretEntry, ...]] = NOT_READ
    balancers: Fact[tuple[Balancer, ...]] = NOT_READ
    classic_balancers: Fact[tuple[Balancer, ...]] = NOT_READ
    topics: Fact[tuple[Mailbox, ...]] = NOT_READ
    queues: Fact[tuple[Mailbox, ...]] = NOT_READ
    metric_filters: Fact[tuple[MetricFilter, ...]] = NOT_READ
    alarms: Fact[tuple[Alarm, ...]] = NOT_READ


@dataclass(frozen=True, slots=True)
class Place:
    """One region of one account."""

    account: str
    region: str


@dataclass(frozen=True, slots=True)
class AwsFacts:
    """What was read of the accounts and regions in scope; empty where the run has no AWS."""

    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    by_account: Mapping[str, AccountFacts] = field(default_factory=dict)
    by_place: Mapping[Place, RegionFacts] = field(default_factory=dict)

    def account(self, account: str) -> AccountFacts:
        """The facts of one account; unread ones where nothing was read."""
        return self.by_account.get(account, AccountFacts())

    def region(self, place: Place) -> RegionFacts:
        """The facts of one region; unread ones where nothing was read."""
        return self.by_place.get(place, RegionFacts())

    def places(self) -> Iterator[Place]:
        """Every account with every region, in their order."""
        for account in self.accounts:
            for region in self.regions:
                yield Place(account, region)
