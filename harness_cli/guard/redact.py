"""Secrets and personal data taken out of a text, each replaced by a placeholder that says what stood there.

Rules:
 1. a placeholder is `[REDACTED:kind:ab12cd34]`, the last part a keyed hash: equal values are seen to be equal within
    one run, and nobody without the key of the run can try values;
 2. redacting twice changes nothing: what is left between placeholders is searched until nothing is found there;
 3. time grows with the length of the text only; a text that would need more rounds than allowed is taken out whole.
"""

import hashlib
import hmac
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from harness_cli.core.untrusted import Untrusted
from harness_cli.guard.context import context_spans
from harness_cli.guard.passwords import password_spans
from harness_cli.guard.personal import personal_spans
from harness_cli.guard.shapes import KINDS as SHAPE_KINDS
from harness_cli.guard.shapes import Span, shape_spans

ROUNDS: Final = 6
OTHER_KINDS: Final = frozenset(
    {
        "secret",
        "password",
        "password-url",
        "password-option",
        "authorization",
        "email",
        "card",
        "iban",
        "ssn",
        "phone",
        "ip",
        "text",
    }
)
KINDS: Final = SHAPE_KINDS | OTHER_KINDS
_PLACEHOLDER: Final = re.compile(r"\[REDACTED:([a-z0-9-]{2,24}):[0-9a-f]{8}\]")
REACH: Final = 512  # farther than any rule looks for a word
SHORTEST: Final = 6  # characters of the shortest thing that any rule finds
BARRIER: Final = "\n\uffff\n"
Find = Callable[[str], Iterable[Span]]


class Part(NamedTuple):
    """A part of a text that is searched on its own."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One secret in a text: what it is, where it stands, and the beginning of its SHA-256."""

    kind: str
    start: int
    end: int
    sha256_prefix: str


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text without secrets, and what was taken out; positions are those of the text that was given."""

    text: str
    hits: tuple[Hit, ...]


def secret_hits(text: str | Untrusted) -> tuple[Hit, ...]:
    """Every secret in a text, in order, not overlapping; personal data is not looked for."""
    raw = _raw(text)
    return tuple(_hit(raw, span) for span in _merged(_secrets(raw)))


@dataclass(frozen=True, slots=True)
class Redactor:
    """Redacts with the key of one run."""

    run_key: bytes

    def redact(self, text: str | Untrusted, *, free_text: bool = False) -> Redaction:
        """`text` with placeholders for secrets and personal data; in free text phones and IP addresses count too."""
        raw = _raw(text)
        spans = _settled(raw, lambda part: _everything(part, free_text=free_text))
        shown, at = [], 0
        for start, end, kind in spans:
            shown += [raw[at:start], f"[REDACTED:{kind}:{self._tag(raw[start:end])}]"]
            at = end
        return Redaction("".join([*shown, raw[at:]]), tuple(_hit(raw, span) for span in spans))

    def _tag(self, value: str) -> str:
        return hmac.digest(self.run_key, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:8]


def _raw(text: str | Untrusted) -> str:
    return text.for_parser() if isinstance(text, Untrusted) else text


def _hit(raw: str, span: Span) -> Hit:
    value = raw[span[0] : span[1]].encode("utf-8", "surrogatepass")
    return Hit(span[2], span[0], span[1], hashlib.sha256(value).hexdigest()[:16])


def _secrets(text: str) -> Iterator[Span]:
    yield from shape_spans(text)
    yield from password_spans(text)
    yield from context_spans(text)


def _everything(text: str, *, free_text: bool) -> Iterator[Span]:
    yield from _secrets(text)
    yield from personal_spans(text, free_text=free_text)


def _settled(raw: str, find: Find) -> list[Span]:
    """Spans to take out so that nothing is found between them any more."""
    parts = _between_placeholders(raw)
    found: list[Span] = []
    for _ in range(ROUNDS):
        fresh = _merged(_found_in(raw, parts, find))
        if not fresh:
            return sorted(found)
        found += fresh
        parts = _surroundings(raw, parts, fresh)
    return _merged([*found, *((part.begin, part.end, "text") for part in parts)])


def _found_in(raw: str, parts: list[Part], find: Find) -> Iterator[Span]:
    """What is found in parts that are searched as one text; where a placeholder stands, lines end and nothing joins."""
    offsets = list(accumulate((len(BARRIER) + part.end - part.begin for part in parts), initial=0))
    joined = BARRIER.join(raw[part.begin : part.end] for part in parts)
    for start, end, kind in find(joined):
        at = bisect_right(offsets, start) - 1
        part, moved = parts[at], parts[at].begin - offsets[at]
        if start + moved < min(end + moved, part.end):
            yield start + moved, min(end + moved, part.end), kind


def _surroundings(raw: str, parts: list[Part], spans: list[Span]) -> list[Part]:
    """What must be searched again: the surroundings of what was taken out, for only there words and edges changed."""
    again = []
    starts = [span[0] for span in spans]
    for part in parts:
        inside = spans[bisect_left(starts, part.begin) : bisect_left(starts, part.end)]
        if inside:
            edges = [part.begin, *(edge for start, end, _ in inside for edge in (start, end)), part.end]
            again += [near for left, right in _pairs(edges) for near in _near(raw, left, right)]
    return again


def _near(raw: str, left: int, right: int) -> list[Part]:
    """The lines of a gap that are near its ends."""
    after = _line_end(raw, left + REACH, right)
    before = raw.rfind("\n", left, max(left, right - REACH)) + 1 or left
    return [Part(left, right)] if after >= before else [Part(left, after), Part(before, right)]


def _pairs(edges: list[int]) -> list[tuple[int, int]]:
    return [(left, right) for left, right in zip(edges[::2], edges[1::2], strict=True) if right - left >= SHORTEST]


def _line_end(raw: str, at: int, end: int) -> int:
    if at >= end:
        return end
    found = raw.find("\n", at, end)
    return end if found < 0 else found


def _between_placeholders(raw: str) -> list[Part]:
    ours = [found.span() for found in _PLACEHOLDER.finditer(raw) if found[1] in KINDS]
    edges = [0, *(edge for span in ours for edge in span), len(raw)]
    return [Part(left, right) for left, right in _pairs(edges)]


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, overlapping ones as one under the name of the first; of two that begin together, the longer."""
    merged: list[Span] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if merged and start < merged[-1][1]:
            first = merged[-1]
            merged[-1] = (first[0], max(first[1], end), first[2])
        elif end > start:
            merged.append((start, end, kind))
    return merged
