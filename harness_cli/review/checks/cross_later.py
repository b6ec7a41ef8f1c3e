"""Second release across sources: X-14 16."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import (
    alone,
    evidence_of,
    label,
    moment,
    on_pulls,
    pull_subject,
    some,
)
from harness_cli.review.checks.cross_drift import differences
from harness_cli.review.checks.cross_live import on_code
from harness_cli.review.checks.cross_match import named, twins, unread_lists
from harness_cli.review.checks.diff_rules import block_subject, code_evidence
from harness_cli.review.checks.pull_request_gates import check_fault
from harness_cli.review.checks.risk import RULES
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import CheckRun, PullRequest, RequiredCheck
from harness_cli.review.finding import Origin, Severity, Status, Subject
from harness_cli.review.iac.change import IacChange
from harness_cli.review.iac.model import Block
from harness_cli.review.registry import (
    Outcome,
    all_checks,
    check,
    failed,
    missing,
    not_applicable,
    not_evaluated,
    passed,
)

_CODE: Final = (System.GITHUB, System.AWS)
APPLY_WITHIN: Final = timedelta(hours=24)
_COMPARED: Final = frozenset({"aws_security_group", "aws_db_instance", "aws_s3_bucket"})  # as `differences` does


# --- X-14 -------------------------------------------------------------------------------------------


@check(
    "X-14",
    "Merged is applied, and applied is merged",
    Severity.MEDIUM,
    sources=_CODE,
    controls="NIST-800-53r5//CM-3",
    remediation="Apply what is merged within a day; what was applied from a branch is merged, or taken back.",
    release=2,
)
@on_code
def merged_is_applied(case: Case, pull: Known[PullRequest], change: IacChange) -> Iterator[Outcome]:
    """A day after the merge the account is as the head commit says; before it, it is not."""
    merged, subject = pull.value.merged_at, pull_subject(pull.value.ref)
    waiting = merged is not None and case.now - merged < APPLY_WITHIN
    if waiting:
        yield not_applicable("merged less than a day ago", subject, evidence=pull.evidence)
        return
    said = False
    for pair in change.pairs:
        head = pair.head
        who = named(head, change.after) if head and pair.is_changed and head.mode == "resource" else None
        if head is None or who is None:
            continue
        place, found = block_subject(pull.value, head), twins(case.aws, who)
        if not found and who.type in _COMPARED and (unread := unread_lists(case.aws, who.type)):
            said = True
            yield not_evaluated(unread[0], place)
        elif not found and merged and pair.base is None and _is_one(head, who.type):
            said = True
            message = f"{label(head.address)} is merged and not applied: it is not in the account"
            yield failed(message, place, evidence=code_evidence(pull, head.path, head.line))
        for twin in found:
            after = [text for text, _ in differences(head, twin, change.after)]
            before = [text for text, _ in differences(pair.base, twin, change.before)] if pair.base else []
            if fault := _apply_fault(merged is not None, after, before):
                said = True
                yield failed(
                    f"{label(head.address)} {fault}",
                    Subject(head.type, twin.arn, twin.account, twin.region),
                    place,
                    evidence=(*twin.fact.evidence, *code_evidence(pull, head.path, head.line)),
                )
    if not said:
        state = f"merged at {moment(merged)}, and the account follows" if merged else "not merged, and not applied"
        yield passed(state, subject, evidence=evidence_of(pull, pull.value.files))


def _is_one(block: Block, kind: str) -> bool:
    """Whether the code declares exactly one resource, of a type that is listed whole."""
    return kind in _COMPARED and block.type == kind and not {"count", "for_each"} & set(block.attributes)


def _apply_fault(is_merged: bool, after: list[str], before: list[str]) -> str:
    if is_merged and after:
        return f"is merged and not applied: {after[0]}"
    if not is_merged and before and not after:
        return "is live as the head commit says, and not merged"
    return ""


# --- X-16 -------------------------------------------------------------------------------------------


@check(
    "X-16",
    "Scan and diff rules agree",
    Severity.MEDIUM,
    sources=(System.GITHUB,),
    controls="NIST-800-53r5//SA-11",
    remediation="Find out why the scanner is content: a skip comment, a rule that is off, or a folder that it does not "
    "see.",
    release=2,
)
@on_pulls
def scan_agrees(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
    """No scan is green where the diff rules see something introduced, and no comment keeps one quiet."""
    subject, runs = pull_subject(pull.value.ref), pull.value.check_runs
    narrowed, names = alone(case, pull.value.ref), case.config.review.scan_checks
    if skips := _suppressed(narrowed):
        yield failed(f"{skips[0].message}, which keeps the scan quiet", subject, evidence=skips[0].evidence)
        return
    if not any(names.get(kind) for kind in _SCANNED):
        yield missing(Reason.NOT_CONFIGURED, "`review.scan_checks.iac` is not configured", subject)
        return
    if isinstance(runs, Unread):
        yield not_evaluated(runs, subject)
        return
    evidence = evidence_of(pull, runs)
    green = {kind: _green(names.get(kind, ()), runs.value) for kind in _SCANNED}
    against = {kind: _found(narrowed, _SCANNED[kind]) for kind in _SCANNED if green[kind]}
    if faults := [f"{some(green[kind])} says clean, {some(found)} do not" for kind, found in against.items() if found]:
        yield failed("; ".join(faults), subject, evidence=evidence)
    elif not against:
        yield not_applicable("no scan is green (GH-07)", subject, evidence=evidence)
    elif unread := next(filter(None, (_unjudged(narrowed, _SCANNED[kind]) for kind in against)), None):
        yield not_evaluated(unread, subject)
    else:
        clean = [name for kind in against for name in green[kind]]
        yield passed(f"{some(clean)} and the diff rules see nothing", subject, evidence=evidence)


# kind of scan -> the diff rules that look for the same
_SCANNED: Final = {"iac": RULES, "secrets": ("GH-25",)}


def _green(names: Sequence[str], runs: Sequence[CheckRun]) -> list[str]:
    return [name for name in names if not check_fault(RequiredCheck(name), runs)]


def _found(case: Case, rules: Sequence[str]) -> list[str]:
    """The rules that see something which the change brings."""
    return [
        check_id
        for check_id in rules
        if any(
            outcome.status is Status.FAIL and outcome.origin is not Origin.PRE_EXISTING
            for outcome in all_checks()[check_id].judge(case)
        )
    ]


def _unjudged(case: Case, rules: Sequence[str]) -> Unread | None:
    """Why the rules could not look at all of the change."""
    outcomes = (outcome for check_id in rules for outcome in all_checks()[check_id].judge(case))
    return next((Unread(o.reason, o.detail, o.evidence) for o in outcomes if o.reason), None)


def _suppressed(case: Case) -> list[Outcome]:
    """Comments of this change that tell a scanner to look away."""
    outcomes = all_checks()["GH-28"].judge(case)
    return [one for one in outcomes if one.status is Status.FAIL and one.extra.startswith("skip ")]
