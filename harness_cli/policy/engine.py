"""The one function that decides: total, pure, closed. Any exception inside it is a denial (P000)."""

from typing import Final

from harness_cli.policy.ask import NOTHING_WAIVED, UNKNOWN_RESOURCES, Ask, approvals_needed, obligations
from harness_cli.policy.checks import CHECKS, Failure
from harness_cli.policy.counterfactual import HOPELESS, counterfactual
from harness_cli.policy.document import ENGINE_VERSION
from harness_cli.policy.model import CheckResult, Counterfactual, Decision, Effect, Request
from harness_cli.policy.tables import Policy

ALLOWED: Final = "P100"
ENGINE_ERROR: Final = "P000"

_PASSED: Final = tuple(CheckResult(code, True, "holds") for code, _ in CHECKS)
_PASSED_BEFORE: Final = tuple(_PASSED[:index] for index in range(len(_PASSED) + 1))


def decide(policy: Policy, request: Request, *, explain: bool = False) -> Decision:
    """May this be done? Never raises; `explain` evaluates every check, not only up to the first that fails."""
    return _guarded(policy, request, explain, NOTHING_WAIVED)


def decide_pattern(policy: Policy, request: Request) -> Decision:
    """Everything but the resources, which the plan does not know yet; a scope that admits nothing is P009."""
    return _guarded(policy, request, False, UNKNOWN_RESOURCES)


def _guarded(policy: Policy, request: Request, explain: bool, waived: frozenset[str]) -> Decision:
    try:
        return _decide(Ask.of(policy, request, waived), explain)
    except Exception as err:  # noqa: BLE001 - fail closed: an engine that breaks denies
        return _broken(policy, err)


def _decide(ask: Ask, explain: bool) -> Decision:
    waived = ask.waived
    for index, (code, check) in enumerate(CHECKS):
        failure = None if waived and code in waived else check(ask)
        if failure is not None:
            checks = (*_PASSED_BEFORE[index], CheckResult(code, False, failure.reason, failure.rule))
            return _denied(ask, code, failure, (*checks, *_remaining(ask, index + 1)) if explain else checks)
    return Decision(
        effect=Effect.ALLOW,
        code=ALLOWED,
        reason=f"{ask.tool.name} may {ask.request.action} in {ask.env}",
        rule=ask.granted_by,
        checks=_PASSED,
        approvals_needed=approvals_needed(ask),
        obligations=obligations(ask),
        data_class=ask.tool.data_class,
        policy_sha256=ask.policy.sha256,
        engine=ENGINE_VERSION,
    )


def _denied(ask: Ask, code: str, failure: Failure, checks: tuple[CheckResult, ...]) -> Decision:
    return Decision(
        effect=Effect.DENY,
        code=code,
        reason=failure.reason,
        rule=failure.rule,
        checks=checks,
        approvals_needed=approvals_needed(ask),
        obligations=obligations(ask),
        counterfactual=counterfactual(ask, code, failure),
        data_class=ask.tool.data_class,
        policy_sha256=ask.policy.sha256,
        engine=ENGINE_VERSION,
    )


def _remaining(ask: Ask, start: int) -> list[CheckResult]:
    results = []
    for index in range(start, len(CHECKS)):
        code, check = CHECKS[index]
        failure = check(ask)
        results.append(_PASSED[index] if failure is None else CheckResult(code, False, failure.reason, failure.rule))
    return results


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
