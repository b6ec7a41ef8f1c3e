"""H042: a restricted class of one's own that no tool has."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject
from harness_cli.policy.template import CLASSES

_LIST = ("policy_engine", "restricted_data_classes")


def check(subject: Subject) -> Iterator[Found]:
    """Restricted classes beside the built-in ones, which may stand there for later tools."""
    if not (subject.is_sound(*_LIST) and subject.is_sound("tools")):
        return
    for index, name in enumerate(subject.config.policy_engine.restricted_data_classes):
        is_misspelled = bool(subject.suggestion(name, CLASSES))  # H041 says so
        if name not in CLASSES and name not in subject.used_classes and not is_misspelled:
            span = subject.value(*_LIST, index)
            yield Found(span, f"no tool has the class `{name}`", "delete it, or classify the tool that reads it")


RULE = Rule(
    code="H042",
    severity=Severity.WARNING,
    title="restricted class used by no tool",
    why="A class that was made for a tool and that no tool has means that the tool is classified as something else.",
    mend="classify the tool, or delete the class",
    check=check,
)
