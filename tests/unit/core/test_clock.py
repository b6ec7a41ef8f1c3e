from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_cli.core.clock import FixedClock, SystemClock, parse_duration, parse_rfc3339, rfc3339

AT = datetime(2026, 11, 22, 9, 30, 0, 123_456, tzinfo=UTC)


def test_times_are_written_in_utc_with_milliseconds():
    assert rfc3339(AT) == "2026-11-22T09:30:00.123Z"
    assert rfc3339(AT.astimezone(timezone(timedelta(hours=5)))) == "2026-11-22T09:30:00.123Z"


def test_naive_times_are_refused():
    with pytest.raises(ValueError, match="naive"):
        rfc3339(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="without an offset"):
        parse_rfc3339("2026-11-22T09:30:00")


@pytest.mark.parametrize(
    "text", ["2026-11-22T10:30:00.123+0100", "2026-11-22T09:30:00.123Z", "2026-11-22T10:30:00.123+01:00"]
)
def test_offsets_of_vendors_are_read(text):
    assert parse_rfc3339(text) == AT.replace(microsecond=123_000)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_written_times_read_back_to_the_millisecond(at):
    assert parse_rfc3339(rfc3339(at)) == at.replace(microsecond=at.microsecond // 1000 * 1000)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("4h", 14_400), ("2d", 172_800)])
def test_durations(text, seconds):
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5M", "1h30m", "٥m", "9999999s"])
def test_other_durations_are_refused(text):
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


def test_a_fixed_clock_moves_only_when_told():
    clock = FixedClock(AT)
    clock.advance(1.5)
    assert (clock.now() - AT, clock.monotonic()) == (timedelta(seconds=1.5), 1.5)
    clock.advance(-10)
    assert (clock.now() - AT, clock.monotonic()) == (timedelta(seconds=-8.5), 1.5)


def test_the_system_clock_is_aware_and_never_runs_backwards():
    clock = SystemClock()
    first, second = clock.monotonic(), clock.monotonic()
    assert clock.now().tzinfo is UTC
    assert second >= first
