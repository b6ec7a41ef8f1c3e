import pytest

from harness_cli.review.aws_facts import IngressRule, Route, RouteTable, SecurityGroup, Subnet
from harness_cli.review.evaluators.exposure import (
    group_openings,
    is_blind,
    is_routed,
    leads_out,
    opens_port,
    public_subnets,
)
from harness_cli.review.evaluators.tls import lowers_tls, speaks_old_tls


def table(*routes: Route, main: bool = False, subnets: tuple[str, ...] = ()) -> RouteTable:
    return RouteTable("rtb-1", "vpc-1", main, subnets, routes)


@pytest.mark.parametrize(
    ("routes", "out"),
    [
        ((Route("0.0.0.0/0", "igw-1"),), True),
        ((Route("::/0", "igw-1"),), True),
        ((Route("0.0.0.0/1", "igw-1"), Route("128.0.0.0/1", "igw-1")), True),
        ((Route("0.0.0.0/0", "nat-1"),), False),
        ((Route("0.0.0.0/0", "igw-1", active=False),), False),
        ((Route("198.51.100.0/24", "igw-1"),), False),
        ((Route("10.0.0.0/16", "local"),), False),
        ((Route("pl-1", "igw-1"),), False),
    ],
)
def test_a_default_route_to_a_gateway_leads_out(routes: tuple[Route, ...], out: bool) -> None:
    assert leads_out(table(*routes)) is out


def test_a_subnet_without_a_table_of_its_own_uses_the_main_one() -> None:
    out = Route("0.0.0.0/0", "igw-1")
    subnets = [Subnet("subnet-a", "", "vpc-1"), Subnet("subnet-b", "", "vpc-1"), Subnet("subnet-c", "", "vpc-2")]
    tables = [table(out, main=True), table(subnets=("subnet-b",))]
    assert public_subnets(subnets, tables) == {"subnet-a"}


def test_groups_of_one_thing_open_ports_together() -> None:
    half = SecurityGroup("sg-1", "", "", "vpc-1", (IngressRule("tcp", 5432, 5432, ("0.0.0.0/1",)),))
    other = SecurityGroup("sg-2", "", "", "vpc-1", (IngressRule("tcp", 5432, 5432, ("128.0.0.0/1",)),))
    found = group_openings(["sg-1", "sg-2"], [half, other])
    assert opens_port(found, 5432)
    assert opens_port(found, None)
    assert not opens_port(found, 22)


@pytest.mark.parametrize(
    ("policy", "old"),
    [
        ("ELBSecurityPolicy-2016-08", True),
        ("ELBSecurityPolicy-TLS-1-1-2017-01", True),
        ("ELBSecurityPolicy-TLS13-1-0-2021-06", True),
        ("ELBSecurityPolicy-TLS13-1-1-2021-06", True),
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", False),
        ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", False),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", False),
        ("ELBSecurityPolicy-FS-1-2-Res-2020-10", False),
        ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", False),
        ("my-own", None),
    ],
)
def test_old_tls_policies_are_known(policy: str, old: bool | None) -> None:
    assert speaks_old_tls(policy) is old


def test_lowering_is_a_change_towards_an_old_one() -> None:
    assert lowers_tls("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08")
    assert not lowers_tls("ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-2016-08")


def test_a_subnet_without_a_known_table_is_neither_routed_nor_not() -> None:
    out, subnet = table(Route("0.0.0.0/0", "igw-1"), main=True), Subnet("subnet-a", "", "vpc-1")
    foreign = Subnet("subnet-z", "", "vpc-9")  # shared by another account: its tables cannot be seen
    assert is_routed(["subnet-a"], [subnet, foreign], [out]) is True
    assert is_routed(["subnet-z"], [subnet, foreign], [out]) is None
    assert is_routed(["subnet-?"], [subnet, foreign], [out]) is None
    assert is_routed(["subnet-a"], [subnet], [table(main=True)]) is False


def test_a_group_that_could_not_be_read_is_a_blind_spot() -> None:
    listed = SecurityGroup("sg-1", "", "", "vpc-1", (IngressRule("tcp", 22, 22, prefix_lists=("pl-1",)),))
    assert is_blind(["sg-1"], [listed])
    assert not is_blind(["sg-1"], [listed], {"pl-1": ["10.0.0.0/8"]})
    assert is_blind(["sg-1", "sg-shared"], [listed], {"pl-1": ["10.0.0.0/8"]})
