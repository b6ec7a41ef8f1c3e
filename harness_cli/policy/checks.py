"""The order of evaluation, one function a code (design: policy.md §2).

The contract, in order; every check must hold and the first that fails gives the code:
P001 known tool · P002 gated environment · P003 declared action · P004 allowed group · P005 known role ·
P006 cleared role · P007 dimensions · P008 canonical values · P009 inside the scope · P011 inside the window ·
P012 budget · P013 listed operation · P014 separate duties · P015 performable obligations · P016 layers ·
P010 approval, last: a denial that can be asked for.

Types are checked first: a value of a foreign type is the stranger of its kind (unknown tool, unknown role), never an
exception. A check that cannot be evaluated, because what it looks at is unknown, fails.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from harness_cli.core.principal import Principal
from harness_cli.policy.ask import UNKNOWN_RESOURCES, Ask, approvals_needed, grain_words, obligations, shown
from harness_cli.policy.model import Budget, Grain, Phase, Rule
from harness_cli.policy.scope import CanonicalValue, NotCanonicalValueError, parse_value
from harness_cli.policy.tables import NO_GATE, NO_ROLE, NO_TOOL


class Failure(NamedTuple):
    """Why a check does not hold, and the line that says so."""

    reason: str
    rule: Rule


def known_tool(ask: Ask) -> Failure | None:
    """P001: the tool is declared under exactly this name."""
    if ask.tool is not NO_TOOL:
        return None
    return Failure(f"tool {shown(ask.request.tool)} is not declared", ask.table.rule_tools)


def gated_environment(ask: Ask) -> Failure | None:
    """P002: the environment has a gate."""
    if ask.gate is not NO_GATE:
        return None
    return Failure(f"environment {shown(ask.env)} has no gate", ask.table.rule_gates)


def declared_action(ask: Ask) -> Failure | None:
    """P003: the tool lists the action."""
    if ask.action in ask.tool.actions:
        return None
    reason = f"{ask.tool.name or 'the tool'} does not list the action {shown(ask.request.action)}"
    return Failure(reason, _line(ask, "actions"))


def allowed_group(ask: Ask) -> Failure | None:
    """P004: the environment allows a group of the tool."""
    if ask.gate.name in ask.tool.environments:
        return None
    groups = ", ".join(ask.tool.groups) or "no group"
    allowed = ", ".join(sorted(ask.gate.allowed_groups)) or "none"
    return Failure(f"{shown(ask.env)} allows {allowed}; the tool is in {groups}", ask.gate.rule_groups)


def known_role(ask: Ask) -> Failure | None:
    """P005: the role exists, and may act in this environment."""
    role = ask.role
    if role is NO_ROLE:
        return Failure(f"role {shown(ask.role_name)} is not known", ask.table.rule_roles)
    if role.environments is not None and ask.gate.name not in role.environments:
        return Failure(f"role `{role.name}` is not known in {shown(ask.env)}", role.rule)
    return None


def cleared_role(ask: Ask) -> Failure | None:
    """P006: the role is cleared for the tool's data class."""
    if ask.tool.data_class in ask.role.clearance:
        return None
    return Failure(f"role `{ask.role.name}` is not cleared for class `{ask.tool.data_class}`", ask.role.rule)


def right_dimensions(ask: Ask) -> Failure | None:
    """P007: at least one resource, and each names exactly the keys of a scope line."""
    resources, tool = ask.request.resources, ask.tool
    if type(resources) is not tuple or not resources:
        return Failure("no resource is named", _line(ask, "scope"))
    named = []
    for resource in resources:
        given: object = resource.dimensions
        if type(given) is not dict and not isinstance(given, Mapping):  # the usual type first: it is the cheap question
            return Failure("a resource names no dimensions", _line(ask, "scope"))
        dimensions = dict(given)  # read once: what is checked is what is matched
        clauses = tool.clauses_by_keys.get(frozenset(dimensions))
        if clauses is None:
            return Failure(_misnamed(ask, dimensions), _line(ask, "scope"))
        if tool.resource_type is not None and resource.type is not tool.resource_type:
            return Failure(f"{shown(resource.type)} is no resource of {tool.system}", _line(ask, "scope"))
        named.append((dimensions, clauses))
    ask.named = named
    return None


def canonical_resources(ask: Ask) -> Failure | None:
    """P008: every value is in the one form that its vendor writes."""
    if not ask.named:
        return Failure("not evaluated: the resource's dimensions are not understood", _line(ask, "scope"))
    try:
        values = []
        for dimensions, clauses in ask.named:
            parsed = {}
            for key, text in dimensions.items():
                parsed[key] = parse_value(key, text)  # a comprehension costs a call of its own before 3.12
            values.append((parsed, clauses))
        ask.values = values
    except NotCanonicalValueError as err:
        return Failure(str(err), _line(ask, "scope"))
    return None


def inside_scope(ask: Ask) -> Failure | None:
    """P009: every resource is matched by a line of the scope; a tool without one asks for an approval instead."""
    tool = ask.tool
    if ask.waived and ask.waived >= UNKNOWN_RESOURCES:
        return Failure(_outside(ask, {}), _line(ask, "scope")) if tool.is_dead else None
    if not ask.values:
        return Failure("not evaluated: the resource is not in canonical form", _line(ask, "scope"))
    if tool.is_unscoped:
        ask.granted_by = _line(ask, "")
        return None
    for values, clauses in ask.values:
        for clause in clauses:
            if clause.matches(values):
                ask.granted_by = clause.rule
                break
        else:
            return Failure(_outside(ask, values), _line(ask, "scope"))
    return None


def inside_window(ask: Ask) -> Failure | None:
    """P011: the time is known, and inside a window of the gate where it has any."""
    at, gate = ask.request.context.time, ask.gate
    if type(at) is not datetime or at.tzinfo is None:
        return Failure("the time of the request is not known", gate.rule_windows)
    if not gate.windows or any(window.is_open(at) for window in gate.windows):
        return None
    return Failure(f"outside {'; '.join(window.text for window in gate.windows)}", gate.rule_windows)


def budget_left(ask: Ask) -> Failure | None:
    """P012: something is left of every bound. On the wire and after it, the call has been paid for already."""
    context = ask.request.context
    budget = context.budget
    if type(budget) is not Budget:
        return Failure("the budget is not known", LIMITS)
    calls, items, size, seconds = budget.calls_left, budget.items_left, budget.bytes_left, budget.seconds_left
    if (
        (calls is None or calls > 0)
        and (items is None or items > 0)
        and (size is None or size > 0)
        and (seconds is None or seconds > 0)
    ) or context.phase in PAID:
        return None
    left = {"calls": calls, "items": items, "bytes": size, "seconds": seconds}
    spent = ", ".join(name for name, rest in left.items() if rest is not None and not rest > 0)
    return Failure(f"the budget of {spent} is spent", LIMITS)


def listed_operation(ask: Ask) -> Failure | None:
    """P013: the operation is on the closed list of the tool's system, as the action that is asked for."""
    name = ask.request.operation
    operations = ask.tool.operations
    if type(name) is not str or name not in operations:
        return Failure(f"operation {shown(name)} is not listed for {ask.tool.name or 'the tool'}", _line(ask, ""))
    declared = operations[name]
    if declared is None or declared is ask.action:
        return None
    return Failure(f"operation `{name}` is declared as {declared}", _line(ask, ""))


def separate_duties(ask: Ask) -> Failure | None:
    """P014: nobody approves what he asks for."""
    approver = ask.request.context.approver
    if approver is None:
        return None
    if type(approver) is Principal and not approver.is_same_person(ask.request.subject):
        return None
    return Failure("the approver is not another person", DUTIES)


def performable_obligations(ask: Ask) -> Failure | None:
    """P015: the runtime can perform every obligation."""
    for obligation in obligations(ask):
        if obligation not in ask.policy.performable:
            return Failure(f"obligation {shown(obligation)} cannot be performed", _line(ask, "obligations"))
    return None


def accepted_by_layers(ask: Ask) -> Failure | None:
    """P016: every layer, asked as a whole policy, agrees."""
    for table in ask.policy.layers:
        inner = ask.at(table)
        refusal = first_failure(inner, TABLE_CHECKS)
        if refusal is not None:
            code, failure = refusal
            return Failure(f"layer {table.layer} refuses ({code}): {failure.reason}", failure.rule)
        if inner.tool.system is not ask.tool.system:
            return Failure(
                f"layer {table.layer} knows `{ask.tool.name}` as a tool of {inner.tool.system}", _line(inner, "")
            )
    return None


def approved(ask: Ask) -> Failure | None:
    """P010: the approvals that any table asks for are there."""
    needed = approvals_needed(ask)
    if needed <= ask.approvals:
        return None
    missing = needed - ask.approvals
    asking = next(inner for inner in (ask, *map(ask.at, ask.policy.layers)) if inner.needs() & missing)
    return Failure(f"needs {grain_words(missing)}: {_reasons(asking)}", _asking_rule(asking, missing))


Check = Callable[[Ask], Failure | None]

# Everything that one table can decide by itself: what a layer is asked.
TABLE_CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("P001", known_tool),
    ("P002", gated_environment),
    ("P003", declared_action),
    ("P004", allowed_group),
    ("P005", known_role),
    ("P006", cleared_role),
    ("P007", right_dimensions),
    ("P008", canonical_resources),
    ("P009", inside_scope),
    ("P011", inside_window),
)
CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    *TABLE_CHECKS,
    ("P012", budget_left),
    ("P013", listed_operation),
    ("P014", separate_duties),
    ("P015", performable_obligations),
    ("P016", accepted_by_layers),
    ("P010", approved),
)
PAID: Final = frozenset({Phase.WIRE, Phase.RESPONSE})
LIMITS: Final = Rule("limits")
DUTIES: Final = Rule("approvals.approvers")


def first_failure(ask: Ask, checks: Sequence[tuple[str, Check]] = CHECKS) -> tuple[str, Failure] | None:
    """The first check that does not hold, waived ones apart; None where all do."""
    for code, check in checks:
        failure = check(ask)
        if failure is not None and code not in ask.waived:
            return code, failure
    return None


def _line(ask: Ask, key: str) -> Rule:
    return ask.tool.rules.get(key) or ask.tool.rules[""]


def _misnamed(ask: Ask, dimensions: Mapping[str, object]) -> str:
    wanted = " or ".join(sorted(",".join(sorted(keys)) for keys in ask.tool.clauses_by_keys)) or "nothing"
    given = ",".join(sorted(map(str, dimensions)))
    return f"the scope is by {wanted}; the resource names {given[:200]!a}"


def _outside(ask: Ask, values: Mapping[str, CanonicalValue]) -> str:
    text = ",".join(f"{key}:{value.text}" for key, value in values.items()) or "everything"
    unresolved = [alias for clause in ask.tool.clauses for alias in clause.unresolved]
    if unresolved:
        return f"{text} is outside the scope: account alias `{unresolved[0]}` is not in `accounts:`"
    lines = " or ".join(clause.text for clause in ask.tool.clauses[:3]) or "nothing"
    return f"{text} is outside the scope {lines}"


def _reasons(ask: Ask) -> str:
    tool, table = ask.tool, ask.table
    said = (
        (ask.gate.asks, f"the gate of `{ask.gate.name}` asks"),
        (tool.requires_approval, f"`{tool.name}` requires approval"),
        (ask.action in table.approval_actions, f"the action `{ask.action}` does"),
        (tool.is_unscoped, f"`{tool.name}` has no scope"),
    )
    reasons = "; ".join(text for holds, text in said if holds)
    return f"{reasons} (layer {table.layer})" if table.layer else reasons


def _asking_rule(ask: Ask, missing: frozenset[Grain]) -> Rule:
    if Grain.RUN in missing and ask.gate.asks:
        return ask.gate.rule_asks
    if ask.tool.requires_approval:
        return _line(ask, "requires_approval")
    if ask.action in ask.table.approval_actions:
        return ask.table.rule_approvals
    return _line(ask, "scope")
