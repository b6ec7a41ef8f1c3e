"""The standard streams: none is missing, and one that breaks takes nothing with it but what was meant for it.

Loaded by every command, `--version` too: it imports next to nothing.
"""

import os
import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO


class Lasting:
    """A stream for words to a person; from the first failure on they go nowhere, and whoever writes them goes on.

    A review is not over because nobody watches it any more: its exit code, its report and its trail say the same.
    """

    def __init__(self, stream: "TextIO") -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written; the number of characters that were given."""
        try:
            self._stream.write(text)
        except OSError:
            silence(self._stream)
        return len(text)

    def flush(self) -> None:
        """Let go of what is held, where anybody takes it."""
        try:
            self._stream.flush()
        except OSError:
            silence(self._stream)

    def __getattr__(self, name: str) -> "Any":  # Any: the rest is the stream's own
        return getattr(self._stream, name)


def stand() -> None:
    """Give the process the three descriptors that it was started without, and a stderr that lasts.

    A file that is opened later would get a missing one's number, and with it what is meant for people.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # the lowest free number, so this one: nothing can be written there
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = Lasting(sys.stderr or os.fdopen(2, "w", encoding="utf-8"))  # all that is used of a stream


def silence(stream: "TextIO") -> None:
    """Have nothing come out of a stream any more, not even what it holds."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _wait_for(stream: "TextIO") -> None:
    import select

    select.select([], [stream.fileno()], [])


def write_stdout(data: bytes) -> None:
    """Write everything to stdout. Raises HarnessError where it takes no more; a reader that went away is no error."""
    try:
        sys.stdout.flush()
        rest = memoryview(data)
        while rest:  # unbuffered (PYTHONUNBUFFERED), a stream may take a part, or nothing (None) until it is read
            taken = sys.stdout.buffer.write(rest) or 0
            rest = rest[taken:]
            if not taken:
                _wait_for(sys.stdout)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    except OSError as err:
        from harness_cli.core.errors import HarnessError

        silence(sys.stdout)  # the rest would be tried again at exit
        raise HarnessError(
            f"standard output cannot be written ({err.strerror})", code="X004", help="free the disk, or take --output"
        ) from err
