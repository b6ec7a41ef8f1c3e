"""Step 5 of a run: the plan is decided; what is named and denied ends the run; a gate may ask for an approval."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness_cli.config.model import Action, System
from harness_cli.core.errors import PolicyDeniedError
from harness_cli.policy.engine import decide
from harness_cli.policy.model import Context, Grain, Phase, Request, Resource
from harness_cli.policy.plan import PlannedDecision, Standing, decide_plan, plan_digest
from harness_cli.review.grant import Grant, grant_of
from harness_cli.review.live_facts.needs import operations_for
from harness_cli.review.plan import Planner
from harness_cli.review.registry import Check
from harness_cli.review.request import ReviewRequest
from harness_cli.review.selection import select
from harness_cli.runtime.approvals import Sought
from harness_cli.runtime.enforce import denial
from harness_cli.runtime.session import RunSession

LIFETIME_SECONDS = 900
_ONE_READ = {System.GITHUB: "github:GetPullRequest", System.JIRA: "jira:GetIssue"}


@dataclass(frozen=True, slots=True)
class PlanStage:
    """The plan of one request on one session whose requester is proven."""

    session: RunSession
    request: ReviewRequest
    grant: Grant
    checks: Mapping[str, Check]

    def decided(self) -> tuple[PlannedDecision, ...]:
        """Every line with its decision, each written to the trail; nothing has been called."""
        session = self.session
        planner = Planner(
            session.policy, session.catalogue, self.grant, self.request, operations_for(frozenset(self.checks))
        )
        plan = decide_plan(
            session.policy,
            session.principal,
            self.request.env,
            session.clock.now(),
            planner.plan(),
            approvals=session.point.approvals,
            budget=session.budget.left(),
        )
        for line in plan:
            session.recorder.decision(line.request, line.decision)
        session.point.plan_digest = self.digest(plan)
        return plan

    def refuse(self, plan: tuple[PlannedDecision, ...]) -> None:
        """Raises PolicyDeniedError for what is named outside the scope, and for a tool that is denied altogether."""
        for line in plan:
            is_named = line.call.at_most == 1 and line.standing is Standing.NOT_GRANTED
            if line.standing is Standing.TOOL_DENIED or (is_named and not _granted_elsewhere(plan, line)):
                raise denial(line.decision)
        outside = [a for a in self.request.accounts if a not in self.grant.accounts]
        outside += [r for r in self.request.regions if r not in self.grant.regions]
        if outside:
            raise PolicyDeniedError(
                f"{', '.join(outside)} is outside every AWS scope",
                code="P009",
                help="--account and --region only narrow a run; widen `scope` of the tool instead",
                place=self.session.config.place("tools"),
            )

    def approval_of(self, plan: tuple[PlannedDecision, ...]) -> Sought | None:
        """What to ask for where the environment's gate wants the plan approved; None where it does not."""
        asking = [line for line in plan if Grain.RUN in line.decision.approvals_needed]
        if not asking or Grain.RUN in self.session.point.approvals:
            return None
        digest = self.digest(plan)
        rule = asking[0].decision.rule
        return Sought(
            trace_id=self.session.trace_id,
            grain=Grain.RUN,
            tool="harness",
            action=Action.READ,
            operation="review:Run",
            env=self.request.env,
            resource=tuple(sorted({line.call.resource for line in plan})),
            payload={"plan": digest, "request": self.request.as_json(), "lines": plan_lines(plan)},
            plan_sha256=digest,
            ticket=self.request.ticket,
            pull_requests=tuple(map(str, self.request.pulls)),
            why=f"the gate of {self.request.env} asks for it ({rule.place if rule else 'policy'})",
        )

    def digest(self, plan: tuple[PlannedDecision, ...]) -> str:
        """What an approval of the plan is given for."""
        budget = self.session.budget
        return plan_digest(
            self.session.policy,
            self.request.env,
            [line.call for line in plan],
            lifetime_seconds=LIFETIME_SECONDS,
            calls=budget.max_calls,
            max_seconds=int(budget.max_seconds),
        )

    def in_scope(self, system: System, resource: Resource) -> bool:
        """Whether a declared reader of the system may touch a resource; asks the engine, calls nothing."""
        session = self.session
        context = Context(
            self.request.env, session.clock.now(), Phase.CALL, approvals=frozenset(Grain), budget=session.budget.left()
        )
        return any(
            decide(
                session.policy,
                Request(session.principal, tool, Action.READ, _ONE_READ[system], (resource,), context),
            ).allowed
            for tool in self.grant.tools[system]
        )


def plan_stage(session: RunSession, request: ReviewRequest) -> PlanStage:
    """The stage of one request. Raises UsageError for unknown checks."""
    grant = grant_of(session.config, session.policy)
    return PlanStage(session, request, grant, select(request.checks, request.skipped, grant.systems))


def plan_lines(plan: tuple[PlannedDecision, ...]) -> list[dict[str, Any]]:
    """The plan as people and programs read it."""
    return [
        {
            "tool": line.call.tool,
            "operation": line.call.operation,
            "action": line.call.action.value,
            "resource": line.call.resource,
            "atMost": line.call.at_most,
            "standing": line.standing.value,
            "code": line.decision.code,
            "rule": line.decision.rule.place if line.decision.rule else "",
            "reason": line.decision.reason,
            "approvals": sorted(grain.value for grain in line.decision.approvals_needed),
        }
        for line in plan
    ]


def _granted_elsewhere(plan: tuple[PlannedDecision, ...], denied: PlannedDecision) -> bool:
    return any(
        line.standing in {Standing.GRANTED, Standing.NEEDS_APPROVAL}
        for line in plan
        if line.call.operation == denied.call.operation and line.call.resources == denied.call.resources
    )
