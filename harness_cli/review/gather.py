"""Reads what one review needs: ticket → pull requests → live accounts, independent parts side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias, TypeVar

from harness_cli.config.model import Config, System
from harness_cli.core.principal import Principal
from harness_cli.review.aws_facts import AwsFacts
from harness_cli.review.case import Case
from harness_cli.review.collect.pull import collect_pull, find_pulls
from harness_cli.review.collect.ticket import collect_ticket
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.facts import PullRef, PullRequest, Ticket
from harness_cli.review.grant import Grant
from harness_cli.review.iac.change import IacChange
from harness_cli.review.iac.parse import parse_change
from harness_cli.review.live_facts import collect_aws
from harness_cli.review.progress import Steps
from harness_cli.review.reader import Reader
from harness_cli.review.request import ReviewRequest
from harness_cli.runtime.side_by_side import side_by_side

SIDE_BY_SIDE = 4

T = TypeVar("T")
U = TypeVar("U")
Change: TypeAlias = tuple[
    str, Fact[Ticket] | None, Mapping[PullRef, Fact[PullRequest]], Mapping[PullRef, Fact[IacChange]]
]


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Gathers the facts of one case."""

    reader: Reader
    config: Config
    grant: Grant
    request: ReviewRequest
    checks: frozenset[str]
    in_scope: Callable[[PullRef], bool]
    ticket_in_scope: Callable[[str], bool]
    groups_of: Callable[[str], Fact[tuple[str, ...]]]
    steps: Steps

    def gather(self, requester: Principal, now: datetime) -> Case:
        """Everything that could be read. Raises AuditError only."""
        (key, ticket, pulls, iac), aws = _both(self._change, self._aws)
        return Case(
            env=self.request.env,
            now=now,
            requester=requester,
            config=self.config,
            ticket_key=key,
            ticket=ticket,
            pulls=pulls,
            iac=iac,
            aws=aws,
            directory_groups=self._groups(ticket),
        )

    def _groups(self, ticket: Fact[Ticket] | None) -> Mapping[str, Fact[tuple[str, ...]]]:
        """The directory's word on everybody who is named as approver, where the configuration knows them."""
        if not isinstance(ticket, Known) or self.config.identity is None:
            return {}
        accounts = {account.account_id for account in ticket.value.approvers or ()}
        people = [person.id for person in self.config.identity.people if person.jira and person.jira in accounts]
        return {person: self.groups_of(person) for person in people}

    def _change(self) -> Change:
        key = self.request.ticket
        ticket = self._ticket(key) if key else None
        refs = set(self.request.pulls)
        if isinstance(ticket, Known):
            with self.steps.step("pull requests that the ticket names"):
                refs |= set(find_pulls(self.reader, self.config, ticket.value, in_scope=self.in_scope))
        pulls = self._pulls(sorted(refs))
        if not key:
            key = self._key_of(pulls)
            ticket = self._ticket(key) if key else None
        return key, ticket, pulls, self._iac(pulls)

    def _ticket(self, key: str) -> Fact[Ticket]:
        with self.steps.step(f"ticket {key}") as step:
            return step.told(collect_ticket(self.reader, self.config, key, in_scope=self.in_scope))

    def _pulls(self, refs: Sequence[PullRef]) -> Mapping[PullRef, Fact[PullRequest]]:
        def one(ref: PullRef) -> Fact[PullRequest]:
            with self.steps.step(f"pull request {ref}") as step:
                return step.told(collect_pull(self.reader, self.config, ref))

        return dict(zip(refs, side_by_side([partial(one, ref) for ref in refs], SIDE_BY_SIDE), strict=True))

    def _key_of(self, pulls: Mapping[PullRef, Fact[PullRequest]]) -> str:
        """With pull requests only, a key of the scope in title, branch or body is followed."""
        known = (fact.value for fact in pulls.values() if isinstance(fact, Known))
        keys = (key for pull in known for key in pull.ticket_keys)
        return next((key for key in keys if self.ticket_in_scope(key)), "")

    def _iac(self, pulls: Mapping[PullRef, Fact[PullRequest]]) -> Mapping[PullRef, Fact[IacChange]]:
        parsed: dict[PullRef, Fact[IacChange]] = {}
        for ref, fact in pulls.items():
            parsed[ref] = fact if isinstance(fact, Unread) else parse_change(fact.value)
        return parsed

    def _aws(self) -> AwsFacts:
        if System.AWS not in self.grant.systems:
            return AwsFacts()
        accounts = self.request.accounts or self.grant.accounts
        regions = self.request.regions or self.grant.regions
        with self.steps.step(f"AWS {', '.join(accounts)} ({', '.join(regions)})"):
            return collect_aws(
                self.reader,
                accounts,
                regions,
                self.checks,
                generate_credential_report=self.config.review.generate_credential_report,
            )


def _both(first: Callable[[], T], second: Callable[[], U]) -> tuple[T, U]:
    left: list[T] = []
    right: list[U] = []
    side_by_side([lambda: left.append(first()), lambda: right.append(second())], 2)
    return left[0], right[0]
