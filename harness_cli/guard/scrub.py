"""The run's own credentials, kept out of every byte that leaves: known values, so no guessing.

Registered values are looked for as they are and as the encodings write them that a text passes through (JSON, URL,
base64 at each alignment, hex). The scrubber replaces; the last gate, after it, refuses.
"""

import base64
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final
from urllib.parse import quote, quote_plus

from harness_cli.core.errors import HarnessError
from harness_cli.core.secret import Secret

PLACEHOLDER: Final = "[REDACTED:credential]"
SHORTEST: Final = 6  # a shorter value would take ordinary words with it


class LeakError(HarnessError):
    """Bytes that were about to leave hold a credential of this run; they were not written."""

    default_code = "X002"


class ExactScrubber:
    """Knows the credentials of one run in every form they are written in; safe to share between threads.

    Each form is searched by itself: one pattern of all would be compiled again for every credential of a run, and that
    took longer than everything else of a review.
    """

    __slots__ = ("_forms", "_lock")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: tuple[str, ...] = ()  # longest first; replaced as a whole, so that a reader needs no lock

    def register(self, secret: Secret | str) -> None:
        """From now on this value is scrubbed; values of fewer than 6 characters are not."""
        value = secret.reveal() if isinstance(secret, Secret) else secret
        if len(value) < SHORTEST:
            return
        with self._lock:
            self._forms = tuple(sorted({*self._forms, *forms_of(value)}, key=lambda form: (-len(form), form)))

    def scrub(self, text: str) -> str:
        """`text` with each registered value replaced, whatever its form."""
        return PLACEHOLDER.join(_without(self._forms, part) for part in text.split(PLACEHOLDER))

    def scrub_bytes(self, data: bytes) -> bytes:
        """As `scrub`, for bytes; what is not UTF-8 stays as it is."""
        return self.scrub(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def contains(self, content: str | bytes) -> bool:
        """Whether any registered value stands in the content, in any form."""
        text = content.decode("utf-8", "surrogateescape") if isinstance(content, bytes) else content
        parts = text.split(PLACEHOLDER)  # our own placeholder is no leak, whatever the value
        return any(form in part for form in self._forms for part in parts)

    def __repr__(self) -> str:
        return f"ExactScrubber({len(self._forms)} forms)"


def _without(forms: tuple[str, ...], part: str) -> str:
    found = [form for form in forms if form in part]
    return re.sub("|".join(map(re.escape, found)), PLACEHOLDER, part) if found else part


def forms_of(value: str) -> Iterator[str]:
    """A value as it is and as encodings write it."""
    raw = value.encode("utf-8", "surrogatepass")
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield json.dumps(json.dumps(value)[1:-1])[1:-1]
    yield json.dumps(value)[1:-1].replace("/", "\\/")
    yield from _url_forms(raw)
    yield raw.hex()
    yield raw.hex().upper()
    yield repr(value)[1:-1]
    for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
        yield from _base64_forms(raw, alphabet)


def _url_forms(raw: bytes) -> Iterator[str]:
    every_sign = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in raw)
    for encoded in (quote(raw, safe=""), quote(raw), quote_plus(raw), every_sign):
        yield encoded
        yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), encoded)
        yield quote(encoded, safe="")


def _base64_forms(raw: bytes, encode: Callable[[bytes], bytes]) -> Iterator[str]:
    """What base64 makes of the value wherever it begins in a longer text: the part that depends on it alone."""
    for shift in range(3):
        encoded = encode(b"\0" * shift + raw).decode("ascii").rstrip("=")
        first = -(-shift * 8 // 6)
        last = (shift + len(raw)) * 8 // 6
        form = encoded[first:last]
        if len(form) >= SHORTEST:
            yield form


def last_gate(scrubber: ExactScrubber, content: str | bytes, sink: str) -> None:
    """Lets content pass that holds no credential of this run. Raises: LeakError, without the content."""
    if scrubber.contains(content):
        raise LeakError(
            f"a credential of this run stood in what was about to be written to {sink}",
            help="nothing was written there; report this as a defect",
        )


class ScrubbingFilter(logging.Filter):
    """Scrubs a log record before any handler sees it: message, arguments, exception."""

    def __init__(self, scrubber: ExactScrubber) -> None:
        super().__init__()
        self._scrubber = scrubber

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass, scrubbed."""
        record.msg = self._scrubber.scrub(_message(record))
        record.args = None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = self._scrubber.scrub("".join(traceback.format_exception(record.exc_info[1])).rstrip())
            record.exc_info = None
        if record.stack_info:
            record.stack_info = self._scrubber.scrub(record.stack_info)
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} (arguments do not fit)"


def install(scrubber: ExactScrubber) -> Callable[[], None]:
    """Scrubs every log record and every uncaught exception of the process; the returned function undoes it."""
    scrubbing = ScrubbingFilter(scrubber)
    make, hook, thread_hook = logging.getLogRecordFactory(), sys.excepthook, threading.excepthook

    def made(*args: object, **kwargs: object) -> logging.LogRecord:
        record: logging.LogRecord = make(*args, **kwargs)
        scrubbing.filter(record)
        return record

    def excepted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.stderr.write(scrubber.scrub("".join(traceback.format_exception(kind, error, trace))))

    def thread_excepted(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            excepted(args.exc_type, args.exc_value, args.exc_traceback)

    logging.setLogRecordFactory(made)
    sys.excepthook, threading.excepthook = excepted, thread_excepted

    def undo() -> None:
        logging.setLogRecordFactory(make)
        sys.excepthook, threading.excepthook = hook, thread_hook

    return undo
