"""H012: a credential that stands in the file itself."""

from collections.abc import Iterator

from harness_cli.config.document import Scalar, scalars
from harness_cli.config.model import KeyPath
from harness_cli.core.diagnostic import Severity, Span
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.secret_forms import SECRET_KEY, literals
from harness_cli.lint.subject import Subject

_ADVICE = "replace it by {env: NAME}, {file: PATH} or {command: [...]}, and revoke it: it has been seen"


def check(subject: Subject) -> Iterator[Found]:
    """Every text that has the form of a credential, comments included, and text under the key of a secret."""
    spans = []
    for number, line in enumerate(subject.document.lines, start=1):
        for start, end, kind in literals(line):
            span = Span(number, start + 1, number, end + 1)
            spans.append(span)
            yield Found(span, f"{kind} stands in the file", _ADVICE)
    for path, node in scalars(subject.document.root):
        if _is_secret(path, node) and not any(_overlap(node.span, span) for span in spans):
            yield Found(node.span, f"`{path[-1]}` holds a literal", _ADVICE)


def _is_secret(path: KeyPath, node: Scalar) -> bool:
    return (
        bool(path) and isinstance(node.value, str) and bool(node.value) and SECRET_KEY.search(str(path[-1])) is not None
    )


def _overlap(one: Span, other: Span) -> bool:
    start, end = (one.line, one.column), (one.end_line, one.end_column)
    return start < (other.end_line, other.end_column) and (other.line, other.column) < end


RULE = Rule(
    code="H012",
    severity=Severity.ERROR,
    title="literal credential",
    why="A secret in a file is in every clone, backup and log of it. This file names where a secret is found, never "
    "the secret; comments count too.",
    mend="write a reference ({env: NAME}, {file: PATH}, {command: [...]}) and revoke what stood there",
    check=check,
)
