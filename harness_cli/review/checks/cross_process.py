"""Ticket and pull requests as one process: X-07 09 10."""

from collections.abc import Iterator, Sequence
from typing import Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import (
    count,
    evidence_of,
    label,
    moment,
    on_ticket,
    pull_subject,
    some,
    ticket_subject,
)
from harness_cli.review.checks.cross import known_pulls, unread_pulls
from harness_cli.review.checks.environments import environments_of
from harness_cli.review.checks.freezes import freeze_over
from harness_cli.review.checks.ticket_history import approved_statuses
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import Deployment, PullRef, PullRequest, Ticket
from harness_cli.review.finding import Severity
from harness_cli.review.iac.change import IacChange
from harness_cli.review.iac.model import Block
from harness_cli.review.registry import Outcome, check, failed, missing, not_applicable, not_evaluated, passed

_BOTH: Final = (System.JIRA, System.GITHUB)
_VOID: Final = frozenset({"cancelled", "canceled", "rejected", "declined", "withdrawn"})
_OVER: Final = _VOID | {"done", "closed", "resolved"}
_FAILED: Final = frozenset({"failure", "error"})


@check(
    "X-07",
    "Deployed inside the change window",
    Severity.HIGH,
    sources=_BOTH,
    controls="NIST-800-53r5//CM-3",
    remediation="Deploy inside the approved window; a deployment outside it is recorded as an emergency change.",
)
@on_ticket
def deployed_in_window(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Every deployment of the pull requests' commits lies between start and end of the window."""
    if not case.pulls:
        yield not_applicable("the run has no pull request", ticket_subject(case))
    else:
        yield from unread_pulls(case)
        for ref, pull in known_pulls(case):
            yield _in_window(case, ticket, ref, pull)


def _in_window(case: Case, ticket: Known[Ticket], ref: PullRef, pull: Known[PullRequest]) -> Outcome:
    subjects, made = (pull_subject(ref), ticket_subject(case)), pull.value.deployments
    if isinstance(made, Unread):
        return not_evaluated(made, *subjects)
    evidence = evidence_of(ticket, pull, made)
    real = _deployments(case, made.value)
    if not real:
        return not_applicable("nothing is deployed to a known environment", *subjects, evidence=evidence)
    for name, one in real:
        if frozen := freeze_over(case, one.at, one.at, name):
            message = f"deployed to {label(name)} at {moment(one.at)}, in the freeze {frozen}"
            return failed(message, *subjects, evidence=evidence)
    if not ticket.value.window_configured:
        detail = "`connections.jira.fields.window_start` and `window_end` are not configured"
        return missing(Reason.NOT_CONFIGURED, detail, *subjects)
    start, end = ticket.value.window_start, ticket.value.window_end
    if start is None or end is None:
        names = some(f"{name} at {moment(one.at)}" for name, one in real)
        return failed(f"deployed to {names} without a change window", *subjects, evidence=evidence)
    outside = [(name, one) for name, one in real if not start <= one.at <= end]
    if outside:
        said = some(f"{name} at {moment(one.at)}" for name, one in outside)
        message = f"deployed to {said}, outside the window of {moment(start)} to {moment(end)}"
        return failed(message, *subjects, evidence=evidence)
    return passed(f"{count(real, 'deployment')} inside the window", *subjects, evidence=evidence)


def _deployments(case: Case, made: Sequence[Deployment]) -> list[tuple[str, Deployment]]:
    environments = environments_of(case.config)
    named = [(environments.named(one.environment) or environments.inside(one.environment), one) for one in made]
    return [(name, one) for name, one in named if name and one.state not in _FAILED]


# --- X-09 -------------------------------------------------------------------------------------------


@check(
    "X-09",
    "Ticket and pull request name each other",
    Severity.MEDIUM,
    sources=(System.GITHUB, System.JIRA),
    controls="NIST-800-53r5//CM-3",
    remediation="Link the pull request in the ticket, and name that one open ticket in its title, branch or body.",
)
def name_each_other(case: Case) -> Iterator[Outcome]:
    """One open ticket, named by each pull request that it links, and the other way round."""
    if not case.pulls:
        yield not_applicable("the run has no pull request")
        return
    if case.ticket is None:
        yield from unread_pulls(case)
        for ref, pull in known_pulls(case):
            if pull.value.ticket_keys and case.config.connections.jira is None:
                yield missing(Reason.NOT_CONFIGURED, "`connections.jira` is not configured", pull_subject(ref))
                continue
            message = "no ticket of the scope is named in title, branch or body"
            yield failed(message, pull_subject(ref), evidence=pull.evidence)
        return
    if isinstance(case.ticket, Unread):
        yield not_evaluated(case.ticket, ticket_subject(case))
        return
    yield from unread_pulls(case)
    for ref, pull in known_pulls(case):
        yield _link_of(case, case.ticket, ref, pull)


def _link_of(case: Case, ticket: Known[Ticket], ref: PullRef, pull: Known[PullRequest]) -> Outcome:
    links, value = ticket.value.links, ticket.value
    subjects = (pull_subject(ref), ticket_subject(case))
    evidence = evidence_of(ticket, pull, links)
    others = [key for key in pull.value.ticket_keys if key != value.key]
    linked = isinstance(links, Known) and any(link.ref == ref for link in links.value)
    faults = []
    if value.key not in pull.value.ticket_keys:
        faults.append("the pull request does not name the ticket")
    if isinstance(links, Known) and not linked:
        faults.append("the ticket does not link the pull request")
    if others:
        faults.append(f"the pull request names other tickets too: {some(others)}")
    status = value.status.casefold()
    if status in (_VOID if pull.value.merged else _OVER) - approved_statuses(case):
        state = "merged" if pull.value.merged else "not merged"
        faults.append(f"the ticket is `{label(value.status)}`, the pull request is {state}")
    if faults:
        return failed("; ".join(faults), *subjects, evidence=evidence)
    if isinstance(links, Unread):
        return not_evaluated(links, *subjects)
    return passed(f"{value.key} and the pull request name each other", *subjects, evidence=evidence)


# --- X-10 -------------------------------------------------------------------------------------------


@check(
    "X-10",
    "Change stays within what the ticket names",
    Severity.HIGH,
    sources=_BOTH,
    controls="NIST-800-53r5//CM-3",
    remediation="Name every affected type, module or account in the ticket and have it approved again, or take what it "
    "does not name out of the pull request.",
)
@on_ticket
def within_the_ticket(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Each changed resource belongs to a component, and each account to the accounts, that the ticket names."""
    if not case.pulls:
        yield not_applicable("the run has no pull request", ticket_subject(case))
    yield from unread_pulls(case)
    for ref, _ in known_pulls(case):
        subjects = (pull_subject(ref), ticket_subject(case))
        parsed = case.iac.get(ref, Unread(Reason.NOT_GRANTED, "the changed files were not read"))
        if isinstance(parsed, Unread):
            yield not_evaluated(parsed, *subjects)
        else:
            yield _scope_of(case, ticket, ref, parsed)


def _scope_of(case: Case, ticket: Known[Ticket], ref: PullRef, parsed: Known[IacChange]) -> Outcome:
    subjects, change = (pull_subject(ref), ticket_subject(case)), parsed.value
    evidence = evidence_of(ticket, parsed)
    accounts = [s.value for s in change.sightings if s.kind == "account" and s.value not in ticket.value.account_ids]
    if accounts and ticket.value.account_ids:
        message = f"account {some(dict.fromkeys(accounts))} is not in the ticket"
        return failed(message, *subjects, evidence=evidence)
    regions = [s.value for s in change.sightings if s.kind == "region" and s.value not in ticket.value.regions]
    if regions and ticket.value.regions:
        message = f"region {some(dict.fromkeys(regions))} is not in the ticket"
        return failed(message, *subjects, evidence=evidence)
    blocks = [pair.block for pair in change.pairs if pair.block.mode == "resource" and pair.is_changed]
    if not blocks:
        return not_applicable("the pull request changes no resource", *subjects, evidence=evidence)
    words = [word.casefold() for word in ticket.value.components]
    outside = [block for block in blocks if not any(_belongs(block, word) for word in words)]
    if len(outside) == len(blocks):
        detail = "no component of the ticket is the name of a changed type, module or resource"
        return missing(Reason.MISSING_MAPPING, detail, *subjects)
    if outside:
        message = f"not in the ticket: {some(block.address for block in outside)}"
        return failed(message, *subjects, evidence=evidence)
    if change.unread:
        return not_evaluated(change.unread[0].unread, *subjects)
    return passed(f"{count(blocks, 'changed resource')}, all in the ticket", *subjects, evidence=evidence)


def _belongs(block: Block, word: str) -> bool:
    """Whether a component means a block: its type, its address, its folder or a part of it, or its name."""
    folder = block.folder.casefold()
    names = {block.type, block.address.casefold(), block.name.casefold(), folder, *folder.split("/")}
    live = {str(block.get(name, "")).casefold() for name in ("name", "identifier", "bucket", "role", "function_name")}
    return word in names | live or folder.startswith(f"{word}/")
