from datetime import UTC, datetime

import pytest
from requests.structures import CaseInsensitiveDict

from harness_cli.transport.pacing import LONGEST_SECONDS, is_throttled, pause_of

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "Tue, 24 Nov 2026 12:01:00 GMT"}, 60.0),
        ({"Retry-After": "Tue, 24 Nov 2026 11:59:00 GMT"}, 0.0),
        ({"Retry-After": "99999999999999"}, LONGEST_SECONDS),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(AT + 30)}, 31.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(AT - 30)}, 0.0),
    ],
)
def test_the_pause_is_what_the_answer_asks_for(headers: dict[str, str], seconds: float) -> None:
    pause = pause_of(0, CaseInsensitiveDict(headers), NOW)
    assert (pause.seconds, pause.asked) == (seconds, True)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "soon"},
        {"Retry-After": "-5"},
        {"Retry-After": "１２"},
        {"X-RateLimit-Reset": str(AT + 30)},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "tomorrow"},
    ],
)
def test_without_a_time_the_pause_doubles(headers: dict[str, str]) -> None:
    pauses = [pause_of(attempt, CaseInsensitiveDict(headers), NOW) for attempt in range(3)]
    assert [pause.seconds for pause in pauses] == [0.25, 0.5, 1.0]
    assert not any(pause.asked for pause in pauses)


@pytest.mark.parametrize(
    ("status", "headers", "throttled"),
    [
        (429, {}, True),
        (403, {"Retry-After": "1"}, True),
        (403, {"X-RateLimit-Remaining": "0"}, True),
        (403, {"X-RateLimit-Remaining": "12"}, False),
        (403, {}, False),
        (500, {"Retry-After": "1"}, False),
    ],
)
def test_throttling_is_told_from_refusal(status: int, headers: dict[str, str], throttled: bool) -> None:
    assert is_throttled(status, CaseInsensitiveDict(headers)) is throttled
