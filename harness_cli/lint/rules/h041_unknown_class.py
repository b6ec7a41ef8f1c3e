"""H041: a data class that no list mentions."""

from collections.abc import Iterator

from harness_cli.config.model import KeyPath
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject
from harness_cli.policy.template import CLASSES

_LIST = ("policy_engine", "restricted_data_classes")


def check(subject: Subject) -> Iterator[Found]:
    """The class of every tool, and the classes that lists name."""
    if not subject.is_sound(*_LIST) or not subject.is_sound("roles"):
        return
    restricted = frozenset(subject.config.policy_engine.restricted_data_classes)
    cleared = subject.cleared_classes if subject.config.roles is not None else frozenset()
    for name, tool in subject.tools.items():
        path = ("tools", name, "classification")
        if not subject.is_sound(*path):
            continue
        if tool.classification not in {*CLASSES, *restricted, *cleared}:
            yield _unknown(subject, path, tool.classification)
        elif tool.classification == "restricted" and "restricted" not in restricted | cleared:
            advice = "add it to `restricted_data_classes`, or declare `roles:` that are cleared for it"
            message = "class `restricted` is in no list: every role may read it"
            yield Found(subject.value(*path), message, advice)
    for index, name in enumerate(subject.config.policy_engine.restricted_data_classes):
        if name not in CLASSES and subject.suggestion(name, CLASSES) and name not in subject.used_classes:
            yield _unknown(subject, (*_LIST, index), name)


def _unknown(subject: Subject, path: KeyPath, name: str) -> Found:
    near = subject.suggestion(name, CLASSES)
    label = f"did you mean `{near}`?" if near else ""
    advice = "use a known class, or add it to `restricted_data_classes` and to a role"
    return Found(subject.value(*path), f"class `{name}` is not known", advice, label)


RULE = Rule(
    code="H041",
    severity=Severity.WARNING,
    title="data class in no list, or unknown",
    why="A class called restricted that no list restricts is readable by every role; a class that nobody knows is "
    "denied to every role.",
    mend="add the class to `restricted_data_classes` or to the `clearance` of roles",
    check=check,
)
