"""Each check: what fails, what passes, what is unread. One table a check."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness_cli.review.aws_facts import (
    AccessKey,
    AccountFacts,
    AccountSummary,
    AclEntry,
    Alarm,
    Analyzer,
    Authorization,
    Balancer,
    Bucket,
    Cluster,
    DbInstance,
    Detector,
    FileSystem,
    FlowLog,
    Function,
    Holder,
    Image,
    IngressRule,
    Instance,
    Key,
    Listener,
    Mailbox,
    MetricFilter,
    NamedPolicy,
    NetworkAcl,
    PasswordPolicy,
    PublicAccessBlock,
    RecordedKinds,
    Recorder,
    RegionFacts,
    Repository,
    Route,
    RouteTable,
    SecretEntry,
    SecurityGroup,
    Snapshot,
    Subnet,
    Table,
    Trail,
    UserCredentials,
    Volume,
    Vpc,
)
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.detection import TOPICS
from harness_cli.review.finding import Severity, Status
from harness_cli.review.registry import all_checks
from tests.unit.review.aws.support import DENIED, NOW, arn, case_of, findings, items, known, only, policy

FAIL, PASS, NA, UNREAD = Status.FAIL, Status.PASS, Status.NOT_APPLICABLE, Status.NOT_EVALUATED
HIGH, MEDIUM = Severity.HIGH, Severity.MEDIUM

OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})
CLOSED = policy({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"})
TLS = policy(
    {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
)
ANYWHERE = IngressRule("tcp", 8080, 8080, ("0.0.0.0/0",), pointer="/SecurityGroups/0/IpPermissions/0")


def account(env: str = "dev", **facts: Any) -> Case:
    return case_of(account=AccountFacts(**facts), env=env)


def region(env: str = "dev", **facts: Any) -> Case:
    return case_of(RegionFacts(**facts), env=env)


def user(**more: Any) -> Case:
    parts: dict[str, Any] = {"has_password": False, **more}
    return account(credentials=items(UserCredentials("u", "arn:aws:iam::111122223333:user/u", **parts)))


def key(days: int, used: int | None = 1, *, active: bool = True) -> AccessKey:
    return AccessKey(active, NOW - timedelta(days=days), None if used is None else NOW - timedelta(days=used))


def role(trust: dict[str, Any] | None, name: str = "r") -> Case:
    statement = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"], **(trust or {})}
    holder = Holder(
        "role",
        name,
        f"arn:aws:iam::111122223333:role/{name}",
        trust=policy(statement) if trust else None,
        trust_malformed=not trust,
        pointer="/RoleDetailList/0",
    )
    return account(authorization=known(Authorization((holder,))))


def holder(*policies: NamedPolicy) -> Case:
    one = Holder("user", "u", "arn:aws:iam::111122223333:user/u", policies=policies, pointer="/UserDetailList/0")
    return account(authorization=known(Authorization((one,))))


def named(action: str) -> NamedPolicy:
    return NamedPolicy("p", "", policy({"Effect": "Allow", "Action": action, "Resource": "*"}), "/p")


def aws_managed(name: str) -> NamedPolicy:
    return NamedPolicy(name, f"arn:aws:iam::aws:policy/{name}", None)


def member(own: NamedPolicy, of_group: NamedPolicy) -> Case:
    """A user with a policy, in a group with another one."""
    user = Holder("user", "u", "arn:aws:iam::111122223333:user/u", policies=(own,), groups=("g",), pointer="/u")
    group = Holder("group", "g", "arn:aws:iam::111122223333:group/g", policies=(of_group,), pointer="/g")
    return account(authorization=known(Authorization((user, group))))


GITHUB = "token.actions.githubusercontent.com"


def oidc(sub: str) -> dict[str, Any]:
    return {
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"},
        "Condition": {"StringLike": {f"{GITHUB}:sub": sub}, "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}},
    }


def acl(*entries: AclEntry) -> Case:
    return region(acls=items(NetworkAcl("acl-1", arn("ec2", "network-acl/acl-1"), "vpc-1", True, (), entries)))


def instance(rules: tuple[IngressRule, ...] = (), gateway: str = "igw-1", **more: Any) -> Case:
    one = Instance("i-1", arn("ec2", "instance/i-1"), "running", ("sg-1",), "subnet-1", "vpc-1", pointer="/i", **more)
    return region(
        instances=items(one),
        security_groups=items(SecurityGroup("sg-1", "", "app", "vpc-1", rules)),
        subnets=items(Subnet("subnet-1", "", "vpc-1")),
        route_tables=items(RouteTable("rtb-1", "vpc-1", True, (), (Route("0.0.0.0/0", gateway),))),
    )


PRIVATE = known(False)


def snapshot(public: Any = PRIVATE, *, encrypted: bool = True) -> Snapshot:
    return Snapshot("snap-1", arn("ec2", "snapshot/snap-1"), encrypted, public)


def bucket(**parts: Any) -> Bucket:
    base = {"policy": known(None), "acl": items(), "public_access": known(PublicAccessBlock()), "ownership": known("")}
    return Bucket("b", "arn:aws:s3:::b", "us-east-1", **{**base, **parts})


def buckets(env: str = "dev", **parts: Any) -> Case:
    return region(env, buckets=items(bucket(**parts)))


def database(env: str = "dev", **more: Any) -> Case:
    return region(env, databases=items(DbInstance("db", arn("rds", "db:db"), "postgres", False, **more)))


def kms(**more: Any) -> Case:
    parts = {"state": "Enabled", "spec": "SYMMETRIC_DEFAULT", "origin": "AWS_KMS", **more}
    return region(keys=items(Key("k", arn("kms", "key/k"), **parts)))


def trail(**more: Any) -> Trail:
    return Trail("t", arn("cloudtrail", "trail/t"), "us-east-1", True, "b", **{"validates": True, **more})


def cluster(**more: Any) -> Case:
    parts: dict[str, Any] = {
        "version": "1.33",
        "public_endpoint": True,
        "public_cidrs": ("198.51.100.0/24",),
        "logs": frozenset({"api", "audit", "authenticator", "controllerManager", "scheduler"}),
        "encrypts_secrets": True,
        **more,
    }
    return region(clusters=items(Cluster("c", arn("eks", "cluster/c"), **parts)))


def repository(**more: Any) -> Case:
    parts = {"scans_on_push": True, "immutable_tags": True, **more}
    return region(repositories=items(Repository("r", arn("ecr", "repository/r"), **parts)))


def function(**more: Any) -> Case:
    parts = {"runtime": "python3.13", "policy": known(None), "url_auth": known(""), **more}
    return region(functions=items(Function("f", arn("lambda", "function:f"), **parts)))


def secret(policy_fact: Any, *, rotates: bool = True) -> Case:
    return region(secrets=items(SecretEntry("s", arn("secretsmanager", "secret:s"), rotates, policy_fact)))


def balancer(env: str = "dev", rules: tuple[IngressRule, ...] = (), kind: str = "application", **more: Any) -> Case:
    parts: dict[str, Any] = {
        "internet_facing": True,
        "groups": ("sg-1",),
        "listeners": items(),
        "access_logs": known(True),
        "deletion_protection": known(False),
        **more,
    }
    one = Balancer("lb", arn("elasticloadbalancing", "loadbalancer/app/lb/1"), kind, pointer="/b", **parts)
    group = SecurityGroup("sg-1", "", "lb", "vpc-1", rules)
    classic = items() if kind != "classic" else items(one)
    newer = items() if kind == "classic" else items(one)
    return region(env, balancers=newer, classic_balancers=classic, security_groups=items(group))


def listener(protocol: str, tls: str = "", *, redirects: bool = False) -> Any:
    return items(Listener("l", 80, protocol, tls, redirects, "/Listeners/0"))


def mailbox(fact: Any) -> Case:
    return region(topics=items(Mailbox("topic", arn("sns", "t"), fact, "/Attributes/Policy")), queues=items())


def filters(*topics: str, notifies: bool = True, watched: str = "CIS", sign: str = "=") -> Case:
    found = [MetricFilter("g", f'{{ ($.x {sign} "*{TOPICS[topic][0]}") }}', (("CIS", topic),)) for topic in topics]
    alarms = [Alarm(arn("cloudwatch", "alarm:a"), (watched, topic), notifies) for topic in topics]
    return region(metric_filters=items(*found), alarms=items(*alarms))


BY_S3 = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction"}
OWNER, BUCKET_ARN = {"AWS:SourceAccount": "111122223333"}, {"AWS:SourceArn": "arn:aws:s3:::uploads"}
EVERY_TOPIC = tuple(TOPICS)
ALLOW_ALL = AclEntry(100, True, "-1", "0.0.0.0/0")
STRANGER = {"Principal": {"AWS": "arn:aws:iam::999988887777:root"}}

PUBLIC_LOGS = case_of(
    RegionFacts(trails=items(trail()), buckets=items(bucket(policy=known(OPEN)))),
    AccountFacts(public_access=known(PublicAccessBlock())),
)

CASES: list[tuple[str, Case, Status, Severity | None]] = [
    ("IAM-01", account(summary=known(AccountSummary(1, True))), FAIL, None),
    ("IAM-01", account(summary=known(AccountSummary(0, True))), PASS, None),
    ("IAM-01", account(summary=DENIED), UNREAD, None),
    ("IAM-02", account(summary=known(AccountSummary(0, False))), FAIL, None),
    ("IAM-02", account(summary=known(AccountSummary(0, True))), PASS, None),
    ("IAM-02", account(summary=DENIED), UNREAD, None),
    ("IAM-03", user(has_password=True), FAIL, None),
    ("IAM-03", user(has_password=True, mfa=True), PASS, None),
    ("IAM-03", user(), NA, None),
    ("IAM-03", account(credentials=items()), NA, None),
    ("IAM-03", account(credentials=DENIED), UNREAD, None),
    ("IAM-04", user(keys=(key(91),)), FAIL, None),
    ("IAM-04", user(keys=(key(90),)), PASS, None),
    ("IAM-04", user(keys=(key(400, active=False),)), NA, None),
    ("IAM-04", user(keys=(AccessKey(True, None),)), UNREAD, None),
    ("IAM-04", account(credentials=DENIED), UNREAD, None),
    ("IAM-05", user(keys=(key(100, 46),)), FAIL, None),
    ("IAM-05", user(keys=(key(100, None),)), FAIL, None),
    ("IAM-05", user(has_password=True, password_last_used=NOW - timedelta(days=60)), FAIL, None),
    ("IAM-05", user(keys=(key(100, 45),)), PASS, None),
    ("IAM-05", user(has_password=True, password_last_used=NOW), PASS, None),
    ("IAM-05", user(), NA, None),
    (
        "IAM-05",
        user(has_password=True, password_changed=NOW - timedelta(days=60), password_use_known=False),
        UNREAD,
        None,
    ),
    ("IAM-05", user(has_password=True, password_changed=NOW, password_use_known=False), PASS, None),
    ("IAM-05", account(credentials=DENIED), UNREAD, None),
    ("IAM-06", user(keys=(key(1), key(2))), FAIL, None),
    ("IAM-06", user(keys=(key(1), key(2, active=False))), PASS, None),
    ("IAM-06", account(credentials=DENIED), UNREAD, None),
    ("IAM-07", account(authorization=DENIED), UNREAD, None),
    ("IAM-08", holder(named("iam:CreatePolicyVersion")), FAIL, None),
    ("IAM-08", holder(NamedPolicy("IAMFullAccess", "arn:aws:iam::aws:policy/IAMFullAccess", None)), FAIL, None),
    ("IAM-08", holder(aws_managed("ReadOnlyAccess")), PASS, None),
    ("IAM-08", holder(aws_managed("AWSLambda_FullAccess")), FAIL, None),
    ("IAM-08", holder(aws_managed("AmazonEC2FullAccess")), PASS, None),
    ("IAM-08", holder(aws_managed("AmazonEC2FullAccess"), named("iam:PassRole")), FAIL, None),
    ("IAM-08", holder(aws_managed("AmazonBrandNewFullAccess")), UNREAD, None),
    ("IAM-07", holder(aws_managed("ReadOnlyAccess")), PASS, None),
    ("IAM-07", holder(aws_managed("AmazonBrandNewFullAccess")), UNREAD, None),
    ("IAM-08", holder(named("s3:*")), PASS, None),
    ("IAM-08", holder(named("*")), NA, None),
    ("IAM-08", holder(NamedPolicy("p", "", None, malformed=True)), UNREAD, None),
    ("IAM-08", account(authorization=DENIED), UNREAD, None),
    ("IAM-09", role({"Principal": "*"}), FAIL, None),
    ("IAM-09", role(STRANGER), FAIL, None),
    ("IAM-09", role({**STRANGER, "Condition": {"StringEquals": {"sts:ExternalId": "x1"}}}), PASS, None),
    ("IAM-09", role({"Principal": {"Service": "ec2.amazonaws.com"}}), PASS, None),
    ("IAM-09", role(None), UNREAD, None),
    ("IAM-09", account(authorization=known(Authorization(()))), NA, None),
    ("IAM-09", account(authorization=DENIED), UNREAD, None),
    ("IAM-10", role(oidc("repo:acme/*")), FAIL, None),
    ("IAM-10", role(oidc("repo:acme/infra:*")), PASS, None),
    ("IAM-10", role({"Principal": {"Service": "ec2.amazonaws.com"}}), NA, None),
    ("IAM-10", role(None), UNREAD, None),
    ("IAM-11", holder(named("s3:*")), FAIL, None),
    ("IAM-11", holder(), PASS, None),
    ("IAM-11", account(authorization=DENIED), UNREAD, None),
    ("IAM-12", account(password_policy=known(PasswordPolicy(True, 13))), FAIL, None),
    ("IAM-12", account(password_policy=known(PasswordPolicy(False))), FAIL, None),
    ("IAM-12", account(password_policy=known(PasswordPolicy(True, 14))), PASS, None),
    ("IAM-12", account(password_policy=DENIED), UNREAD, None),
    ("IAM-13", region(analyzers=items()), FAIL, None),
    ("IAM-13", region(analyzers=items(Analyzer("a", "ACCOUNT", False, known(0)))), FAIL, None),
    ("IAM-13", region(analyzers=items(Analyzer("a", "ACCOUNT", True, known(2)))), FAIL, None),
    ("IAM-13", region(analyzers=items(Analyzer("a", "ACCOUNT", True, known(0)))), PASS, None),
    ("IAM-13", region(analyzers=items(Analyzer("a", "ACCOUNT", True, DENIED))), UNREAD, None),
    ("IAM-13", region(analyzers=DENIED), UNREAD, None),
    ("EC2-01", region(security_groups=DENIED), UNREAD, None),
    ("EC2-01", region(security_groups=items()), NA, None),
    (
        "EC2-02",
        region(
            security_groups=items(
                SecurityGroup("sg", "", "a", "v", (IngressRule("udp", 0, 65535, ("::/0",), pointer="/x"),))
            ),
            **dict.fromkeys(("interfaces", "instances", "databases", "balancers", "classic_balancers"), items()),
        ),
        FAIL,
        HIGH,
    ),
    ("EC2-02", region(security_groups=items(SecurityGroup("sg", "", "a", "v", (ANYWHERE,)))), PASS, None),
    ("EC2-02", region(security_groups=DENIED), UNREAD, None),
    ("EC2-03", region(security_groups=items(SecurityGroup("sg", "", "default", "v", (), 1))), FAIL, None),
    ("EC2-03", region(security_groups=items(SecurityGroup("sg", "", "default", "v"))), PASS, None),
    ("EC2-03", region(security_groups=items(SecurityGroup("sg", "", "other", "v", (ANYWHERE,)))), NA, None),
    ("EC2-03", region(security_groups=DENIED), UNREAD, None),
    ("EC2-04", acl(ALLOW_ALL), FAIL, None),
    ("EC2-04", acl(ALLOW_ALL, AclEntry(1, False, "6", "0.0.0.0/0", 22, 3389)), PASS, None),
    ("EC2-04", acl(AclEntry(1, True, "6", "everywhere", 22, 22)), UNREAD, None),
    ("EC2-04", region(acls=DENIED), UNREAD, None),
    ("EC2-05", instance(http_tokens="optional"), FAIL, None),
    ("EC2-05", instance(http_tokens="required"), PASS, None),
    ("EC2-05", instance(http_tokens="optional", http_endpoint="disabled"), PASS, None),
    ("EC2-05", instance(), UNREAD, None),
    ("EC2-05", region(instances=DENIED), UNREAD, None),
    ("EC2-06", instance((ANYWHERE,), public_ip="198.51.100.7"), FAIL, HIGH),
    ("EC2-06", instance((), public_ip="198.51.100.7"), FAIL, MEDIUM),
    ("EC2-06", instance((ANYWHERE,), "nat-1", public_ip="198.51.100.7"), FAIL, MEDIUM),
    ("EC2-06", instance((ANYWHERE,)), PASS, None),
    ("EC2-06", region(instances=DENIED), UNREAD, None),
    ("EC2-07", region(encrypts_volumes=known(False)), FAIL, None),
    ("EC2-07", region(encrypts_volumes=known(True)), PASS, None),
    ("EC2-07", region(encrypts_volumes=DENIED), UNREAD, None),
    ("EC2-08", region(volumes=items(Volume("v", "arn:v", False)), snapshots=items()), FAIL, None),
    ("EC2-08", region(volumes=items(), snapshots=items(snapshot(encrypted=False))), FAIL, None),
    ("EC2-08", region(volumes=items(Volume("v", "arn:v", True)), snapshots=items()), PASS, None),
    ("EC2-08", region(volumes=items(), snapshots=items()), NA, None),
    ("EC2-08", region(volumes=DENIED, snapshots=items()), UNREAD, None),
    ("EC2-09", region(snapshots=items(snapshot(known(True))), images=items()), FAIL, None),
    ("EC2-09", region(snapshots=items(), images=items(Image("ami", "arn:ami", True))), FAIL, None),
    ("EC2-09", region(snapshots=items(snapshot()), images=items()), PASS, None),
    ("EC2-09", region(snapshots=items(snapshot(DENIED)), images=items()), UNREAD, None),
    ("VPC-01", region(vpcs=items(Vpc("vpc-1", "arn:v")), flow_logs=items()), FAIL, None),
    ("VPC-01", region(vpcs=items(Vpc("vpc-1", "arn:v")), flow_logs=items(FlowLog("f", "vpc-1", False))), FAIL, None),
    ("VPC-01", region(vpcs=items(Vpc("vpc-1", "arn:v")), flow_logs=items(FlowLog("f", "vpc-1"))), PASS, None),
    ("VPC-01", region(vpcs=items(Vpc("vpc-1", "arn:v")), flow_logs=DENIED), UNREAD, None),
    ("VPC-02", region(subnets=items(Subnet("s", "arn:s", "v", True))), FAIL, None),
    ("VPC-02", region(subnets=items(Subnet("s", "arn:s", "v"))), PASS, None),
    ("VPC-02", region(subnets=DENIED), UNREAD, None),
    ("S3-01", account(public_access=known(PublicAccessBlock(True, True, True, False))), FAIL, None),
    ("S3-01", account(public_access=known(PublicAccessBlock(True, True, True, True))), PASS, None),
    ("S3-01", account(public_access=DENIED), UNREAD, None),
    ("S3-03", buckets(), FAIL, None),
    ("S3-03", buckets(policy=known(CLOSED)), FAIL, None),
    ("S3-03", buckets(policy=known(TLS)), PASS, None),
    ("S3-03", buckets(policy=DENIED), UNREAD, None),
    ("S3-04", buckets(tags=known({"stateful": "true"}), versioning=known("")), FAIL, None),
    ("S3-04", buckets(tags=known({"Stateful": "True"}), versioning=known("Enabled")), PASS, None),
    ("S3-04", buckets(tags=known({})), NA, None),
    ("S3-04", buckets(tags=known({"stateful": "true"}), versioning=DENIED), UNREAD, None),
    ("S3-04", buckets(tags=DENIED), UNREAD, None),
    ("S3-05", buckets(logs_to=known("")), FAIL, None),
    ("S3-05", buckets(logs_to=known("logs")), PASS, None),
    ("S3-05", buckets(logs_to=known("b")), NA, None),
    ("S3-05", buckets(logs_to=DENIED), UNREAD, None),
    ("S3-06", buckets(encryption=known("AES256")), FAIL, None),
    ("S3-06", buckets(encryption=known("aws:kms:dsse")), PASS, None),
    ("S3-06", buckets(encryption=DENIED), UNREAD, None),
    ("RDS-02", database(encrypted=False), FAIL, None),
    ("RDS-02", database(encrypted=True), PASS, None),
    ("RDS-02", region(databases=DENIED), UNREAD, None),
    ("RDS-03", database(backup_days=6), FAIL, None),
    ("RDS-03", database(backup_days=7), PASS, None),
    ("RDS-03", region(databases=items()), NA, None),
    ("RDS-03", region(databases=DENIED), UNREAD, None),
    ("RDS-04", database(deletion_protection=False), FAIL, None),
    ("RDS-04", database(deletion_protection=True), PASS, None),
    ("RDS-04", region(databases=DENIED), UNREAD, None),
    ("RDS-05", region(database_snapshots=items(snapshot(known(True)))), FAIL, None),
    ("RDS-05", region(database_snapshots=items(snapshot())), PASS, None),
    ("RDS-05", region(database_snapshots=items(snapshot(DENIED))), UNREAD, None),
    ("RDS-06", database("prod", multi_az=False, minor_upgrades=True), FAIL, None),
    ("RDS-06", database("prod", multi_az=True, minor_upgrades=True), PASS, None),
    ("RDS-06", database("dev"), NA, None),
    ("RDS-06", region(databases=DENIED), UNREAD, None),
    ("KMS-01", kms(rotation=known(False)), FAIL, None),
    ("KMS-01", kms(rotation=known(True)), PASS, None),
    ("KMS-01", kms(spec="RSA_2048"), NA, None),
    ("KMS-01", kms(state="Disabled"), NA, None),
    ("KMS-01", kms(rotation=DENIED), UNREAD, None),
    ("KMS-02", kms(policy=known(OPEN)), FAIL, None),
    ("KMS-02", kms(policy=known(CLOSED)), PASS, None),
    ("KMS-02", kms(policy=DENIED), UNREAD, None),
    ("KMS-03", kms(state="PendingDeletion"), FAIL, None),
    ("KMS-03", kms(), PASS, None),
    ("KMS-03", region(keys=DENIED), UNREAD, None),
    ("CT-01", region(trails=DENIED), UNREAD, None),
    ("CT-02", region(trails=items(trail(validates=False))), FAIL, None),
    ("CT-02", region(trails=items(trail())), PASS, None),
    ("CT-02", region(trails=items()), NA, None),
    ("CT-02", region(trails=DENIED), UNREAD, None),
    ("CT-03", region(trails=items(trail()), buckets=items(bucket(policy=known(OPEN)))), UNREAD, None),
    ("CT-03", PUBLIC_LOGS, FAIL, None),
    ("CT-03", region(trails=items(trail()), buckets=items(bucket())), PASS, None),
    ("CT-03", region(trails=items(trail()), buckets=items()), UNREAD, None),
    ("CT-03", region(trails=items(trail()), buckets=DENIED), UNREAD, None),
    ("CT-04", region(trails=items(trail())), FAIL, None),
    ("CT-04", region(trails=items(trail(kms_key="k", log_group="g"))), PASS, None),
    ("CT-04", region(trails=DENIED), UNREAD, None),
    ("GD-01", region(detectors=items()), FAIL, None),
    ("GD-01", region(detectors=items(Detector("d", known(False)))), FAIL, None),
    ("GD-01", region(detectors=items(Detector("d", known(True)))), PASS, None),
    ("GD-01", region(detectors=items(Detector("d", DENIED))), UNREAD, None),
    ("GD-02", region(detectors=items(Detector("d", known(True), known(3)))), FAIL, None),
    ("GD-02", region(detectors=items(Detector("d", known(True), known(0)))), PASS, None),
    ("GD-02", region(detectors=items(Detector("d", known(True), DENIED))), UNREAD, None),
    ("CFG-01", region(recorders=items()), FAIL, None),
    ("CFG-01", region(recorders=items(Recorder("r", False))), FAIL, None),
    ("CFG-01", region(recorders=items(Recorder("r", True, kinds=known(RecordedKinds())))), PASS, None),
    ("CFG-01", region(recorders=items(Recorder("r", True, True, known(RecordedKinds())))), FAIL, None),
    ("CFG-01", region(recorders=items(Recorder("r", True, kinds=DENIED))), UNREAD, None),
    ("CFG-01", region(recorders=items(Recorder("r", False, kinds=DENIED))), FAIL, None),
    ("CFG-01", region(recorders=DENIED), UNREAD, None),
    ("CW-01", filters(*EVERY_TOPIC[1:]), FAIL, None),
    ("CW-01", filters(*EVERY_TOPIC, notifies=False), FAIL, None),
    ("CW-01", filters(*EVERY_TOPIC), PASS, None),
    ("CW-01", filters(*EVERY_TOPIC, watched="Other"), FAIL, None),
    ("CW-01", filters(*EVERY_TOPIC, sign="!="), FAIL, None),
    ("CW-01", region(metric_filters=DENIED, alarms=items()), UNREAD, None),
    ("EKS-01", cluster(public_cidrs=("0.0.0.0/1", "128.0.0.0/1")), FAIL, None),
    ("EKS-01", cluster(public_endpoint=False, public_cidrs=("0.0.0.0/0",)), PASS, None),
    ("EKS-01", cluster(), PASS, None),
    ("EKS-01", cluster(public_cidrs=("x",)), UNREAD, None),
    ("EKS-01", region(clusters=DENIED), UNREAD, None),
    ("EKS-02", cluster(logs=frozenset({"api"})), FAIL, None),
    ("EKS-02", cluster(), PASS, None),
    ("EKS-02", region(clusters=DENIED), UNREAD, None),
    ("EKS-03", cluster(encrypts_secrets=False), FAIL, MEDIUM),
    ("EKS-03", cluster(version="1.28"), FAIL, HIGH),
    ("EKS-03", cluster(version="1.9", encrypts_secrets=False), FAIL, HIGH),
    ("EKS-03", cluster(), PASS, None),
    ("EKS-03", cluster(version="1.40"), PASS, None),  # newer than the table, and the table is young enough
    ("EKS-03", replace(cluster(version="1.40"), now=datetime(2030, 1, 1, tzinfo=UTC)), UNREAD, None),
    ("EKS-03", cluster(version=""), UNREAD, None),
    ("EKS-03", region(clusters=DENIED), UNREAD, None),
    ("ECR-01", repository(policy=known(OPEN)), FAIL, None),
    ("ECR-01", repository(policy=known(None)), PASS, None),
    ("ECR-01", repository(policy=DENIED), UNREAD, None),
    ("ECR-02", repository(scans_on_push=False), FAIL, None),
    ("ECR-02", repository(immutable_tags=False), FAIL, None),
    ("ECR-02", repository(), PASS, None),
    ("ECR-02", region(repositories=DENIED), UNREAD, None),
    ("LAM-01", function(policy=known(OPEN)), FAIL, None),
    ("LAM-01", function(url_auth=known("NONE"), policy=DENIED), FAIL, None),
    ("LAM-01", function(url_auth=known("AWS_IAM")), PASS, None),
    ("LAM-01", function(policy=DENIED), UNREAD, None),
    ("LAM-01", function(policy=known(policy(BY_S3))), FAIL, HIGH),
    ("LAM-01", function(policy=known(policy({**BY_S3, "Effect": "Deny"}))), PASS, None),
    ("LAM-01", function(policy=known(policy({**BY_S3, "Condition": {"StringEquals": OWNER}}))), PASS, None),
    ("LAM-01", function(policy=known(policy({**BY_S3, "Condition": {"ArnLike": BUCKET_ARN}}))), PASS, None),
    ("LAM-02", function(runtime="nodejs18.x"), FAIL, None),
    ("LAM-02", function(), PASS, None),
    ("LAM-02", function(runtime=""), NA, None),
    ("LAM-02", function(runtime="python9.9"), UNREAD, None),
    ("LAM-03", function(environment_names=("DB_PASSWORD",)), FAIL, None),
    ("LAM-03", function(environment_names=("DB_PASSWORD_SECRET_ARN", "LOG_LEVEL")), PASS, None),
    ("LAM-03", region(functions=DENIED), UNREAD, None),
    ("SEC-01", secret(known(OPEN)), FAIL, HIGH),
    ("SEC-01", secret(known(None), rotates=False), FAIL, MEDIUM),
    ("SEC-01", secret(known(OPEN), rotates=False), FAIL, HIGH),
    ("SEC-01", secret(known(None)), PASS, None),
    ("SEC-01", secret(DENIED), UNREAD, None),
    ("MSG-01", mailbox(known(OPEN)), FAIL, None),
    ("MSG-01", mailbox(known(CLOSED)), PASS, None),
    ("MSG-01", mailbox(DENIED), UNREAD, None),
    ("MSG-01", region(topics=items(), queues=DENIED), UNREAD, None),
    ("DDB-01", region(tables=items(Table("t", "arn:t", False, known(False))), file_systems=items()), FAIL, None),
    ("DDB-01", region(tables=items(), file_systems=items(FileSystem("f", "arn:f", False))), FAIL, None),
    ("DDB-01", region(tables=items(Table("t", "arn:t", False, known(True))), file_systems=items()), PASS, None),
    ("DDB-01", region(tables=DENIED, file_systems=items()), UNREAD, None),
    ("ELB-01", balancer(listeners=listener("HTTP")), FAIL, None),
    ("ELB-01", balancer(listeners=listener("HTTPS", "ELBSecurityPolicy-2016-08")), FAIL, None),
    ("ELB-01", balancer(listeners=listener("HTTP", redirects=True)), PASS, None),
    ("ELB-01", balancer(listeners=listener("HTTPS", "ELBSecurityPolicy-TLS13-1-2-2021-06")), PASS, None),
    ("ELB-01", balancer(listeners=listener("HTTPS", "my-policy")), UNREAD, None),
    ("ELB-01", balancer(listeners=DENIED), UNREAD, None),
    ("ELB-02", balancer(rules=(ANYWHERE,)), FAIL, None),
    ("ELB-02", balancer(access_logs=known(False)), FAIL, None),
    ("ELB-02", balancer("prod"), FAIL, None),
    ("ELB-02", balancer(rules=(IngressRule("tcp", 80, 80, ("0.0.0.0/0",)),)), PASS, None),
    ("ELB-02", balancer(rules=(ANYWHERE,), internet_facing=False), PASS, None),
    ("ELB-02", balancer(access_logs=DENIED), UNREAD, None),
    ("ELB-01", region(balancers=items(), classic_balancers=items()), NA, None),
    ("ELB-01", region(balancers=items(), classic_balancers=DENIED), UNREAD, None),
    ("ELB-01", balancer(kind="classic", listeners=listener("HTTP")), FAIL, None),
    ("ELB-01", balancer(kind="classic", listeners=listener("SSL", "ELBSecurityPolicy-2016-08")), FAIL, None),
    ("ELB-01", balancer(kind="classic", listeners=listener("SSL", "ELBSecurityPolicy-TLS-1-2-2017-01")), PASS, None),
    ("ELB-01", balancer(kind="classic", listeners=listener("SSL")), UNREAD, None),
    ("ELB-02", balancer(kind="classic", access_logs=known(False)), FAIL, None),
    ("ELB-02", balancer("prod", kind="classic"), PASS, None),
]


@pytest.mark.parametrize(
    ("check", "case", "status", "severity"), CASES, ids=[f"{row[0]}-{row[2]}-{n}" for n, row in enumerate(CASES)]
)
def test_a_check_says_what_the_facts_say(check: str, case: Case, status: Status, severity: Severity | None) -> None:
    finding = only(check, case)
    assert finding.status is status, finding.message
    assert severity in {None, finding.severity}


AWS_CHECKS = sorted(name for name in all_checks() if name.split("-")[0] in {row[0].split("-")[0] for row in CASES})


def test_every_aws_check_has_a_failing_a_passing_and_an_unread_case() -> None:
    elsewhere = {"IAM-07", "EC2-01", "S3-02", "RDS-01", "CT-01"}  # test_first_checks.py
    assert len(AWS_CHECKS) == 60
    wanted = {(name, status) for name in AWS_CHECKS if name not in elsewhere for status in (FAIL, PASS, UNREAD)}
    assert not wanted - {(check, status) for check, _, status, _ in CASES}


@pytest.mark.parametrize("check", AWS_CHECKS)
def test_no_check_is_silent_or_green_where_nothing_was_read(check: str) -> None:
    rows = findings(check, case_of())
    assert rows
    assert {row.status for row in rows} == {UNREAD}


@pytest.mark.parametrize("check", AWS_CHECKS)
def test_no_account_in_scope_is_no_pass(check: str) -> None:
    case = case_of()
    rows = findings(check, replace(case, aws=replace(case.aws, accounts=(), regions=(), by_place={}, by_account={})))
    assert [row.status for row in rows] == [UNREAD]
    assert "itself failed" not in rows[0].message


def test_a_public_trail_bucket_is_a_finding_about_the_trail() -> None:
    assert [one.type for one in only("CT-03", PUBLIC_LOGS).resources] == ["aws_cloudtrail", "aws_s3_bucket"]


IN_A_GROUP = [
    (named("iam:PassRole"), named("ec2:RunInstances"), FAIL),
    (named("s3:*"), named("iam:PutUserPolicy"), NA),
    (named("iam:PutUserPolicy"), named("iam:PutUserPolicy"), FAIL),
    (named("s3:*"), named("s3:*"), PASS),
    (named("s3:*"), aws_managed("AmazonBrandNewFullAccess"), UNREAD),
]


@pytest.mark.parametrize(("own", "of_group", "status"), IN_A_GROUP)
def test_a_users_rights_are_those_of_his_groups_too(own: NamedPolicy, of_group: NamedPolicy, status: Status) -> None:
    rows = findings("IAM-08", member(own, of_group))
    assert [row.status for row in rows if row.resources[0].type == "aws_iam_user"] == [status]
