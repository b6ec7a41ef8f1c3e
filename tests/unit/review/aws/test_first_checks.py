from dataclasses import replace
from typing import Any

import pytest

from harness_cli.review.aws_facts import (
    AccountFacts,
    AclGrant,
    Authorization,
    Bucket,
    DbInstance,
    Holder,
    IngressRule,
    NamedPolicy,
    NetworkInterface,
    PrefixList,
    PublicAccessBlock,
    RegionFacts,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Trail,
)
from harness_cli.review.finding import Confidence, Origin, Severity, Status
from tests.unit.review.aws.support import DENIED, case_of, findings, items, known, only, policy, word

ANY = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
ADMIN_ARN = "arn:aws:iam::aws:policy/AdministratorAccess"


def inline(*statements: dict[str, Any]) -> NamedPolicy:
    return NamedPolicy("own", "", policy(*statements), "/p")


def holder(kind: str = "role", *policies: NamedPolicy, **more: Any) -> Holder:
    return Holder(kind, "a", f"arn:aws:iam::111122223333:{kind}/a", policies=policies, pointer="/h", **more)


def identities(*holders: Holder) -> Any:
    return case_of(account=AccountFacts(authorization=known(Authorization(holders))))


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (holder("user", inline(ANY)), Status.FAIL),
        (holder("role", inline({**ANY, "Action": "*:*"})), Status.FAIL),
        (holder("group", inline({"Effect": "Allow", "NotAction": "aws-portal:*", "Resource": "*"})), Status.FAIL),
        (holder("role", NamedPolicy("AdministratorAccess", ADMIN_ARN, None)), Status.FAIL),
        (holder("role", inline(READ)), Status.PASS),
        (holder("role", NamedPolicy("PowerUserAccess", "arn:aws:iam::aws:policy/PowerUserAccess", None)), Status.PASS),
        (holder("role", inline(ANY), boundary=inline(READ)), Status.PASS),
        (holder("role", inline(ANY), boundary=NamedPolicy("AdministratorAccess", ADMIN_ARN, None)), Status.FAIL),
        (
            holder("role", NamedPolicy("AdministratorAccess", ADMIN_ARN, None), inline({**ANY, "Effect": "Deny"})),
            Status.PASS,
        ),
        (holder("role", NamedPolicy("own", "", None, malformed=True)), Status.NOT_EVALUATED),
    ],
)
def test_iam_07_sees_administrators(one: Holder, status: Status) -> None:
    finding = only("IAM-07", identities(one))
    assert finding.status is status
    assert finding.resources[0].uid == one.arn
    if status is Status.FAIL:
        assert (finding.severity, finding.origin) == (Severity.CRITICAL, Origin.PRE_EXISTING)


def test_iam_07_blames_the_group_and_not_its_members() -> None:
    group = replace(holder("group", inline(ANY)), name="admins")
    member = replace(holder("user", inline(READ)), groups=("admins",))
    rows = {finding.resources[0].type: finding.status for finding in findings("IAM-07", identities(group, member))}
    assert rows == {"aws_iam_group": Status.FAIL, "aws_iam_user": Status.NOT_APPLICABLE}


def test_iam_07_joins_what_a_user_has_with_what_its_groups_give() -> None:
    most = inline({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    rest = inline({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    group = replace(holder("group", most), name="most")
    member = replace(holder("user", rest), groups=("most",))
    rows = {finding.resources[0].type: finding.status for finding in findings("IAM-07", identities(group, member))}
    assert rows == {"aws_iam_group": Status.PASS, "aws_iam_user": Status.FAIL}


def test_iam_07_is_less_sure_under_a_condition() -> None:
    conditional = {**ANY, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    assert only("IAM-07", identities(holder("role", inline(conditional)))).confidence is Confidence.MEDIUM


def test_iam_07_leaves_service_linked_roles_alone() -> None:
    linked = replace(holder("role", inline(ANY)), path="/aws-service-role/x.amazonaws.com/")
    assert only("IAM-07", identities(linked)).status is Status.NOT_APPLICABLE


def group(*rules: IngressRule, name: str = "app") -> SecurityGroup:
    return SecurityGroup(
        "sg-1", "arn:aws:ec2:us-east-1:111122223333:security-group/sg-1", name, "vpc-1", rules, pointer="/g"
    )


def tcp(port: int, *cidrs: str) -> IngressRule:
    return IngressRule("tcp", port, port, cidrs, pointer="/g/IpPermissions/0")


CARD = NetworkInterface("eni-1", ("sg-1",))


@pytest.mark.parametrize(
    ("rules", "cards", "expected"),
    [
        ((tcp(22, "0.0.0.0/0"),), (CARD,), ("FAIL", Severity.CRITICAL)),
        ((tcp(22, "0.0.0.0/0"),), (), ("FAIL", Severity.HIGH)),
        ((tcp(22, "0.0.0.0/1", "128.0.0.0/1"),), (CARD,), ("FAIL", Severity.CRITICAL)),
        ((tcp(3389, "::/1"), tcp(3389, "8000::/1")), (CARD,), ("FAIL", Severity.CRITICAL)),
        ((IngressRule("-1", None, None, ("0.0.0.0/0",)),), (CARD,), ("FAIL", Severity.CRITICAL)),
        ((tcp(443, "0.0.0.0/0"),), (CARD,), ("PASS", Severity.CRITICAL)),
        ((tcp(22, "10.0.0.0/8"),), (CARD,), ("PASS", Severity.CRITICAL)),
        ((IngressRule("tcp", 22, 22, prefix_lists=("pl-1",)),), (CARD,), ("FAIL", Severity.CRITICAL)),
        ((IngressRule("tcp", 22, 22, prefix_lists=("pl-9",)),), (CARD,), ("NOT_EVALUATED", Severity.CRITICAL)),
        ((tcp(22, "nonsense"),), (CARD,), ("NOT_EVALUATED", Severity.CRITICAL)),
    ],
)
def test_ec2_01_judges_ports_by_the_union_of_ranges(
    rules: tuple[IngressRule, ...], cards: tuple[NetworkInterface, ...], expected: tuple[str, Severity]
) -> None:
    facts = RegionFacts(
        security_groups=items(group(*rules)),
        interfaces=items(*cards),
        instances=items(),
        databases=items(),
        balancers=items(),
        classic_balancers=items(),
        prefix_lists=items(PrefixList("pl-1", ("0.0.0.0/0",))),
    )
    assert word("EC2-01", case_of(facts)) == expected


def test_ec2_01_takes_ports_from_the_configuration() -> None:
    facts = RegionFacts(security_groups=items(group(tcp(8443, "0.0.0.0/0"))), interfaces=items(CARD))
    assert only("EC2-01", case_of(facts)).status is Status.PASS
    assert only("EC2-01", case_of(facts, ports=("8440-8450",))).status is Status.FAIL


def test_ec2_01_is_less_sure_where_attachments_are_unread() -> None:
    facts = RegionFacts(security_groups=items(group(tcp(22, "0.0.0.0/0"))), interfaces=DENIED)
    finding = only("EC2-01", case_of(facts))
    assert (finding.severity, finding.confidence) == (Severity.CRITICAL, Confidence.MEDIUM)


OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})
ALL_USERS = AclGrant("http://acs.amazonaws.com/groups/global/AllUsers", "READ", "/Grants/0")
NO_BLOCK, BLOCK = PublicAccessBlock(), PublicAccessBlock(True, True, True, True)


def bucket(**more: Any) -> Bucket:
    parts = {"policy": known(None), "acl": items(), "public_access": known(NO_BLOCK), "ownership": known(""), **more}
    return Bucket("b", "arn:aws:s3:::b", "us-east-1", **parts)


@pytest.mark.parametrize(
    ("one", "block", "status"),
    [
        (bucket(policy=known(OPEN)), known(NO_BLOCK), Status.FAIL),
        (bucket(acl=items(ALL_USERS)), known(NO_BLOCK), Status.FAIL),
        (bucket(policy=known(OPEN), acl=DENIED), known(NO_BLOCK), Status.FAIL),
        (bucket(), known(NO_BLOCK), Status.PASS),
        (bucket(policy=known(OPEN)), known(BLOCK), Status.PASS),
        (bucket(policy=known(OPEN), public_access=known(BLOCK)), DENIED, Status.PASS),
        (bucket(policy=known(OPEN)), DENIED, Status.NOT_EVALUATED),
        (bucket(acl=DENIED), known(NO_BLOCK), Status.NOT_EVALUATED),
    ],
)
def test_s3_02_judges_what_is_public_in_effect(one: Bucket, block: Any, status: Status) -> None:
    case = case_of(RegionFacts(buckets=items(one)), AccountFacts(public_access=block))
    assert only("S3-02", case).status is status


DB = DbInstance(
    "db", "arn:aws:rds:us-east-1:111122223333:db:db", "postgres", True, ("sg-1",), ("subnet-1",), "vpc-1", 5432
)
OUT = RouteTable("rtb-1", "vpc-1", True, (), (Route("0.0.0.0/0", "igw-1"),))
INSIDE = RouteTable("rtb-1", "vpc-1", True, (), (Route("0.0.0.0/0", "nat-1"),))


@pytest.mark.parametrize(
    ("database", "rule", "table", "status"),
    [
        (DB, tcp(5432, "0.0.0.0/0"), OUT, Status.FAIL),
        (replace(DB, public=False), tcp(5432, "0.0.0.0/0"), OUT, Status.PASS),
        (DB, tcp(5432, "10.0.0.0/8"), OUT, Status.PASS),
        (DB, tcp(443, "0.0.0.0/0"), OUT, Status.PASS),
        (DB, tcp(5432, "0.0.0.0/0"), INSIDE, Status.PASS),
        (replace(DB, port=None), tcp(443, "0.0.0.0/0"), OUT, Status.FAIL),
    ],
)
def test_rds_01_needs_flag_and_group_and_route(
    database: DbInstance, rule: IngressRule, table: RouteTable, status: Status
) -> None:
    facts = RegionFacts(
        databases=items(database),
        security_groups=items(group(rule)),
        subnets=items(Subnet("subnet-1", "", "vpc-1")),
        route_tables=items(table),
    )
    assert only("RDS-01", case_of(facts)).status is status


def test_rds_01_does_not_guess_without_the_network() -> None:
    facts = RegionFacts(databases=items(DB), security_groups=DENIED, subnets=items(), route_tables=items())
    assert only("RDS-01", case_of(facts)).status is Status.NOT_EVALUATED


def trail(*, wide: bool = True, logging: Any = True, management: Any = True) -> Trail:
    facts = {
        name: known(value) if isinstance(value, bool) else value
        for name, value in (("logging", logging), ("management_events", management))
    }
    return Trail("t", "arn:aws:cloudtrail:us-east-1:111122223333:trail/t", "us-east-1", wide, "logs", True, **facts)


@pytest.mark.parametrize(
    ("trails", "status"),
    [
        ((), Status.FAIL),
        ((trail(wide=False),), Status.FAIL),
        ((trail(logging=False),), Status.FAIL),
        ((trail(management=False),), Status.FAIL),
        ((trail(logging=False), trail()), Status.PASS),
        ((trail(),), Status.PASS),
        ((trail(logging=DENIED),), Status.NOT_EVALUATED),
        ((trail(logging=DENIED, management=False),), Status.FAIL),
    ],
)
def test_ct_01_wants_one_trail_that_records_everywhere(trails: tuple[Trail, ...], status: Status) -> None:
    assert only("CT-01", case_of(RegionFacts(trails=items(*trails)))).status is status
