"""Valid plain data to the sections that say what is allowed; a layer file has the same sections."""

from collections.abc import Iterator, Mapping

from harness_cli.config.build_connections import Data
from harness_cli.config.durations import parse_duration
from harness_cli.config.model import (
    Action,
    Approvals,
    Approvers,
    Gate,
    Limits,
    PartialPolicy,
    PolicyEngine,
    Positions,
    Role,
    ScopeClauses,
    StaticCredentials,
    System,
    Tool,
    Window,
)
from harness_cli.config.published import PUBLISHED
from harness_cli.config.scope_text import ScopeTextError, parse_scopes


def build_policy_engine(data: Data) -> PolicyEngine:
    """`policy_engine:`."""
    return PolicyEngine(
        approval_required_for=tuple(Action(a) for a in data.get("approval_required_for", ())),
        restricted_data_classes=tuple(data.get("restricted_data_classes", ())),
        environment_gates={name: _gate(gate) for name, gate in data.get("environment_gates", {}).items()},
        static_credentials=StaticCredentials(data.get("static_credentials", "dev_only")),
    )


def build_roles(data: Data) -> Mapping[str, Role]:
    """`roles:`, each with the clearance of the roles that it inherits."""
    return {
        name: Role(
            clearance=tuple(dict.fromkeys(_clearance(name, data))),
            environments=None if role.get("environments") is None else tuple(role["environments"]),
            inherits=tuple(role.get("inherits", ())),
        )
        for name, role in data.items()
    }


def build_groups(data: Data) -> Mapping[str, tuple[str, ...]]:
    """`tool_groups:`."""
    return {name: tuple(members) for name, members in data.items()}


def build_tools(data: Data) -> Mapping[str, Tool]:
    """`tools:`; one whose system is not known is left out (H038 has been reported)."""
    tools = {}
    for name, tool in data.items():
        system = System(tool["connector"]) if "connector" in tool else PUBLISHED.get(name)
        if system is not None:
            tools[name] = _tool(name, system, tool)
    return tools


def build_approvals(data: Data) -> Approvals:
    """`approvals:`."""
    plain = Approvals()
    approvers = data.get("approvers", {})
    signers = approvers.get("allowed_signers", "")
    path, sha256 = (signers, "") if isinstance(signers, str) else (signers.get("path", ""), signers.get("sha256", ""))
    return Approvals(
        approvers=Approvers(approvers.get("group", ""), approvers.get("quorum", 1), path, sha256),
        channels=tuple(data.get("channels", plain.channels)),
        approve_within=parse_duration(data["approve_within"]) if "approve_within" in data else plain.approve_within,
        execute_within=parse_duration(data["execute_within"]) if "execute_within" in data else plain.execute_within,
        min_assurance=dict(data.get("min_assurance", {})),
        escalate_to=data.get("escalate_to", ""),
        forbid_config_author=data.get("forbid_config_author", False),
    )


def build_limits(data: Data) -> Limits:
    """`limits:`."""
    longest = data.get("max_duration")
    return Limits(
        max_calls=data.get("max_calls"),
        max_items=data.get("max_items"),
        max_bytes=data.get("max_bytes"),
        max_duration=None if longest is None else parse_duration(longest),
    )


def build_partial(data: Data, positions: Positions) -> PartialPolicy:
    """A layer file."""
    return PartialPolicy(
        policy_engine=build_policy_engine(data["policy_engine"]) if "policy_engine" in data else None,
        roles=build_roles(data["roles"]) if "roles" in data else None,
        tool_groups=build_groups(data["tool_groups"]) if "tool_groups" in data else None,
        tools=build_tools(data["tools"]) if "tools" in data else None,
        limits=build_limits(data["limits"]) if "limits" in data else None,
        approvals=build_approvals(data["approvals"]) if "approvals" in data else None,
        retention_days=data.get("audit", {}).get("retention_days"),
        positions=positions,
    )


def _gate(data: Data) -> Gate:
    return Gate(
        requires_human_approval=data.get("requires_human_approval", True),
        allowed_tools=tuple(data.get("allowed_tools", ())),
        windows=tuple(_window(window) for window in data.get("windows", ())),
    )


def _window(data: Data) -> Window:
    return Window(tuple(data.get("days", ())), data.get("start", ""), data.get("end", ""), data.get("tz", ""))


def _clearance(name: str, data: Data) -> Iterator[str]:
    """The classes of a role and of all that it inherits from; a cycle ends where it began."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in data and current not in seen:
            seen.add(current)
            yield from data[current].get("clearance", ())
            waiting += (parent for parent in data[current].get("inherits", ()) if parent not in seen)


def _tool(name: str, system: System, data: Data) -> Tool:
    return Tool(
        name=name,
        connector=system,
        actions=tuple(Action(action) for action in data.get("actions", ())),
        classification=data.get("classification", ""),
        scopes=_scopes(data),
        requires_approval=data.get("requires_approval", False),
        obligations=tuple(data.get("obligations", ())),
    )


def _scopes(data: Data) -> tuple[ScopeClauses, ...]:
    try:
        return parse_scopes(data["scope"]) if "scope" in data else ()
    except ScopeTextError:  # reported as H053 with its place; such a file is never loaded
        return ()
