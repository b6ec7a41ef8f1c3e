"""The current checkpoint and the log of every one ever signed: one JSON line each, the note inside."""

import json
import os
from pathlib import Path

from harness_cli.audit.disk import append_whole, make_durable, open_append, read_whole, replace_whole
from harness_cli.audit.note import Checkpoint, NoteError, parse_checkpoint
from harness_cli.core.canonical import canonical

CURRENT = "checkpoint"
LOG = "checkpoints.log"
LONGEST_LINE = 32 * 1024


def log_line(checkpoint: Checkpoint) -> bytes:
    """The line of the log for a checkpoint."""
    return canonical({"v": 1, "checkpoint": str(checkpoint)}) + b"\n"


def parse_log_line(line: bytes) -> Checkpoint:
    """The checkpoint of a line of the log in its one form. Raises NoteError."""
    try:
        checkpoint = parse_checkpoint(json.loads(line)["checkpoint"].encode())
    except NoteError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
        raise NoteError(f"not a line of the checkpoint log ({type(err).__name__})") from err
    if log_line(checkpoint) != line:
        raise NoteError("a log line that is not in its one form")
    return checkpoint


def current(folder: Path) -> Checkpoint | None:
    """The current checkpoint; None where there is none. Raises NoteError, OSError."""
    try:
        return parse_checkpoint(read_whole(folder / CURRENT))
    except FileNotFoundError:
        return None


def keep(folder: Path, checkpoint: Checkpoint) -> None:
    """Log a checkpoint, then make it the current one; durable. Raises OSError."""
    descriptor = open_append(folder / LOG)
    try:
        append_whole(descriptor, log_line(checkpoint))
        make_durable(descriptor)
    finally:
        os.close(descriptor)
    replace_whole(folder / CURRENT, str(checkpoint).encode(), durable=True)
