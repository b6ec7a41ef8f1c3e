"""Policy tests that users write (design: policy.md §7): requests, what is expected of them, which lines they exercise.

Reading files is the caller's: a document comes in parsed, `load` turns its `config` reference into a configuration.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from harness_cli.config.model import Action, Config, System
from harness_cli.core.canonical import Json
from harness_cli.core.principal import Principal
from harness_cli.policy.ask import Ask
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.engine import ENGINE_ERROR, decide
from harness_cli.policy.model import Context, Decision, Effect, Grain, Request, Resource, ResourceType
from harness_cli.policy.operations import Catalogue
from harness_cli.policy.tables import NO_GATE, NO_TOOL, GateTable, Policy, Table

ANY_OPERATION: Final = "policy-test"  # listed for every system: a case without `operation` is about everything else
_A_MONDAY: Final = datetime(2026, 1, 5, tzinfo=UTC)
_CASE_KEYS: Final = frozenset({"name", "request", "expect"})
_REQUEST_KEYS: Final = frozenset({"tool", "action", "env", "role", "resource", "approvals", "operation", "time"})
_EXPECT_KEYS: Final = frozenset({"decision", "code"})


class CaseRefusedError(ValueError):
    """A document of policy tests is not of the documented shape."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: what was decided, and whether that is what its author expects."""

    name: str
    decision: Decision
    expected_effect: str
    expected_code: str  # empty: only the effect is asserted
    problem: str = ""  # why the case itself is not understood

    @property
    def ok(self) -> bool:
        """Whether the case is understood, and effect and code are the expected ones."""
        if self.problem:
            return False
        code_holds = not self.expected_code or self.decision.code == self.expected_code
        return self.decision.effect == self.expected_effect and code_holds


@dataclass(frozen=True, slots=True)
class CaseReport:
    """All results, and the lines of policy that they exercised."""

    results: tuple[CaseResult, ...]
    rules: tuple[str, ...]
    exercised: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every case holds."""
        return all(result.ok for result in self.results)

    @property
    def unexercised(self) -> tuple[str, ...]:
        """The lines that no case touches."""
        return tuple(rule for rule in self.rules if rule not in self.exercised)

    def as_json(self) -> Mapping[str, Json]:
        """The document that `--format json` prints."""
        return {
            "cases": [
                {"name": r.name, "decision": str(r.decision.effect), "code": r.decision.code, "ok": r.ok}
                for r in self.results
            ],
            "coverage": {
                "rules": len(self.rules),
                "exercised": len(self.exercised),
                "unexercised": list(self.unexercised),
            },
        }


def run_cases(document: object, load: Callable[[str], Config], catalogue: Catalogue | None = None) -> CaseReport:
    """Decide every case of a parsed document. Raises CaseRefusedError for another shape, and what `load` raises."""
    if not isinstance(document, Mapping) or document.keys() != {"config", "cases"}:
        raise CaseRefusedError("a file of policy tests has exactly the keys `config` and `cases`")
    reference, cases = document["config"], document["cases"]
    if not isinstance(reference, str) or not isinstance(cases, list):
        raise CaseRefusedError("`config` is a path and `cases` a list")
    return decide_cases(policy_for_cases(load(reference), catalogue), cases)


def policy_for_cases(config: Config, catalogue: Catalogue | None = None) -> Policy:
    """The policy of a configuration, in which a case may leave its operation out."""
    names = {system: catalogue.names(system) if catalogue else frozenset() for system in System}
    return compile_policy(config, {system: listed | {ANY_OPERATION} for system, listed in names.items()})


def decide_cases(policy: Policy, cases: Sequence[object]) -> CaseReport:
    """Decide each case against one policy; a case that is not understood fails by itself."""
    rules = tuple(dict.fromkeys(_rules(policy)))
    exercised: set[str] = set()
    results = []
    for number, case in enumerate(cases, start=1):
        try:
            result, request = _run(policy, case, f"case {number}")
        except CaseRefusedError as err:
            results.append(_not_understood(policy, f"case {number}", str(err)))
            continue
        results.append(result)
        exercised.update(_exercised(policy, request, result.decision))
    return CaseReport(tuple(results), rules, tuple(rule for rule in rules if rule in exercised))


def _run(policy: Policy, case: object, where: str) -> tuple[CaseResult, Request]:
    body = _mapping(case, _CASE_KEYS, where)
    asked = _mapping(body.get("request"), _REQUEST_KEYS, f"{where}: request")
    expected = _mapping(body.get("expect"), _EXPECT_KEYS, f"{where}: expect")
    if expected.get("decision") not in {"allow", "deny"}:
        raise CaseRefusedError(f"{where}: expect.decision is allow or deny")
    code = expected.get("code") or ""
    if not isinstance(code, str):
        raise CaseRefusedError(f"{where}: expect.code is a decision code")
    request = _request(policy, asked, where)
    decision = decide(policy, request)
    return CaseResult(str(body.get("name") or where), decision, str(expected["decision"]), code), request


def _not_understood(policy: Policy, name: str, problem: str) -> CaseResult:
    decision = Decision(Effect.DENY, ENGINE_ERROR, problem, rule=None, policy_sha256=policy.sha256)
    return CaseResult(name, decision, "a case of the documented shape", "", problem)


def _mapping(value: object, keys: frozenset[str], where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise CaseRefusedError(f"{where} is not a mapping")
    unknown = sorted(str(key) for key in value if key not in keys)
    if unknown:
        raise CaseRefusedError(f"{where}: unknown key {unknown[0][:80]!a}")
    return value


def _request(policy: Policy, asked: Mapping[str, object], where: str) -> Request:
    # values go in as they were written: that the engine refuses a foreign one is what a case may want to prove
    raw: dict[str, object] = {"operation": ANY_OPERATION, "role": "", "env": None} | dict(asked)
    action = raw.get("action")
    context = Context(
        env=raw["env"],  # type: ignore[arg-type] # foreign types are the engine's to refuse
        time=_time(policy, raw, where),
        approvals=_approvals(raw.get("approvals", [])),  # type: ignore[arg-type] # as above
    )
    return Request(
        subject=Principal("", "policy-test", "policy-test", role=raw["role"]),  # type: ignore[arg-type] # as above
        tool=raw.get("tool"),  # type: ignore[arg-type] # as above
        action=Action(action) if action in list(Action) else action,  # type: ignore[arg-type] # as above
        operation=raw["operation"],  # type: ignore[arg-type] # as above
        resources=_resources(policy, raw),
        context=context,
    )


def _resources(policy: Policy, raw: Mapping[str, object]) -> tuple[Resource, ...]:
    written = raw.get("resource", {})
    name = raw.get("tool")
    tool = policy.base.tools.get(name, NO_TOOL) if isinstance(name, str) else NO_TOOL
    kind = tool.resource_type or ResourceType.REPO
    several = written if isinstance(written, list) else [written]
    return tuple(Resource(kind, "", one) for one in several)  # type: ignore[arg-type] # the engine's to refuse


def _approvals(written: object) -> object:
    """The grains that are taken as granted; what names none of them grants nothing."""
    if not isinstance(written, list):
        return written
    return frozenset(grain for grain in Grain if grain in written)


def _time(policy: Policy, raw: Mapping[str, object], where: str) -> datetime:
    written = raw.get("time")
    if written is None:
        env = raw["env"]
        return _open_time(policy.base.gates.get(env, NO_GATE) if isinstance(env, str) else NO_GATE)
    if isinstance(written, str):
        try:
            return datetime.fromisoformat(written)
        except ValueError as err:
            raise CaseRefusedError(f"{where}: time is not RFC 3339") from err
    raise CaseRefusedError(f"{where}: time is text in RFC 3339")


def _open_time(gate: GateTable) -> datetime:
    # a case without a time is not about windows: it is asked when the first one opens
    if not gate.windows:
        return _A_MONDAY
    window = gate.windows[0]
    return _A_MONDAY.replace(tzinfo=window.zone) + timedelta(days=min(window.days), minutes=window.start)


# --- coverage ---------------------------------------------------------------------------------------


def _rules(policy: Policy) -> Iterator[str]:
    for table in policy.tables:
        yield from (_name(table.layer, path) for path in _table_rules(table))


def _table_rules(table: Table) -> Iterator[str]:
    for gate in table.gates.values():
        yield gate.rule_groups.path
        if gate.asks:
            yield gate.rule_asks.path
        if gate.windows:
            yield gate.rule_windows.path
    for tool in table.tools.values():
        yield from (clause.rule.path for clause in tool.clauses)
        if tool.requires_approval:
            yield tool.rules["requires_approval"].path
    yield from (role.rule.path for role in table.roles.values())


def _exercised(policy: Policy, request: Request, decision: Decision) -> Iterator[str]:
    """The line that decided; for an allow also the lines that it needed."""
    if decision.rule is not None:
        yield _name(decision.rule.layer, decision.rule.path)
    if not decision.allowed:
        return
    for table in policy.tables:
        ask = Ask.of(policy, request).at(table)
        lines = [ask.gate.rule_groups, ask.gate.rule_asks, ask.gate.rule_windows, ask.role.rule]
        lines += [ask.tool.rules[key] for key in ("requires_approval",) if key in ask.tool.rules]
        yield from (_name(table.layer, line.path) for line in lines)


def _name(layer: str, path: str) -> str:
    return f"{layer}:{path}" if layer else path
