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
