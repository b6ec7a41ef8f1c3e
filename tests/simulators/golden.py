"""Golden files: what a form looked like when somebody last read it (tests/golden/README.md)."""

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"
WRITE = os.environ.get("HARNESS_GOLDEN") == "write"  # read once: each test has an environment of its own


def same_as_golden(name: str, shown: str) -> bool:
    """Whether a text is the golden one; writes it first where HARNESS_GOLDEN=write asks for it."""
    path = FOLDER / name
    data = shown.encode("utf-8")
    if WRITE:
        path.write_bytes(data)
    return path.read_bytes() == data
