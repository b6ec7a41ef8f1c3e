"""What is no line of ours: the one canonical form, integers only, nothing that cannot be said in UTF-8."""

import json

import pytest

from harness_cli.audit.strict_json import NotStrictError, strict_object
from harness_cli.core.limits import EVENT_BYTES


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a":1}', "not ended by a line feed"),
        (b'{"a":"' + b"x" * EVENT_BYTES + b'"}\n', "longer than an event may be"),
        (b'{"a":1.5}\n', "a number outside the domain"),
        (b'{"a":1e3}\n', "a number outside the domain"),
        (b'{"a":NaN}\n', "a number outside the domain"),
        (b'{"a":-Infinity}\n', "a number outside the domain"),
        (b'{"a":9007199254740992}\n', "a number outside the domain"),
        (b'{"a":-9007199254740992}\n', "a number outside the domain"),
        (b'{"a":' + b"9" * 5000 + b"}\n", "a number outside the domain"),
        (b'{"b":1,"a":2}\n', "not in canonical form"),
        (b'{"a":1,"a":1}\n', "not in canonical form"),
        (b'{"a": 1}\n', "not in canonical form"),
        (b"[1]\n", "not in canonical form"),
        (b'{"a":"\xc3\xa9"}\n', "not JSON"),
        (b'{"a":\n', "not JSON"),
        (b'{"a":' + b"[" * 60_000 + b"}\n", "not JSON"),
        (b'{"a":"\\ud800"}\n', "a lone surrogate"),
        (b'{"a":["x",["\\udfff"]]}\n', "a lone surrogate"),
        (b'{"a":{"b":{"\\ud800":1}}}\n', "a lone surrogate"),
        (b'{"a":[{"b":"\\ud800"}]}\n', "a lone surrogate"),
    ],
)
def test_what_is_no_line_of_ours_is_refused(line, reason):
    with pytest.raises(NotStrictError, match=reason):
        strict_object(line)


@pytest.mark.parametrize(
    "document",
    [{}, {"a": [1, -(2**53) + 1, None, True, {"b": "x"}]}, {"a": "\U0001f600 and \\ud800", "b": ["\U0001f600", 1]}],
)
def test_a_canonical_line_is_its_object(document):
    line = json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    assert strict_object(line) == document
