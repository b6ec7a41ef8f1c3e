"""What every AWS check does alike: one row at least for each account or region, a reason where a fact is unread."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import AccountFacts, Document, Place, RegionFacts
from harness_cli.review.case import Case
from harness_cli.review.evaluators.public_policy import public_statements
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.finding import Confidence, Origin, Severity, Status, Subject
from harness_cli.review.registry import Outcome, missing, not_applicable, not_evaluated, passed

T = TypeVar("T")
Items: TypeAlias = Fact[tuple[T, ...]]
Seen: TypeAlias = tuple[Evidence, ...]


def account_subject(account: str, region: str = "") -> Subject:
    """The account itself, or its state in one region."""
    return Subject("aws_account", f"arn:aws:iam::{account}:root", account, region)


def subject(kind: str, arn: str, place: Place) -> Subject:
    """A resource of a region; `kind` is its Terraform type."""
    return Subject(kind, arn, place.account, place.region)


def bad(
    message: str,
    *resources: Subject,
    evidence: Seen,
    severity: Severity | None = None,
    confidence: Confidence = Confidence.HIGH,
    extra: str = "",
) -> Outcome:
    """A failure of something that lives already."""
    return Outcome(
        Status.FAIL,
        message,
        resources,
        evidence,
        severity=severity,
        confidence=confidence,
        origin=Origin.PRE_EXISTING,
        extra=extra,
    )


def at(fact: Fact[Any], pointer: str, value: str = "") -> Seen:  # Any: only its evidence is read
    """The evidence of a fact, pointing at one place of its answer."""
    return tuple(evidence.at_pointer(pointer, value) for evidence in fact.evidence[:1])


def sourced(source: Seen, fact: Fact[Any]) -> Fact[None]:  # Any: as above
    """The fact's evidence, or that of the calls about one item where there were such calls."""
    return Known(None, source or fact.evidence)


def each_account(
    case: Case, fact_of: Callable[[AccountFacts], Fact[T]], judge: Callable[[str, Known[T]], Iterable[Outcome]]
) -> Iterator[Outcome]:
    """One fact of each account, judged."""
    if not case.aws.accounts:
        yield missing(Reason.NOT_CONFIGURED, "no AWS account is in scope")
    for account in case.aws.accounts:
        fact = fact_of(case.aws.account(account))
        if isinstance(fact, Unread):
            yield not_evaluated(fact, account_subject(account))
        else:
            yield from judge(account, fact)


def each_region(
    case: Case, fact_of: Callable[[RegionFacts], Fact[T]], judge: Callable[[Place, Known[T]], Iterable[Outcome]]
) -> Iterator[Outcome]:
    """One fact of each region, judged."""
    places = list(case.aws.places())
    if not places:
        yield missing(Reason.NOT_CONFIGURED, "no region of an AWS account is in scope")
    for place in places:
        fact = fact_of(case.aws.region(place))
        if isinstance(fact, Unread):
            yield not_evaluated(fact, account_subject(place.account, place.region))
        else:
            yield from judge(place, fact)


def each_item(
    case: Case,
    nothing: str,
    fact_of: Callable[[RegionFacts], Items[T]],
    judge: Callable[[Place, T, Known[tuple[T, ...]]], Iterable[Outcome]],
) -> Iterator[Outcome]:
    """Every item of each region, judged or told as unread; a region without items is not applicable."""

    def judge_all(place: Place, fact: Known[tuple[T, ...]]) -> Iterator[Outcome]:
        if not fact.value and not fact.gaps:
            yield not_applicable(nothing, account_subject(place.account, place.region), evidence=fact.evidence)
        for item in fact.value:
            yield from judge(place, item, fact)
        yield from _gaps(place, fact)

    return each_region(case, fact_of, judge_all)


def _gaps(place: Place, fact: Known[Any]) -> Iterator[Outcome]:  # Any: only what is missing in it
    """One row for each item that could not be read."""
    return (not_evaluated(gap.unread, subject(gap.kind, gap.uid, place)) for gap in fact.gaps)


Part: TypeAlias = tuple[
    Callable[[RegionFacts], Items[Any]],  # Any: each part has items of its own kind
    Callable[[Place, Any, Known[Any]], Iterable[Outcome]],
]


def each_kind(case: Case, nothing: str, parts: Mapping[str, Part]) -> Iterator[Outcome]:
    """Items of several kinds under one check; one row says that there are none of any."""
    if not case.aws.by_place:
        yield missing(Reason.NOT_CONFIGURED, "no region of an AWS account is in scope")
    for place in case.aws.places():
        what, facts = account_subject(place.account, place.region), case.aws.region(place)
        rows: list[Outcome] = []
        for kind, (fact_of, judge) in parts.items():
            fact = fact_of(facts)
            if isinstance(fact, Unread):
                rows.append(replace(not_evaluated(fact, what), extra=kind))
            else:
                rows += [row for item in fact.value for row in judge(place, item, fact)]
                rows += _gaps(place, fact)
        seen = tuple(evidence for fact_of, _ in parts.values() for evidence in fact_of(facts).evidence)
        yield from rows or [not_applicable(nothing, what, evidence=seen)]


def said(holds: bool, good: str, wrong: str, *resources: Subject, evidence: Seen) -> Outcome:
    """PASS with one sentence, or FAIL with the other."""
    return passed(good, *resources, evidence=evidence) if holds else bad(wrong, *resources, evidence=evidence)


def first_unread(facts: Sequence[Fact[Any]]) -> Unread | None:  # Any: only whether it was read
    """The first fact that could not be read."""
    return next((fact for fact in facts if isinstance(fact, Unread)), None)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a resource."""

    message: str
    severity: Severity
    evidence: Seen


def summed(faults: Sequence[Fault], facts: Sequence[Fact[Any]], good: str, *resources: Subject, seen: Seen) -> Outcome:
    """One row for several questions: the faults together; else the first unread answer; else PASS."""
    if faults:
        worst = min(faults, key=lambda fault: tuple(Severity).index(fault.severity))
        evidence = tuple(evidence for fault in faults for evidence in fault.evidence)
        return bad("; ".join(fault.message for fault in faults), *resources, evidence=evidence, severity=worst.severity)
    unread = first_unread(facts)
    if unread is not None:
        return not_evaluated(unread, *resources)
    return passed(good, *resources, evidence=seen)


def policy_faults(policy: Fact[Document | None], severity: Severity, key: str = "/Policy") -> list[Fault]:
    """A fault for each statement of a resource's policy that lets everybody in."""
    if isinstance(policy, Unread) or policy.value is None:
        return []
    return [
        Fault("its policy lets everybody in", severity, at(policy, f"{key}{statement.pointer}", "principal *"))
        for statement in public_statements(policy.value)[:1]
    ]
