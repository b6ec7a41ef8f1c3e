"""What a ticket's changelog says about its approval.

The contract:
1. status names are compared without case; a status that was renamed is known by its id;
2. the approval is the last move into the approved statuses from outside;
3. it is withdrawn once the ticket goes back to a status that it had before; going on to a new one withdraws nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness_cli.review.case import Case
from harness_cli.review.evidence import Fact, Known
from harness_cli.review.facts import ChangeItem, Ticket

_LINK_FIELDS = frozenset({"remoteissuelink", "remoteworkitemlink", "remotelink"})  # `Link` leads to another ticket
_SCOPE_FIELDS = frozenset({"description", "environment"}) | _LINK_FIELDS


def approved_statuses(case: Case) -> frozenset[str]:
    """The configured statuses that mean "approved", folded."""
    jira = case.config.connections.jira
    return frozenset(name.casefold() for name in jira.approved_statuses) if jira else frozenset()


@dataclass(frozen=True, slots=True)
class Statuses:
    """Statuses by name and by id."""

    names: frozenset[str]
    ids: frozenset[str]

    def has(self, label: str, identifier: str) -> bool:
        """Whether a status is one of them."""
        return label.casefold() in self.names or (identifier != "" and identifier in self.ids)


def moves(items: Iterable[ChangeItem]) -> Sequence[ChangeItem]:
    """Every move of the status, oldest first."""
    return sorted((item for item in items if is_status(item)), key=lambda item: item.at)


def approval_of(case: Case, ticket: Ticket) -> Fact[ChangeItem | None]:
    """The approval that stands, as a fact; None where there is none or it was withdrawn."""
    log = ticket.changelog
    if not isinstance(log, Known):
        return log
    approved = _approved(case, ticket, log.value)
    return Known(_standing(moves(log.value), approved), log.evidence)


def came_by_move(ticket: Ticket, items: Iterable[ChangeItem]) -> bool:
    """Whether the last move of the changelog led to the status that the ticket has."""
    here = Statuses(frozenset({ticket.status.casefold()}), frozenset({ticket.status_id}))
    last = moves(items)[-1:]
    return any(here.has(item.to_label, item.to_id) for item in last)


def _approved(case: Case, ticket: Ticket, items: Iterable[ChangeItem]) -> Statuses:
    names = approved_statuses(case)
    ids = {item.to_id for item in items if is_status(item) and item.to_label.casefold() in names}
    if ticket.status.casefold() in names:
        ids.add(ticket.status_id)
    return Statuses(names, frozenset(ids - {""}))


def _standing(history: Sequence[ChangeItem], approved: Statuses) -> ChangeItem | None:
    entered: ChangeItem | None = None
    seen: set[str] = set()  # statuses before the approval
    earlier: frozenset[str] = frozenset()
    for item in history:
        leaves_for = _key(item.to_label, item.to_id)
        if approved.has(item.to_label, item.to_id):
            if not approved.has(item.from_label, item.from_id):
                seen.add(_key(item.from_label, item.from_id))
                entered, earlier = item, frozenset(seen)
        elif entered is not None and leaves_for in earlier:
            entered = None
        seen |= {_key(item.from_label, item.from_id), leaves_for}
    return entered


def _key(label: str, identifier: str) -> str:
    return identifier or label.casefold()


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
    return "pull request links" if folded in _LINK_FIELDS else folded
