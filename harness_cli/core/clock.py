"""Time: UTC, aware, RFC 3339 with milliseconds and Z; read only through a Clock that is handed in."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The only source of time; tests hand in a fixed one."""

    def now(self) -> datetime:
        """The time of day, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; their zero means nothing."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(slots=True)
class FixedClock:
    """A clock that moves only when told to (tests, replays)."""

    at: datetime
    ticks: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def advance(self, seconds: float) -> None:
        """Move both clocks forward (or the time of day back, for attacks)."""
        self.at += timedelta(seconds=seconds)
        self.ticks += max(seconds, 0.0)


def rfc3339(at: datetime) -> str:
    """`2026-11-22T09:30:00.123Z`. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("naive time")
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> datetime:
    """An aware UTC time from RFC 3339 text (offsets and missing fractions allowed).

    Raises: ValueError where the text has no offset or is no time.
    """
    fixed = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text)  # Jira writes +0000
    at = datetime.fromisoformat(fixed)
    if at.tzinfo is None:
        raise ValueError(f"time without an offset: {text!r}")
    return at.astimezone(UTC)


_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)", re.ASCII)
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(text: str) -> timedelta:
    """`90s`, `15m`, `4h`, `2d`. Raises ValueError for anything else."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"not a duration: {text!r} (write 90s, 15m, 4h or 2d)")
    return timedelta(seconds=int(found[1]) * _UNIT_SECONDS[found[2]])
