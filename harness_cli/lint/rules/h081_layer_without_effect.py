"""H081: a rule of a layer that narrows nothing."""

from collections.abc import Iterator
from pathlib import Path

from harness_cli.config.model import KeyPath, Layer
from harness_cli.core.diagnostic import START, Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Every layer against the file that extends it."""
    for layer in subject.config.layers:
        for keys, message in _idle(subject, layer):
            span = layer.config.positions.get(keys, START)
            path = str(Path(subject.document.path).parent / layer.path)
            yield Found(span, message, "delete it, or narrow it", path=path)


def _idle(subject: Subject, layer: Layer) -> Iterator[tuple[KeyPath, str]]:
    part, config = layer.config, subject.config
    engine = part.policy_engine
    for env in engine.environment_gates if engine else ():
        if env not in subject.gates:
            yield (
                ("policy_engine", "environment_gates", env),
                f"environment `{env}` has no gate in the file: it is closed",
            )
    for name in part.roles or {}:
        if config.roles is not None and name not in config.roles:
            yield ("roles", name), f"role `{name}` is not in the file"
    for name in part.tools or {}:
        if name not in config.tools:
            yield ("tools", name), f"tool `{name}` is not in the file"
    for key in ("max_calls", "max_items", "max_bytes", "max_duration"):
        here, there = getattr(config.limits, key), getattr(part.limits, key, None)
        if here is not None and there is not None and there > here:
            yield ("limits", key), "the file is narrower already"
    if part.retention_days is not None and part.retention_days < config.audit.retention_days:
        yield ("audit", "retention_days"), "the file keeps the trail longer already"


RULE = Rule(
    code="H081",
    severity=Severity.WARNING,
    title="layer rule without effect",
    why="A rule that narrows nothing looks like protection and is none.",
    mend="delete the rule, or make it narrower than the file",
    check=check,
)
