"""What a change touches in the live account: X-04 05."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import alone, count, evidence_of, label, on_pulls, pull_subject
from harness_cli.review.checks.cross_match import MATCHED, Twin, named, twins, unread_lists, whole_type
from harness_cli.review.checks.diff_rules import NO_CODE, block_subject, code_evidence
from harness_cli.review.checks.risk import RULES
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Origin, Severity, Status, Subject
from harness_cli.review.iac.change import IacChange, Pair
from harness_cli.review.iac.model import Block
from harness_cli.review.registry import (
    Judge,
    Outcome,
    all_checks,
    check,
    failed,
    missing,
    not_applicable,
    not_evaluated,
    passed,
)

_SOURCES: Final = (System.GITHUB, System.AWS)
_RAISED: Final = {Severity.HIGH: Severity.CRITICAL, Severity.CRITICAL: Severity.CRITICAL}
_NO_AWS: Final = "no AWS account was read in this run"


def touched(change: IacChange, case: Case, sides: Sequence[Block] = ()) -> Iterator[tuple[Pair, Twin]]:
    """Changed blocks with the live resources that they are."""
    code = (*change.before, *change.after, *sides)
    for pair in change.pairs:
        if pair.block.mode == "resource" and pair.is_changed:
            who = (pair.base and named(pair.base, code)) or (pair.head and named(pair.head, code))
            for twin in twins(case.aws, who) if who else ():
                yield pair, twin


def on_code(judge: Any) -> Judge:  # Any: a judge of (case, pull, change)
    """A check of pull requests with infrastructure code, in a run that reads AWS."""

    @on_pulls
    def asked(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
        subject = pull_subject(pull.value.ref)
        parsed = case.iac.get(pull.value.ref, Unread(Reason.NOT_GRANTED, "the changed files were not read"))
        if not case.aws.accounts:
            yield missing(Reason.NOT_CONFIGURED, _NO_AWS, subject)
        elif isinstance(parsed, Unread):
            yield not_evaluated(parsed, subject)
        elif not parsed.value.files and not parsed.value.unread:
            yield not_applicable(NO_CODE, subject, evidence=evidence_of(pull, parsed))
        else:
            yield from judge(case, pull, parsed.value)
            yield from (not_evaluated(file.unread, subject) for file in parsed.value.unread[:1])

    return asked


# --- X-04 -------------------------------------------------------------------------------------------


def exposures(case: Case) -> Mapping[str, tuple[str, Outcome]]:
    """Live resources with their worst open finding of high or above, by ARN."""
    found: dict[str, tuple[str, Outcome]] = {}
    for declared in all_checks().values():
        if declared.sources != (System.AWS,):
            continue
        for outcome in declared.judge(case):
            severity = outcome.severity or declared.severity
            if outcome.status is not Status.FAIL or severity not in _RAISED:
                continue
            for subject in outcome.resources:
                if subject.uid not in found or (
                    severity is Severity.CRITICAL and not _is_critical(*found[subject.uid])
                ):
                    found[subject.uid] = (declared.id, outcome)
    return found


def _is_critical(check_id: str, outcome: Outcome) -> bool:
    return (outcome.severity or all_checks()[check_id].severity) is Severity.CRITICAL


@check(
    "X-04",
    "Change touches something already exposed",
    Severity.HIGH,
    sources=_SOURCES,
    controls="NIST-800-53r5//RA-3",
    remediation="Close what is open first, in a change of its own, or let this change close it.",
)
@on_code
def touches_exposed(case: Case, pull: Known[PullRequest], change: IacChange) -> Iterator[Outcome]:
    """No changed block is a live resource with an open finding of high or above, unless the change mends it."""
    open_now, mended, said = exposures(case), _mended(alone(case, pull.value.ref)), False
    pairs = list(touched(change, case))
    for arn, (pair, twin) in {twin.arn: (pair, twin) for pair, twin in pairs}.items():
        if arn not in open_now or pair.block.address in mended:
            continue
        said = True
        check_id, outcome = open_now[arn]
        severity = outcome.severity or all_checks()[check_id].severity
        yield failed(
            f"{label(pair.block.address)} is live and open now ({check_id}: {outcome.message})",
            Subject(pair.block.type, arn, twin.account, twin.region, case.env),
            block_subject(pull.value, pair.block),
            evidence=(*outcome.evidence, *code_evidence(pull, pair.block.path, pair.block.line)),
            severity=_RAISED[severity],
            extra=str(pull.value.ref),
        )
    if not said:
        yield _nothing_open(case, pull, change, pairs)


def _nothing_open(
    case: Case, pull: Known[PullRequest], change: IacChange, pairs: Sequence[tuple[Pair, Twin]]
) -> Outcome:
    subject = pull_subject(pull.value.ref)
    kinds = {pair.block.type for pair in change.pairs if pair.is_changed and pair.block.type in MATCHED}
    unread = [fact for kind in sorted(kinds) for fact in unread_lists(case.aws, whole_type(kind))]
    if unread:
        return not_evaluated(unread[0], subject)
    evidence = evidence_of(pull, *(twin.fact for _, twin in pairs))
    message = f"{count({twin.arn for _, twin in pairs}, 'live resource')} touched, none of them open"
    return passed(message, subject, evidence=evidence)


def _mended(case: Case) -> frozenset[str]:
    """Addresses whose faults the change ends and to which it adds none."""
    fixed, wrong = set(), set()
    for check_id in RULES:
        for outcome in all_checks()[check_id].judge(case):
            address = outcome.resources[0].uid.rpartition("#")[2] if outcome.resources else ""
            if outcome.origin is Origin.FIXED:
                fixed.add(address)
            elif outcome.status is Status.FAIL:
                wrong.add(address)
    return frozenset(fixed - wrong)


# --- X-05 -------------------------------------------------------------------------------------------


@check(
    "X-05",
    "Change makes it worse or better",
    Severity.LOW,
    sources=_SOURCES,
    controls="NIST-800-53r5//CM-4",
    remediation="Take out what the change makes worse; what was wrong before may be mended in a change of its own.",
)
@on_code
def worse_or_better(case: Case, pull: Known[PullRequest], _: IacChange) -> Iterator[Outcome]:
    """Faults of the code, held against what lives: introduced, pre-existing, fixed."""
    counts = dict.fromkeys((Origin.INTRODUCED, Origin.PRE_EXISTING, Origin.FIXED), 0)
    unknown: Unread | None = None
    narrowed = alone(case, pull.value.ref)
    for check_id in RULES:
        for outcome in all_checks()[check_id].judge(narrowed):
            if outcome.status is Status.NOT_EVALUATED and outcome.reason:
                unknown = unknown or Unread(outcome.reason, outcome.detail, outcome.evidence)
            elif outcome.origin in counts:
                counts[outcome.origin] += 1
    subject, files = pull_subject(pull.value.ref), pull.value.files
    said = ", ".join(f"{count} {origin.value.replace('_', '-')}" for origin, count in counts.items())
    if counts[Origin.INTRODUCED]:
        yield failed(f"the change makes it worse: {said}", subject, evidence=evidence_of(pull, files))
    elif unknown:
        yield not_evaluated(unknown, subject)
    else:
        yield passed(f"the change makes nothing worse: {said}", subject, evidence=evidence_of(pull, files))
