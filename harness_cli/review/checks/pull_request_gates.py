"""Pull-request checks about the gates of the base branch: GH-04 06."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from harness_cli.config.model import System
from harness_cli.review.checks.change import each_pull, evidence_of, label, pull_subject
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import BranchRules, CheckRun, PullRequest, RequiredCheck
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, failed, not_applicable, not_evaluated, passed

_GITHUB = (System.GITHUB,)
_NEVER = datetime.max.replace(tzinfo=UTC)


@check(
    "GH-04",
    "Branch is protected by rules now",
    Severity.HIGH,
    sources=_GITHUB,
    controls="CIS-GitHub/1.2.0/1.1.16 CIS-GitHub/1.2.0/1.1.17 CIS-GitHub/1.2.0/1.1.20 NIST-800-53r5//CM-5",
    remediation="Add a ruleset (or classic protection) for the base branch: pull requests and status checks "
    "required, force pushes and deletion blocked.",
)
@each_pull
def branch_is_protected(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """Rulesets and classic protection together close the base branch."""
    subject, rules = pull_subject(pull.value.ref), pull.value.branch_rules
    base = label(pull.value.base_ref)
    if isinstance(rules, Unread):
        yield not_evaluated(rules, subject)
    elif gaps := _gaps(rules.value):
        yield failed(f"`{base}` {', '.join(gaps)}", subject, evidence=evidence_of(pull, rules))
    else:
        yield passed(f"`{base}` is closed by {_kinds(rules.value)}", subject, evidence=evidence_of(pull, rules))


def _gaps(rules: BranchRules) -> list[str]:
    gaps = (
        (rules.requires_pull_request, "needs no pull request"),
        (bool(rules.required_checks), "requires no status check"),
        (rules.blocks_force_push, "allows force pushes"),
        (rules.blocks_deletion, "may be deleted"),
    )
    return [gap for closed, gap in gaps if not closed]


def _kinds(rules: BranchRules) -> str:
    return " and ".join(dict.fromkeys(rules.sources)) or "rules"


@check(
    "GH-06",
    "Required checks all concluded success on head",
    Severity.HIGH,
    sources=_GITHUB,
    controls="CIS-GitHub/1.2.0/1.1.9 NIST-800-53r5//CM-3(2)",
    remediation="Let every required check run to success on the head commit, reported by the app that the rule pins.",
)
@each_pull
def required_checks_succeeded(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """Each required check has run on the head commit, ended, and ended well; skipped is not well."""
    subject, rules, runs = pull_subject(pull.value.ref), pull.value.branch_rules, pull.value.check_runs
    if isinstance(rules, Unread):
        yield not_evaluated(rules, subject)
    elif not rules.value.required_checks:
        yield not_applicable("no status check is required (GH-04)", subject, evidence=evidence_of(pull, rules))
    elif isinstance(runs, Unread):
        yield not_evaluated(runs, subject)
    else:
        evidence = evidence_of(pull, rules, runs)
        faults = {
            required.name: fault
            for required in rules.value.required_checks
            if (fault := check_fault(required, runs.value))
        }
        for name, fault in sorted(faults.items()):
            message = f"the required check `{label(name)}` {fault}"
            yield failed(message, subject, evidence=evidence, extra=label(name))
        if not faults:
            count = len({required.name for required in rules.value.required_checks})
            yield passed(f"all {count} required checks succeeded on the head commit", subject, evidence=evidence)


def check_fault(required: RequiredCheck, runs: Iterable[CheckRun], by: datetime | None = None) -> str:
    """What is wrong with a required check (`by` some moment), as the end of a sentence; empty where it succeeded.

    Of several runs by one app the last one counts; a status and a check run of one name must both be well.
    """
    named = [run for run in runs if run.name == required.name]
    if by is not None and named:
        named = [run for run in named if run.completed_at and run.completed_at <= by]
        if not named:
            return "had not ended"
    if not named:
        return "has not run on the head commit"
    pinned = [run for run in named if required.app_id in (None, run.app_id)]
    if not pinned:
        return f"was reported by another app than the pinned {required.app_id}"
    return next(filter(None, map(_run_fault, last_runs(pinned))), "")


def last_runs(runs: Iterable[CheckRun]) -> Iterable[CheckRun]:
    """The last run of each name and app; one that still runs is the last."""
    ordered = sorted(runs, key=lambda run: run.completed_at or _NEVER)
    return {(run.name, run.app_id): run for run in ordered}.values()


def _run_fault(run: CheckRun) -> str:
    if run.status != "completed":
        return "has not ended"
    return "" if run.conclusion == "success" else f"ended with {label(run.conclusion or 'no conclusion')}"
