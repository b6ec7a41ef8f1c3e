"""Standard streams that break, take a part, or are not there."""

import errno
import io
import os
import sys
import threading

import pytest

from harness_cli.core.errors import HarnessError
from harness_cli.streams import Lasting, write_stdout


class Raw(io.RawIOBase):
    """An unbuffered stream that takes a few bytes at a time, and fails where it is told to."""

    def __init__(self, fails_with: int = 0) -> None:
        self.taken = b""
        self._fails_with = fails_with
        self._null = os.open(os.devnull, os.O_WRONLY)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._null

    def write(self, data) -> int:
        if self._fails_with and self.taken:
            raise OSError(self._fails_with, os.strerror(self._fails_with))
        part = bytes(data[:7])
        self.taken += part
        return len(part)


def _read_all(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


class Stdout:
    def __init__(self, raw: Raw) -> None:
        self.buffer, self.fileno = raw, raw.fileno

    def flush(self) -> None: ...


def test_a_document_is_written_whole_where_a_stream_takes_parts(monkeypatch):
    raw = Raw()
    monkeypatch.setattr(sys, "stdout", Stdout(raw))
    write_stdout(b"0123456789" * 5)
    assert raw.taken == b"0123456789" * 5


def test_a_pipe_that_does_not_block_is_waited_for(monkeypatch):
    read, write = os.pipe()
    os.set_blocking(write, False)
    document, got = b"x" * 1_000_000, []  # more than any pipe holds
    reader = threading.Thread(target=lambda: got.append(_read_all(read)))
    with os.fdopen(write, "wb", buffering=0) as raw:
        monkeypatch.setattr(sys, "stdout", Stdout(raw))
        reader.start()
        write_stdout(document)
    reader.join()
    assert got == [document]


def test_a_document_that_is_cut_off_is_an_error(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Stdout(Raw(errno.ENOSPC)))
    with pytest.raises(HarnessError, match="standard output cannot be written") as caught:
        write_stdout(b"0123456789")
    assert caught.value.code == "X004"


def test_a_reader_that_has_seen_enough_is_no_error(monkeypatch):
    raw = Raw(errno.EPIPE)
    monkeypatch.setattr(sys, "stdout", Stdout(raw))
    write_stdout(b"0123456789")
    assert raw.taken == b"0123456"


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EPIPE])
def test_words_to_nobody_end_nothing(number):
    raw = Raw(number)
    stream = Lasting(io.TextIOWrapper(raw, write_through=True))
    assert stream.write("words\n") == 6
    assert stream.write("more words\n") == 11
    stream.flush()
    assert raw.taken == b"words\n"
    assert not stream.isatty()


def test_a_mistake_of_ours_is_not_swallowed():
    with pytest.raises(TypeError):
        Lasting(io.TextIOWrapper(Raw())).write(b"bytes")
