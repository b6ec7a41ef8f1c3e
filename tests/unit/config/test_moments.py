from datetime import UTC, datetime

import pytest

from harness_cli.config.moments import read_moment


@pytest.mark.parametrize(
    ("text", "is_end", "moment"),
    [
        ("2026-12-20", False, datetime(2026, 12, 20, tzinfo=UTC)),
        ("2026-12-20", True, datetime(2026, 12, 20, 23, 59, 59, 999999, UTC)),
        ("2026-12-20T18:00:00Z", True, datetime(2026, 12, 20, 18, tzinfo=UTC)),
        ("2026-12-20T18:00+01:00", False, datetime(2026, 12, 20, 17, tzinfo=UTC)),
        ("2026-02-30", False, None),
        ("2026-12-20T18:00", False, None),
        ("", False, None),
    ],
)
def test_days_and_moments(text, is_end, moment):
    assert read_moment(text, is_end=is_end) == moment
