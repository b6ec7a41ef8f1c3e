"""Time windows of a gate: days, a start, an exclusive end, a named zone. The time is an argument."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from harness_cli.config.model import Window

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)


class WindowRefusedError(ValueError):
    """A window names no day, no time, an unknown zone, or ends before it starts."""


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """One window, ready to be asked; minutes count from local midnight."""

    days: frozenset[int]
    start: int
    end: int
    zone: ZoneInfo
    text: str

    def is_open(self, at: datetime) -> bool:
        """Whether the aware time `at` lies inside."""
        local = at.astimezone(self.zone)
        return local.weekday() in self.days and self.start <= local.hour * 60 + local.minute < self.end


def compile_window(window: Window) -> OpenWindow:
    """The window in its ready form. Raises WindowRefusedError."""
    text = f"{'/'.join(window.days)} {window.start}-{window.end} {window.tz}"
    unknown = set(window.days) - set(DAYS)
    if unknown or not window.days:
        raise WindowRefusedError(f"days are {', '.join(DAYS)}")
    start, end = _minutes(window.start), _minutes(window.end)
    if not start < end:
        raise WindowRefusedError(f"window `{text}` ends before it starts")
    return OpenWindow(frozenset(map(DAYS.index, window.days)), start, end, _zone(window.tz), text)


def _minutes(text: str) -> int:
    match = _CLOCK.fullmatch(text)
    if match is None or (match[1] == "24" and match[2] != "00"):
        raise WindowRefusedError(f"`{text}` is not a time of day (HH:MM)")
    return int(match[1]) * 60 + int(match[2])


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as err:  # malformed, a folder, unknown
        raise WindowRefusedError(f"`{name}` is not a time zone") from err
