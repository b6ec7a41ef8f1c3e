"""Durations as the configuration writes them: a whole number and s, m, h or d."""

import re
from datetime import timedelta
from typing import Final

_FORM = re.compile(r"([1-9][0-9]{0,5})([smhd])", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_EPHEMERAL: Final = "ephemeral-"


def parse_duration(text: str) -> timedelta:
    """The length of `15m`. Raises ValueError."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!a} is not a duration such as 15m")
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def parse_rotation(text: str) -> timedelta:
    """The length of `ephemeral-15m`. Raises ValueError."""
    return parse_duration(text.removeprefix(_EPHEMERAL))


def spell(length: timedelta) -> str:
    """A duration in its largest whole unit, as the configuration would write it."""
    seconds = int(length.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s"
