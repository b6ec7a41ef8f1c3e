"""Entries of network ACLs in code, in the order of their numbers: a deny in front of an allow shuts it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final

from harness_cli.review.checks.diff_network import owner_of, placed_rules
from harness_cli.review.checks.diff_rules import Code, Fault
from harness_cli.review.evaluators.cidr import AddressSet, addresses
from harness_cli.review.evaluators.ports import Opening, openings, port_range, protocol_of
from harness_cli.review.finding import Severity
from harness_cli.review.iac.model import Block, Value, is_open

_ACLS: Final = ("aws_network_acl", "aws_default_network_acl")
_ENTRY: Final = "aws_network_acl_rule"
_REMOTE: Final = (22, 3389)  # CIS AWS 5.2, FSBP EC2.21
_ALLOW: Final = "allow"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One inbound entry as written, and where in its block it stands."""

    raw: Mapping[str, Value]
    path: str = ""

    @property
    def action(self) -> Value:
        """`allow`, `deny`, or what the code alone does not tell."""
        return self.raw.get("rule_action", self.raw.get("action"))

    @property
    def number(self) -> int | None:
        """Its place in the order; None where the code does not tell."""
        written = self.raw.get("rule_number", self.raw.get("rule_no"))
        try:
            return None if isinstance(written, bool) or is_open(written) else int(written)
        except (OverflowError, TypeError, ValueError):
            return None


def acl_faults(block: Block, code: Code, worst: bool) -> Iterator[Fault]:
    """Entries that admit the Internet to remote administration (ephemeral ports must stay open)."""
    own = [one for one in _entries(block) if one.action == _ALLOW]
    if not own:
        return
    denies = [
        (entry, other) for other in _same_acl(block, code) for entry in _entries(other) if _shuts(entry.action, worst)
    ]
    for entry in own:
        before = [(deny, where) for deny, where in denies if _comes_first(deny, entry, worst)]
        for opening in _openings(entry, block, worst):
            if any(opening.holds(port) and _is_admitted(opening, port, before, worst) for port in _REMOTE):
                yield _fault(entry, opening)


def _fault(entry: _Entry, opening: Opening) -> Fault:
    paths = [".".join(part for part in (entry.path, name) if part) for name in ("cidr_block", "ipv6_cidr_block")]
    message = f"admits {opening.label} from the Internet"
    return Fault(f"acl {entry.path} {opening.label}", message, Severity.MEDIUM, (*paths, entry.path or "protocol"))


def _entries(block: Block) -> Iterator[_Entry]:
    if block.mode != "resource":
        return
    if block.type == _ENTRY and block.get("egress", False) in (False, "false"):
        yield _Entry(block.attributes)
    elif block.type in _ACLS:
        for at, raw in enumerate(block.nested("ingress")):
            if isinstance(raw, Mapping):
                yield _Entry(raw, f"ingress.{at}")


def _same_acl(block: Block, code: Code) -> list[Block]:
    acl = owner_of(block, _ACLS, "network_acl_id")
    found = [other for other in code.of_type(*_ACLS, _ENTRY) if owner_of(other, _ACLS, "network_acl_id") == acl]
    return found if acl is not None else [block]


def _shuts(action: Value, worst: bool) -> bool:
    return action == "deny" or (is_open(action) and not worst)


def _comes_first(deny: _Entry, allow: _Entry, worst: bool) -> bool:
    if deny.number is None or allow.number is None:
        return not worst
    return deny.number < allow.number


def _openings(entry: _Entry, block: Block, worst: bool) -> tuple[Opening, ...]:
    rules = [one.rule for one in placed_rules(_plain(entry), block, entry.path, worst) if one.rule.cidrs]
    return tuple(opening for opening in openings(rules) if opening.protocol == "tcp")


def _is_admitted(opening: Opening, port: int, before: list[tuple[_Entry, Block]], worst: bool) -> bool:
    """Whether the Internet gets through to a port behind the denies; unknown ones shut in the best reading only."""
    shut = [addresses(_shut(deny, where, port, worst)) for deny, where in before]
    return addresses(opening.cidrs).minus(reduce(AddressSet.union, shut, AddressSet())).is_world


def _shut(deny: _Entry, block: Block, port: int, worst: bool) -> tuple[str, ...]:
    cidrs: tuple[str, ...] = ()
    # the worst reading of a deny is the best one of an allow: it shuts as little as it may
    for one in placed_rules(_plain(deny), block, deny.path, not worst):
        first, last = port_range(one.rule)
        if protocol_of(one.rule.protocol) in {"tcp", "-1"} and first <= port <= last:
            cidrs += one.rule.cidrs
    return cidrs


def _plain(entry: _Entry) -> dict[str, Value]:
    """The entry with the names of a security group's rule; an absent range is none."""
    named = {"cidr_blocks": "cidr_block", "ipv6_cidr_blocks": "ipv6_cidr_block"}
    ranges = {ours: entry.raw[theirs] for ours, theirs in named.items() if entry.raw.get(theirs) is not None}
    return {**entry.raw, **ranges}
