"""Credentials found by the shape that their vendor gives them: one search for all beginnings, then anchored matches."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from harness_cli.guard.vendors import SHAPES, Shape

# before a beginning: no letter or digit, unless it belongs to an escape (`\\n` in JSON, `%3D` in an address)
BOUNDARY: Final = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))"
LONGEST_KEY: Final = 16 * 1024
Span = tuple[int, int, str]


def _by_start(shapes: Iterable[Shape]) -> dict[str, tuple[Shape, ...]]:
    starts = sorted({start for shape in shapes for start in shape.starts}, key=lambda start: (-len(start), start))
    return {
        start: tuple(shape for other in starts if start.startswith(other) for shape in shapes if other in shape.starts)
        for start in starts
    }


def one_of(words: Iterable[str]) -> str:
    """A pattern that finds the longest of `words` at a place, branching by letter instead of trying each."""
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[:1], []).append(word[1:])
    ends_here = by_letter.pop("", None) is not None
    branches = [re.escape(letter) + one_of(rests) for letter, rests in sorted(by_letter.items())]
    if not branches:
        return ""
    joined = branches[0] if len(branches) == 1 else "|".join(branches)
    return f"(?:{joined}){'?' if ends_here else ''}" if len(branches) > 1 or ends_here else joined


_SHAPES: Final = _by_start(SHAPES)
_STARTS: Final = re.compile(BOUNDARY + one_of(_SHAPES), re.ASCII)
KINDS: Final = frozenset(shape.kind for shape in SHAPES)

# a text in the middle of the token, and what stands on both sides of it
_INNER: Final = (
    ("terraform-token", ".atlasv1.", r"[A-Za-z0-9]{10,20}", r"[A-Za-z0-9_=-]{40,}+"),
    ("azure-secret", "8Q~", r"[A-Za-z0-9_~.-]{3,4}", r"[A-Za-z0-9_~.-]{30,36}+"),
    ("azure-key", "JQQJ9", r"[A-Za-z0-9]{40,60}", r"[A-Za-z0-9]{20,}+"),
    ("azure-key", "AAAAAAAAAAAAASAZDO", r"[A-Za-z0-9]{40,70}", r"[A-Za-z0-9]{4}"),
    ("gcp-oauth", ".apps.googleusercontent.com", r"[0-9]{6,14}-[a-z0-9]{20,40}", r""),
    ("azure-webhook", ".webhook.office.com/", r"[A-Za-z0-9-]{1,60}", r"[A-Za-z0-9@/-]{30,}+"),
    ("maxmind-key", "_mmk", r"[A-Za-z0-9_]{30,40}", r"(?![A-Za-z0-9])"),
    ("discord-token", ".G", r"[MNO][A-Za-z0-9_-]{22,27}", r"[A-Za-z0-9_-]{5}\.[A-Za-z0-9_-]{27,40}+"),
    ("telegram-token", ":A", r"(?<![0-9A-Za-z])[0-9]{7,12}", r"[A-Za-z0-9_-]{32,38}+(?![A-Za-z0-9_-])"),
    ("mailchimp-key", "-us", r"(?<![0-9A-Za-z])[0-9a-f]{32}", r"[0-9]{1,2}(?![0-9A-Za-z])"),
    ("newrelic-key", "NRAL", r"(?<![0-9A-Za-z])[0-9a-f]{36}", r"(?![0-9A-Za-z])"),
    ("facebook-token", "|", r"(?<![0-9A-Za-z])[0-9]{13,17}", r"[A-Za-z0-9_-]{20,40}+"),
    ("asana-token", ":", r"(?<![0-9A-Za-z])[012]/[0-9]{12,20}(?:/[0-9]{12,20})?", r"[0-9a-f]{32}"),
    ("sidekiq-key", ":", r"(?<![0-9A-Za-z:])[0-9a-f]{8}", r"[0-9a-f]{8}(?![0-9A-Za-z:])"),
    ("salesforce-token", "!", r"00[A-Za-z0-9]{13,16}", r"[A-Za-z0-9_.]{60,130}+"),
)
_SIDES: Final = tuple(
    (kind, middle, re.compile(f"{left}\\Z", re.ASCII), re.compile(right, re.ASCII))
    for kind, middle, left, right in _INNER
)
_VAULT: Final = re.compile(
    r"(?<![A-Za-z0-9])[sbr]\.(?=[A-Za-z]{0,24}[0-9])[A-Za-z0-9]{24,30}+(?![A-Za-z0-9.])", re.ASCII
)
_PEM: Final = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----", re.ASCII)
_PEM_BODY: Final = re.compile(r"[A-Za-z0-9+/=\s\\:,.\"'-]{0,16384}+", re.ASCII)
LONGEST_LEFT: Final = 72


def words(text: str) -> tuple[str, ...]:
    """The words of a table that is written as text."""
    return tuple(text.split())


def lowered(text: str) -> str:
    """`text` in small letters, each character where it was."""
    return text.replace("\u0130", "i").lower()  # the one letter whose small form is longer


def shape_spans(text: str) -> Iterator[Span]:
    """Start, end and kind of every credential of a known shape."""
    yield from _prefixed(text)
    yield from _around(text)
    for found in _VAULT.finditer(text):
        yield *found.span(), "vault-token"
    yield from _private_keys(text)


def _prefixed(text: str) -> Iterator[Span]:
    at = 0
    while found := _STARTS.search(text, at):
        at = found.end()
        for shape in _SHAPES[found[0]]:
            start = found.start() + next(len(s) for s in shape.starts if found[0].startswith(s))
            rest = shape.rest.match(text, start)
            if rest:
                at = max(at, rest.end())
                yield found.start(), at, shape.kind
                break


def _around(text: str) -> Iterator[Span]:
    for kind, middle, left, right in _SIDES:
        at = text.find(middle)
        while at >= 0:
            end = at + len(middle)
            after = right.match(text, end)
            before = left.search(text, max(0, at - LONGEST_LEFT), at) if after else None
            if before and after:
                end = after.end()
                yield before.start(), end, kind
            at = text.find(middle, end)


def _private_keys(text: str) -> Iterator[Span]:
    at = text.find("-----BEGIN ")
    last = text.rfind("-----END ")
    while at >= 0:
        found = _PEM.match(text, at)
        end = at + 1
        if found:
            close = text.find("-----END ", found.end(), found.end() + LONGEST_KEY) if last > at else -1
            body = _PEM_BODY.match(text, found.end())
            end = min(close + 64, len(text)) if close >= 0 else body.end() if body else found.end()
            if close >= 0:
                tail = text.find("-----", close + 9, close + 80)
                end = tail + 5 if tail >= 0 else end
            yield at, end, "private-key"
        at = text.find("-----BEGIN ", end)
