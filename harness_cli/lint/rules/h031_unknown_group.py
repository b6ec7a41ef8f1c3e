"""H031: a gate that allows a group which does not exist, a group of nobody, a member that is no tool."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity, Span
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import BUILT_IN_GROUPS, Subject

_GATES = ("policy_engine", "environment_gates")
_AUDIT = "audit_loggers"  # the trail's own sinks: always there, never a tool's


def check(subject: Subject) -> Iterator[Found]:
    """Groups that gates name, and members that groups name."""
    if subject.is_sound("tool_groups") and subject.is_sound(*_GATES):
        yield from _unknown_groups(subject)
    if subject.is_sound("tool_groups") and subject.is_sound("tools"):
        yield from _unknown_members(subject)
        if subject.is_sound(*_GATES):
            yield from _empty_groups(subject)


def _unknown_groups(subject: Subject) -> Iterator[Found]:
    named = subject.config.tool_groups
    known = BUILT_IN_GROUPS if named is None else frozenset(named) | {_AUDIT}
    for environment, gate in subject.gates.items():
        for index, group in enumerate(gate.allowed_tools):
            if group not in known:
                near = subject.suggestion(group, known)
                span = subject.value(*_GATES, environment, "allowed_tools", index)
                label = f"did you mean `{near}`?" if near else ""
                advice = "name it under `tool_groups`, or delete it here"
                yield Found(span, f"group `{group}` does not exist", advice, label)


def _unknown_members(subject: Subject) -> Iterator[Found]:
    for group, members in (subject.config.tool_groups or {}).items():
        for index, member in enumerate(members):
            if member not in subject.tools:
                near = subject.suggestion(member, subject.tools)
                span = subject.value("tool_groups", group, index)
                label = f"did you mean `{near}`?" if near else ""
                yield Found(span, f"`{member}` is no tool of this file", "declare it under `tools`", label)


def _empty_groups(subject: Subject) -> Iterator[Found]:
    seen = set()
    for group, members in (subject.config.tool_groups or {}).items():
        seen.add(group)
        if not members:
            span = subject.key("tool_groups", group)
            yield _empty(span, group)
    for environment, gate in subject.gates.items():
        for index, group in enumerate(gate.allowed_tools):
            if group not in seen and group in BUILT_IN_GROUPS and group not in subject.groups:
                seen.add(group)
                yield _empty(subject.value(*_GATES, environment, "allowed_tools", index), group)


def _empty(span: Span, group: str) -> Found:
    advice = "give it a member under `tool_groups`, or delete it"
    return Found(span, f"group `{group}` has no member", advice, severity=Severity.WARNING)


RULE = Rule(
    code="H031",
    severity=Severity.ERROR,
    title="allowed_tools names an unknown group (a warning for a group without a member)",
    why="A gate that allows a group which does not exist allows less than its author thinks; a member that is no tool"
    " is a misspelling. A group without a member lets nothing through.",
    mend="name the group and its tools under `tool_groups`",
    check=check,
)
