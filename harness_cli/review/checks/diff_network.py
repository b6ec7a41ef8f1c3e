"""Rules of security groups in code, joined as AWS joins them: inline blocks and rule resources of one group."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from harness_cli.review.aws_facts.network import IngressRule
from harness_cli.review.checks.diff_rules import Code, Fault
from harness_cli.review.evaluators.cidr import is_range
from harness_cli.review.evaluators.ports import Opening, beyond_web, openings, sensitive
from harness_cli.review.finding import Severity
from harness_cli.review.iac.model import Block, Partial, Ref, Value, is_open

_GROUPS: Final = ("aws_security_group", "aws_default_security_group")
_RULES: Final = ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule")
_WORLD: Final = ("0.0.0.0/0", "::/0")
_NARROW: Final = re.compile(r"/(?:9|[1-9][0-9]{1,2})\Z")  # too few addresses to be the world
_CIDRS: Final = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule, with the block and attribute that it comes from."""

    rule: IngressRule
    block: Block
    path: str


def group_faults(block: Block, code: Code, worst: bool) -> Iterator[Fault]:
    """What a group, or one rule of it, opens to the Internet together with the group's other rules."""
    if block.mode != "resource" or block.type not in (*_GROUPS, *_RULES):
        return
    placed, opened = _opened(block, code, worst)
    for opening in opened:
        own = [placed[int(pointer)] for pointer in opening.pointers if placed[int(pointer)].block == block]
        if not own:
            continue
        critical = opening.is_everything or sensitive([opening])
        ports = "all" if opening.is_everything else f"{opening.first}-{opening.last}"
        yield Fault(
            f"{opening.protocol}/{ports}",
            f"opens {opening.label} to the Internet",
            Severity.CRITICAL if critical else Severity.HIGH,
            (own[0].path, own[0].path.split(".")[0]),
            (opening.first, opening.last),
        )


def _opened(block: Block, code: Code, worst: bool) -> tuple[list[Placed], tuple[Opening, ...]]:
    """The rules of a block's group, and what they open together: looked at once for all blocks of the group."""
    group = _group_of(block)
    key = ("group", group, worst)
    if group is None or key not in code.known:
        placed = _joined(block, code, worst)
        found = placed, beyond_web(openings(one.rule for one in placed))
        if group is None:
            return found
        code.known[key] = found
    known: tuple[list[Placed], tuple[Opening, ...]] = code.known[key]
    return known


def ingress_of(block: Block, *, worst: bool = False) -> tuple[IngressRule, ...]:
    """The ingress rules that one block writes."""
    return tuple(one.rule for one in _own(block, worst))


def _joined(block: Block, code: Code, worst: bool) -> list[Placed]:
    """The rules of a block's group; pointers are indices into the list of those with addresses."""
    group = _group_of(block)
    related = [other for other in code.of_type(*_GROUPS, *_RULES) if _group_of(other) == group] if group else []
    blocks = related if block in related else [block, *related]
    placed = [one for other in blocks for one in _own(other, worst) if one.rule.cidrs]
    return [Placed(_pointed(one.rule, index), one.block, one.path) for index, one in enumerate(placed)]


def _pointed(rule: IngressRule, index: int) -> IngressRule:
    return IngressRule(
        rule.protocol, rule.from_port, rule.to_port, rule.cidrs, rule.prefix_lists, rule.groups, str(index)
    )


def owner_of(block: Block, types: tuple[str, ...], attribute: str) -> tuple[str, str] | None:
    """Which group (or list) a block is, or belongs to by an attribute; None where the code does not tell."""
    if block.type in types:
        name = block.name if block.language == "cloudformation" else block.address
        return (_home(block), name)
    named = block.get(attribute)
    if isinstance(named, Ref):
        name = named.path.split(".")[0] if block.language == "cloudformation" else named.address
        return (_home(block), name)
    return ("", named) if isinstance(named, str) else None


def _group_of(block: Block) -> tuple[str, str] | None:
    return owner_of(block, _GROUPS, "security_group_id")


def _home(block: Block) -> str:
    return block.path if block.language == "cloudformation" else block.folder


def _own(block: Block, worst: bool) -> Iterator[Placed]:
    if block.type in _GROUPS:
        for index, raw in enumerate(block.nested("ingress")):
            yield from placed_rules(raw, block, f"ingress.{index}", worst)
    elif block.type == _RULES[1] or block.get("type", "ingress") == "ingress":
        yield from placed_rules(block.attributes, block, "", worst)


def placed_rules(raw: Value, block: Block, path: str, worst: bool) -> Iterator[Placed]:
    """The rule of one nested block or rule resource; in the worst reading what is not known is open to the world."""
    if not isinstance(raw, Mapping):
        if worst and is_open(raw):
            yield Placed(IngressRule("-1", cidrs=_WORLD), block, path)
        return
    shown = [name for name in _CIDRS if name in raw]
    cidrs = tuple(cidr for name in shown for cidr in _addresses(raw[name], worst))
    protocol = raw.get("protocol", raw.get("ip_protocol", "-1"))
    rule = IngressRule(
        str(protocol) if not is_open(protocol) else ("-1" if worst else "icmp"),
        _port(raw.get("from_port"), worst, 443),
        _port(raw.get("to_port"), worst, 443),
        cidrs,
    )
    yield Placed(rule, block, ".".join(part for part in (path, *shown[:1]) if part) or "cidr_blocks")


def _addresses(value: Value, worst: bool) -> Iterator[str]:
    """The ranges; what is none, or not known, is the world in the worst reading. A reference names something narrow."""
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, str) and is_range(one):
            yield one
        elif _may_be_world(one, worst):
            yield from _WORLD


def _may_be_world(one: Value, worst: bool) -> bool:
    if isinstance(one, Partial):
        return one.text.endswith("/0") or (worst and not _NARROW.search(one.text))
    return worst and one is not None and not isinstance(one, Ref)


def _port(value: Value, worst: bool, harmless: int) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    if is_open(value):
        return None if worst else harmless
    try:
        return int(value)
    except (OverflowError, TypeError, ValueError):
        return None
