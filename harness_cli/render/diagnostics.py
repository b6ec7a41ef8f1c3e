"""Diagnostics as people read them: message, place, the line with carets, what to do. Secrets in a line are masked."""

import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from harness_cli.config.secret_forms import literals
from harness_cli.core.diagnostic import Diagnostic, Severity, Span
from harness_cli.guard.clean import clean

_COLORS: Final = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_MASK: Final = "*"
_CROP: Final = "…"


def render_diagnostics(
    diagnostics: Sequence[Diagnostic], sources: Mapping[str, str], *, width: int = 100, color: bool = False
) -> str:
    """Every diagnostic with its place in the source, a blank line between two; ends with a line feed."""
    lines = {path: text.split("\n") for path, text in sources.items()}
    secrets: dict[tuple[str, int], list[Span]] = {}
    for diagnostic in diagnostics:
        if diagnostic.code == "H012":
            secrets.setdefault((diagnostic.path, diagnostic.span.line), []).append(diagnostic.span)
    shown = []
    for diagnostic in diagnostics:
        place = (diagnostic.path, diagnostic.span.line)
        line = _masked(_line(lines, *place), secrets.get(place, []))
        shown.append(_render(diagnostic, line, width, color))
    return "\n".join(shown)


def _line(lines: Mapping[str, list[str]], path: str, number: int) -> str:
    text = lines.get(path, [])
    return text[number - 1].rstrip("\r") if number <= len(text) else ""


def _masked(line: str, spans: list[Span]) -> str:
    ranges = [(span.column - 1, span.end_column - 1 if span.end_line == span.line else len(line)) for span in spans]
    ranges += [(start, end) for start, end, _ in literals(line)]
    for start, end in ranges:
        line = line[:start] + _MASK * (end - start) + line[end:]
    return line


def _render(diagnostic: Diagnostic, line: str, width: int, color: bool) -> str:
    paint = _COLORS[diagnostic.severity] if color else ""
    head = f"{diagnostic.severity}[{diagnostic.code}]"
    gutter = len(str(diagnostic.span.line))
    rows = _wrapped(f"{head}: ", "  ", clean(diagnostic.message), width)
    rows[0] = _painted(head, paint) + rows[0][len(head) :]
    rows.append(f"{' ' * gutter}--> {clean(diagnostic.place)}")
    if line.strip():
        rows += _excerpt(diagnostic, line, gutter, width, paint)
    if diagnostic.help:
        rows += _wrapped(f"{' ' * gutter} = help: ", " " * (gutter + 9), clean(diagnostic.help), width)
    return "\n".join(rows) + "\n"


def _excerpt(diagnostic: Diagnostic, line: str, gutter: int, width: int, paint: str) -> list[str]:
    span = diagnostic.span
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    before, at = clean(line[: span.column - 1]), clean(line[span.column - 1 : end])
    text, left, length = _cropped(before, at, clean(line[end:].rstrip()), width - gutter - 3)
    carets = "^" * max(length, 1)
    pad = " " * (gutter + 1) + "|"
    rows = [pad, f"{span.line} | {text}"]
    label = clean(diagnostic.label)
    if label and gutter + 3 + left + len(carets) + 1 + len(label) > width:  # no room behind the carets
        return [*rows, f"{pad} {' ' * left}{_painted(carets, paint)}", f"{pad} {label}"]
    return [*rows, f"{pad} {' ' * left}{_painted(carets + (f' {label}' if label else ''), paint)}"]


def _cropped(before: str, at: str, after: str, room: int) -> tuple[str, int, int]:
    """The line in so many columns around its carets, the column where they start, and their number."""
    if len(before) + len(at) + len(after) <= room:
        return before + at + after, _columns(before), _columns(at)
    at = at if len(at) <= room // 2 else at[: room // 2 - 1] + _CROP
    keep = max(room - len(at) - 12, 12)
    if len(before) > keep:
        before = _CROP + before[-keep + 1 :]
    rest = room - len(before) - len(at)
    after = after if len(after) <= rest else after[: max(rest - 1, 0)] + _CROP
    return before + at + after, _columns(before), _columns(at)


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in {"F", "W"} for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def _wrapped(first: str, further: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def _painted(text: str, paint: str) -> str:
    return f"\x1b[1;{paint}m{text}\x1b[0m" if paint else text
