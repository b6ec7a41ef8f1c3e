"""What the checks of a change share: its subjects, and how a check is asked about a ticket or about each pull request.

The contract:
1. without a ticket (or pull request) a check says NOT_APPLICABLE;
2. one that could not be read gives NOT_EVALUATED with the reason of the reading;
3. only otherwise the check itself is asked, once for the ticket, once for each pull request.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from harness_cli.core.canonical import sha256_hex
from harness_cli.core.clock import rfc3339
from harness_cli.review.case import Case
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.facts import PullRef, PullRequest, Ticket
from harness_cli.review.finding import Subject
from harness_cli.review.registry import Judge, Outcome, not_applicable, not_evaluated

TicketJudge: TypeAlias = Callable[[Case, Known[Ticket]], Iterable[Outcome]]
PullJudge: TypeAlias = Callable[[Case, Known[PullRequest]], Iterable[Outcome]]

_LABEL = re.compile(r"[A-Za-z0-9_./@:#*+=\[\]() ,~-]{1,200}", re.ASCII)


def on_ticket(judge: TicketJudge) -> Judge:
    """A check of the ticket."""

    def asked(case: Case) -> Iterable[Outcome]:
        match case.ticket:
            case None:
                return (not_applicable("the run has no ticket"),)
            case Unread() as unread:
                return (not_evaluated(unread, ticket_subject(case)),)
            case Known() as known:
                return judge(case, known)

    return asked


def on_pulls(judge: PullJudge) -> Judge:
    """A check of each pull request."""

    def asked(case: Case) -> Iterator[Outcome]:
        if not case.pulls:
            yield not_applicable("the run has no pull request")
        for ref, fact in sorted(case.pulls.items()):
            if isinstance(fact, Unread):
                yield not_evaluated(fact, pull_subject(ref))
            else:
                yield from judge(case, fact)

    return asked


def alone(case: Case, ref: PullRef) -> Case:
    """The case with this pull request only, for what is said of it alone."""
    iac = {ref: case.iac[ref]} if ref in case.iac else {}
    return replace(case, pulls={ref: case.pulls[ref]}, iac=iac)


def each_pull(judge: Callable[[Known[PullRequest]], Iterable[Outcome]]) -> Judge:
    """A check that needs nothing but the pull request."""
    return on_pulls(lambda _, pull: judge(pull))


def ticket_subject(case: Case) -> Subject:
    """The ticket as a finding's resource."""
    return Subject("jira_issue", case.ticket_key, env=case.env)


def pull_subject(ref: PullRef) -> Subject:
    """A pull request as a finding's resource."""
    return Subject("github_pull_request", str(ref))


def evidence_of(*facts: Fact[Any]) -> tuple[Evidence, ...]:  # Any: whatever was read
    """The evidence of several facts, each once."""
    return tuple(dict.fromkeys(evidence for fact in facts for evidence in fact.evidence))


def first_unread(*facts: Fact[Any]) -> Unread | None:  # Any: whatever was read
    """The first fact that could not be read."""
    return next((fact for fact in facts if isinstance(fact, Unread)), None)


def label(text: str) -> str:
    """A path or a name from outside as it may stand in a message: plain ASCII, or its digest."""
    return text if _LABEL.fullmatch(text) else f"sha256:{sha256_hex(text.encode())[:12]}"


def some(names: Iterable[str], most: int = 3) -> str:
    """`a, b, c and 4 more`, every name as a label."""
    listed = [label(name) for name in names]
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def count(things: Sized, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def same_login(one: str, other: str) -> bool:
    """Whether two logins are one account; an unknown one ("") is nobody."""
    return bool(one) and one.casefold() == other.casefold()


def moment(at: datetime) -> str:
    """A time as messages show it."""
    return rfc3339(at)
