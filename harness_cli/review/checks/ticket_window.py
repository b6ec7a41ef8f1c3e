"""TKT-06: the change window."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import moment, on_ticket, ticket_subject
from harness_cli.review.checks.environments import environments_of
from harness_cli.review.checks.freezes import freeze_over
from harness_cli.review.evidence import Known
from harness_cli.review.facts import Ticket
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, failed, missing, passed

LONGEST_WINDOW: Final = timedelta(days=7)


@check(
    "TKT-06",
    "Change window set, in the future or now, and not too long",
    Severity.MEDIUM,
    sources=(System.JIRA,),
    controls="NIST-800-53r5//CM-3",
    remediation="Set start and end of the change window, at most a week apart, and not in the past before the change "
    "is made.",
)
@on_ticket
def window_is_sound(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Start before end, at most a week, and not over before the pull requests are merged."""
    subject, value = ticket_subject(case), ticket.value
    if not value.window_configured:
        detail = "`connections.jira.fields.window_start` and `window_end` are not configured"
        yield missing(Reason.NOT_CONFIGURED, detail, subject)
    elif fault := _fault(case, value):
        yield failed(fault, subject, evidence=ticket.evidence)
    else:
        assert value.window_start and value.window_end  # noqa: S101, PT018 - a window without them is a fault
        message = f"the window goes from {moment(value.window_start)} to {moment(value.window_end)}"
        yield passed(message, subject, evidence=ticket.evidence)


def _fault(case: Case, ticket: Ticket) -> str:
    start, end = ticket.window_start, ticket.window_end
    if start is None or end is None:
        return "the change window has no " + " and no ".join(
            name for name, value in (("start", start), ("end", end)) if value is None
        )
    if end <= start:
        return f"the change window ends at {moment(end)}, not after its start at {moment(start)}"
    if end - start > LONGEST_WINDOW:
        return f"the change window is {(end - start).days} days long, more than {LONGEST_WINDOW.days}"
    environment = environments_of(case.config).named(ticket.environment or "") or case.env
    if frozen := freeze_over(case, start, end, environment):
        return f"the change window lies in the freeze {frozen}"
    if end < case.now and not _is_made(case):
        return f"the change window was over at {moment(end)}, and the change is not merged"
    return ""


def _is_made(case: Case) -> bool:
    """Whether every pull request is merged: then the window may lie behind."""
    return bool(case.pulls) and all(isinstance(fact, Known) and fact.value.merged for fact in case.pulls.values())
