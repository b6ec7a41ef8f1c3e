"""Where a trace stands: how many lines, the hash of the last, the hash over all its bytes."""

import hashlib
from dataclasses import dataclass, field

FIRST_PREV = "0" * 64


@dataclass(frozen=True, slots=True)
class TrailState:
    """A place in a chain. Frozen: a writer that is interrupted is in front of a line or behind it, never between."""

    lines: int = 0
    head: str = FIRST_PREV
    size: int = 0
    start: str = ""
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def after(self, line: bytes, at: str) -> "TrailState":
        """The place behind one more line, written at a time."""
        digest = self.digest.copy()
        digest.update(line)
        head = hashlib.sha256(line).hexdigest()
        return TrailState(self.lines + 1, head, self.size + len(line), self.start or at, digest)
