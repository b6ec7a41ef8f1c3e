import pytest

from harness_cli.review.aws_facts import AclEntry, IngressRule
from harness_cli.review.evaluators.ports import (
    SENSITIVE_PORTS,
    admitted,
    beyond_web,
    openings,
    resolved,
    sensitive,
)


def rule(protocol: str, first: int | None, last: int | None, *cidrs: str) -> IngressRule:
    return IngressRule(protocol, first, last, cidrs, pointer=f"/{protocol}/{first}")


ANY = "0.0.0.0/0"
OPEN: list[tuple[list[IngressRule], set[int]]] = [
    ([rule("tcp", 22, 22, ANY)], {22}),
    ([rule("6", 22, 22, ANY)], {22}),
    ([rule("tcp", 0, 1024, ANY)], {22, 23, 135, 139, 445}),
    ([rule("tcp", 22, 22, "0.0.0.0/1"), rule("tcp", 20, 25, "128.0.0.0/1")], {22, 23}),
    ([rule("tcp", 22, 22, "::/1"), rule("tcp", 22, 22, "8000::/1")], {22}),
    ([rule("-1", None, None, ANY)], set(SENSITIVE_PORTS)),
    ([rule("-1", 0, 0, "::/0")], set(SENSITIVE_PORTS)),
    ([rule("udp", 0, 65535, ANY)], set(SENSITIVE_PORTS)),
    ([rule("udp", 22, 22, ANY)], set()),
    ([rule("udp", 3389, 3389, ANY)], {3389}),
    ([rule("tcp", 443, 443, ANY)], set()),
    ([rule("tcp", 22, 22, "10.0.0.0/8", "203.0.113.1/32")], set()),
    ([rule("icmp", 8, -1, ANY)], set()),
    ([rule("tcp", 3306, 3306, *(f"{n}.0.0.0/16" for n in range(1, 224)))], set()),
    ([], set()),
]


@pytest.mark.parametrize(("rules", "ports"), OPEN)
def test_sensitive_ports_open_to_the_world(rules: list[IngressRule], ports: set[int]) -> None:
    found = sensitive(openings(rules))
    # half of the world is a world of its own for IPv4, so the wider port range counts as well
    assert ports <= set(found)
    assert not found or ports


def test_all_ports_are_seen_across_rules_that_touch() -> None:
    (opening,) = openings([rule("tcp", 0, 1023, ANY), rule("tcp", 1024, 65535, ANY)])
    assert opening.is_everything
    assert opening.pointers == ("/tcp/0", "/tcp/1024")


@pytest.mark.parametrize(
    ("first", "last", "beyond"), [(80, 80, False), (443, 443, False), (80, 443, True), (22, 22, True), (80, 81, True)]
)
def test_web_ports_alone_are_not_beyond_the_web(first: int, last: int, beyond: bool) -> None:
    assert bool(beyond_web(openings([rule("tcp", first, last, ANY)]))) is beyond


def test_prefix_lists_are_written_out_and_unread_ones_are_told() -> None:
    rules = (IngressRule("tcp", 22, 22, prefix_lists=("pl-1", "pl-2")),)
    written, unread = resolved(rules, {"pl-1": ["0.0.0.0/0"]})
    assert unread == {"pl-2"}
    assert 22 in sensitive(openings(written))


def test_an_earlier_deny_of_a_network_acl_wins() -> None:
    allow = AclEntry(100, True, "-1", "0.0.0.0/0")
    assert admitted([allow], 22).is_world
    assert not admitted([allow, AclEntry(90, False, "6", "0.0.0.0/0", 22, 22)], 22).is_world
    assert admitted([allow, AclEntry(110, False, "6", "0.0.0.0/0", 22, 22)], 22).is_world
    assert admitted([allow, AclEntry(90, False, "6", "0.0.0.0/0", 3389, 3389)], 22).is_world
    assert not admitted([AclEntry(1, True, "17", "0.0.0.0/0", 22, 22)], 22).is_world
