"""A policy in its compiled form: tables that the checks look things up in. Nothing here decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness_cli.config.model import Action, Approvals, Limits, System
from harness_cli.core.canonical import Json
from harness_cli.policy.model import ResourceType, Rule
from harness_cli.policy.scope import CanonicalValue, Pattern
from harness_cli.policy.windows import OpenWindow


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of a scope: every key must match, by any of its patterns."""

    keys: frozenset[str]
    patterns: tuple[tuple[str, tuple[Pattern, ...]], ...]
    text: str
    rule: Rule
    unresolved: tuple[str, ...] = ()  # account aliases that `accounts:` does not name

    @property
    def is_dead(self) -> bool:
        """Whether nothing can match, because an alias is not resolved."""
        return any(not patterns for _, patterns in self.patterns)

    def matches(self, values: Mapping[str, CanonicalValue]) -> bool:
        """Whether a resource with exactly these keys is inside."""
        for key, patterns in self.patterns:
            value = values[key]
            for pattern in patterns:
                if pattern.matches(value):
                    break
            else:
                return False
        return True


def clauses_by_keys(clauses: Iterable[Clause]) -> dict[frozenset[str], tuple[Clause, ...]]:
    """The lines of a scope, by the exact set of keys that each is about."""
    found: dict[frozenset[str], tuple[Clause, ...]] = {}
    for clause in clauses:
        found[clause.keys] = (*found.get(clause.keys, ()), clause)
    return found


@dataclass(frozen=True, slots=True)
class Capability:
    """One tool, or a built-in capability (`system` None)."""

    name: str
    system: System | None
    resource_type: ResourceType | None
    actions: frozenset[Action]
    data_class: str
    clauses: tuple[Clause, ...]
    is_unscoped: bool
    clauses_by_keys: Mapping[frozenset[str], tuple[Clause, ...]]  # the sets of keys that a resource may have
    requires_approval: bool
    obligations: tuple[str, ...]
    groups: tuple[str, ...]
    environments: frozenset[str]  # gates that allow one of the groups
    operations: Mapping[str, Action | None]  # None: the list names no action
    rules: Mapping[str, Rule]  # "" is the tool itself; then its keys
    is_exempt_from_approval: bool = False

    @property
    def is_dead(self) -> bool:
        """Whether the scope admits nothing at all."""
        return not self.is_unscoped and all(clause.is_dead for clause in self.clauses)


@dataclass(frozen=True, slots=True)
class GateTable:
    """One environment gate."""

    name: str
    asks: bool
    allowed_groups: frozenset[str]
    windows: tuple[OpenWindow, ...]
    rule: Rule
    rule_groups: Rule
    rule_asks: Rule
    rule_windows: Rule


@dataclass(frozen=True, slots=True)
class RoleTable:
    """One role; `environments` None is every environment that has a gate."""

    name: str
    clearance: frozenset[str]
    environments: frozenset[str] | None
    rule: Rule


@dataclass(frozen=True, slots=True)
class Table:
    """One whole policy: the configuration's own, or a layer laid over it (`layer` names its file)."""

    layer: str
    tools: Mapping[str, Capability]
    gates: Mapping[str, GateTable]
    roles: Mapping[str, RoleTable]
    approval_actions: frozenset[Action]
    rule_tools: Rule
    rule_gates: Rule
    rule_roles: Rule
    rule_approvals: Rule


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that a decision depends on, beside the request; `sha256` names it."""

    base: Table
    layers: tuple[Table, ...]
    sha256: str
    document: Mapping[str, Json] = field(repr=False)
    files: tuple[tuple[str, str], ...]  # (path, SHA-256) of the configuration and its layers
    limits: Limits
    approvals: Approvals | None
    retention_days: int
    performable: frozenset[str]

    @property
    def tables(self) -> tuple[Table, ...]:
        """The configuration's own table, then the layers in their fixed order."""
        return (self.base, *self.layers)


NO_RULE = Rule("")

# Strangers look themselves up as these: they own nothing, so that every check on them fails.
NO_TOOL = Capability("", None, None, frozenset(), "", (), False, {}, True, (), (), frozenset(), {}, {"": NO_RULE})
NO_GATE = GateTable("", True, frozenset(), (), NO_RULE, NO_RULE, NO_RULE, NO_RULE)
NO_ROLE = RoleTable("", frozenset(), frozenset(), NO_RULE)
