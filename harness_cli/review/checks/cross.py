"""Checks across ticket, pull requests and people: X-01 02 03."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from harness_cli.config.model import Person, System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import (
    evidence_of,
    first_unread,
    label,
    moment,
    on_ticket,
    pull_subject,
    same_login,
    some,
    ticket_subject,
)
from harness_cli.review.checks.cross_live import touched
from harness_cli.review.checks.cross_match import environment_tags
from harness_cli.review.checks.environments import Environments, environments_of
from harness_cli.review.checks.independent import standing_reviews
from harness_cli.review.checks.people import People, people_of
from harness_cli.review.checks.ticket_history import approval_of
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.facts import ChangeItem, Deployment, PullRef, PullRequest, Ticket
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, failed, missing, not_applicable, not_evaluated, passed

_BOTH = (System.JIRA, System.GITHUB)
_NOT_DEPLOYED = frozenset({"failure", "error"})


def known_pulls(case: Case) -> Iterator[tuple[PullRef, Known[PullRequest]]]:
    """Pull requests that were read."""
    return ((ref, fact) for ref, fact in sorted(case.pulls.items()) if isinstance(fact, Known))


def unread_pulls(case: Case) -> Iterator[Outcome]:
    """A word about each pull request that was not."""
    return (not_evaluated(f, pull_subject(ref)) for ref, f in sorted(case.pulls.items()) if isinstance(f, Unread))


# --- X-01 -------------------------------------------------------------------------------------------


@check(
    "X-01",
    "Declared environment is the touched one",
    Severity.CRITICAL,
    sources=_BOTH,
    controls="NIST-800-53r5//CM-3 NIST-800-53r5//CM-4",
    remediation="Name the environment that the change really touches in the ticket and have it approved again, "
    "or take the files of the other environment out of the pull request.",
)
@on_ticket
def environment_is_as_declared(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """No path, account, backend or tag of the pull requests belongs to another environment than the ticket's."""
    declared, environments = ticket.value.environment, environments_of(case.config)
    subject = ticket_subject(case)
    if declared is None or not environments.mapped:
        what = "connections.jira.fields.environment" if declared is None else "review.environments"
        yield missing(Reason.NOT_CONFIGURED, f"`{what}` is not configured", subject)
    elif not (name := environments.named(declared)):
        said = f"`{label(declared)}` is no configured environment" if declared else "the ticket names no environment"
        yield missing(Reason.MISSING_MAPPING, said, subject)
    elif not case.pulls:
        yield not_applicable("the run has no pull request", subject)
    else:
        yield from unread_pulls(case)
        for ref, pull in known_pulls(case):
            yield _environment_of(case, ref, pull, name, ticket)


def _environment_of(case: Case, ref: PullRef, pull: Known[PullRequest], name: str, ticket: Known[Ticket]) -> Outcome:
    files, environments = pull.value.files, environments_of(case.config)
    touched = _touched(case, ref, pull.value, environments)
    evidence = evidence_of(ticket, pull, files)
    subjects = (pull_subject(ref), ticket_subject(case))
    if other := {found: what for found, what in touched.items() if found != name}:
        said = "; ".join(f"{found} by {some(what, 2)}" for found, what in sorted(other.items()))
        return failed(f"the ticket says {name}, the pull request touches {said}", *subjects, evidence=evidence)
    if isinstance(files, Unread):
        return not_evaluated(files, *subjects)
    if unread := _unread_code(case, ref):
        return not_evaluated(unread, *subjects)
    if not touched:
        detail = "no path, account, backend or tag of the pull request is mapped to an environment"
        return missing(Reason.MISSING_MAPPING, detail, *subjects)
    return passed(f"the ticket says {name} and the pull request touches nothing else", *subjects, evidence=evidence)


def _unread_code(case: Case, ref: PullRef) -> Unread | None:
    """Why accounts, backends and tags of the changed code may be unknown."""
    change = case.iac.get(ref)
    if isinstance(change, Known):
        return change.value.unread[0].unread if change.value.unread else None
    return change


def _touched(case: Case, ref: PullRef, pull: PullRequest, environments: Environments) -> dict[str, list[str]]:
    """Environments with what shows them."""
    found: dict[str, list[str]] = {}
    for file in pull.files.value if isinstance(pull.files, Known) else ():
        for path in dict.fromkeys((file.path, file.previous_path)):
            for name in environments.of_path(path) if path else ():
                found.setdefault(name, []).append(path)
    change = case.iac.get(ref)
    for seen in change.value.sightings if isinstance(change, Known) else ():
        if seen.kind == "region":
            continue
        names = environments.of_account(seen.value) if seen.kind == "account" else [environments.inside(seen.value)]
        for name in names:
            if name:
                found.setdefault(name, []).append(f"{seen.kind} {seen.value}")
    for pair, twin in touched(change.value, case) if isinstance(change, Known) else ():
        for value in environment_tags(twin.resource):
            if name := environments.named(value):
                found.setdefault(name, []).append(f"the tag of the live {pair.block.address}")
    return {name: list(dict.fromkeys(what)) for name, what in found.items()}


# --- X-02 -------------------------------------------------------------------------------------------


@check(
    "X-02",
    "Separation of duties over systems",
    Severity.CRITICAL,
    sources=_BOTH,
    controls="NIST-800-53r5//AC-5 NIST-800-53r5//CM-5(4) SOC2//CC8.1",
    remediation="Have the ticket approved by a person who neither wrote, merged nor alone reviewed the pull request "
    "and who did not start this run; map everybody in `identity.people`.",
)
@on_ticket
def approver_is_a_second_person(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """The ticket's approver is, as a person, not the author, the merger, the only reviewer or the requester."""
    subject, approval = ticket_subject(case), approval_of(case, ticket.value)
    accounts = _approving_accounts(ticket.value, approval)
    if not accounts and isinstance(approval, Unread):
        yield not_evaluated(approval, subject)
        return
    item = approval.value if isinstance(approval, Known) else None
    nameless = ["the author of the approval"] if item and item.author is None else []
    if not accounts and not nameless:
        yield not_applicable("the ticket names no approver and nobody has approved it", subject)
        return
    people = people_of(case.config)
    approvers = [person for account in accounts if (person := people.by_jira(account))]
    unmapped = [*nameless, *(f"the approver {account}" for account in accounts if not people.by_jira(account))]
    evidence = evidence_of(ticket, approval)
    yield _requester_apart(case, approvers, unmapped, evidence)
    yield from unread_pulls(case)
    for _, pull in known_pulls(case):
        yield _pull_apart(pull, people, approvers, unmapped, Known(None, evidence))


def _approving_accounts(ticket: Ticket, approval: Fact[ChangeItem | None]) -> tuple[str, ...]:
    item = approval.value if isinstance(approval, Known) else None
    given = (item.author,) if item and item.author else ()
    return tuple(dict.fromkeys(account.account_id for account in (*given, *(ticket.approvers or ()))))


def _requester_apart(
    case: Case, approvers: Sequence[Person], unmapped: Sequence[str], evidence: tuple[Evidence, ...]
) -> Outcome:
    subject, asks = ticket_subject(case), case.requester.user_name
    if any(same_login(person.id, asks) for person in approvers):
        message = f"{label(asks)} approved the ticket and started this run"
        return failed(message, subject, evidence=evidence, extra="requester")
    if unmapped:
        return missing(Reason.MISSING_MAPPING, f"{unmapped[0]} is not mapped in `identity.people`", subject)
    message = f"{some(p.id for p in approvers)} approved the ticket and did not start this run"
    return passed(message, subject, evidence=evidence, extra="requester")


def _pull_apart(
    pull: Known[PullRequest], people: People, approvers: Sequence[Person], unmapped: Sequence[str], read: Known[None]
) -> Outcome:
    subject, reviews = pull_subject(pull.value.ref), pull.value.reviews
    evidence = evidence_of(read, pull, reviews)
    for person in approvers:
        if part := _part_of(person, pull.value, people):
            return failed(f"{label(person.id)} approved the ticket and {part}", subject, evidence=evidence)
    unmapped = [*unmapped, *_without_person(pull.value, people), *_without_login(approvers, people)]
    if unmapped:
        return missing(Reason.MISSING_MAPPING, f"{unmapped[0]} is not mapped in `identity.people`", subject)
    if isinstance(reviews, Unread):
        return not_evaluated(reviews, subject)
    message = f"{some(p.id for p in approvers)} approved the ticket; the pull request is other people's work"
    return passed(message, subject, evidence=evidence)


def _part_of(person: Person, pull: PullRequest, people: People) -> str:
    """What a person did to the pull request, by whichever account, that an approver may not."""
    who = f"person {person.id.casefold()}"
    if pull.author and people.behind(pull.author) == who:
        return "wrote the pull request"
    if pull.merged_by and people.behind(pull.merged_by) == who:
        return "merged the pull request"
    if not isinstance(pull.reviews, Known):
        return ""
    standing = standing_reviews(pull.reviews.value).values()
    approved = {people.behind(review.user) for review in standing if review.state == "APPROVED"}
    return "is its only reviewer" if approved == {who} else ""


def _without_person(pull: PullRequest, people: People) -> list[str]:
    roles = (("the author", pull.author), ("the merger", pull.merged_by))
    return [f"{role} {label(login)}" for role, login in roles if login and not people.by_github(login)]


def _without_login(approvers: Sequence[Person], people: People) -> list[str]:
    return [f"the GitHub login of {label(person.id)}" for person in approvers if not people.has_login(person)]


# --- X-03 -------------------------------------------------------------------------------------------


@check(
    "X-03",
    "Order of events",
    Severity.CRITICAL,
    sources=_BOTH,
    controls="NIST-800-53r5//CM-3 SOC2//CC8.1",
    remediation="Keep the order: last commit, review, ticket approval, merge, deployment inside the window. What was "
    "done out of order is approved again as it stands now, and recorded as an emergency change.",
)
@on_ticket
def events_are_in_order(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Commits before approval, approval and review before the merge, the merge before the deployment."""
    subject, approval = ticket_subject(case), approval_of(case, ticket.value)
    if not case.pulls:
        yield not_applicable("the run has no pull request", subject)
    yield from unread_pulls(case)
    for _, pull in known_pulls(case):
        yield _order_of(case, ticket, approval, pull)


def _order_of(
    case: Case, ticket: Known[Ticket], approval: Fact[ChangeItem | None], pull: Known[PullRequest]
) -> Outcome:
    request, subjects = pull.value, (pull_subject(pull.value.ref), ticket_subject(case))
    facts = (approval, request.reviews, request.commits, request.deployments)
    evidence = evidence_of(ticket, pull, *facts)
    if faults := list(_out_of_order(case, ticket.value, approval, request)):
        return failed("; ".join(faults), *subjects, evidence=evidence)
    if unread := first_unread(*facts):
        return not_evaluated(unread, *subjects)
    if isinstance(approval, Known) and approval.value is None:
        message = "nothing is approved, merged or deployed yet"
        return not_applicable(message, *subjects, evidence=evidence)
    return passed("commits, review, approval, merge and deployment are in order", *subjects, evidence=evidence)


def _out_of_order(case: Case, ticket: Ticket, approval: Fact[ChangeItem | None], pull: PullRequest) -> Iterator[str]:
    if isinstance(approval, Known):
        approved = approval.value.at if approval.value else None
        if pull.merged_at and (approved is None or pull.merged_at < approved):
            yield f"merged at {moment(pull.merged_at)}, {_before(approved)}"
        if approved and isinstance(pull.commits, Known):
            late = [commit for commit in pull.commits.value if commit.at > approved]
            if late:
                shas = some(commit.sha[:12] for commit in late)
                yield f"commit {shas} is younger than the approval of {moment(approved)}"
    if pull.merged_at and isinstance(pull.reviews, Known):
        given = [review.submitted_at for review in pull.reviews.value if review.state == "APPROVED"]
        if given and min(given) > pull.merged_at:
            yield f"merged at {moment(pull.merged_at)}, before the first approving review"
    if isinstance(pull.deployments, Known):
        approved_at = approval.value.at if isinstance(approval, Known) and approval.value else None
        yield from _deployed_early(case, ticket, approved_at, pull, pull.deployments.value)


def _before(approved: datetime | None) -> str:
    return f"before the approval of {moment(approved)}" if approved else "without an approval"


def _deployed_early(
    case: Case, ticket: Ticket, approved: datetime | None, pull: PullRequest, deployments: Iterable[Deployment]
) -> Iterator[str]:
    environments = environments_of(case.config)
    for made in sorted(deployments, key=lambda made: made.at):
        name = environments.named(made.environment) or environments.inside(made.environment)
        if not name or made.state in _NOT_DEPLOYED:
            continue
        said = f"deployed to {name} at {moment(made.at)}, before"
        if pull.merged_at is None or made.at < pull.merged_at:
            yield f"{said} the merge"
        elif approved and made.at < approved:
            yield f"{said} the approval of {moment(approved)}"
        elif ticket.window_start and made.at < ticket.window_start:
            yield f"{said} the window of {moment(ticket.window_start)}"
