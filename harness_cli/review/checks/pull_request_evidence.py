"""Pull-request checks about approvals in number, bypasses, scans, signatures, origin and size: GH-02 05 07 08 11 30."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import (
    count,
    each_pull,
    evidence_of,
    first_unread,
    label,
    on_pulls,
    pull_subject,
    same_login,
    some,
)
from harness_cli.review.checks.environments import environments_of
from harness_cli.review.checks.independent import approvals
from harness_cli.review.checks.people import people_of
from harness_cli.review.checks.pull_request_gates import check_fault, last_runs
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import ALWAYS, ChangedFile, CheckRun, Commit, PullRequest, RequiredCheck
from harness_cli.review.finding import Severity
from harness_cli.review.iac.parse import is_infrastructure
from harness_cli.review.registry import Outcome, check, failed, missing, not_applicable, not_evaluated, passed

_GITHUB = (System.GITHUB,)
_SCANS: Final = {
    "sast": "static analysis",
    "sca": "dependency scan",
    "iac": "infrastructure scan",
    "secrets": "secret scan",
}
_ALERTS: Final = ("critical", "high", "error")
_STRANGERS: Final = frozenset({"FIRST_TIME_CONTRIBUTOR", "FIRST_TIMER", "NONE"})
_EXCUSED: Final = frozenset({Reason.NOT_GRANTED, Reason.NOT_CONFIGURED, Reason.ACCESS_DENIED, Reason.UNSUPPORTED_API})
MANY_FILES: Final = 300  # more than a person, or GitHub's own diff, shows at once


@check(
    "GH-02",
    "Required number of approvals",
    Severity.HIGH,
    sources=_GITHUB,
    controls="CIS-GitHub/1.2.0/1.1.3",
    remediation="Have the head commit approved by as many different people as `review.required_approvals` asks for.",
)
@on_pulls
def enough_approvals(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
    """Different independent people approved the head commit, as many as the environment needs."""
    subject, reviews, commits = pull_subject(pull.value.ref), pull.value.reviews, pull.value.commits
    if isinstance(reviews, Unread):
        yield not_evaluated(reviews, subject)
        return
    needed = required_approvals(case)
    known = commits.value if isinstance(commits, Known) else None
    found = approvals(pull.value, reviews.value, known, people_of(case.config))
    message = f"{count(found.on_head, 'approval')} of the head commit by independent people, {needed} needed"
    evidence = evidence_of(pull, reviews, commits, pull.value.force_pushes)
    if len(found.on_head) < needed:
        yield failed(message, subject, evidence=evidence)
    elif unread := first_unread(commits, pull.value.force_pushes):
        yield not_evaluated(unread, subject)
    else:
        yield passed(message, subject, evidence=evidence)


def required_approvals(case: Case) -> int:
    """How many approvals the run's environment needs: as configured, else two in prod and one elsewhere."""
    configured = case.config.review.required_approvals
    if case.env in configured:
        return configured[case.env]
    return 2 if environments_of(case.config).named(case.env) == environments_of(case.config).named("prod") != "" else 1


@check(
    "GH-05",
    "Nobody bypasses the branch rules",
    Severity.HIGH,
    sources=_GITHUB,
    controls="CIS-GitHub/1.2.0/1.1.14 NIST-800-53r5//CM-5",
    remediation="Take bypass actors of mode `always` out of the rulesets, and include administrators in classic "
    "protection.",
)
@each_pull
def nobody_bypasses(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """No actor may always pass by a ruleset that applies, and classic protection binds administrators."""
    subject, actors, admins = pull_subject(pull.value.ref), pull.value.bypass_actors, pull.value.enforce_admins
    evidence = evidence_of(pull, actors, admins)
    always = [actor for actor in actors.value if actor.endswith(ALWAYS)] if isinstance(actors, Known) else []
    if always:
        yield failed(f"{some(always)} may always bypass a ruleset", subject, evidence=evidence, extra="actors")
    if isinstance(admins, Known) and not admins.value:
        message = "classic protection does not bind administrators"
        yield failed(message, subject, evidence=evidence, extra="administrators")
    elif not always:
        yield _bypass_rest(pull.value, Known(None, evidence))


def _bypass_rest(pull: PullRequest, read: Known[None]) -> Outcome:
    subject, rules = pull_subject(pull.ref), pull.branch_rules
    if isinstance(pull.bypass_actors, Unread):
        return not_evaluated(pull.bypass_actors, subject)
    classic = isinstance(rules, Unread) or "classic" in rules.value.sources
    if isinstance(pull.enforce_admins, Unread) and pull.enforce_admins.reason is not Reason.NOT_CONFIGURED and classic:
        return not_evaluated(pull.enforce_admins, subject)
    if isinstance(rules, Known) and not rules.value.sources:
        return not_applicable("no rules protect the branch (GH-04)", subject, evidence=read.evidence)
    return passed("nobody may always bypass the rules", subject, evidence=read.evidence)


@check(
    "GH-07",
    "Scan evidence present and clean",
    Severity.HIGH,
    sources=_GITHUB,
    controls="CIS-GitHub/1.2.0/1.5.1 CIS-GitHub/1.2.0/1.5.5 NIST-800-53r5//SA-11(1) NIST-800-53r5//RA-5",
    remediation="Run static analysis, dependency, infrastructure and secret scans on the head commit "
    "(`review.scan_checks` names them) and mend or dismiss, with a reason, every alert of high or above.",
)
@on_pulls
def scans_are_clean(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
    """Each kind of scan ran to success on the head commit, and no alert of high or above is open."""
    subject, runs, alerts = pull_subject(pull.value.ref), pull.value.check_runs, pull.value.scan_alerts
    for kind, words in _SCANS.items():
        names = case.config.review.scan_checks.get(kind, ())
        if not names:
            detail = f"`review.scan_checks.{kind}` is not configured"
            yield missing(Reason.NOT_CONFIGURED, detail, subject)
        elif isinstance(runs, Unread):
            yield not_evaluated(runs, subject)
        else:
            faults = {name: check_fault(RequiredCheck(name), runs.value) for name in names}
            evidence = evidence_of(pull, runs)
            red = any(map(_is_red, last_runs(run for run in runs.value if run.name in names)))
            clean = [name for name, fault in faults.items() if not fault and not red]
            if not clean and not any(run.name in names for run in runs.value):
                clean = [tool for tool in _analysed(pull.value) if tool in names]
                evidence = evidence_of(pull, runs, pull.value.scan_tools)
            if clean:
                yield passed(f"the {words} {some(clean)} succeeded", subject, evidence=evidence, extra=kind)
            else:
                said = "; ".join(f"`{label(name)}` {fault}" for name, fault in faults.items() if fault)
                yield failed(f"no clean {words} on the head commit: {said}", subject, evidence=evidence, extra=kind)
    if isinstance(alerts, Known):
        severe = {level: alerts.value.by_severity[level] for level in _ALERTS if alerts.value.by_severity.get(level)}
        if severe:
            said = ", ".join(f"{count} {level}" for level, count in severe.items())
            evidence = evidence_of(pull, alerts)
            yield failed(f"open code-scanning alerts: {said}", subject, evidence=evidence, extra="alerts")
    elif alerts.reason not in _EXCUSED:
        yield not_evaluated(alerts, subject)


def _is_red(run: CheckRun) -> bool:
    """Whether a scan speaks against the change; one that was skipped says nothing."""
    return run.conclusion not in {"success", "neutral", "skipped"}


def _analysed(pull: PullRequest) -> tuple[str, ...]:
    """Tools whose analysis of the head commit code scanning holds: evidence where no check run tells of the scan."""
    return pull.scan_tools.value if isinstance(pull.scan_tools, Known) else ()


@check(
    "GH-08",
    "Signed commits",
    Severity.MEDIUM,
    sources=_GITHUB,
    controls="CIS-GitHub/1.2.0/1.1.12 NIST-800-53r5//CM-14",
    remediation="Sign every commit with a key of its author's account, and require signatures by a rule.",
)
@each_pull
def commits_are_signed(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """Every commit is verified, and signed by its author or by GitHub itself."""
    subject, commits = pull_subject(pull.value.ref), pull.value.commits
    if isinstance(commits, Unread):
        yield not_evaluated(commits, subject)
        return
    evidence = evidence_of(pull, commits)
    faults = {commit.sha[:12]: fault for commit in commits.value if (fault := _signature_fault(commit))}
    if faults:
        said = ", ".join(f"{sha} {fault}" for sha, fault in list(faults.items())[:3])
        more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
        yield failed(f"commit {said}{more}", subject, evidence=evidence)
    else:
        yield passed(f"{count(commits.value, 'verified commit')}, none without signature", subject, evidence=evidence)


def _signature_fault(commit: Commit) -> str:
    if not commit.verified:
        return f"is not verified ({label(commit.verification_reason or 'unsigned')})"
    by_author = same_login(commit.committer, commit.author) or commit.committer == "web-flow" or not commit.committer
    return "" if by_author else f"is signed by {label(commit.committer)}, not by its author {label(commit.author)}"


@check(
    "GH-11",
    "No stranger changes infrastructure",
    Severity.MEDIUM,
    sources=_GITHUB,
    controls="NIST-800-53r5//SR-3",
    remediation="Have a member of the team bring the change into a branch of the repository after reading it.",
)
@each_pull
def author_is_no_stranger(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """Infrastructure and workflows are not changed from a fork or by a first-time author."""
    request, subject = pull.value, pull_subject(pull.value.ref)
    where = "from a fork" if request.is_fork else ""
    if request.author_association in _STRANGERS:
        where = f"{where + ' ' if where else ''}by a first-time author ({label(request.author_association)})"
    if not where:
        yield passed(f"{label(request.author)} is no stranger to the repository", subject, evidence=pull.evidence)
    elif isinstance(request.files, Unread):
        yield not_evaluated(request.files, subject)
    elif touched := [path for file in request.files.value for path in _paths(file) if _is_guarded(path)]:
        evidence = evidence_of(pull, request.files)
        yield failed(f"{some(touched)} changed {where}", subject, evidence=evidence)
    else:
        message = f"{where}, but no infrastructure is changed"
        yield passed(message, subject, evidence=evidence_of(pull, request.files))


def _paths(file: ChangedFile) -> tuple[str, ...]:
    """Where a file is and, if it moved, where it was."""
    return tuple(path for path in (file.path, file.previous_path) if path)


def _is_guarded(path: str) -> bool:
    return path.startswith(".github/") or is_infrastructure(path)


EMPTY_BLOB: Final = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"  # git's name of no content (`git hash-object /dev/null`)


@check(
    "GH-30",
    "Diff can be reviewed whole",
    Severity.MEDIUM,
    sources=_GITHUB,
    controls="NIST-800-53r5//CM-3",
    remediation="Split the pull request, and keep binaries and generated files out of it.",
)
@each_pull
def diff_is_whole(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """GitHub shows a patch of every file, and there are not more files than somebody can read."""
    request, subject = pull.value, pull_subject(pull.value.ref)
    if isinstance(request.files, Unread):
        if request.files.reason is Reason.TRUNCATED:
            yield failed(request.files.detail, subject, evidence=evidence_of(pull, request.files))
        else:
            yield not_evaluated(request.files, subject)
        return
    evidence = evidence_of(pull, request.files)
    hidden = [file for file in request.files.value if file.patch is None and not _is_new_and_empty(file)]
    blind = [file.path for file in hidden if not file.moves_unchanged or _is_changed(file)]
    unsure = {file.path: file.kept for file in hidden if file.moves_unchanged and isinstance(file.kept, Unread)}
    if request.changed_files > MANY_FILES:
        message = f"{request.changed_files} changed files, more than {MANY_FILES}"
        yield failed(message, subject, evidence=evidence, extra="size")
    if blind:
        yield failed(f"GitHub shows no patch of {some(blind)}", subject, evidence=evidence, extra="patch")
    elif unsure:
        reason = next(iter(unsure.values()))
        yield not_evaluated(replace(reason, detail=f"whether {some(unsure)} only moves: {reason.detail}"), subject)
    elif request.changed_files <= MANY_FILES:
        yield passed(f"GitHub shows every patch of {count(request.files.value, 'file')}", subject, evidence=evidence)


def _is_changed(file: ChangedFile) -> bool:
    return isinstance(file.kept, Known) and not file.kept.value


def _is_new_and_empty(file: ChangedFile) -> bool:
    return file.status == "added" and not file.additions and file.blob == EMPTY_BLOB
