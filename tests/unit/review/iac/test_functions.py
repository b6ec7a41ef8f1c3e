"""Terraform's functions: their value where the code alone tells it, Unknown where it does not, or grows too large."""

import pytest

from harness_cli.review.iac.bounds import LARGEST_NUMBER, MOST_PARTS, MOST_TEXT, Room, joined, size_of
from harness_cli.review.iac.functions import call
from harness_cli.review.iac.model import Partial, Unknown

LONG = "x" * (MOST_TEXT // 2)
MANY = tuple(range(MOST_PARTS // 2))


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("alltrue", [(True, "true")], True),
        ("anytrue", [(False, "false")], False),
        ("cidrsubnet", ["10.0.0.0/8", 8, 3], "10.3.0.0/16"),
        ("coalesce", [None, "", "a"], "a"),
        ("coalescelist", [(), ("a",)], ("a",)),
        ("concat", [("a",), ("b",)], ("a", "b")),
        ("endswith", ["abc", "bc"], True),
        ("format", ["%s/%d: %v, 100%%", "10.0.0.0", 8, True], "10.0.0.0/8: true, 100%"),
        ("join", [",", ("a", "b"), ("c",)], "a,b,c"),
        ("max", [1, 3, 2], 3),
        ("min", [1, 3, 2], 1),
        ("range", [1, 7, 2], (1, 3, 5)),
        ("replace", ["a.b.c", ".", "-"], "a-b-c"),
        ("reverse", [("a", "b")], ("b", "a")),
        ("setunion", [("a", "b"), ("b", "c")], ("a", "b", "c")),
        ("slice", [("a", "b", "c"), 1, 2], ("b",)),
        ("split", [",", "a,b"], ("a", "b")),
        ("startswith", ["abc", "b"], False),
        ("trimprefix", ["abc", "a"], "bc"),
        ("trimsuffix", ["abc", "c"], "ab"),
        ("try", [None, "a"], "a"),
        ("zipmap", [("a", "b"), (1, 2)], {"a": 1, "b": 2}),
    ],
)
def test_a_call_has_the_value_that_terraform_gives_it(name, arguments, value):
    assert call(name, arguments, "source") == value


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("coalesce", []),
        ("file", ["x"]),
        ("format", ["%05d", 1]),
        ("format", ["%s"]),
        ("format", ["a", "b"]),
        ("join", [",", (Unknown("var.x"),)]),
        ("replace", ["abc", "/b/", ""]),
        ("slice", [("a",), 0, 2]),
        ("zipmap", [("a",), ()]),
        # what would grow without end
        ("cidrsubnet", ["10.0.0.0/8", 10**30, 1]),
        ("concat", [MANY, MANY, MANY]),
        ("format", ["%s%s%s", LONG, LONG, LONG]),
        ("join", [LONG, ("a", "b", "c", "d")]),
        ("range", [10**12]),
        ("replace", ["a" * 1000, "a", "b" * 1000]),
        ("toset", [MANY]),
    ],
)
def test_what_the_code_alone_does_not_tell_stays_unknown(name, arguments):
    assert call(name, arguments, "source") == Unknown("source")


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("abc", 4),
        (Partial("ab"), 3),
        (("a", {"k": "bc"}, 7, None), 9),
        (LONG, MOST_TEXT // 2 + 1),
        ((LONG, LONG, "x"), None),
        ((MANY, MANY), None),
        ({"a": MANY, "b": MANY}, None),
        (LARGEST_NUMBER, 1),
        ((-LARGEST_NUMBER - 1,), None),
    ],
)
def test_a_value_is_as_large_as_all_that_is_inside(value, size):
    assert size_of(value) == size


def test_what_is_shared_counts_as_often_as_it_is_looked_at():
    value = ("a", "b")
    for _ in range(60):
        value = (value, value)
    assert size_of(value) is None


def test_a_room_is_full_at_some_time():
    room = Room(left=10)
    assert [room.takes("abc"), room.takes("abc"), room.takes("abc"), room.takes("")] == [True, True, False, False]


def test_a_text_that_would_be_too_long_is_not_even_made():
    assert joined(",", ["a", "b"]) == "a,b"
    assert joined(LONG, ["a"] * 10**6) is None
