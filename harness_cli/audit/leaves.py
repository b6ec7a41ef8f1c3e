"""Leaves of the ledger: one canonical line each, the index of the folder. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from harness_cli.core.canonical import Json, canonical
from harness_cli.core.clock import rfc3339
from harness_cli.core.ids import TRACE_ID, TraceId

VERSION = 1
HEX64 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class LeafKind(StrEnum):
    """What a leaf says about its trace."""

    OPEN = "open"
    HEAD = "head"
    PAUSE = "pause"
    SEAL = "seal"
    RECOVERED = "recovered"


CLOSING = frozenset({LeafKind.SEAL, LeafKind.RECOVERED})


class LeafError(ValueError):
    """A line of the ledger that is no leaf."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf, understood; `rest` is the whole object."""

    kind: LeafKind
    trace: TraceId
    lines: int
    head: str
    rest: Mapping[str, Any]  # Any: JSON, looked at field by field


def leaf_line(
    kind: LeafKind, trace: TraceId, lines: int, head: str, at: datetime, more: Mapping[str, Json] | None = None
) -> bytes:
    """The line of one leaf, line feed included."""
    document: dict[str, Json] = {
        "v": VERSION,
        "k": kind.value,
        "t": trace,
        "n": lines,
        "head": head,
        "at": rfc3339(at),
        **(more or {}),
    }
    return canonical(document) + b"\n"


def parse_leaf(line: bytes) -> Leaf:
    """A leaf from its line. Raises LeafError for anything that we do not write."""
    try:
        document = json.loads(line)
        leaf = Leaf(LeafKind(document["k"]), TraceId(document["t"]), document["n"], document["head"], document)
        sound = (
            canonical(document) + b"\n" == line
            and document["v"] == VERSION
            and bool(TRACE_ID.fullmatch(leaf.trace))
            and type(leaf.lines) is int
            and leaf.lines > 0
            and bool(HEX64.fullmatch(leaf.head))
        )
    except (ValueError, KeyError, TypeError, RecursionError) as err:
        raise LeafError(f"not a leaf ({type(err).__name__})") from err
    if not sound:
        raise LeafError("a leaf outside its one form")
    return leaf


def next_state(live: dict[TraceId, str], kind: LeafKind, trace: TraceId) -> None:
    """What is known of a trace after a leaf: `open`, `paused`, or gone from the list of those that live."""
    if kind in {LeafKind.OPEN, LeafKind.HEAD}:
        live[trace] = "open"
    elif kind is LeafKind.PAUSE:
        live[trace] = "paused"
    else:
        live.pop(trace, None)


def split_lines(content: bytes) -> Sequence[bytes]:
    """The lines of a file with their line feeds; the last may lack one. Only LF ends a line."""
    lines = [line + b"\n" for line in content.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
