"""Which declared request is this? The last look at what really leaves the process (design: policy.md §5).

The contract, in order; the first that fails refuses the request:
1. The target is ASCII, starts with one `/`, and carries no fragment, backslash, `;`, blank or control character.
2. Each percent sign starts a well-formed escape of a byte that needs one; nothing is escaped twice.
3. No segment is empty, `.` or `..`, decoded or not; no segment decodes to a slash, a backslash, a control character.
4. Method and segments equal one declared shape; literals are compared as sent, placeholders are one segment each.
5. Every query key is declared, and stands there once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from harness_cli.policy.operations import WireShape

TARGET_LENGTH: Final = 8_192

_TARGET = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,=:@%/?\[\]]*", re.ASCII)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)(\+?)\}", re.ASCII)
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class WireRefusedError(ValueError):
    """A request is not one of the declared ones; `reason` says why, without quoting it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class WireMatch:
    """The shape that a request has, and what stands at its placeholders, decoded."""

    shape: WireShape
    placeholders: Mapping[str, str]
    query: Mapping[str, str]


def match(shapes: Sequence[WireShape], method: str, raw_target: str) -> WireMatch:
    """The declared shape of `METHOD raw_target` (path and query as sent). Raises WireRefusedError."""
    path, query = _split(raw_target)
    segments = [_decoded(segment) for segment in path[1:].split("/")]
    raw = path[1:].split("/")
    reason = "no declared request has this path"
    for shape in shapes:
        placeholders = _bind(_template(shape.path), raw, segments)
        if placeholders is None:
            continue
        if shape.method != method:
            reason = f"the method {method[:10]!a} is not declared for this path"
        elif not query.keys() <= shape.query:
            reason = f"the query key {min(query.keys() - shape.query)!a:.40} is not declared"
        else:
            return WireMatch(shape, placeholders, query)
    raise WireRefusedError(reason)


def _split(raw_target: str) -> tuple[str, dict[str, str]]:
    if len(raw_target) > TARGET_LENGTH:
        raise WireRefusedError("the request target is too long")
    if _TARGET.fullmatch(raw_target) is None:
        raise WireRefusedError("the request target has a character that no declared request has")
    path, mark, query = raw_target.partition("?")
    return path, _query(query) if mark else {}


def _query(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in text.split("&"):
        key, _, value = pair.partition("=")
        name = _unescape(key.replace("+", " "), literal=False)
        if not name or name in found:
            raise WireRefusedError("a query key is empty or repeated")
        found[name] = _unescape(value.replace("+", " "), literal=False)
    return found


def _decoded(segment: str) -> str:
    text = _unescape(segment, literal=True)
    if text in {"", ".", ".."}:
        raise WireRefusedError("a path segment is empty or made of dots")
    if "/" in text or "\\" in text:
        raise WireRefusedError("a path segment hides a slash")
    if "%" in text:
        raise WireRefusedError("a path segment is escaped twice")
    return text


def _unescape(text: str, *, literal: bool) -> str:
    if "%" not in text:
        return text
    octets = bytearray()
    at = 0
    for escape in _ESCAPE.finditer(text):
        if escape[1] is None:
            raise WireRefusedError("a percent sign starts no escape")
        octet = int(escape[1], 16)
        if literal and chr(octet) in _UNRESERVED:
            raise WireRefusedError("a character is escaped that needs no escape")
        octets += text[at : escape.start()].encode("ascii") + bytes([octet])
        at = escape.end()
    octets += text[at:].encode("ascii")
    return _readable(octets)


def _readable(octets: bytearray) -> str:
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as err:
        raise WireRefusedError("an escape is not UTF-8") from err
    if not text.isprintable():  # controls, separators, bidi marks, unassigned
        raise WireRefusedError("an escape hides a control character")
    return text


@lru_cache(maxsize=1024)
def _template(path: str) -> tuple[tuple[str, str, bool], ...]:
    """(literal, placeholder, takes several) for each segment of a declared path."""
    compiled = []
    for segment in path[1:].split("/"):
        placeholder = _PLACEHOLDER.fullmatch(segment)
        compiled.append(("", placeholder[1], bool(placeholder[2])) if placeholder else (segment, "", False))
    return tuple(compiled)


def _bind(
    template: tuple[tuple[str, str, bool], ...], raw: Sequence[str], segments: Sequence[str]
) -> dict[str, str] | None:
    spread = len(segments) - len(template)
    several = any(takes_several for _, _, takes_several in template)
    if spread < 0 or (spread and not several):
        return None
    bound: dict[str, str] = {}
    at = 0
    for literal, placeholder, takes_several in template:
        width = spread + 1 if takes_several else 1
        if placeholder:
            bound[placeholder] = "/".join(segments[at : at + width])
        elif raw[at] != literal:
            return None
        at += width
    return bound
