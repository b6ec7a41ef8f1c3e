"""Readings about networks and machines."""

from collections.abc import Iterable, Sequence
from typing import Any

from harness_cli.review.aws_facts import (
    AclEntry,
    FlowLog,
    IngressRule,
    Instance,
    NetworkAcl,
    NetworkInterface,
    Place,
    PrefixList,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.live_facts.reading import Json, Reading, ask, evidence_of, mapped, tags_of

_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "VpcPeeringConnectionId",
)


def arn(place: Place, service: str, resource: str) -> str:
    """The ARN of a resource whose answer gives only an id."""
    partition = "aws-cn" if place.region.startswith("cn-") else "aws-us-gov" if "gov" in place.region else "aws"
    return f"arn:{partition}:{service}:{place.region}:{place.account}:{resource}"


def security_groups(place: Place) -> Reading[tuple[SecurityGroup, ...]]:
    """Every security group with its inbound rules."""
    (answer,) = yield [ask("ec2:DescribeSecurityGroups", place)]
    return mapped(answer, lambda value: tuple(_group(place, i, raw) for i, raw in _items(value, "SecurityGroups")))


def prefix_lists(place: Place) -> Reading[tuple[PrefixList, ...]]:
    """What the prefix lists that some rule names stand for; one that cannot be read says why."""
    (groups,) = yield [ask("ec2:DescribeSecurityGroups", place)]
    if isinstance(groups, Unread):
        return groups
    names = sorted(
        {
            entry["PrefixListId"]
            for group in groups.value.get("SecurityGroups", ())
            for permission in group.get("IpPermissions", ())
            for entry in permission.get("PrefixListIds", ())
        }
    )
    if not names:
        return Known((), evidence_of(groups))
    answers = yield [ask("ec2:GetManagedPrefixListEntries", place, PrefixListId=name) for name in names]
    lists = tuple(_prefix_list(name, answer) for name, answer in zip(names, answers, strict=True))
    return Known(lists, (*evidence_of(groups), *(e for answer in answers for e in answer.evidence)))


def interfaces(place: Place) -> Reading[tuple[NetworkInterface, ...]]:
    """Every network interface."""
    (answer,) = yield [ask("ec2:DescribeNetworkInterfaces", place)]
    return mapped(answer, lambda value: tuple(_interface(i, raw) for i, raw in _items(value, "NetworkInterfaces")))


def instances(place: Place) -> Reading[tuple[Instance, ...]]:
    """Every instance that is not terminated."""
    (answer,) = yield [ask("ec2:DescribeInstances", place)]
    return mapped(
        answer,
        lambda value: tuple(
            _instance(place, raw, f"/Reservations/{r}/Instances/{i}")
            for r, reservation in _items(value, "Reservations")
            for i, raw in _items(reservation, "Instances")
        ),
    )


def subnets(place: Place) -> Reading[tuple[Subnet, ...]]:
    """Every subnet."""
    (answer,) = yield [ask("ec2:DescribeSubnets", place)]
    return mapped(answer, lambda value: tuple(_subnet(place, i, raw) for i, raw in _items(value, "Subnets")))


def route_tables(place: Place) -> Reading[tuple[RouteTable, ...]]:
    """Every route table."""
    (answer,) = yield [ask("ec2:DescribeRouteTables", place)]
    return mapped(answer, lambda value: tuple(_table(i, raw) for i, raw in _items(value, "RouteTables")))


def vpcs(place: Place) -> Reading[tuple[Vpc, ...]]:
    """Every VPC."""
    (answer,) = yield [ask("ec2:DescribeVpcs", place)]
    return mapped(
        answer,
        lambda value: tuple(
            Vpc(
                raw["VpcId"],
                arn(place, "ec2", f"vpc/{raw['VpcId']}"),
                bool(raw.get("IsDefault")),
                tags_of(raw),
                f"/Vpcs/{i}",
            )
            for i, raw in _items(value, "Vpcs")
        ),
    )


def flow_logs(place: Place) -> Reading[tuple[FlowLog, ...]]:
    """Every flow log."""
    (answer,) = yield [ask("ec2:DescribeFlowLogs", place)]
    return mapped(
        answer,
        lambda value: tuple(
            FlowLog(raw["FlowLogId"], raw["ResourceId"], _delivers(raw), f"/FlowLogs/{i}")
            for i, raw in _items(value, "FlowLogs")
        ),
    )


def acls(place: Place) -> Reading[tuple[NetworkAcl, ...]]:
    """Every network ACL, inbound."""
    (answer,) = yield [ask("ec2:DescribeNetworkAcls", place)]
    return mapped(answer, lambda value: tuple(_acl(place, i, raw) for i, raw in _items(value, "NetworkAcls")))


def _delivers(raw: Json) -> bool:
    """A log stays ACTIVE while its delivery fails: both have to be well."""
    return raw.get("FlowLogStatus") == "ACTIVE" and raw.get("DeliverLogsStatus") != "FAILED"


def _items(value: Json, key: str) -> Iterable[tuple[int, Any]]:  # Any: an object of the projected result
    return enumerate(value.get(key, ()))


def _prefix_list(name: str, answer: Fact[Any]) -> PrefixList:  # Any: the projected result
    cidrs = mapped(answer, lambda value: tuple(str(entry["Cidr"]) for entry in value.get("Entries", ())))
    return PrefixList(name, unread=cidrs) if isinstance(cidrs, Unread) else PrefixList(name, cidrs.value)


def _group(place: Place, index: int, raw: Json) -> SecurityGroup:
    pointer = f"/SecurityGroups/{index}"
    rules = tuple(_rule(entry, f"{pointer}/IpPermissions/{i}") for i, entry in _items(raw, "IpPermissions"))
    return SecurityGroup(
        id=raw["GroupId"],
        arn=arn(place, "ec2", f"security-group/{raw['GroupId']}"),
        name=raw.get("GroupName", ""),
        vpc=raw.get("VpcId", ""),
        ingress=rules,
        egress_rules=len(raw.get("IpPermissionsEgress", ())),
        tags=tags_of(raw),
        pointer=pointer,
    )


def _rule(raw: Json, pointer: str) -> IngressRule:
    v4 = [entry["CidrIp"] for entry in raw.get("IpRanges", ()) if "CidrIp" in entry]
    v6 = [entry["CidrIpv6"] for entry in raw.get("Ipv6Ranges", ()) if "CidrIpv6" in entry]
    return IngressRule(
        protocol=str(raw.get("IpProtocol", "-1")),
        from_port=raw.get("FromPort"),
        to_port=raw.get("ToPort"),
        cidrs=(*v4, *v6),
        prefix_lists=tuple(entry["PrefixListId"] for entry in raw.get("PrefixListIds", ())),
        groups=tuple(entry.get("GroupId", "") for entry in raw.get("UserIdGroupPairs", ())),
        pointer=pointer,
    )


def _interface(index: int, raw: Json) -> NetworkInterface:
    return NetworkInterface(
        id=raw["NetworkInterfaceId"],
        groups=_ids(raw.get("Groups", ()), "GroupId"),
        subnet=raw.get("SubnetId", ""),
        vpc=raw.get("VpcId", ""),
        instance=raw.get("Attachment", {}).get("InstanceId", ""),
        public_ip=raw.get("Association", {}).get("PublicIp", ""),
        ipv6=_ids(raw.get("Ipv6Addresses", ()), "Ipv6Address"),
        description_kind=raw.get("InterfaceType", ""),
        pointer=f"/NetworkInterfaces/{index}",
    )


def _instance(place: Place, raw: Json, pointer: str) -> Instance:
    cards = tuple(_card(card, raw) for card in raw.get("NetworkInterfaces", ()))
    named = (*_ids(raw.get("SecurityGroups", ()), "GroupId"), *(group for card in cards for group in card.groups))
    metadata = raw.get("MetadataOptions", {})
    return Instance(
        id=raw["InstanceId"],
        arn=arn(place, "ec2", f"instance/{raw['InstanceId']}"),
        state=raw.get("State", {}).get("Name", ""),
        groups=tuple(dict.fromkeys(named)),
        subnet=raw.get("SubnetId", ""),
        vpc=raw.get("VpcId", ""),
        public_ip=raw.get("PublicIpAddress", "") or next((card.public_ip for card in cards if card.public_ip), ""),
        ipv6=tuple(address for card in cards for address in card.ipv6),
        interfaces=cards,
        http_tokens=metadata.get("HttpTokens", ""),
        http_endpoint=metadata.get("HttpEndpoint", "enabled"),
        tags=tags_of(raw),
        pointer=pointer,
    )


def _card(raw: Json, machine: Json) -> NetworkInterface:
    """An interface as its instance's answer shows it; what it leaves out is the instance's own."""
    return NetworkInterface(
        id=raw.get("NetworkInterfaceId", ""),
        groups=_ids(raw.get("Groups") or machine.get("SecurityGroups", ()), "GroupId"),
        subnet=raw.get("SubnetId") or machine.get("SubnetId", ""),
        instance=machine["InstanceId"],
        public_ip=raw.get("Association", {}).get("PublicIp", ""),
        ipv6=_ids(raw.get("Ipv6Addresses", ()), "Ipv6Address"),
    )


def _subnet(place: Place, index: int, raw: Json) -> Subnet:
    return Subnet(
        id=raw["SubnetId"],
        arn=raw.get("SubnetArn", "") or arn(place, "ec2", f"subnet/{raw['SubnetId']}"),
        vpc=raw.get("VpcId", ""),
        maps_public_ip=bool(raw.get("MapPublicIpOnLaunch")),
        tags=tags_of(raw),
        pointer=f"/Subnets/{index}",
    )


def _table(index: int, raw: Json) -> RouteTable:
    associations = raw.get("Associations", ())
    return RouteTable(
        id=raw["RouteTableId"],
        vpc=raw.get("VpcId", ""),
        main=any(entry.get("Main") for entry in associations),
        subnets=tuple(entry["SubnetId"] for entry in associations if entry.get("SubnetId")),
        routes=tuple(_route(entry) for entry in raw.get("Routes", ())),
        pointer=f"/RouteTables/{index}",
    )


def _route(raw: Json) -> Route:
    kinds = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    destination = next((str(raw[kind]) for kind in kinds if raw.get(kind)), "")
    target = next((str(raw[name]) for name in _TARGETS if raw.get(name)), "")
    return Route(destination, target, raw.get("State", "active") == "active")


def _acl(place: Place, index: int, raw: Json) -> NetworkAcl:
    inbound = tuple(_acl_entry(entry) for entry in raw.get("Entries", ()) if not entry.get("Egress"))
    return NetworkAcl(
        id=raw["NetworkAclId"],
        arn=arn(place, "ec2", f"network-acl/{raw['NetworkAclId']}"),
        vpc=raw.get("VpcId", ""),
        is_default=bool(raw.get("IsDefault")),
        subnets=tuple(entry["SubnetId"] for entry in raw.get("Associations", ()) if entry.get("SubnetId")),
        inbound=inbound,
        pointer=f"/NetworkAcls/{index}",
    )


def _acl_entry(raw: Json) -> AclEntry:
    ports = raw.get("PortRange", {})
    return AclEntry(
        number=int(raw.get("RuleNumber", 0)),
        allows=raw.get("RuleAction") == "allow",
        protocol=str(raw.get("Protocol", "-1")),
        cidr=str(raw.get("CidrBlock") or raw.get("Ipv6CidrBlock") or ""),
        from_port=ports.get("From"),
        to_port=ports.get("To"),
    )


def _ids(entries: Sequence[Json], key: str) -> tuple[str, ...]:
    return tuple(str(entry[key]) for entry in entries if key in entry)
