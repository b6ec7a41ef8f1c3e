import itertools

import pytest

from harness_cli.core.exits import PRECEDENCE, ExitCode, first_of


def test_the_first_of_the_list_wins():
    for left, right in itertools.combinations(PRECEDENCE, 2):
        assert first_of([right, ExitCode.OK, left]) is left


def test_the_order_is_the_published_one():
    assert [int(code) for code in PRECEDENCE] == [9, 1, 3, 4, 6, 7, 8, 5, 10]


@pytest.mark.parametrize(
    ("codes", "wins"),
    [
        ((10, 5), 5),
        ((5, 4), 4),
        ((5, 6), 6),
        ((5, 8), 8),
        ((8, 7), 7),
        ((7, 6), 6),
        ((6, 4), 4),
        ((4, 3), 3),
        ((3, 1), 1),
        ((1, 9), 9),
        ((10, 5, 8, 7, 6, 4, 3, 1, 9), 9),
        ((0, 10), 10),
    ],
)
def test_of_several_codes_the_published_one_wins(codes, wins):
    assert first_of(ExitCode(code) for code in codes) == wins


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
