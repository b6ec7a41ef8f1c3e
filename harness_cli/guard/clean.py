"""Text made safe for a terminal: what moves the cursor, hides or reorders is shown as a visible escape.

Cleaned first, always: rich prints escape and bidi characters from `Text`, `escape()` and `markup=False` alike.
"""

import re
import unicodedata

from harness_cli.core.untrusted import Untrusted

LONGEST_RUN_OF_MARKS = 4
ELLIPSIS = "…"

_HIDING = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: among them ESC and CSI
    "\xad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0"  # soft hyphen, joiners, fillers
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line separators, bidi
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef"  # lone surrogates, private use, no characters
    "\ufe00-\ufe0f\ufeff\ufff0-\ufffb\ufffe\uffff"  # variation selectors, byte order mark, annotations
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"  # formatting of hieroglyphs, music
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff"  # tags, variation selectors, private use
)
_HOSTILE = re.compile(f"[{_HIDING}]")
_PLAIN = re.compile(r"[\x20-\x7e]*")
_MARKS = frozenset({"Me", "Mn"})
_WIDE = frozenset({"F", "W"})


def clean(text: str | Untrusted, *, width: int | None = None, lines: int | None = None) -> str:
    """`text` without anything that a terminal obeys; at most `width` columns a line.

    Without `lines` the result is one line and a line feed shows as an escape; with it at most so many lines are
    kept, and an ellipsis on a line of its own says that there were more.
    """
    raw = text.for_parser() if isinstance(text, Untrusted) else text
    if lines is None:
        return _capped(visible(raw), width)
    split = raw.replace("\r\n", "\n").split("\n", lines)
    kept = [_capped(visible(line), width) for line in split[:lines]]
    return "\n".join([*kept, ELLIPSIS] if len(split) > lines else kept)


def visible(text: str, *, keep: str = "") -> str:
    """`text` with each hostile character, but those in `keep`, shown as an escape such as `\\u{202e}`."""
    if _PLAIN.fullmatch(text):
        return text
    return _without_towers(_HOSTILE.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), text))


def is_clean(text: str) -> bool:
    """Whether `clean` would leave a text of one line as it is."""
    return visible(text) == text


def _escape(character: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}
    return named.get(character) or f"\\u{{{ord(character):x}}}"


def columns_of(text: str) -> int:
    """How many columns of a terminal a cleaned text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _without_towers(text: str) -> str:
    """Combining marks beyond a few on one base are shown as escapes: they would cover the lines around."""
    if text.isascii():
        return text
    run, shown = 0, []
    for character in text:
        run = run + 1 if character > "\x7f" and _is_mark(character) else 0
        shown.append(character if run <= LONGEST_RUN_OF_MARKS else _escape(character))
    return "".join(shown)


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) > 0 or unicodedata.category(character) in _MARKS


def _columns(character: str) -> int:
    if character <= "\x7f":
        return 1
    if _is_mark(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def _capped(line: str, width: int | None) -> str:
    if width is None or len(line) * 2 <= width or (line.isascii() and len(line) <= width):
        return line
    used = 0
    fits = 0  # characters that leave room for the ellipsis
    for at, character in enumerate(line):
        used += _columns(character)
        if used > width:
            return line[:fits] + ELLIPSIS * (width > 0)
        if used < width:
            fits = at + 1
    return line
