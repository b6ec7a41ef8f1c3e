"""Safe fixes: edits of the text itself, so that comments and layout stay as they are."""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path

from harness_cli.core.diagnostic import Diagnostic, Edit


def edits_of(diagnostics: Iterable[Diagnostic], path: str) -> tuple[Edit, ...]:
    """The edits that belong to one file, the later of two that overlap left out."""
    edits = sorted({e for d in diagnostics if d.path == path for e in d.edits}, key=lambda e: (e.span, e.text))
    kept: list[Edit] = []
    for edit in edits:
        if not kept or (edit.span.line, edit.span.column) >= (kept[-1].span.end_line, kept[-1].span.end_column):
            kept.append(edit)
    return tuple(kept)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with its edits made."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda e: e.span, reverse=True):
        begin = starts[edit.span.line - 1] + edit.span.column - 1
        end = starts[edit.span.end_line - 1] + edit.span.end_column - 1
        text = text[:begin] + edit.text + text[end:]
    return text


def unified_diff(path: str, before: str, after: str) -> str:
    """The difference as `diff -u` writes it; empty where there is none."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, f"a/{path.lstrip('/')}", f"b/{path.lstrip('/')}"))


def replace_text(path: Path, text: str) -> None:
    """Replace a file's text, whole or not at all, with its permissions kept; a link's target is replaced."""
    target = path.resolve()
    mode = target.stat().st_mode & 0o777
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
