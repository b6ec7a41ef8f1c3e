"""The plan of a run: every operation that the review may need, on which scope, how often at most.

Nothing has been called when a plan exists. What the ticket and its pull requests lead to is found later and decided
call by call; what is named on the command line stands here with its exact resource.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness_cli.config.model import Action, System
from harness_cli.core.limits import PAGES
from harness_cli.policy.catalogue.aws_table import CALLS, Placement
from harness_cli.policy.model import PlannedCall
from harness_cli.policy.operations import Catalogue, Operation
from harness_cli.policy.regions import GLOBAL_REGION
from harness_cli.policy.tables import Policy
from harness_cli.review.facts import PullRef
from harness_cli.review.grant import Grant
from harness_cli.review.request import ReviewRequest


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes the plan of one request."""

    policy: Policy
    catalogue: Catalogue
    grant: Grant
    request: ReviewRequest
    aws_operations: frozenset[str]  # those that the wanted checks read

    def plan(self) -> tuple[PlannedCall, ...]:
        """All lines, in the order of systems, tools and names."""
        lines: list[PlannedCall] = []
        for system, tools in self.grant.tools.items():
            for tool in tools:
                lines.extend(self._aws(tool) if system is System.AWS else self._patterns(system, tool))
        return tuple(lines)

    def _patterns(self, system: System, tool: str) -> Iterator[PlannedCall]:
        for operation in self._readers(system):
            yield self._line(tool, operation, self._scope_text(tool), PAGES)
        yield from self._named(system, tool)

    def _named(self, system: System, tool: str) -> Iterator[PlannedCall]:
        if system is System.JIRA and self.request.ticket:
            yield self._exact(tool, "jira:GetIssue", {"key": self.request.ticket}, self.request.ticket)
        if system is System.GITHUB:
            for ref in self.request.pulls:
                yield self._exact(tool, "github:GetPullRequest", _pull_params(ref), ref.repo)

    def _aws(self, tool: str) -> Iterator[PlannedCall]:
        accounts = self.request.accounts or self.grant.accounts
        regions = [r for r in (self.request.regions or self.grant.regions) if r != GLOBAL_REGION]
        for operation in self._readers(System.AWS):
            if operation.name not in self.aws_operations:
                continue
            places: Sequence[str] = (
                regions if CALLS[operation.name].placement is Placement.REGIONAL else [GLOBAL_REGION]
            )
            for account in accounts:
                for region in places:
                    yield self._at(tool, operation, account, region)

    def _at(self, tool: str, operation: Operation, account: str, region: str) -> PlannedCall:
        params = {"account": account, "region": region}
        resources = operation.resources(params)
        return PlannedCall(tool, operation.name, Action.READ, f"{account}/{region}", PAGES, System.AWS, resources)

    def _exact(self, tool: str, name: str, params: dict[str, Any], shown: str) -> PlannedCall:
        operation = self.catalogue.get(name)
        return PlannedCall(tool, name, Action.READ, shown, 1, operation.system, operation.resources(params))

    def _line(self, tool: str, operation: Operation, shown: str, at_most: int) -> PlannedCall:
        return PlannedCall(tool, operation.name, operation.action, shown, at_most, operation.system)

    def _readers(self, system: System) -> list[Operation]:
        operations = (self.catalogue.get(name) for name in sorted(self.catalogue.names(system)))
        return [operation for operation in operations if operation.action is Action.READ]

    def _scope_text(self, tool: str) -> str:
        capability = self.policy.base.tools.get(tool)
        texts = [clause.text for clause in capability.clauses] if capability else []
        return " | ".join(texts) or "no scope: each call asks"


def _pull_params(ref: PullRef) -> dict[str, Any]:
    return {"repo": ref.repo, "number": ref.number}
