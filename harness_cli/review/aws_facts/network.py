"""Facts about networks and machines. `pointer` is the JSON pointer into the answer of the call that read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness_cli.review.evidence import Unread

Tags = Mapping[str, str]  # values are text from outside: compared, never shown


@dataclass(frozen=True, slots=True)
class IngressRule:
    """One permission of a security group; ports None mean every port (`-1`) or none (ICMP)."""

    protocol: str  # "-1", "tcp", "udp", "icmp", "icmpv6", or a number
    from_port: int | None = None
    to_port: int | None = None
    cidrs: tuple[str, ...] = ()  # IPv4 and IPv6
    prefix_lists: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group; `egress_rules` counts, because only the default group's are judged."""

    id: str
    arn: str
    name: str
    vpc: str
    ingress: tuple[IngressRule, ...] = ()
    egress_rules: int = 0
    tags: Tags = field(default_factory=dict)
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """A network interface: what a security group is really attached to."""

    id: str
    groups: tuple[str, ...]
    subnet: str = ""
    vpc: str = ""
    instance: str = ""
    public_ip: str = ""
    ipv6: tuple[str, ...] = ()
    description_kind: str = ""  # the requester's kind, never its text: rds, elb, lambda …
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance that is not terminated; its groups and addresses are those of all its interfaces."""

    id: str
    arn: str
    state: str
    groups: tuple[str, ...]
    subnet: str = ""
    vpc: str = ""
    public_ip: str = ""
    ipv6: tuple[str, ...] = ()
    interfaces: tuple[NetworkInterface, ...] = ()  # each with groups and a subnet of its own
    http_tokens: str = ""
    http_endpoint: str = "enabled"
    tags: Tags = field(default_factory=dict)
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet."""

    id: str
    arn: str
    vpc: str
    maps_public_ip: bool = False
    tags: Tags = field(default_factory=dict)
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One route; the target is the id of whatever it leads to (`igw-…`, `nat-…`, `local`)."""

    destination: str  # CIDR or prefix list
    target: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table with the subnets that name it; `main` serves the others of its VPC."""

    id: str
    vpc: str
    main: bool
    subnets: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One inbound line of a network ACL."""

    number: int
    allows: bool
    protocol: str
    cidr: str
    from_port: int | None = None
    to_port: int | None = None


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """A network ACL, inbound only."""

    id: str
    arn: str
    vpc: str
    is_default: bool
    subnets: tuple[str, ...] = ()
    inbound: tuple[AclEntry, ...] = ()
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC."""

    id: str
    arn: str
    is_default: bool = False
    tags: Tags = field(default_factory=dict)
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class FlowLog:
    """A flow log on a VPC, subnet or interface."""

    id: str
    resource: str
    active: bool = True
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Listener:
    """A balancer's listener; `redirects_to_https` where its default action does."""

    arn: str
    port: int
    protocol: str
    tls_policy: str = ""
    redirects_to_https: bool = False
    pointer: str = ""

    @property
    def speaks_tls(self) -> bool:
        """Whether a TLS policy governs it."""
        return self.protocol in {"HTTPS", "TLS", "SSL"}


@dataclass(frozen=True, slots=True)
class PrefixList:
    """What a prefix list stands for."""

    id: str
    cidrs: tuple[str, ...] = ()
    unread: Unread | None = None  # why `cidrs` is empty, where it could not be read
