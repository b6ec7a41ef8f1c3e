"""Second release for tickets: TKT-09 10."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.case import Case
from harness_cli.review.checks.change import evidence_of, first_unread, moment, on_ticket, ticket_subject
from harness_cli.review.checks.ticket_history import approval_of
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import Ticket
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, failed, not_applicable, not_evaluated, passed

APPROVE_WITHIN: Final = timedelta(hours=24)  # an emergency change, after it was made
TOO_FAST: Final = timedelta(seconds=60)
TOO_OLD: Final = timedelta(days=30)


@check(
    "TKT-09",
    "Emergency change is approved within a day",
    Severity.MEDIUM,
    sources=(System.JIRA,),
    controls="SOC2//CC8.1",
    remediation="Have the emergency change approved after the fact, within 24 hours.",
    release=2,
)
@on_ticket
def emergency_is_approved(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """An emergency change has its approval a day after it was made at the latest."""
    subject, approval = ticket_subject(case), approval_of(case, ticket.value)
    if not any(_is_emergency(text) for text in (ticket.value.issue_type, *ticket.value.labels)):
        yield not_applicable("the ticket is no emergency change", subject, evidence=ticket.evidence)
        return
    if isinstance(approval, Unread):
        yield not_evaluated(approval, subject)
        return
    evidence, due = evidence_of(ticket, approval), _made(case, ticket.value) + APPROVE_WITHIN
    if approval.value and approval.value.at <= due:
        yield passed(f"approved at {moment(approval.value.at)}", subject, evidence=evidence)
    elif unread := first_unread(*case.pulls.values()):
        yield not_evaluated(unread, subject)  # a later merge would give more time
    elif approval.value or case.now > due:
        when = f"approved at {moment(approval.value.at)}" if approval.value else "not approved"
        yield failed(f"{when}; an approval was due at {moment(due)}", subject, evidence=evidence)
    else:
        yield not_applicable(f"an approval is due at {moment(due)}", subject, evidence=evidence)


def _is_emergency(text: str) -> bool:
    words = set(re.split(r"[^a-z]+", text.casefold()))
    return "emergency" in words and not words & {"no", "non", "not"}


def _made(case: Case, ticket: Ticket) -> datetime:
    """When the change was made: the first merge, else when the ticket was written."""
    merged = [f.value.merged_at for f in case.pulls.values() if isinstance(f, Known) and f.value.merged_at]
    return min(merged, default=ticket.created)


@check(
    "TKT-10",
    "Approval is neither rushed nor stale",
    Severity.LOW,
    sources=(System.JIRA,),
    controls="SOC2//CC8.1",
    remediation="Give the approver time to read the change, and ask again where the approval is older than a month.",
    release=2,
)
@on_ticket
def approval_has_its_time(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Approved more than a minute after the ticket was written and less than a month before the change."""
    subject, approval = ticket_subject(case), approval_of(case, ticket.value)
    if isinstance(approval, Unread):
        yield not_evaluated(approval, subject)
        return
    evidence = evidence_of(ticket, approval)
    if approval.value is None:
        yield not_applicable("nobody has approved the ticket", subject, evidence=evidence)
        return
    merged = [f.value.merged_at for f in case.pulls.values() if isinstance(f, Known) and f.value.merged_at]
    waited, age = approval.value.at - ticket.value.created, max(merged, default=case.now) - approval.value.at
    if waited < TOO_FAST:
        seconds = int(waited.total_seconds())
        yield failed(f"approved {seconds} seconds after the ticket was written", subject, evidence=evidence)
    elif age > TOO_OLD:
        yield failed(f"the approval is {age.days} days older than the change", subject, evidence=evidence)
    else:
        yield passed(f"approved at {moment(approval.value.at)}", subject, evidence=evidence)
