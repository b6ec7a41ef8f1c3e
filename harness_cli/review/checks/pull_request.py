"""Pull-request checks about people: GH-01 03."""

from collections.abc import Iterator, Mapping

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import count, evidence_of, first_unread, on_pulls, pull_subject, same_login, some
from harness_cli.review.checks.code_owners import CodeOwners, parse_code_owners
from harness_cli.review.checks.independent import Approvals, approvals, objections, unknown_hands
from harness_cli.review.checks.people import people_of
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.facts import ChangedFile, PullRequest
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, failed, missing, not_evaluated, passed

_GITHUB = (System.GITHUB,)
_OWNER_FILES = frozenset({"codeowners", ".github/codeowners", "docs/codeowners"})


@check(
    "GH-01",
    "Approved by a non-author, on the head commit",
    Severity.CRITICAL,
    sources=_GITHUB,
    controls="CIS-GitHub/1.2.0/1.1.3 CIS-GitHub/1.2.0/1.1.4 NIST-800-53r5//AC-5 NIST-800-53r5//CM-3 SOC2//CC8.1",
    remediation="Have the head commit approved by a person who wrote none of the change, and answer standing "
    "requests for changes.",
)
@on_pulls
def approved_by_another(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
    """Somebody whose hands were not in it approved exactly what would be merged, and nobody objects."""
    subject, request = pull_subject(pull.value.ref), pull.value
    reviews, commits = request.reviews, request.commits
    if isinstance(reviews, Unread):
        yield not_evaluated(reviews, subject)
        return
    known = commits.value if isinstance(commits, Known) else None
    found = approvals(request, reviews.value, known, people_of(case.config))
    evidence = evidence_of(pull, reviews, commits, request.force_pushes)
    if against := objections(reviews.value):
        yield failed(f"a request for changes by {some(against)} stands", subject, evidence=evidence)
    elif not found.on_head:
        yield failed(_no_approval(found, request.head_sha), subject, evidence=evidence)
    elif unread := first_unread(commits, request.force_pushes):
        yield not_evaluated(unread, subject)
    elif strangers := [commit.sha[:12] for commit in unknown_hands(known or ())]:
        detail = f"GitHub knows no account behind commit {some(strangers)}, so independence cannot be shown"
        yield missing(Reason.MISSING_MAPPING, detail, subject)
    else:
        message = f"{some(found.on_head)} approved the head commit {request.head_sha[:12]}"
        yield passed(message, subject, evidence=evidence)


def _no_approval(found: Approvals, head: str) -> str:
    if found.stale:
        return f"{some(found.stale)} approved an earlier commit, nobody the head commit {head[:12]}"
    if found.own:
        return f"only {some(found.own)} approved, who wrote some of the change"
    return f"nobody approved the head commit {head[:12]}"


@check(
    "GH-03",
    "Code owner approved each owned changed path",
    Severity.HIGH,
    sources=_GITHUB,
    controls="CIS-GitHub/1.2.0/1.1.6 CIS-GitHub/1.2.0/1.1.7 NIST-800-53r5//AC-6",
    remediation="Ask an owner of each path for a review of the head commit; keep CODEOWNERS in the base branch "
    "and change it in a pull request of its own.",
)
@on_pulls
def owners_approved(case: Case, pull: Known[PullRequest]) -> Iterator[Outcome]:
    """CODEOWNERS of the base commit decides; the last matching pattern wins."""
    request, subject = pull.value, pull_subject(pull.value.ref)
    owners, files, reviews = request.codeowners, request.files, request.reviews
    if isinstance(owners, Known) and owners.value is None:
        yield failed("there is no CODEOWNERS at the base commit", subject, evidence=evidence_of(pull, owners))
        return
    if isinstance(owners, Unread) or isinstance(files, Unread) or isinstance(reviews, Unread):
        unread = first_unread(owners, files, reviews)
        assert unread is not None  # noqa: S101 - one of the three is unread
        yield not_evaluated(unread, subject)
        return
    evidence = evidence_of(pull, owners, files, reviews)
    if _changes_owners(files.value):
        yield failed("the pull request changes CODEOWNERS itself", subject, evidence=evidence)
        return
    assert owners.value is not None  # noqa: S101 - no CODEOWNERS was answered above
    rules = parse_code_owners(owners.value.for_parser())
    if not rules.rules:
        yield failed("CODEOWNERS at the base commit names nobody", subject, evidence=evidence)
        return
    known = request.commits.value if isinstance(request.commits, Known) else None
    found = approvals(request, reviews.value, known, people_of(case.config))
    yield _judged(pull, _owned_paths(rules, files.value), frozenset(found.on_head), Known(None, evidence))


def _changes_owners(files: tuple[ChangedFile, ...]) -> bool:
    return any(path.casefold() in _OWNER_FILES for file in files for path in (file.path, file.previous_path))


def _owned_paths(rules: CodeOwners, files: tuple[ChangedFile, ...]) -> Mapping[str, tuple[str, ...]]:
    paths = sorted({path for file in files for path in (file.path, file.previous_path) if path})
    return {path: owners for path in paths if (owners := rules.owners_of(path))}


def _judged(
    pull: Known[PullRequest], owned: Mapping[str, tuple[str, ...]], approvers: frozenset[str], read: Known[None]
) -> Outcome:
    subject = pull_subject(pull.value.ref)
    verdicts = {path: _approved(pull.value, owners, approvers) for path, owners in owned.items()}
    if lacking := [path for path, said in verdicts.items() if isinstance(said, Known) and not said.value]:
        message = f"no owner approved the head commit for {some(lacking)}"
        return failed(message, subject, evidence=read.evidence)
    who_wrote = first_unread(pull.value.commits, pull.value.force_pushes) if owned else None
    if unread := next((said for said in verdicts.values() if isinstance(said, Unread)), who_wrote):
        return not_evaluated(unread, subject)
    message = f"owners approved {count(owned, 'owned path')}" if owned else "no changed path has an owner"
    return passed(message, subject, evidence=read.evidence)


def _approved(pull: PullRequest, owners: tuple[str, ...], approvers: frozenset[str]) -> Fact[bool]:
    unread: Unread | None = None
    for owner in owners:
        members: Fact[tuple[str, ...]] = Known((owner.removeprefix("@"),), ())
        if "/" in owner:
            not_read = Unread(Reason.NOT_GRANTED, f"the members of {some([owner])} were not read")
            members = pull.team_members.get(owner.casefold(), pull.team_members.get(owner, not_read))
        elif not owner.startswith("@"):
            members = Unread(Reason.MISSING_MAPPING, "an owner is named by an e-mail address")
        if isinstance(members, Unread):
            unread = unread or members
        elif any(same_login(member, approver) for member in members.value for approver in approvers):
            return Known(True, members.evidence)
    return unread or Known(False, ())
