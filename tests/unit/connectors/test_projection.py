import pytest

from harness_cli.connectors.projection import projected
from harness_cli.core.errors import ConnectorError
from harness_cli.core.untrusted import Untrusted
from harness_cli.policy.catalogue.shapes import FLAG, NUMBER, label, listed, nullable, record, text

SHAPE = record({"id": NUMBER, "name": label()}, {"body": nullable(text()), "tags": listed(label()), "draft": FLAG})


def test_what_is_not_named_is_dropped() -> None:
    raw = {"id": 1, "name": "x", "e-mail": "li@acme.example", "tags": ["a"], "draft": False}
    assert projected(SHAPE, raw) == {"id": 1, "name": "x", "tags": ["a"], "draft": False}


def test_free_text_goes_into_its_box() -> None:
    found = projected(SHAPE, {"id": 1, "name": "x", "body": "hello"})
    assert found["body"] == Untrusted("hello")
    assert projected(SHAPE, {"id": 1, "name": "x", "body": None})["body"] is None


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        ({"id": 1}, "/name"),
        ({"id": "1", "name": "x"}, "/id"),
        ({"id": True, "name": "x"}, "/id"),
        ({"id": 1, "name": None}, "/name"),
        ({"id": 1, "name": "x", "draft": 1}, "/draft"),
        ({"id": 1, "name": "x", "tags": [["y"]]}, "/tags/0"),
        ({"id": 1, "name": "x", "tags": {}}, "/tags"),
        ([], "its top"),
        (None, "its top"),
    ],
)
def test_another_shape_is_an_error_that_says_where(raw: object, pointer: str) -> None:
    with pytest.raises(ConnectorError, match=f"at {pointer}$") as caught:
        projected(SHAPE, raw)
    assert caught.value.code == "C107"


def test_an_enumerated_word_is_one_of_the_list() -> None:
    assert projected({"enum": ["a", "b"]}, "a") == "a"
    with pytest.raises(ConnectorError):
        projected({"enum": ["a", "b"]}, "c")
