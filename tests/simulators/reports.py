"""Reports as a run makes them, for renderers: a change to production with something of everything.

`report()` is a typed report, `document()` what every renderer reads; `hostile(text)` puts a text wherever a report
takes text from outside.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness_cli.config.model import System
from harness_cli.core.exits import ExitCode
from harness_cli.core.ids import TraceId
from harness_cli.core.principal import Principal
from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Evidence
from harness_cli.review.facts import PullRef
from harness_cli.review.finding import Confidence, Control, Finding, IacPlace, Origin, Severity, Status, Subject
from harness_cli.review.report import ApprovalNote, AuditNote, CallCounts, Problem, Report
from harness_cli.review.report_document import Document, report_document
from harness_cli.review.verdict import judge_verdict
from tests.simulators.configs import config

TRACE = TraceId("01a20ce4-05c0-7b3c-8d4e-0123456789ab")
PULL = PullRef("acme/infra-core", 88)
HEAD = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
ACCOUNT = "111122223333"
AT = "2026-11-24T09:30:01.250Z"
NIST = Control("NIST-800-53r5", "", "SC-7")


def evidence(source: str, call: str, seq: int, pointer: str = "", value: str = "") -> Evidence:
    """One piece of evidence with a digest of its own."""
    aws = source == "aws"
    return Evidence(
        source, call, AT, seq, f"sha256:{seq:064x}", pointer, value, "eu-west-1" if aws else "", ACCOUNT if aws else ""
    )


def aws(type: str, service: str, name: str, region: str = "eu-west-1", iac: IacPlace | None = None) -> Subject:
    """A live resource."""
    where = "" if region == "aws-global" or service == "s3" else region
    account = "" if service == "s3" else ACCOUNT
    return Subject(type, f"arn:aws:{service}:{where}:{account}:{name}", ACCOUNT, region, "prod", iac)


def finding(check: str, title: str, severity: Severity, message: str, *resources: Subject, **more: Any) -> Finding:
    """A failure, unless `status` says otherwise."""
    made = Finding(
        check=check,
        title=title,
        status=Status.FAIL,
        severity=severity,
        base_severity=severity,
        message=message,
        resources=resources,
        ticket="SEC-12",
        pull_requests=(str(PULL),),
        remediation="Narrow it to what the service needs.",
        controls=(Control("CIS-AWS", "5.0", "5.3"), NIST),
    )
    return replace(made, **more)


ISSUE = Subject("jira_issue", "SEC-12", env="prod")
PULL_SUBJECT = Subject("github_pull_request", str(PULL))
OPEN_GROUP = aws("aws_security_group", "ec2", "security-group/sg-0a1b2c3d4e5f60718")
CODE = IacPlace("acme/infra-core", "envs/prod/network/security_groups.tf", 41, HEAD)


def findings() -> tuple[Finding, ...]:
    """One row of each kind."""
    listing = evidence("github", "github:ListPullRequestFiles", 12, "", "envs/prod/network/security_groups.tf:41")
    groups = evidence("aws", "ec2:DescribeSecurityGroups", 31, "/SecurityGroups/4/IpPermissions/0", "tcp/22 0.0.0.0/0")
    users = evidence("aws", "iam:GetAccountAuthorizationDetails", 27, "/UserDetailList/3", "breakglass-2019")
    code = Subject("aws_security_group", "acme/infra-core/envs/prod/network/security_groups.tf#web", iac=CODE)
    return (
        finding(
            "GH-21",
            "The change opens something to the world",
            Severity.CRITICAL,
            "aws_security_group.web opens tcp/22 to 0.0.0.0/0",
            code,
            origin=Origin.INTRODUCED,
            evidence=(listing,),
            extra="tcp/22",
        ),
        finding(
            "X-04",
            "The change touches something that is open now",
            Severity.HIGH,
            f"the change touches {OPEN_GROUP.uid}, open on tcp/22 to the whole world, and 14 instances use it",
            replace(OPEN_GROUP, iac=CODE),
            PULL_SUBJECT,
            base_severity=Severity.MEDIUM,
            origin=Origin.PRE_EXISTING,
            evidence=(groups, listing),
        ),
        finding(
            "EC2-01",
            "Security group opens an administrative port to the world",
            Severity.HIGH,
            "tcp/22 is open to 0.0.0.0/0",
            OPEN_GROUP,
            origin=Origin.PRE_EXISTING,
            evidence=(groups,),
        ),
        finding(
            "IAM-07",
            "User holds a policy that allows everything",
            Severity.CRITICAL,
            "the user may do everything in the account",
            aws("aws_iam_user", "iam", "user/breakglass-2019", "aws-global"),
            confidence=Confidence.MEDIUM,
            evidence=(users,),
            data_class="restricted",
        ),
        finding(
            "TKT-05",
            "Ticket has no rollback plan",
            Severity.MEDIUM,
            "the field for the rollback plan is empty",
            ISSUE,
            evidence=(evidence("jira", "jira:GetIssue", 6, "/fields/customfield_10041"),),
        ),
        finding(
            "S3-03",
            "Bucket is not encrypted with a key of the account",
            Severity.MEDIUM,
            "default encryption uses a key of the service",
            aws("aws_s3_bucket", "s3", "acme-prod-exports-2019"),
            origin=Origin.PRE_EXISTING,
            evidence=(evidence("aws", "s3:GetEncryptionConfiguration", 52),),
            waiver="moves with the archive (waived by li@acme.example until 2027-01-31)",
        ),
        finding(
            "GH-23",
            "The change weakens encryption",
            Severity.HIGH,
            "the change ends that aws_db_instance.main is not encrypted",
            Subject(
                "aws_db_instance", "acme/infra-core/envs/prod/db.tf#main", iac=replace(CODE, path="envs/prod/db.tf")
            ),
            status=Status.PASS,
            origin=Origin.FIXED,
            evidence=(listing,),
        ),
        finding(
            "KMS-02",
            "Key may be used by other accounts",
            Severity.HIGH,
            "the server refused it",
            aws("aws_account", "iam", "root", "eu-west-1"),
            status=Status.NOT_EVALUATED,
            reason=Reason.ACCESS_DENIED,
            detail="kms:GetKeyPolicy was refused by the server",
        ),
        finding(
            "GD-02",
            "Open finding of the threat detection",
            Severity.HIGH,
            "no tool may read it",
            status=Status.NOT_EVALUATED,
            reason=Reason.NOT_GRANTED,
            detail="guardduty:ListFindings is outside the grant",
        ),
        finding(
            "CW-01",
            "Alarm on sign-in without a second factor",
            Severity.LOW,
            "somebody has to say whether another system alarms",
            aws("aws_account", "iam", "root", "eu-west-1"),
            status=Status.MANUAL,
            detail="no alarm is set here; another system may do it",
        ),
        finding(
            "S3-02",
            "Bucket is public",
            Severity.CRITICAL,
            "nobody outside the account can read it",
            aws("aws_s3_bucket", "s3", "acme-prod-logs"),
            status=Status.PASS,
            evidence=(evidence("aws", "s3:GetBucketPolicyStatus", 47),),
        ),
        finding(
            "EKS-01",
            "Cluster is open to the world",
            Severity.HIGH,
            "there is no cluster",
            status=Status.NOT_APPLICABLE,
        ),
    )


def report(rows: tuple[Finding, ...] | None = None, **changes: Any) -> Report:
    """A sealed run of ana's on the production change."""
    rows = findings() if rows is None else rows
    verdict = judge_verdict(rows, config=config(), fail_on="high", declared=frozenset(System))
    made = Report(
        trace_id=TRACE,
        verdict=verdict,
        exit_code=ExitCode.FINDINGS,
        requester=Principal("https://sso.acme.example", "u-ana", "ana@acme.example", role="engineer", proven=True),
        environment="prod",
        ticket="SEC-12",
        pull_requests=(PULL,),
        accounts=(ACCOUNT,),
        regions=("eu-west-1",),
        findings=rows,
        calls=CallCounts(64, 71, {"jira_reader": 3, "github_reader": 14, "aws_metadata": 47}),
        approvals=(
            ApprovalNote("apr-7f3d2c1b", "run", "aws_metadata", "ab" * 32, "used", ("li@acme.example",)),
            ApprovalNote("apr-90aa11bc", "call", "slack_notifier", "cd" * 32, "pending"),
        ),
        audit=AuditNote("/srv/reviews/.harness/audit/01a20ce4.jsonl", "ef" * 32, "harness.example/log\n65\nbm90ZQ=="),
        duration_ms=4210,
        problems=(
            Problem("C104", "the server refused kms:GetKeyPolicy", "grant it to the reading role", "aws_metadata"),
        ),
    )
    return replace(made, **changes)


def document(rows: tuple[Finding, ...] | None = None, **changes: Any) -> Document:
    """The document of `report`."""
    return report_document(report(rows, **changes))


_FIXED_FORM = frozenset(  # closed sets and checked forms: no text from outside gets here
    {
        "schemaVersion", "id", "uid", "traceId", "status", "reason", "severity", "baseSeverity", "confidence", "origin",
        "version", "verdict", "level", "failOn", "deciding", "at", "digest", "head", "state", "grain", "dataClass",
    }
)  # fmt: skip


def hostile(text: str, whole: Document | None = None) -> Document:
    """A document in which every free text is `text`."""
    return _replaced(document() if whole is None else whole, lambda _: text)


def _replaced(node: Any, spoil: Callable[[str], str], name: str = "") -> Any:
    if isinstance(node, dict):
        if name in {"checks", "byTool"}:
            return {key if name == "checks" else spoil(key): value for key, value in node.items()}
        return {key: _replaced(value, spoil, key) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(value, spoil, name) for value in node]
    return spoil(node) if isinstance(node, str) and name not in _FIXED_FORM else node
