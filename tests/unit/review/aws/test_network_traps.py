"""Traps in networks, from the answer of AWS to the row: interfaces, address families, prefix lists, flow logs."""

from typing import Any

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Listener, Place, PrefixList, RegionFacts, SecurityGroup
from harness_cli.review.aws_facts.network import IngressRule
from harness_cli.review.aws_facts.services import Balancer
from harness_cli.review.checks.aws.security_groups import lists_of
from harness_cli.review.evidence import Fact, Gap, Known, Unread
from harness_cli.review.finding import Confidence, Finding, Severity, Status
from harness_cli.review.live_facts import collect_aws
from tests.unit.review.aws.fake_reader import Answer, FakeReader
from tests.unit.review.aws.support import ACCOUNT, DENIED, REGION, SEEN, case_of, items, known, only

WORLD4 = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
WORLD6 = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
INSIDE = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
IGW4 = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
IGW6 = {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "State": "active"}
EGRESS6 = {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"}
NAT4 = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
HOLE = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "blackhole"}
LISTED = {"DestinationPrefixListId": "pl-1", "GatewayId": "igw-1", "State": "active"}
PUBLIC, V6 = "52.1.2.3", "2600:1f18::7"


def card(number: int, *, ip: str = "", ipv6: str = "") -> dict[str, Any]:
    return {
        "NetworkInterfaceId": f"eni-{number}",
        "SubnetId": f"subnet-{number}",
        "Groups": [{"GroupId": f"sg-{number}"}],
        "Association": {"PublicIp": ip} if ip else {},
        "Ipv6Addresses": [{"Ipv6Address": ipv6}] if ipv6 else [],
    }


def judged(cards: list[dict[str, Any]], rules: list[list[Any]], routes: list[list[Any]]) -> Finding:
    """EC2-06 of a machine whose n-th interface has the n-th group and the n-th subnet."""
    numbers = range(1, len(cards) + 1)
    answers: dict[str, Answer] = {
        "ec2:DescribeInstances": {
            "Reservations": [
                {"Instances": [{"InstanceId": "i-1", "SecurityGroups": cards[0]["Groups"], "NetworkInterfaces": cards}]}
            ]
        },
        "ec2:DescribeSecurityGroups": {
            "SecurityGroups": [{"GroupId": f"sg-{n}", "IpPermissions": rules[n - 1]} for n in numbers]
        },
        "ec2:DescribeSubnets": {"Subnets": [{"SubnetId": f"subnet-{n}", "VpcId": "vpc-1"} for n in numbers]},
        "ec2:DescribeRouteTables": {
            "RouteTables": [
                {
                    "RouteTableId": f"rtb-{n}",
                    "VpcId": "vpc-1",
                    "Associations": [{"SubnetId": f"subnet-{n}"}],
                    "Routes": routes[n - 1],
                }
                for n in numbers
            ]
        },
    }
    facts = collect_aws(FakeReader(answers), [ACCOUNT], [REGION], frozenset({"EC2-06"}))
    return only("EC2-06", case_of(facts.region(Place(ACCOUNT, REGION))))


HIGH, MEDIUM = ("FAIL", Severity.HIGH), ("FAIL", Severity.MEDIUM)


@pytest.mark.parametrize(
    ("cards", "rules", "routes", "expected"),
    [
        pytest.param([card(1, ip=PUBLIC)], [[WORLD4]], [[IGW4]], HIGH, id="reached"),
        pytest.param([card(1, ip=PUBLIC)], [[WORLD4]], [[NAT4]], MEDIUM, id="NAT only"),
        pytest.param([card(1, ip=PUBLIC)], [[WORLD4]], [[HOLE]], MEDIUM, id="blackhole"),
        pytest.param([card(1, ip=PUBLIC)], [[INSIDE]], [[IGW4]], MEDIUM, id="closed group"),
        pytest.param([card(1, ip=PUBLIC)], [[WORLD6]], [[IGW4, IGW6]], MEDIUM, id="open to IPv6, which it lacks"),
        pytest.param([card(1, ip=PUBLIC)], [[WORLD4]], [[IGW6]], MEDIUM, id="routed for IPv6, which it lacks"),
        pytest.param(
            [card(1), card(2, ip=PUBLIC)], [[INSIDE], [WORLD4]], [[NAT4], [IGW4]], HIGH, id="second interface"
        ),
        pytest.param(
            [card(1), card(2, ip=PUBLIC)], [[WORLD4], [INSIDE]], [[IGW4], [IGW4]], MEDIUM, id="open one inside"
        ),
        pytest.param(
            [card(1, ip=PUBLIC), card(2)], [[WORLD4], [WORLD4]], [[NAT4], [IGW4]], MEDIUM, id="routed one inside"
        ),
    ],
)
def test_each_interface_and_family_is_judged_by_its_own_groups_and_routes(
    cards: list[dict[str, Any]], rules: list[list[Any]], routes: list[list[Any]], expected: tuple[str, Severity]
) -> None:
    finding = judged(cards, rules, routes)
    assert (finding.status.value, finding.severity) == expected


@pytest.mark.parametrize(
    ("rules", "routes", "status"),
    [
        pytest.param([WORLD6], [IGW6], Status.FAIL, id="reached"),
        pytest.param([WORLD6], [IGW4, EGRESS6], Status.PASS, id="egress only"),
        pytest.param([WORLD4], [IGW6], Status.PASS, id="open to IPv4, which it lacks"),
        pytest.param([WORLD6], [LISTED], Status.NOT_EVALUATED, id="routed by a prefix list"),
    ],
)
def test_an_address_of_ipv6_alone_is_judged_by_ipv6(rules: list[Any], routes: list[Any], status: Status) -> None:
    assert judged([card(1, ipv6=V6)], [rules], [routes]).status is status


def group_with_list() -> SecurityGroup:
    return SecurityGroup("sg-1", "arn:sg", "web", "vpc-1", (IngressRule("tcp", 22, 22, prefix_lists=("pl-1",)),))


@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.TRUNCATED, Reason.UNSUPPORTED_API, Reason.EXCEPTION])
def test_an_unread_prefix_list_says_its_own_reason(reason: Reason) -> None:
    lists = items(PrefixList("pl-1", unread=Unread(reason, "why", SEEN)))
    facts = RegionFacts(security_groups=items(group_with_list()), prefix_lists=lists, interfaces=items())
    finding = only("EC2-01", case_of(facts))
    assert (finding.status, finding.reason) == (Status.NOT_EVALUATED, reason)
    assert lists_of(facts) == {}


def test_a_refused_prefix_list_is_kept_with_its_reason() -> None:
    answers: dict[str, Answer] = {
        "ec2:DescribeSecurityGroups": {
            "SecurityGroups": [
                {"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "6", "PrefixListIds": [{"PrefixListId": "pl-1"}]}]}
            ]
        },
        "ec2:GetManagedPrefixListEntries": None,
    }
    facts = collect_aws(FakeReader(answers), [ACCOUNT], [REGION], frozenset({"EC2-01"}))
    finding = only("EC2-01", case_of(facts.region(Place(ACCOUNT, REGION))))
    assert (finding.status, finding.reason) == (Status.NOT_EVALUATED, Reason.ACCESS_DENIED)


@pytest.mark.parametrize(
    ("resource", "delivery", "status"),
    [
        ("vpc-1", "SUCCESS", Status.PASS),
        ("vpc-1", "FAILED", Status.FAIL),
        ("subnet-1", "SUCCESS", Status.FAIL),
        ("eni-1", "SUCCESS", Status.FAIL),
    ],
)
def test_a_flow_log_counts_where_it_delivers_for_the_whole_vpc(resource: str, delivery: str, status: Status) -> None:
    log = {"FlowLogId": "fl-1", "ResourceId": resource, "FlowLogStatus": "ACTIVE", "DeliverLogsStatus": delivery}
    reader = FakeReader(
        {"ec2:DescribeVpcs": {"Vpcs": [{"VpcId": "vpc-1"}]}, "ec2:DescribeFlowLogs": {"FlowLogs": [log]}}
    )
    facts = collect_aws(reader, [ACCOUNT], [REGION], frozenset({"VPC-01"}))
    assert only("VPC-01", case_of(facts.region(Place(ACCOUNT, REGION)))).status is status


@pytest.mark.parametrize("protocol", ["HTTPS", "TLS"])
def test_a_tls_listener_without_a_told_policy_is_not_passed(protocol: str) -> None:
    listener = known((Listener("arn:l", 443, protocol),))
    balancer = Balancer("b", "arn:b", "application", True, listeners=listener)
    facts = RegionFacts(balancers=items(balancer), classic_balancers=items())
    assert only("ELB-01", case_of(facts)).status is Status.NOT_EVALUATED


def test_a_group_that_only_a_balancer_carries_is_attached() -> None:
    rule = IngressRule("tcp", 22, 22, ("0.0.0.0/0",))
    facts = RegionFacts(
        security_groups=items(SecurityGroup("sg-1", "arn:sg", "web", "vpc-1", (rule,))),
        interfaces=items(),
        balancers=items(Balancer("b", "arn:b", "application", True, ("sg-1",))),
    )
    assert only("EC2-01", case_of(facts)).severity is Severity.CRITICAL
    asked = FakeReader({})
    collect_aws(asked, [ACCOUNT], [REGION], frozenset({"EC2-01"}))
    assert {"elasticloadbalancing:DescribeLoadBalancers", "elb:DescribeLoadBalancers"} <= set(asked.operations())


@pytest.mark.parametrize(
    ("names", "policy"),
    [
        (["ELBSecurityPolicy-2016-08"], "ELBSecurityPolicy-2016-08"),
        (["sticky", "ELBSecurityPolicy-TLS-1-2-2017-01"], "ELBSecurityPolicy-TLS-1-2-2017-01"),
        (["AWSConsole-SSLNegotiationPolicy-x"], ""),
        ([], ""),
    ],
)
def test_a_classic_listener_keeps_the_policy_that_aws_named(names: list[str], policy: str) -> None:
    listener = {"Listener": {"Protocol": "https", "LoadBalancerPort": 443}, "PolicyNames": names}
    described = {"LoadBalancerName": "b", "Scheme": "internal", "ListenerDescriptions": [listener]}
    answers: dict[str, Answer] = {
        "elb:DescribeLoadBalancers": {"LoadBalancerDescriptions": [described]},
        "elb:DescribeLoadBalancerAttributes": {"LoadBalancerAttributes": {"AccessLog": {"Enabled": True}}},
    }
    fact = collect_aws(FakeReader(answers), [ACCOUNT], [REGION], frozenset({"ELB-01"}))
    (one,) = value_of(fact.region(Place(ACCOUNT, REGION)).classic_balancers)
    (listening,) = value_of(one.listeners)
    assert (listening.protocol, listening.port, listening.tls_policy) == ("HTTPS", 443, policy)
    assert value_of(one.access_logs) is True
    assert not one.internet_facing


def value_of(fact: Fact[Any]) -> Any:
    assert isinstance(fact, Known), fact
    return fact.value


CARRIERS = ("interfaces", "instances", "databases", "balancers", "classic_balancers")
GAP = Known((), SEEN, (Gap("aws_lb", "b", Unread(Reason.THROTTLED, "later", SEEN)),))


@pytest.mark.parametrize("name", CARRIERS)
@pytest.mark.parametrize("fact", [DENIED, GAP])
def test_whom_nobody_looked_at_may_use_an_open_group(name: str, fact: Fact[Any]) -> None:
    rule = IngressRule("tcp", 22, 22, ("0.0.0.0/0",))
    nobody = {"security_groups": items(SecurityGroup("sg-1", "arn:sg", "web", "vpc-1", (rule,)))}
    nobody |= dict.fromkeys(CARRIERS, items())
    latent = only("EC2-01", case_of(RegionFacts(**nobody)))
    assert (latent.severity, latent.message[-21:]) == (Severity.HIGH, "(attached to nothing)")
    unsure = only("EC2-01", case_of(RegionFacts(**{**nobody, name: fact})))
    assert (unsure.severity, unsure.confidence) == (Severity.CRITICAL, Confidence.MEDIUM)
    assert "attachment not known: " in unsure.message
    assert "attached to nothing" not in unsure.message


@pytest.mark.parametrize(
    ("cluster", "protected", "status"),
    [
        ("", False, Status.FAIL),
        ("", True, Status.PASS),
        ("c-1", False, Status.NOT_EVALUATED),
        ("c-1", True, Status.PASS),
    ],
)
def test_deletion_protection_of_a_cluster_is_not_judged_by_its_members(
    cluster: str, protected: bool, status: Status
) -> None:
    raw = {"DBInstanceIdentifier": "d", "DBInstanceArn": "arn:d", "DeletionProtection": protected}
    if cluster:
        raw["DBClusterIdentifier"] = cluster
    reader = FakeReader({"rds:DescribeDBInstances": {"DBInstances": [raw]}})
    facts = collect_aws(reader, [ACCOUNT], [REGION], frozenset({"RDS-04"}))
    assert only("RDS-04", case_of(facts.region(Place(ACCOUNT, REGION)))).status is status
