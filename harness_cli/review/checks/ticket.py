"""Ticket checks about the approval: TKT-01 02 03 08."""

from collections.abc import Iterator

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import evidence_of, label, moment, on_ticket, ticket_subject
from harness_cli.review.checks.people import people_of
from harness_cli.review.checks.ticket_history import approval_of, approved_statuses, came_by_move, scope_field
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import ChangeItem, JiraAccount, Ticket
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, failed, missing, not_applicable, not_evaluated, passed

_JIRA = (System.JIRA,)


@check(
    "TKT-01",
    "Ticket is an approved change",
    Severity.HIGH,
    sources=_JIRA,
    controls="NIST-800-53r5//CM-3 SOC2//CC8.1",
    remediation="Have the change approved in Jira by a transition into an approved status "
    "(`connections.jira.approved_statuses`) before it is deployed.",
)
@on_ticket
def ticket_is_approved(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """The status is an approved one, and the changelog shows how it came there."""
    subject, log = ticket_subject(case), ticket.value.changelog
    status = ticket.value.status
    if status.casefold() not in approved_statuses(case):
        yield failed(f"the status `{label(status)}` is not an approved one", subject, evidence=ticket.evidence)
    elif isinstance(log, Unread):
        yield not_evaluated(log, subject)
    elif not came_by_move(ticket.value, log.value):
        message = f"the changelog has no transition into `{label(status)}`"
        yield failed(message, subject, evidence=evidence_of(ticket, log))
    else:
        message = f"the ticket came to `{label(status)}` by a transition"
        yield passed(message, subject, evidence=evidence_of(ticket, log))


@check(
    "TKT-02",
    "Approver is named, allowed, and human",
    Severity.HIGH,
    sources=_JIRA,
    controls="NIST-800-53r5//CM-3 NIST-800-53r5//AC-5 SOC2//CC8.1",
    remediation="Name a person of the approver group in the ticket's approver field, and let that person, "
    "not an app and not somebody else, move the ticket into the approved status.",
)
@on_ticket
def approver_is_allowed(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """The approver field names an active human of the approver group, who gave the approval in person."""
    subject, named = ticket_subject(case), ticket.value.approvers
    if named is None:
        yield missing(Reason.NOT_CONFIGURED, "`connections.jira.fields.approver` is not configured", subject)
        return
    approval = approval_of(case, ticket.value)
    item = approval.value if isinstance(approval, Known) else None
    evidence = evidence_of(ticket, approval)
    if fault := _approver_fault(named, item):
        yield failed(fault, subject, evidence=evidence)
    elif isinstance(approval, Unread):
        yield not_evaluated(approval, subject)
    elif fault := _self_appointed(case, ticket.value, named):
        yield failed(fault, subject, evidence=evidence)
    elif item and item.author is None:
        yield missing(Reason.MISSING_MAPPING, "the changelog does not say who approved", subject)
    else:
        yield _in_group(case, named, evidence_from=Known(None, evidence))


def _approver_fault(named: tuple[JiraAccount, ...], item: ChangeItem | None) -> str:
    if not named:
        return "no approver is named"
    for account in named:
        if account.is_app:
            return f"the approver {account.account_id} is an app, not a person"
        if not account.active:
            return f"the approver {account.account_id} is not active"
    if item is None or item.author is None:
        return ""
    if item.author.is_app:
        return f"the approval was given by the app {item.author.account_id}"
    if item.author.account_id not in {account.account_id for account in named}:
        return f"the approval was given by {item.author.account_id}, who is not the named approver"
    return ""


def _self_appointed(case: Case, ticket: Ticket, named: tuple[JiraAccount, ...]) -> str:
    """The requester who names himself approver is no second person."""
    reporter = ticket.reporter
    if reporter and reporter.account_id in {account.account_id for account in named}:
        return f"the requester {reporter.account_id} is the named approver"
    jira = case.config.connections.jira
    if jira is None or not isinstance(ticket.changelog, Known):
        return ""
    for item in ticket.changelog.value:
        set_by = item.author.account_id if item.author else ""
        own_request = ticket.assignee is not None and set_by == ticket.assignee.account_id
        if item.field_id == jira.fields.approver and item.to_id == set_by and own_request:
            return f"{set_by}, to whom the change is assigned, made himself its approver"
    return ""


def _in_group(case: Case, named: tuple[JiraAccount, ...], evidence_from: Known[None]) -> Outcome:
    subject = ticket_subject(case)
    group = case.config.approvals.approvers.group if case.config.approvals else ""
    unread: Unread | None = None
    for account in named if group else ():
        person = people_of(case.config).by_jira(account.account_id)
        if person is None:
            detail = f"{account.account_id} is not mapped in `identity.people`, so the group cannot be looked up"
            unread = unread or Unread(Reason.MISSING_MAPPING, detail)
            continue
        not_asked = Unread(Reason.NOT_CONFIGURED, f"the groups of {label(person.id)} were not read")
        groups = case.directory_groups.get(person.id, not_asked)
        if isinstance(groups, Unread):
            unread = unread or groups
        elif group not in groups.value:
            message = f"the approver {label(person.id)} is not in the group `{label(group)}`"
            return failed(message, subject, evidence=evidence_of(evidence_from, groups))
    if unread:
        return not_evaluated(unread, subject)
    names = ", ".join(account.account_id for account in named)
    return passed(f"{names} is an active person and may approve", subject, evidence=evidence_from.evidence)


@check(
    "TKT-03",
    "Requester does not approve himself",
    Severity.CRITICAL,
    sources=_JIRA,
    controls="NIST-800-53r5//AC-5 NIST-800-53r5//CM-5(4) SOC2//CC8.1",
    remediation="Withdraw the approval and have the change approved by a person who neither reported it nor "
    "is assigned to carry it out.",
)
@on_ticket
def requester_is_not_approver(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Reporter, assignee and the author of the approval are different accounts."""
    subject = ticket_subject(case)
    approval = approval_of(case, ticket.value)
    if isinstance(approval, Unread):
        yield not_evaluated(approval, subject)
        return
    evidence = evidence_of(ticket, approval)
    if approval.value is None:
        yield not_applicable("nobody has approved the ticket", subject, evidence=evidence)
    elif approval.value.author is None:
        yield missing(Reason.MISSING_MAPPING, "the changelog does not say who approved", subject)
    elif role := _own_role(ticket.value, approval.value.author.account_id):
        message = f"{approval.value.author.account_id} approved the change and is its {role}"
        yield failed(message, subject, evidence=evidence)
    elif ticket.value.reporter is None:
        yield missing(Reason.MISSING_MAPPING, "the ticket does not say who reported it", subject)
    else:
        message = f"{approval.value.author.account_id} approved; reporter and assignee are others"
        yield passed(message, subject, evidence=evidence)


def _own_role(ticket: Ticket, approver: str) -> str:
    roles = (("reporter", ticket.reporter), ("assignee", ticket.assignee))
    return " and ".join(role for role, account in roles if account and account.account_id == approver)


@check(
    "TKT-08",
    "Ticket not edited after approval",
    Severity.HIGH,
    sources=_JIRA,
    controls="NIST-800-53r5//CM-3(2) NIST-800-53r5//AU-10",
    remediation="Send the ticket back for approval: what was approved is not what it says now.",
)
@on_ticket
def scope_is_as_approved(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Description, environment, links, window and risk are as the approver saw them."""
    subject, log = ticket_subject(case), ticket.value.changelog
    approval = approval_of(case, ticket.value)
    if isinstance(log, Unread) or isinstance(approval, Unread):
        yield not_evaluated(log if isinstance(log, Unread) else approval, subject)  # type: ignore[arg-type]
        return
    approved = approval.value
    evidence = evidence_of(ticket, log)
    if approved is None:
        yield not_applicable("nobody has approved the ticket", subject, evidence=evidence)
        return
    later = sorted((item for item in log.value if item.at > approved.at), key=lambda item: item.at)
    edits = {name: item for item in later if (name := scope_field(case, item))}
    for name, item in edits.items():
        message = f"{name} was changed at {moment(item.at)}, after the approval of {moment(approved.at)}"
        yield failed(message, subject, evidence=evidence, extra=name)
    if not edits:
        yield passed(f"nothing was changed since the approval of {moment(approved.at)}", subject, evidence=evidence)
