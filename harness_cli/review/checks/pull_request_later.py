"""Second release for pull requests: GH-09 10 29."""

from collections.abc import Iterator, Mapping
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.case import Case
from harness_cli.review.checks.change import each_pull, evidence_of, label, moment, on_pulls, pull_subject, some
from harness_cli.review.checks.diff_rules import Code, Fault, by_state, file_subject
from harness_cli.review.checks.independent import approvals
from harness_cli.review.checks.pull_request_gates import check_fault
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Origin, Severity
from harness_cli.review.iac.model import Block
from harness_cli.review.registry import Outcome, check, failed, not_applicable, not_evaluated, passed

_GITHUB: Final = (System.GITHUB,)
_LOCK: Final = ".terraform.lock.hcl"
_REGISTRY: Final = "registry.terraform.io"


@check(
    "GH-09",
    "No stale approval stands",
    Severity.HIGH,
    sources=_GITHUB,
    controls="CIS-GitHub/1.2.0/1.1.4",
    remediation="Dismiss approvals when commits are pushed (a rule can do it) and have the head commit reviewed.",
    release=2,
)
@each_pull
def approvals_are_fresh(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """Every standing approval is of the head commit."""
    subject, reviews, commits = pull_subject(pull.value.ref), pull.value.reviews, pull.value.commits
    if isinstance(reviews, Unread):
        yield not_evaluated(reviews, subject)
        return
    found = approvals(pull.value, reviews.value, commits.value if isinstance(commits, Known) else None)
    evidence = evidence_of(pull, reviews)
    if found.stale:
        message = f"the approval by {some(found.stale)} is of an earlier commit than {pull.value.head_sha[:12]}"
        yield failed(message, subject, evidence=evidence)
    elif not found.on_head:
        yield not_applicable("nobody independent has approved", subject, evidence=evidence)
    else:
        yield passed("every approval is of the head commit", subject, evidence=evidence)


@check(
    "GH-10",
    "Merged after its checks succeeded",
    Severity.HIGH,
    sources=_GITHUB,
    controls="NIST-800-53r5//CM-5",
    remediation="Take the right to merge past failing checks away, and review what was merged that way.",
    release=2,
)
@each_pull
def merged_after_checks(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """What is merged had every required check green before the merge."""
    request, subject = pull.value, pull_subject(pull.value.ref)
    rules, runs, merged = request.branch_rules, request.check_runs, request.merged_at
    if merged is None:
        yield not_applicable("the pull request is not merged", subject, evidence=pull.evidence)
    elif isinstance(rules, Unread):
        yield not_evaluated(rules, subject)
    elif isinstance(runs, Unread):
        yield not_evaluated(runs, subject)
    else:
        late = []
        for required in rules.value.required_checks:
            ended = [run.completed_at for run in runs.value if run.name == required.name and run.completed_at]
            if check_fault(required, runs.value) or min(ended, default=merged) > merged:
                late.append(required.name)
        evidence = evidence_of(pull, rules, runs)
        if late:
            message = f"merged by {label(request.merged_by)} at {moment(merged)}, before {some(late)} succeeded"
            yield failed(message, subject, evidence=evidence)
        else:
            yield passed(f"merged at {moment(merged)}, after its checks", subject, evidence=evidence)


# --- GH-29 ------------------------------------------------------------------------------------------


def sources(block: Block, code: Code, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - every rule has this shape
    """Modules without a pinned version, and providers from elsewhere."""
    if block.mode == "module":
        source = block.get("source")
        if isinstance(source, str) and not source.startswith(("./", "../")) and not _is_pinned(source, block):
            yield Fault("module", f"takes {label(source)} without a pinned version", None, ("source",))
    for providers in block.nested("required_providers") if block.mode == "terraform" else ():
        for name, wanted in providers.items() if isinstance(providers, Mapping) else ():
            source = wanted.get("source") if isinstance(wanted, Mapping) else None
            if isinstance(source, str) and source.count("/") == 2 and not source.startswith(f"{_REGISTRY}/"):
                message = f"takes the provider {label(name)} from {label(source)}"
                yield Fault(f"provider {label(name)}", message, None, ("required_providers",))


def _is_pinned(source: str, block: Block) -> bool:
    remote = "://" in source or "::" in source or source.startswith(("github.com/", "bitbucket.org/", "git@"))
    return "ref=" in source if remote else bool(block.get("version"))


_OF_CODE: Final = by_state(sources, modes=("module", "terraform"))


@check(
    "GH-29",
    "Modules and providers come from where they came from",
    Severity.MEDIUM,
    sources=_GITHUB,
    controls="NIST-800-53r5//SR-3",
    remediation="Pin modules to a tag or commit (`?ref=`, `version`), keep the lock file, and take providers from the "
    "registry that was agreed on.",
    release=2,
)
def origins_are_pinned(case: Case) -> Iterator[Outcome]:
    """No module without a version, no provider from elsewhere, no lock file removed."""
    yield from _OF_CODE(case)
    yield from (outcome for outcome in _locks(case) if outcome.origin is Origin.INTRODUCED)


@on_pulls
def _locks(_: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
    files = pull.value.files
    for file in files.value if isinstance(files, Known) else ():
        if file.status == "removed" and file.path.rpartition("/")[2] == _LOCK:
            place = file_subject(pull.value, file.path)
            message = f"{label(file.path)} is removed, and with it the providers' checksums"
            yield failed(message, place, evidence=evidence_of(files), origin=Origin.INTRODUCED)
