"""The digest of an answer is one of its facts, whoever asked and whenever."""

import hashlib

import pytest

from harness_cli.core.untrusted import Untrusted
from tests.simulators.connectors import reply


def test_the_digest_is_the_one_that_an_auditor_computes_from_the_facts():
    answer = reply({"b": [1, None, True], "a": Untrusted("é\ud800")})
    assert answer.sha256 == hashlib.sha256(b'{"a":"\\u00e9\\ud800","b":[1,null,true]}').hexdigest()


def test_what_came_on_the_wire_does_not_count():
    assert reply({"a": 1}, size=10, requests=1).sha256 == reply({"a": 1}, size=99, requests=3).sha256
    assert reply({"a": 1}).sha256 != reply({"a": 2}).sha256


def test_a_fact_that_is_no_json_has_no_digest():
    with pytest.raises(TypeError, match="a fact of type bytes"):
        _ = reply({"a": b"x"}).sha256
