"""A second opinion: the same configuration written as Cedar policies, by other means than the engine's tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness_cli.config.model import Action, Config, PartialPolicy, PolicyEngine, Role, ScopeClauses, System, Tool
from harness_cli.policy.model import Request
from tests.unit.policy.support import ANY
from tests.unit.policy.worlds import FOREIGN, KEYS

ALL_CLASSES = ("public", "internal", "restricted", "confidential", "pii", "financial")
RESOURCE_OF = {System.GITHUB: "repo", System.JIRA: "jira-project", System.AWS: "aws", System.SLACK: "slack-channel"}


def policies(config: Config) -> str:
    """One permit for the configuration; for each layer a forbid unless the layer, read as a whole policy, agrees."""
    text = f"permit(principal, action, resource) when {{ {_whole(config, PartialPolicy())} && {_frame(config)} }};\n"
    for layer in config.layers:
        text += f"forbid(principal, action, resource) unless {{ {_whole(config, layer.config)} }};\n"
    return text


def _frame(config: Config) -> str:
    """What no layer says anything about: budget, operation, duties; and obligations, which are a union."""
    unknown = {
        name
        for part in (config, *(layer.config for layer in config.layers))
        for name, one in (part.tools or {}).items()
        if "sing" in one.obligations
    }
    listed = " || ".join(f'context.tool == "{name}"' for name in sorted(unknown)) or "false"
    return f'context.calls > 0 && context.operation == "{ANY}" && !context.samePerson && !({listed})'


def _whole(config: Config, part: PartialPolicy) -> str:
    engine = part.policy_engine or config.policy_engine
    roles = config.roles if part.roles is None else part.roles
    groups = config.tool_groups if part.tool_groups is None else part.tool_groups
    tools = config.tools if part.tools is None else part.tools
    known = [
        _tool(config, one, engine, roles, groups)
        for one in tools.values()
        if one.connector is config.tools[one.name].connector
    ]
    return f"({' || '.join(known) or 'false'})"


def _tool(config: Config, one: Tool, engine: PolicyEngine, roles: Mapping[str, Role] | None, groups: Any) -> str:
    conditions = [
        f'context.tool == "{one.name}"',
        _any(f'context.action == "{action}"' for action in one.actions),
        _any(
            _gate(name, engine)
            for name, gate in engine.environment_gates.items()
            if _groups(one, groups) & set(gate.allowed_tools)
        ),
        _any(_role(name, role) for name, role in _roles(engine, roles).items() if one.classification in role.clearance),
        _resource(config, one, 0),
        f"(context.count < 2 || {_resource(config, one, 1)})",
        _call_approval(one, engine),
    ]
    return f"({' && '.join(conditions)})"


def _any(conditions: Iterator[str]) -> str:
    return f"({' || '.join(conditions) or 'false'})".replace("()", "false")


def _groups(one: Tool, groups: Mapping[str, tuple[str, ...]] | None) -> set[str]:
    if groups is not None:
        return {name for name, members in groups.items() if one.name in members}
    if Action.EXECUTE in one.actions:
        return set()
    return {"sandbox_writers"} if Action.WRITE in one.actions else {"read_only_scanners"}


def _roles(engine: PolicyEngine, roles: Mapping[str, Role] | None) -> Mapping[str, Role]:
    if roles is not None:
        return roles
    guarded = engine.restricted_data_classes
    plain = tuple(name for name in ("public", "internal", "restricted") if name not in guarded)
    return {"engineer": Role(plain), "security-admin": Role((*ALL_CLASSES, *guarded))}


def _role(name: str, role: Role) -> str:
    places = "true" if role.environments is None else _any(f'context.env == "{env}"' for env in role.environments)
    return f'(context.role == "{name}" && {places})'


def _gate(name: str, engine: PolicyEngine) -> str:
    gate = engine.environment_gates[name]
    asks = 'context.approvals.contains("run")' if gate.requires_human_approval else "true"
    windows = _any(
        f"([{', '.join(chr(34) + day + chr(34) for day in window.days)}].contains(context.day)"
        f" && context.minute >= {_minutes(window.start)} && context.minute < {_minutes(window.end)})"
        for window in gate.windows
    )
    return f'(context.env == "{name}" && {asks} && {windows if gate.windows else "true"})'


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _call_approval(one: Tool, engine: PolicyEngine) -> str:
    if one.requires_approval or not one.scopes:
        return 'context.approvals.contains("call")'
    asked = _any(f'context.action == "{action}"' for action in engine.approval_required_for)
    return f'(!{asked} || context.approvals.contains("call"))'


def _resource(config: Config, one: Tool, number: int) -> str:
    at = f"context.r{number}"
    kind = f'{at}.canonical && {at}.kind == "{RESOURCE_OF[one.connector]}"'
    if not one.scopes:
        named = [",".join(keys) for keys in KEYS[one.connector]]
        return f"({kind} && {_any(f'{at}.keys == {chr(34)}{keys}{chr(34)}' for keys in named)})"
    return f"({kind} && {_any(_line(config, at, line) for line in one.scopes)})"


def _line(config: Config, at: str, line: ScopeClauses) -> str:
    keys = ",".join(sorted(line))
    return (
        " && ".join(
            [
                f'({at}.keys == "{keys}"',
                *(_any(_pattern(config, at, key, text) for text in texts) for key, texts in line.items()),
            ]
        )
        + ")"
    )


def _pattern(config: Config, at: str, key: str, text: str) -> str:
    match key:
        case "account":
            return f'{at}.account == "{config.accounts.get(text, text)}"'
        case "repo":
            owner, name = text.lower().split("/")
            return f'({at}.owner == "{owner}" && {at}.name like "{name}")'
        case "project-key" if text.endswith("-*"):
            return f'{at}.project like "{text[:-2]}"'
        case "project-key":
            project, _, number = text.partition("-")
            numbered = f'{at} has number && {at}.number like "{number}"' if number else f"!({at} has number)"
            return f'({at}.project like "{project}" && {numbered})'
        case _:
            return f'{at}.{key} like "{text}"'


# --- requests ---------------------------------------------------------------------------------------


def question(request: Request) -> dict[str, Any]:
    """The request as Cedar is asked."""
    context = request.context
    return {
        "principal": 'User::"ana"',
        "action": 'Action::"call"',
        "resource": 'Thing::"it"',
        "context": {
            "tool": request.tool,
            "action": str(request.action),
            "operation": request.operation,
            "env": context.env,
            "role": request.subject.role,
            "approvals": sorted(map(str, context.approvals)),
            "samePerson": context.approver is not None and context.approver.subject == request.subject.subject,
            "calls": 1 if context.budget.calls_left is None else context.budget.calls_left,
            "day": ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[context.time.weekday()],
            "minute": context.time.hour * 60 + context.time.minute,
            "count": len(request.resources),
            **{f"r{number}": _described(one) for number, one in enumerate(request.resources)},
        },
    }  # fmt: skip


def _described(resource: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": str(resource.type), "keys": ",".join(sorted(resource.dimensions))}
    found["canonical"] = all(text not in FOREIGN for text in resource.dimensions.values())
    for key, text in resource.dimensions.items():
        if not found["canonical"]:
            break
        match key:
            case "repo":
                found["owner"], found["name"] = text.lower().split("/")
            case "project-key":
                found["project"], _, number = text.partition("-")
                found |= {"number": number} if number else {}
            case _:
                found[key] = text
    return found
