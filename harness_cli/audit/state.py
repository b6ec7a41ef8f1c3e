"""Where a trace stands: how many lines, the hash of the last, the hash over all its bytes."""

import hashlib
from typing import NamedTuple

FIRST_PREV = "0" * 64


class TrailState(NamedTuple):
    """A place in a chain. It never changes: an interrupted writer is in front of a line or behind it, never between."""

    lines: int = 0
    head: str = FIRST_PREV
    size: int = 0
    start: str = ""
    digest: "hashlib._Hash" = hashlib.sha256()  # of nothing; `after` copies it

    def after(self, line: bytes, at: str) -> "TrailState":
        """The place behind one more line, written at a time."""
        digest = self.digest.copy()
        digest.update(line)
        head = hashlib.sha256(line).hexdigest()
        return TrailState(self.lines + 1, head, self.size + len(line), self.start or at, digest)
