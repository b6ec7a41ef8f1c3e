"""A finding: one check's word about one resource (review.md §4)."""

from dataclasses import dataclass, field
from enum import StrEnum

from harness_cli.core.canonical import sha256_hex
from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Evidence


class Status(StrEnum):
    """What a check can say. Silence is a defect."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NOT_EVALUATED = "NOT_EVALUATED"
    MANUAL = "MANUAL"


class Severity(StrEnum):
    """How much a failure matters, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Origin(StrEnum):
    """Whether this change brings the finding."""

    INTRODUCED = "introduced"
    PRE_EXISTING = "pre_existing"
    FIXED = "fixed"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure the check is: 1, 0.7, 0.4 in the score."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class IacPlace:
    """Where in a repository a resource is declared."""

    repo: str
    path: str
    line: int
    sha: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource that a finding is about; `uid` is an ARN, a repository reference or an issue key."""

    type: str  # aws_security_group, github_pull_request, jira_issue …
    uid: str
    account: str = ""
    region: str = ""
    env: str = ""
    iac: IacPlace | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """A control reference: framework, version, id."""

    framework: str
    version: str
    id: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the report. Made through `review.registry`, which fills what the check's declaration knows."""

    check: str
    title: str
    status: Status
    severity: Severity
    base_severity: Severity
    message: str  # one sentence about this resource, lower case, no free text from outside
    resources: tuple[Subject, ...]
    reason: Reason | None = None  # only with NOT_EVALUATED
    detail: str = ""  # why it was not evaluated, or what to look at by hand
    confidence: Confidence = Confidence.HIGH
    origin: Origin = Origin.UNKNOWN
    evidence: tuple[Evidence, ...] = ()
    controls: tuple[Control, ...] = ()
    remediation: str = ""
    data_class: str = "internal"
    ticket: str = ""
    pull_requests: tuple[str, ...] = ()
    waiver: str = ""  # reason of a valid waiver; a waived finding is shown and does not count
    extra: str = field(default="")  # distinguishes two findings of one check on one resource (a port, a statement)

    @property
    def uid(self) -> str:
        """The same fact has the same id in every run: check, account, region, resource, ticket."""
        first = self.resources[0] if self.resources else Subject("", "")
        parts = (self.check, first.account, first.region, first.uid, self.ticket, self.extra)
        return sha256_hex("|".join(parts).encode())[:16]
