"""Does the Internet reach a thing? An address is not enough: flag, security group and route must agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from harness_cli.review.aws_facts.network import IngressRule, RouteTable, SecurityGroup, Subnet
from harness_cli.review.evaluators.cidr import AddressError, addresses
from harness_cli.review.evaluators.ports import Opening, openings, resolved

Family: TypeAlias = Literal[4, 6] | None  # the Internet of one address family; None: either

_INTERNET_GATEWAY: Final = "igw-"


def public_subnets(subnets: Iterable[Subnet], tables: Sequence[RouteTable], family: Family = None) -> frozenset[str]:
    """The subnets whose route table leads to an Internet gateway for the whole world; by name or as the main one."""
    serving = _serving(subnets, tables)
    return frozenset(subnet for subnet, table in serving.items() if leads_out(table, family))


def is_routed(
    ids: Iterable[str], subnets: Sequence[Subnet], tables: Sequence[RouteTable], family: Family = None
) -> bool | None:
    """Whether the Internet is routed to one of the subnets; None where a subnet or its routes are not known."""
    asked = set(ids)
    serving = _serving([subnet for subnet in subnets if subnet.id in asked], tables)
    if any(leads_out(table, family) for table in serving.values()):
        return True
    known = {subnet for subnet, table in serving.items() if not _may_lead_out(table)}
    return False if known == asked else None


def leads_out(table: RouteTable, family: Family = None) -> bool:
    """Whether the routes to an Internet gateway, together, cover the world of one address family."""
    ranges = [destination for destination in _to_gateways(table) if "/" in destination]
    try:
        return addresses(_of_family(ranges, family)).is_world
    except AddressError:
        return False


def _serving(subnets: Iterable[Subnet], tables: Sequence[RouteTable]) -> dict[str, RouteTable]:
    """The table of each subnet: the one that names it, else the main one of its VPC."""
    named = {subnet: table for table in tables for subnet in table.subnets}
    mains = {table.vpc: table for table in tables if table.main}
    found = ((subnet.id, named.get(subnet.id) or mains.get(subnet.vpc)) for subnet in subnets)
    return {subnet: table for subnet, table in found if table is not None}


def _to_gateways(table: RouteTable) -> list[str]:
    return [route.destination for route in table.routes if route.active and route.target.startswith(_INTERNET_GATEWAY)]


def _may_lead_out(table: RouteTable) -> bool:
    """Whether a prefix list, whose ranges the table does not tell, leads to an Internet gateway."""
    return any("/" not in destination for destination in _to_gateways(table))


def _of_family(cidrs: Iterable[str], family: Family) -> tuple[str, ...]:
    return tuple(cidr for cidr in cidrs if family is None or (":" in cidr) == (family == 6))


def group_openings(
    ids: Iterable[str],
    groups: Sequence[SecurityGroup],
    lists: Mapping[str, Sequence[str]] | None = None,
    family: Family = None,
) -> tuple[Opening, ...]:
    """What the named groups open to the Internet together. Raises AddressError."""
    by_id = {group.id: group for group in groups}
    rules: list[IngressRule] = [rule for name in ids if name in by_id for rule in by_id[name].ingress]
    written_out = resolved(rules, lists or {})[0]
    return openings(replace(rule, cidrs=_of_family(rule.cidrs, family)) for rule in written_out)


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
