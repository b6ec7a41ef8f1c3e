"""The current checkpoint and the log of every one ever signed: one JSON line each, the note inside."""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from harness_cli.audit.disk import append_whole, make_durable, open_append, read_whole, replace_whole
from harness_cli.audit.note import Checkpoint, NoteError, parse_checkpoint
from harness_cli.core.canonical import canonical
from harness_cli.core.clock import parse_rfc3339, rfc3339

CURRENT = "checkpoint"
LOG = "checkpoints.log"
LONGEST_LINE = 32 * 1024


@dataclass(frozen=True, slots=True)
class LoggedCheckpoint:
    """One line of the log."""

    at: datetime
    checkpoint: Checkpoint


def log_line(checkpoint: Checkpoint, at: datetime) -> bytes:
    """The line of the log for a checkpoint."""
    return canonical({"v": 1, "at": rfc3339(at), "checkpoint": str(checkpoint)}) + b"\n"


def parse_log_line(line: bytes) -> LoggedCheckpoint:
    """A line of the log in its one form. Raises NoteError."""
    try:
        found = json.loads(line)
        logged = LoggedCheckpoint(parse_rfc3339(found["at"]), parse_checkpoint(found["checkpoint"].encode()))
    except NoteError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
        raise NoteError(f"not a line of the checkpoint log ({type(err).__name__})") from err
    if log_line(logged.checkpoint, logged.at) != line:
        raise NoteError("a log line that is not in its one form")
    return logged


def current(folder: Path) -> Checkpoint | None:
    """The current checkpoint; None where there is none. Raises NoteError, OSError."""
    try:
        return parse_checkpoint(read_whole(folder / CURRENT))
    except FileNotFoundError:
        return None


def keep(folder: Path, checkpoint: Checkpoint, at: datetime) -> None:
    """Log a checkpoint, then make it the current one; durable. Raises OSError."""
    descriptor = open_append(folder / LOG)
    try:
        append_whole(descriptor, log_line(checkpoint, at))
        make_durable(descriptor)
    finally:
        os.close(descriptor)
    replace_whole(folder / CURRENT, str(checkpoint).encode(), durable=True)
