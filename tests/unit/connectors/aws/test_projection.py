from datetime import UTC, datetime
from typing import Any

import pytest

from harness_cli.connectors.aws.projection import MALFORMED, count, joined, owners, project
from harness_cli.policy.catalogue.aws_shape import ShapeError, parse_shape, result_schema
from harness_cli.runtime.shapes import problem_of

ACCOUNT = "111122223333"


@pytest.mark.parametrize(
    ("shape", "raw", "kept"),
    [
        ("A", {"A": 1, "B": 2}, {"A": 1}),
        ("A{B}", {"A": {"B": "x", "UserData": "secret"}}, {"A": {"B": "x"}}),
        ("A[B]", {"A": [{"B": 1, "C": 2}, {}]}, {"A": [{"B": 1}, {}]}),
        ("A[]", {"A": ["x", {"y": 1}]}, {"A": ["x"]}),
        ("V#", {"V": {"TOKEN": "hush", "A": "b"}}, {"V": ["A", "TOKEN"]}),
        ("P*", {"P": '{"Statement": []}'}, {"P": {"Statement": []}}),
        ("P*", {"P": "not a document"}, {"P": MALFORMED}),
        ("P*", {"P": "[" * 100_000}, {"P": MALFORMED}),
        ("T", {"T": datetime(2026, 1, 2, tzinfo=UTC)}, {"T": "2026-01-02T00:00:00.000Z"}),
        ("A", {"A": {"not": "a scalar"}}, {}),
        ("A", [], {}),
        ("A[O! N]", {"A": [{"O": ACCOUNT, "N": 1}, {"O": "amazon", "N": 2}]}, {"A": [{"O": ACCOUNT, "N": 1}]}),
    ],
)
def test_only_what_a_shape_names_comes_through(shape: str, raw: Any, kept: Any) -> None:
    assert project(raw, parse_shape(shape), ACCOUNT) == kept
    assert problem_of(f"test:{shape}", "result", result_schema(parse_shape(shape)), kept) == ""


def test_owners_are_found_wherever_they_stand() -> None:
    shape = parse_shape("A@ L[B@ C{D@}]")
    assert list(owners({"A": "1", "L": [{"B": "2", "C": {"D": "3"}}]}, shape)) == ["1", "2", "3"]


def test_pages_follow_each_other() -> None:
    whole = joined([{"A": [1], "N": "x"}, {"A": [2, 3], "N": "y"}])
    assert whole == {"A": [1, 2, 3], "N": "x"}
    assert count(whole) == 3
    assert count({"Policy": {}}) == 1


@pytest.mark.parametrize("text", ["A[", "A]", "A[B}", "A{B", "A b!!", "1A"])
def test_a_shape_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ShapeError):
        parse_shape(text)
