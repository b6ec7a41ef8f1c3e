"""H083: a file for real systems without limits of its own."""

from collections.abc import Iterator

from harness_cli.config.model import Limits
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """An empty `limits:`, or none beside `connections:`."""
    if subject.config.limits != Limits() or not subject.is_sound("limits"):
        return
    if any(layer.config.limits is not None for layer in subject.config.layers):
        return
    if subject.has("limits"):
        yield Found(subject.key("limits"), "`limits` bounds nothing", "add `max_calls` and `max_duration`")
    elif subject.has("connections"):
        message = "no `limits:`: a run may do as much as the program's own bounds allow"
        yield Found(subject.document.start, message, "add `limits: {max_calls: 500, max_duration: 15m}`")


RULE = Rule(
    code="H083",
    severity=Severity.WARNING,
    title="no limits",
    why="The program has bounds of its own, but only you know how much a review of yours should need. A run that "
    "wants ten times more is worth a look.",
    mend="add `limits:`",
    check=check,
)
