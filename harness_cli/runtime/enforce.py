"""The enforcement point: the only place that calls a connector.

For each call, in this order, and never in another:
 1. the parameters are validated against the operation's schema;
 2. the engine decides on the real resources, one call is taken from the budget; the decision is written, allow or deny;
 3. a credential is leased;
 4. the intent is written and durable;
 5. only now the connector is called, its requests guarded on the wire;
 6. what came back is checked: is it about what was decided, is it whole, has it the declared shape;
 7. the outcome is written.
A refusal at any step is an answer (`Refused`), so that the rest of the review goes on; a trail that cannot be written
is not: AuditError ends the run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from harness_cli.config.model import Action, System
from harness_cli.connectors.base import Call, Connector, Reply
from harness_cli.core.canonical import Json
from harness_cli.core.clock import Clock
from harness_cli.core.errors import (
    AuditError,
    ConnectorError,
    CredentialError,
    HarnessError,
    PolicyDeniedError,
    UnauthorizedError,
)
from harness_cli.core.exits import ExitCode
from harness_cli.core.principal import Principal
from harness_cli.core.reasons import Reason
from harness_cli.credentials.issuer import LeaseTarget
from harness_cli.credentials.lease import Lease
from harness_cli.credentials.manager import LeaseManager
from harness_cli.policy.engine import decide
from harness_cli.policy.model import Context, Decision, Grain, Phase, Request, Resource
from harness_cli.policy.operations import Catalogue, Operation, UnknownOperationError
from harness_cli.policy.plan import call_digest
from harness_cli.policy.tables import Policy
from harness_cli.runtime.budget import RunBudget
from harness_cli.runtime.in_flight import InFlight
from harness_cli.runtime.recorder import Recorder
from harness_cli.runtime.shapes import problem_of
from harness_cli.runtime.side_by_side import side_by_side

SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """One call that somebody wants: a tool, an operation, its parameters."""

    tool: str
    operation: str
    params: Mapping[str, Any]  # Any: JSON, validated by the operation's schema
    approvals: frozenset[Grain] = frozenset()
    approver: Principal | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A call that was made and answered; `seq` is the audit line of its outcome."""

    reply: Reply
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that was not made, or whose answer cannot be used; `seq` is the audit line that says so."""

    reason: Reason
    error: HarnessError
    seq: int
    at: datetime
    decision: Decision | None = None


@dataclass(slots=True)
class EnforcementPoint:
    """Decides, leases, records and calls for one run."""

    policy: Policy
    catalogue: Catalogue
    principal: Principal
    env: str
    clock: Clock
    recorder: Recorder
    leases: LeaseManager
    connectors: Mapping[System, Connector]
    budget: RunBudget
    plan_digest: str = ""
    approvals: frozenset[Grain] = frozenset()
    approval: Mapping[str, Json] = field(default_factory=dict)  # where the trail holds what approved calls rest on
    hurt: set[ExitCode] = field(default_factory=set)  # exit codes that refused answers ask for
    problems: list[HarnessError] = field(default_factory=list)
    in_flight: InFlight = field(default_factory=InFlight)

    def call_all(self, wanted: Sequence[Wanted]) -> tuple[Answered | Refused, ...]:
        """Independent calls, side by side, answers in the order of the calls. Raises AuditError."""
        return tuple(side_by_side([partial(self.call, one) for one in wanted], SIDE_BY_SIDE))

    def abandon(self) -> None:
        """The run was cut off: whatever is under way ends as indeterminate, nothing begins. Raises AuditError."""
        for flight in self.in_flight.abandon():
            self.recorder.indeterminate(flight.call, flight.decision, flight.lease, flight.intent)

    def call(self, wanted: Wanted) -> Answered | Refused:
        """One call. Raises AuditError."""
        try:
            operation = self.catalogue.get(wanted.operation)
        except UnknownOperationError:
            return self._blocked(wanted, HarnessError(f"operation {wanted.operation} is not listed", code="P013"))
        problem = problem_of(operation.name, "params", operation.params, wanted.params)
        if problem:
            return self._blocked(wanted, HarnessError(f"{operation.name}: {problem}", code="P008"))
        resources = operation.resources(wanted.params)
        request = self.request_of(wanted, operation, resources, Phase.CALL)
        decision = decide(self.policy, request)
        while decision.allowed and not self.budget.reserve_call():  # another thread took the last call
            request = self.request_of(wanted, operation, resources, Phase.CALL)
            decision = decide(self.policy, request)
        seq = self.recorder.decision(request, decision)
        if not decision.allowed:
            return Refused(reason_of(decision), denial(decision), seq, self.clock.now(), decision)
        return self._carry_out(Call(wanted.tool, operation, wanted.params, resources), decision)

    def request_of(
        self, wanted: Wanted, operation: Operation, resources: tuple[Resource, ...], phase: Phase
    ) -> Request:
        """What the engine is asked about one call of this run, now."""
        context = Context(
            env=self.env,
            time=self.clock.now(),
            phase=phase,
            plan_digest=self.plan_digest,
            call_digest=call_digest(wanted.tool, operation.name, wanted.params, resources),
            approvals=self.approvals | wanted.approvals,
            approver=wanted.approver,
            budget=self.budget.left(),
        )
        return Request(self.principal, wanted.tool, operation.action, operation.name, resources, context)

    def _carry_out(self, call: Call, decision: Decision) -> Answered | Refused:
        connector = self.connectors.get(call.operation.system)
        try:
            if connector is None:
                raise CredentialError(
                    f"{call.operation.system} is not connected", help=f"add `connections.{call.operation.system}`"
                )
            lease = self.leases.lease(_target(call, self.policy))
        except HarnessError as err:
            self.budget.give_back_call()
            return self._refused(call, err, self.recorder.blocked(call.tool, call.operation, call.resources, err))
        self.budget.begin_call(call.tool)
        intent = self.in_flight.enter(
            lambda: self.recorder.intent(call, decision, lease, self.approval), call, decision, lease
        )
        started = self.clock.monotonic()

        def ended(error: HarnessError | None, reply: Reply | None) -> int:
            took = int((self.clock.monotonic() - started) * 1000)

            def write() -> int:
                return self.recorder.outcome(call, decision, lease, intent, error=error, reply=reply, took_ms=took)

            return self.in_flight.leave(intent, write)

        try:
            reply = self._answer(connector, call, lease)
        except AuditError:
            raise
        except HarnessError as err:
            return self._refused(call, err, ended(err, None))
        except Exception as err:  # noqa: BLE001 - the connector edge: whatever a client library throws is one unread answer
            unread = ConnectorError(
                f"{call.operation.name} failed inside its client ({type(err).__name__})",
                reason=Reason.EXCEPTION,
                code="C199",
            )
            return self._refused(call, unread, ended(unread, None))
        except BaseException:
            self.in_flight.leave(intent, lambda: self.recorder.indeterminate(call, decision, lease, intent))
            raise
        error = self._objection(call, reply)
        seq = ended(error, reply)
        if error is not None:
            return self._refused(call, error, seq)
        return Answered(reply, seq, self.clock.now())

    def _answer(self, connector: Connector, call: Call, lease: Lease) -> Reply:
        try:
            reply = connector.invoke(call, lease)
        except HarnessError as err:
            self.budget.spend(requests=err.requests)
            raise
        self.budget.spend(items=reply.count, size=reply.size, requests=reply.requests)
        return reply

    def _objection(self, call: Call, reply: Reply) -> HarnessError | None:
        """Why an answer may not be used; None where it may."""
        wanted = Wanted(call.tool, call.operation.name, call.params, self.approvals)
        if reply.served:
            decision = decide(self.policy, self.request_of(wanted, call.operation, reply.served, Phase.RESPONSE))
            if not decision.allowed and decision.code in _ABOUT_RESOURCES:
                return denial(decision)
        problem = problem_of(call.operation.name, "result", call.operation.result, reply.value)
        if problem:
            return ConnectorError(f"{call.operation.name}: {problem}", reason=Reason.EXCEPTION, code="C107")
        if reply.truncated and call.operation.action is Action.READ:
            return ConnectorError(
                f"{call.operation.name}: the answer is longer than may be read ({reply.count} items)",
                reason=Reason.TRUNCATED,
                code="C104",
                help="narrow the run (--account, --region, --check)",
            )
        return None

    def _refused(self, call: Call, error: HarnessError, seq: int) -> Refused:
        if isinstance(error, CredentialError | UnauthorizedError):
            self.hurt.add(ExitCode.IDENTITY)
        if isinstance(error, PolicyDeniedError):  # decided, called, and found to lie elsewhere
            self.hurt.add(ExitCode.DENIED)
        error.place = error.place or call.operation.name  # whoever raised it may not know for which call
        self.problems.append(error)
        reason = error.reason if isinstance(error, ConnectorError) else _REASONS.get(type(error), Reason.NOT_GRANTED)
        return Refused(reason, error, seq, self.clock.now())

    def _blocked(self, wanted: Wanted, error: HarnessError) -> Refused:
        self.problems.append(error)
        seq = self.recorder.refused_before_decision(wanted.tool, wanted.operation, error)
        return Refused(Reason.NOT_GRANTED, error, seq, self.clock.now())


_REASONS: Mapping[type[HarnessError], Reason] = {CredentialError: Reason.ACCESS_DENIED}
_ABOUT_RESOURCES = frozenset({"P000", "P007", "P008", "P009", "P016"})  # what an answer can get wrong


def reason_of(decision: Decision) -> Reason:
    """How the checks of a denied call report it."""
    match decision.code:
        case "P012":
            return Reason.THROTTLED
        case "P000":
            return Reason.EXCEPTION
        case _:
            return Reason.NOT_GRANTED


def denial(decision: Decision) -> HarnessError:
    """A decision as the error that people read."""
    changed = decision.counterfactual
    change = f"it would be allowed with {changed.change}" if changed and changed.kind != "none" else ""
    place = decision.rule.place if decision.rule else ""
    return PolicyDeniedError(decision.reason, code=decision.code, help=change, place=place)


def _target(call: Call, policy: Policy) -> LeaseTarget:
    first: Mapping[str, str] = call.resources[0].dimensions if call.resources else {}
    return LeaseTarget(
        system=call.operation.system,
        account=first.get("account", ""),
        service=call.operation.name.split(":", 1)[0],
        repo=first.get("repo", ""),
        scope_sha256=policy.sha256,
    )
