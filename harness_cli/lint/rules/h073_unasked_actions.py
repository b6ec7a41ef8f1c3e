"""H073: writes or executions that need no approval."""

from collections.abc import Iterator

from harness_cli.config.model import Action
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_PATH = ("policy_engine", "approval_required_for")


def check(subject: Subject) -> Iterator[Found]:
    """The list of actions that are always asked for."""
    if not subject.is_sound(*_PATH):
        return
    listed = subject.config.policy_engine.approval_required_for
    missing = [action for action in (Action.WRITE, Action.EXECUTE) if action not in listed]
    if missing:
        names = " and ".join(f"`{action}`" for action in missing)
        yield Found(subject.value(*_PATH), f"approval_required_for lacks {names}", f"add {names}")


RULE = Rule(
    code="H073",
    severity=Severity.ERROR,
    title="approval_required_for lacks write or execute",
    why="A change of state is always asked for. A list that leaves one out is a silent state change.",
    mend='write `approval_required_for: ["write", "execute"]`',
    check=check,
)
