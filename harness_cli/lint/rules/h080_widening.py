"""H080: a file that tries to allow more than a layer that it extends."""

from collections.abc import Iterator
from typing import Final

from harness_cli.config.durations import spell
from harness_cli.config.model import Approvals, Gate, KeyPath, Layer, PolicyEngine, StaticCredentials, Tool
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_LOOSENESS: Final = {StaticCredentials.DENY: 0, StaticCredentials.DEV_ONLY: 1, StaticCredentials.ALLOW: 2}
_ASSURANCE: Final = ("medium", "high")
_Wider = Iterator[tuple[KeyPath, str]]


def check(subject: Subject) -> Iterator[Found]:
    """Every section of the file against the same section of each layer."""
    for layer in subject.config.layers:
        for path, message in _wider(subject, layer):
            if subject.is_sound(*path):
                advice = f"the layer `{layer.path}` wins: say the same or less here"
                yield Found(subject.value(*path), message, advice)


def _wider(subject: Subject, layer: Layer) -> _Wider:
    part, config = layer.config, subject.config
    if part.retention_days is not None and config.audit.retention_days < part.retention_days:
        yield (
            ("audit", "retention_days"),
            f"kept {config.audit.retention_days} days, the layer wants {part.retention_days}",
        )
    if part.policy_engine is not None:
        yield from _engine(config.policy_engine, part.policy_engine)
    yield from _roles(subject, layer)
    yield from _groups(subject, layer)
    for name, tool in (part.tools or {}).items():
        if name in config.tools:
            yield from _tool(config.tools[name], tool)
    yield from _limits(subject, layer)
    if part.approvals is not None and config.approvals is not None:
        yield from _approvals(config.approvals, part.approvals)


def _engine(mine: PolicyEngine, theirs: PolicyEngine) -> _Wider:
    for key, word in (("approval_required_for", "asks"), ("restricted_data_classes", "restricts")):
        lacking = [item for item in getattr(theirs, key) if item not in getattr(mine, key)]
        if lacking:
            yield ("policy_engine", key), f"lacks {', '.join(lacking)}, for which the layer {word}"
    if _LOOSENESS[mine.static_credentials] > _LOOSENESS[theirs.static_credentials]:
        message = f"the layer says {theirs.static_credentials}"
        yield ("policy_engine", "static_credentials"), message
    for env, gate in mine.environment_gates.items():
        yield from _gate(env, gate, theirs.environment_gates.get(env))


def _gate(env: str, mine: Gate, theirs: Gate | None) -> _Wider:
    path: KeyPath = ("policy_engine", "environment_gates", env)
    if theirs is None:
        yield path, f"environment `{env}` has no gate in the layer"
        return
    if theirs.requires_human_approval and not mine.requires_human_approval:
        yield (*path, "requires_human_approval"), "the layer asks for a person"
    for index, group in enumerate(mine.allowed_tools):
        if group not in theirs.allowed_tools:
            yield (*path, "allowed_tools", index), f"the layer does not allow `{group}` in {env}"


def _roles(subject: Subject, layer: Layer) -> _Wider:
    theirs = layer.config.roles
    if theirs is None:
        return
    for name, role in (subject.config.roles or {}).items():
        gained = [c for c in role.clearance if name not in theirs or c not in theirs[name].clearance]
        if gained:
            yield ("roles", name, "clearance"), f"the layer does not clear `{name}` for {', '.join(gained)}"
            continue
        limited = theirs[name].environments
        more = [e for e in role.environments or subject.gates if limited is not None and e not in limited]
        if more:
            key: KeyPath = ("roles", name) if role.environments is None else ("roles", name, "environments")
            yield key, f"the layer keeps `{name}` out of {', '.join(more)}"


def _groups(subject: Subject, layer: Layer) -> _Wider:
    theirs = layer.config.tool_groups
    for group, members in (subject.config.tool_groups or {}).items() if theirs is not None else ():
        for index, member in enumerate(members):
            if theirs is not None and group in theirs and member not in theirs[group]:
                yield ("tool_groups", group, index), f"`{member}` is not in `{group}` of the layer"


def _tool(mine: Tool, theirs: Tool) -> _Wider:
    path: KeyPath = ("tools", mine.name)
    if mine.connector is not theirs.connector:
        yield path, f"`{mine.name}` speaks to {mine.connector} here, to {theirs.connector} in the layer"
    more = [action for action in mine.actions if action not in theirs.actions]
    if more:
        yield (*path, "actions"), f"the layer does not let `{mine.name}` {' or '.join(more)}"
    if theirs.requires_approval and not mine.requires_approval:
        yield path, f"the layer asks for approval of `{mine.name}`"


def _limits(subject: Subject, layer: Layer) -> _Wider:
    mine, theirs = subject.config.limits, layer.config.limits
    for key in ("max_calls", "max_items", "max_bytes", "max_duration"):
        here, there = getattr(mine, key), getattr(theirs, key, None)
        if here is not None and there is not None and here > there:
            shown = spell(there) if key == "max_duration" else there
            yield ("limits", key), f"the layer allows {shown}"


def _approvals(mine: Approvals, theirs: Approvals) -> _Wider:
    if mine.approvers.quorum < theirs.approvers.quorum:
        yield ("approvals", "approvers", "quorum"), f"the layer wants {theirs.approvers.quorum} people"
    for key in ("approve_within", "execute_within"):
        if getattr(mine, key) > getattr(theirs, key):
            yield ("approvals", key), f"the layer allows {spell(getattr(theirs, key))}"
    for env, level in theirs.min_assurance.items():
        here = mine.min_assurance.get(env)
        if here is not None and _ASSURANCE.index(here) < _ASSURANCE.index(level):
            yield ("approvals", "min_assurance", env), f"the layer wants {level}"


RULE = Rule(
    code="H080",
    severity=Severity.ERROR,
    title="lower layer tries to widen",
    why="The decision is the AND of all layers, so what a file allows beyond a layer is denied all the same. That it "
    "tries to is either a mistake or an attack.",
    mend="say the same as the layer, or less",
    check=check,
)
