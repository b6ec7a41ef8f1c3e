"""The added lines of a pull request's files, with their numbers after the change."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Evidence, Known, Unread
from harness_cli.review.facts import ChangedFile, PullRequest

_HUNK: Final = re.compile(r"@@ -[0-9]+(?:,[0-9]+)? \+([0-9]{1,9})(?:,[0-9]+)? @@")


@dataclass(frozen=True, slots=True)
class Added:
    """What a file gained: numbers and texts of lines, and what they were read from."""

    path: str
    numbers: tuple[int, ...]
    lines: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    @property
    def text(self) -> str:
        """All added lines."""
        return "\n".join(self.lines)

    def line_at(self, offset: int) -> int:
        """The number of the line that holds a place of `text`."""
        return self.numbers[self.text.count("\n", 0, offset)] if self.numbers else 1


def added_lines(pull: PullRequest, file: ChangedFile, evidence: tuple[Evidence, ...]) -> Added | Unread:
    """What a file gains; from its patch, else from its contents, else unread."""
    kept = file.kept if file.moves_unchanged else None
    if file.status == "removed" or (isinstance(kept, Known) and kept.value):
        return Added(file.path, (), (), evidence)
    if file.patch is not None:
        numbered = list(_of_patch(file.patch.for_parser()))
        return Added(file.path, tuple(n for n, _ in numbered), tuple(text for _, text in numbered), evidence)
    head = pull.contents.get((file.path, "head"))
    if isinstance(head, Known) and head.value is not None:
        base = pull.contents.get((file.previous_path or file.path, "base"))
        old = base.value.for_parser() if isinstance(base, Known) and base.value is not None else ""
        had = set(old.split("\n"))
        lines = [(n, text) for n, text in enumerate(head.value.for_parser().split("\n"), 1) if text not in had]
        return Added(file.path, tuple(n for n, _ in lines), tuple(text for _, text in lines), head.evidence)
    if isinstance(kept, Unread):
        return kept
    return Unread(Reason.TRUNCATED, "GitHub shows no patch of the file (binary, or too large)", evidence)


def _of_patch(patch: str) -> Iterator[tuple[int, str]]:
    number = 1
    for line in patch.split("\n"):
        if hunk := _HUNK.match(line):
            number = int(hunk[1])
        elif line.startswith("+"):
            yield number, line[1:]
            number += 1
        elif not line.startswith(("-", "\\")):
            number += 1
