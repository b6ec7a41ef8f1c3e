from datetime import UTC, datetime

import pytest

from harness_cli.config.model import Window
from harness_cli.policy.windows import DAYS, WindowRefusedError, compile_window

WORK = Window(("mon", "fri"), "08:00", "18:30", "Europe/Berlin")


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (at(11, 23, 7), True),  # a Monday, 08:00 in Berlin
        (at(11, 23, 6, 59), False),
        (at(11, 23, 17, 29), True),
        (at(11, 23, 17, 30), False),  # the end is outside
        (at(11, 24, 12), False),  # a Tuesday
        (at(7, 6, 6), True),  # summer time
        (at(7, 6, 5, 59), False),
        (at(7, 10, 16, 29), True),
    ],
)
def test_a_window_is_open_by_the_clock_of_its_zone(time: datetime, *, expected: bool) -> None:
    assert compile_window(WORK).is_open(time) is expected


def test_the_day_is_the_local_one() -> None:
    window = compile_window(Window(("tue",), "00:00", "24:00", "Pacific/Auckland"))
    assert window.is_open(at(11, 23, 12))  # already Tuesday there
    assert window.is_open(at(11, 24, 10, 59))
    assert not window.is_open(at(11, 24, 11))


def test_each_day_has_its_name() -> None:
    for number, name in enumerate(DAYS):
        window = compile_window(Window((name,), "00:00", "24:00", "UTC"))
        assert [window.is_open(at(11, 23 + day, 12)) for day in range(7)] == [day == number for day in range(7)]


def test_a_window_reads_as_it_is_written() -> None:
    assert compile_window(WORK).text == "mon/fri 08:00-18:30 Europe/Berlin"


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window((), "08:00", "18:00", "UTC"), "days are mon"),
        (Window(("monday",), "08:00", "18:00", "UTC"), "days are mon"),
        (Window(("mon",), "8:00", "18:00", "UTC"), "not a time of day"),
        (Window(("mon",), "1350", "18:00", "UTC"), "not a time of day"),
        (Window(("mon",), "08:00", "24:01", "UTC"), "not a time of day"),
        (Window(("mon",), "08:00", "25:00", "UTC"), "not a time of day"),
        (Window(("mon",), "08:60", "18:00", "UTC"), "not a time of day"),
        (Window(("mon",), "08:00\n", "18:00", "UTC"), "not a time of day"),
        (Window(("mon",), "18:00", "08:00", "UTC"), "ends before it starts"),
        (Window(("mon",), "08:00", "08:00", "UTC"), "ends before it starts"),
        (Window(("mon",), "08:00", "18:00", "Mars/Olympus"), "not a time zone"),
        (Window(("mon",), "08:00", "18:00", "../etc/passwd"), "not a time zone"),
        (Window(("mon",), "08:00", "18:00", "Europe"), "not a time zone"),
        (Window(("mon",), "08:00", "18:00", ""), "not a time zone"),
    ],
)
def test_a_window_that_cannot_be_understood_is_refused(window: Window, words: str) -> None:
    with pytest.raises(WindowRefusedError, match=words):
        compile_window(window)
