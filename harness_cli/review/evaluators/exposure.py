"""Does the Internet reach a thing? An address is not enough: flag, security group and route must agree."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harness_cli.review.aws_facts.network import IngressRule, RouteTable, SecurityGroup, Subnet
from harness_cli.review.evaluators.cidr import AddressError, addresses
from harness_cli.review.evaluators.ports import Opening, openings, resolved

_INTERNET_GATEWAY: Final = "igw-"


def public_subnets(subnets: Iterable[Subnet], tables: Sequence[RouteTable]) -> frozenset[str]:
    """The subnets whose route table leads to an Internet gateway for the whole world; by name or as the main one."""
    named = {subnet: table for table in tables for subnet in table.subnets}
    mains = {table.vpc: table for table in tables if table.main}
    found = []
    for subnet in subnets:
        table = named.get(subnet.id) or mains.get(subnet.vpc)
        if table is not None and leads_out(table):
            found.append(subnet.id)
    return frozenset(found)


def is_routed(ids: Iterable[str], subnets: Sequence[Subnet], tables: Sequence[RouteTable]) -> bool | None:
    """Whether the Internet is routed to one of the subnets; None where a subnet or its route table is not known."""
    asked = set(ids)
    known = [subnet for subnet in subnets if subnet.id in asked]
    if public_subnets(known, tables):
        return True
    served = {subnet for table in tables for subnet in table.subnets}
    mains = {table.vpc for table in tables if table.main}
    placed = {subnet.id for subnet in known if subnet.id in served or subnet.vpc in mains}
    return False if placed == asked else None


def leads_out(table: RouteTable) -> bool:
    """Whether the routes to an Internet gateway, together, cover the world of one address family."""
    ranges = [
        route.destination
        for route in table.routes
        if route.active and route.target.startswith(_INTERNET_GATEWAY) and "/" in route.destination
    ]
    try:
        return addresses(ranges).is_world
    except AddressError:
        return False


def group_openings(
    ids: Iterable[str], groups: Sequence[SecurityGroup], lists: Mapping[str, Sequence[str]] | None = None
) -> tuple[Opening, ...]:
    """What the named groups open to the Internet together. Raises AddressError."""
    by_id = {group.id: group for group in groups}
    rules: list[IngressRule] = [rule for name in ids if name in by_id for rule in by_id[name].ingress]
    return openings(resolved(rules, lists or {})[0])


def is_blind(
    ids: Iterable[str], groups: Sequence[SecurityGroup], lists: Mapping[str, Sequence[str]] | None = None
) -> bool:
    """Whether one of the groups, or a prefix list that it names, could not be read (a group shared by others)."""
    by_id = {group.id: group for group in groups}
    asked = list(ids)
    named = [rule for name in asked if name in by_id for rule in by_id[name].ingress]
    return any(name not in by_id for name in asked) or bool(resolved(named, lists or {})[1])


def opens_port(found: Iterable[Opening], port: int | None) -> Opening | None:
    """The opening that holds a TCP port; any TCP opening where the port is not known."""
    return next((o for o in found if o.protocol == "tcp" and (port is None or o.holds(port))), None)
