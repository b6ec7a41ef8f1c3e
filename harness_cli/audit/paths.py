"""Where what is in an audit folder."""

import os
from collections.abc import Iterator
from pathlib import Path

from harness_cli.core.ids import TraceId, time_of

LEDGER = "ledger"
ENTRIES = "entries.jsonl"
LOCK = "lock"


def place_of(trace_id: TraceId) -> str:
    """The path of a trace below its audit folder, by its own time stamp."""
    return f"{time_of(trace_id):%Y/%m/%d}/{trace_id}.jsonl"


def path_in(folder: Path, trace_id: TraceId) -> Path:
    """Where a trace is in an audit folder."""
    return folder / place_of(trace_id)


def trace_files(folder: Path) -> Iterator[Path]:
    """Every name that ends in `.jsonl` below a year, in order; links are named, not followed."""
    for year in _folders(folder, 4):
        for parent, folders, names in os.walk(year):
            folders.sort()
            yield from (Path(parent) / name for name in sorted([*folders, *names]) if name.endswith(".jsonl"))


def linked_folders(folder: Path) -> Iterator[Path]:
    """Every link to a folder below an audit folder: none is ours, and what lies behind it is not read."""
    for parent, folders, _ in os.walk(folder):
        folders.sort()
        yield from (path for path in (Path(parent) / name for name in folders) if path.is_symlink())


def folders_above(folder: Path, path: Path) -> Iterator[Path]:
    """The folders between an audit folder and a path in it."""
    yield from (parent for parent in path.parents if folder in parent.parents)


def _folders(folder: Path, digits: int) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if len(path.name) == digits and path.name.isdigit())
    except OSError:
        return []
