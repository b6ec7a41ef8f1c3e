"""Text made safe for a terminal: what moves the cursor, hides or reorders is shown as a visible escape.

Cleaned first, always: rich prints escape and bidi characters from `Text`, `escape()` and `markup=False` alike.
"""

import re
import unicodedata

from harness_cli.core.untrusted import Untrusted

LONGEST_RUN_OF_MARKS = 4
ELLIPSIS = "…"

# C0, DEL, C1, surrogates, line separators, bidi controls, zero width, fillers, variation selectors, tags, private use
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\U0001d173-\U0001d17a"
    "\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
_PLAIN = re.compile(r"[\x20-\x7e]*")


def clean(text: str | Untrusted, *, width: int | None = None, lines: int | None = None) -> str:
    """`text` without anything that a terminal obeys; at most `width` characters a line.

    Without `lines` the result is one line and a line feed shows as an escape; with it at most so many lines are kept.
    """
    raw = text.for_parser() if isinstance(text, Untrusted) else text
    if lines is None:
        return _capped(_one_line(raw), width)
    split = raw.replace("\r\n", "\n").split("\n")
    kept = [_capped(_one_line(line), width) for line in split[:lines]]
    return "\n".join([*kept, ELLIPSIS] if len(split) > lines else kept)


def _one_line(raw: str) -> str:
    if _PLAIN.fullmatch(raw):
        return raw
    return _without_towers(_HOSTILE.sub(lambda found: _escape(found[0]), raw))


def _escape(character: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}
    return named.get(character) or f"\\u{{{ord(character):x}}}"


def _without_towers(text: str) -> str:
    """Combining marks beyond a few on one base are shown as escapes: they would cover the lines around."""
    run, shown = 0, []
    for character in text:
        run = run + 1 if unicodedata.combining(character) or unicodedata.category(character) in {"Me", "Mn"} else 0
        shown.append(character if run <= LONGEST_RUN_OF_MARKS else _escape(character))
    return "".join(shown)


def _capped(line: str, width: int | None) -> str:
    if width is None or len(line) <= width:
        return line
    return line[: max(width - 1, 0)] + ELLIPSIS
