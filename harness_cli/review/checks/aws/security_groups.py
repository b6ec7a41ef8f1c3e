"""EC2-01, EC2-02, EC2-03: what security groups let in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Place, RegionFacts, SecurityGroup
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import Seen, account_subject, at, bad, each_item, each_region, said, subject
from harness_cli.review.evaluators.cidr import AddressError
from harness_cli.review.evaluators.ports import SENSITIVE_PORTS, Opening, openings, resolved, sensitive
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Confidence, Severity
from harness_cli.review.registry import Outcome, check, not_applicable, not_evaluated, passed

Groups: TypeAlias = Known[tuple[SecurityGroup, ...]]
Chosen: TypeAlias = Mapping[int, Opening]  # the ports that matter, each with the opening that holds it
Choice: TypeAlias = Callable[[Sequence[Opening]], Chosen]
_NOTHING = "the region has no security groups"
_KIND = "aws_security_group"


@check(
    "EC2-01",
    "Security group lets the Internet in to an administration or database port",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/5.3 CIS-AWS/5.0/5.4 FSBP//EC2.13 FSBP//EC2.14 FSBP//EC2.19 NIST-800-53r5//SC-7 SOC2//CC6.6",
    remediation="Admit the addresses that need the port, or use Session Manager or a VPN.",
    data_class="restricted",
)
def sensitive_ports(case: Case) -> Iterator[Outcome]:
    """EC2-01: sensitive ports, by the union of ranges; critical where the group is attached, high where it is not."""
    ports = configured_ports(case)

    def judge(place: Place, group: SecurityGroup, fact: Groups) -> Iterator[Outcome]:
        facts = case.aws.region(place)
        yield _judged(place, group, fact, facts, lambda found: sensitive(found, ports))

    return each_item(case, _NOTHING, lambda facts: facts.security_groups, judge)


@check(
    "EC2-02",
    "Security group lets the Internet in to every port",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/5.3 FSBP//EC2.19 NIST-800-53r5//SC-7 SOC2//CC6.6",
    remediation="Admit single ports from the addresses that need them.",
    data_class="restricted",
)
def every_port(case: Case) -> Iterator[Outcome]:
    """EC2-02: protocol -1, or TCP or UDP from the first port to the last."""

    def judge(place: Place, group: SecurityGroup, fact: Groups) -> Iterator[Outcome]:
        facts = case.aws.region(place)
        yield _judged(place, group, fact, facts, _everything)

    return each_item(case, _NOTHING, lambda facts: facts.security_groups, judge)


@check(
    "EC2-03",
    "Default security group has rules",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/5.5 FSBP//EC2.2 NIST-800-53r5//SC-7",
    remediation="Take every rule out of the default group, and give workloads groups of their own.",
)
def default_group(case: Case) -> Iterator[Outcome]:
    """EC2-03: what nobody chose should admit nothing."""

    def judge(place: Place, fact: Groups) -> Iterator[Outcome]:
        defaults = [group for group in fact.value if group.name == "default"]
        if not defaults:
            yield not_applicable(_NOTHING, account_subject(place.account, place.region), evidence=fact.evidence)
        for group in defaults:
            yield _default(place, group, fact)

    return each_region(case, lambda facts: facts.security_groups, judge)


def configured_ports(case: Case) -> tuple[int, ...]:
    """The ports of `review.ports`, or the default list."""
    found: list[int] = []
    for text in case.config.review.ports:
        first, _, last = text.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return tuple(found) or SENSITIVE_PORTS


def lists_of(facts: RegionFacts) -> Mapping[str, Sequence[str]]:
    """Prefix lists that could be read, by id."""
    fact = facts.prefix_lists
    return {one.id: one.cidrs for one in fact.value if one.unread is None} if isinstance(fact, Known) else {}


def blind_spot(facts: RegionFacts, ids: Iterable[str], seen: Seen) -> Unread:
    """Why what the groups admit is not known: the reason of their first unread prefix list, or a group not shown."""
    fact, groups = facts.prefix_lists, facts.security_groups
    if isinstance(fact, Unread):
        return fact
    asked = set(ids)
    shown = groups.value if isinstance(groups, Known) else ()
    named = {name for group in shown if group.id in asked for rule in group.ingress for name in rule.prefix_lists}
    first = next((one.unread for one in fact.value if one.id in named and one.unread is not None), None)
    if first is not None:
        return Unread(first.reason, f"a prefix list could not be read: {first.detail}", (*seen, *first.evidence))
    return Unread(Reason.ACCESS_DENIED, "a security group or prefix list could not be read", seen)


def _default(place: Place, group: SecurityGroup, fact: Groups) -> Outcome:
    count = f"{len(group.ingress)} in, {group.egress_rules} out"
    return said(
        not group.ingress and not group.egress_rules,
        "the default group has no rules",
        f"the default group has rules ({count})",
        subject(_KIND, group.arn, place),
        evidence=at(fact, group.pointer, count),
    )


def _everything(found: Sequence[Opening]) -> Chosen:
    return {opening.first: opening for opening in found if opening.is_everything}


def _judged(place: Place, group: SecurityGroup, fact: Groups, facts: RegionFacts, choose: Choice) -> Outcome:
    what = subject(_KIND, group.arn, place)
    rules, unread_lists = resolved(group.ingress, lists_of(facts))
    try:
        found = choose(openings(rules))
    except AddressError:
        return not_evaluated(Unread(Reason.EXCEPTION, "a rule holds no address range", at(fact, group.pointer)), what)
    if found:
        return _open(group, fact, facts, found, place)
    if unread_lists:
        return not_evaluated(blind_spot(facts, [group.id], at(fact, group.pointer)), what)
    return passed("the Internet is not let in", what, evidence=at(fact, group.pointer))


def _open(group: SecurityGroup, fact: Groups, facts: RegionFacts, found: Chosen, place: Place) -> Outcome:
    opening = next(iter(found.values()))
    ports = ", ".join(map(str, list(found)[:4])) + (" …" if len(found) > 4 else "")
    where = "every port" if opening.is_everything else f"port {ports}"
    attached, state = _attachment(group, facts)
    return bad(
        f"lets the Internet in to {where} ({state})",
        subject(_KIND, group.arn, place),
        evidence=at(fact, opening.pointers[0] if opening.pointers else group.pointer, opening.label),
        severity=Severity.HIGH if attached is False else Severity.CRITICAL,
        confidence=Confidence.MEDIUM if attached is None else Confidence.HIGH,
    )


def _attachment(group: SecurityGroup, facts: RegionFacts) -> tuple[bool | None, str]:
    """Whether anything carries the group, in words; None where nothing is known to and some could not be read."""
    carriers = {
        "network interfaces": facts.interfaces,
        "instances": facts.instances,
        "databases": facts.databases,
        "load balancers": facts.balancers,
        "classic load balancers": facts.classic_balancers,
    }
    if any(group.id in one.groups for fact in carriers.values() if isinstance(fact, Known) for one in fact.value):
        return True, "attached"
    unread = [name for name, fact in carriers.items() if isinstance(fact, Unread) or fact.gaps]
    if unread:
        return None, f"attachment not known: {', '.join(unread)} unread"
    return False, "attached to nothing"
