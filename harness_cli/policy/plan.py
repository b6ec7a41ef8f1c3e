"""The plan before anything is called: its decisions, and the digests that approvals are given for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from harness_cli.core.canonical import Json, canonical, sha256_hex
from harness_cli.core.principal import Principal
from harness_cli.policy.engine import decide, decide_pattern
from harness_cli.policy.model import Budget, Context, Decision, Effect, Grain, Phase, PlannedCall, Request, Resource
from harness_cli.policy.tables import NO_TOOL, Policy


class Standing(StrEnum):
    """What a decision means for the plan."""

    GRANTED = "granted"
    NEEDS_APPROVAL = "needs_approval"
    NOT_GRANTED = "not_granted"  # this call leaves the plan; its checks say NOT_EVALUATED(not_granted)
    TOOL_DENIED = "tool_denied"  # the tool may not be used at all: the run stops before any call


@dataclass(frozen=True, slots=True)
class PlannedDecision:
    """One line of the plan and what policy says about it."""

    call: PlannedCall
    request: Request
    decision: Decision
    standing: Standing


UNBOUNDED: Final = Budget()

# Codes that speak of one operation or one resource, not of the tool as a whole.
_OF_ONE_CALL = frozenset({"P003", "P007", "P008", "P009", "P013"})


def decide_plan(
    policy: Policy,
    subject: Principal,
    env: str,
    time: datetime,
    planned: Sequence[PlannedCall],
    *,
    approvals: frozenset[Grain] = frozenset(),
    budget: Budget = UNBOUNDED,
) -> tuple[PlannedDecision, ...]:
    """One decision a line, every check evaluated.

    Where the resources are not known yet, everything but the scope of values is decided.
    """
    context = Context(env=env, time=time, phase=Phase.PLAN, approvals=approvals, budget=budget)
    return tuple(_decide_line(policy, subject, context, call) for call in planned)


def _decide_line(policy: Policy, subject: Principal, context: Context, call: PlannedCall) -> PlannedDecision:
    request = Request(subject, call.tool, call.action, call.operation, call.resources, context)
    decision = decide(policy, request, explain=True) if call.resources else decide_pattern(policy, request)
    return PlannedDecision(call, request, decision, _standing(policy, request, decision))


def _standing(policy: Policy, request: Request, decision: Decision) -> Standing:
    if decision.effect is Effect.ALLOW:
        return Standing.GRANTED
    if decision.code == "P010":
        return Standing.NEEDS_APPROVAL
    if decision.code in _OF_ONE_CALL or decision.code == "P016":
        return Standing.NOT_GRANTED if _is_usable(policy, request) else Standing.TOOL_DENIED
    return Standing.TOOL_DENIED


def _is_usable(policy: Policy, request: Request) -> bool:
    """Whether any declared action and operation of the tool gets as far as a question of resources."""
    tool = policy.base.tools.get(request.tool, NO_TOOL)
    for action in sorted(tool.actions):
        operations = (name for name, declared in tool.operations.items() if declared in {None, action})
        operation = next(operations, "")
        pattern = decide_pattern(policy, replace(request, action=action, operation=operation, resources=()))
        if pattern.allowed or pattern.code == "P010":
            return True
    return False


def call_digest(tool: str, operation: str, params: Mapping[str, Json], resources: Sequence[Resource]) -> str:
    """Hex SHA-256 of exactly what one call will do. Raises NotCanonicalError."""
    document: Json = {
        "tool": tool,
        "operation": operation,
        "params": dict(params),
        "resources": [_resource(resource) for resource in resources],
    }
    return sha256_hex(canonical(document))


def plan_digest(
    policy: Policy, env: str, planned: Sequence[PlannedCall], *, lifetime_seconds: int, calls: int, max_seconds: int
) -> str:
    """Hex SHA-256 of what a run may do at most: calls, budget, policy, lifetime; the order of lines is no matter."""
    lines = [_line(call) for call in planned]
    document: Json = {
        "policy": policy.sha256,
        "environment": env,
        "lines": sorted(lines, key=canonical),
        "lifetimeSeconds": lifetime_seconds,
        "budget": {"calls": calls, "seconds": max_seconds},
    }
    return sha256_hex(canonical(document))


def _line(call: PlannedCall) -> Json:
    return {
        "tool": call.tool,
        "operation": call.operation,
        "action": str(call.action),
        "scope": call.resource,
        "atMost": call.at_most,
        "resources": [_resource(resource) for resource in call.resources],
    }


def _resource(resource: Resource) -> Json:
    return {"type": str(resource.type), "id": resource.id, "dimensions": dict(resource.dimensions)}
