"""What a ticket's changelog says about its approval; status names are compared without case."""

from collections.abc import Iterable

from harness_cli.review.case import Case
from harness_cli.review.evidence import Fact, Known
from harness_cli.review.facts import ChangeItem, Ticket

_SCOPE_FIELDS = frozenset({"description", "environment", "remoteissuelink", "remotelink", "link"})


def approved_statuses(case: Case) -> frozenset[str]:
    """The configured statuses that mean "approved", folded."""
    jira = case.config.connections.jira
    return frozenset(name.casefold() for name in jira.approved_statuses) if jira else frozenset()


def approving_item(case: Case, items: Iterable[ChangeItem]) -> ChangeItem | None:
    """The last move of the status into the approved ones from outside; None where there was none."""
    approved = approved_statuses(case)
    entries = [
        item
        for item in items
        if is_status(item) and item.to_label.casefold() in approved and item.from_label.casefold() not in approved
    ]
    return max(entries, key=lambda item: item.at, default=None)


def approval_of(case: Case, ticket: Ticket) -> Fact[ChangeItem | None]:
    """The approving item as a fact."""
    log = ticket.changelog
    return Known(approving_item(case, log.value), log.evidence) if isinstance(log, Known) else log


def is_status(item: ChangeItem) -> bool:
    """Whether an item of the changelog moves the status."""
    return item.field_id.casefold() == "status"


def scope_field(case: Case, item: ChangeItem) -> str:
    """What of the change's scope an item touches (`description`, `risk` …); empty for anything else."""
    jira = case.config.connections.jira
    folded = item.field_id.casefold()
    if jira:
        fields = jira.fields
        for name in ("environment", "risk", "window_start", "window_end"):
            if folded and getattr(fields, name).casefold() == folded:
                return name.replace("_", " ")
    if folded not in _SCOPE_FIELDS:
        return ""
    return "pull request links" if folded.endswith("link") else folded
