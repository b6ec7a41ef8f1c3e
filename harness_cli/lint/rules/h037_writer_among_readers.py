"""H037: a group called read_only that holds a writer."""

from collections.abc import Iterator

from harness_cli.config.model import Action
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Every member of a read-only group."""
    if not (subject.is_sound("tool_groups") and subject.is_sound("tools")):
        return
    for group, members in (subject.config.tool_groups or {}).items():
        if not group.lower().replace("-", "_").startswith(("read_only", "readonly")):
            continue
        for index, member in enumerate(members):
            tool = subject.tools.get(member)
            changing = [a for a in tool.actions if a is not Action.READ] if tool else []
            if changing:
                message = f"`{member}` may {' and '.join(changing)}, `{group}` says read only"
                yield Found(subject.value("tool_groups", group, index), message, "put it in a group of its own")


RULE = Rule(
    code="H037",
    severity=Severity.ERROR,
    title="group `read_only*` holds a writer",
    why="Gates are read by the names of their groups: who allows `read_only_scanners` in prod has not agreed to a "
    "write.",
    mend="move the tool to a group that says what it does",
    check=check,
)
