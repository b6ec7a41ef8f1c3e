"""Each sink's encoder takes away what that sink obeys."""

import csv
import html
import io
import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_cli.core.untrusted import Untrusted
from harness_cli.guard import encode

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
ENCODERS = (
    encode.for_terminal,
    encode.for_slack,
    encode.for_markdown,
    encode.for_markdown_code,
    encode.for_html,
    encode.for_csv,
    encode.for_json,
    encode.for_sarif,
    encode.for_log,
)
CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
)


@pytest.mark.parametrize("encoder", ENCODERS)
@given(text=ANY_TEXT)
def test_no_encoder_lets_a_control_or_hidden_character_through(encoder: Callable[..., str], text: str) -> None:
    encoded = encoder(Untrusted(text))
    assert CONTROL.search(encoded) is None
    assert encoded == encoder(text)


@given(ANY_TEXT)
def test_slack_text_has_no_angle_bracket(text: str) -> None:
    encoded = encode.for_slack(text)
    assert "<" not in encoded
    assert ">" not in encoded


def test_slack_mentions_and_links_are_text() -> None:
    assert encode.for_slack("<!channel> <@U1> <http://127.0.0.1|click> a&b") == (
        "&lt;!channel&gt; &lt;@U1&gt; &lt;http://127.0.0.1|click&gt; a&amp;b"
    )


@given(ANY_TEXT)
def test_markdown_has_no_bare_mark(text: str) -> None:
    encoded = encode.for_markdown(text)
    assert "<" not in encoded
    assert "@" not in encoded
    assert re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]()|!]", re.sub(r"\\[`*_\[\]()|!\\]", "", encoded)) is None


def test_markdown_links_images_and_headings_are_text() -> None:
    assert encode.for_markdown("![x](http://127.0.0.1)") == r"\!\[x\]\(http\:\/\/127\.0\.0\.1\)"
    assert encode.for_markdown("# a | b") == r"\# a \| b"


@given(ANY_TEXT)
def test_a_fence_is_longer_than_any_run_in_its_block(text: str) -> None:
    block = encode.for_markdown_block(text, language="diff")
    opening, *body, closing, last = block.split("\n")
    assert opening == closing + "diff"
    assert last == ""
    assert all(closing not in line for line in body)


@given(ANY_TEXT)
def test_a_code_span_is_closed_by_its_own_fence_only(text: str) -> None:
    span = encode.for_markdown_code(text)
    fence = re.match("`+", span)
    assert fence is not None
    assert "|" not in span
    assert re.findall("`+", span).count(fence[0]) == 2


@given(ANY_TEXT)
def test_html_text_opens_nothing(text: str) -> None:
    encoded = encode.for_html(text)
    assert not set("<>\"'`") & set(encoded)
    assert html.unescape(encoded) == encode.for_terminal(text, width=encode.LONGEST_FIELD)


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_a_row_of_cells_is_read_back_as_cells(texts: list[str]) -> None:
    (row,) = csv.reader(io.StringIO(",".join(encode.for_csv(text) for text in texts)))
    assert len(row) == len(texts)


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(1)", " =1", '"=1', "\uff1d1", "|x", "%1"])
def test_a_formula_is_text(formula: str) -> None:
    assert encode.for_csv(formula).startswith("\"'")


def test_sarif_text_holds_no_link_and_no_placeholder() -> None:
    assert encode.for_sarif("[a](1) {0}") == r"\[a\](1) {{0}}"


@given(ANY_TEXT)
def test_a_log_line_is_one_ascii_line(text: str) -> None:
    line = encode.for_log(text)
    assert line.isascii()
    assert isinstance(json.loads(line), str)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_field_has_a_greatest_length(encoder: Callable[..., str]) -> None:
    assert len(encoder("x" * 100_000, width=100)) <= 110
