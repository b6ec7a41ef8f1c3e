"""The registry of checks: each is declared once, with what the report says of it.

Rules:
 1. a check yields at least one outcome for each thing it is asked about; silence becomes NOT_EVALUATED(exception);
 2. an exception inside a check becomes NOT_EVALUATED(exception), never PASS and never the end of the review;
 3. a check reads `Case` only: no IO, no clock.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.evidence import Evidence, Unread
from harness_cli.review.finding import Confidence, Control, Finding, Origin, Severity, Status, Subject


@dataclass(frozen=True, slots=True)
class Outcome:
    """One word of a check; what is left out comes from the check's declaration."""

    status: Status
    message: str
    resources: tuple[Subject, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    severity: Severity | None = None
    reason: Reason | None = None
    detail: str = ""
    confidence: Confidence = Confidence.HIGH
    origin: Origin = Origin.UNKNOWN
    extra: str = ""


Judge: TypeAlias = Callable[[Case], Iterable[Outcome]]


@dataclass(frozen=True, slots=True)
class Check:
    """The declaration of a check."""

    id: str
    title: str
    severity: Severity
    sources: tuple[System, ...]
    controls: tuple[Control, ...]
    remediation: str
    judge: Judge
    release: int = 1
    data_class: str = "internal"


_CHECKS: dict[str, Check] = {}


def check(
    id: str,
    title: str,
    severity: Severity,
    *,
    sources: tuple[System, ...],
    controls: str,
    remediation: str,
    release: int = 1,
    data_class: str = "internal",
) -> Callable[[Judge], Judge]:
    """Declare the decorated function as check `id`; `controls` is "CIS-AWS/5.0/5.3 FSBP//EC2.13 …"."""

    def declare(judge: Judge) -> Judge:
        if id in _CHECKS:
            raise ValueError(f"check {id} is declared twice")
        parsed = tuple(Control(*part.split("/")) for part in controls.split())
        _CHECKS[id] = Check(id, title, severity, sources, parsed, remediation, judge, release, data_class)
        return judge

    return declare


def all_checks() -> Mapping[str, Check]:
    """Every declared check by id, in the order of declaration."""
    from harness_cli.review import checks  # loading the package declares them

    checks.load()
    return _CHECKS


def failed(message: str, *resources: Subject, evidence: tuple[Evidence, ...], **more: object) -> Outcome:
    """A FAIL; `more` are further fields of Outcome."""
    return Outcome(Status.FAIL, message, resources, evidence, **more)  # type: ignore[arg-type]


def passed(message: str, *resources: Subject, evidence: tuple[Evidence, ...], **more: object) -> Outcome:
    """A PASS; it needs evidence like a failure does."""
    return Outcome(Status.PASS, message, resources, evidence, **more)  # type: ignore[arg-type]


def not_applicable(message: str, *resources: Subject, evidence: tuple[Evidence, ...] = ()) -> Outcome:
    """There is nothing of the kind here."""
    return Outcome(Status.NOT_APPLICABLE, message, resources, evidence)


def not_evaluated(unread: Unread, *resources: Subject) -> Outcome:
    """A fact is missing; the reason is that of the fact."""
    return Outcome(
        Status.NOT_EVALUATED, unread.detail, resources, unread.evidence, reason=unread.reason, detail=unread.detail
    )


def missing(reason: Reason, detail: str, *resources: Subject) -> Outcome:
    """NOT_EVALUATED for a reason that the check itself found (no mapping, not configured)."""
    return not_evaluated(Unread(reason, detail), *resources)


def run_check(declared: Check, case: Case) -> Iterator[Finding]:
    """All findings of one check; never raises, never silent."""
    said = 0
    try:
        for outcome in declared.judge(case):
            said += 1
            yield _finding(declared, case, outcome)
    except Exception as err:  # noqa: BLE001 - rule 2: a broken check is a finding of its own, not the end
        said += 1
        detail = f"the check itself failed ({type(err).__name__})"
        yield _finding(declared, case, missing(Reason.EXCEPTION, detail))
    if not said:
        yield _finding(declared, case, missing(Reason.EXCEPTION, "the check said nothing"))


def _finding(declared: Check, case: Case, outcome: Outcome) -> Finding:
    return Finding(
        check=declared.id,
        title=declared.title,
        status=outcome.status,
        severity=outcome.severity or declared.severity,
        base_severity=declared.severity,
        message=outcome.message,
        resources=outcome.resources,
        reason=outcome.reason,
        detail=outcome.detail,
        confidence=outcome.confidence,
        origin=outcome.origin,
        evidence=outcome.evidence,
        controls=declared.controls,
        remediation=declared.remediation,
        data_class=declared.data_class,
        ticket=case.ticket_key,
        pull_requests=tuple(str(ref) for ref in sorted(case.pulls)),
        extra=outcome.extra,
    )
