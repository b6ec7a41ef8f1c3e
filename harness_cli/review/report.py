"""The report: what a run found, as values; renderers turn it into text, JSON and the rest."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness_cli.core.exits import ExitCode
from harness_cli.core.ids import TraceId
from harness_cli.core.principal import Principal
from harness_cli.review.facts import PullRef
from harness_cli.review.finding import Finding
from harness_cli.review.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ApprovalNote:
    """One approval that the run asked for."""

    request_id: str
    grain: str
    tool: str
    digest: str
    state: str
    approvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallCounts:
    """`total` counts executed operations, `requests` HTTP requests."""

    total: int
    requests: int
    by_tool: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AuditNote:
    """Where the trail is; `head` is the hash of its last line, `checkpoint` the signed note after sealing."""

    path: str
    head: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, for the reader of the report."""

    code: str
    message: str
    help: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One run's result."""

    trace_id: TraceId
    verdict: Verdict
    exit_code: ExitCode
    requester: Principal
    environment: str
    ticket: str
    pull_requests: tuple[PullRef, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    findings: tuple[Finding, ...]
    calls: CallCounts
    approvals: tuple[ApprovalNote, ...]
    audit: AuditNote
    duration_ms: int
    problems: tuple[Problem, ...] = ()
    sandbox: bool = False
