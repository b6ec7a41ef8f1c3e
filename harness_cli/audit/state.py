"""Where a trace stands: how many lines, the hash of the last, the hash over all its bytes."""

import hashlib
from dataclasses import dataclass, field

FIRST_PREV = "0" * 64


@dataclass(slots=True)
class TrailState:
    """The running state of a chain; `take` goes on over one written line."""

    lines: int = 0
    head: str = FIRST_PREV
    size: int = 0
    start: str = ""
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def take(self, line: bytes) -> None:
        """Go on over one written line."""
        self.lines += 1
        self.head = hashlib.sha256(line).hexdigest()
        self.size += len(line)
        self.digest.update(line)
