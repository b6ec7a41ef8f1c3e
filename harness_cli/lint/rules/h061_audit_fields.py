"""H061: a list of audit fields that lacks a required one."""

from collections.abc import Iterator
from typing import Final

from harness_cli.config.document import Sequence
from harness_cli.core.diagnostic import Edit, Severity, Span
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

REQUIRED: Final = (
    "traceId", "timestamp", "agentId", "action", "tool", "dataClass", "approvalStatus", "outcome",
)  # fmt: skip
_PATH = ("audit", "fields")


def check(subject: Subject) -> Iterator[Found]:
    """The fields that every event has anyway."""
    missing = [name for name in REQUIRED if name not in subject.config.audit.fields]
    node = subject.node(*_PATH)
    if not missing or not isinstance(node, Sequence) or not subject.is_sound(*_PATH):
        return
    names = ", ".join(f"`{name}`" for name in missing)
    advice = f"add {names}: fields are a minimum, the full set is always written"
    yield Found(subject.value(*_PATH), f"audit.fields lacks {names}", advice, edits=_edits(subject, node, missing))


def _edits(subject: Subject, node: Sequence, missing: list[str]) -> tuple[Edit, ...]:
    if not node.items:
        return ()
    last = node.items[-1].span
    behind = Span(last.end_line, last.end_column, last.end_line, last.end_column)
    line = subject.document.lines[node.span.line - 1]
    is_flow = line[node.span.column - 1 : node.span.column] == "["
    if is_flow:
        return (Edit(behind, "".join(f', "{name}"' for name in missing)),)
    indent = subject.document.lines[last.line - 1][: last.column - 1]
    if indent.strip() != "-" or last.line != last.end_line:
        return ()
    return (Edit(behind, "".join(f'\n{indent}"{name}"' for name in missing)),)


RULE = Rule(
    code="H061",
    severity=Severity.WARNING,
    title="audit.fields lacks a field that the audit schema requires",
    why="The full set of fields is always written. A list that leaves one out misleads whoever reads the file.",
    mend="add the missing fields",
    check=check,
    fixes=True,
)
