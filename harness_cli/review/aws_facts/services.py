"""Facts about detection and about services that answer to others: trails, clusters, functions, balancers, queues."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from harness_cli.review.aws_facts.documents import Document
from harness_cli.review.aws_facts.network import Listener
from harness_cli.review.aws_facts.storage import NOT_READ
from harness_cli.review.evidence import Evidence, Fact


@dataclass(frozen=True, slots=True)
class Trail:
    """A CloudTrail trail as it is seen in one region."""

    name: str
    arn: str
    home_region: str
    multi_region: bool
    bucket: str
    validates: bool
    kms_key: str = ""
    log_group: str = ""
    organization: bool = False
    logging: Fact[bool] = NOT_READ
    management_events: Fact[bool] = NOT_READ  # reads and writes are both recorded
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Detector:
    """A GuardDuty detector; `high_findings` counts, types only."""

    id: str
    enabled: Fact[bool] = NOT_READ
    high_findings: Fact[int] = NOT_READ
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class RecordedKinds:
    """Which kinds of resources a recorder records: those that it names, or all but those."""

    named: tuple[str, ...] = ()  # AWS::EC2::Instance …
    all_but: bool = True


@dataclass(frozen=True, slots=True)
class Recorder:
    """A configuration recorder; `fails` is AWS's word on its last delivery."""

    name: str
    recording: bool
    fails: bool = False
    kinds: Fact[RecordedKinds] = NOT_READ
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """An EKS cluster."""

    name: str
    arn: str
    version: str
    public_endpoint: bool
    public_cidrs: tuple[str, ...]
    logs: frozenset[str]
    encrypts_secrets: bool
    status: str = "ACTIVE"
    tags: Mapping[str, str] = field(default_factory=dict)
    pointer: str = ""
    source: tuple[Evidence, ...] = ()  # the call that described it


@dataclass(frozen=True, slots=True)
class Repository:
    """An ECR repository."""

    name: str
    arn: str
    scans_on_push: bool
    immutable_tags: bool
    policy: Fact[Document | None] = NOT_READ
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function; of its environment only the names are kept."""

    name: str
    arn: str
    runtime: str
    environment_names: tuple[str, ...] = ()
    role: str = ""
    policy: Fact[Document | None] = NOT_READ
    url_auth: Fact[str] = NOT_READ  # NONE, AWS_IAM, "" where there is no address
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class SecretEntry:
    """An entry of Secrets Manager, never its value."""

    name: str
    arn: str
    rotates: bool
    policy: Fact[Document | None] = NOT_READ
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer."""

    name: str
    arn: str
    kind: str  # application, network, gateway; classic: of the first generation
    internet_facing: bool
    groups: tuple[str, ...] = ()
    vpc: str = ""
    listeners: Fact[tuple[Listener, ...]] = NOT_READ
    access_logs: Fact[bool] = NOT_READ
    deletion_protection: Fact[bool] = NOT_READ
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A topic or a queue with its policy."""

    kind: str  # topic, queue
    arn: str
    policy: Fact[Document | None] = NOT_READ
    pointer: str = ""


Metric: TypeAlias = tuple[str, str]  # namespace, name


@dataclass(frozen=True, slots=True)
class MetricFilter:
    """A metric filter; the pattern is read by a matcher, never shown."""

    log_group: str
    pattern: str
    metrics: tuple[Metric, ...]
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm and the metric that it watches."""

    arn: str
    metric: Metric
    notifies: bool
    pointer: str = ""
