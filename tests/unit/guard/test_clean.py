"""What `clean` promises: nothing left that a terminal obeys, nothing lost in silence."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_cli.core.untrusted import Untrusted
from harness_cli.guard.clean import ELLIPSIS, LONGEST_RUN_OF_MARKS, clean, is_clean

ANY_TEXT = st.text(st.characters(exclude_categories=()))
VISIBLE_FORMATS = {chr(c) for c in (*range(0x600, 0x606), 0x6DD, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)}  # drawn signs


def is_hostile(character: str) -> bool:
    category = unicodedata.category(character)
    return category in {"Cc", "Cs", "Co", "Zl", "Zp"} or (category == "Cf" and character not in VISIBLE_FORMATS)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "\\e[31mred"),
        ("\x9b31m", "\\u{9b}31m"),
        ("a\x7fb", "a\\u{7f}b"),
        ("a\rb", "a\\rb"),
        ("a\nb", "a\\nb"),
        ("a\tb", "a\\tb"),
        ("\u202eexe.txt", "\\u{202e}exe.txt"),
        ("\u2066x\u2069", "\\u{2066}x\\u{2069}"),
        ("ad\u200bmin", "ad\\u{200b}min"),
        ("a\u2028b", "a\\u{2028}b"),
        ("a\ufe0f", "a\\u{fe0f}"),
        ("\U000e0041", "\\u{e0041}"),
        ("\U000e0100", "\\u{e0100}"),
        ("\ud800", "\\u{d800}"),
        ("\ufeffx", "\\u{feff}x"),
        ("\u3164", "\\u{3164}"),
        ("\x00", "\\u{0}"),
    ],
)
def test_what_a_terminal_obeys_is_shown_as_an_escape(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


@pytest.mark.parametrize("plain", ["", "plain text", "[bold]not markup[/]", "naïve café", "日本語", "שלום", "e\u0301"])
def test_ordinary_text_is_left_as_it_is(plain: str) -> None:
    assert clean(plain) == plain
    assert is_clean(plain)


def test_every_format_control_of_unicode_is_hostile() -> None:
    assert [hex(c) for c in range(0x110000) if is_hostile(chr(c)) and clean(chr(c)) == chr(c)] == []


def test_a_tower_of_marks_keeps_a_few_and_shows_the_rest() -> None:
    cleaned = clean("o" + "\u0300" * 100)
    assert cleaned.count("\u0300") == LONGEST_RUN_OF_MARKS
    assert cleaned.count("\\u{300}") == 100 - LONGEST_RUN_OF_MARKS


def test_untrusted_text_is_opened() -> None:
    assert clean(Untrusted("a\x1bb")) == "a\\eb"


@given(ANY_TEXT)
def test_nothing_hostile_is_left(text: str) -> None:
    assert not any(is_hostile(character) for character in clean(text))


@given(ANY_TEXT, st.one_of(st.none(), st.integers(1, 30)))
def test_cleaning_twice_changes_nothing(text: str, width: int | None) -> None:
    once = clean(text, width=width)
    assert clean(once, width=width) == once


@given(ANY_TEXT, st.integers(1, 5))
def test_lines_are_capped_and_hold_nothing_hostile(text: str, lines: int) -> None:
    cleaned = clean(text, lines=lines, width=20).split("\n")
    assert len(cleaned) <= lines + 1
    assert not any(is_hostile(character) for line in cleaned for character in line)


@given(ANY_TEXT, st.integers(0, 30))
def test_no_line_is_wider_than_allowed(text: str, width: int) -> None:
    cleaned = clean(text, width=width)
    columns = sum(
        0 if unicodedata.category(c) in {"Mn", "Me"} else 2 if unicodedata.east_asian_width(c) in "FW" else 1
        for c in cleaned
    )
    assert columns <= width


def test_a_cut_is_marked_by_an_ellipsis() -> None:
    assert clean("abcdef", width=4) == "abc" + ELLIPSIS
    assert clean("abcd", width=4) == "abcd"
    assert clean("日本語日本語", width=6) == "日本" + ELLIPSIS
    assert clean("a\nb\nc", lines=2) == "a\nb\n" + ELLIPSIS


def test_line_feeds_stay_only_where_lines_are_asked_for() -> None:
    assert clean("a\r\nb", lines=2) == "a\nb"
    assert clean("a\r\nb") == "a\\r\\nb"
