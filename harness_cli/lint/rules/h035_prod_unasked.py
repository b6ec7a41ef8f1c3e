"""H035: runs in prod that no person approves."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import PROD, Subject

_PATH = ("policy_engine", "environment_gates", PROD, "requires_human_approval")


def check(subject: Subject) -> Iterator[Found]:
    """The gate of prod."""
    if PROD in subject.gates and subject.is_sound(*_PATH) and not subject.gates[PROD].requires_human_approval:
        yield Found(subject.value(*_PATH), "no person approves the plan of a run in prod", "write `true`")


RULE = Rule(
    code="H035",
    severity=Severity.WARNING,
    title="prod gate with requires_human_approval: false",
    why="In prod a second person should see what a run is about to read before it starts.",
    mend="write `requires_human_approval: true`",
    check=check,
)
