"""The effective policy as plain JSON: what its digest covers, and what two policies are compared by."""

from collections.abc import Iterable, Sequence

from harness_cli.config.model import Config
from harness_cli.core.canonical import Json, canonical, sha256_hex
from harness_cli.policy.merge import merged_approvals, merged_limits, merged_retention
from harness_cli.policy.tables import Capability, GateTable, RoleTable, Table

ENGINE_VERSION = "1"


def effective_document(config: Config, tables: Sequence[Table]) -> dict[str, Json]:
    """Everything that can change a decision, and nothing that cannot (no positions, no comments, no spelling)."""
    limits = merged_limits(config, config.layers)
    return {
        "engine": ENGINE_VERSION,
        "tables": [table_document(table) for table in tables],
        "limits": {
            "maxCalls": limits.max_calls,
            "maxItems": limits.max_items,
            "maxBytes": limits.max_bytes,
            "maxSeconds": None if limits.max_duration is None else int(limits.max_duration.total_seconds()),
        },
        "approvals": _approvals(config),
        "retentionDays": merged_retention(config, config.layers),
        "staticCredentials": str(config.policy_engine.static_credentials),
    }


def definitions(tables: Sequence[Table]) -> dict[str, str]:
    """For each declared tool the hex SHA-256 of its capability, as the tables of the policy know it, in their order."""
    names = sorted({name for table in tables for name in table.tools})
    known = {name: [_tool(table.tools[name]) for table in tables if name in table.tools] for name in names}
    return {name: sha256_hex(canonical(capability)) for name, capability in known.items()}


def table_document(table: Table) -> Json:
    """One table as the document holds it."""
    return {
        "layer": table.layer,
        "tools": {name: _tool(tool) for name, tool in table.tools.items()},
        "gates": {name: _gate(gate) for name, gate in table.gates.items()},
        "roles": {name: _role(role) for name, role in table.roles.items()},
        "approvalRequiredFor": _sorted(table.approval_actions),
    }


def _tool(tool: Capability) -> Json:
    return {
        "system": None if tool.system is None else str(tool.system),
        "actions": _sorted(tool.actions),
        "dataClass": tool.data_class,
        "scope": None if tool.is_unscoped else sorted(clause.text for clause in tool.clauses),
        "requiresApproval": tool.requires_approval,
        "obligations": list(tool.obligations),
        "environments": _sorted(tool.environments),
    }


def _gate(gate: GateTable) -> Json:
    return {"asks": gate.asks, "windows": sorted(window.text for window in gate.windows)}


def _role(role: RoleTable) -> Json:
    environments = None if role.environments is None else _sorted(role.environments)
    return {"clearance": _sorted(role.clearance), "environments": environments}


def _approvals(config: Config) -> Json:
    approvals = merged_approvals(config, config.layers)
    if approvals is None:
        return None
    return {
        "group": approvals.approvers.group,
        "quorum": approvals.approvers.quorum,
        "allowedSignersSha256": approvals.approvers.allowed_signers_sha256,
        "allowedSigners": approvals.approvers.allowed_signers,
        "channels": list(approvals.channels),
        "approveWithinSeconds": int(approvals.approve_within.total_seconds()),
        "executeWithinSeconds": int(approvals.execute_within.total_seconds()),
        "minAssurance": dict(approvals.min_assurance),
        "escalateTo": approvals.escalate_to,
        "forbidConfigAuthor": approvals.forbid_config_author,
    }


def _sorted(values: Iterable[str]) -> list[str]:
    return sorted(map(str, values))
