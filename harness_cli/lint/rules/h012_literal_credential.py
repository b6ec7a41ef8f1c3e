"""H012: a credential that stands in the file itself."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from harness_cli.config.document import Scalar, scalars
from harness_cli.config.model import KeyPath
from harness_cli.config.secret_forms import SECRET_KEY, literals
from harness_cli.core.diagnostic import Severity, Span
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_LINE_END = re.compile(r"\n")
_ADVICE = "replace it by {env: NAME}, {file: PATH} or {command: [...]}, and revoke it: it has been seen"


def check(subject: Subject) -> Iterator[Found]:
    """Every text that has the form of a credential, comments included, and text under the key of a secret."""
    spans = []
    starts = _line_starts(subject.document.text)
    for start, end, kind in literals(subject.document.text):
        number = bisect_right(starts, start)
        column = start - starts[number - 1] + 1
        span = Span(number, column, number, column + end - start)
        spans.append(span)
        yield Found(span, f"{kind} stands in the file", _ADVICE)
    lines = {span.line for span in spans}
    for path, node in scalars(subject.document.root):
        if _is_secret(path, node) and not _holds_one(node.span, lines, spans):
            yield Found(node.span, f"`{path[-1]}` holds a literal", _ADVICE)


def _is_secret(path: KeyPath, node: Scalar) -> bool:
    return (
        bool(path) and isinstance(node.value, str) and bool(node.value) and SECRET_KEY.search(str(path[-1])) is not None
    )


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _LINE_END.finditer(text))]


def _holds_one(span: Span, lines: set[int], found: list[Span]) -> bool:
    """Whether one of the forms has been found in a value already."""
    if lines.isdisjoint(range(span.line, span.end_line + 1)):
        return False
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    return any(start < (f.end_line, f.end_column) and (f.line, f.column) < end for f in found)


RULE = Rule(
    code="H012",
    severity=Severity.ERROR,
    title="literal credential",
    why="A secret in a file is in every clone, backup and log of it. This file names where a secret is found, never "
    "the secret; comments count too.",
    mend="write a reference ({env: NAME}, {file: PATH}, {command: [...]}) and revoke what stood there",
    check=check,
)
