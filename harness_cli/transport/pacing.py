"""When a request may be sent again: a few times, for reads only, never waiting beyond the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

AGAIN: Final = frozenset({429, 500, 502, 503, 504})
FIRST_PAUSE: Final = 0.25
LONGEST_SECONDS: Final = 86_400 * 7


@dataclass(frozen=True, slots=True)
class Pause:
    """How long to wait before the next attempt, and when that is; `asked` where the other side named the time."""

    seconds: float
    until: datetime
    asked: bool


def is_throttled(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer is about how much was asked, not about what."""
    if status == 429:
        return True
    return status == 403 and ("Retry-After" in headers or headers.get("X-RateLimit-Remaining") == "0")


def pause_of(attempt: int, headers: Mapping[str, str], now: datetime) -> Pause:
    """The pause before attempt `attempt + 1`: what the answer asks for, else a doubling one."""
    seconds = _asked(headers, now)
    asked = seconds is not None
    waited = min(max(seconds, 0.0), LONGEST_SECONDS) if seconds is not None else FIRST_PAUSE * 2**attempt
    return Pause(waited, now + timedelta(seconds=waited), asked)


def _asked(headers: Mapping[str, str], now: datetime) -> float | None:
    after = headers.get("Retry-After", "").strip()
    if after.isascii() and after.isdigit():
        return float(after[:9])
    if after:
        try:
            return (_aware(parsedate_to_datetime(after)) - now).total_seconds()
        except ValueError:
            return None
    reset = headers.get("X-RateLimit-Reset", "").strip()
    if headers.get("X-RateLimit-Remaining") == "0" and reset.isascii() and reset.isdigit():
        return float(reset[:12]) - now.timestamp() + 1.0
    return None


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
