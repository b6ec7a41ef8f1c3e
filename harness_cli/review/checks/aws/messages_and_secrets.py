"""SEC-01, MSG-01, DDB-01: secrets, topics, queues, tables and file systems."""

from collections.abc import Iterator

from harness_cli.config.model import System
from harness_cli.review.aws_facts import FileSystem, Mailbox, Place, SecretEntry, Table
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import (
    Fault,
    Part,
    at,
    each_item,
    each_kind,
    policy_faults,
    said,
    subject,
    summed,
)
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, not_evaluated

_MAILBOX_KINDS = {"topic": "aws_sns_topic", "queue": "aws_sqs_queue"}


@check(
    "SEC-01",
    "Secret's policy is public, or the secret is not rotated",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="FSBP//SecretsManager.1 NIST-800-53r5//AC-3 NIST-800-53r5//IA-5",
    remediation="Name the principals in the secret's policy; turn on rotation.",
    data_class="restricted",
)
def secret_policy(case: Case) -> Iterator[Outcome]:
    """SEC-01: high for the policy, medium for the rotation; values are never read."""

    def judge(place: Place, secret: SecretEntry, fact: Known[tuple[SecretEntry, ...]]) -> Iterator[Outcome]:
        faults = policy_faults(secret.policy, Severity.HIGH, "/ResourcePolicy")
        if not secret.rotates:
            seen = at(fact, f"{secret.pointer}/RotationEnabled", "false")
            faults.append(Fault("the secret is not rotated", Severity.MEDIUM, seen))
        what = subject("aws_secretsmanager_secret", secret.arn, place)
        good = "rotated, and its policy names its principals"
        yield summed(faults, [secret.policy], good, what, seen=at(fact, secret.pointer))

    return each_item(case, "the region has no secrets", lambda facts: facts.secrets, judge)


@check(
    "MSG-01",
    "Topic or queue is public",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="NIST-800-53r5//AC-3 SOC2//CC6.1",
    remediation="Name the principals, or pin aws:SourceArn or aws:SourceAccount in a condition.",
    data_class="restricted",
)
def mailboxes(case: Case) -> Iterator[Outcome]:
    """MSG-01: topics, then queues."""

    def judge(place: Place, mailbox: Mailbox, _: Known[tuple[Mailbox, ...]]) -> Iterator[Outcome]:
        faults = policy_faults(mailbox.policy, Severity.HIGH, mailbox.pointer)
        what, seen = subject(_MAILBOX_KINDS[mailbox.kind], mailbox.arn, place), at(mailbox.policy, mailbox.pointer)
        yield summed(faults, [mailbox.policy], "no policy lets everybody in", what, seen=seen)

    parts: dict[str, Part] = {
        "topic": (lambda facts: facts.topics, judge),
        "queue": (lambda facts: facts.queues, judge),
    }
    return each_kind(case, "the region has no topics and no queues", parts)


@check(
    "DDB-01",
    "Table cannot be restored to a point in time, or file system is not encrypted",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//DynamoDB.2 CIS-AWS/5.0/2.3.1 NIST-800-53r5//CP-9 NIST-800-53r5//SC-28",
    remediation="Turn on point-in-time recovery; copy the file system into an encrypted one.",
    release=2,
)
def tables(case: Case) -> Iterator[Outcome]:
    """DDB-01: tables, then file systems."""

    def table(place: Place, one: Table, _: Known[tuple[Table, ...]]) -> Iterator[Outcome]:
        what, recovery = subject("aws_dynamodb_table", one.arn, place), one.point_in_time_recovery
        if isinstance(recovery, Unread):
            yield not_evaluated(recovery, what)
        else:
            seen = at(recovery, "/ContinuousBackupsDescription", str(recovery.value).lower())
            good, wrong = "point-in-time recovery is on", "point-in-time recovery is off"
            yield said(recovery.value, good, wrong, what, evidence=seen)

    def file_system(place: Place, one: FileSystem, fact: Known[tuple[FileSystem, ...]]) -> Iterator[Outcome]:
        what, seen = subject("aws_efs_file_system", one.arn, place), at(fact, one.pointer)
        yield said(one.encrypted, "encrypted", "the file system is not encrypted", what, evidence=seen)

    parts: dict[str, Part] = {
        "table": (lambda facts: facts.tables, table),
        "file system": (lambda facts: facts.file_systems, file_system),
    }
    return each_kind(case, "the region has no tables and no file systems", parts)
