"""ELB-01, ELB-02: load balancers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Balancer, Listener, Place, RegionFacts
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import Fault, Part, at, each_kind, subject, summed
from harness_cli.review.checks.aws.security_groups import blind_spot, lists_of
from harness_cli.review.evaluators.cidr import AddressError
from harness_cli.review.evaluators.exposure import group_openings, is_blind
from harness_cli.review.evaluators.ports import beyond_web
from harness_cli.review.evaluators.tls import speaks_old_tls
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check

Balancers: TypeAlias = Known[tuple[Balancer, ...]]
_CLASSIC: Final = "classic"
_LOGGED: Final = frozenset({"application", _CLASSIC})
_MEDIUM = Severity.MEDIUM


@check(
    "ELB-01",
    "Load balancer serves plain HTTP or old TLS",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//ELB.1 NIST-800-53r5//SC-8",
    remediation="Redirect HTTP to HTTPS, and use a policy that starts at TLS 1.2.",
)
def transport(case: Case) -> Iterator[Outcome]:
    """ELB-01: every HTTP listener redirects, every TLS listener starts at 1.2."""

    def judge(place: Place, balancer: Balancer, fact: Balancers) -> Iterator[Outcome]:
        listeners = balancer.listeners
        found = listeners.value if isinstance(listeners, Known) else ()
        faults = [fault for listener in found for fault in _listener_faults(listener, listeners)]
        facts: list[Fact[Any]] = [listeners]  # Any: only whether each was read
        if any(listener.speaks_tls and speaks_old_tls(listener.tls_policy) is None for listener in found):
            facts.append(Unread(Reason.MISSING_MAPPING, "a listener's TLS policy is not in our table"))
        what = subject(_kind(balancer), balancer.arn, place)
        yield summed(faults, facts, "HTTP is redirected, TLS starts at 1.2", what, seen=at(fact, balancer.pointer))

    return _each_balancer(case, judge)


@check(
    "ELB-02",
    "Internet-facing load balancer is open beyond the web, or not guarded",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//ELB.5 FSBP//ELB.6 NIST-800-53r5//SC-7 NIST-800-53r5//AU-2",
    remediation="Close every port but 80 and 443, turn on access logs, and deletion protection in prod.",
)
def guards(case: Case) -> Iterator[Outcome]:
    """ELB-02: ports, access logs (application, classic), in prod deletion protection where there is such a thing."""

    def judge(place: Place, balancer: Balancer, fact: Balancers) -> Iterator[Outcome]:
        region = case.aws.region(place)
        faults, facts = _exposure(balancer, region) if balancer.internet_facing else ([], [])
        if balancer.kind in _LOGGED:
            faults += _off(balancer.access_logs, "access is not logged")
            facts.append(balancer.access_logs)
        if case.env == "prod" and balancer.kind != _CLASSIC:
            faults += _off(balancer.deletion_protection, "deletion protection is off")
            facts.append(balancer.deletion_protection)
        what = subject(_kind(balancer), balancer.arn, place)
        yield summed(faults, facts, "guarded, and open to the web only", what, seen=at(fact, balancer.pointer))

    return _each_balancer(case, judge)


def _each_balancer(case: Case, judge: Callable[[Place, Balancer, Balancers], Iterable[Outcome]]) -> Iterator[Outcome]:
    both: Mapping[str, Part] = {
        "aws_lb": (lambda facts: facts.balancers, judge),
        "aws_elb": (lambda facts: facts.classic_balancers, judge),
    }
    return each_kind(case, "the region has no load balancers", both)


def _kind(balancer: Balancer) -> str:
    return "aws_elb" if balancer.kind == _CLASSIC else "aws_lb"


def _listener_faults(listener: Listener, fact: Fact[tuple[Listener, ...]]) -> Iterator[Fault]:
    if listener.protocol == "HTTP" and not listener.redirects_to_https:
        yield Fault(f"port {listener.port} serves plain HTTP", _MEDIUM, at(fact, listener.pointer, "HTTP"))
    if speaks_old_tls(listener.tls_policy):
        seen = at(fact, f"{listener.pointer}/SslPolicy", listener.tls_policy)
        yield Fault(f"port {listener.port} speaks TLS below 1.2", _MEDIUM, seen)


def _exposure(balancer: Balancer, facts: RegionFacts) -> tuple[list[Fault], list[Fact[Any]]]:  # Any: as above
    groups = facts.security_groups
    if isinstance(groups, Unread) or not balancer.groups:
        return [], [groups] if balancer.groups else []
    try:
        found = beyond_web(group_openings(balancer.groups, groups.value, lists_of(facts)))
    except AddressError:
        return [], [Unread(Reason.EXCEPTION, "a security group holds no address range")]
    if not found and is_blind(balancer.groups, groups.value, lists_of(facts)):
        return [], [blind_spot(facts, balancer.groups, ())]
    seen = [at(groups, opening.pointers[0], opening.label) for opening in found[:1]]
    return [Fault("the Internet gets in beyond ports 80 and 443", _MEDIUM, one) for one in seen], []


def _off(fact: Fact[bool], message: str) -> list[Fault]:
    return (
        [Fault(message, _MEDIUM, at(fact, "/Attributes", "false"))]
        if isinstance(fact, Known) and not fact.value
        else []
    )
