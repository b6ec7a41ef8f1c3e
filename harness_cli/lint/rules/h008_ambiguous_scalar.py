"""H008: an unquoted value that other YAML tools read as something else."""

from collections.abc import Iterator

from harness_cli.config.document import Entry, Mapping, Node, Scalar, Sequence
from harness_cli.config.model import KeyPath
from harness_cli.config.scalars import loses_digits, read_differently, resolve
from harness_cli.core.diagnostic import Edit, Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Every plain value and key that YAML 1.1 tools read differently, and numbers that lose digits."""
    root = subject.document.root
    if root is not None:
        yield from _below(subject, root, ())


def _below(subject: Subject, node: Node, path: KeyPath) -> Iterator[Found]:
    match node:
        case Mapping():
            for entry in node.entries:
                yield from _key(entry)
                yield from _below(subject, entry.value, (*path, entry.key.raw))
        case Sequence():
            for index, item in enumerate(node.items):
                yield from _below(subject, item, (*path, index))
        case Scalar() if node.is_plain and node.raw:
            yield from _value(subject, node, path)


def _key(entry: Entry) -> Iterator[Found]:
    key = entry.key
    if not key.is_plain:
        return
    meaning = read_differently(key.raw)
    if not meaning and not isinstance(resolve(key.raw), str):
        meaning = "something else than text"
    if meaning:
        yield _found(key, f"the key `{key.raw}` is {meaning} for other YAML tools", f'"{key.raw}"')


def _value(subject: Subject, node: Scalar, path: KeyPath) -> Iterator[Found]:
    meaning = read_differently(node.raw)
    if isinstance(node.value, str):
        if meaning and path not in subject.understood.broken:
            yield _found(node, f"`{node.raw}` is {meaning} for YAML 1.1 tools", f'"{node.raw}"')
    elif path in subject.understood.broken:
        lost = loses_digits(node.raw)
        if lost:
            yield _found(node, f"`{node.raw}` is {lost}", f'"{node.raw}"')
    elif isinstance(node.value, int) and not isinstance(node.value, bool) and str(node.value) != node.raw:
        yield _found(node, f"`{node.raw}` is another number for YAML 1.1 tools", str(node.value))


def _found(node: Scalar, message: str, fixed: str) -> Found:
    return Found(node.span, message, f"write `{fixed}`", edits=(Edit(node.span, fixed),))


RULE = Rule(
    code="H008",
    severity=Severity.WARNING,
    title="a value that YAML 1.1 tools read differently",
    why="This program reads YAML 1.2, where only true, false, null and numbers are special. Other tools read `no` as "
    "false, `22:30` as a number in base 60, `012345670123` as a number in base 8 and `1.10` as 1.1: the same file"
    " means two things.",
    mend="put the value in quotes",
    check=check,
    fixes=True,
)
