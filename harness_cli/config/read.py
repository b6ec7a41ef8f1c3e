"""A file to a document: bytes, characters, events, nodes, comments; every trespass in one pass."""

import hashlib
import re
from bisect import bisect_right
from pathlib import Path
from typing import Final

from harness_cli.config.comments import find_comments
from harness_cli.config.compose import Composer
from harness_cli.config.document import Comment, Document, Scalar
from harness_cli.config.events import MarkedYAMLError, TooLargeError, YAMLError, limited_events
from harness_cli.config.source import FOREIGN_BREAK, decode
from harness_cli.core.diagnostic import START, Diagnostic, Severity, Span, in_source_order
from harness_cli.core.errors import ConfigError
from harness_cli.core.limits import CONFIG_BYTES

_TAB: Final = re.compile(r"\t")


def read_document(path: Path, *, name: str = "") -> Document:
    """The document in a file; `name` is how it is called in messages.

    Raises: ConfigError where the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            content = file.read(CONFIG_BYTES + 1)
    except OSError as err:
        reason = err.strerror or type(err).__name__
        raise ConfigError(f"{name or path}: {reason.lower()}", help="name the file with --config") from err
    return parse_document(content, name or str(path))


def parse_document(content: bytes, path: str) -> Document:
    """The document in some bytes; what is wrong with it stands in `diagnostics`."""
    digest = hashlib.sha256(content).hexdigest()
    text, problems = decode(path, content)
    if text is None:
        return Document(path, "", digest, None, (), tuple(problems))
    lines = tuple(line.removesuffix("\r") for line in text.split("\n"))
    if FOREIGN_BREAK.search(text):  # reported; no line number would be right
        return Document(path, text, digest, None, (), tuple(problems), lines)
    composer = Composer(path, text, limited_events(text))
    root = None
    try:
        root = composer.document()
        if root is None or (isinstance(root, Scalar) and root.value is None):
            composer.diagnostics.append(_error(path, "H000", "the file is empty", START, "`harness init` writes one"))
    except TooLargeError as err:
        span = Span(err.line, err.column, err.line, err.column + 1)
        composer.diagnostics.append(_error(path, "H005", str(err), span))
    except YAMLError as err:
        composer.diagnostics.append(_syntax_error(path, lines, err))
    problems += composer.diagnostics
    comments = find_comments(lines, composer.scalars)
    problems += _tabs(path, lines, composer.scalars, comments) if root is not None else []
    return Document(path, text, digest, root, comments, tuple(in_source_order(problems)), lines)


def _tabs(path: str, lines: tuple[str, ...], scalars: list[Span], comments: tuple[Comment, ...]) -> list[Diagnostic]:
    """Tabs outside of values and comments: YAML readers differ on them. One a line is enough."""
    numbers = [number for number, line in enumerate(lines, start=1) if "\t" in line]
    if not numbers:
        return []
    ends = {comment.span.line: comment.span.column for comment in comments}
    starts = [(span.line, span.column) for span in scalars]
    found = []
    for number in numbers:
        line = lines[number - 1][: ends.get(number, 1 << 30) - 1]
        free = (match.start() + 1 for match in _TAB.finditer(line))
        column = next((c for c in free if not _is_inside(scalars, starts, number, c)), 0)
        if column:
            span = Span(number, column, number, column + 1)
            found.append(_error(path, "H000", "a tab stands where YAML wants spaces", span, "use spaces"))
    return found


def _is_inside(scalars: list[Span], starts: list[tuple[int, int]], line: int, column: int) -> bool:
    """Whether a place lies in a value; values stand in source order and never overlap."""
    index = bisect_right(starts, (line, column)) - 1
    return index >= 0 and (line, column) < (scalars[index].end_line, scalars[index].end_column)


def _syntax_error(path: str, lines: tuple[str, ...], err: YAMLError) -> Diagnostic:
    if not isinstance(err, MarkedYAMLError) or err.problem_mark is None:
        return _error(path, "H000", "not YAML", START)
    mark, context = err.problem_mark, err.context_mark
    sign = _character(lines, mark.line, mark.column)
    unclosed = context is not None and err.context is not None and _opens(err.context)
    if unclosed and context is not None and (context.line != mark.line or not sign):
        line, column = _last_opening(lines, context.line, context.column)
        opening = _character(lines, line, column)
        return _at(path, line, column, f"`{opening}` is never closed", _CLOSING.get(opening, ""))
    if sign == "\t":
        return _at(path, mark.line, mark.column, "a tab stands where YAML wants spaces", "use spaces")
    if sign in {"@", "`", "%"}:
        return _at(path, mark.line, mark.column, f"a value cannot start with `{sign}`", "put quotes around the value")
    return _at(path, mark.line, mark.column, *_EXPLAINED.get(_first_words(err.problem), (_NOT_YAML, "")))


_NOT_YAML = "this is not YAML: the line does not fit what stands above it"
_CLOSING: Final = {
    "[": "close it with `]`",
    "{": "close it with `}`",
    '"': 'close it with `"`',
    "'": "close it with `'`",
}
_EXPLAINED: Final = {
    "mapping values are": (
        "a second `:` on one line, or a key that is indented too far",
        "put quotes around a value that contains `: `, or mend the indentation",
    ),
    "did not find": ("the line does not fit what stands above it", "mend the indentation, or a missing `:`"),
    "could not find": ("a key without `:`", "write `key: value`"),
    "block sequence entries": ("a list item `-` stands where none can", "put the list on its own lines"),
    "found unknown escape": ("an escape that YAML does not know", "write `\\\\` for a backslash, or use single quotes"),
}


def _first_words(problem: str | None) -> str:
    words = (problem or "").replace("expected", "did not find", 1).split()
    for count in (3, 2):
        known = " ".join(words[:count])
        if known in _EXPLAINED:
            return known
    return ""


def _opens(context: str) -> bool:
    return "flow" in context or "quoted scalar" in context


def _last_opening(lines: tuple[str, ...], line: int, column: int) -> tuple[int, int]:
    if _character(lines, line, column) in _CLOSING:
        return line, column
    for number in range(min(line, len(lines) - 1), -1, -1):
        found = max(lines[number].rfind("["), lines[number].rfind("{"))
        if found >= 0:
            return number, found
    return line, column


def _character(lines: tuple[str, ...], line: int, column: int) -> str:
    if line < len(lines) and column < len(lines[line]):
        return lines[line][column]
    return ""


def _at(path: str, line: int, column: int, message: str, help: str) -> Diagnostic:
    return _error(path, "H000", message, Span(line + 1, column + 1, line + 1, column + 2), help)


def _error(path: str, code: str, message: str, span: Span, help: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, path, span, help)
