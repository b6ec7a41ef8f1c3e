"""The frame of pages."""

import re

import pytest

from harness_cli.render.page import BASE

WORDS = ("ink", "soft", "critical", "high", "medium", "low", "passed", "odd", "link")


def colours(start: str) -> dict[str, str]:
    """The colours of the first rule behind `start`."""
    rule = BASE[BASE.index(start) :].split(":root{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})\b", rule))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("start", [":root", "@media screen and (prefers-color-scheme:dark)", "@media print"])
@pytest.mark.parametrize("word", WORDS)
def test_every_word_can_be_read_on_page_and_box(start: str, word: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1."""
    known = colours(start)
    for ground in ("paper", "box"):
        high, low = sorted((luminance(known[word]), luminance(known[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_focus_is_seen() -> None:
    assert re.search(r":focus-visible\{outline:2px solid var\(--link\)", BASE)
