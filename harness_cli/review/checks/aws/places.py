"""What every AWS check does alike: one row at least for each account or region, a reason where a fact is unread."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import AccountFacts, Place, RegionFacts
from harness_cli.review.case import Case
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
    """Every item of each region, judged; a region without items is not applicable."""

    def judge_all(place: Place, fact: Known[tuple[T, ...]]) -> Iterator[Outcome]:
        if not fact.value:
            yield not_applicable(nothing, account_subject(place.account, place.region), evidence=fact.evidence)
        for item in fact.value:
            yield from judge(place, item, fact)

    return each_region(case, fact_of, judge_all)


def said(holds: bool, good: str, wrong: str, *resources: Subject, evidence: Seen) -> Outcome:
    """PASS with one sentence, or FAIL with the other."""
    return passed(good, *resources, evidence=evidence) if holds else bad(wrong, *resources, evidence=evidence)


def first_unread(facts: Sequence[Fact[Any]]) -> Unread | None:  # Any: only whether it was read
    """The first fact that could not be read."""
    return next((fact for fact in facts if isinstance(fact, Unread)), None)
