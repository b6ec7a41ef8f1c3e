import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from harness_cli.core.canonical import MAX_INTEGER, NotCanonicalError, canonical, digest, sha256_hex

ASCII = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | ASCII,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ASCII, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_canonical_form_equals_rfc8785_for_ascii(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_canonical_form_reads_back(value):
    assert json.loads(canonical(value)) == value


def test_order_of_keys_does_not_change_the_bytes():
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1}) == b'{"a":2,"b":1}'


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53, -(2**53), "\ud800", {"\udfff": 1}, {1: 2}, b"x", [object()], {"a": {1, 2}}]
)
def test_what_has_no_one_form_is_refused(value):
    with pytest.raises(NotCanonicalError):
        canonical(value)


def test_digest_names_its_algorithm():
    assert digest([]) == "sha256:" + sha256_hex(b"[]")


# RFC 8785 §3.2: its examples as far as they lie in our domain (ASCII, whole numbers)
RFC_8785 = [
    ({"literals": [None, True, False]}, b'{"literals":[null,true,false]}'),
    ({"string": '$\x0f\nA\'B"\\\\"/'}, rb"""{"string":"$\u000f\nA'B\"\\\\\"/"}"""),
    ({"1": "One", "\r": "Carriage Return"}, rb'{"\r":"Carriage Return","1":"One"}'),
    ({"b": {"z": 0, "a": []}, "B": {}, "_": -1}, b'{"B":{},"_":-1,"b":{"a":[],"z":0}}'),
    ("\b\t\n\f\r\x00\x1f", b'"\\b\\t\\n\\f\\r\\u0000\\u001f"'),
    (9007199254740991, b"9007199254740991"),
]


@pytest.mark.parametrize(("value", "expected"), RFC_8785)
def test_the_examples_of_rfc8785(value, expected):
    assert canonical(value) == expected == rfc8785.dumps(value)


@pytest.mark.parametrize("number", [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27, -0.0, 9007199254740992])
def test_the_numbers_of_rfc8785_that_are_not_whole_or_too_large_are_outside(number):
    with pytest.raises(NotCanonicalError):
        canonical({"numbers": [number]})


def test_del_is_the_one_ascii_character_that_is_written_another_way():
    other = [chr(code) for code in range(128) if canonical(chr(code)) != rfc8785.dumps(chr(code))]
    assert other == ["\x7f"]
    assert canonical("\x7f") == b'"\\u007f"'
