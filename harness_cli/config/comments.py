"""Where the comments of a file are; YAML's own parser drops them."""

import re

from harness_cli.config.document import Comment
from harness_cli.core.diagnostic import Span

_SIGN = re.compile(r"(?:^|(?<=[ \t]))#")


def find_comments(lines: tuple[str, ...], scalars: list[Span]) -> tuple[Comment, ...]:
    """The comments of a file that may mean something, in source order; `scalars` is where its values stand.

    Those are the ones that speak to us, and those on a line with a tab.
    """
    wanted = any("#" in line and ("harness" in line or "\t" in line) for line in lines)
    busy: dict[int, list[tuple[int, int]]] = {}
    for span in scalars if wanted else ():
        _mark(busy, span)
    found = []
    for number, line in enumerate(lines, start=1):
        if "#" not in line or not ("harness" in line or "\t" in line):
            continue
        column = _first_sign(line, busy.get(number, []))
        if column:
            found.append(Comment(line[column - 1 :], Span(number, column, number, len(line) + 1)))
    return tuple(found)


def _mark(busy: dict[int, list[tuple[int, int]]], span: Span) -> None:
    if span.line == span.end_line:
        busy.setdefault(span.line, []).append((span.column, span.end_column))
        return
    busy.setdefault(span.line, []).append((span.column + 1, 1 << 30))
    for number in range(span.line + 1, span.end_line):
        busy.setdefault(number, []).append((1, 1 << 30))
    busy.setdefault(span.end_line, []).append((1, span.end_column))


def _first_sign(line: str, busy: list[tuple[int, int]]) -> int:
    for match in _SIGN.finditer(line):
        column = match.start() + 1
        if not any(start <= column < end for start, end in busy):
            return column
    return 0
