"""H046: sensitive data without the duty to redact it."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import GUARDED, Subject


def check(subject: Subject) -> Iterator[Found]:
    """Every tool of a sensitive class."""
    for name, tool in subject.tools.items():
        sound = subject.is_sound("tools", name, "obligations") and subject.is_sound("tools", name, "classification")
        if sound and tool.classification in GUARDED and "redact" not in tool.obligations:
            message = f"tool `{name}` reads {tool.classification} data without the obligation to redact it"
            yield Found(subject.value("tools", name, "classification"), message, "add `obligations: [redact]`")


RULE = Rule(
    code="H046",
    severity=Severity.WARNING,
    title="confidential, pii or financial tool without a redact obligation",
    why="What such a tool returns should be reduced before anybody or anything else sees it.",
    mend="add `obligations: [redact]`",
    check=check,
)
