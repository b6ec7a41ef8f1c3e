"""The text before a change, from the text after it and its patch.

The base branch moves on after a pull request was opened; its tip is not what the change was made from. The patch tells,
if it is whole: every hunk fits the text, and it counts as many lines as GitHub does.
"""

import re
from typing import Final

from harness_cli.review.facts import ChangedFile

_HUNK: Final = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@.*")


def text_before(file: ChangedFile, after: str) -> str | None:
    """The text that the change was made from; None where the patch does not tell for sure."""
    if file.patch is None or file.status not in {"modified", "renamed", "changed"}:
        return None
    new = after.split("\n")
    old: list[str] = []
    at = added = removed = 0
    for start, body in _hunks(file.patch.for_parser()):
        if start < at or start > len(new):
            return None
        old += new[at:start]
        at = start
        for line in body:
            mark, text = line[:1], line[1:]
            if mark in ("", " ", "+"):
                if at >= len(new) or new[at].rstrip("\r") != text.rstrip("\r"):
                    return None
                at += 1
            old += [text] if mark != "+" else []
            added += mark == "+"
            removed += mark == "-"
    if (added, removed) != (file.additions, file.deletions) or not added + removed:
        return None
    return "\n".join([*old, *new[at:]])


def _hunks(patch: str) -> list[tuple[int, list[str]]]:
    """Where each hunk begins in the new text, counted from 0, and its lines; empty where a hunk is not whole."""
    found: list[tuple[int, list[str]]] = []
    lines = [line for line in patch.split("\n") if not line.startswith("\\")]
    while lines and lines[-1] == "":
        lines.pop()
    at = 0
    while at < len(lines):
        head = _HUNK.fullmatch(lines[at])
        if head is None:
            return []
        olds, news = int(head[2] or 1), int(head[4] or 1)
        body: list[str] = []
        at += 1
        while at < len(lines) and (olds or news):
            mark = lines[at][:1]
            olds -= mark in ("", " ", "-")
            news -= mark in ("", " ", "+")
            body.append(lines[at])
            at += 1
        if olds or news:
            return []
        start = int(head[3])
        found.append((start - 1 if int(head[4] or 1) else start, body))
    return found
