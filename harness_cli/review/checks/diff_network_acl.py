"""Entries of network ACLs in code, judged in the order of their numbers as the account's are (EC2-04).

What the code does not tell turns out badly in the worst reading: an entry allows, and comes before what denies; in the
best one it denies, and comes first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from harness_cli.review.aws_facts.network import AclEntry
from harness_cli.review.checks.diff_network import owner_of, placed_rules
from harness_cli.review.checks.diff_rules import Code, Fault
from harness_cli.review.evaluators.cidr import AddressSet, addresses
from harness_cli.review.evaluators.ports import Opening, admitted, port_range, protocol_of
from harness_cli.review.finding import Severity
from harness_cli.review.iac.model import Block, Value, is_open

_ACLS: Final = ("aws_network_acl", "aws_default_network_acl")
_ENTRY: Final = "aws_network_acl_rule"
_REMOTE: Final = (22, 3389)  # CIS AWS 5.2, FSBP EC2.21
_FIRST, _LAST = 0, 32_767  # before and behind every number that AWS takes
_WORLD: Final = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class _Placed:
    """One inbound entry in one reading, and where in its block it stands."""

    entry: AclEntry
    path: str
    attribute: str


def acl_faults(block: Block, code: Code, worst: bool) -> Iterator[Fault]:
    """Entries that admit the Internet to remote administration (ephemeral ports must stay open)."""
    own = [placed for placed in _entries(block, worst) if placed.entry.allows]
    if not own:
        return
    let_in = _let_in(block, code, worst)
    for placed in own:
        if any(_covers(placed.entry, port) and _shares(placed.entry, let_in[port]) for port in _REMOTE):
            yield _fault(placed)


def _fault(placed: _Placed) -> Fault:
    first, last = port_range(placed.entry)
    told = Opening("tcp", first, last, (), (placed.entry.cidr,)).label
    paths = (placed.attribute, placed.path or "protocol")
    return Fault(f"acl {placed.path} {told}", f"admits {told} from the Internet", Severity.MEDIUM, paths)


def _let_in(block: Block, code: Code, worst: bool) -> Mapping[int, AddressSet]:
    """Whom the block's ACL admits to each port: looked at once for all blocks of it."""
    acl = owner_of(block, _ACLS, "network_acl_id")
    key = ("acl", acl, worst)
    if acl is not None and key in code.known:
        known: Mapping[int, AddressSet] = code.known[key]
        return known
    related = [
        other for other in code.of_type(*_ACLS, _ENTRY) if acl and owner_of(other, _ACLS, "network_acl_id") == acl
    ]
    entries = [placed.entry for other in related or [block] for placed in _entries(other, worst)]
    code.known[key] = found = {port: admitted(entries, port) for port in _REMOTE}
    return found


def _covers(entry: AclEntry, port: int) -> bool:
    first, last = port_range(entry)
    return protocol_of(entry.protocol) in {"tcp", "-1"} and first <= port <= last


def _shares(entry: AclEntry, let_in: AddressSet) -> bool:
    """Whether the Internet gets in, by this entry alone or not without it."""
    mine = addresses((entry.cidr,)).common(let_in)
    return mine.is_world or (let_in.is_world and not let_in.minus(mine).is_world)


def _entries(block: Block, worst: bool) -> Iterator[_Placed]:
    if block.mode != "resource":
        return
    if block.type == _ENTRY:
        egress = block.get("egress", False)
        if egress in (False, "false") or (worst and is_open(egress)):
            yield from _read(block.attributes, block, "", worst)
    elif block.type in _ACLS:
        for at, raw in enumerate(block.nested("ingress")):
            yield from _read(raw, block, f"ingress.{at}", worst)


def _read(raw: Value, block: Block, path: str, worst: bool) -> Iterator[_Placed]:
    """One entry for each of its ranges."""
    if not isinstance(raw, Mapping):
        if is_open(raw):
            yield from (_Placed(AclEntry(_FIRST, worst, "-1", cidr), path, path) for cidr in _WORLD)
        return
    action = raw.get("rule_action", raw.get("action"))
    allows = worst if is_open(action) else str(action).lower() == "allow"
    number = _number(raw)
    if number is None:
        number = _FIRST if allows == worst else _LAST
    # the worst reading of a deny is the best one of an allow: it shuts as little as it may
    for one in placed_rules(_plain(raw), block, path, allows == worst):
        rule, attribute = one.rule, ".".join(part for part in (path, "ipv6_cidr_block") if part)
        for cidr in rule.cidrs:
            where = attribute if ":" in cidr else attribute.replace("ipv6_", "")
            yield _Placed(AclEntry(number, allows, rule.protocol, cidr, rule.from_port, rule.to_port), path, where)


def _number(raw: Mapping[str, Value]) -> int | None:
    written = raw.get("rule_number", raw.get("rule_no"))
    try:
        return None if isinstance(written, bool) or is_open(written) else int(written)
    except (OverflowError, TypeError, ValueError):
        return None


def _plain(raw: Mapping[str, Value]) -> dict[str, Value]:
    """The entry with the names of a security group's rule; an absent range is none."""
    named = {"cidr_blocks": "cidr_block", "ipv6_cidr_blocks": "ipv6_cidr_block"}
    return {**raw, **{ours: raw[theirs] for ours, theirs in named.items() if raw.get(theirs) is not None}}
