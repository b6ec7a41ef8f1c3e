"""From a configuration to tables: layers, groups, roles, account aliases, the built-in capability.

A layer is compiled as a whole policy: its own sections, and the configuration's where it has none. The engine asks
every table and takes the AND, so a layer can only narrow.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from harness_cli.config.model import Config, Gate, Layer, PolicyEngine, Role, System, Tool
from harness_cli.core.canonical import canonical, sha256_hex
from harness_cli.core.errors import ConfigError
from harness_cli.policy.builtin import builtin_capabilities
from harness_cli.policy.capabilities import Operations, compile_capability
from harness_cli.policy.document import effective_document
from harness_cli.policy.merge import merged_approvals, merged_limits, merged_retention
from harness_cli.policy.operations import Catalogue
from harness_cli.policy.places import Places
from harness_cli.policy.tables import GateTable, Policy, RoleTable, Table
from harness_cli.policy.template import CLASSES, ENGINEER, SECURITY_ADMIN, derived_group
from harness_cli.policy.windows import WindowRefusedError, compile_window

PERFORMABLE = frozenset({"redact", "dropForeignRefs", "maxItems", "notify"})


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of one table, each with the file that it stands in."""

    layer: str
    engine: tuple[PolicyEngine, Places]
    roles: tuple[Mapping[str, Role] | None, Places]
    groups: tuple[Mapping[str, tuple[str, ...]] | None, Places]
    tools: tuple[Mapping[str, Tool], Places]


def compile_policy(
    config: Config,
    operations: Catalogue | Mapping[System, frozenset[str]] | None = None,
    *,
    performable: frozenset[str] = PERFORMABLE,
) -> Policy:
    """The policy of a configuration. Without `operations` none is listed, and every call is P013.

    Raises: ConfigError for a scope or a window that cannot be understood.
    """
    listed = listed_operations(operations)
    base = _base_sections(config)
    # sorted: the order of `extends` must not show in any decision or digest
    layers = sorted(config.layers, key=lambda layer: (layer.path, layer.sha256))
    tables = [_table(config, sections, listed) for sections in (base, *(_layer_sections(base, lr) for lr in layers))]
    document = effective_document(config, tables)
    return Policy(
        base=tables[0],
        layers=tuple(tables[1:]),
        sha256=sha256_hex(canonical(document)),
        document=document,
        files=((config.path.name, config.sha256), *((lr.path, lr.sha256) for lr in layers)),
        limits=merged_limits(config, layers),
        approvals=merged_approvals(config, layers),
        retention_days=merged_retention(config, layers),
        performable=performable,
    )


def listed_operations(operations: Catalogue | Mapping[System, frozenset[str]] | None) -> Operations:
    """The operations of each system with their actions, as far as the list names them."""
    if operations is None:
        return {system: {} for system in System}
    if isinstance(operations, Catalogue):
        return {s: {name: operations.get(name).action for name in operations.names(s)} for s in System}
    return {system: dict.fromkeys(operations.get(system, ())) for system in System}


def _base_sections(config: Config) -> Sections:
    here = Places(config.path.name, config.positions)
    return Sections(
        "", (config.policy_engine, here), (config.roles, here), (config.tool_groups, here), (config.tools, here)
    )


def _layer_sections(base: Sections, layer: Layer) -> Sections:
    part, here = layer.config, Places(layer.path, layer.config.positions, layer.path)
    return Sections(
        layer.path,
        base.engine if part.policy_engine is None else (part.policy_engine, here),
        base.roles if part.roles is None else (part.roles, here),
        base.groups if part.tool_groups is None else (part.tool_groups, here),
        base.tools if part.tools is None else (part.tools, here),
    )


def _table(config: Config, sections: Sections, operations: Operations) -> Table:
    engine, engine_at = sections.engine
    tools, tools_at = sections.tools
    gates = {name: _gate(name, gate, engine_at) for name, gate in engine.environment_gates.items()}
    groups = _groups_by_tool(sections.groups[0], tools)
    capabilities = {
        name: compile_capability(config, tool, groups.get(name, ()), gates, operations, tools_at)
        for name, tool in tools.items()
    }
    return Table(
        layer=sections.layer,
        tools=capabilities | builtin_capabilities(config, capabilities, gates, operations),
        gates=gates,
        roles=_roles(sections.roles[0], engine, sections.roles[1]),
        approval_actions=frozenset(engine.approval_required_for),
        rule_tools=tools_at.rule("tools"),
        rule_gates=engine_at.rule("policy_engine", "environment_gates"),
        rule_roles=sections.roles[1].rule("roles"),
        rule_approvals=engine_at.rule("policy_engine", "approval_required_for"),
    )


def _gate(name: str, gate: Gate, at: Places) -> GateTable:
    keys = ("policy_engine", "environment_gates", name)
    try:
        windows = tuple(map(compile_window, gate.windows))
    except WindowRefusedError as err:
        raise ConfigError(str(err), code="H084", place=at.rule(*keys, "windows").place) from err
    return GateTable(
        name=name,
        asks=gate.requires_human_approval,
        allowed_groups=frozenset(gate.allowed_tools),
        windows=windows,
        rule=at.rule(*keys),
        rule_groups=at.rule(*keys, "allowed_tools"),
        rule_asks=at.rule(*keys, "requires_human_approval"),
        rule_windows=at.rule(*keys, "windows"),
    )


# --- groups and roles -------------------------------------------------------------------------------


def _groups_by_tool(
    named: Mapping[str, tuple[str, ...]] | None, tools: Mapping[str, Tool]
) -> Mapping[str, tuple[str, ...]]:
    if named is None:
        return {name: (group,) for name, tool in tools.items() if (group := derived_group(tool))}
    members: dict[str, tuple[str, ...]] = {}
    for group, names in sorted(named.items()):
        for name in names:
            members[name] = (*members.get(name, ()), group)
    return members


def _roles(named: Mapping[str, Role] | None, engine: PolicyEngine, at: Places) -> Mapping[str, RoleTable]:
    if named is None:
        guarded = frozenset(engine.restricted_data_classes)
        return {
            ENGINEER: RoleTable(ENGINEER, frozenset(CLASSES[:3]) - guarded, None, at.rule("roles", ENGINEER)),
            SECURITY_ADMIN: RoleTable(
                SECURITY_ADMIN, frozenset(CLASSES) | guarded, None, at.rule("roles", SECURITY_ADMIN)
            ),
        }
    return {
        name: RoleTable(
            name,
            frozenset(role.clearance),
            None if role.environments is None else frozenset(role.environments),
            at.rule("roles", name),
        )
        for name, role in named.items()
    }
