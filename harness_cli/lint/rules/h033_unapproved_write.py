"""H033: a write or execute that prod lets through without anybody's approval."""

from collections.abc import Iterator

from harness_cli.config.model import Action
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import PROD, Subject


def check(subject: Subject) -> Iterator[Found]:
    """Every writer that prod lets through."""
    if PROD not in subject.gates or not subject.groups_are_sound:
        return
    if not subject.is_sound("policy_engine", "approval_required_for"):
        return
    for name, tool in subject.tools.items():
        if name not in subject.reach[PROD]:
            continue
        for action in tool.actions:
            if action is not Action.READ and not subject.needs_approval(tool, action, PROD):
                message = f"tool `{name}` may {action} in prod without any approval"
                yield Found(subject.key("tools", name), message, "add `requires_approval: true`")
                break


RULE = Rule(
    code="H033",
    severity=Severity.ERROR,
    title="write or execute reachable in prod without any approval",
    why="A state change that nobody has agreed to is the mistake that this program exists to prevent.",
    mend="add `requires_approval: true`, or list the action under `approval_required_for`",
    check=check,
)
