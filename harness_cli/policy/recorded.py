"""A policy made again from its recorded document, so that a decision of long ago can be taken once more. Pure.

The contract: what is made must write the same document again, byte for byte, or it is refused. Positions and groups
are not part of the document: rules of such a policy are key paths, and its reasons name no group. The operations that
a system offers belong to the program, not to the policy: they are this program's.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from harness_cli.config.model import Action, Limits, System, Window
from harness_cli.core.canonical import canonical, sha256_hex
from harness_cli.policy.builtin import APPROVAL_REQUEST, builtin_capability
from harness_cli.policy.capabilities import RESOURCE_TYPES, Operations, clause_text
from harness_cli.policy.compile import PERFORMABLE, listed_operations
from harness_cli.policy.document import ENGINE_VERSION, table_document
from harness_cli.policy.model import Rule
from harness_cli.policy.operations import Catalogue
from harness_cli.policy.scope import DIMENSIONS, ScopeKey, parse_pattern
from harness_cli.policy.tables import Capability, Clause, GateTable, Policy, RoleTable, Table, clauses_by_keys
from harness_cli.policy.windows import compile_window

Recorded = Mapping[str, Any]  # Any: JSON that was checked by its hash, and is checked by its shape here
_NEXT_PATTERN: Final = re.compile(rf",(?=(?:{'|'.join(ScopeKey)}):)")
_ALIAS: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)


class NotAgainError(ValueError):
    """The document is of another engine, or says what this program cannot make again."""


def recorded_policy(document: Recorded, operations: Catalogue | Mapping[System, frozenset[str]]) -> Policy:
    """The policy that wrote the document. Raises NotAgainError."""
    if document.get("engine") != ENGINE_VERSION:
        raise NotAgainError(f"it was decided by engine {document.get('engine')!a}; this program has {ENGINE_VERSION}")
    try:
        listed = listed_operations(operations)
        tables = tuple(_table(table, listed) for table in document["tables"])
        again = canonical([table_document(table) for table in tables])
        if again != canonical(document["tables"]):
            raise NotAgainError("its tables cannot be made again exactly")
        return Policy(
            base=tables[0],
            layers=tables[1:],
            sha256=sha256_hex(canonical(document)),
            document=document,
            files=(),
            limits=Limits(),  # a decision looks at what was left, which the event holds
            approvals=None,
            retention_days=int(document["retentionDays"]),
            performable=PERFORMABLE,
        )
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as err:
        raise NotAgainError(f"the recorded policy has another form ({err})") from err


def _table(table: Recorded, operations: Operations) -> Table:
    return Table(
        layer=table["layer"],
        tools={name: _capability(name, tool, table, operations) for name, tool in table["tools"].items()},
        gates={name: _gate(name, gate) for name, gate in table["gates"].items()},
        roles={name: _role(name, role) for name, role in table["roles"].items()},
        approval_actions=frozenset(map(Action, table["approvalRequiredFor"])),
        rule_tools=Rule("tools"),
        rule_gates=Rule("policy_engine.environment_gates"),
        rule_roles=Rule("roles"),
        rule_approvals=Rule("policy_engine.approval_required_for"),
    )


def _capability(name: str, tool: Recorded, table: Recorded, operations: Operations) -> Capability:
    if tool["system"] is None:
        if name != APPROVAL_REQUEST:
            raise NotAgainError(f"{name!a} is no capability of this program")
        return builtin_capability(_clauses(Rule("approvals.channels"), tool, System.SLACK), table["gates"], operations)
    system, at = System(tool["system"]), f"tools.{name}"
    clauses = _clauses(Rule(f"{at}.scope"), tool, system)
    return Capability(
        name=name,
        system=system,
        resource_type=RESOURCE_TYPES[system],
        actions=frozenset(map(Action, tool["actions"])),
        data_class=tool["dataClass"],
        clauses=clauses,
        is_unscoped=tool["scope"] is None,
        clauses_by_keys=clauses_by_keys(clauses) if clauses else dict.fromkeys(DIMENSIONS[system], ()),
        requires_approval=tool["requiresApproval"],
        obligations=tuple(tool["obligations"]),
        groups=(),
        environments=frozenset(tool["environments"]),
        operations=operations[system],
        rules={"": Rule(at)}
        | {key: Rule(f"{at}.{key}") for key in ("actions", "scope", "requires_approval", "obligations")},
    )


def _clauses(rule: Rule, tool: Recorded, system: System) -> tuple[Clause, ...]:
    return tuple(_clause(text, rule, system) for text in tool["scope"] or ())


def _clause(text: str, rule: Rule, system: System) -> Clause:
    """One scope line; one of channel names alone has no text, and admits nothing."""
    keyed: dict[str, list[str]] = {} if text else {str(key): [] for key in DIMENSIONS[system][0]}
    unresolved = []
    for one in _NEXT_PATTERN.split(text) if text else ():
        key, _, pattern = one.partition(":")
        named = keyed.setdefault(key, [])
        if key == ScopeKey.ACCOUNT and _ALIAS.fullmatch(pattern):
            unresolved.append(pattern)
        else:
            named.append(pattern)
    patterns = tuple((key, tuple(parse_pattern(key, one) for one in keyed[key])) for key in sorted(keyed))
    written = clause_text(patterns, tuple(unresolved))
    return Clause(frozenset(keyed), patterns, written, rule, tuple(unresolved))


def _gate(name: str, gate: Recorded) -> GateTable:
    at = f"policy_engine.environment_gates.{name}"
    return GateTable(
        name=name,
        asks=gate["asks"],
        allowed_groups=frozenset(),
        windows=tuple(compile_window(_window(text)) for text in gate["windows"]),
        rule=Rule(at),
        rule_groups=Rule(f"{at}.allowed_tools"),
        rule_asks=Rule(f"{at}.requires_human_approval"),
        rule_windows=Rule(f"{at}.windows"),
    )


def _window(text: str) -> Window:
    days, hours, zone = text.split(" ")
    start, _, end = hours.partition("-")
    return Window(tuple(days.split("/")), start, end, zone)


def _role(name: str, role: Recorded) -> RoleTable:
    environments = None if role["environments"] is None else frozenset(role["environments"])
    return RoleTable(name, frozenset(role["clearance"]), environments, Rule(f"roles.{name}"))
