"""Identifiers: UUIDv7 traces (RFC 9562 §5.7), spans, requests. Randomness and time are handed in."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NewType, TypeAlias

TraceId = NewType("TraceId", str)
SpanId = NewType("SpanId", str)
RequestId = NewType("RequestId", str)

Entropy: TypeAlias = Callable[[int], bytes]

TRACE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
ID_PREFIX = re.compile(r"[0-9a-f]{4}[0-9a-f-]{0,32}", re.ASCII)


def uuid7(at: datetime, entropy: Entropy = os.urandom) -> str:
    """A UUIDv7 of the millisecond `at`."""
    millis = int(at.timestamp() * 1000)
    rand = int.from_bytes(entropy(10), "big")
    bits = (millis & (2**48 - 1)) << 80 | 0x7 << 76 | (rand >> 68 & 0xFFF) << 64 | 0b10 << 62 | rand & (2**62 - 1)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_trace_id(at: datetime, entropy: Entropy = os.urandom) -> TraceId:
    """The id of a new trace; it names its own folder by its timestamp."""
    return TraceId(uuid7(at, entropy))


def new_request_id(at: datetime, entropy: Entropy = os.urandom) -> RequestId:
    """The id of a new approval request; the same form as a trace id."""
    return RequestId(uuid7(at, entropy))


def new_span_id(entropy: Entropy = os.urandom) -> SpanId:
    """16 hex digits, as in W3C Trace Context."""
    return SpanId(entropy(8).hex())


def time_of(trace_id: TraceId) -> datetime:
    """The millisecond at which a trace id was made."""
    return datetime.fromtimestamp(int(trace_id.replace("-", "")[:12], 16) / 1000, UTC)
