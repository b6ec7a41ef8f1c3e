"""H064: a prod gate whose trail stays on one disk."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import PROD, Subject


def check(subject: Subject) -> Iterator[Found]:
    """Whether the sink that is named is configured."""
    audit = subject.config.audit
    if PROD not in subject.gates or audit.sinks or not subject.is_sound("audit"):
        return
    local = "the trail of runs in prod stays on this machine"
    message = local if audit.sink == "file" else f"{local}: `{audit.sink}` is named, its address is not"
    yield Found(subject.value("audit", "sink"), message, "add `audit.sinks` with the type and address of the sink")


RULE = Rule(
    code="H064",
    severity=Severity.WARNING,
    title="prod gate with no sink configured beside the local file",
    why="A trail on the machine that ran the review is lost with it, and in the hands of whoever owns it.",
    mend="add `audit.sinks`",
    check=check,
)
