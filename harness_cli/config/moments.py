"""Days and moments as configurations write them."""

from datetime import UTC, date, datetime, time


def read_moment(text: str, *, is_end: bool = False) -> datetime | None:
    """`2026-12-20` or `2026-12-20T18:00:00Z` as an aware time; a day ends with its last moment; None for neither."""
    try:
        if "T" not in text:
            return datetime.combine(date.fromisoformat(text), time.max if is_end else time.min, UTC)
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None
