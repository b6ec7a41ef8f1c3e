"""H052: a tool without a scope."""

from collections.abc import Iterator

from harness_cli.config.model import Action, Tool
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Every tool without a `scope`."""
    for name, tool in subject.tools.items():
        if not subject.has("tools", name, "scope") and subject.is_sound("tools", name):
            message = f"tool `{name}` has no scope: each call needs an approval that names the resource"
            yield Found(subject.key("tools", name), message, "add `scope:`", severity=_severity(tool))


def _severity(tool: Tool) -> Severity:
    if tool.requires_approval:
        return Severity.INFO
    return Severity.ERROR if any(a is not Action.READ for a in tool.actions) else Severity.WARNING


RULE = Rule(
    code="H052",
    severity=Severity.WARNING,
    title="tool without a scope (information with requires_approval, an error for a writer without it)",
    why="Without a scope nothing says what the tool may touch, so every call is asked for. That is right for a tool "
    "that is approved call by call, and tiresome or dangerous for all others.",
    mend="add `scope:`",
    check=check,
)
