import itertools

import pytest

from harness_cli.core.exits import PRECEDENCE, ExitCode, first_of


def test_the_first_of_the_list_wins():
    for left, right in itertools.combinations(PRECEDENCE, 2):
        assert first_of([right, ExitCode.OK, left]) is left


@pytest.mark.parametrize("codes", [[], [ExitCode.OK], [ExitCode.OK, ExitCode.OK]])
def test_nothing_wrong_is_ok(codes):
    assert first_of(codes) is ExitCode.OK


def test_codes_outside_the_list_still_show():
    assert first_of([ExitCode.OK, ExitCode.NOT_FOUND]) is ExitCode.NOT_FOUND


def test_published_numbers_do_not_move():
    assert {code.name: int(code) for code in ExitCode} == {
        "OK": 0, "INTERNAL": 1, "USAGE": 2, "CONFIG": 3, "IDENTITY": 4, "INCOMPLETE": 5, "DENIED": 6,
        "APPROVAL_REFUSED": 7, "APPROVAL_PENDING": 8, "AUDIT": 9, "FINDINGS": 10, "UNVERIFIABLE": 11,
        "NOT_FOUND": 12, "INTERRUPTED": 130, "TERMINATED": 143,
    }  # fmt: skip
