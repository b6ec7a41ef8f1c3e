"""Which ports do rules open to the Internet? Ranges of all rules are joined, for each port."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import Final

from harness_cli.review.aws_facts.network import AclEntry, IngressRule
from harness_cli.review.evaluators.cidr import AddressSet, addresses

LAST_PORT: Final = 65_535
EVERY: Final = (0, LAST_PORT)
WEB_PORTS: Final = frozenset({80, 443})

# EC2-01, unless `review.ports` says otherwise
SENSITIVE_PORTS: Final = (
    *(22, 23, 135, 139, 445, 1433, 1521, 2375, 2376, 3306, 3389, 5432, 5601, *range(5900, 5904), 5984, 6379, 6443),
    *(9042, 9200, 9300, 11211, *range(27017, 27020)),
)
_UDP_SENSITIVE: Final = frozenset({135, 139, 445, 3389, 11211})  # the others do not speak UDP
_PROTOCOLS: Final = {"6": "tcp", "17": "udp", "all": "-1", "any": "-1", "1": "icmp", "58": "icmpv6"}


@dataclass(frozen=True, slots=True)
class Opening:
    """A range of ports that the Internet reaches, and the rules that do it."""

    protocol: str  # tcp or udp
    first: int
    last: int
    pointers: tuple[str, ...]
    cidrs: tuple[str, ...]

    @property
    def is_everything(self) -> bool:
        """Whether every port is open; port 0 serves nobody."""
        return self.first <= 1 and self.last == LAST_PORT

    def holds(self, port: int) -> bool:
        """Whether a port is inside."""
        return self.first <= port <= self.last

    @property
    def label(self) -> str:
        """`tcp/22 0.0.0.0/0`, at most three ranges."""
        ports = "all" if self.is_everything else str(self.first)
        span = "" if self.is_everything or self.first == self.last else f"-{self.last}"
        more = " …" if len(self.cidrs) > 3 else ""
        return f"{self.protocol}/{ports}{span} {' '.join(self.cidrs[:3])}{more}"


def protocol_of(text: str) -> str:
    """`tcp`, `udp`, `-1` (all), or the text itself in lower case."""
    folded = text.strip().lower()
    return _PROTOCOLS.get(folded, folded)


def port_range(rule: IngressRule | AclEntry) -> tuple[int, int]:
    """The ports of a rule; `-1` and missing ports mean all of them."""
    if protocol_of(rule.protocol) == "-1" or rule.from_port is None or rule.to_port is None or rule.from_port < 0:
        return EVERY
    return rule.from_port, rule.to_port


def openings(rules: Iterable[IngressRule]) -> tuple[Opening, ...]:
    """Every range of TCP and UDP ports that a world of addresses reaches. Raises AddressError."""
    listed = [rule for rule in rules if rule.cidrs]
    return tuple(found for protocol in ("tcp", "udp") for found in _openings(protocol, listed))


def sensitive(found: Iterable[Opening], ports: Sequence[int] = SENSITIVE_PORTS) -> dict[int, Opening]:
    """The sensitive ports among openings, each with the opening that holds it."""
    open_ports: dict[int, Opening] = {}
    for opening in found:
        for port in ports:
            speaks = opening.protocol == "tcp" or opening.is_everything or port in _UDP_SENSITIVE
            if speaks and opening.holds(port):
                open_ports.setdefault(port, opening)
    return open_ports


def beyond_web(found: Iterable[Opening]) -> tuple[Opening, ...]:
    """Openings that hold more than the web's ports."""
    return tuple(
        o for o in found if any(port not in WEB_PORTS for port in range(o.first, min(o.last, o.first + 2) + 1))
    )


def resolved(
    rules: Iterable[IngressRule], lists: Mapping[str, Sequence[str]]
) -> tuple[tuple[IngressRule, ...], frozenset[str]]:
    """Rules with their prefix lists written out, and the lists that nobody could read."""
    out: list[IngressRule] = []
    unread: set[str] = set()
    for rule in rules:
        known = [cidr for name in rule.prefix_lists for cidr in lists.get(name, ())]
        unread |= {name for name in rule.prefix_lists if name not in lists}
        out.append(replace(rule, cidrs=(*rule.cidrs, *known)) if known else rule)
    return tuple(out), frozenset(unread)


def admitted(entries: Iterable[AclEntry], port: int, protocol: str = "tcp") -> AddressSet:
    """Whom an ordered list of allows and denies lets in to a port. Raises AddressError."""
    allowed, decided = AddressSet(), AddressSet()
    for entry in sorted(entries, key=lambda entry: entry.number):
        first, last = port_range(entry)
        if protocol_of(entry.protocol) not in {protocol, "-1"} or not first <= port <= last:
            continue
        asked = addresses((entry.cidr,))
        if entry.allows:
            allowed = allowed.union(asked.minus(decided))
        decided = decided.union(asked)
    return allowed


def _openings(protocol: str, rules: Sequence[IngressRule]) -> list[Opening]:
    of_protocol = [rule for rule in rules if protocol_of(rule.protocol) in {protocol, "-1"}]
    spans = {rule: port_range(rule) for rule in of_protocol}
    edges = sorted({edge for first, last in spans.values() for edge in (first, last + 1)})
    found: list[Opening] = []
    for first, following in pairwise(edges):
        here = [rule for rule in of_protocol if spans[rule][0] <= first and spans[rule][1] >= following - 1]
        union = reduce(AddressSet.union, (addresses(rule.cidrs) for rule in here), AddressSet())
        if union.is_world:
            _append(found, _opening(protocol, first, following - 1, here))
    return found


def _opening(protocol: str, first: int, last: int, rules: Sequence[IngressRule]) -> Opening:
    public = [rule for rule in rules if addresses(rule.cidrs).public_v4 or addresses(rule.cidrs).public_v6]
    cidrs = tuple(dict.fromkeys(cidr for rule in public for cidr in rule.cidrs))
    return Opening(protocol, first, last, tuple(rule.pointer for rule in public), cidrs)


def _append(found: list[Opening], new: Opening) -> None:
    """Join what touches: 0-1023 and 1024-65535 are all ports."""
    if found and found[-1].last + 1 == new.first and found[-1].protocol == new.protocol:
        old = found[-1]
        pointers = tuple(dict.fromkeys((*old.pointers, *new.pointers)))
        cidrs = tuple(dict.fromkeys((*old.cidrs, *new.cidrs)))
        found[-1] = Opening(old.protocol, old.first, new.last, pointers, cidrs)
    else:
        found.append(new)
