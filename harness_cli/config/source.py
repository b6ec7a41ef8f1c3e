"""From bytes to text: size, encoding, and characters that nobody can see (H001, H005)."""

import re
from typing import Final

from harness_cli.core.diagnostic import START, Diagnostic, Severity, Span
from harness_cli.core.limits import CONFIG_BYTES

_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
)
_BREAKS = r"\u2028\u2029"
_BEYOND = r"\ud800-\udfff\ufff9-\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
HIDDEN: Final = re.compile(f"[{_CONTROL}{_INVISIBLE}{_BREAKS}{_BEYOND}]|\r(?!\n)")
FOREIGN_BREAK: Final = re.compile("[\x85\u2028\u2029]|\r(?!\n)")  # YAML 1.1 counts lines by these too
_SHOWN_AT_MOST = 20


def decode(path: str, content: bytes) -> tuple[str | None, list[Diagnostic]]:
    """The text of a file, None where it cannot be trusted to be text, and what is wrong with it."""
    if len(content) > CONFIG_BYTES:
        return None, [_error(path, "H005", f"the file is larger than {CONFIG_BYTES // 1024} KiB", START)]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, [_error(path, "H001", "the file is UTF-16, not UTF-8", START, "save it as UTF-8")]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as err:
        before = content[: err.start].decode("utf-8")
        at = _point(before)
        return None, [_error(path, "H001", f"byte {content[err.start]:#04x} is not UTF-8", at, "save it as UTF-8")]
    return _without_mark(path, text)


def _without_mark(path: str, text: str) -> tuple[str | None, list[Diagnostic]]:
    problems = []
    if text.startswith("\ufeff"):
        problems.append(_error(path, "H001", "the file starts with a byte order mark", START, "save it without one"))
        text = text[1:]
    problems += _hidden(path, text)
    return text, problems


def _hidden(path: str, text: str) -> list[Diagnostic]:
    found = []
    for match in HIDDEN.finditer(text):
        at = _point(text[: match.start()])
        found.append(_error(path, "H001", f"{describe(match[0])} stands here", at, "delete it, or write it out"))
        if len(found) == _SHOWN_AT_MOST:
            break
    return found


def describe(character: str) -> str:
    """What an invisible character is, for people."""
    code = ord(character)
    if code < 0x20 or 0x7F <= code <= 0x9F:
        kind = "control character"
    elif 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or code in {0x061C, 0x200E, 0x200F}:
        kind = "bidirectional control"
    elif code in {0x2028, 0x2029}:
        kind = "line separator"
    else:
        kind = "invisible character"
    return f"{kind} U+{code:04X}"


def _point(before: str) -> Span:
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Span(line, column, line, column + 1)


def _error(path: str, code: str, message: str, span: Span, help: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, path, span, help)
