from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_cli.policy.glob import Glob

WORDS = [""] + ["".join(word) for size in range(1, 6) for word in product("abc", repeat=size)]
PATTERNS = st.text("ab*", max_size=5).filter(lambda text: "**" not in text)
SHORT = st.text("ab*", max_size=4).filter(lambda text: "**" not in text)


def reference(pattern: str, text: str) -> bool:
    """The textbook definition: a star is any text, a literal itself."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(reference(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return text[:1] == pattern[0] and reference(pattern[1:], text[1:])


@settings(max_examples=150, deadline=None)
@given(PATTERNS)
def test_matching_is_the_textbook_definition(pattern: str) -> None:
    glob = Glob.parse(pattern)
    assert [word for word in WORDS if glob.matches(word)] == [word for word in WORDS if reference(pattern, word)]


@settings(max_examples=300, deadline=None)
@given(SHORT, SHORT)
def test_inclusion_is_the_inclusion_of_the_words(wide: str, narrow: str) -> None:
    # words over a, b, c and patterns over a, b: c is the symbol that a pattern lacks
    one, other = Glob.parse(wide), Glob.parse(narrow)
    assert one.includes(other) == all(one.matches(word) for word in WORDS if other.matches(word))


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("*", "*", True),
        ("*", "", True),
        ("", "*", False),
        ("a*", "a", True),
        ("a", "a*", False),
        ("a*", "ab*", True),
        ("ab*", "a*", False),
        ("*a*", "a*b", True),
        ("a*b", "*a*", False),
        ("a*a", "a", False),
        ("*ab*", "a*b", False),
        ("a*b*c", "a*b*b*c", True),
        ("a*b*b*c", "a*b*c", False),
    ],
)
def test_inclusion_of_known_pairs(wide: str, narrow: str, *, expected: bool) -> None:
    assert Glob.parse(wide).includes(Glob.parse(narrow)) is expected


def test_a_glob_knows_its_text_and_length() -> None:
    glob = Glob.parse("a*bc*")
    assert (glob.text, glob.literal_length, glob.is_literal) == ("a*bc*", 3, False)
    assert Glob.parse("abc").is_literal


def test_many_stars_stay_linear() -> None:
    assert not Glob.parse("a*" * 40 + "b").matches("a" * 5000)
