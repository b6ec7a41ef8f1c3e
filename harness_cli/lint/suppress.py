"""`# harness: ignore[H032] reason="…" until=2027-01-01`: a finding that somebody accepts, on its line or the next.

Errors cannot be suppressed: a run would refuse the file all the same. H085 reports what is malformed, expired, unused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from harness_cli.config.document import Comment, Document
from harness_cli.core.diagnostic import Diagnostic, Severity
from harness_cli.lint.rule import Found

_SIGN = re.compile(r"#\s*harness:\s*ignore\b", re.ASCII)
_FORM = re.compile(
    r"#\s*harness:\s*ignore\[(?P<codes>H[0-9]{3}(?:\s*,\s*H[0-9]{3})*)\]"
    r"(?:\s+reason=\"(?P<reason>[^\"]*)\")?(?:\s+until=(?P<until>[0-9]{4}-[0-9]{2}-[0-9]{2}))?\s*",
    re.ASCII,
)
_HELP = 'write `# harness: ignore[H032] reason="why" until=2027-01-01`'


@dataclass(slots=True)
class Suppression:
    """One comment that suppresses; `line` is the line that it speaks of."""

    comment: Comment
    codes: frozenset[str]
    line: int
    fault: str = ""
    used: set[str] = field(default_factory=set)


def suppressions(document: Document, today: date) -> list[Suppression]:
    """The suppressions of a file, in source order."""
    found = [c for c in document.comments if _SIGN.match(c.text)]
    following = _following(document) if found else []
    return [_read(document, c, following, today) for c in found]


def _read(document: Document, comment: Comment, following: list[int], today: date) -> Suppression:
    line = comment.span.line
    alone = not document.lines[line - 1][: comment.span.column - 1].strip()
    line = following[line - 1] if alone else line
    match = _FORM.fullmatch(comment.text)
    if match is None:
        return Suppression(comment, frozenset(), line, "a suppression that cannot be read")
    codes = frozenset(code.strip() for code in match["codes"].split(","))
    return Suppression(comment, codes, line, _fault(match["reason"], match["until"], today))


def _following(document: Document) -> list[int]:
    """For each line the next one that is no comment: several suppressions may stand above one line."""
    following = [len(document.lines)] * len(document.lines)
    for index in range(len(document.lines) - 2, -1, -1):
        is_comment = document.lines[index + 1].lstrip().startswith("#")
        following[index] = following[index + 1] if is_comment else index + 2
    return following


def _fault(reason: str | None, until: str | None, today: date) -> str:
    if not (reason or "").strip():
        return "a suppression without a reason"
    if until is None:
        return ""
    try:
        last = date.fromisoformat(until)
    except ValueError:
        return f"`{until}` is not a day"
    return f"the suppression ran out on {until}" if today > last else ""


def without_suppressed(found: list[Diagnostic], active: list[Suppression], path: str) -> list[Diagnostic]:
    """The findings that nobody has accepted; suppressions remember what they were used for."""
    by_line: dict[int, list[Suppression]] = {}
    for suppression in active:
        by_line.setdefault(suppression.line, []).append(suppression)
    return [d for d in found if d.path != path or not _is_suppressed(d, by_line.get(d.span.line, []))]


def _is_suppressed(diagnostic: Diagnostic, active: list[Suppression]) -> bool:
    for suppression in active:
        if diagnostic.code in suppression.codes:
            suppression.used.add(diagnostic.code)
            if diagnostic.severity is not Severity.ERROR and not suppression.fault:
                return True
    return False


def useless(active: list[Suppression], errors: frozenset[str]) -> Iterator[Found]:
    """What H085 reports: suppressions that are malformed, expired, unused, or meant for an error."""
    for suppression in active:
        span = suppression.comment.span
        if suppression.fault:
            yield Found(span, suppression.fault, _HELP)
            continue
        for code in sorted(suppression.codes):
            if code not in suppression.used:
                yield Found(span, f"the suppression of {code} is not used", "delete it")
            elif code in errors:
                yield Found(span, f"{code} is an error here: it cannot be suppressed", "mend it")
