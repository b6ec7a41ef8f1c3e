"""RDS-01 to RDS-06: databases and their snapshots."""

from collections.abc import Iterator
from typing import TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import DbInstance, Place, RegionFacts, Snapshot
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import at, bad, each_item, first_unread, said, subject
from harness_cli.review.checks.aws.security_groups import blind_spot, lists_of
from harness_cli.review.evaluators.cidr import AddressError
from harness_cli.review.evaluators.exposure import group_openings, is_blind, is_routed, opens_port
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, not_applicable, not_evaluated, passed

Databases: TypeAlias = Known[tuple[DbInstance, ...]]
_NOTHING = "the region has no database instances"
_NO_SNAPSHOTS = "the region has no database snapshots that can be shared"
_KIND = "aws_db_instance"
_BACKUP_DAYS = 7
_AURORA = "aurora"


@check(
    "RDS-01",
    "Database is reachable from the Internet",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/2.2.3 FSBP//RDS.2 NIST-800-53r5//SC-7 SOC2//CC6.6",
    remediation="Set publicly_accessible to false, and close the security group to the Internet.",
    data_class="restricted",
)
def reachable(case: Case) -> Iterator[Outcome]:
    """RDS-01: flag, security group and public subnet agree."""

    def judge(place: Place, database: DbInstance, fact: Databases) -> Iterator[Outcome]:
        yield _reachable(place, database, fact, case.aws.region(place))

    return each_item(case, _NOTHING, lambda facts: facts.databases, judge)


@check(
    "RDS-02",
    "Database storage is not encrypted",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/2.2.1 FSBP//RDS.3 NIST-800-53r5//SC-28",
    remediation="Restore a snapshot into an encrypted instance; encryption cannot be turned on in place.",
)
def encrypted(case: Case) -> Iterator[Outcome]:
    """RDS-02: storage encryption."""

    def judge(place: Place, database: DbInstance, fact: Databases) -> Iterator[Outcome]:
        seen = at(fact, f"{database.pointer}/StorageEncrypted", str(database.encrypted).lower())
        what = subject(_KIND, database.arn, place)
        yield said(database.encrypted, "storage is encrypted", "storage is not encrypted", what, evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.databases, judge)


@check(
    "RDS-03",
    "Database keeps backups for less than a week",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//RDS.11 NIST-800-53r5//CP-9",
    remediation="Set backup_retention_period to 7 days or more.",
)
def backups(case: Case) -> Iterator[Outcome]:
    """RDS-03: at least seven days."""

    def judge(place: Place, database: DbInstance, fact: Databases) -> Iterator[Outcome]:
        days = database.backup_days
        seen = at(fact, f"{database.pointer}/BackupRetentionPeriod", str(days))
        good, wrong = f"backups are kept for {days} days", f"backups are kept for {days} days only"
        yield said(days >= _BACKUP_DAYS, good, wrong, subject(_KIND, database.arn, place), evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.databases, judge)


@check(
    "RDS-04",
    "Database can be deleted without a second step",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//RDS.8 NIST-800-53r5//CP-9",
    remediation="Turn on deletion protection.",
)
def deletion_protection(case: Case) -> Iterator[Outcome]:
    """RDS-04: deletion protection."""

    def judge(place: Place, database: DbInstance, fact: Databases) -> Iterator[Outcome]:
        seen = at(fact, f"{database.pointer}/DeletionProtection", str(database.deletion_protection).lower())
        what = subject(_KIND, database.arn, place)
        good, wrong = "deletion protection is on", "deletion protection is off"
        if database.cluster and not database.deletion_protection:  # a member's own setting has no effect
            detail = "deletion protection is a setting of its cluster, and clusters are not read"
            yield not_evaluated(Unread(Reason.NOT_GRANTED, detail, seen), what)
            return
        yield said(database.deletion_protection, good, wrong, what, evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.databases, judge)


@check(
    "RDS-05",
    "Database snapshot is public",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="FSBP//RDS.1 NIST-800-53r5//AC-3",
    remediation="Take `all` out of the snapshot's restore attribute.",
    data_class="restricted",
)
def public_snapshot(case: Case) -> Iterator[Outcome]:
    """RDS-05: a snapshot that everybody may restore."""

    def judge(place: Place, snapshot: Snapshot, _: Known[tuple[Snapshot, ...]]) -> Iterator[Outcome]:
        what = subject("aws_db_snapshot", snapshot.arn, place)
        if isinstance(snapshot.public, Unread):
            yield not_evaluated(snapshot.public, what)
        else:
            good, wrong = "only the account may restore it", "everybody may restore it"
            yield said(not snapshot.public.value, good, wrong, what, evidence=at(snapshot.public, snapshot.pointer))

    return each_item(case, _NO_SNAPSHOTS, lambda facts: facts.database_snapshots, judge)


@check(
    "RDS-06",
    "Production database in one zone, or without minor upgrades",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/2.2.2 CIS-AWS/5.0/2.2.4 FSBP//RDS.5 FSBP//RDS.13 NIST-800-53r5//CP-10",
    remediation="Turn on Multi-AZ and automatic minor version upgrades.",
    release=2,
)
def resilience(case: Case) -> Iterator[Outcome]:
    """RDS-06: only where the run is about prod."""

    def judge(place: Place, database: DbInstance, fact: Databases) -> Iterator[Outcome]:
        what, seen = subject(_KIND, database.arn, place), at(fact, database.pointer)
        lacks = [
            name
            for name, there in (
                ("a second zone", database.multi_az or database.engine.startswith(_AURORA)),
                ("automatic minor upgrades", database.minor_upgrades),
            )
            if not there
        ]
        if case.env != "prod":
            yield not_applicable("judged in prod only", what, evidence=seen)
        elif lacks:
            yield bad(f"lacks {' and '.join(lacks)}", what, evidence=seen)
        else:
            yield passed("two zones, minor upgrades are automatic", what, evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.databases, judge)


def _reachable(place: Place, database: DbInstance, fact: Databases, facts: RegionFacts) -> Outcome:
    what = subject(_KIND, database.arn, place)
    flag = at(fact, f"{database.pointer}/PubliclyAccessible", str(database.public).lower())
    if not database.public:
        return passed("the database has no public address", what, evidence=flag)
    unread = first_unread([facts.security_groups, facts.subnets, facts.route_tables])
    groups, subnets, tables = facts.security_groups, facts.subnets, facts.route_tables
    if not (isinstance(groups, Known) and isinstance(subnets, Known) and isinstance(tables, Known)):
        return not_evaluated(unread or Unread(Reason.EXCEPTION, "network facts are missing"), what)
    try:
        found = group_openings(database.groups, groups.value, lists_of(facts))
    except AddressError:
        return not_evaluated(Unread(Reason.EXCEPTION, "a security group holds no address range", flag), what)
    opening = opens_port(found, database.port)
    routed = is_routed(database.subnets, subnets.value, tables.value)
    if opening is None and is_blind(database.groups, groups.value, lists_of(facts)):
        return not_evaluated(blind_spot(facts, database.groups, flag), what)
    if opening is None:
        return passed("a public address, but no security group lets the Internet in", what, evidence=flag)
    if routed is None:
        return not_evaluated(Unread(Reason.ACCESS_DENIED, "the route of a subnet could not be read", flag), what)
    if not routed:
        return passed("a public address, but no route from the Internet", what, evidence=flag)
    seen = (*flag, *at(groups, opening.pointers[0], opening.label), *at(tables, ""))
    return bad("public address, open security group and public subnet: the Internet reaches it", what, evidence=seen)
