from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from harness_cli.core.ids import TRACE_ID, new_request_id, new_span_id, new_trace_id, time_of

TIMES = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(TIMES, st.binary(min_size=10, max_size=10))
def test_a_trace_id_is_a_uuid7_that_knows_its_millisecond(at, noise):
    trace = new_trace_id(at, lambda n: noise[:n])
    assert TRACE_ID.fullmatch(trace)
    assert time_of(trace) == at.replace(microsecond=at.microsecond // 1000 * 1000)


@given(TIMES, TIMES)
def test_ids_sort_by_time(first, second):
    low, high = sorted((first, second))
    assert new_trace_id(low)[:13] <= new_request_id(high)[:13]


def test_span_ids_are_sixteen_hex_digits():
    assert len(new_span_id()) == 16
    assert int(new_span_id(), 16) >= 0
