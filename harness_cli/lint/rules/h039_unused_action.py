"""H039: an action that the tool can never use, or that should be a tool of its own."""

from collections.abc import Iterator
from typing import Final

from harness_cli.config.document import Scalar, Sequence
from harness_cli.config.model import Action, System
from harness_cli.core.diagnostic import Severity, Span
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_POSSIBLE: Final = {
    System.JIRA: frozenset({Action.READ, Action.WRITE}),
    System.GITHUB: frozenset({Action.READ}),
    System.AWS: frozenset({Action.READ}),
    System.SLACK: frozenset({Action.READ, Action.WRITE}),
}


def check(subject: Subject) -> Iterator[Found]:
    """The actions of every tool."""
    for name, tool in subject.tools.items():
        if not subject.is_sound("tools", name, "actions"):
            continue
        for action in tool.actions:
            if action is Action.EXECUTE and Action.READ in tool.actions:
                message = f"tool `{name}` may execute beside reading"
                yield Found(_place(subject, name, action), message, "declare a tool of its own for execute")
            elif len(tool.actions) > 1 and action not in _POSSIBLE[tool.connector]:
                message = f"no operation of {tool.connector} is a {action}: the action is never used"
                yield Found(_place(subject, name, action), message, "delete the action")


def _place(subject: Subject, name: str, action: Action) -> Span:
    node = subject.node("tools", name, "actions")
    items = node.items if isinstance(node, Sequence) else ()
    found = next((i.span for i in items if isinstance(i, Scalar) and i.raw == action), None)
    return found or subject.key("tools", name, "actions")


RULE = Rule(
    code="H039",
    severity=Severity.WARNING,
    title="unused action, or execute beside read",
    why="An action that the connector cannot do is a grant that waits for a future version. Reading and executing in "
    "one tool cannot be gated apart.",
    mend="delete the action, or split the tool",
    check=check,
)
