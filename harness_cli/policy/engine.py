"""The one function that decides: total, pure, closed. Any exception inside it is a denial (P000)."""

from typing import Final

from harness_cli.policy.ask import NOTHING_WAIVED, UNKNOWN_RESOURCES, Ask, approvals_needed, obligations
from harness_cli.policy.checks import CHECKS, Failure, first_failure
from harness_cli.policy.counterfactual import HOPELESS, counterfactual
from harness_cli.policy.document import ENGINE_VERSION
from harness_cli.policy.model import CheckResult, Counterfactual, Decision, Effect, Request, Rule
from harness_cli.policy.tables import NO_GATE, NO_ROLE, NO_RULE, NO_TOOL, Policy

ALLOWED: Final = "P100"
ENGINE_ERROR: Final = "P000"
SCOPE: Final = "P009"
LATER: Final = "decided call by call"
# What a check looks at; a layer looks things up for itself.
OF_TOOL: Final = frozenset({"P003", "P004", "P006", "P007", "P008", "P009", "P013", "P015", "P010"})
OF_GATE: Final = frozenset({"P004", "P005", "P011", "P010"})
OF_ROLE: Final = frozenset({"P006"})

_PASSED: Final = tuple(CheckResult(code, True, "holds") for code, _ in CHECKS)
_POSITION: Final = {code: index for index, (code, _) in enumerate(CHECKS)}
_PASSED_BEFORE: Final = tuple(_PASSED[:index] for index in range(len(_PASSED) + 1))


def decide(policy: Policy, request: Request, *, explain: bool = False) -> Decision:
    """May this be done? Never raises; `explain` evaluates every check, not only up to the first that fails."""
    return _guarded(policy, request, explain, NOTHING_WAIVED)


def decide_pattern(policy: Policy, request: Request) -> Decision:
    """Every check but those of the resources, which the plan does not know yet; a scope that admits nothing is P009."""
    decision = _guarded(policy, request, True, UNKNOWN_RESOURCES)
    return decision._replace(checks=tuple(map(_so_far, decision.checks)))


def _so_far(check: CheckResult) -> CheckResult:
    if check.code in UNKNOWN_RESOURCES or (check.code == SCOPE and check.passed):
        return CheckResult(check.code, True, LATER)
    return check


def _guarded(policy: Policy, request: Request, explain: bool, waived: frozenset[str]) -> Decision:
    try:
        return _decide(Ask.of(policy, request, waived), explain)
    except Exception as err:  # noqa: BLE001 - fail closed: an engine that breaks denies
        return _broken(policy, err)


def _decide(ask: Ask, explain: bool) -> Decision:
    refusal = first_failure(ask)
    if refusal is not None:
        code, failure = refusal
        index = _POSITION[code]
        checks = (*_PASSED_BEFORE[index], CheckResult(code, False, failure.reason, failure.rule))
        return _denied(ask, code, failure, (*checks, *_remaining(ask, index + 1)) if explain else checks)
    reason = f"{ask.tool.name} may {ask.request.action!s} in {ask.env}"  # !s: half the time of its __format__
    return _decision(ask, Effect.ALLOW, ALLOWED, reason, ask.granted_by, _PASSED, None)


def _denied(ask: Ask, code: str, failure: Failure, checks: tuple[CheckResult, ...]) -> Decision:
    change = counterfactual(ask, code, failure)
    return _decision(ask, Effect.DENY, code, failure.reason, failure.rule, checks, change)


def _decision(
    ask: Ask,
    effect: Effect,
    code: str,
    reason: str,
    rule: Rule,
    checks: tuple[CheckResult, ...],
    change: Counterfactual | None,
) -> Decision:
    parts = (
        effect,
        code,
        reason,
        rule,
        checks,
        approvals_needed(ask),
        obligations(ask),
        change,
        ask.tool.data_class,
        ask.policy.sha256,
        ENGINE_VERSION,
    )
    return tuple.__new__(Decision, parts)  # its own constructor takes twice the time


def _remaining(ask: Ask, start: int) -> list[CheckResult]:
    results = []
    for index in range(start, len(CHECKS)):
        code, check = CHECKS[index]
        stranger = _stranger(ask, code)
        failure = Failure(f"not evaluated: {stranger} fails", NO_RULE) if stranger else check(ask)
        results.append(_PASSED[index] if failure is None else CheckResult(code, False, failure.reason, failure.rule))
    return results


def _stranger(ask: Ask, code: str) -> str:
    """The check that failed because it did not know what this one looks at; empty where all is known."""
    if ask.tool is NO_TOOL and code in OF_TOOL:
        return "P001"
    if ask.gate is NO_GATE and code in OF_GATE:
        return "P002"
    return "P005" if ask.role is NO_ROLE and code in OF_ROLE else ""


def _broken(policy: Policy, err: Exception) -> Decision:
    reason = f"the engine failed ({type(err).__name__}): denied"  # the text of an exception may quote an argument
    return Decision(
        effect=Effect.DENY,
        code=ENGINE_ERROR,
        reason=reason,
        rule=None,
        checks=(CheckResult(ENGINE_ERROR, False, reason),),
        counterfactual=Counterfactual("none", HOPELESS[ENGINE_ERROR]),
        policy_sha256=policy.sha256 if type(policy) is Policy else "",
        engine=ENGINE_VERSION,
    )
