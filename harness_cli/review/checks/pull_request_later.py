"""Second release for pull requests: GH-09 10 29."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.case import Case
from harness_cli.review.checks.change import (
    each_pull,
    evidence_of,
    first_unread,
    label,
    moment,
    on_pulls,
    pull_subject,
    some,
)
from harness_cli.review.checks.diff_rules import Code, Fault, by_state, file_subject
from harness_cli.review.checks.independent import Approvals, approvals, last_pusher
from harness_cli.review.checks.people import People, people_of
from harness_cli.review.checks.pull_request_gates import check_fault, last_runs
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import BranchRules, CheckRun, PullRequest
from harness_cli.review.finding import Origin, Severity
from harness_cli.review.iac.model import Block
from harness_cli.review.registry import Outcome, check, failed, not_applicable, not_evaluated, passed

_GITHUB: Final = (System.GITHUB,)
_HARMLESS: Final = frozenset({"success", "neutral", "skipped"})
_LOCK: Final = ".terraform.lock.hcl"
_REF: Final = re.compile(r"[?&]ref=([^&]{1,255})")
_BRANCHES: Final = frozenset({"main", "master", "develop", "HEAD", "trunk", "refs/heads/main", "refs/heads/master"})
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
@on_pulls
def approvals_are_fresh(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
    """Every standing approval is of the head commit, younger than the last push, and not by who pushed last."""
    request, subject = pull.value, pull_subject(pull.value.ref)
    reviews, commits, pushes = request.reviews, request.commits, request.force_pushes
    if isinstance(reviews, Unread):
        yield not_evaluated(reviews, subject)
        return
    people = people_of(case.config)
    found = approvals(request, reviews.value, commits.value if isinstance(commits, Known) else None, people)
    evidence = evidence_of(pull, reviews, commits, pushes)
    if fault := _stale(request, found, people):
        yield failed(fault, subject, evidence=evidence)
    elif not found.on_head:
        yield not_applicable("nobody independent has approved", subject, evidence=evidence)
    elif unread := first_unread(commits, pushes):
        yield not_evaluated(unread, subject)
    else:
        yield passed("every approval is of the head commit", subject, evidence=evidence)


def _stale(pull: PullRequest, found: Approvals, people: People) -> str:
    if found.stale:
        return f"the approval by {some(found.stale)} is of an earlier commit than {pull.head_sha[:12]}"
    pushers = {people.behind(name) for name in _last_pushers(pull) if name}
    if own := [login for login in found.own if people.behind(login) in pushers]:
        return f"{some(own)} approved, and pushed last"
    pushes = pull.force_pushes.value if isinstance(pull.force_pushes, Known) else ()
    pushed = max((push.at for push in pushes), default=None)
    early = [review.user for review in found.given if pushed and review.submitted_at < pushed]
    return f"the approval by {some(early)} is older than the force push of {moment(pushed)}" if early and pushed else ""


def _last_pushers(pull: PullRequest) -> tuple[str, ...]:
    """Who brought the head commit: who force-pushed last, and who wrote it."""
    commits = pull.commits.value if isinstance(pull.commits, Known) else ()
    heads = [commit for commit in commits if commit.sha == pull.head_sha]
    return (last_pusher(pull), *(name for commit in heads for name in (commit.author, commit.committer)))


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
    """What is merged had every required check green at the merge, and nobody passed the rules by."""
    request, subject = pull.value, pull_subject(pull.value.ref)
    rules, runs, suite, merged = request.branch_rules, request.check_runs, request.rule_suite, request.merged_at
    if merged is None:
        yield not_applicable("the pull request is not merged", subject, evidence=pull.evidence)
        return
    evidence = evidence_of(pull, rules, runs, suite)
    who = f"merged by {label(request.merged_by or 'a deleted account')} at {moment(merged)}"
    late = _late(rules.value, runs.value, merged) if isinstance(rules, Known) and isinstance(runs, Known) else []
    if isinstance(suite, Known) and suite.value == "bypass":
        yield failed(f"{who}, past the rules of the branch (bypass)", subject, evidence=evidence)
    elif late:
        yield failed(f"{who}, when {'; '.join(late)}", subject, evidence=evidence)
    elif unread := first_unread(rules, runs, suite):
        yield not_evaluated(unread, subject)
    else:
        yield passed(f"{who}, after its checks", subject, evidence=evidence)


def _late(rules: BranchRules, runs: Sequence[CheckRun], merged: datetime) -> list[str]:
    """What had not succeeded at the merge: of the required checks, or of all where none is required."""
    if rules.required_checks:
        named = {one.name: check_fault(one, runs, merged) for one in rules.required_checks}
    else:
        named = {run.name: _fault_at(run, merged) for run in last_runs(runs)}
    return [f"`{label(name)}` {fault}" for name, fault in sorted(named.items()) if fault]


def _fault_at(run: CheckRun, merged: datetime) -> str:
    if run.completed_at is None or run.completed_at > merged:
        return "had not ended"
    return "" if run.conclusion in _HARMLESS else f"ended with {label(run.conclusion)}"


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
    if not remote:
        return bool(block.get("version"))
    ref = _REF.search(source)
    return ref is not None and ref[1] not in _BRANCHES


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
